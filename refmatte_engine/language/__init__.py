"""Sentences from templates: grammar, vocabularies, drafts, the writer, and checks of all of it."""
