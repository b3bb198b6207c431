"""What is written is told again from its program; whatever else a text might say is not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from refmatte_engine.config import resources
from refmatte_engine.errors import Indescribable
from refmatte_engine.language import writer
from refmatte_engine.language.retelling import Teller
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.records import Clause, Entity, Expression
from refmatte_engine.semantics.relations import MIRRORED
from tests.support import cast

LANGUAGES = {
    name: Path(__file__).parent / "languages" / f"{name}.yaml" for name in ("chinese", "russian")
}
seeds = st.integers(0, 10**6)
every_language = pytest.mark.parametrize("name", ["english", "refmatte", "german", *LANGUAGES])


@cache
def templates(name: str) -> Templates:
    """The templates of a language, asked for groups and near misses where they have them."""
    found = load_templates(LANGUAGES.get(name) or resources.template(name, "expressions"))
    return replace(found, also=tuple(k for k in ("group", "none") if k in found.kinds))


def written(name: str, seed: int) -> tuple[Teller, tuple[Expression, ...]]:
    entities: tuple[Entity, ...] = cast.scene(random.Random(seed))
    rng = np.random.default_rng(seed)
    try:
        said = writer.express(entities, cast.CANVAS_HW, templates(name), rng)
    except Indescribable:
        said = ()
    return Teller(templates(name), [e.category for e in entities]), said


@every_language
@settings(max_examples=40)
@given(seed=seeds)
def test_what_is_written_is_told_again(name: str, seed: int) -> None:
    teller, said = written(name, seed)
    for expression in said:
        assert teller.refuted(expression) == "", expression.text


@every_language
@settings(max_examples=12)
@given(seed=seeds, other=seeds)
def test_another_text_is_not_told(name: str, seed: int, other: int) -> None:
    """The text of one sentence with the program of another, with the same template or another."""
    teller, said = written(name, seed)
    texts = {e.text for e in (*said, *written(name, other)[1])}
    for expression in said:
        for text in texts - {expression.text}:
            why = teller.refuted(replace(expression, text=text))
            assert why, (text, expression)


def altered(program: tuple[Clause, ...]) -> Iterator[tuple[Clause, ...]]:
    """The program with one clause changed, also in the names of other things."""
    for i, clause in enumerate(program):
        others = [
            replace(clause, negated=not clause.negated),
            replace(clause, part=f"{clause.part}x"),
            replace(clause, value=f"{clause.value}x"),
            replace(clause, name=f"{clause.name}x"),
            replace(clause, noun=not clause.noun),
        ]
        if clause.op in ("position", "relation", "order") and clause.name in MIRRORED:
            others.append(replace(clause, name=MIRRORED[clause.name]))
        if clause.op == "category":
            others.append(replace(clause, name="gizmo.n.01"))
        if clause.op in ("count", "order"):
            others.append(replace(clause, value=str(int(clause.value) + 1)))
        for t, target in enumerate(clause.targets):
            for inner in altered(target):
                targets = (*clause.targets[:t], inner, *clause.targets[t + 1 :])
                others.append(replace(clause, targets=targets))
        for other in others:
            yield (*program[:i], other, *program[i + 1 :])
        yield (*program[:i], *program[i + 1 :])
        yield (*program[: i + 1], clause, *program[i + 1 :])


@every_language
@settings(max_examples=8)
@given(seed=seeds)
def test_another_program_does_not_say_the_text(name: str, seed: int) -> None:
    """Every clause is told: changed, left out or doubled, the text is no longer its program's."""
    teller, said = written(name, seed)
    assume(said)
    for expression in said:
        for program in altered(expression.program):
            assert teller.refuted(replace(expression, program=program)), (expression.text, program)


@every_language
@settings(max_examples=15)
@given(seed=seeds)
def test_another_place_of_its_words_is_found(name: str, seed: int) -> None:
    teller, said = written(name, seed)
    for expression in said:
        for i, clause in enumerate(expression.program):
            for spans in ((), ((0, 1), *clause.spans)):
                if spans != clause.spans:
                    program = list(expression.program)
                    program[i] = replace(clause, spans=spans)
                    moved = replace(expression, program=tuple(program))
                    assert "(spans)" in teller.refuted(moved)
