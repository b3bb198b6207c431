"""Scores: rows, metrics, trivial references, tables and the report."""
