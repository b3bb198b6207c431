"""What an expression's program means in a scene, found without knowing how it was written.

Every clause is true, false or "perhaps" of every entity. An expression is certain only if what is
surely meant and what might be meant are the same entities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from refmatte_engine import attributes, lexicon, relations
from refmatte_engine.records import Clause, Entity, Expression
from refmatte_engine.relations import Shape

Truths = dict[int, int]  # entity index -> 1 yes, 0 perhaps, -1 no


class Grounding(NamedTuple):
    """What a program picks out. `referents` are the entities (by index) that it might mean;
    `certain` says that it surely means all of them. `left_after`, `margins` (None unless spatial)
    and `necessary` are per clause."""

    referents: tuple[int, ...]
    certain: bool
    left_after: tuple[tuple[int, ...], ...]
    margins: tuple[float | None, ...]
    necessary: tuple[bool, ...]


def ground(
    program: Sequence[Clause], entities: Sequence[Entity], canvas_hw: tuple[int, int]
) -> Grounding:
    """The program's meaning among `entities`. Clauses apply in order; see `Grounding`."""
    return Scene(entities, canvas_hw).ground(program)


def refuted(expression: Expression, entities: Sequence[Entity], canvas_hw: tuple[int, int]) -> str:
    """Why the expression does not mean exactly its referents here, or "" if it does."""
    found = ground(expression.program, entities, canvas_hw)
    if found.referents != expression.referents:
        return f"means {list(found.referents)}, not {list(expression.referents)}"
    return "" if found.certain else "is not certain"


class Scene:
    """The entities of one picture, with what their geometry needs worked out once."""

    def __init__(self, entities: Sequence[Entity], canvas_hw: tuple[int, int]) -> None:
        self.entities = {entity.index: entity for entity in entities}
        self.shapes = {s.entity: s for s in relations.shapes(entities, canvas_hw)}
        self._known: dict[tuple[Clause, int], tuple[int, float | None]] = {}

    def ground(self, program: Sequence[Clause]) -> Grounding:
        """The program's meaning among the scene's entities."""
        truths = self.everything()
        left_after, margins = [], []
        for clause in program:
            truths, margin = self._apply(clause, truths)
            left_after.append(_possible(truths))
            margins.append(margin)
        referents = _possible(truths)
        certain = all(truths[i] == 1 for i in referents)
        necessary = tuple(
            self._meaning((*program[:i], *program[i + 1 :])) != truths for i in range(len(program))
        )
        return Grounding(referents, certain, tuple(left_after), tuple(margins), necessary)

    def everything(self) -> Truths:
        return dict.fromkeys(self.entities, 1)

    def _meaning(self, program: Sequence[Clause]) -> Truths:
        truths = self.everything()
        for clause in program:
            truths, _ = self._apply(clause, truths)
        return truths

    def _apply(self, clause: Clause, before: Truths) -> tuple[Truths, float | None]:
        """The truths after one more clause, and the margin by which a spatial one holds."""
        if clause.op == "order":
            return self._order(clause, before)
        if clause.op == "count":
            right = str(len(_possible(before))) == clause.value
            return (before if right else dict.fromkeys(before, -1)), None
        after, margins = {}, []
        for index, so_far in before.items():
            if so_far == -1:
                after[index] = -1
                continue
            held = self._known.get((clause, index))
            if held is None:
                held = self._known[clause, index] = self._holds(clause, index)
            truth, margin = held
            after[index] = min(so_far, -truth if clause.negated else truth)
            if margin is not None and after[index] == 1:
                margins.append(margin)
        return after, round(min(margins), 4) if margins else None

    def _holds(self, clause: Clause, index: int) -> tuple[int, float | None]:
        entity, shape = self.entities[index], self.shapes[index]
        if clause.op == "category":
            return lexicon.is_a(entity.category, clause.name), None
        if clause.op == "attribute":
            held = attributes.holds(entity.attributes, clause.name, clause.value, clause.part)
            return held, None
        if clause.op == "position":
            others = [other for other in self.shapes.values() if other is not shape]
            return _truth(relations.POSITIONS[clause.name](shape, others))
        if clause.op == "any":
            return max(self._meaning(program)[index] for program in clause.targets), None
        targets = [self._the_one(program) for program in clause.targets]
        if any(target is None or target is shape for target in targets):
            return -1, None
        known = [target for target in targets if target is not None]
        if clause.name in relations.AMID:
            return _truth(relations.AMID[clause.name](shape, known[0], known[1]))
        return _truth(relations.RELATIONS[clause.name](shape, known[0]))

    def _the_one(self, program: Sequence[Clause]) -> Shape | None:
        """The only thing that a relation's target can mean, if it is one and certain."""
        truths = self._meaning(program)
        found = _possible(truths)
        return self.shapes[found[0]] if len(found) == 1 and truths[found[0]] == 1 else None

    def _order(self, clause: Clause, before: Truths) -> tuple[Truths, float | None]:
        """Counting needs to know what is counted, and a clear sequence of it."""
        left = _possible(before)
        if len(left) < int(clause.value):
            return dict.fromkeys(before, -1), None
        if any(before[i] != 1 for i in left):
            return {i: min(truth, 0) for i, truth in before.items()}, None
        after, margins = dict.fromkeys(before, -1), []
        for i in left:
            ranks = [self._ahead(clause.name, i, other) for other in left if other != i]
            sure = sum(ahead == -1 for ahead, _ in ranks) + 1
            unsure = sum(ahead == 0 for ahead, _ in ranks)
            if sure <= int(clause.value) <= sure + unsure:
                after[i] = 0 if unsure else 1
                margins += [abs(margin) for _, margin in ranks]
        return after, round(min(margins), 4) if margins else None

    def _ahead(self, order: str, one: int, other: int) -> tuple[int, float]:
        """1 if `one` surely comes first, -1 if `other` does, else 0; and by what margin."""
        a, b = self.shapes[one], self.shapes[other]
        first, second = relations.ahead(order, a, b), relations.ahead(order, b, a)
        if first.margin > 0:
            return 1, first.margin
        return (-1, second.margin) if second.margin > 0 else (0, 0.0)


def _truth(verdict: relations.Verdict) -> tuple[int, float]:
    truth = 1 if verdict.margin > 0 else 0 if verdict.possible else -1
    return truth, verdict.margin


def _possible(truths: Truths) -> tuple[int, ...]:
    return tuple(sorted(index for index, truth in truths.items() if truth >= 0))
