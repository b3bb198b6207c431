"""P3M-10k: portraits with blurred faces, and a few without; every one is a human."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

_TEST = "validation/P3M-500-"

ORIGIN = Origin(
    name="p3m10k",
    title="P3M-10k",
    licence="MIT agreement of its authors",
    source="P3M-10k",
    credit="Li, Ma, Zhang, Tao: Privacy-Preserving Portrait Matting",
    published=10_421,
    parts=(
        Part(
            *("train", "train/blurred_image", "train/mask"),
            split="train",
            category="human",
            kind="human",
        ),
        Part(
            *("P3M-500-P", f"{_TEST}P/blurred_image", f"{_TEST}P/mask"),
            split="test",
            category="human",
            kind="human",
            published=500,
        ),
        Part(
            *("P3M-500-NP", f"{_TEST}NP/original_image", f"{_TEST}NP/mask"),
            split="test",
            category="human",
            kind="human",
            published=500,
        ),
    ),
)
