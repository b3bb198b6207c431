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
# Where a stamp shows writing, or what has a left and a right, its authors drew what a child is to
# see that presses "mirror" or "flip": `x_mirror.png` beside `x.png`.
_TURNED = ("_mirror_flip", "_mirror", "_flip")


def _upright(picture: Path) -> Path | None:
    """The stamp that this one is, mirrored; None if it is a stamp of its own."""
    for ending in _TURNED:
        if picture.stem.endswith(ending):
            other = picture.with_stem(picture.stem.removesuffix(ending))
            if other.is_file():
                return other
    return None


def _pictures(root: Path) -> list[Path]:
    return [p for p in sorted(root.rglob("*")) if p.suffix.lower() in SUFFIXES]


def _turned(root: Path) -> Iterator[str]:
    """The stamps that are others, mirrored: two of one thing would be taken for a pair of twins."""
    return (p.relative_to(root).as_posix() for p in _pictures(root) if _upright(p))


def _labels(root: Path) -> Iterator[Mapping[str, Any]]:
    """Each stamp by the one thing that its description names, else by its folder, else an object;
    its kind by the outermost folder; and that it is not to be mirrored, if its authors did that."""
    described = {label["file"]: label["category"] for label in captions.labels(root)}
    pictures = _pictures(root)
    fixed = {_upright(picture) for picture in pictures if "_mirror" in picture.stem}
    for picture in pictures:
        if _upright(picture):
            continue
        path = PurePosixPath(picture.relative_to(root).as_posix())
        folders = [part.lower() for part in path.parts[:-1]]
        label: dict[str, Any] = {"file": str(path)}
        if category := described.get(str(path)):
            label["category"] = category
        elif not folders or folders[-1] in _TOPICS:
            label["category"] = "object"
        if folders:
            label["kind"] = "object" if "toys" in folders else _KINDS.get(folders[0], "object")
        if picture in fixed:
            label["flippable"] = False
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
    unused=_turned,
    parts=(Part("all", foregrounds="."),),
    todo="stamps whose description names no one thing are called by their folder, or object: label "
    "them",
)
