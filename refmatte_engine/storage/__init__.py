"""Files and folders: bounded reads, whole writes, locks, caches."""
