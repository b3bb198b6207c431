"""A folder of photographs of one's own, to place things on."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="background_folder",
    title="a folder of backgrounds",
    licence="not stated",
    source="a folder of photographs",
    credit="not stated",
    is_general=True,
    parts=(Part("all", backgrounds="."),),
    todo="write the licence, source and credit of the pictures into pack.yaml",
)
