"""What things do to the ground that they stand on: shadows, by one light for the scene, and
mirror images where the ground is wet or polished. Both belong to the background: the things are
drawn over them, and no alpha changes."""

from __future__ import annotations

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from refmatte_engine.records import U8, U16, Box, Placement, Scene
from refmatte_engine.scene.feet import Feet, feet, lying
from refmatte_engine.scene.light import CASTS, Cast
from refmatte_engine.scene.standing import foot

SCALE = 4  # shadows are soft: they are drawn at a quarter of the size
MIRROR_SCALE = 2
FADES = 0.55  # of a thing's height: so far down its mirror image is seen
BLURS = {"polished": 0.02, "wet": 0.06}  # of a thing's height, where the mirror image ends

F32 = NDArray[np.float32]


def cast(
    scene: Scene, canvas: U8, colors: Sequence[U16], alphas: Sequence[U8], boxes: Sequence[Box]
) -> None:
    """Draws, in place, the shadows and mirror images of what sheds any. `colors` (premultiplied,
    uint16 H×W×3) and `alphas` are those of the things, in their `boxes`."""
    shade = scene.effects.shadow > 0 and CASTS[scene.effects.light]
    if shade and (shade.cast or shade.contact):
        _shadows(scene, shade, canvas, alphas, boxes)
    if scene.effects.reflection:
        things = zip(scene.placements, colors, alphas, boxes, strict=True)
        for placement, color, alpha, box in things:
            # What lies flat hides its own mirror image.
            flat = placement.foreshortening != 1
            if placement.sheds_shadow and not flat and not _leaves(placement, scene):
                _mirror(scene, canvas, color, alpha, box)


def _leaves(placement: Placement, scene: Scene) -> bool:
    """Whether the thing goes on below the canvas: its feet are not to be seen."""
    return foot(placement) >= scene.canvas_hw[0]


def _shadows(
    scene: Scene, shade: Cast, canvas: U8, alphas: Sequence[U8], boxes: Sequence[Box]
) -> None:
    height, width = (max(1, math.ceil(n / SCALE)) for n in scene.canvas_hw)
    # One light casts one shadow, however many things are in its way; what is near the ground
    # besides is dark wherever it is.
    darkest, light = np.zeros((height, width), np.float32), np.ones((height, width), np.float32)
    for placement, alpha, box in zip(scene.placements, alphas, boxes, strict=True):
        if not placement.sheds_shadow:
            continue
        size = max(1, round(alpha.shape[1] / SCALE)), max(1, round(alpha.shape[0] / SCALE))
        small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
        flat = placement.foreshortening != 1
        at, stood = (box[0] / SCALE, box[1] / SCALE), lying(small) if flat else feet(small)
        if shade.cast and not flat:
            _lay(darkest, shade, small, at, float(stood.row.max()) + 1)
        if shade.contact and not _leaves(placement, scene):
            _touch(light, shade, small.shape[0], at, stood)
    light *= 1 - scene.effects.shadow * shade.cast * darkest
    full = cv2.resize(cv2.convertScaleAbs(light, alpha=255), canvas.shape[1::-1])
    x, y, wide, high = cv2.boundingRect(cv2.bitwise_not(full))
    there = canvas[y : y + high, x : x + wide]
    if there.size:
        shadow = cv2.cvtColor(full[y : y + high, x : x + wide], cv2.COLOR_GRAY2RGB)
        cv2.multiply(there, shadow, dst=there, scale=1 / 255)


def _lay(darkest: F32, shade: Cast, small: U8, at: tuple[float, float], foot: float) -> None:
    """Lays a silhouette on the ground, away from the light: sharp at its foot, soft and faint at
    its tip."""
    tall, wide = small.shape
    x0, y0 = at
    soft = max(1.0, 0.009 * tall)
    ground = y0 + foot - soft
    tip_x, tip_y = x0 + shade.lean * foot, ground - shade.up * foot
    far = math.ceil(12 * soft) + 1
    window = _window(
        darkest, min(x0, tip_x) - far, min(ground, tip_y) - far,
        max(x0, tip_x) + wide + far, max(ground, tip_y) + far,
    )  # fmt: skip
    if window is None:
        return
    left, top, right, bottom = window
    matrix = np.array([[1, -shade.lean, tip_x - left], [0, shade.up, tip_y - top]], np.float32)
    laid = cv2.warpAffine(small, matrix, (right - left, bottom - top))
    near = cv2.GaussianBlur(laid, (0, 0), soft).astype(np.float32)
    dim = cv2.resize(laid, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    dim = cv2.GaussianBlur(dim, (0, 0), 2 * soft)
    tip = cv2.resize(dim, laid.shape[1::-1]).astype(np.float32)
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    share = np.clip((rows - ground) / (tip_y - ground), 0, 1)
    mixed = (near + share * (tip - near)) * ((1 - 0.45 * share) / 255)
    there = darkest[top:bottom, left:right]
    np.maximum(there, mixed, out=there)


def _touch(light: F32, shade: Cast, tall: int, at: tuple[float, float], stood: Feet) -> None:
    """Darkens the ground where feet touch it, and less all around them."""
    x0, y0 = round(at[0]), at[1]
    on = np.flatnonzero(stood.weight)
    if not len(on):
        return
    reach = max(1.0, 0.02 * tall)
    far = math.ceil(9 * reach)
    rows = stood.row[on] + y0 + 0.4 * reach
    window = _window(
        light, x0 + on[0] - far, rows.min() - far, x0 + on[-1] + 1 + far, rows.max() + 1 + far
    )
    if window is None:
        return
    left, top, right, bottom = window
    away = np.full((right - left), np.inf, np.float32)
    weight = np.zeros(right - left, np.float32)
    columns = on + x0 - left
    inside = (columns >= 0) & (columns < right - left)
    away[columns[inside]] = rows[inside]
    weight[columns[inside]] = stood.weight[on][inside]
    apart = np.abs(np.arange(top, bottom, dtype=np.float32)[:, None] - away)
    tight = np.where(apart <= reach, weight, np.float32(0))
    around = np.where(apart <= 2.5 * reach, weight, np.float32(0))
    tight = cv2.GaussianBlur(tight, (0, 0), 0.9 * reach, sigmaY=0.7 * reach)
    around = cv2.GaussianBlur(around, (0, 0), 3 * reach, sigmaY=1.6 * reach)
    strength = np.float32(shade.contact)
    light[top:bottom, left:right] *= 1 - strength * np.minimum(1, 0.85 * tight + 0.6 * around)


def _mirror(scene: Scene, canvas: U8, color: U16, alpha: U8, box: Box) -> None:
    """Draws a thing upside down below its feet, the fainter and softer the farther down."""
    size = max(1, alpha.shape[1] // MIRROR_SCALE), max(1, alpha.shape[0] // MIRROR_SCALE)
    small = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    stood = feet(small)
    if not stood.weight.any():
        return
    deep = math.ceil(FADES * small.shape[0])
    top = math.floor(float(stood.row.min())) + 1
    room = (canvas.shape[0] - box[1]) // MIRROR_SCALE
    rows = np.arange(top, min(room, math.ceil(float(stood.row.max())) + 1 + deep), dtype=np.float32)
    if not len(rows):
        return
    below = rows[:, None] - stood.row
    source_y = stood.row - below + 1
    source_x = np.broadcast_to(np.arange(size[0], dtype=np.float32), source_y.shape).copy()
    seen = np.clip(1 - below / deep, 0, 1) * (below > 0)
    rgba = np.dstack([cv2.resize(color, size, interpolation=cv2.INTER_AREA) / 255, small])
    image = cv2.remap(rgba.astype(np.float32), source_x, source_y, cv2.INTER_LINEAR)
    soft = max(0.6, BLURS.get(scene.effects.surface, 0.0) * small.shape[0])
    blurred = cv2.GaussianBlur(image, (0, 0), 0.5 * soft, sigmaY=soft)
    image += (1 - seen)[..., None] * (blurred - image)
    image *= (scene.effects.reflection * seen)[..., None]
    high = min(canvas.shape[0] - box[1] - top * MIRROR_SCALE, len(rows) * MIRROR_SCALE)
    full = cv2.resize(image, (box[2] - box[0], high))
    y0 = box[1] + top * MIRROR_SCALE
    there = canvas[y0 : y0 + high, box[0] : box[2]]
    mixed = there * (1 - full[..., 3:] / 255) + full[..., :3]
    np.copyto(there, cv2.convertScaleAbs(mixed))


def _window(
    plane: F32, left: float, top: float, right: float, bottom: float
) -> tuple[int, int, int, int] | None:
    """The part of a plane that a box covers (left, top, right, bottom); None if there is none."""
    x0, y0 = max(0, math.floor(left)), max(0, math.floor(top))
    x1, y1 = min(plane.shape[1], math.ceil(right)), min(plane.shape[0], math.ceil(bottom))
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None
