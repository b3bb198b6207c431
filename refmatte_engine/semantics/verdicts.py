"""The verdicts of all spatial words on one picture, each worked out once, whoever asks.

Sets of entities are bit masks: bit p is the entity at position p.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from refmatte_engine.records import Entity, Relation
from refmatte_engine.semantics import relations
from refmatte_engine.semantics.relations import Shape, Verdict

NO = Verdict(-1.0, False)
# Words that say of two things what another says of them in the other order, or in either.
REVERSED = {"right_of": "left_of", "below": "above", "behind": "in_front_of"}
MUTUAL = frozenset({"next_to", "near"})


class Held(NamedTuple):
    """Of whom a word is surely true and of whom it might be (bit masks), and the verdicts."""

    sure: int
    possible: int
    verdicts: tuple[Verdict, ...]


class Verdicts:
    """What every spatial word says of the shapes of one picture; use `on`."""

    def __init__(self, shapes: tuple[Shape, ...]) -> None:
        self.shapes = shapes
        self._others = [shapes[:i] + shapes[i + 1 :] for i in range(len(shapes))]
        self._positions: dict[str, Held] = {}
        self._relations: dict[str, tuple[Held, ...]] = {}
        self._amid: dict[tuple[str, int, int], Held] = {}
        self._ahead: dict[tuple[str, int, int], Verdict] = {}

    def position(self, name: str) -> Held:
        """Of whom a position is true."""
        found = self._positions.get(name)
        if found is None:
            found = self._positions[name] = _held(self._position(name))
        return found

    def _position(self, name: str) -> Iterable[Verdict]:
        if name in relations.CORNERS:
            one, other = (self.position(half).verdicts for half in relations.CORNERS[name])
            return map(relations.both_of, one, other)
        holds = relations.POSITIONS[name]
        return map(holds, self.shapes, self._others)

    def relation(self, name: str) -> tuple[Held, ...]:
        """For each shape, of whom a relation to it is true: of nobody to himself."""
        found = self._relations.get(name)
        if found is None:
            columns = zip(*self._matrix(name), strict=True)
            found = self._relations[name] = tuple(map(_held, columns))
        return found

    def _matrix(self, name: str) -> Sequence[Sequence[Verdict]]:
        """The verdicts, a row for each shape of which it is said, one column for each it is of."""
        if name in REVERSED:
            return [held.verdicts for held in self.relation(REVERSED[name])]
        holds = relations.RELATIONS[name]
        if name not in MUTUAL:
            return [[NO if a is b else holds(a, b) for b in self.shapes] for a in self.shapes]
        rows = [[NO] * len(self.shapes) for _ in self.shapes]
        for i, a in enumerate(self.shapes):
            for j in range(i):
                rows[i][j] = rows[j][i] = holds(a, self.shapes[j])
        return rows

    def amid(self, name: str, one: int, other: int) -> Held:
        """Of whom it is true that they are amid the shapes at two positions."""
        key = (name, one, other)
        found = self._amid.get(key)
        if found is None:
            holds, b, c = relations.AMID[name], self.shapes[one], self.shapes[other]
            found = self._amid[key] = _held(
                NO if a is b or a is c else holds(a, b, c) for a in self.shapes
            )
        return found

    def ahead(self, order: str, one: int, other: int) -> Verdict:
        """Whether the shape at position `one` comes before the one at `other`."""
        key = (order, one, other)
        found = self._ahead.get(key)
        if found is None:
            found = relations.ahead(order, self.shapes[one], self.shapes[other])
            self._ahead[key] = found
        return found


@lru_cache(4)
def on(shapes: tuple[Shape, ...]) -> Verdicts:
    """The verdicts on these shapes: those who write of a picture, prove it and record its relations
    one after another ask for the same."""
    return Verdicts(shapes)


def relate(entities: Sequence[Entity], canvas_hw: tuple[int, int]) -> tuple[Relation, ...]:
    """All relations between two entities that clearly hold, with margins as fractions of the
    canvas."""
    known = on(relations.shapes(entities, canvas_hw))
    found = []
    for name in relations.RELATIONS:
        held = known.relation(name)
        for i, a in enumerate(known.shapes):
            for b, of_b in zip(known.shapes, held, strict=True):
                if of_b.sure >> i & 1:
                    margin = round(of_b.verdicts[i].margin, 4)
                    found.append(Relation(a.entity, name, b.entity, margin))
    return tuple(found)


def _held(verdicts: Iterable[Verdict]) -> Held:
    sure = possible = 0
    verdicts = tuple(verdicts)
    for place, (margin, may_be) in enumerate(verdicts):
        if margin > 0:
            sure |= 1 << place
            possible |= 1 << place
        elif may_be:
            possible |= 1 << place
    return Held(sure, possible, verdicts)
