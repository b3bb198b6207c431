"""Siblings: the same things in the same places before several backgrounds, and the sentences that
hold in all of these pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from refmatte_engine.config.run import Run
from refmatte_engine.errors import Rejected
from refmatte_engine.language.templates import Templates
from refmatte_engine.records import (
    COMBINED,
    GROUP,
    KEYWORD,
    MINIMAL,
    NONE,
    OVERSPECIFIED,
    Attribute,
    Entity,
    Expression,
    Sample,
    Scene,
)
from refmatte_engine.semantics.attributes import PERHAPS
from refmatte_engine.semantics.ground import NOT_CERTAIN, Grounder

# Why a group cannot be had: before too few backgrounds all things are seen, or what is said of
# them is true before each.
NOT_SEEN, NOT_TOLD = "siblings_seen", "siblings_told"
Writing = Callable[[Sequence[Entity], int], Sequence[Expression]]
"""Writes sentences about entities, others for each number."""
TRIED = 6  # times that sentences are written before a group is given up
Fact = tuple[str, str, str]


def members(
    run: Run,
    first: Sample,
    seen: Sequence[tuple[Scene, tuple[Entity, ...]]],
    templates: Templates,
    write: Writing,
) -> list[Sample]:
    """The samples of a group, by the scenes that are `seen` and their entities; `first` is the
    first of them as it is by itself. Rejected if they are too few, or no sentence of a kind that
    `write` gives holds in all."""
    if len(seen) != run.siblings:
        raise Rejected(NOT_SEEN)
    pictures = [entities for _, entities in seen]
    said = told(pictures, first.scene.canvas_hw, templates, write)
    return [
        replace(
            first,
            index=first.index + number,
            name=run.sample_name(first.split, first.index + number),
            scene=scene,
            entities=entities,
            expressions=sentences,
            siblings=first.name,
            sibling=number + 1,
        )
        for number, ((scene, entities), sentences) in enumerate(zip(seen, said, strict=True))
    ]


def told(
    pictures: Sequence[Sequence[Entity]],
    canvas_hw: tuple[int, int],
    templates: Templates,
    write: Writing,
) -> list[tuple[Expression, ...]]:
    """The sentences of each of the pictures, whose entities differ in what is measured of them:
    the same ones, each proved in each. Rejected if none of a kind that `write` gives holds in
    each."""
    common = [agreed(of_all) for of_all in zip(*pictures, strict=True)]
    scenes = [Grounder(entities, canvas_hw) for entities in pictures]
    wanted: list[tuple[Expression, list[Expression]]] = []
    for number in range(TRIED):
        written = write(common, number)
        proofs = [(each, _proved(each, scenes)) for each in written]
        if not wanted:
            wanted = proofs
        used = {each.text for each, found in wanted if found and each.kind != KEYWORD}
        for place, (missing, found) in enumerate(wanted):
            if found:
                continue
            for each, again in proofs:
                if again and _stands_in(each, missing, templates) and each.text not in used:
                    wanted[place] = each, again
                    used.add(each.text)
                    break
        if all(found or missing.kind in (GROUP, NONE) for missing, found in wanted):
            return list(zip(*(found for _, found in wanted if found), strict=True))
    raise Rejected(NOT_TOLD)


def _stands_in(one: Expression, other: Expression, templates: Templates) -> bool:
    """Whether a sentence is about the same things as another, and of a kind that will do."""
    either = {MINIMAL, OVERSPECIFIED} if COMBINED in templates.require else set()
    alike = one.kind == other.kind or {one.kind, other.kind} <= either
    return alike and one.referents == other.referents


def agreed(of_all: Sequence[Entity]) -> Entity:
    """One thing with what is known of it in all pictures; what is so in some is perhaps so."""
    first = of_all[0]
    sure = [{_fact(attribute) for attribute in entity.attributes} for entity in of_all]
    found: dict[Fact, Attribute] = {}
    for attribute in (attribute for entity in of_all for attribute in entity.attributes):
        if not all(_fact(attribute) in facts for facts in sure):
            name = attribute.name.removesuffix(PERHAPS) + PERHAPS
            attribute = replace(attribute, name=name)
        found.setdefault(_fact(attribute), attribute)
    return replace(first, attributes=tuple(found.values()))


def _fact(attribute: Attribute) -> Fact:
    return attribute.name, attribute.value, attribute.part


def _proved(expression: Expression, scenes: Sequence[Grounder]) -> list[Expression]:
    """The sentence with its proof in each of the pictures; nothing if one of them refutes it."""
    found = []
    for scene in scenes:
        why = scene.refuted(expression)
        # A keyword names whatever may be called so; every other sentence has to be certain.
        if why and not (expression.kind == KEYWORD and why == NOT_CERTAIN):
            return []
        proof = scene.ground(expression.program)
        clauses = tuple(
            replace(clause, left_after=left, margin=margin, necessary=necessary)
            for clause, left, margin, necessary in zip(
                expression.program, proof.left_after, proof.margins, proof.necessary, strict=True
            )
        )
        found.append(replace(expression, program=clauses))
    return found
