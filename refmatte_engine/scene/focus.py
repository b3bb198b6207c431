"""Focus: a lens that is focused on the things blurs what is farther and nearer, as in most
photographs of single subjects. Of the background alone, before the things are drawn."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np

from refmatte_engine.records import U8, Scene
from refmatte_engine.scene.standing import foot

MOST_NORM = 0.01  # of the picture's height: the blur at a strength of 1, as a standard deviation
FAR_NORM = 0.35  # of the height: so far from the things' feet it is at its full
BANDS = 24  # of rows that are blurred alike
HALF = 2  # times smaller is the picture that is blurred, if it is by so many pixels:
SOFT_PX = 2.0  # halving blurs by 0.7 px itself


def defocus(scene: Scene, canvas: U8) -> None:
    """Blurs the background, in place, as far as `scene.effects.defocus` says: the more, the farther
    a row is from that on which the things stand."""
    if not scene.effects.defocus:
        return
    height, width = canvas.shape[:2]
    feet = [min(height, foot(placement)) for placement in scene.placements]
    away = np.abs(np.arange(height) - np.mean(feet)) / (FAR_NORM * height)
    levels = np.rint(np.minimum(1, away) * BANDS).astype(int)
    sigma = scene.effects.defocus * MOST_NORM * height
    if sigma < SOFT_PX:
        soft = cv2.GaussianBlur(canvas, (0, 0), sigma)
    else:
        size = max(1, width // HALF), max(1, height // HALF)
        soft = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA)
        soft = cv2.resize(cv2.GaussianBlur(soft, (0, 0), sigma / HALF), (width, height))
    edges = [0, *(np.flatnonzero(np.diff(levels)) + 1), height]
    for top, bottom in pairwise(edges):
        share = levels[top] / BANDS
        there = canvas[top:bottom]
        if share:
            cv2.addWeighted(there, 1 - share, soft[top:bottom], share, 0, dst=there)
