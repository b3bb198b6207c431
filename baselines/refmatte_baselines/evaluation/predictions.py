"""A folder of a model's mattes of a dataset, and the receipt of what made them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from refmatte_baselines.evaluation.answers import answers_of, in_16_bits
from refmatte_baselines.predictor import Predictor
from refmatte_baselines.ranks import Place, gathered, started
from refmatte_engine.dataset.identity import identity
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.images.alphas import to_bytes
from refmatte_engine.parallel import Progress
from refmatte_engine.scoring.prediction_files import (
    PRESENCE,
    PRESENCE_HEADER,
    presence_lines,
    read_presences,
)
from refmatte_engine.scoring.rows import Row, Rows
from refmatte_engine.storage.files import disk_errors, write_whole

RECEIPT = "predictions.json"


def write(
    predictor: Predictor,
    rows: Rows,
    folder: Path,
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> tuple[int, int]:
    """Writes `<mask stem>_<expression>.png` (16-bit grey) of each row into the folder, or
    `<mask stem>.png` (8-bit) where rows are named for the mask; returns the numbers of files that
    were made and that were there already.

    Beside them is a receipt of what made them, and a table of what a model says of presence, if it
    does (see `prediction_files`). InputError if the folder holds something else, or
    mattes of another model or dataset, which `overwrite` removes; of this one's it makes anew those
    of `rows`. `progress` is called with (images done, images in all). Processes that were started
    together share the images.
    """
    place = started()
    with disk_errors(folder):
        naming = "by mask" if any(row.by_mask for row in rows) else "by text"
        receipt = {**predictor.receipt, "dataset": identity(rows.dataset), "naming": naming}
        if rows.keyword_field:
            receipt["keyword field"] = rows.keyword_field
        there: set[str] = set()
        if place.is_first:
            claim(folder, receipt, {row.name for row in rows} if overwrite else None)
            there = {file.name for file in folder.iterdir()}
            _keep_presences(folder, there)
        there = gathered(there)[0]  # and nobody writes before
        images = sum(1 for _ in rows.by_image())
        todo = sum(1 for _ in _without(rows, there))
        made = sum(map(len, _without(rows, there)))
        mine = islice(enumerate(_without(rows, there)), place.rank, None, place.world)
        for number, own in mine:
            if progress is not None:
                progress(images - todo + number, images)
            for row, (alpha, _, presence) in answers_of(predictor, own):
                if presence is not None:  # before the matte: what is there is not asked again
                    _note_presence(folder / _table(place), row.name, presence)
                levels = to_bytes(alpha) if row.by_mask else in_16_bits(alpha)
                write_whole(folder / f"{row.name}.png", image_io.encode_png(levels))
        gathered(None)
        if place.is_first and place.world > 1:
            _keep_presences(folder, {file.name for file in folder.iterdir()})
        if progress is not None:
            progress(images, images)
    return made, len(rows) - made


def _without(rows: Rows, there: Collection[str]) -> Iterator[list[Row]]:
    """The rows of each image whose mattes are not there."""
    for own in rows.by_image():
        if left := [row for row in own if f"{row.name}.png" not in there]:
            yield left


def claim(folder: Path, receipt: dict[str, Any], anew: Collection[str] | None) -> None:
    """Makes the folder one of this receipt's mattes, without those that are to be made `anew`, or
    refuses; whatever else it holds goes if there are any to be made anew."""
    if folder.exists() and not folder.is_dir():
        raise InputError(folder, "is not a folder")
    path = folder / RECEIPT
    if not path.exists():
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(
                folder, "holds files that are not a model's mattes", todo="choose an empty folder"
            )
    elif anew is not None:
        is_same = _read(path) == receipt
        for file in folder.glob("*.png"):
            if not is_same or file.stem in anew:
                file.unlink()
    elif (before := _read(path)) != receipt:
        differs = [key for key in receipt if before.get(key) != receipt[key]]
        raise InputError(
            folder,
            f"holds mattes of another {' and '.join(differs)}",
            todo="choose another folder, or replace them with --overwrite",
        )
    write_whole(path, f"{json.dumps(receipt, indent=2)}\n".encode())


def _table(place: Place) -> str:
    """Where a process notes presence."""
    return PRESENCE if place.is_first else f".{place.rank}.{PRESENCE}"


def _keep_presences(folder: Path, mattes: Collection[str]) -> None:
    """Leaves in the table what belongs to mattes that are there, whichever process noted it, and no
    line half written."""
    kept: dict[str, float] = {}
    tables = [folder / PRESENCE, *sorted(folder.glob(f".*.{PRESENCE}"))]
    for path in tables:
        told = read_presences(path, torn=True) if path.exists() else {}
        kept |= {name: presence for name, presence in told.items() if f"{name}.png" in mattes}
    if kept:
        write_whole(tables[0], (PRESENCE_HEADER + presence_lines(kept)).encode())
    for path in tables[bool(kept) :]:
        path.unlink(missing_ok=True)


def _note_presence(path: Path, name: str, presence: float) -> None:
    line = presence_lines({name: presence})
    with path.open("a", encoding="utf-8", newline="") as table:
        table.write(line if table.tell() else PRESENCE_HEADER + line)


def _read(path: Path) -> dict[str, Any]:
    try:
        receipt = json.loads(path.read_bytes())
    except ValueError:
        receipt = None
    return receipt if isinstance(receipt, dict) else {}
