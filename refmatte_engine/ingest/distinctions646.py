"""Distinctions-646: foregrounds in colours of their own."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="distinctions646",
    title="Distinctions-646",
    licence="non-commercial",
    source="Distinctions-646",
    credit="Qiao et al.: Attention-Guided Hierarchical Structure Aggregation (HAttMatting)",
    published=646,
    parts=(
        Part("train", "Train/FG", "Train/GT", split="train", colors="own", category="object"),
        Part("test", "Test/FG", "Test/GT", split="test", colors="own", category="object"),
    ),
    todo="every picture is called object: label them",
)
