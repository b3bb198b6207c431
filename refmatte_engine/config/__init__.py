"""What a person writes: strict YAML, mistakes in words, runs, where the bundled files are."""
