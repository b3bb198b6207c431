"""Harmonisation: exposure, tint, sharpness, grain, shadow; and hue changes.

All effects change colours only, except that a blurred edge changes the entity's alpha before
composition; so the alphas written stay exact. A shadow belongs to the background.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from refmatte_engine.randomness import stream
from refmatte_engine.records import U8, U16, Box, Scene

# Measuring is done on a copy about this high: tint, blur and grain do not need more.
MEASURED_HEIGHT_PX = 256
MAX_BLUR_PX = 2.0
MAX_NOISE = 6.0
VIVID = 0.2  # mean saturation times value from which a surface has a hue,
ONE_HUE = 0.97  # and how far the hues of its pixels have to agree (1: all the same)


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
            out_colors[i] = _lit(turned_hue(colors[i], placement.hue_deg), alphas[i], gain)
    if wish.sharpness:
        for i, box in enumerate(boxes):
            # In its own colours, so that a thing has the same alpha in any.
            missing = blur_of(_around(canvas, box)) ** 2 - blur_of(_flat(own[i])) ** 2
            sigma = wish.sharpness * min(math.sqrt(max(0.0, missing)), MAX_BLUR_PX)
            if sigma > 0.25:
                out_colors[i] = cv2.GaussianBlur(out_colors[i], (0, 0), sigma)
                out_alphas[i] = cv2.GaussianBlur(out_alphas[i], (0, 0), sigma)
    if wish.noise:
        level = wish.noise * min(grain_of(canvas), MAX_NOISE)
        rng = stream(scene.noise_seed, "noise", "", 0)
        for i, color in enumerate(out_colors):
            noise = rng.standard_normal(color.shape[:2], np.float32)[..., None] * level
            alpha = out_alphas[i].astype(np.float32)[..., None]
            noisy = color + noise * alpha
            out_colors[i] = np.clip(noisy + 0.5, 0, alpha * 255).astype(np.uint16)
    return out_colors, out_alphas


def turned_hue(color: U16, degrees: float) -> U16:
    """Premultiplied colours (uint16 H×W×3) with the hue turned: the largest and the smallest of R,
    G and B stay, so that no colour leaves its range, light stays light and grey stays grey.

    Hue (Smith, "Color gamut transform pairs", 1978) depends on the ratios of R, G and B alone, so
    it may be turned on premultiplied colours: alpha times the turned colour is the result.
    """
    hsv = cv2.cvtColor(color.astype(np.float32) / 65025, cv2.COLOR_RGB2HSV)
    hsv[..., 0] = (hsv[..., 0] + np.float32(degrees % 360)) % 360
    return np.rint(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB) * 65025).astype(np.uint16)


def hue_of(rgb: U8) -> float | None:
    """The clear hue, in degrees, of a surface (uint8 N×3 pixels); None if it is pale or has several
    hues."""
    if not len(rgb):
        return None
    hsv = cv2.cvtColor(rgb[None].astype(np.float32) / 255, cv2.COLOR_RGB2HSV)[0]
    vivid = hsv[:, 1] * hsv[:, 2]
    mean = complex(np.mean(vivid * np.exp(1j * np.deg2rad(hsv[:, 0]))))
    if abs(mean) < max(VIVID, ONE_HUE * float(np.mean(vivid))):
        return None
    return float(np.degrees(np.angle(mean))) % 360


def cast_shadows(scene: Scene, canvas: U8, alphas: Sequence[U8], boxes: Sequence[Box]) -> None:
    """Darkens the background, in place, by a soft shadow at the foot of every entity that casts
    one.

    The silhouette is laid on the ground away from the light and blurred; where several shadows meet
    they multiply. Entities in the shadow are drawn later and are not darkened.
    """
    if not scene.effects.shadow:
        return
    scale = 4
    height, width = (max(1, math.ceil(n / scale)) for n in scene.canvas_hw)
    light = np.ones((height, width), np.float32)
    for placement, alpha, box in zip(scene.placements, alphas, boxes, strict=True):
        if not placement.sheds_shadow:
            continue
        foot = min(placement.box_xyxy[3], scene.canvas_hw[0]) / scale
        small = (
            cv2.resize(
                alpha, None, fx=1 / scale, fy=1 / scale, interpolation=cv2.INTER_AREA
            ).astype(np.float32)
            / 255
        )
        x0, y0 = box[0] / scale, box[1] / scale
        thing_h = small.shape[0]
        # Row r of the silhouette is `up` above the foot; on the ground it lies 0.22·up higher in
        # the picture and as much again to the side that the light does not come from.
        lean = -scene.effects.light_x * 0.8
        squash = 0.22
        up = foot - y0
        matrix = np.array([[1, -lean, x0 + lean * up], [0, squash, foot - squash * up]], np.float32)
        laid = cv2.warpAffine(small, matrix, (width, height))
        reach = max(1.0, 0.03 * thing_h)
        cast = cv2.GaussianBlur(laid, (0, 0), 1.5 * reach)
        # Contact: the lowest rows of the silhouette, flattened at the foot.
        lowest = small[-max(1, thing_h // 12) :].max(axis=0, keepdims=True)
        contact = np.zeros_like(light)
        row = min(height - 1, max(0, round(foot - 1)))
        left = max(0, round(x0))
        span = min(lowest.shape[1], width - left)
        thick = max(1, round(0.5 * reach))
        contact[max(0, row - thick) : row + thick, left : left + span] = lowest[:, :span]
        contact = cv2.GaussianBlur(contact, (0, 0), reach)
        light *= 1 - scene.effects.shadow * np.minimum(1, 0.55 * cast + 0.6 * contact)
    full = cv2.resize(light, (canvas.shape[1], canvas.shape[0]), interpolation=cv2.INTER_LINEAR)
    np.copyto(canvas, cv2.convertScaleAbs(canvas * full[..., None]))


def blur_of(picture: U8) -> float:
    """The standard deviation, in pixels, of the blur of a picture's edges (uint8 H×W×3 or H×W).

    Blurring again by 1 px weakens a sharp edge much and a soft one little: for a Gaussian edge the
    gradient energies relate as R² = sqrt(σ² + 1) / σ (after Zhuo and Sim, "Defocus map estimation
    from a single image", 2011). Textured and flat pictures give rough values; 0 for flat ones.
    """
    single = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    grey = single.astype(np.float32)
    first, again = _energy(grey), _energy(cv2.GaussianBlur(grey, (0, 0), 1.0))
    if again < 1e-3:
        return 0.0
    ratio = (first / again) ** 2
    return 4.0 if ratio <= 1.004 else min(4.0, 1 / math.sqrt(ratio - 1))


def grain_of(picture: U8) -> float:
    """The standard deviation, in levels, of a picture's fine grain (uint8 H×W×3).

    Immerkær's Laplacian difference ("Fast noise variance estimation", 1996), with the median in
    place of the mean so that edges and texture count less.
    """
    grey = cv2.cvtColor(picture[:MEASURED_HEIGHT_PX, :1024], cv2.COLOR_RGB2GRAY).astype(np.float32)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(grey, -1, kernel))
    return float(np.median(response)) / (0.6745 * 6)


def _energy(grey: NDArray[np.float32]) -> float:
    dx, dy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    return float(np.mean(dx * dx + dy * dy))


def _gain(canvas: U8) -> NDArray[np.float32]:
    """The background's light relative to a neutral studio's, as factors for R, G, B: its grey-world
    tint, halved, and its exposure, softened; both bounded."""
    mean = cv2.resize(canvas, (64, 64), interpolation=cv2.INTER_AREA).reshape(-1, 3).mean(axis=0)
    level = max(1.0, float(mean.mean()))
    tint = np.clip(mean / level, 0.7, 1.4) ** 0.5
    exposure = float(np.clip((level / 125) ** 0.45, 0.65, 1.2))
    return (tint / tint.mean() * exposure).astype(np.float32)


def _lit(color: U16, alpha: U8, gain: NDArray[np.float32] | None) -> U16:
    """Premultiplied colours in the background's light."""
    if gain is None:
        return color
    # A colour may not become brighter than white: premultiplied, not larger than alpha.
    limit = alpha.astype(np.float32)[..., None] * 255
    return np.minimum(np.rint(color * gain), limit).astype(np.uint16)


def _around(canvas: U8, box: Box) -> U8:
    """The background where the entity will be, bounded in size."""
    x0, y0, x1, y1 = box
    return canvas[y0:y1, x0:x1][: 2 * MEASURED_HEIGHT_PX, : 2 * MEASURED_HEIGHT_PX]


def _flat(color: U16) -> U8:
    part = color[: 2 * MEASURED_HEIGHT_PX, : 2 * MEASURED_HEIGHT_PX]
    return cv2.convertScaleAbs(part, alpha=1 / 255)
