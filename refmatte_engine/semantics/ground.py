"""The grounder: what an expression's program means in a scene. It knows neither templates nor how
the text was written.

Every clause is true, false or "perhaps" of every entity. An expression is certain only if the
entities that it surely means and those that it might mean are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from functools import cached_property, reduce
from typing import NamedTuple

from refmatte_engine.records import MINIMAL, NONE, OVERSPECIFIED, Clause, Entity, Expression
from refmatte_engine.semantics import attributes, lexicon, relations, verdicts

COUNTING = frozenset({"order", "count"})  # what a clause says of those whom the others left

NOT_CERTAIN = "is not certain"


class Grounding(NamedTuple):
    """What a program picks out. `referents` are the entities (by index) that it might mean;
    `certain` is true if it surely means all of them. `left_after`, `margins` (None unless spatial)
    and `necessary` are per clause, as `Clause` explains them."""

    referents: tuple[int, ...]
    certain: bool
    left_after: tuple[tuple[int, ...], ...]
    margins: tuple[float | None, ...]
    necessary: tuple[bool, ...]


def ground(
    program: Sequence[Clause], entities: Sequence[Entity], canvas_hw: tuple[int, int]
) -> Grounding:
    """The program's meaning among `entities`. Clauses apply in order; see `Grounding`."""
    return Grounder(entities, canvas_hw).ground(program)


def refuted(expression: Expression, entities: Sequence[Entity], canvas_hw: tuple[int, int]) -> str:
    """Why the expression does not mean exactly its referents here, or is not of its kind; "" if it
    does and is."""
    return Grounder(entities, canvas_hw).refuted(expression)


class Row(NamedTuple):
    """A clause by itself: of whom it is surely true and of whom it might be (bit masks), and by
    which margins, one for each entity, where it is spatial."""

    sure: int
    possible: int
    margins: tuple[float | None, ...] | None = None


class Grounder:
    """The entities of one picture, with what is known of them worked out once.

    Sets of entities are bit masks: bit p is the entity at position p.
    """

    def __init__(self, entities: Sequence[Entity], canvas_hw: tuple[int, int]) -> None:
        self.entities = sorted(entities, key=lambda entity: entity.index)
        self.spatial = verdicts.on(relations.shapes(self.entities, canvas_hw))
        self.told = [attributes.Told(entity.attributes) for entity in self.entities]
        self.everyone = (1 << len(self.entities)) - 1
        self._rows: dict[tuple[str, str, str, str, bool], Row] = {}
        self._sets: dict[int, tuple[int, ...]] = {}
        self._closed: Grounder | None = None

    @cached_property
    def _open(self) -> Grounder:
        """The same scene, in which things may have what their labels leave unsaid."""
        made = copy(self)
        made._rows, made._closed = {}, self
        return made

    def ground(self, program: Sequence[Clause]) -> Grounding:
        """The program's meaning among the scene's entities."""
        sure = possible = self.everyone
        left_after, margins, rows = [], [], list[Row]()
        for clause in program:
            if clause.op in COUNTING:
                sure, possible, margin = self._counted(clause, sure, possible)
            else:
                row = self._row(clause)
                rows.append(row)
                sure, possible = sure & row.sure, possible & row.possible
                margin = None if row.margins is None else self._least(row.margins, sure)
            left_after.append(self._indices(possible))
            margins.append(margin)
        plain = rows if len(rows) == len(program) else None
        necessary = tuple(
            [
                _is_noun(clause) or self._without(place, program, plain) != (sure, possible)
                for place, clause in enumerate(program)
            ]
        )
        return Grounding(
            self._indices(possible), sure == possible, tuple(left_after), tuple(margins), necessary
        )

    def refuted(self, expression: Expression) -> str:
        """Why the expression does not mean exactly its referents, or is not of its kind; "" if it
        does and is."""
        found = self.ground(expression.program)
        if found.referents != expression.referents:
            return f"means {list(found.referents)}, not {list(expression.referents)}"
        if not found.certain:
            return NOT_CERTAIN
        fits = self.is_of(expression.kind, expression.program, found)
        return "" if fits else f"is not {expression.kind}"

    def is_of(self, kind: str, program: Sequence[Clause], found: Grounding) -> bool:
        """Whether a program says as much as its kind claims; `found` is what it means. That there
        is no such thing does not follow from what a label leaves unsaid."""
        if kind == OVERSPECIFIED:
            return not all(found.necessary)
        if kind == NONE:
            return self._open.ground(program).certain
        return kind != MINIMAL or (
            all(found.necessary)
            and all(
                all(self.ground(target).necessary)
                for clause in program
                for target in clause.targets
            )
        )

    def _meaning(self, program: Iterable[Clause]) -> tuple[int, int]:
        """Of whom all of a program is surely true, and of whom it might be."""
        sure = possible = self.everyone
        for clause in program:
            if clause.op in COUNTING:
                sure, possible, _ = self._counted(clause, sure, possible)
            else:
                row = self._row(clause)
                sure, possible = sure & row.sure, possible & row.possible
        return sure, possible

    def _without(
        self, place: int, program: Sequence[Clause], rows: Sequence[Row] | None
    ) -> tuple[int, int]:
        """The meaning of the program without one of its clauses. Without the sweater, "red" cannot
        be said of it either. `rows` are the clauses by themselves, if none of them counts."""
        left_out = program[place]
        is_part = left_out.op == "attribute" and not left_out.part
        part = left_out.value if is_part else None
        left = [i for i, c in enumerate(program) if i != place and (not c.part or c.part != part)]
        if rows is None:
            return self._meaning(program[i] for i in left)
        sure = possible = self.everyone
        for i in left:
            sure, possible = sure & rows[i].sure, possible & rows[i].possible
        return sure, possible

    def _indices(self, among: int) -> tuple[int, ...]:
        """The indices of the entities in a set."""
        found = self._sets.get(among)
        if found is None:
            found = self._sets[among] = tuple(
                e.index for place, e in enumerate(self.entities) if among >> place & 1
            )
        return found

    @staticmethod
    def _least(margins: Sequence[float | None], among: int) -> float | None:
        """The least margin of the entities in a set."""
        held = (m for place, m in enumerate(margins) if among >> place & 1 and m is not None)
        return min((round(m, 4) for m in held), default=None)

    def _row(self, clause: Clause) -> Row:
        if clause.targets:
            return self._new_row(clause)
        key = (clause.op, clause.name, clause.value, clause.part, clause.negated)
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._new_row(clause)
        return row

    def _new_row(self, clause: Clause) -> Row:
        if clause.op == "any":
            parts = [self._meaning(program) for program in clause.targets]
            sure, possible = reduce(_either, parts, (0, 0))
            row = Row(sure, possible)
        elif clause.op == "relation":
            row = self._related(clause)
        elif clause.op == "position":
            held = self.spatial.position(clause.name)
            row = Row(held.sure, held.possible, tuple(v.margin for v in held.verdicts))
        else:
            row = Row(*self._told(clause))
        if not clause.negated:
            return row
        everyone = self.everyone
        return Row(everyone & ~row.possible, everyone & ~row.sure, row.margins)

    def _told(self, clause: Clause) -> tuple[int, int]:
        """Of whom a category or an attribute is true."""
        sure = possible = 0
        for place, entity in enumerate(self.entities):
            if clause.op == "category":
                truth: int = lexicon.is_a(entity.category, clause.name, entity.kind)
            elif clause.negated:  # the row is turned round later
                truth = -self.told[place].lacks(clause.name, clause.value, clause.part)
            else:
                told = self.told[place]
                truth = told.holds(clause.name, clause.value, clause.part)
                if self._closed and not told.lacks(clause.name, clause.value, clause.part):
                    truth = max(truth, 0)
            if truth >= 0:
                possible |= 1 << place
                sure |= (truth > 0) << place
        return sure, possible

    def _related(self, clause: Clause) -> Row:
        targets = [self._the_one(program) for program in clause.targets]
        found = [target for target in targets if target is not None]
        if len(found) < len(targets):
            hidden = self._closed and any(
                self._meaning(program)[1] and not self._closed._meaning(program)[1]
                for program in clause.targets
            )
            return Row(0, self.everyone if hidden else 0)
        if clause.name in relations.AMID:
            held = self.spatial.amid(clause.name, *found)
        else:
            (target,) = found
            held = self.spatial.relation(clause.name)[target]
        margins = (None if p in found else v.margin for p, v in enumerate(held.verdicts))
        return Row(held.sure, held.possible, tuple(margins))

    def _the_one(self, program: Sequence[Clause]) -> int | None:
        """The position of the one entity that a relation's target certainly means; None if it is
        not one or not certain."""
        sure, possible = self._meaning(program)
        return possible.bit_length() - 1 if sure == possible and sure.bit_count() == 1 else None

    def _counted(self, clause: Clause, sure: int, possible: int) -> tuple[int, int, float | None]:
        """Who is left after a clause that counts those who were left before it. An order needs
        certainty of what is counted, and a clear sequence."""
        number = int(clause.value)
        if clause.op == "count":
            return (sure, possible, None) if possible.bit_count() == number else (0, 0, None)
        left = [place for place in range(len(self.entities)) if possible >> place & 1]
        if len(left) < number:
            return 0, 0, None
        if sure != possible:
            return 0, possible, None
        after_sure = after = 0
        margins: list[float] = []
        for place in left:
            ranks = [self._ahead(clause.name, place, other) for other in left if other != place]
            behind = sum(ahead == -1 for ahead, _ in ranks)
            unsure = sum(ahead == 0 for ahead, _ in ranks)
            if behind < number <= behind + unsure + 1:
                after |= 1 << place
                after_sure |= (not unsure) << place
                margins += [margin for _, margin in ranks]
        return after_sure, after, min(margins, default=None)

    def _ahead(self, order: str, one: int, other: int) -> tuple[int, float]:
        """1 if `one` surely comes first, -1 if `other` does, else 0; and the margin."""
        first = self.spatial.ahead(order, one, other)
        if first.margin > 0:
            return 1, first.margin
        second = self.spatial.ahead(order, other, one)
        return (-1, second.margin) if second.margin > 0 else (0, 0.0)


def _either(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] | other[0], one[1] | other[1]


def _is_noun(clause: Clause) -> bool:
    return clause.noun or clause.op == "category"
