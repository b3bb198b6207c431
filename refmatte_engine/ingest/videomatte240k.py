"""VideoMatte240K as frames: people before a green screen, a folder for each clip."""

from __future__ import annotations

from refmatte_engine.ingest.origin import Origin, Part

ORIGIN = Origin(
    name="videomatte240k",
    title="VideoMatte240K",
    licence="terms of its authors",
    source="VideoMatte240K",
    credit="Lin, Ryabtsev, Sengupta et al.: Real-Time High-Resolution Background Matting",
    parts=tuple(
        Part(
            *(split, f"{split}/fgr", f"{split}/pha"),
            split=split,
            colors="own",
            category="human",
            kind="human",
            by_folder=True,
        )
        for split in ("train", "test")
    ),
)
