"""Makes one sample. The only module that knows the order of the stages."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from refmatte_engine.config.run import LayoutRules
from refmatte_engine.errors import RefMatteError
from refmatte_engine.generation import counterfactuals
from refmatte_engine.language import writer
from refmatte_engine.language.writer import Indescribable, Templates
from refmatte_engine.packs import pixels
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.randomness import sample_hex, stream
from refmatte_engine.records import (
    COMBINED,
    MINIMAL,
    OVERSPECIFIED,
    Change,
    Entity,
    Expression,
    Sample,
    Scene,
)
from refmatte_engine.scene import layout, plan, render
from refmatte_engine.scene.layout import Rejected
from refmatte_engine.scene.plan import Plan
from refmatte_engine.scene.render import Rendering
from refmatte_engine.semantics import attributes, relations

Tries = tuple[int, int]  # an attempt's number, and how many before it could not be put into words


@dataclass(frozen=True, slots=True)
class Made:
    """A sample, its pixels, the reasons why earlier attempts were dropped, what of its plan was
    given up, and whether it is another scene altogether, in place of one that cannot be had."""

    sample: Sample
    rendering: Rendering
    rejections: tuple[str, ...]
    given_up: tuple[str, ...] = ()
    replaced: bool = False


class NoScene(RefMatteError):
    """A sample that cannot be had, however its plan is loosened."""


def make_samples(
    plan_: Plan, catalog: Catalog, templates: Templates, start: int, stop: int
) -> Iterator[Made]:
    """Samples `start` … `stop - 1` of the plan's split. What each holds depends on its index alone.
    NoScene for one that cannot be had."""
    pair: tuple[Made, Made] | None = None
    for index in range(start, stop):
        change = plan.change(plan_, index)
        if change is None:
            yield make_sample(plan_, catalog, templates, index)
            continue
        if pair is None or index % 2 == 0:
            pair = _make_pair(plan_, catalog, templates, index - index % 2, change)
        yield pair[index % 2]


def make_sample(plan_: Plan, catalog: Catalog, templates: Templates, index: int) -> Made:
    """One sample that has no twin. NoScene with the reasons of all attempts."""
    found, reasons = _accepted(
        plan.attempts(plan_),
        lambda tries: (_attempt(plan_, catalog, templates, index, tries),),
    )
    if found is None:
        raise NoScene(
            f"{plan_.split}/{index}",
            f"no acceptable scene in {len(reasons)} attempts ({counted(Counter(reasons))})",
            todo="loosen the layout's limits (min_visible_share, min_area, size, covered), or add "
            "more varied assets",
        )
    return _made(plan_, templates, *found[0], reasons)


def _make_pair(
    plan_: Plan, catalog: Catalog, templates: Templates, index: int, change: Change
) -> tuple[Made, Made]:
    """Samples `index` and `index + 1`: the second has one change, by which at least one sentence of
    the first comes to mean something else. Two images without a twin where there is no such
    change."""

    def both(tries: Tries) -> tuple[tuple[Sample, Rendering], ...]:
        attempt, _ = tries
        first, rendering = _attempt(plan_, catalog, templates, index, tries, change)
        rng = stream(plan_.run.seed, "twin", plan_.split, index, attempt)
        placed = [catalog.foregrounds[p.foreground] for p in first.scene.placements]
        for scene in counterfactuals.changes(change, first, rendering, rng):
            if not layout.within(scene, placed, plan_.run.layout):
                continue
            with contextlib.suppress(Rejected, Indescribable):
                second, other = _described(
                    plan_, catalog, templates, index + 1, tries, first.level, scene
                )
                told = counterfactuals.shared(change, first, second)
                if told is not None:
                    second = replace(second, expressions=told, twin=first.name, change=change)
                    first = replace(first, twin=second.name, change=change)
                    return (first, rendering), (second, other)
        raise Rejected("no_twin")

    tries = math.ceil(plan.PATIENCE * plan_.run.layout.max_attempts)
    found, reasons = _accepted(tries, both)
    if found is None:
        first, second = (make_sample(plan_, catalog, templates, i) for i in (index, index + 1))
        return first, second
    one, other = found
    return _made(plan_, templates, *one, reasons), _made(plan_, templates, *other, ())


def _accepted(
    attempts: int, attempt_at: Callable[[Tries], tuple[tuple[Sample, Rendering], ...]]
) -> tuple[tuple[tuple[Sample, Rendering], ...] | None, tuple[str, ...]]:
    """The first attempt that is not rejected, or None, and the reasons why earlier ones were."""
    reasons: list[str] = []
    speechless = 0
    for attempt in range(attempts):
        try:
            return attempt_at((attempt, speechless)), tuple(reasons)
        except (Rejected, Indescribable) as rejected:
            reasons.append(rejected.reason)
            speechless += isinstance(rejected, Indescribable)
    return None, tuple(reasons)


def _made(
    plan_: Plan,
    templates: Templates,
    sample: Sample,
    rendering: Rendering,
    reasons: tuple[str, ...],
) -> Made:
    replaced = sample.attempt >= plan_.run.layout.max_attempts
    unsaid = (
        f"{kind}_expression"
        for entity in sample.entities
        for kind in templates.require
        if not any(_is_of(kind, e) for e in sample.expressions if e.referents == (entity.index,))
    )
    return Made(sample, rendering, reasons, (*plan.given_up(plan_, sample), *unsaid), replaced)


def _is_of(kind: str, expression: Expression) -> bool:
    combined = (MINIMAL, OVERSPECIFIED) if kind == COMBINED else (kind,)
    return expression.kind in combined


def counted(reasons: Mapping[str, int]) -> str:
    """Reasons and how often each was, the commonest first."""
    return ", ".join(f"{reason} {n}×" for reason, n in Counter(reasons).most_common())


def _attempt(
    plan_: Plan,
    catalog: Catalog,
    templates: Templates,
    index: int,
    tries: Tries,
    change: Change | None = None,
) -> tuple[Sample, Rendering]:
    run, split, attempt = plan_.run, plan_.split, tries[0]
    recipe = plan.recipe(plan_, index, attempt)
    chosen = [catalog.foregrounds[i] for i in recipe.foregrounds]
    if change and not counterfactuals.possible(change, chosen):
        raise Rejected("no_twin")
    scene = layout.sample_scene(
        recipe,
        chosen,
        catalog.backgrounds[recipe.background],
        run.layout.at(recipe.level),
        stream(run.seed, "layout", split, index, attempt),
    )
    return _described(plan_, catalog, templates, index, tries, recipe.level, scene)


def _described(
    plan_: Plan,
    catalog: Catalog,
    templates: Templates,
    index: int,
    tries: Tries,
    level: str,
    scene: Scene,
) -> tuple[Sample, Rendering]:
    """The scene rendered, accepted, measured and put into words."""
    run, split, attempt = plan_.run, plan_.split, tries[0]
    things = [p.foreground for p in scene.placements]
    rendering = render_scene(scene, catalog)
    placed = [catalog.foregrounds[thing] for thing in things]
    found = render.entities(rendering, scene, placed)
    accept(found, scene.layout, scene.canvas_hw, run.layout.at(level))
    found = measured(found, scene, rendering, catalog)
    said = writer.express(
        found,
        scene.canvas_hw,
        templates,
        stream(run.seed, "words", split, index, attempt),
        lenient=plan.lenient(plan_, things, *tries),
    )
    name = f"{run.name}_{split}_{sample_hex(run.seed, split, index)}"
    related = relations.between(found, scene.canvas_hw)
    sample = Sample(split, index, attempt, level, name, scene, found, related, said)
    return sample, rendering


def render_scene(scene: Scene, catalog: Catalog) -> Rendering:
    """The pixels of a scene whose assets are in `catalog`."""
    background = pixels.of_background(catalog.backgrounds[scene.background], catalog)
    cutouts = []
    for placement in scene.placements:
        x0, y0, x1, y1 = placement.box_xyxy
        foreground = catalog.foregrounds[placement.foreground]
        cutouts.append(pixels.of_foreground(foreground, catalog, (y1 - y0, x1 - x0)))
    return render.render(scene, background, cutouts)


def measured(
    found: tuple[Entity, ...], scene: Scene, rendering: Rendering, catalog: Catalog
) -> tuple[Entity, ...]:
    """The entities with their attributes, measured on the final picture or taken from labels."""
    told = []
    for entity, layer, placement in zip(found, rendering.layers, scene.placements, strict=True):
        foreground = catalog.foregrounds[entity.foreground]
        if placement.hue_deg:
            foreground = attributes.recoloured(foreground)
        facts = attributes.measure(rendering.image, layer.visible, layer.box_xyxy, foreground)
        told.append(replace(entity, attributes=attributes.placed(facts, placement)))
    return tuple(told)


def accept(
    found: tuple[Entity, ...], kind: str, canvas_hw: tuple[int, int], rules: LayoutRules
) -> None:
    """Rejected, with the reason, when the picture breaks the layout's rules."""
    for entity in found:
        covered = sum(share for _, share in entity.covered_by)
        if entity.visible_share < rules.min_visible_share:
            raise Rejected("too_hidden")
        if entity.area_px < rules.min_area * canvas_hw[0] * canvas_hw[1]:
            raise Rejected("too_small")
        if kind != "front_behind" and covered > rules.touch:
            raise Rejected("overlap")
    if kind == "front_behind":
        covered = sum(share for _, share in found[0].covered_by)
        if not rules.covered[0] <= covered <= rules.covered[1]:
            raise Rejected("covered_too_little" if covered < rules.covered[0] else "too_hidden")
