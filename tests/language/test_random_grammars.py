"""Random templates and vocabularies: what `check` passes says its sentences without an exception,
and what it refuses it refuses with a file and a line."""

from __future__ import annotations

import contextlib
import copy
import random
import re
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.errors import Indescribable
from refmatte_engine.language import templates
from refmatte_engine.language import writer as expressions
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.language.writer import Writer
from refmatte_engine.records import Entity
from tests.language.test_near_misses import dressed
from tests.language.test_writer import one
from tests.support import cast

TEMPLATES: dict[str, Any] = {
    "language": "english",
    "vocabulary": "words.yaml",
    "kinds": {
        "keyword": ["{noun}"],
        "basic": ["{r1}", "the {noun} with {trait}", "the {noun} {r2}"],
        "absolute": ["{r1}, {position}", "the {noun} {position}"],
        "relative": ["{r1} {relation}", "the {noun}, {relation}"],
        "combined": ["the {ordinal} {noun} {side}", "the {superlative} {noun}", "{r1}",
                     "the {comparative} {noun}", "the {noun} that is not {not_color}"],
        "group": ["{several}", "{one} and {other}", "{several} and {one}"],
        "none": ["{r1}", "the {noun} {position}", "{r1} {relation}"],
    },
    "rules": {
        "r1": ["the [{color}] {noun}", {"say": "the (small | {color}) {noun}", "weight": 2}],
        "r2": ["in {garment_color} {garment}", "[with {hair} hair] in {a} {garment}"],
        "target": ["the {noun}", "the {color} {noun}"],
        "several": ["the {count} {noun:plural}", "all {noun:plural}"],
    },
    "also": ["group", "none"],
}  # fmt: skip
WORDS: dict[str, Any] = {
    "language": "english",
    "categories_as_nouns": True,
    "nouns": [{"of": "animal.n.01", "say": ["animal"]},
              {"of": "person.n.01", "where": {"gender": "male"}, "say": ["man"]}],
    "words": {"picture": ["picture", "photo"]},
    "slots": {
        "color": {"attribute": "color", "others": True, "pair": "{first} and {second}"},
        "not_color": {"attribute": "color", "like": "color", "others": True, "negated": True},
        "hair": {"attribute": "hair", "words": {"long": "long", "short": ["short", "cut"]}},
        "garment": {"attribute": "clothes", "head": True, "others": True},
        "garment_color": {"attribute": "color", "of": "garment", "like": "color", "others": True},
    },
    "any_of": {"trait": ["color", "hair"]},
    "positions": {"left": ["on the left"], "right": ["right [of the {picture}]"],
                  "far_left": ["far left"]},
    "relations": {"left_of": ["left of {target}"], "near": ["near {target}"],
                  "between": ["between {target} and {second}"]},
    "orders": {"superlative": {"left": "leftmost", "large": "largest"},
               "comparative": {"large": ["larger", "bigger"]},
               "side": {"left": "from the left"}, "ordinal": {"2": "second", "3": "third"},
               "count": {"2": "two", "3": "three"}},
    "agreement": {"a": {"plural": "", ".dat": "dem", "else": "a~"}, "who": {"else": "that"}},
}  # fmt: skip
SLOTS = ("noun", "noun:plural", "color", "color:dat", "not_color", "hair", "trait", "garment", "a",
         "who", "r1", "position")  # fmt: skip
ODD = ("relation", "count", "superlative", "comparative", "ordinal", "side", "one", "other",
       "several", "garment_color", "picture", "r2", "target", "noun:plurall", "colour")  # fmt: skip
OWN = {"absolute": "{position}", "relative": "{relation}", "group": "all {noun:plural}",
       "several": "{count} {noun:plural}", "combined": "{color}"}  # fmt: skip
LITERALS = ("the", "thing", "a~ old", ",", "with", "предмет", "")
CONDITIONS = (
    *[{}, {"is": "person.n.01"}, {"is": "animal.n.01"}, {"color": "red"}, {"gender": "male"}] * 3,
    {"is": "mug"}, {"is": "person.n.99"}, {"is": "qwrtz"}, {"gender": "mael"}, {"colr": "red"},
)  # fmt: skip


@st.composite
def sayings(draw: st.DrawFn, depth: int = 2) -> str:
    """A text of the grammar, mostly a good one."""
    parts = []
    for _ in range(draw(st.integers(0 if depth == 2 else 1, 4))):
        what = draw(st.integers(0, 9))
        if what < 5 or depth == 0:
            slots = ODD if draw(st.integers(0, 9)) == 9 else SLOTS
            parts.append(f"{{{draw(st.sampled_from(slots))}}}")
        elif what < 7:
            parts.append(draw(st.sampled_from(LITERALS)))
        elif what < 9:
            parts.append(f"[{draw(sayings(depth=depth - 1))}]")
        else:
            parts.append(f"({draw(sayings(depth=depth - 1))} | {draw(sayings(depth=depth - 1))})")
    return " ".join(parts)


@st.composite
def ways(draw: st.DrawFn, rule: str) -> Any:
    """An alternative of a rule, mostly with what its kind has to have."""
    own = OWN.get(rule, "{noun}") if draw(st.integers(0, 4)) else ""
    say = f"{own} {draw(sayings())}" if rule != "keyword" else own
    if draw(st.integers(0, 2)):
        return say
    return {
        "say": say,
        "weight": draw(st.sampled_from((0.001, 1, 1000))),
        "when": dict(draw(st.sampled_from(CONDITIONS))),
        "unless": dict(draw(st.sampled_from(CONDITIONS))),
    }


BLANKS = (
    " ",
    [],
    {},
    None,
    "",
    "x",
    "{first}",
    {"say": " "},
    ["{target}"],
    True,
    {"2": []},
    "like",
)


@st.composite
def files(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A template file and its vocabulary: good ones, of which a few things are changed."""
    templates, words = copy.deepcopy(TEMPLATES), copy.deepcopy(WORDS)
    for _ in range(draw(st.integers(1, 2))):
        section = templates[draw(st.sampled_from(("kinds", "rules")))]
        name = draw(st.sampled_from(sorted(section)))
        what = draw(st.integers(0, 9))
        if what < 5:
            at = draw(st.integers(0, len(section[name])))
            section[name][at : at + 1] = [draw(ways(name))]
        elif what < 8:
            section[name].append(draw(ways(name)))
        elif what == 8:
            del section[name]
        else:
            templates["require"] = draw(st.lists(st.sampled_from(("basic", "minimal", "group"))))
    for _ in range(draw(st.sampled_from((0, 0, 0, 0, 1, 2)))):
        inner: Any = words
        path = []
        while isinstance(inner, (dict, list)) and inner:
            keys = sorted(inner) if isinstance(inner, dict) else list(range(len(inner)))
            path.append(draw(st.sampled_from(keys)))
            if len(path) > 1 and draw(st.booleans()):
                break
            inner = inner[path[-1]]
        holder: Any = words
        for step in path[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            del holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(draw(st.sampled_from(BLANKS)))
    return templates, words


@cache
def scenes() -> list[tuple[Entity, ...]]:
    """One thing, six of a kind, people in several clothes, and whatever comes."""
    dice = random.Random(1)
    mugs = (one("mug", *cast.facts(color=c), place=i) for i, c in enumerate(cast.COLORS[:6]))
    people = (one("human", *dressed(dice), place=place) for place in range(3))
    return [(one("cat"),), tuple(mugs), tuple(people), *(cast.scene(dice) for _ in range(3))]


def everything_is_said(templates: Templates, seed: int) -> None:
    """Each template filled for each entity, and each sentence that may be asked for."""
    for entities in scenes():
        dice = random.Random(seed)
        writer = Writer(entities, cast.CANVAS_HW, templates, dice)
        drafter, place = writer.drafter, dice.randrange(len(entities))
        for kind in templates.kinds:
            fit, _ = templates.usable(kind, drafter._filled[True][place], drafter._true[place])
            for template in dice.sample(fit, min(len(fit), 12)):
                claim = drafter.fill(place, template)
                if claim is not None:
                    assert writer._said(claim).text.strip()
                    program, _ = writer._grounded(claim)
                    assert program
        for kind in ("group", "none"):
            if kind in templates.kinds:
                writer.besides(kind)
        with contextlib.suppress(Indescribable):
            expressions.express(entities, cast.CANVAS_HW, templates, np.random.default_rng(seed))


def outcome(found: tuple[dict[str, Any], dict[str, Any]], seed: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mine.yaml"
        file.write_text(yaml.safe_dump(found[0], allow_unicode=True), "utf-8")
        (file.parent / "words.yaml").write_text(yaml.safe_dump(found[1], allow_unicode=True))
        problems = templates.check(file)
        for problem in problems:
            assert re.match(r".*/(mine|words)\.yaml:\d+: \S", problem), problem
        if not problems:
            everything_is_said(load_templates(file), seed)
    return "refused" if problems else "passed"


@given(files(), st.integers(0, 99))
@settings(max_examples=150)
def test_what_check_passes_can_be_said(
    found: tuple[dict[str, Any], dict[str, Any]], seed: int
) -> None:
    OUTCOMES[outcome(found, seed)] += 1


OUTCOMES: Counter[str] = Counter()


def test_the_good_ones_are_good() -> None:
    assert outcome((TEMPLATES, WORDS), 0) == "passed"


def test_there_were_enough_of_both() -> None:
    """The test above, which runs first, is about something."""
    assert not OUTCOMES or min(OUTCOMES["passed"], OUTCOMES["refused"]) > 30, OUTCOMES
