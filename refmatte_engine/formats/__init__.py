"""Datasets as other people's tools expect them: one file per format."""
