"""The contrast between an entity and its surroundings."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.records import F64, U8
from refmatte_engine.semantics import colors, css_colors

UNSEEN = 5.0  # contrast under which people overlook a thing
LOOKED_AT_PX = 256  # the longer side of the thing as it is looked at
RIM_PX = 6  # this far inside and outside its outline
# A difference in lightness counts in CIEDE2000 by no less than its part of that; hue and chroma add
# to it.
LIGHTNESS_MOST = 1.76
ROUNDED = 1.0  # by which a difference of lightness in whole levels may be wrong


class _Seam(NamedTuple):
    """The window of a picture around an entity, as it is looked at: `there` uint8 H×W×3; where it
    is not (`outside`, 0 or 1, and the share of that within `reach`), and where its rim is."""

    there: U8
    outside: F64
    near: F64
    rim: npt.NDArray[np.bool_]
    reach: tuple[int, int]

    def apart(self, values: F64) -> tuple[F64, F64]:
        """Of values (H×W or H×W×n) those on the rim, and the mean of those beside each."""
        beside = self.outside if values.ndim == 2 else self.outside[..., None]
        around = cv2.blur(values * beside, self.reach)[self.rim]
        near = self.near[self.rim]
        return values[self.rim], around / (near if values.ndim == 2 else near[:, None])

    def is_plain(self, least: float) -> bool:
        """Whether more than half of the rim differs in lightness by at least that."""
        lightness = cv2.extractChannel(cv2.cvtColor(self.there, cv2.COLOR_RGB2LAB), 0)
        rim, beside = self.apart(lightness * (100 / 255))
        clear = np.abs(rim - beside) >= least + ROUNDED
        return bool(2 * np.count_nonzero(clear) > clear.size)


def contrast(image: U8, alpha: U8) -> float:
    """The median CIEDE2000 between an entity's rim and what lies beside it.

    `image` is uint8 H×W×3, `alpha` the entity's matte, uint8 H×W. Below `UNSEEN`, more than half of
    the outline cannot be made out. Infinite if nothing lies beside it; 0 for an empty matte.
    """
    seam = _seam(image, alpha)
    return seam if isinstance(seam, float) else _contrast(seam)


def is_seen(image: U8, alpha: U8, least: float = UNSEEN) -> bool:
    """Whether the contrast, as above, is at least that. Sooner than by measuring it where lightness
    alone makes certain."""
    glance = _seam(image, alpha, quickly=True)
    if isinstance(glance, _Seam) and glance.is_plain(2 * LIGHTNESS_MOST * least):
        return True
    seam = _seam(image, alpha)
    if isinstance(seam, float):
        return seam >= least
    return seam.is_plain(LIGHTNESS_MOST * least) or _contrast(seam) >= least


def _seam(image: U8, alpha: U8, quickly: bool = False) -> _Seam | float:
    """Where an entity ends, or its contrast where nothing is to be measured; `quickly`: at half the
    size, of which no mean is taken."""
    look, rim_px = (LOOKED_AT_PX // 2, RIM_PX // 2) if quickly else (LOOKED_AT_PX, RIM_PX)
    how, reach = cv2.INTER_LINEAR if quickly else cv2.INTER_AREA, (2 * rim_px + 1,) * 2
    solid = cv2.compare(alpha, max(1, int(alpha.max()) * 3 // 4), cv2.CMP_GE)
    x, y, width, height = cv2.boundingRect(solid)
    if not width:
        return 0.0
    pad = max(1, round(2 * rim_px * max(width, height) / look))
    window = slice(max(0, y - pad), y + height + pad), slice(max(0, x - pad), x + width + pad)
    there, matte = image[window], alpha[window]
    scale = min(1.0, look / max(width, height))
    if scale < 1:
        size = (max(1, round(matte.shape[1] * scale)), max(1, round(matte.shape[0] * scale)))
        there = np.asarray(cv2.resize(there, size, interpolation=how), np.uint8)
        matte = np.asarray(cv2.resize(matte, size, interpolation=how), np.uint8)
    outside = (matte <= 12).astype(np.float64)
    near = np.asarray(cv2.blur(outside, reach))
    rim = (matte >= max(1, int(matte.max()) * 3 // 4)) & (near > 0.02)
    return _Seam(there, outside, near, rim, reach) if rim.any() else float("inf")


def _contrast(seam: _Seam) -> float:
    # Of the rest no colour is asked.
    asked = cv2.dilate(seam.rim.astype(np.uint8), np.ones((2 * RIM_PX + 1,) * 2, np.uint8)) > 0
    asked &= seam.rim | (seam.outside > 0)
    lab = np.zeros(seam.there.shape)
    lab[asked] = css_colors.cielab(colors.oklab(seam.there[asked]))
    rim, beside = seam.apart(lab)
    return float(np.median(css_colors.difference(rim, beside)))
