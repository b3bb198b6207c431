"""Layout of a scene: sizes, positions and depth of the foregrounds, as numbers only.

Every foreground is represented by its extent, the axis-aligned box of its (turned) crop. Left/right
and top/bottom keep extents apart by a gap; in front of/behind overlaps two of them. With `ground`
on, standing things have their feet on the background's ground, and are larger the nearer they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from refmatte_engine.config.layout_rules import Canvas, LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.records import (
    Background,
    Box,
    Effects,
    Foreground,
    Placement,
    SamplePlan,
    Scene,
)
from refmatte_engine.scene.standing import NEARER_IS_LARGER, Ground, ground_of, light_x


@dataclass(frozen=True, slots=True)
class _Thing:
    """A foreground about to be placed: `width` and `height` of its extent in pixels."""

    foreground: Foreground
    flip: bool
    rotation_deg: float
    width: float
    height: float

    def scaled(self, factor: float) -> _Thing:
        return replace(self, width=self.width * factor, height=self.height * factor)

    @property
    def grounded(self) -> bool:
        return "bottom" in self.foreground.cut_edges


def sample_scene(
    planned: SamplePlan,
    foregrounds: Sequence[Foreground],
    background: Background,
    rules: LayoutRules,
    rng: np.random.Generator,
) -> Scene:
    """A scene for `planned`, drawn from `rng`. Rejected if the foregrounds do not fit.

    `foregrounds` are those that `planned` names, in its order. Source: the three layouts of
    RefMatte (section 3); ground line and perspective are this project's.
    """
    canvas_hw, crop = _canvas(background, rules.canvas, rng)
    effects = replace(_effects(rules, rng), light_x=light_x(background))
    background_flip = bool(rng.random() < 0.5)
    if background_flip:
        effects = replace(effects, light_x=-effects.light_x)
    things = [_thing(f, canvas_hw, rules, rng) for f in foregrounds]
    ground = ground_of(background, crop, canvas_hw, rules.ground)
    if ground is None:
        raise Rejected("no_ground")
    place = {"left_right": _left_right, "top_bottom": _top_bottom, "front_behind": _front_behind}
    placed = place[planned.layout](things, canvas_hw, ground, rules, rng)
    return Scene(
        canvas_hw,
        background.id,
        crop,
        background_flip,
        planned.layout,
        tuple(_placement(thing, x, y, canvas_hw, rules) for thing, x, y in placed),
        effects,
        int(rng.integers(2**31)),
    )


Placed = list[tuple[_Thing, float, float]]


def _left_right(
    things: list[_Thing],
    canvas_hw: tuple[int, int],
    ground: Ground,
    rules: LayoutRules,
    rng: np.random.Generator,
) -> Placed:
    height, width = canvas_hw
    margin = rules.margin * height
    gap = rng.uniform(*rules.gap) * width
    room = width - 2 * margin - gap * (len(things) - 1)
    things = _shrunk(things, room / sum(t.width for t in things))
    slack = rng.dirichlet(np.full(len(things) + 1, 1.5))
    # Feet lie near one line: things side by side are about equally far away.
    foot = rng.uniform(ground.top, ground.bottom)
    things = _stood(things, foot, ground)
    slack *= room - sum(t.width for t in things)
    x = margin
    placed: Placed = []
    for i in rng.permutation(len(things)):
        thing = things[i]
        x += slack[len(placed)]
        at = foot + rng.uniform(-0.015, 0.015) * height
        y = _top(thing, at, canvas_hw, rules, rng)
        placed.append((thing, x, y))
        x += thing.width + gap
    return sorted(placed, key=lambda p: p[2] + p[0].height)


def _top_bottom(
    things: list[_Thing],
    canvas_hw: tuple[int, int],
    ground: Ground,
    rules: LayoutRules,
    rng: np.random.Generator,
) -> Placed:
    height, width = canvas_hw
    margin = rules.margin * height
    gap = rng.uniform(*rules.gap) * height
    # From top to bottom; what floats is above what stands, what the photograph cut is lowest.
    order = rng.permutation(len(things))
    things = sorted((things[i] for i in order), key=lambda t: (t.grounded, t.foreground.stands))
    standing = rules.ground and len(things) > 1
    if standing:
        things = [t.scaled(NEARER_IS_LARGER ** (i - len(things) + 1)) for i, t in enumerate(things)]
    things = _shrunk(
        things,
        (height - 2 * margin - gap * (len(things) - 1)) / sum(t.height for t in things),
    )
    bottom = height - margin
    if standing and things[0].foreground.stands:
        # The uppermost stands too, so all others have to fit below its feet.
        below = ground.bottom - ground.top - gap * (len(things) - 1)
        below_heights = sum(t.height for t in things[1:])
        things = _shrunk(things, below / below_heights)
        bottom = ground.bottom
    if things[-1].grounded:
        bottom = height
    y = bottom - sum(t.height for t in things) - gap * (len(things) - 1)
    spare = max(0.0, y - margin)
    y -= 0.0 if standing or things[-1].grounded else rng.uniform(0, spare)
    widest = max(t.width for t in things)
    left = margin + widest / 2
    centre = rng.uniform(left, max(left, width - left))
    placed = []
    for thing in things:
        sway = 0.25 * min(t.width for t in things)
        x = centre + rng.uniform(-sway, sway) - thing.width / 2
        x = float(np.clip(x, margin, width - margin - thing.width))
        placed.append((thing, x, y))
        y += thing.height + gap
    return placed


def _front_behind(
    things: list[_Thing],
    canvas_hw: tuple[int, int],
    ground: Ground,
    rules: LayoutRules,
    rng: np.random.Generator,
) -> Placed:
    height, width = canvas_hw
    margin = rules.margin * height
    behind, front = (things[i] for i in rng.permutation(2))
    # A half body rests on the picture's lower edge, and so is nearer than what stands on ground.
    if behind.grounded and not front.grounded:
        behind, front = front, behind
    if rules.ground:
        behind = behind.scaled(1 / NEARER_IS_LARGER)
    share = rng.uniform(*rules.overlap)
    overlap = share * min(behind.width, front.width)
    total = behind.width + front.width - overlap
    fit = min(1.0, (width - 2 * margin) / total)
    behind, front = _shrunk([behind, front], fit)
    total *= fit
    aside = rng.random()
    front_is_right = rng.random() < 0.5
    foot = rng.uniform(ground.top, ground.bottom)
    if ground.scale(foot) != 1:
        behind, front = _stood([behind, front], foot, ground)
        total = behind.width + front.width - share * min(behind.width, front.width)
    # As wide as there is room, but for rounding, it still fits.
    x = margin + (max(margin, width - margin - total) - margin) * aside
    x_behind = x if front_is_right else x + total - behind.width
    x_front = x + total - front.width if front_is_right else x
    y_front = _top(front, foot, canvas_hw, rules, rng)
    if rules.ground and behind.foreground.stands and front.foreground.stands:
        farther = min(0.04 * height, 0.2 * behind.height)
        y_behind = _top(behind, foot - farther, canvas_hw, rules, rng)
    else:
        # Overlap in x is given; for the boxes to meet, the heights have to meet as well.
        middle = y_front + front.height / 2
        y = middle - behind.height / 2 + rng.uniform(-0.15, 0.15) * height
        y_behind = float(np.clip(y, margin, height - margin - behind.height))
        if behind.grounded:
            y_behind = height - behind.height
    return [(behind, x_behind, y_behind), (front, x_front, y_front)]


def _top(
    thing: _Thing,
    foot: float,
    canvas_hw: tuple[int, int],
    rules: LayoutRules,
    rng: np.random.Generator,
) -> float:
    """The y of a foreground's upper edge: on the ground, on the lower edge, or anywhere."""
    height = canvas_hw[0]
    margin = rules.margin * height
    if thing.grounded:
        return height - thing.height
    # So with a thing that is as tall as there is room.
    highest, lowest = margin, max(margin, height - margin - thing.height)
    if rules.ground and thing.foreground.stands:
        return float(np.clip(foot - thing.height, highest, lowest))
    if rules.ground:
        lowest = max(highest, foot - thing.height - 0.1 * height)
    reach = rules.beyond_canvas * thing.height
    return float(rng.uniform(highest - reach, lowest + reach))


def _thing(
    foreground: Foreground, canvas_hw: tuple[int, int], rules: LayoutRules, rng: np.random.Generator
) -> _Thing:
    angle = 0.0
    # What stands on a ground or is cut by the picture's edge looks wrong when turned.
    if not foreground.cut_edges and not (rules.ground and foreground.stands):
        angle = round(float(rng.uniform(-rules.rotation_deg, rules.rotation_deg)), 1)
    flip = foreground.flippable and bool(rng.random() < rules.flip)
    height, width = foreground.size_hw
    c, s = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    extent_h, extent_w = height * c + width * s, width * c + height * s
    wanted = rng.uniform(*rules.size) * canvas_hw[0]
    # A wide thing is as large as a tall one when their areas are; else all cars would be giants.
    size = math.sqrt(extent_h * extent_w)
    factor = min(
        wanted / (0.5 * extent_h + 0.5 * size),
        (1 - 2 * rules.margin) * canvas_hw[0] / extent_h,
        (1 - 2 * rules.margin) * canvas_hw[1] / extent_w,
        rules.max_upscale,
    )
    return _Thing(foreground, flip, angle, extent_w * factor, extent_h * factor)


def _stood(things: list[_Thing], foot: float, ground: Ground) -> list[_Thing]:
    """The foregrounds at the size they have when standing at row `foot`; those that do not stand
    are unchanged."""
    factor = ground.scale(foot)
    return [t.scaled(factor) if t.foreground.stands and not t.grounded else t for t in things]


def within(scene: Scene, foregrounds: Sequence[Foreground], rules: LayoutRules) -> bool:
    """Whether foregrounds that exchanged places still obey the layout: within the margin above and
    at the sides, except as `beyond_canvas` allows, and within the canvas below."""
    height, width = scene.canvas_hw
    margin = rules.margin * height
    for placement, foreground in zip(scene.placements, foregrounds, strict=True):
        x0, y0, x1, y1 = extent(placement)
        over_x, over_y = (rules.beyond_canvas * size + 2 for size in (x1 - x0, y1 - y0))
        sides_are_free = margin - over_x <= x0 and x1 <= width - margin + over_x
        if not sides_are_free or y0 < margin - over_y or y1 > height + over_y:
            return False
        if "bottom" in foreground.cut_edges and placement.box_xyxy[3] < height:
            return False  # what the photograph cut off rests on the picture's edge
    return True


def extent(placement: Placement) -> tuple[float, float, float, float]:
    """The box (x0, y0, x1, y1), in pixels, of a placement as it is turned."""
    x0, y0, x1, y1 = placement.box_xyxy
    angle = math.radians(placement.rotation_deg)
    c, s = abs(math.cos(angle)), abs(math.sin(angle))
    half_w, half_h = ((x1 - x0) * c + (y1 - y0) * s) / 2, ((y1 - y0) * c + (x1 - x0) * s) / 2
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return x - half_w, y - half_h, x + half_w, y + half_h


def _shrunk(things: list[_Thing], factor: float) -> list[_Thing]:
    """All foregrounds scaled down by one factor (never up). Rejected if they become tiny."""
    if factor <= 0:
        raise Rejected("no_room")
    things = [t.scaled(min(1.0, factor)) for t in things]
    if min(max(t.width, t.height) for t in things) < 16:
        raise Rejected("no_room")
    return things


def _placement(
    thing: _Thing, x: float, y: float, canvas_hw: tuple[int, int], rules: LayoutRules
) -> Placement:
    height, width = thing.foreground.size_hw
    angle = math.radians(thing.rotation_deg)
    factor = thing.height / (height * abs(math.cos(angle)) + width * abs(math.sin(angle)))
    box_h, box_w = max(1, round(height * factor)), max(1, round(width * factor))
    x0 = round(x + (thing.width - box_w) / 2)
    y0 = round(y + (thing.height - box_h) / 2)
    if thing.grounded:
        y0 = canvas_hw[0] - box_h
    reach = rules.beyond_canvas
    if x0 < -reach * box_w - 1 or x0 + box_w > canvas_hw[1] + reach * box_w + 1:
        raise Rejected("no_room")
    return Placement(
        thing.foreground.id,
        (x0, y0, x0 + box_w, y0 + box_h),
        thing.flip,
        thing.rotation_deg,
        sheds_shadow=thing.foreground.sheds_shadow,
    )


def _canvas(
    background: Background, canvas: Canvas, rng: np.random.Generator
) -> tuple[tuple[int, int], Box]:
    """The canvas's size and the part of the background scaled to it."""
    height, width = background.size_hw
    if canvas.size == "background":
        shortest, longest = canvas.long_side_px
        long_side = max(height, width)
        factor = min(max(long_side, shortest), longest) / long_side
        return (max(1, round(height * factor)), max(1, round(width * factor))), (
            0,
            0,
            width,
            height,
        )
    canvas_h, canvas_w = canvas.size
    factor = min(height / canvas_h, width / canvas_w)
    crop_h, crop_w = round(canvas_h * factor), round(canvas_w * factor)
    x0 = int(rng.integers(width - crop_w + 1))
    y0 = int(rng.integers(height - crop_h + 1))
    return (canvas_h, canvas_w), (x0, y0, x0 + crop_w, y0 + crop_h)


def _effects(rules: LayoutRules, rng: np.random.Generator) -> Effects:
    names = ("harmonise", "sharpness", "noise", "shadow")
    drawn = {name: round(float(rng.uniform(*getattr(rules.effects, name))), 3) for name in names}
    return Effects(**drawn)
