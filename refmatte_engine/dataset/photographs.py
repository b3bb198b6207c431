"""Photographs with mattes as they lie: a CSV that says which matte a text means in which image."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.records import KEYWORD, NONE
from refmatte_engine.storage import csv_file
from refmatte_engine.storage.files import read_bytes

COLUMNS, KIND = ("image", "matte", "text"), "kind"
TEXT = "expression"  # the kind of a text that has none


@dataclass(slots=True)
class Photograph:
    """An image, the mattes of things in it, and its texts: each with its kind and the place of its
    matte, or None if it means nothing there."""

    image: Path
    mattes: list[Path] = field(default_factory=list)
    texts: list[tuple[str, str, int | None]] = field(default_factory=list)

    def name_of(self, place: int) -> str:
        """The first keyword of a thing, or ""."""
        own = (text for text, kind, matte in self.texts if kind == KEYWORD and matte == place)
        return next(own, "")


def read(path: Path) -> list[Photograph]:
    """The photographs of a CSV with the columns image, matte and text, paths from its folder. An
    empty `matte` says that the text means nothing in the image. A column `kind` may say what sort
    of text it is; `keyword` is a mere name.

    InputError, with the line, for a file that is not there, a matte of another size than its image,
    a text that is empty, and two images of one name, by which predictions go.
    """
    found: dict[str, Photograph] = {}
    for where, cells in csv_file.read(path, COLUMNS, (KIND,)):
        if not cells["text"]:
            raise InputError(where, "has no text")
        if not cells["image"]:
            raise InputError(where, "has no image")
        image = csv_file.file_at(where, path, cells["image"], "image")
        photograph = found.setdefault(image.stem, Photograph(image))
        if photograph.image != image:
            problem = f"{image} and {photograph.image} have one name, by which predictions go"
            raise InputError(where, problem, todo="rename one")
        place = None
        if cells["matte"]:
            matte = csv_file.file_at(where, path, cells["matte"], "matte")
            if matte not in photograph.mattes:
                _of_one_size(where, image, matte)
                photograph.mattes.append(matte)
            place = photograph.mattes.index(matte)
        kind = cells[KIND] or (NONE if place is None else TEXT)
        photograph.texts.append((cells["text"], kind, place))
    bare = next((each.image for each in found.values() if not each.mattes), None)
    if bare is not None:
        problem = f"no line has a matte of {bare}"
        raise InputError(path, problem, todo="add one, or leave the image out")
    return list(found.values())


def _of_one_size(where: str, image: Path, matte: Path) -> None:
    (height, width), there = (image_io.size_hw(file) for file in (image, matte))
    if there != (height, width):
        problem = f"has the matte {matte.name} of {there[1]}×{there[0]} pixels"
        raise InputError(where, problem, allowed=f"{width}×{height}, as {image.name} has")


def identity(path: Path) -> str:
    """A digest of the CSV, and of the names and sizes of its images and mattes."""
    content = hashlib.blake2b(read_bytes(path), digest_size=16)
    for each in read(path):
        for file in (each.image, *each.mattes):
            content.update(f"{file.name} {file.stat().st_size}\n".encode())
    return content.hexdigest()
