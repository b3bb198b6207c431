"""Scores: rows, metrics, references, tables and the report."""
