"""RefMatte and RefMatte-RW100 as they were released, read as samples.

They say who is in a picture and what is meant, and nothing of how it was made: no scene, relations
or proofs. Where things are is measured on their mattes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from refmatte_engine.dataset import refmatte_layout
from refmatte_engine.dataset.refmatte_layout import Labelled
from refmatte_engine.records import KEYWORD, Entity, Expression, Sample, Scene

NOWHERE = (0, 0, 0, 0)
UNKNOWN = "thing"  # of what category nobody says


@dataclass(frozen=True, slots=True)
class Released:
    """The images of a released dataset, by split and name, and its label files."""

    images: dict[str, dict[str, Labelled]]
    labels: tuple[Path, ...]

    def manifest(self, name: str) -> dict[str, Any]:
        """What a manifest would say, as far as it is known."""
        every = [each for images in self.images.values() for each in images.values()]
        is_png = bool(every) and all(each.image.suffix.lower() == ".png" for each in every)
        splits = {
            split: {
                "images": len(images),
                "entities": sum(len(each.entries) for each in images.values()),
                "expressions": sum(len(_said(each)) for each in images.values()),
            }
            for split, images in self.images.items()
        }
        image = {"format": "png" if is_png else "jpg"}
        return {"format": 1, "run": {"name": name, "seed": 0, "image": image}, "splits": splits}

    def samples(self, split: str, wanted: Callable[[int], bool]) -> Iterator[Sample]:
        """The samples whose number is wanted; their things are nowhere yet."""
        for index, each in enumerate(self.images[split].values()):
            if wanted(index):
                yield _sample(split, index, each)


def read(root: Path) -> Released | None:
    """The released dataset at `root`, or None where there is none. A run that is not finished is
    none either. InputError for a faulty label file, or missing files."""
    files = refmatte_layout.find_label_files(root)
    if any(refmatte_layout.is_ours(path) for path in files.values()):
        return None
    found = {
        split: {each.name: each for each in refmatte_layout.labelled(path)}
        for split, path in files.items()
    }
    return Released(found, tuple(files.values())) if found else None


def _sample(split: str, index: int, of: Labelled) -> Sample:
    names = refmatte_layout.keywords(of.entries)
    entities = tuple(
        Entity(k, "", entry.category or name or UNKNOWN, "", NOWHERE, (0.0, 0.0), 0.0, 1.0)
        for k, (entry, (name, _)) in enumerate(zip(of.entries.values(), names, strict=True), 1)
    )
    scene = Scene((0, 0), "", NOWHERE, False, "", ())
    return Sample(split, index, 0, "", of.name, scene, entities, (), _said(of))


def _said(of: Labelled) -> tuple[Expression, ...]:
    said = []
    names = refmatte_layout.keywords(of.entries)
    for k, (entry, (name, is_unique)) in enumerate(zip(of.entries.values(), names, strict=True), 1):
        texts = refmatte_layout.kinds(entry)
        if is_unique:
            texts.insert(0, (KEYWORD, name))
        said += [Expression(text, kind, (), (k,)) for kind, text in texts]
    return tuple(said)
