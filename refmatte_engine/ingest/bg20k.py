"""BG-20k: photographs without salient things, to place things on."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="bg20k",
    title="BG-20k",
    licence="MIT agreement of its authors",
    source="BG-20k",
    credit="Li, Zhang, Maybank, Tao: Bridging Composite and Real (GFM)",
    published=20_000,
    parts=(
        Part("train", backgrounds="train", split="train"),
        Part("testval", backgrounds="testval", split="test"),
    ),
)
