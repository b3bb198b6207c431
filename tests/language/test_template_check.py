"""Broken templates: every message says where, what and what to do."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine import errors
from refmatte_engine.config import resources
from refmatte_engine.errors import InputError
from refmatte_engine.language import coverage, templates, writer
from refmatte_engine.language.templates import load_templates
from tests.support import cast

GOOD = """\
language: english
vocabulary: words.yaml
kinds:
  keyword: ["{noun}"]
  basic: ["{thing}"]
  absolute: ["{thing} {position}"]
  relative: ["{thing} {relation}"]
  combined: ["{thing} {position}"]
rules:
  thing:
    - "the [{color}] {noun}"
    - {say: "the {noun}", weight: 2, unless: {is: person.n.01}}
  target: ["the {noun}"]
"""
WORDS = """\
language: english
categories_as_nouns: true
nouns:
  - {of: animal.n.01, say: [animal]}
slots:
  color: {attribute: color, others: true}
positions:
  left: ["on the left"]
relations:
  left_of: ["to the left of {target}"]
agreement:
  who: {person: who, else: that}
"""

# What is changed in GOOD or WORDS, the line that is wrong, and what the message has to say.
BROKEN = {
    "slot": ('"the [{color}] {noun}"', '"the [{colr}] {noun}"', "mine.yaml:11",
             ["'colr' is not a slot or a rule", "did you mean 'color'?"]),
    "kind": ("  absolute:", "  absolut:", "mine.yaml:6",
             ["'absolut' is not a kind of expression", "did you mean 'absolute'?"]),
    "bracket": ('"the [{color}] {noun}"', '"the [{color} {noun}"', "mine.yaml:11",
                ["'[' is never closed"]),
    "brace": ('"the [{color}] {noun}"', '"the {noun"', "mine.yaml:11", ["is not a slot", "{name}"]),
    "bar": ('"the [{color}] {noun}"', '"a | the {noun}"', "mine.yaml:11", ["| is outside"]),
    "empty": ('"the [{color}] {noun}"', '"(a | ) {noun}"', "mine.yaml:11",
              ["an empty alternative", "use [ ]"]),
    "key": ("weight: 2", "wieght: 2", "mine.yaml:12", ["wieght", "weight"]),
    "weight": ("weight: 2", "weight: -2", "mine.yaml:12", ["-2", "from 0.0001 to 1000"]),
    "yaml": ("rules:", "rules: [", "mine.yaml:", ["is not valid YAML"]),
    "twice": ("  target:", "  thing: [a]\n  target:", "mine.yaml:13", ["appears twice"]),
    "loop": ('"the [{color}] {noun}"', '"{thing}"', "mine.yaml:", ["contains itself"]),
    "target": ('  target: ["the {noun}"]', '  other: ["the {noun}"]', "mine.yaml:9",
               ["there is no rule 'target'", "write how"]),
    "none": ("  combined: [", "  combined: []\n  group: [", "mine.yaml:8", ["no alternative"]),
    "require": ("rules:", "require: [basic, fancy]\nrules:", "mine.yaml:9",
                ["'fancy' is not one of the kinds of this file", "allowed"]),
    "language": ("language: english\nvocabulary", "language: french\nvocabulary", "mine.yaml:1",
                 ["'french' is not the language", "allowed: english"]),
    "vocabulary": ("words.yaml", "wrods.yaml", "mine.yaml:2", ["wrods.yaml", "no such file"]),
    "relation": ("  left_of:", "  leftof:", "words.yaml:10",
                 ["'leftof' is not one of the relations", "did you mean 'left_of'?"]),
    "position": ("  left: [", "  leftish: [", "words.yaml:8",
                 ["'leftish' is not one of the positions", "left"]),
    "no target": ("to the left of {target}", "to the left", "words.yaml:10",
                  ["'left_of' has no slot", "allowed: {target}, once"]),
    "synset": ("animal.n.01", "animal.n.77", "words.yaml:4", ["has no noun", "animal.n.77"]),
    "like": ("others: true}", "like: colour}", "words.yaml:6",
             ["'colour' is not a slot", "did you mean 'color'?"]),
    "many": ('"the [{color}] {noun}"', '"' + "[a] " * 14 + '{noun}"', "mine.yaml:",
             ["more than 4000 ways", "fewer optional parts"]),
    "no slot": ('"the [{color}] {noun}"', '"the main subject"', "mine.yaml:11",
                ["thing.1: it can be said without any slot", "'the main subject'"]),
    "all optional": ('"the [{color}] {noun}"', '"[the] [{color}]"', "mine.yaml:11",
                     ["can be said without any slot"]),
    "no relation": ('"{thing} {relation}"', '"{thing} [{relation}]"', "mine.yaml:7",
                    ["relative.1: it can be said without {relation}"]),
    "no position": ('["{thing} {position}"]', '["{thing} {position}", "{thing}"]', "mine.yaml:6",
                    ["absolute.2: it can be said without {position}", "'the {color} {noun}'"]),
    "no group": ("rules:", '  group: ["{one}"]\nrules:', "mine.yaml:9",
                 ["names one thing, not several", "{one} and {other}"]),
    "no miss": ("rules:", '  none: ["it is {relation}"]\nrules:', "mine.yaml:9",
                ["no word that a near miss could exchange"]),
    "target's target": ('target: ["the {noun}"]', 'target: ["the {noun} {relation}"]',
                        "mine.yaml:13", ["target.1: {relation} needs another 'target'"]),
    "target by a rule": ('target: ["the {noun}"]', 'target: ["{by}"]\n  by: ["{noun}, {other}"]',
                         "mine.yaml:14", ["{other} names a whole thing"]),
    "no sense": ("person.n.01", "person.n.99", "mine.yaml:12", ["WordNet has no noun", "person.n"]),
    "no category": ("person.n.01", "persn", "mine.yaml:12", ["neither a category", "'person'?"]),
    "no attribute": ("unless: {is: person.n.01}", "when: {colr: red}", "mine.yaml:12",
                     ["'colr' is not an attribute", "'color'?"]),
    "no value": ("unless: {is: person.n.01}", "when: {gender: femal}", "mine.yaml:12",
                 ["'gender' is never 'femal'", "'female'?"]),
    "too long": ('"the [{color}] {noun}"', '"' + "very " * 80 + '{noun}"', "mine.yaml:11",
                 ["rules.thing.0", "allowed: text of at most 300 letters"]),
    "nothing for a word": ("agreement:", "contractions: {the: ''}\nagreement:", "words.yaml:11",
                           ["contractions.the: ''", "allowed: text, not empty"]),
    "no word": ("agreement:", "contractions: {'': the}\nagreement:", "words.yaml:11",
                ["contractions", "allowed: text, not empty"]),
    "other spelling": ("unless: {is: person.n.01}", "when: {color: grey}", "mine.yaml:12",
                       ["'color' is never 'grey'", "'gray'?"]),
    "other truth": ("unless: {is: person.n.01}", "when: {transparent: yes}", "mine.yaml:12",
                    ["'transparent' is never 'yes'", "'true'?"]),
    "form": ('"the [{color}] {noun}"', '"the {noun:plurall}"', "mine.yaml:11",
             ["'plurall' is not a form", "did you mean 'plural'?"]),
    "same": ('"the [{color}] {noun}"', '"the {noun}"\n    - "the  {noun}"', "mine.yaml:12",
             ["thing.2 says what thing.1 says"]),
    "same within": ('"the [{color}] {noun}"', '"(a|the|a) {noun}"', "mine.yaml:11",
                    ["'a' appears twice"]),
    "own animal": ("unless: {is: person.n.01}", "when: {is: dog}, unless: {is: animal.n.01}",
                   "mine.yaml:12", ["thing.2 can never be said", "dog animal.n.01"]),
    "ordinal": ('"the [{color}] {noun}"', '"the {ordinal} {noun}"', "mine.yaml:11",
                ["{ordinal} is said without {side}"]),
    "twice related": ('"{thing} {relation}"', '"{thing} {relation}, {relation}"', "mine.yaml:7",
                      ["{relation} appears twice"]),
    "one of several": ('["{thing}"]', '["{count} {noun}"]', "mine.yaml:5",
                       ["{count} is of several things"]),
    "rule's name": ("  thing:", "  color: [a]\n  thing:", "mine.yaml:10",
                    ["'color' is in the vocabulary already"]),
    "part": ("slots:", "any_of: {way: [dyed]}\nslots:\n"
             "  worn: {attribute: clothes, head: true, others: true}\n"
             "  dyed: {attribute: color, of: worn, others: true}",
             "words.yaml:5", ["'dyed' describes a part and must"]),
    "head": ("slots:", "slots:\n  dyed: {attribute: color, of: color, others: true}",
             "words.yaml:6", ["'color' is not a slot with `head: true`"]),
    "like itself": ("others: true}", "like: color}", "words.yaml:6", ["is like itself"]),
    "blank": ("say: [animal]", "say: [' ']", "words.yaml:4", ["is blank"]),
    "silent": ('["on the left"]', '["[on the left]"]', "words.yaml:8", ["without a word"]),
    "brace in a word": ("say: [animal]", "say: ['{animal}']", "words.yaml:4", ["are not filled"]),
    "ours": ("  color: {attribute", "  noun: {attribute", "words.yaml:6",
             ["'noun' is the engine's"]),
    "pair": ("others: true}", "others: true, pair: both}", "words.yaml:6", ["does not say both"]),
    "counted": ("agreement:", 'orders: {count: {"two": two}}\nagreement:', "words.yaml:11",
                ["'two' is not a number", "in digits"]),
    "code": ('"the [{color}] {noun}"', '"the {noun.__class__}"', "mine.yaml:11", ["is not a slot"]),
    "list": ('  keyword: ["{noun}"]', "  keyword: 3", "mine.yaml:4", ["kinds.keyword", "3"]),
}  # fmt: skip


def files(folder: Path, old: str = "", new: str = "") -> Path:
    assert not old or old in GOOD + WORDS
    (folder / "words.yaml").write_text(WORDS.replace(old, new) if old else WORDS)
    file = folder / "mine.yaml"
    file.write_text(GOOD.replace(old, new) if old else GOOD)
    return file


def test_the_good_one_is_good(tmp_path: Path) -> None:
    file = files(tmp_path)
    assert templates.check(file) == []
    assert load_templates(file).language == "english"


@pytest.mark.parametrize("name", BROKEN)
def test_broken_templates(name: str, tmp_path: Path) -> None:
    old, new, where, wanted = BROKEN[name]
    # "words.yaml" is named in one file and not to be changed in the other.
    file = files(tmp_path, old, new)
    with pytest.raises(InputError) as caught:
        load_templates(file)
    message = str(caught.value)
    assert where in message
    assert "\n" not in message
    for part in wanted:
        assert part in message
    assert message in templates.check(file) or " more)" in message


def test_all_errors_at_once(tmp_path: Path) -> None:
    file = files(tmp_path)
    text = GOOD.replace("{color}", "{colr}").replace("absolute:", "absolut:")
    file.write_text(text.replace("{position}", "{positoin}"))
    found = templates.check(file)
    assert len(found) >= 4
    assert sum("did you mean" in line for line in found) >= 4


def test_what_can_never_be_said(tmp_path: Path) -> None:
    file = files(tmp_path)
    file.write_text(
        GOOD.replace(
            "  target:",
            '    - {say: "a {noun}", when: {is: cat}, unless: {is: cat}}\n'
            '    - "the {superlative} {noun}"\n'
            '  spare: ["{noun}"]\n'
            "  target:",
        )
    )
    found = templates.check(file)
    assert len(found) == 3
    assert any("exclude each other" in line and "mine.yaml:13" in line for line in found)
    assert any("no words for {superlative}" in line for line in found)
    assert any("nothing uses the rule 'spare'" in line for line in found)


@pytest.mark.parametrize("name", ["english", "refmatte", "german"])
def test_the_embedded_templates_are_in_order(name: str) -> None:
    assert templates.check(resources.template(name, "expressions")) == []


def test_coverage_counts_what_was_used() -> None:
    templates = load_templates(resources.template("english", "expressions"))
    said = []
    for seed in range(120):
        scene = cast.scene(random.Random(seed))
        with contextlib.suppress(errors.Indescribable):
            said += writer.express(scene, cast.CANVAS_HW, templates, np.random.default_rng(seed))
    used = coverage.coverage(templates, [e.template for e in said])
    for name in ("left_of", "right_of"):
        first, second = used[f"relation {name}.1"], used[f"relation {name}.2"]
        assert first > second > 0
    assert used["position far_left.1"] > 5
    assert used["picture.1"] > 0
    assert used["target.1"] > 20
    wordings = sum(n for part, n in used.items() if part.startswith("relation "))
    assert wordings >= sum(e.kind == "relative" for e in said)
    assert used["absolute.1"] > 20
    assert used["group.1"] == 0
    assert sum(n for part, n in used.items() if part.startswith("basic.")) == sum(
        e.kind == "basic" for e in said
    )
