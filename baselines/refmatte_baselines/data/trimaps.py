"""What of a matte is certain: trimaps, as models learn them and answer with."""

from __future__ import annotations

import cv2
import numpy as np

from refmatte_engine.records import U8

BACKGROUND, UNKNOWN, FOREGROUND = 0, 1, 2
BAND_PX, BAND_SIDE = (25, 30), 512


def band_width(
    side: int,
    rng: np.random.Generator | None = None,
    band_px: tuple[float, float] = BAND_PX,
) -> int:
    """The kernel's width in px for a picture of long side `side`: `band_px` at 512, in proportion.

    Drawn from `rng`; the middle without one.
    """
    low, high = band_px
    width = rng.uniform(low, high) if rng else (low + high) / 2
    return max(3, round(width * side / BAND_SIDE))


def trimap_truth(alpha: U8, width_px: int) -> U8:
    """uint8 H×W: 0 background, 1 unknown, 2 foreground, from an alpha (uint8 H×W).

    Foreground is alpha = 255 eroded, unknown reaches as far as alpha ≠ 0 dilated, both by an
    ellipse `width_px` wide.
    """
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width_px, width_px))
    trimap = np.full(alpha.shape, UNKNOWN, np.uint8)
    trimap[cv2.erode((alpha == 255).astype(np.uint8), kernel) == 1] = FOREGROUND
    trimap[cv2.dilate((alpha != 0).astype(np.uint8), kernel) == 0] = BACKGROUND
    return trimap
