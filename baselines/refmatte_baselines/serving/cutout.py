"""What a matte is for: the thing cut out of its image, and put over something else."""

from __future__ import annotations

import contextlib
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageColor

from refmatte_engine.errors import InputError, nearest
from refmatte_engine.images import image_io
from refmatte_engine.images.alphas import to_bytes
from refmatte_engine.images.foreground_color import own_color
from refmatte_engine.records import U8


def cutout(image: U8, alpha: npt.NDArray[np.floating]) -> U8:
    """The thing alone, uint8 H×W×4 RGBA, straight: `alpha` (H×W in [0, 1]) with the colours that
    are estimated to be its own in `image` (uint8 H×W×3 RGB). MissingExtra without pymatting."""
    levels = to_bytes(alpha)
    return np.dstack((own_color(image, levels)[0], levels))


def over(rgba: U8, backdrop: U8) -> U8:
    """A cutout (uint8 H×W×4, straight) over a backdrop (uint8 H×W×3): uint8 H×W×3, rounded."""
    weight = rgba[..., 3:].astype(np.float32) / 255
    mixed = rgba[..., :3] * weight + backdrop * (1 - weight)
    return np.rint(mixed).astype(np.uint8)


def backdrop(said: str, size_hw: tuple[int, int]) -> U8:
    """A picture's file or a colour as uint8 H×W×3 of the size asked for.

    A picture is scaled to cover that size, and what sticks out is cut off evenly. InputError for
    what is neither, and for a picture that cannot be read.
    """
    with contextlib.suppress(OSError, ValueError):  # a name of thousands of characters
        if Path(said).is_file():
            return covering(image_io.read_rgb(Path(said)), size_hw)
    return np.full((*size_hw, 3), color(said), np.uint8)


def color(said: str) -> tuple[int, int, int]:
    """RGB of `#f80`, `#ff8800`, `rgb(255, 136, 0)` or a CSS name. InputError for anything else.

    >>> color("#f80"), color("Orange")
    ((255, 136, 0), (255, 165, 0))
    """
    found: tuple[int, ...] = ()
    with contextlib.suppress(ValueError):
        found = ImageColor.getrgb(said.strip())
    if len(found) != 3:  # none, or one with an alpha
        raise InputError(
            said,
            "is neither a picture's file nor a colour",
            allowed="a path, #ff8800, or a CSS name such as orange",
            todo=nearest(said.lower(), ImageColor.colormap),
        )
    return found


def covering(picture: U8, size_hw: tuple[int, int]) -> U8:
    """The picture (uint8 h×w×3) scaled to cover H×W and cut to it about its centre."""
    (height, width), scale = picture.shape[:2], max(np.divide(size_hw, picture.shape[:2]))
    kept_h, kept_w = (
        min(own, max(1, round(to / scale)))
        for own, to in zip((height, width), size_hw, strict=True)
    )
    top, left = (height - kept_h) // 2, (width - kept_w) // 2
    kept = picture[top : top + kept_h, left : left + kept_w]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(kept, size_hw[::-1], interpolation=how), np.uint8)
