"""Where in a text its clauses are said, whatever endings, articles and contractions do to it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.language import wording
from refmatte_engine.language.templates import load_templates
from refmatte_engine.language.vocabulary import Vocabulary
from refmatte_engine.records import Clause, Expression
from tests.semantics.test_ground import languages, templates, written

seeds = st.integers(0, 10**6)


def clauses(program: tuple[Clause, ...]) -> Iterator[Clause]:
    for clause in program:
        yield clause
        for target in clause.targets:
            yield from clauses(target)


def parts(expression: Expression, clause: Clause) -> list[str]:
    return [expression.text[start:stop] for start, stop in clause.spans]


@languages
@settings(deadline=None, max_examples=40)
@given(seed=seeds)
def test_every_clause_has_its_words(name: str, seed: int) -> None:
    found = written(name, seed)
    words = templates(name).vocabulary
    for expression in found[1] if found else ():
        taken: dict[tuple[int, int], Clause] = {}
        noun = next(clause for clause in clauses(expression.program) if clause.op == "category")
        for clause in clauses(expression.program):
            assert bool(clause.spans) == (clause.op != "any")
            for span, part in zip(clause.spans, parts(expression, clause), strict=True):
                assert part
                assert part == part.strip(" ,.")
                # Only what a noun implies is said by the same word as the noun.
                assert clause.noun or span not in taken
                taken.setdefault(span, clause)
            if clause.noun:
                assert clause.spans in {c.spans for c in clauses(expression.program) if c != clause}
        for (a, b), (c, d) in combinations(sorted(taken), 2):
            assert b <= c, (expression.text, expression.text[a:b], expression.text[c:d])
        if noun.op == "category" and expression.kind != "group":
            (said,) = parts(expression, noun)
            known = [n.word for e in found[0] for n in words.names(e.category)] if found else []
            assert any(said.startswith(word.stem or word.say) for word in known)


NOUNS = """\
language: made
nouns:
  - {of: mug.n.04, say: becher, gender: m}
  - {of: cat.n.01, say: ei, gender: n}
slots:
  color: {attribute: color, words: {red: {say: rot}, blue: {say: orange}}}
positions: {left: ["da , zu dem rand"]}
relations: {left_of: ["von {target:dat} aus gesehen"]}
agreement:
  the: {m.dat: dem, n.dat: dem, m: der, n: das}
  ending: {else: e}
contractions: {"von dem": vom, "zu dem": zum, "dem ei": d'ei}
"""
KINDS = """\
language: made
vocabulary: words.yaml
kinds:
  keyword: ["{noun}"]
  basic: ["a~ {color} {noun}"]
  absolute: ["  {the}  {noun} {position} "]
  relative: ["{the} {noun} , {relation}"]
  combined: ["{the} {color} {noun}"]
rules:
  target: ["{the} {noun}"]
"""


@pytest.fixture
def made(tmp_path: Path) -> templates.Templates:
    (tmp_path / "words.yaml").write_text(NOUNS)
    (tmp_path / "made.yaml").write_text(KINDS)
    return load_templates(tmp_path / "made.yaml")


@pytest.mark.parametrize(
    ("raw", "text", "said"),
    [
        # An article takes the form that the next word asks for, and belongs to nobody.
        (["a~ ", "*orange", " ", "*becher"], "an orange becher", ["orange", "becher"]),
        (["a~ ", "*rote", " ", "*becher"], "a rote becher", ["rote", "becher"]),
        # Spaces at the ends, two in the middle, one before a comma.
        (["  ", "*becher", "  , ", "* da "], "becher, da", ["becher", "da"]),
        # Of two words that become one, both their owners have that one.
        (["*von ", "dem", " ", "*becher", "* aus"], "vom becher aus", ["vom", "becher", "aus"]),
        (["*zu ", "*dem", " rand"], "zum rand", ["zum", "zum"]),
        (["*hinter ", "dem ", "*ei"], "hinter d'ei", ["hinter", "d'ei"]),
        # What says nothing has no place.
        (["*", "der ", "*becher", "* "], "der becher", ["becher"]),
    ],
)
def test_marks_move_with_their_words(
    made: templates.Templates, raw: list[str], text: str, said: list[str]
) -> None:
    """Each piece with a * has an owner."""
    pieces = tuple(
        (piece.removeprefix("*"), (number,) if piece.startswith("*") else None)
        for number, piece in enumerate(raw)
    )
    words: Vocabulary = made.vocabulary
    joined, found = wording.joined(pieces, words)
    assert joined == text
    assert [text[a:b] for owner in sorted(found) for a, b in found[owner]] == said
