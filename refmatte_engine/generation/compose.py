"""Composes one sample. The only module that knows the order of the stages."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from refmatte_engine.config.run import Run
from refmatte_engine.errors import Indescribable, RefMatteError, Rejected
from refmatte_engine.generation import acceptance, counterfactuals, siblings, sketch
from refmatte_engine.language import writer
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.packs import pixels
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.randomness import stream
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
from refmatte_engine.scene import backdrop, layout, render
from refmatte_engine.scene.outcomes import asked, given_up
from refmatte_engine.scene.plan import (
    PATIENCE,
    Plan,
    attempts,
    change,
    lenient,
    sample_plan,
    wish,
)
from refmatte_engine.scene.quotas import Wish
from refmatte_engine.scene.render import Rendering
from refmatte_engine.semantics import attributes, verdicts

Tries = tuple[int, int]  # an attempt's number, and how many before it could not be put into words


@dataclass(frozen=True, slots=True)
class Made:
    """A sample, its pixels, why earlier attempts were rejected, what of its plan was given up, and
    whether it is a different scene, replacing an impossible one."""

    sample: Sample
    rendering: Rendering
    rejections: tuple[str, ...]
    given_up: tuple[str, ...] = ()
    replaced: bool = False


class NoScene(RefMatteError):
    """A sample that is impossible however far its plan is loosened."""


@dataclass(frozen=True)
class Composer:
    """All that makes the samples of one split: the plan, the catalog that it draws from, and the
    templates for their expressions."""

    plan: Plan
    catalog: Catalog
    templates: Templates

    def samples(self, start: int, stop: int) -> Iterator[Made]:
        """Samples `start` … `stop - 1`. What each holds depends on its index alone. NoScene for one
        that cannot be had."""
        pair: tuple[Made, Made] | None = None
        group: tuple[Made, ...] | None = None
        for index in range(start, stop):
            wanted = wish(self.plan, index)
            if self.plan.run.siblings:
                number = index % self.plan.run.siblings
                if group is None or number == 0:
                    group = self._siblings(index - number, wanted)
                yield group[number] if group else self.sample(index, wanted)
                continue
            changed = change(self.plan, wanted)
            if changed is None:
                yield self.sample(index, wanted)
                continue
            if pair is None or index % 2 == 0:
                pair = self._pair(index - index % 2, wanted, changed)
            yield pair[index % 2]

    def sample(self, index: int, wanted: Wish | None = None) -> Made:
        """One sample that has no twin. NoScene with the reasons of all attempts."""
        wanted = wanted or wish(self.plan, index)
        found, reasons = _accepted(
            attempts(self.plan), lambda tries: (self._attempt(index, wanted, tries),)
        )
        if found is None:
            why = Counter(reasons)
            problem = f"no acceptable scene in {len(reasons)} attempts ({counted(why)})"
            todo = acceptance.advice(why)
            raise NoScene(f"{self.plan.split}/{index}", problem, todo=todo)
        return self._made(wanted, *found[0], reasons)

    def _pair(self, index: int, wanted: Wish, changed: Change) -> tuple[Made, Made]:
        """Samples `index` and `index + 1`, of one wish: the second has one change, by which at
        least one sentence of the first comes to mean something else. Two images without a twin
        where there is no such change."""
        run = self.plan.run

        def both(tries: Tries) -> tuple[tuple[Sample, Rendering], ...]:
            level, scene = self._planned(index, wanted, tries, changed)
            entities, rendering = self._seen(level, scene)
            if not counterfactuals.changeable(changed, entities, rendering):
                raise Rejected("no_twin")
            first = self._told(index, tries, level, scene, entities)
            acceptance.made_out(rendering, run.layout.min_contrast)
            rng = stream(run.seed, "twin", self.plan.split, index, tries[0])
            for other in counterfactuals.changes(changed, first, rendering, rng):
                if not layout.within(other, self.catalog.foregrounds, run.layout):
                    continue
                with contextlib.suppress(Rejected, Indescribable):
                    self._sketched(level, other, tries, first)
                    seen, second_rendering = self._seen(level, other)
                    if not counterfactuals.moved(changed, first, seen, other.canvas_hw):
                        continue
                    second = self._told(index + 1, tries, level, other, seen)
                    acceptance.made_out(second_rendering, run.layout.min_contrast)
                    shared = counterfactuals.shared(changed, first, second)
                    if shared is not None:
                        second = replace(
                            second, expressions=shared, twin=first.name, change=changed
                        )
                        first = replace(first, twin=second.name, change=changed)
                        return (first, rendering), (second, second_rendering)
            raise Rejected("no_twin")

        found, reasons = _accepted(math.ceil(PATIENCE * run.layout.max_attempts), both)
        if found is None:
            return self.sample(index, wanted), self.sample(index + 1, wanted)
        one, other = found
        return self._made(wanted, *one, reasons), self._made(wanted, *other, ())

    def _siblings(self, index: int, wanted: Wish) -> tuple[Made, ...]:
        """Samples `index` and those after it, of one wish: the same things in the same places with
        the same sentences, before different backgrounds. Nothing where no such group is found."""
        plan, run = self.plan, self.plan.run

        def group(tries: Tries) -> tuple[tuple[Sample, Rendering], ...]:
            level, scene = self._planned(index, wanted, tries)
            scene = backdrop.plain(scene)
            rest = backdrop.others(plan, self.catalog, scene, index, tries[0])
            entities, rendering = self._seen(level, scene)
            first = self._told(index, tries, level, scene, entities)
            acceptance.made_out(rendering, run.layout.min_contrast)
            seen = [(scene, entities, rendering)]
            while rest and len(seen) < (run.siblings or 0):
                with contextlib.suppress(Rejected):
                    entities, rendering = self._seen(level, rest[0])
                    acceptance.made_out(rendering, run.layout.min_contrast)
                    seen.append((rest[0], entities, rendering))
                del rest[0]
            pictures = [each[:2] for each in seen]
            write = partial(self._written, index, tries, scene)
            members = siblings.members(run, first, pictures, self.templates, write)
            return tuple((one, each[2]) for one, each in zip(members, seen, strict=True))

        found, reasons = _accepted(math.ceil(PATIENCE * run.layout.max_attempts), group)
        return tuple(
            self._made(wanted, *each, () if number else reasons)
            for number, each in enumerate(found or ())
        )

    def _made(
        self, wanted: Wish, sample: Sample, rendering: Rendering, reasons: tuple[str, ...]
    ) -> Made:
        unsaid = (
            f"{kind}_expression"
            for entity in sample.entities
            for kind in self.templates.require
            if not any(
                _is_of(kind, e) for e in sample.expressions if e.referents == (entity.index,)
            )
        )
        # Where things were to stand on a ground that nobody has looked at.
        ground = self.catalog.backgrounds[sample.scene.background].ground_from
        is_known = ground in ("labelled", "accepted") or not self.plan.run.layout.ground
        guessed = () if is_known else (f"ground_{ground}",)
        replaced = sample.attempt >= self.plan.run.layout.max_attempts
        sample = replace(sample, asked=asked(self.plan, sample))
        lost = (*given_up(self.plan, wanted, sample), *guessed, *unsaid)
        return Made(sample, rendering, reasons, lost, replaced)

    def _attempt(self, index: int, wanted: Wish, tries: Tries) -> tuple[Sample, Rendering]:
        level, scene = self._planned(index, wanted, tries)
        entities, rendering = self._seen(level, scene)
        sample = self._told(index, tries, level, scene, entities)
        acceptance.made_out(rendering, self.plan.run.layout.min_contrast)
        return sample, rendering

    def _planned(
        self, index: int, wanted: Wish, tries: Tries, changed: Change | None = None
    ) -> tuple[str, Scene]:
        """The level and the scene of an attempt, of which nothing is drawn yet but a sketch."""
        run, split, attempt = self.plan.run, self.plan.split, tries[0]
        planned = sample_plan(self.plan, index, attempt, wanted)
        chosen = [self.catalog.foregrounds[i] for i in planned.foregrounds]
        if not self.plan.apparent.changeable(planned.foregrounds, changed):
            raise Rejected("no_twin")
        scene = layout.sample_scene(
            planned,
            chosen,
            self.catalog.backgrounds[planned.background],
            run.layout.at(planned.level),
            stream(run.seed, "layout", split, index, attempt),
        )
        self._sketched(planned.level, scene, tries)
        return planned.level, scene

    def _sketched(self, level: str, scene: Scene, tries: Tries, twin: Sample | None = None) -> None:
        """Rejected or Indescribable if a sketch of the scene shows that its picture would be; or
        that no sentence of its `twin`, which has the same things in other places, would come to
        mean another of them."""
        canvas_hw = scene.canvas_hw
        entities = sketch.sketch(scene, self.catalog, self.plan.run.layout)
        rules = sketch.loosened(self.plan.run.layout.at(level))
        acceptance.accept(entities, scene.layout, canvas_hw, rules)
        if not lenient(self.plan, [p.foreground for p in scene.placements], *tries):
            sketch.speakable(entities, canvas_hw, self.templates)
        if twin is not None and all(not p.hue_deg for p in scene.placements):
            looks = {e.foreground: e.attributes for e in twin.entities}
            entities = tuple(replace(e, attributes=looks[e.foreground]) for e in entities)
            if not counterfactuals.moved("exchanged", twin, entities, canvas_hw):
                raise Rejected("no_twin")

    def _seen(self, level: str, scene: Scene) -> tuple[tuple[Entity, ...], Rendering]:
        """The scene rendered, accepted and measured."""
        asked, run = self.templates.asked, self.plan.run
        rendering = render_scene(scene, self.catalog, run.relight, quickly=asked is not None)
        placed = [self.catalog.foregrounds[p.foreground] for p in scene.placements]
        entities = render.entities(rendering.layers, scene, placed, run.layout)
        acceptance.accept(entities, scene.layout, scene.canvas_hw, run.layout.at(level))
        only = attributes.MEASURED if asked is None else asked.attributes
        return measured(entities, scene, rendering, self.catalog, only), rendering

    def _told(
        self, index: int, tries: Tries, level: str, scene: Scene, entities: tuple[Entity, ...]
    ) -> Sample:
        """The sample of a scene whose entities are measured, put into words."""
        run, split, attempt = self.plan.run, self.plan.split, tries[0]
        expressions = self._written(index, tries, scene, entities)
        name = run.sample_name(split, index)
        related = verdicts.relate(entities, scene.canvas_hw)
        return Sample(split, index, attempt, level, name, scene, entities, related, expressions)

    def _written(
        self, index: int, tries: Tries, scene: Scene, entities: Sequence[Entity], again: int = 0
    ) -> tuple[Expression, ...]:
        """Sentences about the entities of a scene; others if they are written `again`."""
        run, split, attempt = self.plan.run, self.plan.split, tries[0]
        key = f"words/{again}" if again else "words"
        return writer.express(
            entities,
            scene.canvas_hw,
            self.templates,
            stream(run.seed, key, split, index, attempt),
            lenient=lenient(self.plan, [p.foreground for p in scene.placements], *tries),
        )


def templates_of(run: Run) -> Templates:
    """The run's templates, asking for what the run asks for besides."""
    templates = load_templates(run.expressions_file)
    return templates if run.also is None else replace(templates, also=run.also)


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


def _is_of(kind: str, expression: Expression) -> bool:
    combined = (MINIMAL, OVERSPECIFIED) if kind == COMBINED else (kind,)
    return expression.kind in combined


def counted(reasons: Mapping[str, int]) -> str:
    """The reasons with their counts, commonest first."""
    return ", ".join(f"{reason} {n}×" for reason, n in Counter(reasons).most_common())


def render_scene(
    scene: Scene, catalog: Catalog, relit_by: str | None = None, *, quickly: bool = False
) -> Rendering:
    """The pixels of a scene whose assets are in `catalog`, relit as a run says. Drawn `quickly`,
    its background is made of one that is small: by another rounding, and cropped to a pixel."""
    ground = catalog.backgrounds[scene.background]
    if quickly:
        box = scene.background_box_xyxy
        background, box = pixels.of_crop(ground, catalog, box, scene.canvas_hw)
        scene = replace(scene, background_box_xyxy=box)
    else:
        background = pixels.of_background(ground, catalog)
    return render.render(scene, background, pixels.of_things(scene, catalog), relit_by)


def measured(
    found: tuple[Entity, ...],
    scene: Scene,
    rendering: Rendering,
    catalog: Catalog,
    only: Container[str] = attributes.MEASURED,
) -> tuple[Entity, ...]:
    """The entities with their attributes, measured on the final picture (`only` these) or taken
    from labels."""
    measured_too = []
    for entity, layer, placement in zip(found, rendering.layers, scene.placements, strict=True):
        foreground = catalog.foregrounds[entity.foreground]
        if placement.hue_deg:
            foreground = attributes.recoloured(foreground)
        facts = attributes.measure(rendering.image, layer.visible, layer.box_xyxy, foreground, only)
        measured_too.append(replace(entity, attributes=attributes.placed(facts, placement)))
    return tuple(measured_too)
