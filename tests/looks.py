"""Whether recorded colours are those of the pixels, by coarse rules that leave out what people may
argue about. Independent of the engine's colour names: hue, saturation and value."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageColor

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
LEAST, LEAST_OF_TWO = 0.15, 0.08  # shares of a thing that must have its colour
CSS_FAR = 40.0  # CIE 1976: no name is said from so far


def alpha(path: Path) -> Bytes:
    found = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    assert found is not None, path
    return found.astype(np.uint8)


def image(path: Path) -> Bytes:
    found = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert found is not None, path
    return found.astype(np.uint8)


def _around(h: Floats, low: float, high: float) -> Bools:
    return (h >= low) & (h <= high) if low < high else (h >= low) | (h <= high)


MAY_BE: dict[str, Callable[[Floats, Floats, Floats], Bools]] = {
    "black": lambda h, s, v: v < 0.35,
    "white": lambda h, s, v: (s < 0.35) & (v > 0.5),
    "gray": lambda h, s, v: (s < 0.35) & (v > 0.12) & (v < 0.92),
    "red": lambda h, s, v: _around(h, 330, 25) & (s > 0.35),
    "orange": lambda h, s, v: _around(h, 5, 50) & (s > 0.4),
    "yellow": lambda h, s, v: _around(h, 30, 75) & (s > 0.3),
    "green": lambda h, s, v: _around(h, 55, 195) & (s > 0.1),
    "blue": lambda h, s, v: _around(h, 165, 270) & (s > 0.1),
    "purple": lambda h, s, v: _around(h, 235, 340) & (s > 0.1),
    "pink": lambda h, s, v: _around(h, 285, 25) & (s > 0.08) & (v > 0.4),
    "brown": lambda h, s, v: _around(h, 340, 55) & (s > 0.15) & (v < 0.8),
    "beige": lambda h, s, v: _around(h, 15, 75) & (s > 0.04) & (s < 0.65) & (v > 0.4),
}


def wrong_colors(bgr: Bytes, matte: Bytes, entity: dict[str, Any]) -> str:
    """The first recorded colour of the whole thing that its pixels contradict, or ""."""
    facts = entity.get("attributes", [])
    clear = any(f["name"] == "transparent" and f["value"] == "true" for f in facts)
    colors = [f for f in facts if f["name"] in ("color", "css_color") and not f.get("part")]
    solid = matte[::2, ::2] >= min(192, matte.max())
    if not colors or clear or not solid.any():
        return ""
    pixels = bgr[::2, ::2][solid]
    pixels = pixels[:: max(1, len(pixels) // 4000)][None].astype(np.float32) / 255
    h, s, v = cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV)[0].T
    for fact in colors:
        if fact["name"] == "css_color":
            lab = cv2.cvtColor(pixels, cv2.COLOR_BGR2LAB)[0]
            named = np.array([[ImageColor.getrgb(fact["value"])]], np.float32) / 255
            far = np.linalg.norm(lab - cv2.cvtColor(named, cv2.COLOR_RGB2LAB)[0], axis=1)
            if float(np.quantile(far, LEAST)) > CSS_FAR:
                return f"is not {fact['value']}"
            continue
        words = fact["value"].removeprefix("dark ").removeprefix("light ").split("/")
        for word in words:
            plain = word.removeprefix("dark ").removeprefix("light ")
            share = float(MAY_BE[plain](h, s, v).mean())
            if share < (LEAST if len(words) == 1 else LEAST_OF_TWO):
                return f"is not {word}: {share:.0%} of its pixels may be"
    return ""
