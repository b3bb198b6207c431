"""The camera: one for all things of a scene whose sizes are real.

It is a pinhole over a ground that is flat. What stands on row y of the picture is as many pixels
tall as it is metres tall, times its row's distance from the horizon, times a constant of the scene.
So it is known how large everything is once one thing's size and all feet are. Where labels tell the
horizon and how high the camera was, the constant is known, too: one by that height.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.scene.standing import Ground
from refmatte_engine.scene.things import Thing

# Where no label tells the horizon it is taken to be here, as a share of the picture's height, and
# that much above the ground at least.
HORIZON_NORM, ABOVE_NORM = 0.4, 0.1
FARTHEST = 0.15  # of the nearest thing's scale: nothing is smaller for its distance
HALF_BODY = 1.1  # what rests on the picture's edge is nearer than all that stands
# Of the range of sizes, so much is made up for by the small ones standing nearer.
MADE_UP = 0.75
UNEVEN_NORM = 0.015  # feet of things side by side differ by so much besides
APART_NORM = (0.02, 0.06)  # how much lower the feet of the nearer of two are
CLEARLY = 1.5  # times larger: then it stands behind
TRIED = [0.9**i for i in range(24)]  # sizes tried for a column
# Where a place shows things smaller than the layout draws them, the largest keeps so much of the
# layout's least size, and each so many times the least area that is accepted.
KEPT, SEEN = 0.5, 4.0
# From so much of the ground's depth on things lie flat: farther away one sees them from the side.
FLAT_FROM = 0.4
# Such things stand not too far apart: what is beside the farther ones has its true size.
TOGETHER = math.log(1.5)


class Camera(NamedTuple):
    """Rows of the canvas, in pixels: the horizon's, and the lowest that feet may be on. Without a
    horizon everything is equally far away. `metre_px` is how many pixels a metre is on the lowest
    row, if that is known."""

    horizon: float | None
    bottom: float
    metre_px: float | None = None

    def nearness(self, foot: float) -> float:
        """The scale of what stands on row `foot`, 1 on the lowest row."""
        if self.horizon is None:
            return 1.0
        return max((foot - self.horizon) / (self.bottom - self.horizon), FARTHEST)

    def row(self, nearness: float) -> float:
        """The row of feet of that scale."""
        if self.horizon is None:
            return self.bottom
        return self.horizon + nearness * (self.bottom - self.horizon)


def camera_of(ground: Ground, canvas_hw: tuple[int, int], rules: LayoutRules) -> Camera:
    """The camera that took a background: by its labelled horizon, else by a usual one."""
    if not rules.ground:
        return Camera(None, ground.bottom)
    horizon = ground.horizon
    if horizon is None:
        height = canvas_hw[0]
        horizon = min(HORIZON_NORM * height, ground.top - ABOVE_NORM * height)
    if horizon >= ground.bottom:
        return Camera(None, ground.bottom)
    metre_px = (ground.bottom - horizon) / ground.camera_m if ground.camera_m else None
    return Camera(horizon, ground.bottom, metre_px)


def times(
    things: Sequence[Thing], ground: Ground, canvas_hw: tuple[int, int], rules: LayoutRules
) -> float:
    """How many times closer a place would have to be seen for it to show the largest thing, on its
    nearest ground, as large as was drawn for it; 1 where it is not known how large that is."""
    metre_px = camera_of(ground, canvas_hw, rules).metre_px
    return 1.0 if metre_px is None else max(1.0, _wanted(things, metre_px))


def side_by_side(
    things: Sequence[Thing],
    canvas_hw: tuple[int, int],
    ground: Ground,
    rules: LayoutRules,
    rng: np.random.Generator,
) -> list[Thing]:
    """The things with their feet, about on one line if they are alike, else the small ones nearer;
    and in the sizes that they have there."""
    camera = camera_of(ground, canvas_hw, rules)
    logs = [math.log(t.extent_m) for t in things]
    whole = max(logs) - min(logs)
    deepest = math.log(camera.nearness(ground.bottom) / camera.nearness(ground.top))
    if camera.metre_px is not None:
        deepest = min(deepest, max(TOGETHER, -math.log(_wanted(things, camera.metre_px))))
    depth = min(MADE_UP * whole, deepest)
    highest = camera.row(camera.nearness(ground.top) * math.exp(depth))
    near = _near(things, camera, (min(highest, ground.bottom), ground.bottom), depth, rng)
    feet = []
    for each in logs:
        behind = depth * (each - min(logs)) / whole if whole else 0.0
        foot = camera.row(camera.nearness(near) * math.exp(-behind))
        foot += rng.uniform(-1, 1) * UNEVEN_NORM * canvas_hw[0]
        feet.append(foot)
    feet = [
        float(np.clip(foot, _highest(t, ground), ground.bottom))
        for t, foot in zip(things, feet, strict=True)
    ]
    return _sized(things, feet, camera, canvas_hw, rules)


def one_above_the_other(
    things: Sequence[Thing], gap: float, canvas_hw: tuple[int, int], ground: Ground,
    rules: LayoutRules,
) -> list[Thing]:  # fmt: skip
    """The things, from top to bottom, with their feet so that each is above the next by `gap`
    pixels, and in the sizes that they have there; as large as the smallest of them can be. Rejected
    if there is no room."""
    camera, margin = camera_of(ground, canvas_hw, rules), rules.margin * canvas_hw[0]
    lowest = things[-1]
    bottom = ground.bottom if rules.ground and lowest.stands else canvas_hw[0] - margin
    if lowest.grounded:
        bottom = float(canvas_hw[0])
    near = _sized(things, [bottom] * len(things), camera, canvas_hw, rules)
    best: tuple[float, list[Thing]] = (0.0, [])
    for factor in TRIED:
        placed: list[Thing] = []
        foot = bottom
        for thing in reversed(near):
            by = camera.nearness(foot) if thing.stands and not thing.grounded else 1.0
            placed.append(replace(thing.scaled(factor * by), foot=foot))
            if rules.ground and thing.stands and foot < _highest(thing, ground):
                break
            foot -= placed[-1].height + gap
        else:
            least = min(map(_drawn, placed))
            if foot + gap >= margin and least > best[0]:
                best = least, placed[::-1]
    if not best[1]:
        raise Rejected("no_room")
    return best[1]


def overlapping(
    behind: Thing,
    front: Thing,
    canvas_hw: tuple[int, int],
    ground: Ground,
    rules: LayoutRules,
    rng: np.random.Generator,
) -> tuple[Thing, Thing]:
    """The two with their feet, the one in front lower, and in the sizes that they have there. What
    is clearly larger goes behind: it would hide the other."""
    if behind.grounded == front.grounded and front.extent_m > CLEARLY * behind.extent_m:
        behind, front = front, behind
    camera = camera_of(ground, canvas_hw, rules)
    apart = rng.uniform(*APART_NORM) * canvas_hw[0]
    highest = max(_highest(behind, ground) + apart, _highest(front, ground))
    between = min(highest, ground.bottom), ground.bottom
    foot = _near([behind, front], camera, between, 0.0, rng)
    feet = [max(foot - apart, ground.top), foot]
    behind, front = _sized([behind, front], feet, camera, canvas_hw, rules)
    return behind, front


def _highest(thing: Thing, ground: Ground) -> float:
    """The highest row that a thing's feet may be on."""
    flat = thing.foreground.posture == "flat"
    return ground.top + FLAT_FROM * flat * (ground.bottom - ground.top)


def _near(
    things: Sequence[Thing],
    camera: Camera,
    between: tuple[float, float],
    depth: float,
    rng: np.random.Generator,
) -> float:
    """The row of the nearest feet, between two: that from which the place shows the largest thing,
    as far behind it as the logarithm `depth` says, as large as was drawn for it. Any, where it is
    not known how large the place shows things."""
    if camera.metre_px is None:
        return float(rng.uniform(*between))
    nearness = _wanted(things, camera.metre_px) * math.exp(depth)
    return float(np.clip(camera.row(nearness), *between))


def _wanted(things: Sequence[Thing], metre_px: float) -> float:
    """How near the largest thing would be if it looked as large as was drawn for it, to a camera
    to which a metre is so many pixels on the lowest row."""
    largest = max(things, key=lambda t: t.extent_m)
    return _drawn(largest) / (largest.extent_m * metre_px)


def _drawn(thing: Thing) -> float:
    """The side in pixels of a square as large as its box."""
    return math.sqrt(thing.width * thing.height)


def _sized(
    things: Sequence[Thing],
    feet: Sequence[float],
    camera: Camera,
    canvas_hw: tuple[int, int],
    rules: LayoutRules,
) -> list[Thing]:
    """The things on these rows in sizes that agree with each other: what looks largest is as large
    as was drawn for it, unless another would then have no room or too few pixels."""
    standing = [camera.nearness(foot) for t, foot in zip(things, feet, strict=True) if t.stands]
    usual = float(np.mean(standing)) if standing else 1.0
    nearness = [
        HALF_BODY if t.grounded else camera.nearness(foot) if t.stands else usual
        for t, foot in zip(things, feet, strict=True)
    ]
    looks = [t.extent_m * near for t, near in zip(things, nearness, strict=True)]
    drawn = [_drawn(t) for t in things]
    # What is as wide as the canvas has a size already.
    largest = max(range(len(looks)), key=lambda i: (things[i].spans, looks[i]))
    scale = drawn[largest] / looks[largest]
    if camera.metre_px is not None and not things[largest].spans:
        seen = math.sqrt(SEEN * rules.min_area * canvas_hw[0] * canvas_hw[1]) / min(looks)
        kept = max(KEPT * rules.size[0] * canvas_hw[0] / looks[largest], seen)
        scale = max(camera.metre_px, min(scale, kept))
    for thing, foot, size, look in zip(things, feet, drawn, looks, strict=True):
        if thing.spans:
            continue
        scale = min(scale, size * thing.room / look)
        if rules.ground and thing.stands and not thing.grounded:
            headroom = (foot - rules.margin * canvas_hw[0]) / thing.height
            scale = min(scale, max(headroom, 0.01) * size / look)
    return [
        replace(t.scaled(scale * look / size), foot=foot)
        for t, foot, size, look in zip(things, feet, drawn, looks, strict=True)
    ]
