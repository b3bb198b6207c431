"""MAGICK and sets like it: generated RGBA pictures in numbered folders, with captions."""

from __future__ import annotations

from refmatte_engine.ingest import captions
from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="magick",
    title="MAGICK",
    licence="terms of its authors",
    source="MAGICK",
    credit="Burgert et al.: MAGICK",
    is_general=True,
    signs=("captions.json",),
    labels=captions.labels,
    parts=(Part("all", foregrounds=".", category="object"),),
    todo="pictures whose caption names no one thing are called object: label them",
)
