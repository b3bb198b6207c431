"""HIM2K and data laid out like it: several people in a picture, a folder of alphas for each."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="him2k",
    title="HIM2K",
    licence="on request from its authors",
    source="HIM2K, or data laid out like it",
    credit="Sun, Tang, Tai: Human Instance Matting (InstMatt)",
    parts=(Part("all", "images/*", "alphas/*", category="human", kind="human"),),
)
