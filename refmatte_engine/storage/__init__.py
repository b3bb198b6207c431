"""Files and folders: read within bounds, written whole, held by one process, remembered."""
