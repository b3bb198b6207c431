"""How models are judged: their mattes of a dataset, kept in a folder."""
