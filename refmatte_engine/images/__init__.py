"""Pictures and alphas: files in and out, levels, dust, and the foreground's own colour."""
