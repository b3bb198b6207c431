"""Arrangements: side by side, one above the other, one in front of the other.

Left/right and top/bottom keep extents apart by a gap; in front of/behind overlaps two of them. With
`ground` on, standing things have their feet on the background's ground, and are larger the nearer
they are. What a photograph cut off goes to that edge of the canvas.
"""

from __future__ import annotations

import math

import numpy as np

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.scene import camera
from refmatte_engine.scene.standing import NEARER_IS_LARGER, Ground
from refmatte_engine.scene.things import Thing, fitted, shrunk

# Things of different widths keep to their sides of the picture if they leave less room beside them.
OUTWARDS = 0.2
# So far from the middle of the picture a thing is still in it, or already below it (and a tenth of
# its own size).
MIDDLE_NORM = (0.05, 0.09)

Placed = list[tuple[Thing, float, float]]


def left_right(
    things: list[Thing],
    canvas_hw: tuple[int, int],
    ground: Ground,
    rules: LayoutRules,
    rng: np.random.Generator,
) -> Placed:
    height, width = canvas_hw
    margin = rules.margin * height
    gap = rng.uniform(*rules.gap) * width
    if rules.scale == "real":
        things = camera.side_by_side(things, canvas_hw, ground, rules, rng)
    start, end = _kept_free(things, margin)
    room = width - start - end - gap * (len(things) - 1)
    things = fitted(things, room, "width")
    slack = rng.dirichlet(np.full(len(things) + 1, 1.5))
    slack[[0, -1]] *= start > 0, end > 0
    if rules.scale == "real":
        slack[[0, -1]] *= OUTWARDS
    slack /= max(slack.sum(), 1e-9)
    # Feet lie near one line: things side by side are about equally far away.
    foot = rng.uniform(ground.top, ground.bottom)
    if rules.scale == "free":
        things = _stood(things, foot, ground)
    slack *= room - sum(t.width for t in things)
    x = start
    placed: Placed = []
    order = rng.permutation(len(things)).tolist()
    if rules.scale == "real" and len(things) == 3:
        order = _with_a_clear_middle(order, things, height)
    for i in sorted(
        order, key=lambda i: ("right" in things[i].sides) - ("left" in things[i].sides)
    ):
        thing = things[i]
        x += slack[len(placed)]
        at = foot + rng.uniform(-0.015, 0.015) * height if thing.foot is None else thing.foot
        y = _top(thing, at, canvas_hw, rules, rng)
        placed.append((thing, x, y))
        x += thing.width + gap
    return sorted(placed, key=lambda p: p[2] + p[0].height)


def _with_a_clear_middle(order: list[int], things: list[Thing], height: int) -> list[int]:
    """The order with another of the three in the middle where words would not say well enough
    where the one there is: neither in the middle of the picture's height nor clearly below it, as
    large things are that stand far away."""

    def is_clear(i: int) -> bool:
        foot, tall = things[i].foot, things[i].height / height
        if foot is None:
            return True
        off = foot / height - tall / 2 - 0.5
        return abs(off) < MIDDLE_NORM[0] + 0.1 * tall or off > MIDDLE_NORM[1] + 0.1 * tall

    fit = [i for i in order if is_clear(i)]
    aside = [i for i in order if {"left", "right"} & things[i].sides]
    if order[1] in fit or aside or not fit:
        return order
    middle = fit[0]
    first, last = (i for i in order if i != middle)
    return [first, middle, last]


def top_bottom(
    things: list[Thing],
    canvas_hw: tuple[int, int],
    ground: Ground,
    rules: LayoutRules,
    rng: np.random.Generator,
) -> Placed:
    height, width = canvas_hw
    margin = rules.margin * height
    gap = rng.uniform(*rules.gap) * height
    # From top to bottom; what floats is above what stands, and what was cut off at the top above
    # all; lowest is what was cut off below, or is as wide as the canvas. What is really larger
    # stands farther away.
    order = rng.permutation(len(things))
    things = sorted(
        (things[i] for i in order),
        key=lambda t: ("top" not in t.sides, t.grounded, t.spans, t.stands, -t.extent_m),
    )
    standing = rules.ground and len(things) > 1
    if rules.scale == "real":
        things = camera.one_above_the_other(things, gap, canvas_hw, ground, rules)
    elif standing:
        things = [t.scaled(NEARER_IS_LARGER ** (i - len(things) + 1)) for i, t in enumerate(things)]
    things = fitted(things, height - 2 * margin - gap * (len(things) - 1), "height")
    bottom = height - margin if things[-1].foot is None else things[-1].foot
    if rules.scale == "free" and standing and things[0].stands:
        # The uppermost stands too, so all others have to fit below its feet.
        below = ground.bottom - ground.top - gap * (len(things) - 1)
        things = shrunk(things, below / sum(t.height for t in things[1:]))
        bottom = ground.bottom
    if things[-1].grounded:
        bottom = height
    y = bottom - sum(t.height for t in things) - gap * (len(things) - 1)
    spare = max(0.0, y - margin)
    y -= 0.0 if standing or things[-1].grounded else rng.uniform(0, spare)
    widest = max(t.width for t in things)
    left = margin + widest / 2
    centre = rng.uniform(left, max(left, width - left))
    for thing in (t for t in things if not t.spans):
        if "left" in thing.sides or "right" in thing.sides:
            centre = thing.width / 2 if "left" in thing.sides else width - thing.width / 2
    placed = []
    for thing in things:
        sway = 0.25 * min(t.width for t in things)
        x = centre + rng.uniform(-sway, sway) - thing.width / 2
        x = float(np.clip(x, margin, width - margin - thing.width))
        placed.append((thing, x, y))
        y += thing.height + gap
    return placed


def front_behind(
    things: list[Thing],
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
    if rules.scale == "real":
        behind, front = camera.overlapping(behind, front, canvas_hw, ground, rules, rng)
    elif rules.ground:
        behind = behind.scaled(1 / NEARER_IS_LARGER)
    share = rng.uniform(*rules.overlap)
    overlap = share * min(behind.width, front.width)
    total = behind.width + front.width - overlap
    start, end = _kept_free(things, margin)
    fit = min(1.0, (width - start - end) / total)
    behind, front = shrunk([behind, front], fit)
    total *= fit
    aside = rng.random()
    if rules.scale == "real":
        # Two small things near the middle are on neither side of it, and not in it either.
        aside = 0.5 + math.copysign(math.sqrt(abs(2 * aside - 1)) / 2, aside - 0.5)
    front_is_right = rng.random() < 0.5
    for side in ("left", "right"):
        if side in behind.sides or side in front.sides:
            aside = float(side == "right")
            front_is_right = (side in front.sides) == (side == "right")
    foot = rng.uniform(ground.top, ground.bottom) if front.foot is None else front.foot
    if front.foot is None and ground.scale(foot) != 1:
        behind, front = _stood([behind, front], foot, ground)
        total = behind.width + front.width - share * min(behind.width, front.width)
    # As wide as there is room, but for rounding, it still fits.
    x = start + max(0.0, width - end - total - start) * aside
    x_behind = x if front_is_right else x + total - behind.width
    x_front = x + total - front.width if front_is_right else x
    y_front = _top(front, foot, canvas_hw, rules, rng)
    if rules.ground and behind.foreground.stands and front.foreground.stands:
        farther = min(0.04 * height, 0.2 * behind.height)
        if behind.foot is not None:
            farther = foot - behind.foot
        y_behind = _top(behind, foot - farther, canvas_hw, rules, rng)
    elif rules.ground and behind.stands and behind.foot is not None and not front.sides:
        # What floats before it does so above its feet.
        y_behind = _top(behind, behind.foot, canvas_hw, rules, rng)
        y = y_behind + (behind.height - front.height) / 2 + rng.uniform(-0.15, 0.15) * height
        y_front = float(np.clip(y, margin, max(margin, behind.foot - front.height)))
    else:
        # Overlap in x is given; for the boxes to meet, the heights have to meet as well.
        middle = y_front + front.height / 2
        y = middle - behind.height / 2 + rng.uniform(-0.15, 0.15) * height
        y_behind = float(np.clip(y, margin, height - margin - behind.height))
        if behind.grounded or "top" in behind.sides:
            y_behind = _top(behind, foot, canvas_hw, rules, rng)
    return [(behind, x_behind, y_behind), (front, x_front, y_front)]


def _kept_free(things: list[Thing], margin: float) -> tuple[float, float]:
    """What is kept free at the left and at the right: nothing where a thing was cut off there."""
    left, right = (all(side not in t.sides for t in things) for side in ("left", "right"))
    return margin * left, margin * right


def _top(
    thing: Thing,
    foot: float,
    canvas_hw: tuple[int, int],
    rules: LayoutRules,
    rng: np.random.Generator,
) -> float:
    """The y of a foreground's upper edge: on the ground, on an edge of the canvas, or anywhere."""
    height = canvas_hw[0]
    margin = rules.margin * height
    if thing.grounded:
        return height - thing.height
    if "top" in thing.sides:
        return 0.0
    # So with a thing that is as tall as there is room.
    highest, lowest = margin, max(margin, height - margin - thing.height)
    if rules.ground and thing.foreground.stands:
        return float(np.clip(foot - thing.height, highest, lowest))
    if rules.ground:
        lowest = max(highest, foot - thing.height - 0.1 * height)
    reach = rules.beyond_canvas * thing.height
    return float(rng.uniform(highest - reach, lowest + reach))


def _stood(things: list[Thing], foot: float, ground: Ground) -> list[Thing]:
    """The foregrounds at the size they have when standing at row `foot`; those that do not stand
    are unchanged."""
    factor = ground.scale(foot)
    return [t.scaled(factor) if t.foreground.stands and not t.grounded else t for t in things]
