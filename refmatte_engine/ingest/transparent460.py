"""Transparent-460: transparent things in colours of their own."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="transparent460",
    title="Transparent-460",
    licence="non-commercial",
    source="Transparent-460",
    credit="Cai, Xue, Xu, Guo: TransMatting",
    published=460,
    parts=(
        Part("train", "Train/fg", "Train/alpha", split="train", colors="own", category="object"),
        Part("test", "Test/fg", "Test/alpha", split="test", colors="own", category="object"),
    ),
    todo="every picture is called object: label them; pictures over 89 million pixels are left out",
)
