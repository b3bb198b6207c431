"""Composition-1k and DIM-481: foregrounds in colours of their own, and composites for testing."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

_TRAIN, _TEST = "Training_set/*/", "Test_set/*/"

ORIGIN = Origin(
    name="composition1k",
    title="Composition-1k",
    licence="Adobe's agreement for universities",
    source="Composition-1k (Adobe Deep Image Matting)",
    credit="Xu, Price, Cohen, Huang: Deep Image Matting",
    parts=(
        Part(
            "train", f"{_TRAIN}fg", f"{_TRAIN}alpha", split="train", colors="own", category="object"
        ),
        Part("test", f"{_TEST}fg", f"{_TEST}alpha", split="test", colors="own", category="object"),
        # Many composites of one thing; equal alphas keep them on one side.
        *(
            Part(
                *("composites", f"{folder}merged", f"{folder}alpha_copy"),
                split="test",
                category="object",
                published=1000,
            )
            for folder in ("", "Test_set/")
        ),
    ),
    todo="every picture is called object: label them",
)
