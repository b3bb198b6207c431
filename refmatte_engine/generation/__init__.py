"""Datasets made and checked: one sample, twins, whole runs, endless streams, and verify."""
