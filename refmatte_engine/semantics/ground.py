"""The grounder: what an expression's program means in a scene. It knows neither templates nor how
the text was written.

Every clause is true, false or "perhaps" of every entity. An expression is certain only if the
entities that it surely means and those that it might mean are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from refmatte_engine.records import MINIMAL, OVERSPECIFIED, Clause, Entity, Expression
from refmatte_engine.semantics import attributes, lexicon, relations
from refmatte_engine.semantics.relations import Shape

Truths = tuple[int, ...]  # for every entity: 1 yes, 0 perhaps, -1 no

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


class ClauseTruths(NamedTuple):
    """A clause by itself: its truth for every entity, and the margins where it is spatial."""

    truths: Truths
    margins: tuple[float | None, ...] | None


class Grounder:
    """The entities of one picture, with what is known of them worked out once."""

    def __init__(self, entities: Sequence[Entity], canvas_hw: tuple[int, int]) -> None:
        self.entities = sorted(entities, key=lambda entity: entity.index)
        self.shapes = relations.shapes(self.entities, canvas_hw)
        self.told = [attributes.Told(entity.attributes) for entity in self.entities]
        self.everything: Truths = (1,) * len(entities)
        self._rows: dict[Clause, ClauseTruths] = {}

    def ground(self, program: Sequence[Clause]) -> Grounding:
        """The program's meaning among the scene's entities."""
        truths = self.everything
        left_after, margins = [], []
        for clause in program:
            truths, margin = self._apply(clause, truths)
            left_after.append(self._possible(truths))
            margins.append(margin)
        certain = 0 not in truths
        necessary = tuple(
            _is_noun(clause) or self._meaning(_without(clause, program)) != truths
            for clause in program
        )
        referents = self._possible(truths)
        return Grounding(referents, certain, tuple(left_after), tuple(margins), necessary)

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
        """Whether a program says as much as its kind claims; `found` is what it means."""
        if kind == OVERSPECIFIED:
            return not all(found.necessary)
        return kind != MINIMAL or (
            all(found.necessary)
            and all(
                all(self.ground(target).necessary)
                for clause in program
                for target in clause.targets
            )
        )

    def _meaning(self, program: Sequence[Clause]) -> Truths:
        truths = self.everything
        for clause in program:
            truths, _ = self._apply(clause, truths)
        return truths

    def _possible(self, truths: Truths) -> tuple[int, ...]:
        found = zip(self.entities, truths, strict=True)
        return tuple(entity.index for entity, truth in found if truth >= 0)

    def _apply(self, clause: Clause, before: Truths) -> tuple[Truths, float | None]:
        """The truths after one more clause, and the margin by which a spatial clause holds."""
        if clause.op == "order":
            return self._order(clause, before)
        if clause.op == "count":
            right = sum(truth >= 0 for truth in before) == int(clause.value)
            return (before if right else (-1,) * len(before)), None
        row = self._rows.get(clause)
        if row is None:
            row = self._rows[clause] = self._row(clause)
        after = tuple(map(min, before, row.truths))
        if row.margins is None:
            return after, None
        margins = [m for m, truth in zip(row.margins, after, strict=True) if truth == 1]
        return after, min((m for m in margins if m is not None), default=None)

    def _row(self, clause: Clause) -> ClauseTruths:
        if clause.op == "any":
            parts = [self._meaning(program) for program in clause.targets]
            held: list[tuple[int, float | None]] = [
                (truth, None) for truth in map(max, *parts, self.nothing)
            ]
        elif clause.op == "relation":
            held = self._related(clause)
        else:
            held = [self._holds(clause, place) for place in range(len(self.entities))]
        sign = -1 if clause.negated else 1
        truths = tuple(sign * truth for truth, _ in held)
        margins = tuple(margin for _, margin in held)
        return ClauseTruths(truths, margins if any(m is not None for m in margins) else None)

    @property
    def nothing(self) -> Truths:
        return (-1,) * len(self.entities)

    def _holds(self, clause: Clause, place: int) -> tuple[int, float | None]:
        entity, shape = self.entities[place], self.shapes[place]
        if clause.op == "category":
            return lexicon.is_a(entity.category, clause.name, entity.kind), None
        if clause.op == "attribute":
            return self.told[place].holds(clause.name, clause.value, clause.part), None
        others = [other for other in self.shapes if other is not shape]
        return _truth(relations.POSITIONS[clause.name](shape, others))

    def _related(self, clause: Clause) -> list[tuple[int, float | None]]:
        found = [self._the_one(program) for program in clause.targets]
        targets = [target for target in found if target is not None]
        held: list[tuple[int, float | None]] = []
        for shape in self.shapes:
            if len(targets) < len(found) or shape in targets:
                held.append((-1, None))
            elif clause.name in relations.AMID:
                held.append(_truth(relations.AMID[clause.name](shape, *targets)))
            else:
                held.append(_truth(relations.RELATIONS[clause.name](shape, *targets)))
        return held

    def _the_one(self, program: Sequence[Clause]) -> Shape | None:
        """The one entity that a relation's target certainly means; None if it is not one or not
        certain."""
        truths = self._meaning(program)
        found = [shape for shape, truth in zip(self.shapes, truths, strict=True) if truth >= 0]
        return found[0] if len(found) == 1 and 1 in truths else None

    def _order(self, clause: Clause, before: Truths) -> tuple[Truths, float | None]:
        """The truths after a counting clause. It needs certainty of what is counted, and a clear
        sequence."""
        rank = int(clause.value)
        left = [place for place, truth in enumerate(before) if truth >= 0]
        if len(left) < rank:
            return self.nothing, None
        if 0 in before:
            return tuple(min(truth, 0) for truth in before), None
        after, margins = list(self.nothing), []
        for place in left:
            ranks = [self._ahead(clause.name, place, other) for other in left if other != place]
            behind = sum(ahead == -1 for ahead, _ in ranks)
            unsure = sum(ahead == 0 for ahead, _ in ranks)
            if behind < rank <= behind + unsure + 1:
                after[place] = 0 if unsure else 1
                margins += [margin for _, margin in ranks]
        return tuple(after), min(margins, default=None)

    def _ahead(self, order: str, one: int, other: int) -> tuple[int, float]:
        """1 if `one` surely comes first, -1 if `other` does, else 0; and the margin."""
        a, b = self.shapes[one], self.shapes[other]
        first, second = relations.ahead(order, a, b), relations.ahead(order, b, a)
        if first.margin > 0:
            return 1, first.margin
        return (-1, second.margin) if second.margin > 0 else (0, 0.0)


def _is_noun(clause: Clause) -> bool:
    return clause.noun or clause.op == "category"


def _without(clause: Clause, program: Sequence[Clause]) -> list[Clause]:
    """The program without a clause. Without the sweater, "red" cannot be said of it either."""
    part = clause.value if clause.op == "attribute" and not clause.part else None
    return [c for c in program if c is not clause and (not c.part or c.part != part)]


def _truth(verdict: relations.Verdict) -> tuple[int, float]:
    truth = 1 if verdict.margin > 0 else 0 if verdict.possible else -1
    return truth, round(verdict.margin, 4)
