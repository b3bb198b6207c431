"""Plurals, articles and verbs, in words and in the sentences of every English template."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.config import resources
from refmatte_engine.errors import Indescribable
from refmatte_engine.language import writer
from refmatte_engine.language.templates import load_templates
from refmatte_engine.semantics import english, lexicon
from tests.support import cast

# "noun / its plural / its article / is or are / counted": each line was read by a person.
GOLDEN = Path(__file__).parents[1] / "golden"
ODD = [
    line.split(" / ")
    for line in (Path(__file__).parents[1] / "golden" / "odd_nouns.txt")
    .read_text("utf-8")
    .splitlines()
]
KNOWN = sorted({n for c in lexicon.categories() for n in (c, *lexicon.synonyms(c))})
nouns = st.sampled_from([*KNOWN, *(line[0] for line in ODD)])


def test_two_hundred_odd_nouns() -> None:
    assert len(ODD) >= 200
    for noun, plural, article, verb, counted in ODD:
        assert english.plural(noun) == plural
        assert english.is_plural(noun) == (verb == "are"), noun
        assert english.is_counted(noun) == (counted == "counted"), noun
        stands_alone = english.is_plural(noun) or english.is_mass(noun)
        assert ("-" if stands_alone else english.a(noun)) == article, noun


@given(noun=nouns)
def test_a_plural_has_no_other_plural(noun: str) -> None:
    plural = english.plural(noun)
    assert english.plural(plural) == plural
    assert not re.search(r"(ss|[^e]es|[^s]s)s\b", plural.removesuffix("ss")), plural


# "glasses" are those that one wears, "noodles" and the like are cut out by the plate.
NOT_BACK = {"glass", "noodle", "pea", "bean", "grape"}


@given(noun=st.sampled_from(KNOWN) | st.sampled_from([n for n, *_, c in ODD if c == "counted"]))
def test_the_singular_of_the_plural_is_the_noun(noun: str) -> None:
    if noun not in NOT_BACK and not re.search(r"\d$", noun):
        assert english.singular(english.plural(noun)) == noun


@given(noun=nouns, front=st.sampled_from(["red", "old wooden", "SUV", "3D"]))
def test_what_stands_before_a_noun_changes_nothing(noun: str, front: str) -> None:
    if english.parts(noun)[2] == "":
        assert english.plural(f"{front} {noun}") == f"{front} {english.plural(noun)}"


@given(text=st.text(max_size=30))
def test_any_text_can_be_inflected(text: str) -> None:
    for said in (text, f"the {text}"):
        english.plural(said), english.singular(said), english.a(said), english.is_counted(said)


@given(word=st.text(st.characters(min_codepoint=0x370), min_size=1, max_size=12))
def test_no_other_script_is_inflected(word: str) -> None:
    if " " not in word:
        assert english.plural(word) == english.singular(word) == word
        assert not english.is_plural(word)
        assert not english.is_counted(word)


PLURAL = ("scissors", "jeans", "glasses", "chips", "stairs", "people", "headphones", "paper wings")
SINGULAR = ("SUV", "wine glass", "glass of wine", "sheep", "man in suit", "mug", "T-shirt", "кошка")


def sentences(name: str, seed: int, also: tuple[str, ...]) -> Iterator[str]:
    """What a template says of scenes with things that are several in name."""
    dice = random.Random(seed)
    found = load_templates(resources.template(name, "expressions"))
    object.__setattr__(found, "also", also)
    for _ in range(6):
        names = [dice.choice(PLURAL), dice.choice(SINGULAR), dice.choice(PLURAL + SINGULAR)]
        looks = [cast.facts(color=c, css_color=c, salient="true") for c in ("red", "blue", "green")]
        boxes = cast.boxes(dice, 3, "left_right")
        scene = [
            cast.entity(i + 1, *some)
            for i, some in enumerate(zip(names, boxes, looks, strict=True))
        ]
        try:
            told = writer.express(scene, cast.CANVAS_HW, found, np.random.default_rng(seed))
        except Indescribable:
            continue
        yield from (one.text for one in told)


NUMBER = r"(two|three|four|all the)"
WRONG = [
    *(rf"\b{noun} (is|was|has)\b" for noun in PLURAL),
    *(rf"\b{noun} (that|which|who) (is|was|has|\w+[^s]s)\b" for noun in PLURAL),
    *(rf"\b(a|an) (\w+ )?{noun}\b" for noun in PLURAL),
    *(rf"\b{noun} (that|which|who)? ?are\b" for noun in SINGULAR),
    *(rf"\b{NUMBER} (\w+ )?{noun}\b(?! of)(?! in)" for noun in SINGULAR if noun != "sheep"),
    r"ss?ss\b", r"\bsuv\b", r"\b(a) (SUV|orange)\b",
]  # fmt: skip


@pytest.mark.parametrize(("name", "also"), [("english", ("group", "none")), ("refmatte", ())])
def test_sentences_agree(name: str, also: tuple[str, ...]) -> None:
    said = {text for seed in range(12) for text in sentences(name, seed, also)}
    assert len(said) > 150
    assert {(text, w) for text in said for w in WRONG if re.search(w, text)} == set()
    assert any(re.search(r"\b(that|which) are\b", text) for text in said)
    assert any("SUV" in text for text in said)


OWN = """\
language: english
vocabulary: english
kinds:
  keyword: ["{noun}"]
  basic: ["the [{color}] {noun}"]
  absolute: ["the {noun} {who} stands {position}", "the {noun} {who} was {position}"]
  relative: ["the {noun} {relation}", "the {noun} {who} faces {relation}"]
  combined:
    - "the {noun} {who} has a place {position}"
    - "the {noun} is {position}"
    - "a {color} {noun}"
rules: {target: ["the {noun}"]}
"""


def test_verbs_agree_in_anybodys_template(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(OWN)
    found = load_templates(tmp_path / "own.yaml")
    boxes = cast.boxes(random.Random(1), 2, "left_right")
    color = cast.facts(color="orange")
    scene = [cast.entity(i + 1, n, boxes[i], color) for i, n in enumerate(("jeans", "mug"))]
    said = set()
    for seed in range(30):
        told = writer.express(scene, cast.CANVAS_HW, found, np.random.default_rng(seed))
        said |= {one.text for one in told}
    verbs = {
        m[0]
        for t in said
        for m in re.finditer(r"(jeans|mug)( that)? (\w+)", t)
        if m[2] or m[3] != "in"
    }
    assert verbs >= {
        "jeans that stand", "jeans that were", "jeans that face", "jeans that have", "jeans are",
        "mug that stands", "mug that was", "mug that faces", "mug that has", "mug is",
    }  # fmt: skip
    assert {"an orange mug", "orange jeans"} <= said
    assert not verbs & {"jeans is", "jeans that stands", "mug are", "mug that stand"}
