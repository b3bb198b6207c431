"""Certificates: what is kept means what it says, and nothing else does."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config import resources
from refmatte_engine.errors import Indescribable
from refmatte_engine.language import writer
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.records import Attribute, Clause, Entity, Expression, Source
from refmatte_engine.semantics import ground
from refmatte_engine.semantics.relations import MIRRORED
from tests.support import cast

seeds = st.integers(0, 10**6)


languages = pytest.mark.parametrize("name", ["english", "refmatte", "german"])


@cache
def templates(name: str) -> Templates:
    return load_templates(resources.template(name, "expressions"))


def written(name: str, seed: int) -> tuple[tuple[Entity, ...], tuple[Expression, ...]] | None:
    entities = cast.scene(random.Random(seed))
    try:
        rng = np.random.default_rng(seed)
        return entities, writer.express(entities, cast.CANVAS_HW, templates(name), rng)
    except Indescribable:
        return None


@languages
@settings(max_examples=60)
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
@settings(max_examples=40)
@given(seed=seeds)
def test_without_a_necessary_clause_it_means_something_else(name: str, seed: int) -> None:
    found = written(name, seed)
    for expression in found[1] if found else ():
        for i, clause in enumerate(expression.program):
            if expression.kind != "keyword":
                same = means(without(expression.program, i), found[0], expression.referents)
                assert clause.necessary != same


def without(program: tuple[Clause, ...], i: int) -> tuple[Clause, ...]:
    """The program without one clause, or without all: nothing is said without a noun, nor
    that the sweater is red without the sweater."""
    out = program[i]
    if out.op == "category" or out.noun:
        return ()
    rest = (*program[:i], *program[i + 1 :])
    return tuple(c for c in rest if out.name != "clothes" or c.part != out.value)


def means(
    program: tuple[Clause, ...], entities: tuple[Entity, ...], referents: tuple[int, ...]
) -> bool:
    found = ground.ground(program, entities, cast.CANVAS_HW)
    return found.certain and found.referents == referents


@languages
@settings(max_examples=60)
@given(seed=seeds)
def test_minimal_and_overspecified_sentences_are_what_they_say(name: str, seed: int) -> None:
    found = written(name, seed)
    for expression in found[1] if found else ():
        program, referents = expression.program, expression.referents
        shorter = [without(program, i) for i in range(len(program))]
        if expression.kind == "minimal":
            assert all(clause.necessary for clause in program)
            # Also in what the sentence calls another thing.
            for i, clause in enumerate(program):
                for t, target in enumerate(clause.targets):
                    for j in range(len(target)):
                        targets = list(clause.targets)
                        targets[t] = without(target, j)
                        less = replace(clause, targets=tuple(targets))
                        shorter.append((*program[:i], less, *program[i + 1 :]))
            assert not any(means(less, found[0], referents) for less in shorter if found)
        elif expression.kind == "overspecified":
            needless = [i for i, clause in enumerate(program) if not clause.necessary]
            assert needless
            assert all(means(shorter[i], found[0], referents) for i in needless if found)


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
@settings(max_examples=40)
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
    needed = Expression("the red mug", "overspecified", (MUG, RED), (1,))
    assert ground.refuted(needed, two_mugs(), cast.CANVAS_HW) == "is not overspecified"
    gray = Clause("attribute", "color", "gray")
    spare = Expression("the gray cat", "minimal", (CAT, gray), (3,))
    assert ground.refuted(spare, two_mugs(), cast.CANVAS_HW) == "is not minimal"
    left = Clause("relation", "right_of", targets=((MUG, RED),))
    assert ground.refuted(
        Expression("the cat right of the red mug", "minimal", (CAT, left), (3,)),
        two_mugs(), cast.CANVAS_HW,
    ) == "is not minimal"  # fmt: skip
    mug = Expression("the mug right of the red mug", "minimal", (MUG, left), (2,))
    assert ground.refuted(mug, two_mugs(), cast.CANVAS_HW) == ""
    far = replace(left, targets=((CAT, gray),), name="left_of")
    mug = Expression("the red mug left of the gray cat", "minimal", (MUG, RED, far), (1,))
    assert ground.refuted(mug, two_mugs(), cast.CANVAS_HW) == "is not minimal"


@pytest.mark.parametrize("source", ["labelled", "predicted", "recipe"])
@pytest.mark.parametrize(
    ("name", "value", "other"),
    [("clothes", "jacket", "shirt"), ("hair", "long", "curly"), ("material", "wood", "metal")],
)
@pytest.mark.parametrize("related", [False, True])
def test_that_there_is_none_follows_from_no_gap_in_a_label(
    source: Source, name: str, value: str, other: str, related: bool
) -> None:
    """Who labels a woman's jacket does not say that she wears no shirt under it."""
    facts = (Attribute(name, value, source),)
    category = "chair" if name == "material" else "woman"
    entities = (
        cast.entity(1, category, (100, 300, 500, 700), facts),
        cast.entity(2, "cat", (600, 320, 1000, 720)),
    )
    sense = "chair.n.01" if name == "material" else "person.n.01"
    wanted: tuple[Clause, ...] = (Clause("category", sense), Clause("attribute", name, other))
    if related:
        wanted = CAT, Clause("relation", "right_of", targets=(wanted,))
    nothing = Expression("there is none", "none", wanted, ())
    said = ground.refuted(nothing, entities, cast.CANVAS_HW)
    assert said == ("" if source == "recipe" else "is not none")
    cats = Expression("no dog", "none", (Clause("category", "dog.n.01"),), ())
    assert ground.refuted(cats, entities, cast.CANVAS_HW) == ""
