"""The contrast between an entity and its surroundings."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.records import F32, F64, U8
from refmatte_engine.semantics import css_colors

UNSEEN = 5.0  # contrast under which people overlook a thing
LOOKED_AT_PX = 256  # the longer side of the thing as it is looked at
RIM_PX = 6  # this far inside and outside its outline
MOST_RIM = 1000  # pixels there are asked, or up to twice as many
# Surroundings whose own colours differ by so much hide, of a difference, all but 1 / √2.
BUSY = 2.5
# A glance is at a smaller picture, and at some pixels of the rim. It is believed where it shows as
# many times the contrast, of a thing of which that share is rim: neither filigree nor haze.
GLANCE_PX, GLANCE_RIM_PX, GLANCES, GLANCE_SURE, CLEAR_CUT = 144, 3, 400, 1.6, (0.04, 0.5)


class _Seam(NamedTuple):
    """Where an entity ends in a picture of it: `inside` and `outside`, where it is dense and where
    it is not at all, 0 or 1, H×W; `share` of what is inside that is rim; pixels of that rim, by
    their places row by row; and how far around these is looked."""

    inside: F32
    outside: F32
    share: float
    rim: npt.NDArray[np.intp]
    reach: tuple[int, int]

    def mean(self, values: F32, side: F32) -> F64:
        """Of values, H×W×n, the mean on that side around each pixel of the rim."""
        wide = cv2.merge([side] * values.shape[2])
        sums = cv2.blur(values * wide, self.reach).reshape(side.size, -1)[self.rim]
        weight = cv2.blur(side, self.reach).reshape(-1, 1)[self.rim]
        return np.asarray(sums / weight, np.float64)


def contrast(image: U8, alpha: U8) -> float:
    """The median CIEDE2000 between an entity's rim and what lies beside it: less of it where that
    is busy, as among rocks and leaves nobody sees what differs no more than these do.

    `image` is uint8 H×W×3, `alpha` the entity's matte, uint8 H×W. Below `UNSEEN`, more than half of
    the outline cannot be made out. Infinite if nothing lies beside it; 0 for an empty matte.
    """
    solid = cv2.compare(alpha, _dense(alpha), cv2.CMP_GE)
    x, y, width, height = cv2.boundingRect(solid)
    if not width:
        return 0.0
    pad = max(1, round(2 * RIM_PX * max(width, height) / LOOKED_AT_PX))
    window = slice(max(0, y - pad), y + height + pad), slice(max(0, x - pad), x + width + pad)
    there, matte = image[window], alpha[window]
    scale = min(1.0, LOOKED_AT_PX / max(width, height))
    if scale < 1:
        size = (max(1, round(matte.shape[1] * scale)), max(1, round(matte.shape[0] * scale)))
        there, matte = _shrunk(there, size), _shrunk(matte, size)
    seam = _seam(matte, RIM_PX, MOST_RIM)
    if not len(seam.rim):
        return float("inf")
    lab = _cielab(there)
    return _seen(seam, lab, lab.reshape(-1, 3)[seam.rim].astype(np.float64))


def is_seen(image: U8, alpha: U8, least: float = UNSEEN) -> bool:
    """Whether the contrast, as above, is at least that: at a glance, where that makes certain."""
    return _glance(image, alpha) >= GLANCE_SURE * least or contrast(image, alpha) >= least


def _glance(image: U8, alpha: U8) -> float:
    """The contrast between what lies on both sides of the rim, on the average; 0 where that is not
    to be told at a glance. It is less than the contrast where either side has a texture."""
    height, width = alpha.shape
    scale = min(1.0, GLANCE_PX / max(int(height), int(width)))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    there, matte = (cv2.resize(each, size, interpolation=cv2.INTER_NEAREST)
                    for each in (image, alpha))  # fmt: skip
    seam = _seam(matte, GLANCE_RIM_PX, GLANCES)
    if not CLEAR_CUT[0] < seam.share < CLEAR_CUT[1]:
        return 0.0
    lab = _cielab(there)
    return _seen(seam, lab, seam.mean(lab, seam.inside))


def _seam(matte: U8, rim_px: int, most: int) -> _Seam:
    """Where what has that matte ends; of its rim as many pixels, or up to twice as many."""
    reach = (2 * rim_px + 1,) * 2
    inside = (matte >= _dense(matte)).astype(np.float32)
    outside = (matte <= 12).astype(np.float32)
    rim = np.flatnonzero((inside > 0) & (cv2.blur(outside, reach) > 0.02))
    share = len(rim) / (np.count_nonzero(inside) or 1)
    return _Seam(inside, outside, share, rim[:: max(1, len(rim) // most)], reach)


def _dense(alpha: U8) -> int:
    return max(1, int(alpha.max()) * 3 // 4)


def _shrunk(pixels: U8, size: tuple[int, int]) -> U8:
    """`pixels` (H×W or H×W×3) with a smaller width and height, by areas. Halving is quick."""
    while min(pixels.shape[:2]) >= 2 and pixels.shape[1] >= 2 * size[0]:
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        whole = pixels[: 2 * height, : 2 * width]
        pixels = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _cielab(rgb: U8) -> F32:
    return np.asarray(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), np.float32)


def _seen(seam: _Seam, lab: F32, own: F64) -> float:
    """The median of what is seen of the differences of the rim's `own` colours (CIELAB, N×3) from
    the means beside it."""
    squares = cv2.transform(np.square(lab), np.ones((1, 3), np.float32))
    beside = seam.mean(cv2.merge([lab, squares]), seam.outside)
    means = beside[:, :3]
    variance = np.maximum(beside[:, 3] - np.square(means).sum(axis=1), 0)
    return float(np.median(css_colors.difference(own, means) / np.sqrt(1 + variance / BUSY**2)))
