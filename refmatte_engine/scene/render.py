"""Draws a scene: the image, and for each entity exactly what is visible of it.

Colours are premultiplied and resized in 16 bits, so that no rounding happens before the last step;
only the boxes of entities are touched. Visible alphas are integers that share out 255 at every
pixel, so they and the background's weight add up to one exactly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import starmap
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.images.alphas import to_float
from refmatte_engine.records import U8, U16, Box, Entity, Foreground, Placement, Scene
from refmatte_engine.scene import effects, focus, relight, shadows
from refmatte_engine.scene.standing import QUARTER, posed

# Shrunk by less than that, a picture is as smooth by the bilinear filter, whose reach is two pixels
# of it, as by the area filter, whose reach is the factor, and takes a third of the time.
SLIGHTLY = math.sqrt(2) * 1.02

Pixels = TypeVar("Pixels", U8, U16)


@dataclass(frozen=True, slots=True)
class Outline:
    """One entity in canvas pixels: `visible` and `alpha` (unoccluded) are uint8 crops for
    `box_xyxy`; `full_area_px` is the area of the unoccluded alpha, beyond the canvas too."""

    box_xyxy: Box
    visible: U8
    alpha: U8
    full_area_px: float


@dataclass(frozen=True, slots=True)
class Layer(Outline):
    """One entity as it was blended: `premultiplied` is colour times alpha, uint16 H×W×3."""

    premultiplied: U16


@dataclass(frozen=True, slots=True)
class Rendering:
    """`image` uint8 H×W×3 RGB; `layers` in the scene's order, far to near."""

    image: U8
    layers: tuple[Layer, ...]

    def visible_alpha_u8(self, k: int) -> U8:
        """Visible alpha of entity k (1-based, the mask file's number), uint8 H×W."""
        layer = self.layers[k - 1]
        full = np.zeros(self.image.shape[:2], np.uint8)
        x0, y0, x1, y1 = layer.box_xyxy
        full[y0:y1, x0:x1] = layer.visible
        return full

    def visible_alpha(self, k: int) -> NDArray[np.float32]:
        """Visible alpha of entity k, float32 H×W in [0, 1]."""
        return to_float(self.visible_alpha_u8(k))

    def color(self, k: int) -> U8:
        """The straight colour that entity k was drawn in, uint8 H×W×3; black where it is not."""
        layer = self.layers[k - 1]
        full = np.zeros(self.image.shape, np.uint8)
        x0, y0, x1, y1 = layer.box_xyxy
        alpha = np.maximum(layer.alpha, 1)[..., None]
        full[y0:y1, x0:x1] = np.minimum(np.rint(layer.premultiplied / alpha), 255)
        return full


def render(
    scene: Scene, background: U8, cutouts: Sequence[U8], relit_by: str | None = None
) -> Rendering:
    """The rendering of `scene`, its things `relit_by` a function "module:function", if any.

    `background` is the whole background picture, uint8 H×W×3 RGB; `cutouts[i]` the pixels of
    placement i, uint8 H×W×4 straight RGBA cropped to the alpha's box, at any resolution.
    Rejected("off_canvas") if a foreground lies outside the canvas. Source: the visible alpha of
    entity i is α_i·Π(1 − α_j) over the nearer ones; the composition equation of matting.
    """
    canvas = canvas_of(scene, background)
    things = _last.things(scene, cutouts)
    boxes = [thing.box for thing in things]
    colors, alphas = effects.match(
        scene, canvas, [thing.color for thing in things], [thing.alpha for thing in things], boxes
    )
    if relit_by:
        layers = zip(colors, alphas, boxes, strict=True)
        colors = [relight.lit(relit_by, canvas, *layer) for layer in layers]
    focus.defocus(scene, canvas)
    shadows.cast(scene, canvas, colors, alphas, boxes)
    for color, alpha, box in zip(colors, alphas, boxes, strict=True):
        _blend(canvas, color, alpha, box)
    visible = _visible(alphas, boxes, scene.canvas_hw)
    areas = [thing.area_px for thing in things]
    return Rendering(
        canvas, tuple(starmap(Layer, zip(boxes, visible, alphas, areas, colors, strict=True)))
    )


def outlines(scene: Scene, cutouts: Sequence[U8]) -> tuple[Outline, ...]:
    """What `render` makes of the alphas, but for effects; no colour is drawn."""
    things = _last.things(scene, cutouts)
    alphas, boxes = [thing.alpha for thing in things], [thing.box for thing in things]
    visible = _visible(alphas, boxes, scene.canvas_hw)
    areas = [thing.area_px for thing in things]
    return tuple(starmap(Outline, zip(boxes, visible, alphas, areas, strict=True)))


def _visible(alphas: Sequence[U8], boxes: Sequence[Box], canvas_hw: tuple[int, int]) -> list[U8]:
    """What is visible of each alpha, far to near. Only what shares pixels is shared out."""
    weight: U8 | None = None
    visible: list[U8] = []
    for k in range(len(alphas) - 1, -1, -1):
        meets = [j for j, other in enumerate(boxes) if j != k and _meet(boxes[k], other)]
        if not meets:
            visible.append(alphas[k])
            continue
        if weight is None:
            weight = np.full(canvas_hw, 255, np.uint8)
        x0, y0, x1, y1 = boxes[k]
        left = weight[y0:y1, x0:x1]
        share = cv2.multiply(alphas[k], left, scale=1 / 255) if max(meets) > k else alphas[k]
        left -= share
        visible.append(share)
    return visible[::-1]


def _meet(one: Box, other: Box) -> bool:
    """Whether two boxes have pixels in common."""
    across = max(one[0], other[0]) < min(one[2], other[2])
    return across and max(one[1], other[1]) < min(one[3], other[3])


class _Last:
    """The things of the last scene, as they were before any effect: a scene is looked at in
    outlines before it is drawn, its twin has most of its things, its sibling all."""

    def __init__(self) -> None:
        self._things: dict[tuple[Placement, tuple[int, int]], _Thing] = {}

    def things(self, scene: Scene, cutouts: Sequence[U8]) -> list[_Thing]:
        """Each placement's."""
        before, hw, found = self._things, scene.canvas_hw, list[_Thing]()
        self._things = {}
        for placement, cutout in zip(scene.placements, cutouts, strict=True):
            # Whatever its hue is, and whether it sheds a shadow.
            key = (replace(placement, hue_deg=0.0, sheds_shadow=True), hw)
            known = before.get(key)
            if known is None or known.cutout is not cutout:
                known = _Thing(placement, cutout, hw)
            self._things[key] = known
            found.append(known)
        return found


class _Thing:
    """A cut-out as it is placed: its alpha, its box and the area in pixels including what lies
    beyond the canvas; and, once they are asked for, its colours. All read-only."""

    def __init__(self, placement: Placement, cutout: U8, canvas_hw: tuple[int, int]) -> None:
        self.cutout = cutout
        self._placement, self._canvas_hw = placement, canvas_hw
        whole, corner_xy = laid(placement, cv2.extractChannel(cutout, 3))
        self.alpha, self.box = _clipped(whole, corner_xy, canvas_hw)
        self.alpha.flags.writeable = False
        self.area_px = cv2.sumElems(whole)[0] / 255

    @cached_property
    def color(self) -> U16:
        """Premultiplied: uint16 H×W×3, 1 is 65025."""
        color = _clipped(*laid(self._placement, premultiplied(self.cutout)), self._canvas_hw)[0]
        color.flags.writeable = False
        return color


_last = _Last()


def canvas_of(scene: Scene, background: U8) -> U8:
    """The background cropped, mirrored and resized to the canvas; a fresh array."""
    x0, y0, x1, y1 = scene.background_box_xyxy
    picture = background[y0:y1, x0:x1]
    height, width = scene.canvas_hw
    if height * width > picture.shape[0] * picture.shape[1]:
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
    else:
        picture = _resized(picture, (width, height))
    if scene.background_flip:
        return cv2.flip(picture, 1)
    return picture.copy() if np.may_share_memory(picture, background) else picture


def _resized(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """`pixels` (H×W×3 or H×W×4) with another width and height."""
    width, height = size
    if pixels.shape[:2] == (height, width):
        return pixels
    factors = pixels.shape[0] / height, pixels.shape[1] / width
    slightly = max(factors) <= SLIGHTLY or min(factors) < 1
    how = cv2.INTER_LINEAR if slightly else cv2.INTER_AREA
    resized: Pixels = cv2.resize(pixels, size, interpolation=how)
    return resized


def laid(placement: Placement, pixels: Pixels) -> tuple[Pixels, tuple[int, int]]:
    """A cut-out at its final size and angle, as it lies, and where on the canvas its corner is."""
    x0, y0, x1, y1 = placement.box_xyxy
    pixels = _resized(pixels, (x1 - x0, y1 - y0))
    if placement.flip:
        pixels = cv2.flip(pixels, 1)
    if placement.rotation_deg:
        pixels, dx, dy = _turned(pixels, placement.rotation_deg)
        x0, y0 = x0 - dx, y0 - dy
    if placement.foreshortening != 1:
        height = max(1, round(pixels.shape[0] * placement.foreshortening))
        y0 += (pixels.shape[0] - height) // 2
        pixels = _resized(pixels, (pixels.shape[1], height))
    return pixels, (x0, y0)


def premultiplied(cutout: U8) -> U16:
    """The colours of straight uint8 RGBA times its alpha, exact: uint16 H×W×3."""
    # Without its fourth channel an array is contiguous, which the arithmetic is fast on.
    product = cv2.cvtColor(cutout, cv2.COLOR_RGBA2RGB).astype(np.uint16)
    product *= cv2.cvtColor(cv2.extractChannel(cutout, 3), cv2.COLOR_GRAY2RGB)
    return product


def _turned(pixels: Pixels, degrees: float) -> tuple[Pixels, int, int]:
    """`pixels` turned counter-clockwise about the centre, in a box grown by (dx, dy) each way."""
    height, width = pixels.shape[:2]
    if abs(degrees) == QUARTER:  # pixel by pixel
        way = cv2.ROTATE_90_COUNTERCLOCKWISE if degrees > 0 else cv2.ROTATE_90_CLOCKWISE
        return cv2.rotate(pixels, way), (height - width) // 2, (width - height) // 2
    angle = np.deg2rad(degrees)
    c, s = abs(np.cos(angle)), abs(np.sin(angle))
    dx = max(0, int(np.ceil((width * c + height * s - width) / 2))) + 1
    dy = max(0, int(np.ceil((height * c + width * s - height) / 2))) + 1
    centre = ((width - 1) / 2, (height - 1) / 2)
    matrix = cv2.getRotationMatrix2D(centre, degrees, 1.0)
    matrix[:, 2] += (dx, dy)
    size = (width + 2 * dx, height + 2 * dy)
    return cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LINEAR), dx, dy


def _clipped(
    pixels: Pixels, corner_xy: tuple[int, int], canvas_hw: tuple[int, int]
) -> tuple[Pixels, Box]:
    """What lies on the canvas, and its box there."""
    x0, y0 = corner_xy
    height, width = pixels.shape[:2]
    left, top = max(0, x0), max(0, y0)
    right, bottom = min(canvas_hw[1], x0 + width), min(canvas_hw[0], y0 + height)
    if right <= left or bottom <= top:
        raise Rejected("off_canvas")
    kept = pixels[top - y0 : bottom - y0, left - x0 : right - x0]
    return np.ascontiguousarray(kept), (left, top, right, bottom)


def _blend(canvas: U8, premultiplied_rgb: U16, alpha: U8, box: Box) -> None:
    """canvas ← colour·alpha + canvas·(1 − alpha) inside `box`, rounded once, in place."""
    x0, y0, x1, y1 = box
    below = canvas[y0:y1, x0:x1]
    total = cv2.cvtColor(cv2.bitwise_not(alpha), cv2.COLOR_GRAY2RGB).astype(np.uint16)
    total *= below
    total += premultiplied_rgb
    cv2.convertScaleAbs(total, dst=below, alpha=1 / 255)


def entities(
    outlines: Sequence[Outline],
    scene: Scene,
    foregrounds: Sequence[Foreground],
    rules: LayoutRules,
) -> tuple[Entity, ...]:
    """Each placement as an entity, measured on its visible alpha; `rules` are its layout's.

    Attributes are left empty. Rejected("invisible") if no pixel of an entity is visible.
    """
    found = []
    things = posed(foregrounds, rules)
    for k, (layer, foreground) in enumerate(zip(outlines, things, strict=True), 1):
        area = cv2.sumElems(layer.visible)[0] / 255
        if area < 1 or layer.full_area_px <= 0:
            raise Rejected("invisible")
        x0, y0 = layer.box_xyxy[:2]
        box = cv2.boundingRect(cv2.compare(layer.visible, 128, cv2.CMP_GE))
        if not box[2]:
            box = cv2.boundingRect(layer.visible)
        moments = cv2.moments(layer.visible)
        found.append(
            Entity(
                index=k,
                foreground=foreground.id,
                category=foreground.category,
                kind=foreground.kind,
                box_xyxy=(x0 + box[0], y0 + box[1], x0 + box[0] + box[2], y0 + box[1] + box[3]),
                centroid_xy=(
                    round(x0 + moments["m10"] / moments["m00"] + 0.5, 2),
                    round(y0 + moments["m01"] / moments["m00"] + 0.5, 2),
                ),
                area_px=round(area, 1),
                visible_share=round(min(1.0, area / layer.full_area_px), 4),
                covered_by=_covers(outlines, k),
                stands=rules.ground and foreground.stands,
            )
        )
    return tuple(found)


def _covers(outlines: Sequence[Outline], k: int) -> tuple[tuple[int, float], ...]:
    """(index, share) of each nearer entity that covers part of entity k."""
    mine = outlines[k - 1]
    total = cv2.sumElems(mine.alpha)[0]
    found = []
    for j, other in enumerate(outlines[k:], k + 1):
        if not total or not _meet(mine.box_xyxy, other.box_xyxy):
            continue
        x0, y0 = (max(a, b) for a, b in zip(mine.box_xyxy[:2], other.box_xyxy[:2], strict=True))
        x1, y1 = (min(a, b) for a, b in zip(mine.box_xyxy[2:], other.box_xyxy[2:], strict=True))
        both = cv2.multiply(
            _crop(mine.alpha, mine.box_xyxy, (x0, y0, x1, y1)),
            _crop(other.alpha, other.box_xyxy, (x0, y0, x1, y1)),
            scale=1 / 255,
        )
        share = round(cv2.sumElems(both)[0] / total, 4)
        if share > 0:
            found.append((j, share))
    return tuple(found)


def _crop(alpha: U8, box: Box, part: Box) -> U8:
    x0, y0 = box[:2]
    return alpha[part[1] - y0 : part[3] - y0, part[0] - x0 : part[2] - x0]
