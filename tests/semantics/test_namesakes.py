"""A noun is said of one thing only if nothing else in the picture may be called so."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from refmatte_engine.config import resources
from refmatte_engine.language import writer
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.records import Clause
from refmatte_engine.semantics import ground, lexicon
from tests.support import cast, naming

LANGUAGES = ("english", "refmatte")


@cache
def templates(language: str) -> Templates:
    return load_templates(resources.template(language, "expressions"))


@cache
def nouns() -> frozenset[tuple[str, str]]:
    """Every noun of the whole lexicon with its kind; the plural where it covers the singular. What
    needs more than a category, such as "woman", is left out."""
    found = set()
    for category in lexicon.categories():
        for name in templates("english").vocabulary.names(category):
            several = name.word.plural or name.word.say
            if not name.where:
                found.add((name.kind, several))
                if name.word.say not in naming.singulars(several):
                    found.add((name.kind, name.word.say))
    return frozenset(found)


def test_whatever_may_be_called_so_may_be_meant() -> None:
    """By WordNet's files and readings of plurals that are not the engine's."""
    missed = {
        (noun, category)
        for kind, noun in nouns()
        for category in lexicon.categories()
        if lexicon.is_a(category, kind) == -1 and naming.names(noun, category) >= 0
    }
    assert missed == set()
    assert len(nouns()) > 600


def test_hardly_anything_is_lost_by_it() -> None:
    """Of all nouns and things, what is in doubt only because of another sense."""
    lost = [
        (kind, category)
        for kind in {kind for kind, _ in nouns()}
        for category in lexicon.categories()
        if lexicon.is_a(category, kind) == 0
        and not lexicon.kinds(category).sure.isdisjoint(lexicon.namesakes(kind))
    ]
    assert 0 < len(lost) < 100


@pytest.mark.parametrize(
    ("category", "kind", "truth"),
    [
        ("lion", "cat.n.01", 0),
        ("grey lion", "cat", 0),
        ("dog", "cat.n.01", -1),
        ("cat", "lion.n.01", -1),
        ("measuring tape", "musical_instrument.n.01", 0),
        ("clock", "musical_instrument.n.01", 0),
        ("trumpet", "musical_instrument.n.01", 1),
        ("mug", "musical_instrument.n.01", -1),
        ("wine glass", "glasses", 0),
        ("glasses", "glass", 0),
        ("cup", "glasses", -1),
        ("jeans", "trousers", 0),
        ("moon", "satellite", 0),
        ("chip", "chips", 0),
        ("hotdog", "dog", 0),
        ("backpack", "handbag", -1),
    ],
)
def test_what_else_is_called_so(category: str, kind: str, truth: int) -> None:
    assert lexicon.is_a(category, kind) == truth


PAIRS = [
    (("cat", "lion"), "cat", "cat.n.01"),
    (("trumpet", "measuring tape"), "instrument", "musical_instrument.n.01"),
    (("glasses", "wine glass"), "glasses", "spectacles.n.01"),
]


@pytest.mark.parametrize(("things", "noun", "kind"), PAIRS)
def test_nothing_is_told_from_its_namesake_by_the_noun(
    things: tuple[str, str], noun: str, kind: str
) -> None:
    boxes = ((200, 300, 500, 700), (900, 300, 1200, 700))
    pair = tuple(
        cast.entity(i, thing, box, cast.facts(color=color, css_color=color))
        for i, (thing, box, color) in enumerate(
            zip(things, boxes, ("red", "blue"), strict=True), start=1
        )
    )
    named = Clause("category", kind)
    found = ground.ground([named], pair, cast.CANVAS_HW)
    assert (found.referents, found.certain) == ((1, 2), False)
    beside = Clause("relation", "right_of", targets=((named,),))
    assert ground.ground([beside], pair, cast.CANVAS_HW).referents == ()
    for language in LANGUAGES:
        for seed in range(4):
            said = writer.express(
                pair, cast.CANVAS_HW, templates(language), np.random.default_rng(seed), lenient=True
            )
            bare = {f"the {noun}", f"all the {noun}s", f"the two {noun}s"}
            assert bare.isdisjoint(expression.text for expression in said)
            assert not any(expression.text.endswith(f"of the {noun}") for expression in said)
