"""People: clay puppets."""
