"""Tux Paint's stamps: small cut-outs in folders by kind, each with a description."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from refmatte_engine.images.image_io import SUFFIXES
from refmatte_engine.ingest import captions
from refmatte_engine.ingest.origin import Origin, Part

# What the outermost folder says of all in it; toys are things wherever they lie.
_KINDS = {"animals": "animal", "people": "human"}
# Folders that are named for a topic, not for a thing that each of their pictures shows.
_TOPICS = frozenset((
    *("auto", "christmas", "clothes", "construction", "easter", "emergency", "flight", "food"),
    *("halloween", "hobbies", "household", "masstransit", "medical", "military", "music", "people"),
    *("plants", "plastic", "race", "seasonal", "space", "sports", "town"),
))  # fmt: skip


def _labels(root: Path) -> Iterator[Mapping[str, Any]]:
    """Each stamp by the one thing that its description names, else by its folder, else an object;
    and its kind by the outermost folder."""
    described = {label["file"]: label["category"] for label in captions.labels(root)}
    for picture in sorted(root.rglob("*")):
        if picture.suffix.lower() not in SUFFIXES:
            continue
        path = PurePosixPath(picture.relative_to(root).as_posix())
        folders = [part.lower() for part in path.parts[:-1]]
        label: dict[str, str] = {"file": str(path)}
        if category := described.get(str(path)):
            label["category"] = category
        elif not folders or folders[-1] in _TOPICS:
            label["category"] = "object"
        if folders:
            label["kind"] = "object" if "toys" in folders else _KINDS.get(folders[0], "object")
        yield label


ORIGIN = Origin(
    name="tuxpaint",
    title="Tux Paint's stamps",
    licence="GPL-2.0-or-later",
    source="Tux Paint's stamps",
    credit="the authors of Tux Paint's stamps",
    is_general=True,
    signs=("descriptions.json", "animals", "household"),
    labels=_labels,
    parts=(Part("all", foregrounds="."),),
    todo="stamps whose description names no one thing are called by their folder, or object: label "
    "them",
)
