"""Feet: where a silhouette touches the ground."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from refmatte_engine.records import U8

# A foot is what reaches into so much of a silhouette's height from below: the hind leg of a dog
# stands higher in the picture than its fore leg, its belly does not stand at all.
REACH = 0.14
LEVEL = 0.035  # of the height: parts of a foot that are so much higher do not touch the ground


class Feet(NamedTuple):
    """Of each column of a silhouette: `row`, the ground under it (between feet in proportion), and
    `weight` in [0, 1], how much of it touches that, 0 for no foot; float32 W."""

    row: NDArray[np.float32]
    weight: NDArray[np.float32]


def feet(alpha: U8) -> Feet:
    """The feet of a silhouette (uint8 H×W); what is see-through weighs as much as it is seen. All
    weights are 0 if there is nothing."""
    height, width = alpha.shape
    rows = alpha.max(axis=1)
    # Half as opaque as its densest part, so that glass has feet, too.
    least = max(24, int(rows.max()) // 2)
    filled = np.flatnonzero(rows >= least)
    bottom = int(filled[-1]) + 1 if len(filled) else height
    band = alpha[max(0, bottom - max(2, round(REACH * height))) : bottom]
    solid = band >= least
    lowest = bottom - 1 - solid[::-1].argmax(axis=0).astype(np.float32)
    stands: NDArray[np.bool_] = solid.max(axis=0)
    starts, ends = _runs(stands)
    row, weight = np.full(width, bottom - 1, np.float32), np.zeros(width, np.float32)
    if not len(starts):
        return Feet(row, weight)
    grounds = np.array([lowest[a:b].max() for a, b in zip(starts, ends, strict=True)])
    for a, b, ground in zip(starts, ends, grounds, strict=True):
        weight[a:b] = np.maximum(0, 1 - (ground - lowest[a:b]) / (LEVEL * height + 1))
    weight *= band.max(axis=0) / np.float32(255)
    # From the middle of each foot to that of the next.
    row[:] = np.interp(np.arange(width), (starts + ends - 1) / 2, grounds)
    for a, b, ground in zip(starts, ends, grounds, strict=True):
        row[a:b] = ground
    return Feet(row, weight)


def lying(alpha: U8) -> Feet:
    """The feet of what lies flat: it touches the ground all along its lower outline."""
    solid = alpha >= max(24, int(alpha.max(initial=0)) // 2)
    row = alpha.shape[0] - 1 - solid[::-1].argmax(axis=0).astype(np.float32)
    weight = np.where(solid.any(axis=0), alpha.max(axis=0) / np.float32(255), np.float32(0))
    return Feet(row, weight)


def _runs(found: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The starts and the ends (exclusive) of the runs of true values."""
    steps = np.diff(np.concatenate(([0], found.astype(np.int8), [0])))
    return np.flatnonzero(steps > 0), np.flatnonzero(steps < 0)
