"""Segmentation sets of high resolution (DIS5K, UHRSD, HRSOD): binary masks, no categories."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="dis",
    title="DIS5K, UHRSD, HRSOD",
    licence="as each set says; photographs under terms of their own",
    source="a segmentation set of high resolution",
    credit="the authors of the set",
    parts=(
        Part("sets", "*/im", "*/gt", category="object"),
        Part("sets", "*/image", "*/mask", category="object"),
        Part("sets", "im", "gt", category="object"),
        Part("sets", "image", "mask", category="object"),
    ),
    todo="every picture is called object: label them; write the set's own terms into pack.yaml",
)
