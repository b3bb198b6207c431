"""One sentence means one thing: what of an alpha lies apart from it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

FAINT = 0.02  # less than this is no piece of anything
REACH = 1 / 160  # of the long side; what is nearer than twice this belongs together


def main_pieces(alpha: npt.NDArray[np.float32], least: float) -> npt.NDArray[np.float32]:
    """`alpha` (float32 H×W in [0, 1]) without the pieces that have less than `least` (0 to 1) of
    the alpha of the largest. Mostly these are bits of other things; seldom the smaller part of one
    whose middle is hidden."""
    if least == 0:
        return alpha
    side = 2 * round(REACH * max(alpha.shape)) + 1
    there = cv2.dilate((alpha >= FAINT).astype(np.uint8), np.ones((side, side), np.uint8))
    count, piece = cv2.connectedComponents(there)
    sums = np.bincount(piece.ravel(), alpha.ravel(), minlength=count)
    keep = sums >= least * sums[1:].max(initial=0.0)
    keep[0] = True  # what is fainter than FAINT
    return alpha * keep[piece]
