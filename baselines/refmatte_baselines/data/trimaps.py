"""Trimaps as models learn them and answer with: three classes, and bands that follow the size."""

from __future__ import annotations

import numpy as np

from refmatte_engine.images import trimaps
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
    """uint8 H×W: 0 background, 1 unknown, 2 foreground; `images.trimaps` says what these are, from
    an alpha (uint8 H×W) and the width of the band's kernel."""
    levels = trimaps.trimap(alpha, width_px)
    found = np.full(alpha.shape, UNKNOWN, np.uint8)
    found[levels == trimaps.FOREGROUND] = FOREGROUND
    found[levels == trimaps.BACKGROUND] = BACKGROUND
    return found
