"""Certificates: what is kept means what it says, and nothing else does."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine import expressions, ground, resources
from refmatte_engine.expressions import Indescribable, Templates
from refmatte_engine.records import Clause, Entity, Expression
from refmatte_engine.relations import MIRRORED
from tests import cast

seeds = st.integers(0, 10**6)


languages = pytest.mark.parametrize("name", ["english", "refmatte", "german"])


@cache
def templates(name: str) -> Templates:
    return expressions.load(resources.template(name, "expressions"))


def written(name: str, seed: int) -> tuple[tuple[Entity, ...], tuple[Expression, ...]] | None:
    entities = cast.scene(random.Random(seed))
    try:
        rng = np.random.default_rng(seed)
        return entities, expressions.express(entities, cast.CANVAS_HW, templates(name), rng)
    except Indescribable:
        return None


@languages
@settings(deadline=None, max_examples=60)
@given(seed=seeds)
def test_what_is_kept_means_exactly_its_referents(name: str, seed: int) -> None:
    found = written(name, seed)
    for expression in found[1] if found else ():
        if expression.kind == "keyword":
            continue
        grounding = ground.ground(expression.program, found[0], cast.CANVAS_HW)
        assert grounding.certain
        assert grounding.referents == expression.referents
        assert len(expression.referents) == 1
        assert ground.refuted(expression, found[0], cast.CANVAS_HW) == ""
        assert grounding.left_after == tuple(c.left_after for c in expression.program)
        assert grounding.left_after[-1] == expression.referents


@languages
@settings(deadline=None, max_examples=40)
@given(seed=seeds)
def test_without_a_necessary_clause_it_means_something_else(name: str, seed: int) -> None:
    found = written(name, seed)
    for expression in found[1] if found else ():
        for i, clause in enumerate(expression.program):
            rest = (*expression.program[:i], *expression.program[i + 1 :])
            left = ground.ground(rest, found[0], cast.CANVAS_HW)
            same = left.certain and left.referents == expression.referents
            if expression.kind != "keyword":
                assert clause.necessary != same


def mirrored(program: tuple[Clause, ...]) -> tuple[Clause, ...]:
    return tuple(
        replace(
            clause,
            name=MIRRORED.get(clause.name, clause.name)
            if clause.op in ("position", "relation", "order")
            else clause.name,
            targets=tuple(mirrored(target) for target in clause.targets),
        )
        for clause in program
    )


@languages
@settings(deadline=None, max_examples=40)
@given(seed=seeds)
def test_mirroring_keeps_sentences_true(name: str, seed: int) -> None:
    found = written(name, seed)
    for expression in found[1] if found else ():
        there = [cast.mirrored(entity) for entity in found[0]]
        grounding = ground.ground(mirrored(expression.program), there, cast.CANVAS_HW)
        assert grounding.referents == expression.referents


def two_mugs() -> tuple[Entity, ...]:
    return (
        cast.entity(1, "mug", (100, 300, 500, 700), cast.facts(color="red")),
        cast.entity(2, "mug", (600, 320, 1000, 720), cast.facts(color="blue")),
        cast.entity(3, "cat", (1050, 320, 1400, 720), cast.facts(color="gray")),
    )


MUG = Clause("category", "mug.n.04")
CAT = Clause("category", "cat.n.01")
RED = Clause("attribute", "color", "red")


def meant(*program: Clause) -> tuple[tuple[int, ...], bool]:
    found = ground.ground(program, two_mugs(), cast.CANVAS_HW)
    return found.referents, found.certain


def test_clauses() -> None:
    assert meant(MUG) == ((1, 2), True)
    assert meant(MUG, RED) == ((1,), True)
    assert meant(MUG, replace(RED, negated=True)) == ((2,), True)
    assert meant(Clause("category", "container.n.01")) == ((1, 2), True)
    assert meant(Clause("relation", "right_of", targets=((MUG, RED),))) == ((2, 3), True)
    assert meant(Clause("order", "left", "1")) == ((1,), True)
    assert meant(MUG, Clause("order", "right", "1")) == ((2,), True)
    assert meant(Clause("order", "left", "2")) == ((2,), True)
    between = Clause("relation", "between", targets=((MUG, RED), (CAT,)))
    assert meant(between) == ((2,), True)
    assert meant(MUG, Clause("count", "", "2")) == ((1, 2), True)
    assert meant(MUG, Clause("count", "", "3")) == ((), True)
    assert meant(Clause("any", "", targets=((CAT,), (MUG, RED)))) == ((1, 3), True)


def test_a_relation_to_something_ambiguous_means_nothing() -> None:
    assert meant(Clause("relation", "left_of", targets=((MUG,),))) == ((), True)


def test_perhaps_is_not_certain() -> None:
    """A cup might be called a mug: "the mug" is not safe beside one."""
    entities = (
        cast.entity(1, "mug", (100, 300, 500, 700)),
        cast.entity(2, "cup", (600, 300, 1000, 700)),
    )
    found = ground.ground((MUG,), entities, cast.CANVAS_HW)
    assert found.referents == (1, 2)
    assert not found.certain


def test_refuted_says_why() -> None:
    wrong = Expression("the mug", "basic", (MUG,), (1,))
    assert ground.refuted(wrong, two_mugs(), cast.CANVAS_HW) == "means [1, 2], not [1]"
