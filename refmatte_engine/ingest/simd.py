"""SIM's data (SIMD): a folder for each class of matting, not always the name of a thing."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

# Classes that say what a matte is like, by what their pictures may truly be called.
_CATEGORIES = {
    **dict.fromkeys(("hair_easy", "hair_hard"), "human"),
    **dict.fromkeys(("defocus", "motion", "sharp", "fur"), "object"),
    "smoke_cloud": "smoke",
    "glass_ice": "glass",
    "water_spray": "water",
}


def _part(called: str, folder: str, fresh: str) -> Part:
    """Training pictures are `fg`, in colours of their own; those for testing are `merged`."""
    return Part(
        *(called, f"{folder}*/{fresh}", f"{folder}*/alpha"),
        split=folder.rstrip("/"),
        colors="own" if fresh == "fg" else "mixed",
        category="*",
        categories=_CATEGORIES,
    )


ORIGIN = Origin(
    name="simd",
    title="SIMD",
    licence="terms of its authors; parts under Adobe's agreement",
    source="SIMD",
    credit="Sun, Tang, Tai: Semantic Image Matting (SIM)",
    parts=(
        _part("train", "train/", "fg"),
        _part("train", "", "fg"),
        _part("test", "test/", "merged"),
        _part("test", "", "merged"),
    ),
    todo="classes of matting such as defocus are called object: label them",
)
