"""Alphas of every sort that a thing may have, small."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import strategies as some

SORTS = ("pixel", "soft", "solid", "line", "ring", "parts", "full", "veil", "noise", "hair")


def alpha_of(sort: str, seed: int) -> np.ndarray:
    """uint8 H×W, not empty: a thing of this sort somewhere, often cut by the picture's border."""
    rng = np.random.default_rng(seed)
    height, width = (int(rng.integers(1, 90)) for _ in range(2))
    canvas = np.zeros((height, width), np.uint8)

    def place() -> tuple[int, int]:
        return int(rng.integers(width)), int(rng.integers(height))

    center = place()
    radius = int(rng.integers(1, 40))
    level = int(rng.integers(1, 256))
    if sort == "soft":
        cv2.circle(canvas, center, radius, level, -1)
        canvas = cv2.GaussianBlur(canvas, (0, 0), 1 + radius / 4)
    elif sort == "solid":
        cv2.circle(canvas, center, radius, 255, -1, cv2.LINE_AA)
    elif sort == "line":
        cv2.line(canvas, center, place(), level, 1)
    elif sort == "ring":
        cv2.circle(canvas, center, radius, 255, 2)
    elif sort == "parts":
        for _ in range(5):
            cv2.circle(canvas, place(), 1 + radius // 6, 255, -1)
    elif sort == "full":
        canvas[:] = 255
    elif sort == "veil":
        canvas[:] = level
    elif sort == "noise":
        canvas[:] = rng.integers(0, 256, canvas.shape) * (rng.random(canvas.shape) < 0.2)
    elif sort == "hair":
        cv2.circle(canvas, center, radius, 255, -1)
        for _ in range(30):
            cv2.line(canvas, center, place(), int(rng.integers(1, 200)), 1, cv2.LINE_AA)
    if not canvas.any():
        canvas[center[::-1]] = level
    return canvas


alphas = some.builds(alpha_of, some.sampled_from(SORTS), some.integers(0, 2**32 - 1))
