"""The camera: one for all things of a scene whose sizes are real.

It is a pinhole over a ground that is flat. What stands on row y of the picture is as many pixels
tall as it is metres tall, times its row's distance from the horizon, times a constant of the scene.
So it is known how large everything is once one thing's size and all feet are.
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


class Camera(NamedTuple):
    """Rows of the canvas, in pixels: the horizon's, and the lowest that feet may be on. Without a
    horizon everything is equally far away."""

    horizon: float | None
    bottom: float

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
    return Camera(horizon if horizon < ground.bottom else None, ground.bottom)


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
    depth = min(MADE_UP * whole, deepest)
    highest = camera.row(camera.nearness(ground.top) * math.exp(depth))
    near = rng.uniform(min(highest, ground.bottom), ground.bottom)
    feet = []
    for each in logs:
        behind = depth * (each - min(logs)) / whole if whole else 0.0
        foot = camera.row(camera.nearness(near) * math.exp(-behind))
        foot += rng.uniform(-1, 1) * UNEVEN_NORM * canvas_hw[0]
        feet.append(float(np.clip(foot, ground.top, ground.bottom)))
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
            if rules.ground and thing.stands and foot < ground.top:
                break
            foot -= placed[-1].height + gap
        else:
            least = min(math.sqrt(t.width * t.height) for t in placed)
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
    foot = rng.uniform(min(ground.top + apart, ground.bottom), ground.bottom)
    feet = [max(foot - apart, ground.top), foot]
    behind, front = _sized([behind, front], feet, camera, canvas_hw, rules)
    return behind, front


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
    drawn = [math.sqrt(t.width * t.height) for t in things]
    # What is as wide as the canvas has a size already.
    largest = max(range(len(looks)), key=lambda i: (things[i].spans, looks[i]))
    scale = drawn[largest] / looks[largest]
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
