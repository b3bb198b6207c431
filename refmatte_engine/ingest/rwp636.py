"""RealWorldPortrait-636: portraits and their mattes."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="rwp636",
    title="RealWorldPortrait-636",
    licence="for research only",
    source="RealWorldPortrait-636",
    credit="Yu, Zhang, Zhang et al.: Mask Guided Matting (MGMatting)",
    published=636,
    parts=(Part("all", "image", "alpha", category="human", kind="human"),),
)
