"""PPM-100: portraits, whose mattes are JPEG."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="ppm100",
    title="PPM-100",
    licence="photographs Creative Commons, mattes CC BY-NC-SA",
    source="PPM-100",
    credit="Ke, Sun, Li, Yan, Lau: MODNet",
    published=100,
    parts=(Part("all", "image", "matte", category="human", kind="human"),),
)
