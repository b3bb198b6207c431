"""Statements of a sample about itself, checked: its place, its twin or siblings, its relations and
sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from refmatte_engine.config.layout_rules import GIVEN_UP
from refmatte_engine.config.run import Run
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import RefMatteError
from refmatte_engine.language.retelling import Teller
from refmatte_engine.language.templates import Templates
from refmatte_engine.records import KEYWORD, Box, Clause, Effects, Entity, Expression, Sample, Scene
from refmatte_engine.semantics import ground, verdicts
from refmatte_engine.semantics.ground import NOT_CERTAIN

CHANGES = {0: "exchanged", 1: "recoloured", 2: "traded"}  # by how many things have another hue


def misplaced(
    dataset: Dataset, run: Run, sample: Sample, place: int, before: Sample | None
) -> Iterator[str]:
    """Problems with the sample at `place` of its split, whose neighbour is `before`: what the run
    and the place alone say of it, and what twins say of each other."""
    at = f"{dataset.root / sample.split / 'samples.jsonl'}:{place + 1}"
    if sample.index != place:
        yield f"{at}: index: {sample.index}, but it is image {place} of its split"
    name = run.sample_name(sample.split, place)
    if sample.name != name:
        yield f"{at}: name: {sample.name!r}, but the run calls image {place} {name!r}"
    level = run.layout.levels.get(sample.level)
    if level is None and sample.level != GIVEN_UP:
        yield f"{at}: level: the run has none called {sample.level!r}"
    elif level and level.same_category is not None and run.groups is None:
        categories = [entity.category for entity in sample.entities]
        if max(map(categories.count, categories), default=0) != level.same_category + 1:
            yield f"{at}: level: {sample.level!r} is not one for {', '.join(categories)}"
    yield from _not_a_sibling(run, sample, place, at)
    other = run.sample_name(sample.split, place ^ 1)
    if sample.twin not in ("", other):
        yield f"{at}: twin: {sample.twin!r}, but its neighbour is {other!r}"
    if bool(sample.twin) != bool(sample.change):
        yield f"{at}: twin: {sample.twin!r} with the change {sample.change!r}"
    if place % 2 == 0 or before is None:
        return
    if bool(before.twin) != bool(sample.twin):
        yield f"{at}: twin: {sample.twin!r}, and its neighbour's is {before.twin!r}"
    if before.change != sample.change:
        yield f"{at}: change: {sample.change!r}, and its neighbour's is {before.change!r}"
    if not sample.twin:
        return
    if sample.change != (change := _change(before, sample)):
        yield f"{at}: change: {sample.change!r}, but the scenes show {change!r}"
    if replace(sample.scene, placements=()) != replace(before.scene, placements=()):
        yield f"{at}: scene: differs from its twin's in more than placements"


def _not_a_sibling(run: Run, sample: Sample, place: int, at: str) -> Iterator[str]:
    """What the run and the place alone say of siblings."""
    number = place % (run.siblings or 1)
    first = run.sample_name(sample.split, place - number) if run.siblings else ""
    if sample.siblings not in ("", first):
        yield f"{at}: siblings: {sample.siblings!r}, but the run calls their first {first!r}"
    elif sample.sibling != (number + 1 if sample.siblings else 0):
        yield f"{at}: sibling: {sample.sibling}, but it is number {number + 1} of {first!r}"


def unlike(
    sample: Sample, others: Sequence[Sample], digests: Mapping[str, str], at: str
) -> Iterator[str]:
    """In what a sample differs from the `others` of its group: all but backgrounds, what comes of
    them, and proofs is the same in siblings. `digests` are those of the pixels of their mattes, by
    path, as far as they are recorded."""
    if not others:
        return
    first = others[0]
    if sample.siblings != first.siblings:
        yield f"{at}: siblings: {sample.siblings!r}, and those of {first.name} are others"
        return
    if any(sample.scene.background == other.scene.background for other in others):
        yield f"{at}: scene.background: {sample.scene.background!r} is that of a sibling, too"
    for what, one, other in (
        ("scene", _bare(sample), _bare(first)),
        ("level", sample.level, first.level),
        ("attempt", sample.attempt, first.attempt),
        ("expressions", _said(sample), _said(first)),
    ):
        if one != other:
            yield f"{at}: {what}: differs from that of its sibling {first.name}"
    for entity in sample.entities:
        mattes = (f"{s.split}/mask/{s.name}_{entity.index}.png" for s in (sample, first))
        here, there = map(digests.get, mattes)
        if here != there:
            yield f"{at}_{entity.index}: the matte differs from that of its sibling {first.name}"


def _bare(sample: Sample) -> Scene:
    """The scene without its background and what comes of it."""
    nothing: Box = (0, 0, 0, 0)
    return replace(
        sample.scene, background="", background_box_xyxy=nothing, background_flip=False,
        effects=Effects(),
    )  # fmt: skip


def _said(sample: Sample) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(each.kind, each.text, each.referents) for each in sample.expressions]


def _change(one: Sample, other: Sample) -> str:
    """The one change between two scenes, by their placements."""
    a, b = one.scene.placements, other.scene.placements
    turned = sum(p.hue_deg != q.hue_deg for p, q in zip(a, b, strict=False))
    return CHANGES.get(turned, "") if len(a) == len(b) else ""


def problems(
    sample: Sample, measured: tuple[Entity, ...], words: Templates | None, at: str
) -> Iterator[str]:
    """Problems with what is said of the sample's things: as they are recorded, and as they are
    `measured` on the mattes. `words` are the templates that its texts were made from, if known."""
    canvas_hw = sample.scene.canvas_hw
    teller = Teller(words, [e.category for e in sample.entities]) if words else None
    scene, as_seen = (ground.Grounder(e, canvas_hw) for e in (sample.entities, measured))
    if teller and (wrong := _unrelated(sample)):
        yield f"{at}: relations: {wrong}"
    owner: dict[str, tuple[int, ...]] = {}
    for number, expression in enumerate(sample.expressions):
        said = f"{at}: expressions.{number}: {expression.text!r}"
        try:
            # A keyword names whatever may be called so; every other sentence has to be certain.
            for facts, known in (("record", scene), ("mattes", as_seen)):
                why = known.refuted(expression)
                if why and not (expression.kind == KEYWORD and why == NOT_CERTAIN):
                    yield f"{said}: by its {facts}, it {why}"
            if teller:
                if why := teller.refuted(expression, bool(sample.twin)):
                    yield f"{said} {why}"
                for field in _unproved(expression, scene):
                    yield f"{said}: {field} is not what its program gives"
        except (RefMatteError, KeyError, ValueError, TypeError, IndexError):
            yield f"{said}: has a program that says nothing (program)"
        if expression.kind != KEYWORD:
            other = owner.setdefault(expression.text, expression.referents)
            if other != expression.referents:
                yield f"{said}: is said of two entities"


def _unrelated(sample: Sample) -> str:
    """The first recorded relation that does not hold as it is recorded, or one that is missing."""
    found = verdicts.relate(sample.entities, sample.scene.canvas_hw)
    for a in sample.relations:
        if a not in found:
            return f"{a.subject} {a.predicate} {a.object} by {a.margin} is not so"
    if found == sample.relations:
        return ""
    missing = [a for a in found if a not in sample.relations]
    return (
        f"{missing[0].subject} {missing[0].predicate} {missing[0].object} is missing"
        if missing
        else "are in another order"
    )


def _unproved(expression: Expression, scene: ground.Grounder) -> Iterator[str]:
    """The fields of an expression's proof that are not what its program gives."""
    found = scene.ground(expression.program)
    for i, clause in enumerate(expression.program):
        if clause.left_after != found.left_after[i]:
            yield f"program.{i}.left_after {list(clause.left_after)}"
        if clause.margin != found.margins[i]:
            yield f"program.{i}.margin {clause.margin}"
        if clause.necessary != found.necessary[i]:
            yield f"program.{i}.necessary {clause.necessary}"
        for target in clause.targets:
            if any(_proves(part) for part in target):
                yield f"program.{i}.targets (with proofs of their own)"


def _proves(clause: Clause) -> bool:
    """Whether a clause of a target, which has no proof, carries one."""
    return (clause.left_after, clause.margin, clause.necessary) != ((), None, True)
