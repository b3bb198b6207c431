"""Sentences from templates: grammar, vocabularies, drafts, the writer, and their checks."""
