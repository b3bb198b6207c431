"""A folder of cut-outs with alpha; the folder that a picture lies in says what it shows."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="rgba_folder",
    title="a folder of RGBA pictures",
    licence="not stated",
    source="a folder of cut-outs",
    credit="not stated",
    is_general=True,
    parts=(Part("all", foregrounds="."),),
    todo="write the licence, source and credit of the pictures into pack.yaml",
)
