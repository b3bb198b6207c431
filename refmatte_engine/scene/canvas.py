"""The canvas: the size of a picture, and the part of the background that fills it."""

from __future__ import annotations

import numpy as np

from refmatte_engine.config.layout_rules import Canvas
from refmatte_engine.records import Background, Box
from refmatte_engine.scene.standing import GROUND_NORM, band_norm

CLOSER = 2.25  # times smaller, at most, is a picture so that small things suit their place
LEFT_NORM = 0.03  # of the picture is left below the ground's lowest row, if there is as much


def canvas_of(
    background: Background,
    canvas: Canvas,
    rng: np.random.Generator,
    aspect: tuple[int, int] | None = None,
) -> tuple[tuple[int, int], Box]:
    """The canvas's size and the part of the background scaled to it; of an `aspect`, width to
    height, as large a part as there is, with as much of the ground as there can be."""
    height, width = background.size_hw
    if aspect is not None:
        crop_h, crop_w = largest((height, width), aspect)
        x0, y0 = int(rng.integers(width - crop_w + 1)), 0
        if crop_h < height:
            _, bottom = background.ground_norm or GROUND_NORM
            lowest = round(height - crop_h)
            y0 = int(np.clip(round(bottom * height) + LEFT_NORM * crop_h - crop_h, 0, lowest))
        crop = (x0, y0, x0 + crop_w, y0 + crop_h)
        return _within((crop_h, crop_w), canvas.long_side_px), crop
    if canvas.size == "background":
        return _within((height, width), canvas.long_side_px), (0, 0, width, height)
    canvas_h, canvas_w = canvas.size
    factor = min(height / canvas_h, width / canvas_w)
    crop_h, crop_w = round(canvas_h * factor), round(canvas_w * factor)
    x0 = int(rng.integers(width - crop_w + 1))
    y0 = int(rng.integers(height - crop_h + 1))
    return (canvas_h, canvas_w), (x0, y0, x0 + crop_w, y0 + crop_h)


def closer(background: Background, crop: Box, canvas_hw: tuple[int, int], times: float) -> Box:
    """The part of `crop` that is that many `times` smaller, or as many as it may be: its middle,
    with the lowest row of the ground where it is now."""
    x0, y0, x1, y1 = crop
    share = max(1 / times, canvas_hw[0] / (CLOSER * (y1 - y0)))
    if share >= 1:
        return crop
    height, width = round((y1 - y0) * share), round((x1 - x0) * share)
    lowest = band_norm(background)[1] * background.size_hw[0]
    top = int(np.clip(round(lowest - (lowest - y0) * share), y0, y1 - height))
    left = x0 + (x1 - x0 - width) // 2
    return left, top, left + width, top + height


def size_of(crop: Box, canvas_hw: tuple[int, int], canvas: Canvas) -> tuple[int, int]:
    """The size of a picture of `crop`: no larger than that is, as nothing new is seen in what is
    enlarged, but as large as a picture is to be at least, or `canvas_hw` where one size is
    asked for."""
    if canvas.size != "background":
        return canvas_hw
    x0, y0, x1, y1 = crop
    height, width = _within((y1 - y0, x1 - x0), canvas.long_side_px)
    return min(height, canvas_hw[0]), min(width, canvas_hw[1])


def largest(size_hw: tuple[int, int], aspect: tuple[int, int]) -> tuple[int, int]:
    """Height and width of the largest part of that aspect, width to height."""
    (height, width), (across, down) = size_hw, aspect
    if width * down > height * across:
        return height, max(1, round(height * across / down))
    return max(1, round(width * down / across)), width


def _within(size_hw: tuple[int, int], long_side_px: tuple[int, int]) -> tuple[int, int]:
    """The size with its longer side brought within these bounds."""
    (height, width), (shortest, longest) = size_hw, long_side_px
    factor = min(max(height, width, shortest), longest) / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))
