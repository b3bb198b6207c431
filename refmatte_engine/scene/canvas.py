"""The canvas: the size of a picture, and the part of the background that fills it."""

from __future__ import annotations

import numpy as np

from refmatte_engine.config.layout_rules import Canvas
from refmatte_engine.records import Background, Box


def canvas_of(
    background: Background, canvas: Canvas, rng: np.random.Generator
) -> tuple[tuple[int, int], Box]:
    """The canvas's size and the part of the background scaled to it."""
    height, width = background.size_hw
    if canvas.size == "background":
        shortest, longest = canvas.long_side_px
        long_side = max(height, width)
        factor = min(max(long_side, shortest), longest) / long_side
        return (max(1, round(height * factor)), max(1, round(width * factor))), (
            0,
            0,
            width,
            height,
        )
    canvas_h, canvas_w = canvas.size
    factor = min(height / canvas_h, width / canvas_w)
    crop_h, crop_w = round(canvas_h * factor), round(canvas_w * factor)
    x0 = int(rng.integers(width - crop_w + 1))
    y0 = int(rng.integers(height - crop_h + 1))
    return (canvas_h, canvas_w), (x0, y0, x0 + crop_w, y0 + crop_h)
