"""Sentences that mean nothing, and what their words have to do with their programs."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config import resources
from refmatte_engine.errors import Indescribable
from refmatte_engine.language import programs
from refmatte_engine.language import writer as expressions
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.language.writer import Writer
from refmatte_engine.records import Attribute, Clause, Entity, Expression
from refmatte_engine.semantics import lexicon
from refmatte_engine.semantics.ground import ground
from tests.language.test_writer import extended, one
from tests.support import cast, readback

NOUNS = {
    "girl", "boy", "man", "woman", "child", "person", "animal", "bird", "insect", "fish", "plant",
    "flower", "tree", "vehicle", "instrument",
}.union(*({lexicon.normal(c), *lexicon.synonyms(c)} for c in cast.THINGS))  # fmt: skip


@cache
def english() -> Templates:
    return load_templates(resources.template("english", "expressions"))


def dressed(dice: random.Random) -> tuple[Attribute, ...]:
    """A person in four garments, each with a colour and a pattern of its own."""
    found = [fact for fact in cast.person(dice) if not fact.part and fact.name != "clothes"]
    tops, bottoms = cast.CLOTHES[:6], cast.CLOTHES[6:]
    for worn in (*(dice.choice(some) for some in (tops, bottoms, cast.EXTRAS)), "shoes"):
        found.append(Attribute("clothes", worn, "recipe"))
        found.append(Attribute("color", dice.choice(cast.COLORS), "recipe", part=worn))
        pattern = dice.choice(("plain", "striped", "checkered"))
        found.append(Attribute("pattern", pattern, "recipe", part=worn))
    return tuple(found)


def scene(dice: random.Random) -> tuple[Entity, ...]:
    """Two or three things and people, the people in several garments."""
    return tuple(
        replace(entity, attributes=dressed(dice)) if entity.category == "human" else entity
        for entity in cast.scene(dice, people=0.6)
    )


def misses(seed: int, templates: Templates, count: int = 8) -> list[Expression]:
    dice = random.Random(seed)
    writer = Writer(scene(dice), cast.CANVAS_HW, templates, dice)
    found = (writer.besides("none") for _ in range(count))
    return [expression for expression in found if expression]


def told(program: tuple[Clause, ...]) -> tuple[object, ...]:
    """A program as `readback.Read` has it, but for the noun."""
    clauses = frozenset(
        (c.op, c.name, c.value, c.part, c.negated)
        for c in program
        if c.op in ("attribute", "position") and not c.noun
    )
    related = [(c.name, tuple(map(told, c.targets))) for c in program if c.op == "relation"]
    return clauses, tuple(related)


def clauses_of(way: readback.Read) -> tuple[object, ...]:
    return way.clauses, tuple((n, tuple(map(clauses_of, to))) for n, to in way.related)


def means(noun: str, program: tuple[Clause, ...]) -> bool:
    """Whether the noun can have put the program's kind, and what else a noun says, there."""
    kinds = {c.name for c in program if c.op == "category"}
    also = {(c.name, c.value, c.negated) for c in program if c.noun}
    for entry in readback.vocabulary()["nouns"]:
        given_ = {(k, v, False) for k, v in entry.get("where", {}).items()} | {
            (k, v, True) for k, v in entry.get("unless", {}).items()
        }
        of = entry["of"] if ".n." in entry["of"] else lexicon.concept(entry["of"])
        known = of in kinds or entry["of"] in kinds
        if noun in readback.said(entry["say"]) and given_ == also and known:
            return True
    named = {c for c in cast.THINGS if noun == c or noun in lexicon.synonyms(c)}
    return not also and bool(kinds & ({lexicon.concept(c) for c in named}
                                      | {lexicon.sense(c) for c in named} | named))  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6))
def test_a_near_miss_tells_its_program(seed: int) -> None:
    """Read back by the words alone, the text gives the program: each colour to its garment."""
    for miss in misses(seed, english()):
        ways = readback.read(miss.text, frozenset(NOUNS))
        assert any(
            clauses_of(way) == told(miss.program) and means(way.noun, miss.program) for way in ways
        ), (miss.text, miss.program)


def test_near_misses_are_of_all_sorts() -> None:
    """The test above is about something: parts, relations, and garments that nobody wears."""
    sorts: Counter[str] = Counter()
    for seed in range(60):
        for miss in misses(seed, english()):
            sorts.update({clause.op for clause in miss.program})
            sorts.update({"part" for clause in miss.program if clause.part})
    assert sorts["part"] > 100
    assert sorts["relation"] > 2
    assert sorts["position"] > 100


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6))
def test_a_near_miss_relates_two_different_things(seed: int) -> None:
    """What it could be about is never just what it refers to: "the mug near the mug"."""
    dice = random.Random(seed)
    entities = cast.scene(dice, same=0.5, people=0.2)
    writer = Writer(entities, cast.CANVAS_HW, relating(), dice)
    for _ in range(8):
        miss = writer.besides("none")
        if miss is None:
            continue
        about = [clause for clause in miss.program if clause.op != "relation"]
        for clause in miss.program:
            if clause.op == "relation":
                to = {k for target in clause.targets
                      for k in ground(target, entities, cast.CANVAS_HW).referents}  # fmt: skip
                meant = set(ground(about, entities, cast.CANVAS_HW).referents)
                assert not meant or meant - to, miss.text
                subject = miss.text.split(" to the ")[0].split(" near ")[0]
                assert miss.text.count(subject) == 1, miss.text


RELATING = """\
language: english
vocabulary: english
kinds:
  keyword: ["{noun}"]
  none: ["the [{color}] {noun} {relation}"]
require: []
rules:
  target: ["the [{color}] {noun}"]
"""


@cache
def relating() -> Templates:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "relating.yaml"
        file.write_text(RELATING)
        return load_templates(file)


def test_relating_near_misses_are_found() -> None:
    mugs = [one("mug", *cast.facts(color=c), place=i) for i, c in enumerate(("red", "blue"))]
    entities = (*mugs, one("lamp", *cast.facts(color="yellow"), place=2))
    writer = Writer(entities, cast.CANVAS_HW, relating(), random.Random(0))
    texts = {miss.text for _ in range(60) if (miss := writer.besides("none"))}
    assert "the yellow mug to the left of the lamp" in texts
    assert not any(text.count("red mug") > 1 or text.count("blue mug") > 1 for text in texts)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6))
def test_no_text_stands_twice_in_a_picture(seed: int) -> None:
    """But for keywords; groups and near misses included."""
    dice = random.Random(seed)
    try:
        said = expressions.express(
            cast.scene(dice, same=0.6), cast.CANVAS_HW, everything(), np.random.default_rng(seed)
        )
    except Indescribable:
        return
    texts = Counter(e.text for e in said if e.kind != "keyword")
    assert not [text for text, count in texts.items() if count > 1]


@cache
def everything() -> Templates:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return extended(Path(folder), also="[group, none, group, none, group]")


TWO_GARMENTS = """\
language: english
vocabulary: english
kinds:
  keyword: ["{noun}"]
  basic:
    - "the {noun} in the {garment_color} {garment} with the {accessory_color} {accessory}"
    - "the {noun} {worn} and the {legwear_color} {legwear}"
  none: ["the {noun} in the {garment_color} {garment} and the {legwear_color} {legwear}"]
require: [basic]
rules:
  worn: ["wearing the {garment_color} {garment}"]
  target: ["the {noun}"]
"""


def test_each_colour_is_of_the_garment_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(TWO_GARMENTS)
    templates, checked = load_templates(file), 0
    for seed in range(40):
        dice = random.Random(seed)
        people = tuple(one("human", *dressed(dice), place=place) for place in range(2))
        writer = Writer(people, cast.CANVAS_HW, templates, dice)
        claims = [writer.drafter.draft(0, "basic"), writer.drafter.near_miss(0, "none")]
        for claim in claims:
            if claim is None:
                continue
            text, program = writer._said(claim).text, programs.program(claim.draft)
            for clause in program:
                if clause.part:
                    words = [w for slot in readback.WORN for w, v in readback.words(slot).items()
                             if v == clause.part]  # fmt: skip
                    assert any(f"the {clause.value} {word}" in text for word in words), text
                    checked += 1
    assert checked > 60


@pytest.mark.parametrize(
    ("kind", "template"),
    [("group", "{several} and {one}"), ("group", "{one}, {other} and {other}"),
     ("group", "{one} and {several}")],
)  # fmt: skip
def test_a_group_names_each_of_its_things_once(tmp_path: Path, kind: str, template: str) -> None:
    file = tmp_path / "group.yaml"
    file.write_text(RELATING.replace('none: ["the [{color}] {noun} {relation}"]',
                                     f'{kind}: ["{template}"]')
                    + '  several: ["all the {noun:plural}"]\n')  # fmt: skip
    templates = load_templates(file)
    mugs = [one("mug", *cast.facts(color=c), place=i) for i, c in enumerate(("red", "blue"))]
    entities = (*mugs, *(one(c, place=i) for i, c in enumerate(("cat", "lamp"), 2)))
    writer = Writer(entities, cast.CANVAS_HW, templates, random.Random(1))
    found = {e.text: e for _ in range(30) if (e := writer.besides("group"))}
    assert found
    for text, expression in found.items():
        (clause,) = expression.program
        parts = [ground(t, entities, cast.CANVAS_HW).referents for t in clause.targets]
        assert len(parts) == template.count("{"), text
        assert sum(map(len, parts)) == len(set().union(*parts)) == len(expression.referents)


COUNTED = """\
language: english
nouns: [{of: mug, say: [mug]}]
orders: {count: {"2": two}, ordinal: {"2": second}, side: {left: from the left},
         superlative: {left: leftmost}, comparative: {large: larger}}
"""


def test_what_the_vocabulary_cannot_count_is_not_counted(tmp_path: Path) -> None:
    """Three of a kind, and no word for three; a third, and no word for third."""
    (tmp_path / "words.yaml").write_text(COUNTED)
    file = tmp_path / "few.yaml"
    file.write_text("""\
language: english
vocabulary: words.yaml
kinds:
  keyword: ["{noun}"]
  basic: ["the {ordinal} {noun} {side}", "the {superlative} {noun}", "the {comparative} {noun}"]
  group: ["the {count} {noun:plural}"]
require: [basic]
rules:
  target: ["the {noun}"]
""")
    templates = load_templates(file)
    for many in (2, 3, 5):
        mugs = tuple(replace(one("mug", place=i), index=i + 1) for i in range(many))
        writer = Writer(mugs, cast.CANVAS_HW, templates, random.Random(0))
        group = writer.besides("group")
        assert (group is not None) == (many == 2)
        texts = {writer._said(c).text for _ in range(60) if (c := writer.drafter.draft(1, "basic"))}
        assert texts <= {"the second mug from the left", "the larger mug", "the leftmost mug"}
