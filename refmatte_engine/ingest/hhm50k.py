"""HHM50K and HHM2K: people in high resolution, with foregrounds in colours of their own."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="hhm50k",
    title="HHM50K or HHM2K",
    licence="on request from its authors",
    source="HHM50K or HHM2K (SparseMat)",
    credit="Sun, Tang, Tai: Ultrahigh Resolution Image/Video Matting (SparseMat)",
    # Parts called alike: the composites are read only where they are more than the foregrounds.
    parts=(
        Part("all", "foregrounds", "alphas", colors="own", category="human", kind="human"),
        Part("all", "images", "alphas", category="human", kind="human"),
    ),
)
