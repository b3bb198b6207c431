"""Counterfactual pairs: the same things with two of them exchanged, and sentences that follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from refmatte_engine.ground import ground
from refmatte_engine.records import Entity, Expression, Placement, Scene


def exchanges(scene: Scene, entities: Sequence[Entity]) -> Iterator[Scene]:
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


def shared(
    here: Sequence[Expression],
    there: Sequence[Expression],
    before: Sequence[Entity],
    entities: Sequence[Entity],
    canvas_hw: tuple[int, int],
) -> tuple[Expression, ...] | None:
    """`there` with those of its sentences replaced by sentences of `here` that are true of another
    foreground in the exchanged picture, each proved again. None if there is no such sentence.

    `before` and `entities` are the entities of the first and of the exchanged picture.
    """
    told = list(there)
    changed = False
    for expression in here:
        if expression.kind == "keyword" or len(expression.referents) != 1:
            continue
        again = _proved(expression, entities, canvas_hw)
        if again is None:
            continue
        was, now = expression.referents[0], again.referents[0]
        if before[was - 1].foreground == entities[now - 1].foreground:
            continue
        if any(e.text == again.text and e.referents != again.referents for e in told):
            continue
        for place, old in enumerate(told):
            if (old.kind, old.referents) == (again.kind, again.referents):
                told[place] = again
                changed = True
    return tuple(told) if changed else None


def _proved(
    expression: Expression, entities: Sequence[Entity], canvas_hw: tuple[int, int]
) -> Expression | None:
    """The sentence with its proof in another picture; None unless it means one thing there."""
    found = ground(expression.program, entities, canvas_hw)
    if len(found.referents) != 1 or not found.certain:
        return None
    clauses = tuple(
        replace(clause, left_after=left, margin=margin, necessary=necessary)
        for clause, left, margin, necessary in zip(
            expression.program, found.left_after, found.margins, found.necessary, strict=True
        )
    )
    return replace(expression, program=clauses, referents=found.referents)


def _moved(thing: Placement, place: Placement) -> Placement:
    x0, y0, x1, y1 = thing.box_xyxy
    left, _, right, bottom = place.box_xyxy
    x = round((left + right - (x1 - x0)) / 2)
    y = bottom - (y1 - y0)
    return replace(thing, box_xyxy=(x, y, x + x1 - x0, y + y1 - y0))
