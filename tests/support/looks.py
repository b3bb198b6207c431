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
MOSTLY = 0.7  # share of a thing's pixels by which it plainly has a colour
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

SURELY_IS: dict[str, Callable[[Floats, Floats, Floats], Bools]] = {
    "black": lambda h, s, v: v < 0.2,
    "white": lambda h, s, v: (s < 0.12) & (v > 0.85),
    "gray": lambda h, s, v: (s < 0.12) & (v > 0.3) & (v < 0.65),
    "red": lambda h, s, v: _around(h, 350, 8) & (s > 0.6) & (v > 0.3),
    "orange": lambda h, s, v: _around(h, 20, 36) & (s > 0.7) & (v > 0.7),
    "yellow": lambda h, s, v: _around(h, 46, 62) & (s > 0.5) & (v > 0.6),
    "green": lambda h, s, v: _around(h, 90, 150) & (s > 0.35) & (v > 0.2),
    "blue": lambda h, s, v: _around(h, 205, 240) & (s > 0.45) & (v > 0.2),
    "purple": lambda h, s, v: _around(h, 265, 295) & (s > 0.35) & (v > 0.2),
    "pink": lambda h, s, v: _around(h, 320, 350) & (s > 0.25) & (s < 0.6) & (v > 0.75),
    "brown": lambda h, s, v: _around(h, 12, 35) & (s > 0.45) & (v > 0.2) & (v < 0.5),
    "beige": lambda h, s, v: _around(h, 30, 50) & (s > 0.12) & (s < 0.35) & (v > 0.65),
}


def plainly(bgr: Bytes, matte: Bytes, word: str) -> bool:
    """Whether a thing is of that plain colour by most of its pixels, whatever is recorded."""
    pixels = _pixels(bgr, matte)
    if pixels is None or word not in SURELY_IS:
        return False
    h, s, v = cv2.cvtColor(pixels, cv2.COLOR_BGR2HSV)[0].T
    return bool(SURELY_IS[word](h, s, v).mean() > MOSTLY)


def _pixels(bgr: Bytes, matte: Bytes) -> npt.NDArray[np.float32] | None:
    """Some thousand pixels of the thing (1×N×3, 0 to 1), if it has any."""
    solid = matte[::2, ::2] >= min(192, matte.max())
    if not solid.any():
        return None
    pixels = bgr[::2, ::2][solid]
    found: npt.NDArray[np.float32] = pixels[:: max(1, len(pixels) // 4000)][None] / np.float32(255)
    return found


def wrong_colors(bgr: Bytes, matte: Bytes, entity: dict[str, Any]) -> str:
    """The first recorded colour of the whole thing that its pixels contradict, or ""."""
    facts = entity.get("attributes", [])
    clear = any(f["name"] == "transparent" and f["value"] == "true" for f in facts)
    colors = [f for f in facts if f["name"] in ("color", "css_color") and not f.get("part")]
    pixels = _pixels(bgr, matte)
    if not colors or clear or pixels is None:
        return ""
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
