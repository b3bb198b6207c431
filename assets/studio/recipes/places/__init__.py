"""Places without a subject."""
