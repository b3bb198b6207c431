"""What a thing and its surroundings have, and have not, in common: light, colour, grain, sharpness,
the edge between them, and traces of JPEG.

Everything is relative, one side against the other, so that a darker or larger picture measures the
same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from refmatte_engine.records import F64, U8

# In the order of the arrays: name and definition, "it" being the thing.
MEASURES = {
    "lightness": "mean L* of it less that of its surroundings",
    "colour": "distance of the mean a* and b* of the two",
    "saturation": "mean chroma of it less that of its surroundings",
    "black point": "2nd percentile of its L* less that of its surroundings",
    "white point": "98th percentile of its L* less that of its surroundings",
    "grain": "log2 of the ratio of noise (Immerkaer 1996) in their flat parts",
    "sharpness": "how much of its gradients a blur takes, less the same of its surroundings "
    "(after Crete et al. 2007)",
    "JPEG grid": "log of its steps along a grid that is not the picture's, less the same of its "
    "surroundings",
    "edge": "gradients at its outline over the step in lightness there",
    "contrast": "CIE 1976 difference between both sides of its outline",
}
SOLID, CLEAR = 242, 12  # alpha from which, and up to which, a pixel is one side's alone
LEAST_PX = 150  # of either side
RIM_PX = 6
PATCH_PX = 64
APART_PX = 32  # patches along an outline


@dataclass(frozen=True, slots=True)
class _Planes:
    """What is measured of a picture once: L*, a*, b*; noise, gradients, and those after a blur."""

    lab: NDArray[np.float32]
    noise: NDArray[np.float32]
    gradient: NDArray[np.float32]
    blurred: NDArray[np.float32]
    steps: tuple[NDArray[np.float32], NDArray[np.float32]]


def planes(image: U8) -> _Planes:
    """The planes of a picture, uint8 H×W×3."""
    lab = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    light = np.ascontiguousarray(lab[..., 0])
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    noise = np.abs(cv2.filter2D(light, -1, kernel)) * (math.sqrt(math.pi / 2) / 6)
    # The step between two pixels that the steps beside it do not explain.
    across = np.zeros_like(light)
    across[:, 2:-1] = np.abs(light[:, :-3] - 3 * light[:, 1:-2] + 3 * light[:, 2:-1] - light[:, 3:])
    down = np.zeros_like(light)
    down[2:-1] = np.abs(light[:-3] - 3 * light[1:-2] + 3 * light[2:-1] - light[3:])
    soft = cv2.blur(light, (5, 5))
    return _Planes(lab, noise, _gradient(light), _gradient(soft), (across, down))


def _gradient(light: NDArray[np.float32]) -> NDArray[np.float32]:
    dx, dy = cv2.Sobel(light, -1, 1, 0, scale=1 / 8), cv2.Sobel(light, -1, 0, 1, scale=1 / 8)
    return cv2.magnitude(dx, dy)


def of_entity(image: _Planes, alpha: U8, others: Sequence[U8] = ()) -> F64 | None:
    """The measures of a thing, float64 with one value each of `MEASURES`; None if it or what lies
    around it is too small to tell. `alpha` is its matte, uint8 H×W, `others` those of the
    picture's other things, which are not its surroundings."""
    x, y, width, height = cv2.boundingRect((alpha > CLEAR).astype(np.uint8))
    pad = max(2 * RIM_PX, round(0.15 * math.hypot(width, height)))
    window = _window(alpha.shape, (x - pad, y - pad, x + width + pad, y + height + pad))
    return _measured(image, alpha, others, window)


def at_edge(
    image: _Planes, alpha: U8, others: Sequence[U8], rng: np.random.Generator, most: int
) -> F64:
    """The measures of up to `most` patches along a thing's outline, float64 N×len(MEASURES)."""
    solid = (alpha >= 128).astype(np.uint8)
    outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    points = np.concatenate([outline[:, 0] for outline in outlines] or [np.zeros((0, 2), int)])
    height, width = alpha.shape
    half = PATCH_PX // 2
    # Where the canvas cuts it is no outline.
    is_inside = (points >= half).all(1) & (points[:, 0] < width - half)
    points = points[is_inside & (points[:, 1] < height - half)]
    points, found = points[rng.permutation(len(points))], list[F64]()
    while len(points) and len(found) < most:
        x, y = map(int, points[0])
        points = points[np.abs(points - points[0]).max(1) >= APART_PX]
        window = _window(alpha.shape, (x - half, y - half, x + half, y + half))
        measured = _measured(image, alpha, others, window)
        if measured is not None:
            found.append(measured)
    return np.array(found).reshape(-1, len(MEASURES))


def _window(shape: tuple[int, ...], box: tuple[int, int, int, int]) -> tuple[slice, slice]:
    x0, y0, x1, y1 = box
    return slice(max(0, y0), min(shape[0], y1)), slice(max(0, x0), min(shape[1], x1))


def _measured(
    image: _Planes, alpha: U8, others: Sequence[U8], window: tuple[slice, slice]
) -> F64 | None:
    own = np.ascontiguousarray(alpha[window])
    clear = own <= CLEAR
    for other in others:
        clear &= other[window] <= CLEAR
    # Gradients reach two pixels.
    inside, outside = (_eroded(side) for side in (own >= SOLID, clear))
    if min(inside.sum(), outside.sum()) < LEAST_PX:
        return None
    rim_out, rim_in = outside & _grown(own > CLEAR, RIM_PX), inside & _grown(own < SOLID, RIM_PX)
    band = _grown((own > CLEAR) & (own < SOLID), 1)
    if not (rim_out.any() and rim_in.any() and band.any()):
        return None
    lab = image.lab[window]
    one, two = lab[inside], lab[outside]
    chroma = [np.hypot(side[:, 1], side[:, 2]).mean() for side in (one, two)]
    ends = [np.percentile(side[:, 0], (2, 98)) for side in (one, two)]
    noise = [_grain(image, window, side) for side in (inside, outside)]
    sharp = [_sharpness(image, window, side) for side in (inside, outside)]
    grid = [_foreign_grid(image, window, side) for side in (inside, outside)]
    step = lab[rim_in].mean(0) - lab[rim_out].mean(0)
    return np.array(
        [
            one[:, 0].mean() - two[:, 0].mean(),
            math.hypot(*(one[:, 1:].mean(0) - two[:, 1:].mean(0))),
            chroma[0] - chroma[1],
            ends[0][0] - ends[1][0],
            ends[0][1] - ends[1][1],
            math.log2(noise[0] / noise[1]),
            sharp[0] - sharp[1],
            grid[0] - grid[1],
            image.gradient[window][band].mean() / (abs(step[0]) + 2),
            np.linalg.norm(step),
        ],
        np.float64,
    )


def _disc(radius: int) -> U8:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)


def _eroded(side: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return cv2.erode(side.astype(np.uint8), _disc(2), borderValue=1) > 0


def _grown(part: NDArray[np.bool_], radius: int) -> NDArray[np.bool_]:
    return cv2.dilate(part.astype(np.uint8), _disc(radius)) > 0


def _grain(image: _Planes, window: tuple[slice, slice], side: NDArray[np.bool_]) -> float:
    """The standard deviation of noise in the flatter half of a side, in L*."""
    gradient, noise = image.blurred[window][side], image.noise[window][side]
    return float(noise[gradient <= np.median(gradient)].mean()) + 0.05


def _sharpness(image: _Planes, window: tuple[slice, slice], side: NDArray[np.bool_]) -> float:
    before, after = image.gradient[window][side], image.blurred[window][side]
    return float(np.maximum(before - after, 0).sum() / (before.sum() + 1))


def _foreign_grid(image: _Planes, window: tuple[slice, slice], side: NDArray[np.bool_]) -> float:
    """How much larger steps are along the strongest 8×8 grid but the picture's own."""
    strongest = 0.0
    for axis, steps in enumerate(image.steps):
        # The axis of columns is 1, and steps across lie on it.
        places = np.arange(steps.shape[1 - axis])[window[1 - axis]] % 8
        phases = places[None, :] if axis == 0 else places[:, None]
        phase = np.broadcast_to(phases, side.shape)[side]
        found = steps[window][side]
        counts = np.bincount(phase, minlength=8)
        if counts.min() < 8:
            continue
        means = np.bincount(phase, found, minlength=8) / counts + 0.05
        strongest = max(strongest, float(np.log(means[1:].max() / np.median(means))))
    return strongest
