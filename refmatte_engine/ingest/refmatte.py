"""RefMatte and RefMatte-RW100 themselves, as things to compose anew: several mattes an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from refmatte_engine.ingest.origin import Origin, Part
from refmatte_engine.storage import json_file

_LABELS = {
    "train/refmatte_train_label.json": "train/mask",
    "test/refmatte_test_label.json": "test/mask",
    "refmatte_rw100_label.json": "mask",
}


def _labels(root: Path) -> Iterator[Mapping[str, Any]]:
    """The category of each matte, where the label file names it."""
    for name, folder in _LABELS.items():
        entries = json_file.read(root / name) if (root / name).is_file() else {}
        for stem, entry in entries.items() if isinstance(entries, dict) else ():
            said = entry if isinstance(entry, dict) else {}
            category = said.get("category") or said.get("keyword")
            if isinstance(category, str) and (root / folder / f"{stem}.png").is_file():
                yield {"file": f"{folder}/{stem}.png", "category": category}


ORIGIN = Origin(
    name="refmatte",
    title="RefMatte or RefMatte-RW100",
    licence="CC BY-NC",
    source="RefMatte",
    credit="Li, Zhang, Tao: Referring Image Matting",
    signs=tuple(_LABELS),
    labels=_labels,
    parts=(
        Part(
            "train", "train/img", "train/mask", split="train", category="object", published=112_506
        ),
        Part("test", "test/img", "test/mask", split="test", category="object", published=6_243),
        Part("RW100", "image", "mask", split="test", category="object", published=221),
        Part("RW100", "img", "mask", split="test", category="object", published=221),
    ),
    todo="what no label names is called object",
)
