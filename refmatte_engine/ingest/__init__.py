"""Other people's sources of mattes, one file per source: where their pictures lie."""
