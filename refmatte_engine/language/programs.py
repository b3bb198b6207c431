"""Programs: what a draft claims, as clauses without words, and then with their proofs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import repeat

from refmatte_engine.language.wording import Draft, Owner
from refmatte_engine.records import Clause, Span

# In a program, kinds come first and what counts comes last.
LAST = {
    **{"category": 0, "attribute": 1, "position": 2, "relation": 3, "any": 4, "order": 5},
    "count": 9,
}
# Of a clause: who is left after it, its margin, and whether it is necessary.
Proof = tuple[tuple[int, ...], float | None, bool]
UNPROVED: Proof = ((), None, True)


def program(draft: Draft) -> tuple[Clause, ...]:
    """A draft as a program of clauses: kinds first, counting last."""
    if not draft.targets:
        clauses = [clause for filler in draft.fillers for clause in filler.clauses]
    else:
        programs = tuple(map(program, draft.targets))
        if draft.fillers[0].clauses[0].op == "any":
            return (Clause("any", "", targets=programs),)
        clauses = [
            Clause(c.op, c.name, c.value, c.part, c.negated, programs) if c.op == "relation" else c
            for filler in draft.fillers
            for c in filler.clauses
        ]
    clauses.sort(key=_comes)
    return tuple(clauses)


def proved(
    draft: Draft, said: Mapping[Owner, tuple[Span, ...]], proof: Sequence[Proof],
    way: Owner = (),
) -> tuple[Clause, ...]:  # fmt: skip
    """The same with the clauses' places in the text and, one for each, what proves them; the
    clauses of a target (`way` says of which) have no `proof`."""
    programs = tuple(
        [proved(target, said, (), (*way, number)) for number, target in enumerate(draft.targets)]
    )
    placed: list[tuple[Clause, tuple[Span, ...]]] = []
    beside: tuple[Span, ...] = ()
    for number, filler in enumerate(draft.fillers):
        spans = said.get((*way, number), ())
        if not filler.clauses:
            beside += spans
        placed += [(clause, spans) for clause in filler.clauses]
    if placed[0][0].op == "any" and programs:
        placed = [(placed[0][0], ())]
    placed.sort(key=lambda found: _comes(found[0]))
    found = []
    for (c, spans), (left, margin, necessary) in zip(
        placed, proof or repeat(UNPROVED), strict=False
    ):
        if c.op == "order":
            spans += beside  # "the second … from the left" is one claim in two places
        targets = programs if c.op in ("relation", "any") else c.targets
        found.append(
            Clause(
                c.op, c.name, c.value, c.part, c.negated, targets, left, margin, necessary,
                c.noun, spans,
            )
        )  # fmt: skip
    return tuple(found)


def _comes(clause: Clause) -> int:
    return LAST[clause.op]
