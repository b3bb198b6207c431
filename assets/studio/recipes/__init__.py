"""What can be drawn: a file for each thing, and folders for plush, people and places."""
