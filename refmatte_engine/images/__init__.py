"""Images and alphas: files in and out, levels, cleaning, the foreground's own colour."""
