"""Things about to be placed: a foreground's extent in the picture, and how it is turned."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.records import Foreground, SamplePlan
from refmatte_engine.scene import cut_sides, scale
from refmatte_engine.scene.standing import QUARTER, foreshortening

UPRIGHT = 0.75  # times taller than wide: so a picture shows upright what would lie
# What is so many times longer than wide lies across the view, within so many degrees.
LONG, ACROSS = 1.25, 35.0


@dataclass(frozen=True, slots=True)
class Thing:
    """A foreground about to be placed: `width` and `height` of its extent in pixels. Where sizes
    are real, `extent_m` is the side in metres of a square as large as its box; `room` is how much
    more it may be enlarged, and `foot` the row that its feet are on."""

    foreground: Foreground
    flip: bool
    rotation_deg: float
    width: float
    height: float
    room: float = 1.0
    extent_m: float = 1.0
    foot: float | None = None

    def scaled(self, factor: float) -> Thing:
        if self.spans:
            return self
        return replace(self, width=self.width * factor, height=self.height * factor)

    def on(self, factor: float) -> Thing:
        """The same on a canvas that is that many times as large."""
        width, height = self.width * factor, self.height * factor
        return replace(self, width=width, height=height, room=self.room / factor)

    @property
    def sides(self) -> frozenset[str]:
        """The sides at which it was cut off, as it is mirrored."""
        return cut_sides.of(self.foreground, self.flip)

    @property
    def spans(self) -> bool:
        """Whether it was cut off at opposite sides, and so has the canvas's width or height."""
        return self.sides >= cut_sides.ACROSS or self.sides >= cut_sides.DOWN

    @property
    def stands(self) -> bool:
        return self.foreground.stands

    @property
    def grounded(self) -> bool:
        return "bottom" in self.foreground.cut_edges


def drawn(
    foreground: Foreground, canvas_hw: tuple[int, int], rules: LayoutRules, rng: np.random.Generator
) -> Thing:
    """How a foreground is mirrored, turned and sized, before others are known."""
    angle, (height, width) = 0.0, foreground.size_hw
    if foreground.posture == "flat":
        angle = _across(height, width, rng)
    elif foreground.posture == "lying" and height > UPRIGHT * width:
        angle = QUARTER if rng.random() < 0.5 else -QUARTER
    # What stands on a ground or is cut by the picture's edge looks wrong when turned.
    elif not foreground.cut_edges and not (rules.ground and foreground.stands):
        angle = round(float(rng.uniform(-rules.rotation_deg, rules.rotation_deg)), 1)
    flip = foreground.flippable and bool(rng.random() < rules.flip)
    c, s = abs(math.cos(math.radians(angle))), abs(math.sin(math.radians(angle)))
    extent_h, extent_w = height * c + width * s, width * c + height * s
    wanted = rng.uniform(*rules.size) * canvas_hw[0]
    # A wide thing is as large as a tall one when their areas are; else all cars would be giants.
    size = math.sqrt(extent_h * extent_w)
    most = min(
        (1 - 2 * rules.margin) * canvas_hw[0] / extent_h,
        (1 - 2 * rules.margin) * canvas_hw[1] / extent_w,
        rules.max_upscale,
    )
    factor = min(wanted / (0.5 * extent_h + 0.5 * size), most)
    extent_h *= foreshortening(foreground)
    return Thing(foreground, flip, angle, extent_w * factor, extent_h * factor, most / factor)


def _across(height: int, width: int, rng: np.random.Generator) -> float:
    """How what lies flat is turned, in degrees: any way round, but what is long not with an end
    towards us, as if it stood on it."""
    long = max(height, width) > LONG * min(height, width)
    ahead = (90.0 if height > width else 0.0) + (180.0 if rng.random() < 0.5 else 0.0)
    most = ACROSS if long else 90.0
    return round(float((ahead + rng.uniform(-most, most) + 180) % 360 - 180), 1)


def to_scale(
    things: list[Thing], planned: SamplePlan, rules: LayoutRules, rng: np.random.Generator
) -> list[Thing]:
    """The foregrounds with their real sizes, of a range that a picture can show."""
    extents = []
    for thing in things:
        height, width = thing.foreground.size_hw
        pixel = scale.metres(thing.foreground, planned.toys, rng)
        lower = foreshortening(thing.foreground)
        extents.append(pixel * math.sqrt(height * width * lower))
    most = scale.widest(rules, planned.layout)
    shown = scale.compressed(extents, most, rules.compress)
    return [replace(t, extent_m=each) for t, each in zip(things, shown, strict=True)]


def spanned(thing: Thing, canvas_hw: tuple[int, int], rules: LayoutRules) -> Thing:
    """The foreground as large as the canvas one way, if it was cut off at opposite sides. Rejected
    if it had to be enlarged too much for it."""
    if not thing.spans:
        return thing
    across = thing.sides >= cut_sides.ACROSS
    factor = canvas_hw[1] / thing.width if across else canvas_hw[0] / thing.height
    if factor * thing.height / thing.foreground.size_hw[0] > rules.max_upscale:
        raise Rejected("cut_edge")
    return replace(thing, width=thing.width * factor, height=thing.height * factor)


def fitted(things: list[Thing], room: float, way: Literal["width", "height"]) -> list[Thing]:
    """Foregrounds that lie in a row, or stand in a column, with that much room in pixels."""
    held = sum(getattr(t, way) for t in things if t.spans)
    free = sum(getattr(t, way) for t in things if not t.spans)
    return shrunk(things, (room - held) / free if free else float(room + 1 >= held))


def shrunk(things: list[Thing], factor: float) -> list[Thing]:
    """All foregrounds scaled down by one factor (never up). Rejected if they become tiny."""
    if factor <= 0:
        raise Rejected("no_room")
    things = [t.scaled(min(1.0, factor)) for t in things]
    if min(max(t.width, t.height) for t in things) < 16:
        raise Rejected("no_room")
    return things
