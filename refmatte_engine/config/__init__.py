"""What people write: strict YAML, mistakes in plain words, runs, layouts; bundled files."""
