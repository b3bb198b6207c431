"""Counterfactual pairs: the same entities with one change, and the sentences that follow it.

Recolouring one entity leaves every sentence about another as true as before; so a sentence can lose
its referent, but not gain another. For that, two entities must exchange places or colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from refmatte_engine.records import (
    KEYWORD,
    NONE,
    Change,
    Clause,
    Entity,
    Expression,
    Placement,
    Sample,
    Scene,
)
from refmatte_engine.scene import hues
from refmatte_engine.scene.render import Layer, Rendering
from refmatte_engine.scene.standing import foot
from refmatte_engine.semantics import looks
from refmatte_engine.semantics.ground import ground, refuted

HUES = (0, 130, 220, 280)  # red, green, blue and purple, in degrees
TRIED = 2  # other hues proposed for a thing
SAMPLES = 4000  # pixels of a thing whose hues are looked at


def changeable(change: Change, entities: Sequence[Entity], rendering: Rendering) -> bool:
    """Whether the things of a picture have the hues that the change needs."""
    if change == "exchanged":
        return True
    found = _hues(entities, rendering)
    return bool(found if change == "recoloured" else list(_tradable(entities, found)))


def changes(
    change: Change, first: Sample, rendering: Rendering, rng: np.random.Generator
) -> Iterator[Scene]:
    """The scenes of `first`'s possible twins; `rendering` shows it."""
    if change == "exchanged":
        yield from _exchanges(first.scene, first.entities)
    elif change == "traded":
        found = _hues(first.entities, rendering)
        for i, j, apart in _tradable(first.entities, found):
            yield _turned(first.scene, {i: apart, j: -apart})
    else:
        yield from _recolourings(first, rendering, rng)


def moved(
    change: Change, first: Sample, entities: Sequence[Entity], canvas_hw: tuple[int, int]
) -> list[Expression]:
    """The sentences of `first` that come to mean something else among the `entities` of its twin,
    or, if a thing was recoloured, nothing: proved again there."""
    found = []
    for expression in first.expressions:
        if expression.kind == KEYWORD or len(expression.referents) != 1:
            continue
        if change != "exchanged" and not _by_color(expression.program):
            continue
        again = _proved(expression, entities, canvas_hw)
        if again is None:
            continue
        was = first.entities[expression.referents[0] - 1].foreground
        if again.referents:
            if was != entities[again.referents[0] - 1].foreground:
                found.append(again)
        elif change == "recoloured":
            found.append(again)
    return found


def shared(change: Change, first: Sample, second: Sample) -> tuple[Expression, ...] | None:
    """The sentences of `second` with at least one of `first`'s among them that means something
    else there, proved again; None if there is no such sentence.

    Sentences that mean another thing replace some of `second`'s. Of those that mean nothing any
    more, since their thing was recoloured, one is added.
    """
    turned = {
        place
        for place, (a, b) in enumerate(
            zip(first.scene.placements, second.scene.placements, strict=True)
        )
        if a.hue_deg != b.hue_deg
    }
    if any(not _named(second.entities[place]) for place in turned):
        return None
    told, changed = list(second.expressions), False
    for again in moved(change, first, second.entities, second.scene.canvas_hw):
        # No text stands twice in a picture.
        if any(
            e.text == again.text and (e.kind, e.referents) != (again.kind, again.referents)
            for e in told
        ):
            continue
        if not again.referents:
            was = next(e for e in first.expressions if e.text == again.text).referents[0] - 1
            if was in turned and not changed:
                told += [again] if all(e.text != again.text for e in told) else []
                changed = True
            continue
        like = [
            place
            for place, old in enumerate(told)
            if (old.kind, old.referents) == (again.kind, again.referents)
        ]
        if like:
            told[next((p for p in like if told[p].text == again.text), like[0])] = again
            changed = True
    return tuple(told) if changed else None


def _exchanges(scene: Scene, entities: Sequence[Entity]) -> Iterator[Scene]:
    """The scene with two things of one category exchanged, for each two such things.

    Each keeps its size and takes the other's depth, foot and middle.
    """
    for i, one in enumerate(entities):
        for j, other in enumerate(entities[:i]):
            if one.category == other.category:
                placements = list(scene.placements)
                placements[i] = _moved(scene.placements[j], scene.placements[i])
                placements[j] = _moved(scene.placements[i], scene.placements[j])
                yield replace(scene, placements=tuple(placements))


def _tradable(
    entities: Sequence[Entity], found: dict[int, float]
) -> Iterator[tuple[int, int, float]]:
    """The places of two things of one category, and by how much the first one's hue has to turn to
    be the other's."""
    for i, j in combinations(found, 2):
        apart = hues.traded(found[i], found[j])
        if apart is not None and entities[i].category == entities[j].category:
            yield i, j, apart


def _recolourings(first: Sample, rendering: Rendering, rng: np.random.Generator) -> Iterator[Scene]:
    """The scene with one thing in another hue; only things that a sentence means by its colour."""
    meant = {e.referents[0] - 1 for e in first.expressions
             if len(e.referents) == 1 and e.kind != KEYWORD and _by_color(e.program)}  # fmt: skip
    found = _hues(first.entities, rendering)
    places = [place for place in found if place in meant]
    for place in rng.permutation(places):
        turns = [hues.turn(found[place], hue) for hue in HUES]
        for turn in rng.permutation([t for t in turns if abs(t) >= hues.APART_DEG])[:TRIED]:
            yield _turned(first.scene, {int(place): float(turn)})


def _hues(entities: Sequence[Entity], rendering: Rendering) -> dict[int, float]:
    """The hues, by place, of the things that may have another: opaque, made by people, and plainly
    of one hue."""
    found = {}
    for place, (entity, layer) in enumerate(zip(entities, rendering.layers, strict=True)):
        # CSS names are given by pixels alone, and to nothing that shows what is behind it.
        measured = any(fact.name.startswith("css_color") for fact in entity.attributes)
        plain = looks.made(entity.category, entity.kind) and measured and _named(entity)
        hue = _hue(rendering, layer) if plain else None
        if hue is not None:
            found[place] = hue
    return found


def _hue(rendering: Rendering, layer: Layer) -> float | None:
    x0, y0, x1, y1 = layer.box_xyxy
    step = max(1, round((layer.visible.size / SAMPLES) ** 0.5))
    picture = rendering.image[y0:y1:step, x0:x1:step]
    return hues.of(picture[layer.visible[::step, ::step] >= hues.OPAQUE])


def _named(entity: Entity) -> bool:
    """Whether the thing surely has a colour."""
    return any(fact.name == "color" and not fact.part for fact in entity.attributes)


def _turned(scene: Scene, turns: dict[int, float]) -> Scene:
    placements = list(scene.placements)
    for place, turn in turns.items():
        placements[place] = replace(placements[place], hue_deg=turn)
    return replace(scene, placements=tuple(placements))


def _by_color(program: Sequence[Clause]) -> bool:
    """Whether a sentence names a colour and does not count: recolouring changes how many there are
    to count, and who says "the larger red mug" has seen two."""
    clauses = [*program, *(c for clause in program for target in clause.targets for c in target)]
    return any(c.op == "attribute" and c.name in {"color", "css_color"} for c in clauses) and all(
        c.op not in {"order", "count"} for c in clauses
    )


def _proved(
    expression: Expression, entities: Sequence[Entity], canvas_hw: tuple[int, int]
) -> Expression | None:
    """The sentence with its proof in another picture; None unless it surely means one thing there,
    or nothing."""
    found = ground(expression.program, entities, canvas_hw)
    if len(found.referents) > 1 or not found.certain:
        return None
    clauses = tuple(
        replace(clause, left_after=left, margin=margin, necessary=necessary)
        for clause, left, margin, necessary in zip(
            expression.program, found.left_after, found.margins, found.necessary, strict=True
        )
    )
    kind = expression.kind if found.referents else NONE
    again = replace(expression, kind=kind, program=clauses, referents=found.referents)
    # What was minimal there may be more than is needed here.
    return None if refuted(again, entities, canvas_hw) else again


def _moved(thing: Placement, place: Placement) -> Placement:
    x0, y0, x1, y1 = thing.box_xyxy
    left, _, right, _ = place.box_xyxy
    x = round((left + right - (x1 - x0)) / 2)
    y = y0 + foot(place) - foot(thing)
    return replace(thing, box_xyxy=(x, y, x + x1 - x0, y + y1 - y0))
