"""The pictures that an audit reads: a dataset's composites, or photographs with mattes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from refmatte_engine.config.resources import pack_file
from refmatte_engine.dataset import photographs, refmatte_layout
from refmatte_engine.dataset.address import MANIFEST
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.packs import pack
from refmatte_engine.records import U8
from refmatte_engine.storage import csv_file

JPEG = (".jpg", ".jpeg")
WHERE = (
    "a finished dataset, a CSV with the columns image, matte and text, or a folder of "
    "image + alpha pairs with a pack.yaml"
)
QUALITY = 92  # of JPEGs of which nobody says


@dataclass(frozen=True, slots=True)
class Source:
    """A picture with the mattes of its things, as files; `things` names what is in each matte, so
    that one thing in several pictures is known to be one."""

    image: Path
    mattes: tuple[Path, ...]
    things: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Treatment:
    """What is done to photographs before they are measured, so that size and compression do not
    tell them from composites: the longer side, and the quality of the JPEG (0 for none)."""

    long_side_px: int = 0
    jpeg_quality: int = 0


AS_IT_IS = Treatment()


def read(where: Path, limit: int) -> list[Source]:
    """At most `limit` pictures with mattes, evenly spread: of a dataset, a CSV of photographs
    (image, matte, text), or a pack of image + alpha pairs.

    InputError if there are none: a cut-out has no surroundings of its own.
    """
    if csv_file.is_csv(where):
        found = [
            Source(each.image, tuple(each.mattes), tuple(map(str, each.mattes)))
            for each in photographs.read(where)
        ]
    elif _is_dataset(where):
        found = list(_samples(Dataset(where), limit))
    else:
        found = _pairs(where) if pack_file(where).is_file() else []
    found = [source for source in found if source.mattes]
    if not found:
        problem = "has no pictures with mattes" if where.exists() else "no such file or folder"
        raise InputError(where, problem, allowed=WHERE)
    return spread(found, limit)


def spread(found: list[Source], limit: int) -> list[Source]:
    """At most `limit` of them, evenly spread."""
    return [found[place] for place in _places(len(found), limit)]


def _places(count: int, limit: int) -> list[int]:
    return [place * count // limit for place in range(limit)] if limit < count else [*range(count)]


def _is_dataset(where: Path) -> bool:
    return (where / MANIFEST).is_file() or bool(refmatte_layout.find_label_files(where))


def _samples(dataset: Dataset, limit: int) -> Iterator[Source]:
    # Some may have no mattes.
    places, first = set(_places(len(dataset), 2 * limit)), 0
    for split in dataset.splits:
        wanted = {place - first for place in places}
        first += dataset.manifest["splits"][split]["images"]
        for sample in dataset.samples(split, wanted.__contains__):
            mattes = tuple(dataset.alpha_path(sample, e.index) for e in sample.entities)
            things = (e.foreground or f"{split}/{sample.name}/{e.index}" for e in sample.entities)
            yield Source(dataset.image_path(sample), mattes, tuple(things))


def _pairs(where: Path) -> list[Source]:
    read = pack.read(where)
    of_image: dict[str, list[str]] = {}
    for file in read.foregrounds:
        # The picture of a thing in its own colours has no surroundings.
        if file.alpha_path and not file.own_colors:
            of_image.setdefault(file.path, []).append(file.alpha_path)
    return [
        Source(read.root / image, tuple(read.root / a for a in alphas), tuple(alphas))
        for image, alphas in of_image.items()
    ]


def treatment(composites: list[Source], where: Path) -> Treatment:
    """What makes photographs like the pictures that were read there: their median longer side, and
    their compression."""
    sides = [max(image_io.size_hw(source.image)) for source in composites[::8]]
    quality = QUALITY if composites[0].image.suffix.lower() in JPEG else 0
    if quality and _is_dataset(where):
        quality = int(Dataset(where).manifest["run"]["image"].get("quality", QUALITY))
    return Treatment(int(np.median(sides)), quality)


def load(source: Source, treated: Treatment) -> tuple[U8, list[U8]]:
    """The picture, uint8 H×W×3, and its mattes, uint8 H×W. InputError for a matte of another size
    than its picture."""
    image = image_io.read_rgb(source.image)
    mattes = [image_io.read_matte(path, image.shape[:2]) for path in source.mattes]
    height, width = image.shape[:2]
    scale = treated.long_side_px / max(height, width) if treated.long_side_px else 1.0
    if scale < 1:
        size_wh = round(width * scale), round(height * scale)
        image = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)
        mattes = [cv2.resize(matte, size_wh, interpolation=cv2.INTER_AREA) for matte in mattes]
    if treated.jpeg_quality:
        image = image_io.decode_rgb(image_io.encode_jpeg(image, treated.jpeg_quality), source.image)
    return image, mattes
