"""Run-length codes of binary masks, as COCO has them: down the columns, clear pixels first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
LETTERS = 7  # of a count: 5 bits each, and COCO counts in 32 bits


def counts(mask: NDArray[np.bool_]) -> Counts:
    """How many pixels of `mask` (H×W) are clear, then set, then clear …, column after column.

    >>> counts(np.array([[True, False], [True, True]])).tolist()
    [0, 2, 1, 1]
    """
    pixels = mask.ravel(order="F")
    changes = np.flatnonzero(pixels[1:] != pixels[:-1]) + 1
    starts = np.concatenate(([0], changes, [pixels.size]))
    runs = np.diff(starts).astype(np.int64)
    return np.concatenate(([0], runs)) if pixels.size and pixels[0] else runs


def text(runs: Counts) -> str:
    """The counts in COCO's letters: from the fourth on as the difference to the last but one, each
    as groups of five bits from the lowest on, with a sixth bit that says whether more follow.

    >>> text(np.array([0, 2, 1, 1]))
    '021O'
    """
    left = runs.copy()
    left[3:] -= runs[1:-2]
    letters = np.zeros((len(runs), LETTERS), np.uint8)
    used = np.zeros((len(runs), LETTERS), bool)
    more = np.ones(len(runs), bool)
    for place in range(LETTERS):
        low, used[:, place] = left & 31, more
        left >>= 5
        goes_on = np.where(low & 16, left != -1, left != 0)
        letters[:, place] = low + 32 * goes_on + 48
        more = more & goes_on
    return letters[used].tobytes().decode("ascii")
