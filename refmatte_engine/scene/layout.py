"""Layout of a scene: sizes, positions and depth of the foregrounds, as numbers only.

Every foreground is represented by its extent, the axis-aligned box of its (turned) crop.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from refmatte_engine.config.layout_rules import LENIENT, LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.records import Background, Effects, Foreground, Placement, SamplePlan, Scene
from refmatte_engine.scene import arrangements, camera, cut_sides, light, things
from refmatte_engine.scene.canvas import canvas_of, closer, size_of
from refmatte_engine.scene.standing import extent, foreshortening, ground_of, posed
from refmatte_engine.scene.things import Thing

# Share of the attempts after which sizes are free in every third: they may be what makes no scene,
# or something else is.
DOUBTED = 0.25
ARRANGED = {
    "left_right": arrangements.left_right,
    "top_bottom": arrangements.top_bottom,
    "front_behind": arrangements.front_behind,
}


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
    if not cut_sides.agree(foregrounds, planned.layout):
        raise Rejected("cut_edge")
    foregrounds = posed(foregrounds, rules)
    tried = planned.attempt / rules.max_attempts
    if tried >= LENIENT or (tried >= DOUBTED and planned.attempt % 3 == 0):
        # A few small pictures of things as unlike as a mug and a man: rather a scene than none.
        rules = rules.model_copy(update={"scale": "free"})
    canvas_hw, crop = canvas_of(background, rules.canvas, rng, planned.aspect)
    effects = _effects(rules, background, rng)
    background_flip = bool(rng.random() < 0.5)
    effects = replace(effects, light=light.of_scene(background, background_flip, rng))
    drawn = [things.drawn(f, canvas_hw, rules, rng) for f in foregrounds]
    flips = light.flips(foregrounds, [t.flip for t in drawn], effects.light, rules)
    flips = cut_sides.flips(foregrounds, flips, planned.layout)
    drawn = [replace(thing, flip=flip) for thing, flip in zip(drawn, flips, strict=True)]
    drawn = [things.spanned(thing, canvas_hw, rules) for thing in drawn]
    ground = ground_of(background, crop, canvas_hw, rules.ground)
    if ground is None:
        raise Rejected("no_ground")
    if rules.scale == "real":
        drawn = things.to_scale(drawn, planned, rules, rng)
        part = closer(background, crop, canvas_hw, camera.times(drawn, ground, canvas_hw, rules))
        size = size_of(part, canvas_hw, rules.canvas)
        if nearer := ground_of(background, part, size, rules.ground):
            drawn = [t.on(size[0] / canvas_hw[0]) for t in drawn]
            canvas_hw, crop, ground = size, part, nearer
            drawn = [things.spanned(thing, canvas_hw, rules) for thing in drawn]
    placed = ARRANGED[planned.layout](drawn, canvas_hw, ground, rules, rng)
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


def within(scene: Scene, foregrounds: Mapping[str, Foreground], rules: LayoutRules) -> bool:
    """Whether foregrounds, here by their ids, still obey the layout where they exchanged places:
    within the margin above and at the sides, except as `beyond_canvas` allows, within the canvas
    below, and on its edges where they were cut off."""
    height, width = scene.canvas_hw
    margin = rules.margin * height
    for placement in scene.placements:
        foreground = foregrounds[placement.foreground]
        x0, y0, x1, y1 = extent(placement)
        over_x, over_y = (rules.beyond_canvas * size + 2 for size in (x1 - x0, y1 - y0))
        cut = cut_sides.of(foreground, placement.flip)
        left, top, right = (margin * (side not in cut) for side in ("left", "top", "right"))
        if not (left - over_x <= x0 and x1 <= width - right + over_x):
            return False
        if y0 < top - over_y or y1 > height + over_y:
            return False
        if not cut_sides.lie_on_edges(placement, foreground, scene.canvas_hw):
            return False
    return True


def _placement(
    thing: Thing, x: float, y: float, canvas_hw: tuple[int, int], rules: LayoutRules
) -> Placement:
    height, width = thing.foreground.size_hw
    angle = math.radians(thing.rotation_deg)
    upright = height * abs(math.cos(angle)) + width * abs(math.sin(angle))
    lower = foreshortening(thing.foreground)
    factor = thing.height / lower / upright
    box_h, box_w = max(1, round(height * factor)), max(1, round(width * factor))
    x0 = round(x + (thing.width - box_w) / 2)
    y0 = round(y + (thing.height - box_h) / 2)
    # What lies on an edge does so to the pixel.
    x0 = 0 if "left" in thing.sides else canvas_hw[1] - box_w if "right" in thing.sides else x0
    y0 = 0 if "top" in thing.sides else canvas_hw[0] - box_h if "bottom" in thing.sides else y0
    placement = Placement(
        thing.foreground.id,
        (x0, y0, x0 + box_w, y0 + box_h),
        thing.flip,
        thing.rotation_deg,
        # What floats has none under it: where it falls, nobody knows.
        sheds_shadow=thing.foreground.sheds_shadow and thing.foreground.stands,
        foreshortening=lower,
    )
    left, right = (x0, x0 + box_w) if lower == 1 else extent(placement)[::2]
    reach = rules.beyond_canvas * (right - left) + 1
    if left < -reach or right > canvas_hw[1] + reach:
        raise Rejected("no_room")
    if not cut_sides.lie_on_edges(placement, thing.foreground, canvas_hw):
        raise Rejected("cut_edge")
    return placement


def _effects(rules: LayoutRules, background: Background, rng: np.random.Generator) -> Effects:
    ranges = rules.effects.model_dump()
    if not rules.effects.defocus[1]:
        del ranges["defocus"]  # so that layouts of before it are drawn as they were
    drawn: dict[str, Any] = {
        name: round(float(rng.uniform(*ends)), 3) for name, ends in ranges.items()
    }
    if background.surface == "matt":
        drawn["reflection"] = 0.0
    return replace(Effects(**drawn), surface=background.surface)
