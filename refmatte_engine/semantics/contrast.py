"""The contrast between an entity and its surroundings."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.semantics import colors, css_colors

UNSEEN = 5.0  # contrast under which people overlook a thing
LOOKED_AT_PX = 256  # the longer side of the thing as it is looked at
RIM_PX = 6  # this far inside and outside its outline


def contrast(image: npt.NDArray[np.uint8], alpha: npt.NDArray[np.uint8]) -> float:
    """The median CIEDE2000 between an entity's rim and what lies beside it.

    `image` is uint8 H×W×3, `alpha` the entity's matte, uint8 H×W. Below `UNSEEN`, more than half of
    the outline cannot be made out. Infinite if nothing lies beside it; 0 for an empty matte.
    """
    solid = alpha >= max(1, int(alpha.max()) * 3 // 4)
    x, y, width, height = cv2.boundingRect(solid.astype(np.uint8))
    if not width:
        return 0.0
    pad = max(1, round(2 * RIM_PX * max(width, height) / LOOKED_AT_PX))
    window = slice(max(0, y - pad), y + height + pad), slice(max(0, x - pad), x + width + pad)
    there, matte = image[window], alpha[window]
    scale = min(1.0, LOOKED_AT_PX / max(width, height))
    if scale < 1:
        size = tuple(max(1, round(side * scale)) for side in matte.shape[::-1])
        there = cv2.resize(there, size, interpolation=cv2.INTER_AREA)
        matte = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)
    outside = (matte <= 12).astype(np.float64)
    reach = (2 * RIM_PX + 1,) * 2
    near = cv2.blur(outside, reach)
    rim = (matte >= max(1, int(matte.max()) * 3 // 4)) & (near > 0.02)
    if not rim.any():
        return float("inf")
    lab = css_colors.cielab(colors.oklab(there))
    beside = cv2.blur(lab * outside[..., None], reach)[rim] / near[rim, None]
    return float(np.median(css_colors.difference(lab[rim], beside)))
