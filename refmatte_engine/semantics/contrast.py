"""The contrast between an entity and its surroundings."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.records import F64, U8
from refmatte_engine.semantics import colors, css_colors

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
    """The window of a picture around an entity, as it is looked at: `there` uint8 H×W×3; where it
    is not (`outside`, 0 or 1, and the share of that within `reach`), and where its rim is."""

    there: U8
    outside: F64
    near: F64
    rim: npt.NDArray[np.bool_]
    reach: tuple[int, int]

    def beside(self, values: F64) -> F64:
        """The mean of values (H×W×n) beside each pixel of the rim."""
        around = cv2.blur(values * self.outside[..., None], self.reach)[self.rim]
        return np.asarray(around / self.near[self.rim][:, None])


def contrast(image: U8, alpha: U8) -> float:
    """The median CIEDE2000 between an entity's rim and what lies beside it: less of it where that
    is busy, as among rocks and leaves nobody sees what differs no more than these do.

    `image` is uint8 H×W×3, `alpha` the entity's matte, uint8 H×W. Below `UNSEEN`, more than half of
    the outline cannot be made out. Infinite if nothing lies beside it; 0 for an empty matte.
    """
    seam = _seam(image, alpha)
    return seam if isinstance(seam, float) else _contrast(seam)


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
    reach = (2 * GLANCE_RIM_PX + 1,) * 2
    inside = (matte >= max(1, int(matte.max()) * 3 // 4)).astype(np.float32)
    outside = (matte <= 12).astype(np.float32)
    near = cv2.blur(outside, reach)
    rim = np.flatnonzero((inside > 0) & (near > 0.02))
    if not CLEAR_CUT[0] < len(rim) / (np.count_nonzero(inside) or 1) < CLEAR_CUT[1]:
        return 0.0
    rim = rim[:: max(1, len(rim) // GLANCES)]
    lab = _with_squares(cv2.cvtColor(there.astype(np.float32) / 255, cv2.COLOR_RGB2LAB))
    own, beside = (
        cv2.blur(lab * side[..., None], reach).reshape(-1, 4)[rim] / share.reshape(-1, 1)[rim]
        for side, share in ((inside, cv2.blur(inside, reach)), (outside, near))
    )
    return _seen(own[:, :3], beside)


def _seam(image: U8, alpha: U8) -> _Seam | float:
    """Where an entity ends, or its contrast where nothing is to be measured."""
    reach = (2 * RIM_PX + 1,) * 2
    solid = cv2.compare(alpha, max(1, int(alpha.max()) * 3 // 4), cv2.CMP_GE)
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
    outside = (matte <= 12).astype(np.float64)
    near = np.asarray(cv2.blur(outside, reach))
    rim = (matte >= max(1, int(matte.max()) * 3 // 4)) & (near > 0.02)
    where = np.flatnonzero(rim)
    if not len(where):
        return float("inf")
    rim[...] = False
    rim.reshape(-1)[where[:: max(1, len(where) // MOST_RIM)]] = True
    return _Seam(there, outside, near, rim, reach)


def _shrunk(pixels: U8, size: tuple[int, int]) -> U8:
    """`pixels` (H×W or H×W×3) with a smaller width and height, by areas. Halving is quick."""
    while min(pixels.shape[:2]) >= 2 and pixels.shape[1] >= 2 * size[0]:
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        whole = pixels[: 2 * height, : 2 * width]
        pixels = np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _contrast(seam: _Seam) -> float:
    # Of the rest no colour is asked.
    asked = cv2.dilate(seam.rim.astype(np.uint8), np.ones((2 * RIM_PX + 1,) * 2, np.uint8)) > 0
    asked &= seam.rim | (seam.outside > 0)
    lab = np.zeros(seam.there.shape)
    lab[asked] = css_colors.cielab(colors.oklab(seam.there[asked]))
    return _seen(lab[seam.rim], seam.beside(_with_squares(lab)))


def _with_squares(lab: Any) -> Any:
    """CIELAB H×W×3, with the sum of the squares as a fourth channel."""
    return np.dstack((lab, np.square(lab).sum(axis=-1)))


def _seen(own: F64, beside: F64) -> float:
    """The median of what is seen of the differences of colours (CIELAB, N×3) from the means of the
    surroundings of each, and of their squares (N×4)."""
    means = beside[:, :3]
    variance = np.maximum(beside[:, 3] - np.square(means).sum(axis=1), 0)
    return float(np.median(css_colors.difference(own, means) / np.sqrt(1 + variance / BUSY**2)))
