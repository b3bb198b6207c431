"""Harmonisation: exposure, tint, tones, sharpness and grain; and hues that were turned.

All effects change colours only, except that a blurred edge changes the entity's alpha before
composition; so the alphas written stay exact.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from statistics import NormalDist
from typing import Any, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from refmatte_engine.randomness import stream
from refmatte_engine.records import U8, U16, Box, Scene
from refmatte_engine.scene import hues, tones

Pixels = TypeVar("Pixels", U8, U16)
# Measuring is done on a copy about this high: tint, blur and grain do not need more.
MEASURED_HEIGHT_PX = 256
MAX_BLUR_PX = 2.0
LEAST_BLUR_PX = 0.25  # a softer blur shows as little as none
MAX_NOISE = 6.0
FINER = 4  # parts of a level in which noise is thrown; more of them times alpha exceed 16 bits


def match(
    scene: Scene, canvas: U8, colors: Sequence[U16], alphas: Sequence[U8], boxes: Sequence[Box]
) -> tuple[list[U16], list[U8]]:
    """The entities' premultiplied colours (uint16, 1 is 65025) and alphas (uint8), with hues
    turned, then moved towards the background as far as `scene.effects` says. Changed arrays are
    new."""
    wish = scene.effects
    gain = 1 + wish.harmonise * (_gain(canvas) - 1) if wish.harmonise else None
    own = [_lit(color, alpha, gain) for color, alpha in zip(colors, alphas, strict=True)]
    out_colors, out_alphas = list(own), list(alphas)
    for i, placement in enumerate(scene.placements):
        if placement.hue_deg:
            out_colors[i] = _lit(hues.turned(colors[i], placement.hue_deg), alphas[i], gain)
    if wish.tone:
        out_colors = tones.meet(canvas, own, out_colors, alphas, boxes, wish.tone)
    if wish.sharpness:
        for i, box in enumerate(boxes):
            around = blur_of(_around(canvas, box))
            if wish.sharpness * around <= LEAST_BLUR_PX:
                continue
            # In its own colours, so that a thing has the same alpha in any.
            missing = around**2 - blur_of(_flat(own[i])) ** 2
            sigma = wish.sharpness * min(math.sqrt(max(0.0, missing)), MAX_BLUR_PX)
            if sigma > LEAST_BLUR_PX:
                # Seven pixels, or more, are also quicker than five.
                window = (2 * max(3, math.ceil(2.5 * sigma)) + 1,) * 2
                out_colors[i] = cv2.GaussianBlur(out_colors[i], window, sigma)
                out_alphas[i] = cv2.GaussianBlur(out_alphas[i], window, sigma)
    if wish.noise:
        level = wish.noise * min(grain_of(canvas), MAX_NOISE)
        rng = stream(scene.noise_seed, "noise", "", 0)
        for i, color in enumerate(out_colors):
            out_colors[i] = _grained(color, out_alphas[i], level, rng)
    return out_colors, out_alphas


def _grained(color: U16, alpha: U8, level: float, rng: np.random.Generator) -> U16:
    """Premultiplied colours with white noise, of a standard deviation of that many levels (at most
    MAX_NOISE): even throws of 256 sides, each side a quantile of the normal distribution."""
    height, width = alpha.shape
    thrown = np.frombuffer(rng.bytes(height * width), np.uint8).reshape(height, width)
    fine = cv2.LUT(thrown, np.rint(_quantiles() * (level * FINER)).astype(np.int16))
    noise = np.right_shift(np.multiply(fine, alpha, dtype=np.int16), FINER.bit_length() - 1)
    # Twice, since what is added and taken off stays within 16 bits.
    more, less = (cv2.max(each, 0).view(np.uint16) for each in (noise, -noise))
    lighter = cv2.add(color, cv2.merge((more, more, more)))
    return cv2.min(cv2.subtract(lighter, cv2.merge((less, less, less))), _white(alpha))


@cache
def _quantiles() -> NDArray[np.float64]:
    normal = NormalDist()
    levels = np.array([normal.inv_cdf((side + 0.5) / 256) for side in range(256)])
    return np.asarray(levels / levels.std())


def blur_of(picture: U8) -> float:
    """The standard deviation, in pixels, of the blur of a picture's edges (uint8 H×W×3 or H×W).

    Blurring again by 1 px weakens a sharp edge much and a soft one little: for a Gaussian edge the
    gradient energies relate as R² = sqrt(σ² + 1) / σ (after Zhuo and Sim, "Defocus map estimation
    from a single image", 2011). Textured and flat pictures give rough values; 0 for flat ones.
    """
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    blurred = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.0)
    first, again = _energy(grey, cv2.CV_16S), _energy(blurred, cv2.CV_32F)
    if again < 1e-3:
        return 0.0
    ratio = (first / again) ** 2
    return 4.0 if ratio <= 1.004 else min(4.0, 1 / math.sqrt(ratio - 1))


def grain_of(picture: U8) -> float:
    """The standard deviation, in levels, of a picture's fine grain (uint8 H×W×3).

    Immerkær's Laplacian difference ("Fast noise variance estimation", 1996), with the median in
    place of the mean so that edges and texture count less.
    """
    grey = cv2.cvtColor(picture[:MEASURED_HEIGHT_PX, : 2 * MEASURED_HEIGHT_PX], cv2.COLOR_RGB2GRAY)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = cv2.convertScaleAbs(cv2.filter2D(grey, cv2.CV_16S, kernel))
    # The median of whole numbers is where their counts reach a half.
    counted = np.cumsum(cv2.calcHist([response], [0], None, [256], [0, 256]))
    median = int(np.searchsorted(counted, counted[-1] / 2))
    return median / (0.6745 * 6)


def _energy(grey: NDArray[Any], depth: int) -> float:
    """The mean square of a picture's slopes, worked out in numbers of that type of OpenCV's."""
    slopes = cv2.Sobel(grey, depth, 1, 0), cv2.Sobel(grey, depth, 0, 1)
    return float(sum(cv2.norm(slope, cv2.NORM_L2SQR) for slope in slopes)) / grey.size


def _gain(canvas: U8) -> NDArray[np.float32]:
    """The background's light relative to a neutral studio's, as factors for R, G, B: its grey-world
    tint, halved, and its exposure, softened; both bounded."""
    mean = np.array(cv2.mean(canvas)[:3])
    level = max(1.0, float(mean.mean()))
    tint = np.clip(mean / level, 0.7, 1.4) ** 0.5
    exposure = float(np.clip((level / 125) ** 0.45, 0.65, 1.2))
    return (tint / tint.mean() * exposure).astype(np.float32)


def _lit(color: U16, alpha: U8, gain: NDArray[np.float32] | None) -> U16:
    """Premultiplied colours in the background's light."""
    if gain is None:
        return color
    lit = cv2.transform(color, np.diag(gain))
    return cv2.min(lit, _white(alpha)) if gain.max() > 1 else lit


def _white(alpha: U8) -> U16:
    """Premultiplied white, uint16 H×W×3: no colour may become brighter."""
    return cv2.cvtColor(np.multiply(alpha, 255, dtype=np.uint16), cv2.COLOR_GRAY2RGB)


def _around(canvas: U8, box: Box) -> U8:
    """The background where the entity will be, bounded in size."""
    x0, y0, x1, y1 = box
    return _band(canvas[y0:y1, x0:x1])


def _flat(color: U16) -> U8:
    return cv2.convertScaleAbs(_band(color), alpha=1 / 255)


def _band(pixels: Pixels) -> Pixels:
    """The middle of the upper part, which has edges and what is inside."""
    left = max(0, (pixels.shape[1] - MEASURED_HEIGHT_PX) // 2)
    return pixels[:MEASURED_HEIGHT_PX, left : left + MEASURED_HEIGHT_PX]
