"""AISegment's half-length portraits: RGBA in folders by batch."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="aisegment",
    title="AISegment's half-length portraits",
    licence="terms of its authors",
    source="AISegment's matting of half-length portraits",
    credit="AISegment",
    parts=(Part("all", "matting", category="human", kind="human", by_folder=True),),
)
