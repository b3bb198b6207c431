"""The command line: what it reads, what it prints, and how it ends."""
