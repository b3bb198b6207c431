"""AIM-500: natural pictures of all kinds, with a file that names what each shows and how."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

_TYPES = "aim_category_type.json"

ORIGIN = Origin(
    name="aim500",
    title="AIM-500",
    licence="MIT agreement of its authors",
    source="AIM-500",
    credit="Li, Zhang, Tao: Deep Automatic Natural Image Matting",
    published=500,
    signs=(_TYPES,),
    parts=(Part("all", "original", "mask", category_from=_TYPES),),
)
