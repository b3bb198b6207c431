"""A folder of predictions: how its files are named, and the matte that answers a row.

A prediction is an 8- or 16-bit grey PNG of the image's size. It is named for its text (see
`rows.Row`), or for its mask alone, as RefMatte's evaluation scripts do, where a mask has one text.
A model that says whether a text means anything in its picture says so in a CSV beside them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np

from refmatte_engine.errors import InputError, listed
from refmatte_engine.images import image_io, png
from refmatte_engine.records import F64
from refmatte_engine.scoring.rows import Row, Rows
from refmatte_engine.storage import files
from refmatte_engine.storage.sorted_lines import SortedLines
from refmatte_engine.storage.spool import Spool

NAMES = (
    "8- or 16-bit grey PNGs named <mask stem>_<expression index> or <mask stem>_keyword, or "
    "<mask stem> where each mask has one text"
)
PRESENCE = "presence.csv"
PRESENCE_HEADER = "name,presence\n"


def by_mask(rows: Rows) -> Rows:
    """The rows, their predictions named for the mask alone. InputError if a mask has several
    texts."""
    stems = SortedLines()
    for row in rows:
        stems.add(row.mask_stem.encode())
    texts = ((sum(1 for _ in same), stem.decode()) for stem, same in groupby(stems))
    several, most, stem = 0, 1, ""
    for count, name in texts:
        several += count > 1
        most, stem = (count, name) if count > most else (most, stem)
    if several:
        raise InputError(
            rows.dataset,
            f"has {several} masks with several texts among these rows ({stem}: {most}), so a name "
            "of a mask alone could mean any of them",
            allowed="one text a mask",
            todo="choose with --index, --setting keyword or one of --kinds",
        )
    return replace(rows, rows=Spool(replace(row, by_mask=True) for row in rows))


def as_named(folder: Path, rows: Rows) -> Rows:
    """The rows, named as the predictions in `folder` are.

    InputError if it is no folder, lacks predictions, or names some for the text and some for the
    mask, so that one row may have two.
    """
    if not folder.is_dir():
        raise InputError(folder, "is not a folder", allowed=NAMES)

    def is_there(name: str) -> bool:
        return (folder / f"{name}.png").exists()

    names = np.fromiter((hash(row.name) for row in rows), np.int64, len(rows))
    found = next((row.name for row in rows if is_there(row.name)), "")
    stems = (row.mask_stem for row in rows if is_there(row.mask_stem))
    stem = next((stem for stem in stems if hash(stem) not in names), "")
    if stem and found and len({hash(row.mask_stem) for row in rows}) == len(rows):
        each = (row for row in rows if is_there(row.name) and is_there(row.mask_stem))
        both = next(each, None)
        one, other = (both.name, both.mask_stem) if both else (found, stem)
        problem = f"has files named for the text and for the mask: {one}.png and {other}.png"
        todo = "keep one sort, or choose other rows with --index or --kinds"
        raise InputError(folder, problem, allowed="one sort of names", todo=todo)
    if stem and not found:
        rows = by_mask(rows)
    missing = [f"{row.name}.png" for row in rows if not is_there(row.name)]
    if missing:
        problem = f"lacks {len(missing)} of {len(rows)} predictions: {listed(missing, 4)}"
        todo = "choose a split, setting or kinds to score fewer rows"
        raise InputError(folder, problem, allowed=NAMES, todo=todo)
    return rows


def read(folder: Path, rows: Sequence[Row], alphas: Sequence[F64]) -> Iterator[F64]:
    """The predictions of rows of one image, as `read_one` reads them."""
    return (read_one(folder, row, alphas) for row in rows)


def read_one(folder: Path, row: Row, alphas: Sequence[F64]) -> F64:
    """The row's prediction, float64 H×W in [0, 1]. InputError if it is not a grey PNG of the size
    of `alphas`, those of its image."""
    path = folder / f"{row.name}.png"
    data = files.read_bytes(path)
    if not png.is_png(data):
        raise InputError(path, "is not a PNG", allowed=NAMES)
    levels = image_io.decode_levels(data, path)
    if levels.shape != alphas[0].shape:
        (height, width), (h, w) = levels.shape, alphas[0].shape
        raise InputError(path, f"has {width}×{height} pixels", allowed=f"the image's {w}×{h}")
    return levels.astype(np.float64) / np.iinfo(levels.dtype).max


def presences(folder: Path, rows: Rows) -> dict[str, float]:
    """What the model says of each row's presence, by the row's name; nothing if it does not say.
    InputError for a file that is not such a table, or that lacks a row."""
    path = folder / PRESENCE
    if not path.is_file():
        return {}
    found = dict(read_presences(path))
    missing = [row.name for row in rows if row.name not in found]
    if missing:
        problem = f"lacks {len(missing)} of {len(rows)} rows: {listed(missing, 4)}"
        todo = "predict again, or remove it: presence is then read off the mattes"
        raise InputError(path, problem, todo=todo)
    return {row.name: found[row.name] for row in rows}


def read_presences(path: Path, *, torn: bool = False) -> dict[str, float]:
    """The table in a file. InputError says what is wrong in which line; with `torn`, a last line
    that a killed process left unfinished is passed over."""
    try:
        text = files.read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(path, "is not UTF-8") from None
    lines = text.splitlines()
    table = csv.reader(lines if text.endswith("\n") or not torn else lines[:-1])
    if ",".join(next(table, ())) != (header := PRESENCE_HEADER.strip()):
        raise InputError(f"{path}:1", "is not the header", allowed=header)
    found = {}
    for line in filter(None, table):
        try:
            name, value = line
            presence = float(value)
            if not 0 <= presence <= 1:
                raise ValueError
        except ValueError:
            where, problem = f"{path}:{table.line_num}", f"has {','.join(line)!r}"
            allowed = f"{header}, where presence is a probability from 0 to 1"
            raise InputError(where, problem, allowed=allowed) from None
        found[name] = presence
    return found


def presence_lines(presences: Mapping[str, float]) -> str:
    """The lines of the table that say this, without its header."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerows(presences.items())
    return text.getvalue()
