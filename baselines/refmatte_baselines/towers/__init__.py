"""CLIP's two towers, and what every model that stands on them shares."""
