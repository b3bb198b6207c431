"""Tux Paint's stamps: small cut-outs in folders by kind, each with a description."""

from __future__ import annotations

from refmatte_engine.ingest import captions
from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="tuxpaint",
    title="Tux Paint's stamps",
    licence="GPL-2.0-or-later",
    source="Tux Paint's stamps",
    credit="the authors of Tux Paint's stamps",
    is_general=True,
    signs=("descriptions.json", "animals", "household"),
    labels=captions.labels,
    parts=(Part("all", foregrounds="."),),
    todo="stamps without a description of one thing are called by their folder: label them",
)
