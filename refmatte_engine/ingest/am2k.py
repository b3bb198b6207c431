"""AM-2k: animals and their mattes. No names of animals come with it."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="am2k",
    title="AM-2k",
    licence="MIT agreement of its authors",
    source="AM-2k",
    credit="Li, Zhang, Maybank, Tao: Bridging Composite and Real (GFM)",
    published=2000,
    parts=(
        # The authors' own estimate of the foreground's colours, where it was downloaded.
        Part(
            *("train", "train/fg", "train/mask"),
            split="train",
            colors="own",
            category="animal",
            kind="animal",
        ),
        Part(
            *("train", "train/original", "train/mask"),
            split="train",
            category="animal",
            kind="animal",
        ),
        Part(
            *("validation", "validation/original", "validation/mask"),
            split="test",
            category="animal",
            kind="animal",
        ),
    ),
    todo="every picture is called animal: label them, or have labels proposed by `refmatte label`",
)
