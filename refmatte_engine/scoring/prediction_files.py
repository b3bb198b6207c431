"""A folder of predictions: how its files are named, and the matte that answers a row.

A prediction is an 8- or 16-bit grey PNG of the image's size. It is named for its text (see
`rows.Row`), or for its mask alone, as RefMatte's evaluation scripts do, where a mask has one text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from refmatte_engine.errors import InputError, listed
from refmatte_engine.images import image_io, png
from refmatte_engine.records import F64
from refmatte_engine.scoring.rows import Row, Rows
from refmatte_engine.storage import files

NAMES = (
    "8- or 16-bit grey PNGs named <mask stem>_<expression index> or <mask stem>_keyword, or "
    "<mask stem> where each mask has one text"
)


def by_mask(rows: Rows) -> Rows:
    """The rows, their predictions named for the mask alone. InputError if a mask has several
    texts."""
    texts = Counter(row.mask_stem for row in rows)
    stem, most = texts.most_common(1)[0]
    if most > 1:
        several = sum(count > 1 for count in texts.values())
        raise InputError(
            rows.dataset,
            f"has {several} masks with several texts among these rows ({stem}: {most}), so a name "
            "of a mask alone could mean any of them",
            allowed="one text a mask",
            todo="choose with --index, --setting keyword or one of --kinds",
        )
    return replace(rows, rows=tuple(replace(row, by_mask=True) for row in rows))


def as_named(folder: Path, rows: Rows) -> Rows:
    """The rows, named as the predictions in `folder` are.

    InputError if it is no folder, lacks predictions, or names some for the text and some for the
    mask, so that one row may have two.
    """
    if not folder.is_dir():
        raise InputError(folder, "is not a folder", allowed=NAMES)
    there = {file.stem for file in folder.iterdir() if file.suffix == ".png"}
    names = {row.name for row in rows}
    found = [row.name for row in rows if row.name in there]
    stems = [row.mask_stem for row in rows if row.mask_stem in there - names]
    if stems and found and len({row.mask_stem for row in rows}) == len(rows):
        both = next((row for row in rows if {row.name, row.mask_stem} <= there), None)
        one, other = (both.name, both.mask_stem) if both else (found[0], stems[0])
        problem = f"has files named for the text and for the mask: {one}.png and {other}.png"
        todo = "keep one sort, or choose other rows with --index or --kinds"
        raise InputError(folder, problem, allowed="one sort of names", todo=todo)
    if stems and not found:
        rows = by_mask(rows)
    missing = [f"{row.name}.png" for row in rows if row.name not in there]
    if missing:
        problem = f"lacks {len(missing)} of {len(rows)} predictions: {listed(missing, 4)}"
        todo = "choose a split, setting or kinds to score fewer rows"
        raise InputError(folder, problem, allowed=NAMES, todo=todo)
    return rows


def read(folder: Path, row: Row, alphas: Sequence[F64]) -> F64:
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
