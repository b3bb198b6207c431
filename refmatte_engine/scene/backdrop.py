"""Backdrops: the things of a scene, in the same places, before another background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.randomness import stream
from refmatte_engine.records import Background, Box, Effects, Foreground, Scene
from refmatte_engine.scene import light
from refmatte_engine.scene.canvas import largest
from refmatte_engine.scene.plan import Plan
from refmatte_engine.scene.standing import Ground, band_norm, foot, ground_of, posed

CLOSER = [0.95**i for i in range(12)]  # shares of the largest part of a background that are tried
NEARLY_NORM = 0.02  # of the canvas's height: so far from the ground feet may be


def plain(scene: Scene) -> Scene:
    """The scene as the first of siblings. Edges softened to a background's blur would be others
    before another one."""
    return replace(scene, effects=replace(scene.effects, sharpness=0.0))


def others(plan: Plan, catalog: Catalog, scene: Scene, index: int, attempt: int) -> list[Scene]:
    """The scene of image `index` before all other backgrounds of its split that have ground where
    its things stand, in an order of its own. Rejected if they are too few
    for the siblings that the run asks for."""
    places = [place for place in plan.stock.backgrounds if place != scene.background]
    rng = stream(plan.run.seed, "siblings", plan.split, index, attempt)
    scenes = (
        before(plan, catalog, scene, places[i], index, attempt)
        for i in rng.permutation(len(places))
    )
    found = [each for each in scenes if each is not None]
    if len(found) + 1 < (plan.run.siblings or 1):
        raise Rejected("siblings_ground")
    return found


def before(
    plan: Plan, catalog: Catalog, scene: Scene, background: str, index: int, attempt: int
) -> Scene | None:
    """The scene of image `index` before another background; None if it has no place there."""
    own, other = (catalog.backgrounds[name] for name in (scene.background, background))
    rng = stream(plan.run.seed, f"sibling/{background}", plan.split, index, attempt)
    return moved(scene, own, other, catalog.foregrounds, plan.run.layout, rng)


def moved(
    scene: Scene,
    own: Background,
    other: Background,
    foregrounds: Mapping[str, Foreground],
    rules: LayoutRules,
    rng: np.random.Generator,
) -> Scene | None:
    """The scene, whose background is its `own`, before another; None if the other is too small, or
    its ground is elsewhere. `foregrounds` are by their ids."""
    ground = ground_of(own, scene.background_box_xyxy, scene.canvas_hw, rules.ground)
    things = posed([foregrounds[p.foreground] for p in scene.placements], rules)
    feet = _feet(scene, things, ground) if rules.ground and ground else []
    _, top, _, bottom = scene.background_box_xyxy
    # As much enlarged as things may be, or as the first background is.
    most = max(rules.max_upscale, scene.canvas_hw[0] / (bottom - top))
    crop = _crop(other, scene.canvas_hw, feet, most, rng)
    if crop is None:
        return None
    flip, effects = _lit(scene, other, foregrounds, rules, rng)
    return replace(
        scene,
        background=other.id,
        background_box_xyxy=crop,
        background_flip=flip,
        effects=effects,
    )


def _crop(
    background: Background,
    canvas_hw: tuple[int, int],
    feet: Sequence[float],
    most: float,
    rng: np.random.Generator,
) -> Box | None:
    """As large a part of a background, of the canvas's shape, as has ground under the `feet`, and
    is not enlarged by more than `most`."""
    across, down = rng.random(2)
    whole, _ = largest(background.size_hw, (canvas_hw[1], canvas_hw[0]))
    for share in CLOSER:
        scale = whole * share / canvas_hw[0]
        if scale * most < 1:
            return None
        height, width = (
            min(round(side * scale), there)
            for side, there in zip(canvas_hw, background.size_hw, strict=True)
        )
        rows = _rows(background, height, canvas_hw[0], feet)
        if rows is not None:
            x0 = round(across * (background.size_hw[1] - width))
            y0 = round(rows[0] + down * (rows[1] - rows[0]))
            return x0, y0, x0 + width, y0 + height
    return None


def _lit(
    scene: Scene,
    background: Background,
    foregrounds: Mapping[str, Foreground],
    rules: LayoutRules,
    rng: np.random.Generator,
) -> tuple[bool, Effects]:
    """Whether the background is mirrored, rather as things are lit where they show it; and the
    effects in its light and on its surface."""
    drawn = bool(rng.random() < 0.5)
    reflection = round(float(rng.uniform(*rules.effects.reflection)), 3)
    lights = {flip: light.of_scene(background, flip, rng) for flip in (drawn, not drawn)}
    things = [(foregrounds[p.foreground], p.flip) for p in scene.placements]
    opposed = {
        flip: sum(light.opposed(thing, turned, there) for thing, turned in things)
        for flip, there in lights.items()
    }
    flip = drawn
    if rules.effects.shadow[1] and opposed[not drawn] < opposed[drawn]:
        flip = not drawn
    return flip, replace(
        scene.effects,
        light=lights[flip],
        surface=background.surface,
        reflection=0.0 if background.surface == "matt" else reflection,
    )


def _feet(scene: Scene, things: Sequence[Foreground], ground: Ground) -> list[float]:
    """The rows on which things stand, as far as there is ground: what is too tall for the picture
    may stand elsewhere."""
    return [
        float(np.clip(foot(placement), ground.top, ground.bottom))
        for placement, thing in zip(scene.placements, things, strict=True)
        if thing.stands and "bottom" not in thing.cut_edges
    ]


def _rows(
    background: Background, height: int, canvas_h: int, feet: Sequence[float]
) -> tuple[float, float] | None:
    """Between which rows of a background a part of it that is `height` high may begin so that its
    ground is below the `feet`; None if nowhere."""
    low, high = 0.0, float(background.size_hw[0] - height)
    if feet:
        top, bottom = band_norm(background)
        scale, nearly = height / canvas_h, NEARLY_NORM * canvas_h
        low = max(low, top * background.size_hw[0] - (min(feet) + nearly) * scale)
        high = min(high, bottom * background.size_hw[0] - (max(feet) - nearly) * scale)
    return (low, high) if low <= high else None
