"""How models learn: the loop, its state on disk, the average that is kept, validation."""
