"""Trimaps: what of an alpha is surely the thing, surely not, and what lies between."""

from __future__ import annotations

import cv2
import numpy as np

from refmatte_engine.images import alphas
from refmatte_engine.randomness import of_pixels
from refmatte_engine.records import U8

BACKGROUND, UNKNOWN, FOREGROUND = 0, 128, 255
WIDTHS_PX = (15, 30)  # of the ellipse, as GFM and P3M draw them


def trimap(alpha: U8, width_px: int) -> U8:
    """uint8 H×W of `BACKGROUND`, `UNKNOWN` and `FOREGROUND` from an alpha (uint8 H×W).

    Foreground is alpha = 255 eroded, unknown reaches as far as alpha > 0 dilated, both by an
    ellipse `width_px` wide. The picture's border erodes nothing.
    """
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width_px, width_px))
    found = np.full(alpha.shape, BACKGROUND, np.uint8)
    here = alphas.surroundings(alpha, width_px)
    if (near := alpha[here]).size:
        inside = cv2.erode((near == 255).astype(np.uint8), kernel)
        reached = cv2.dilate((near > 0).astype(np.uint8), kernel)
        found[here] = np.where(inside == 1, FOREGROUND, np.where(reached == 1, UNKNOWN, BACKGROUND))
    return found


def drawn_width(alpha: U8, seed: int) -> int:
    """The width in px, within `WIDTHS_PX`, that this seed gives this alpha."""
    low, high = WIDTHS_PX
    return int(of_pixels(seed, "trimap", alpha).integers(low, high + 1))
