"""YouTubeMatte as frames: a folder for each clip, with foregrounds in colours of their own."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="youtubematte",
    title="YouTubeMatte",
    licence="for research only",
    source="YouTubeMatte",
    credit="Yang, Zhou, Zhao et al.: MatAnyone",
    # A clip's frames lie in one folder of foregrounds, and stay in one split.
    parts=(
        Part(
            *("motion", "motion/*/fgr", "motion/*/pha"),
            colors="own",
            category="human",
            kind="human",
            by_folder=True,
        ),
    ),
)
