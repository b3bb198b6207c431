"""The checker finds what is wrong with a sentence, and nothing with what the engine writes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from refmatte_engine.config import resources
from refmatte_engine.errors import Indescribable
from refmatte_engine.language import writer
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.records import Entity, to_json
from tests.support import cast, checker, claims, looks, naming, places
from tests.support.drawn import drawn_dataset

HEIGHT, WIDTH = cast.CANVAS_HW
OTHER_WORDS = {
    "left": "right", "right": "left", "above": "below", "below": "above", "behind": "in front of",
    "next": "near", "upper": "lower", "lower": "upper", "leftmost": "rightmost", "red": "blue",
    "green": "black", "blue": "red", "white": "yellow", "largest": "smallest", "second": "third",
    "two": "three", "striped": "checkered", "mug": "sheep", "man": "woman", "woman": "man",
    "boy": "man", "girl": "boy", "book": "mug", "in front of": "behind", "coat": "dress",
    "larger": "smaller", "edge": "half", "long": "short", "salient": "non-salient",
    "facing left": "facing right", "old": "bald", "far": "upper",
}  # fmt: skip


@cache
def templates(language: str) -> Templates:
    return load_templates(resources.template(language, "expressions"))


def seen(entity: Entity) -> places.Seen:
    x0, y0, x1, y1 = entity.box_xyxy
    x, y = entity.centroid_xy
    return places.Seen(
        entity.category, [to_json(fact) for fact in entity.attributes], x / WIDTH, y / HEIGHT,
        x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT, entity.area_px / WIDTH / HEIGHT,
        entity.stands,
    )  # fmt: skip


def written(language: str, seeds: range) -> list[tuple[dict[str, Any], dict[int, Any], Any]]:
    """Sentences with the things they were written about and what covers what."""
    found = []
    for seed in seeds:
        entities = cast.scene(random.Random(seed))
        covers = {(e.index, k) for e in entities for k, _ in e.covered_by}
        try:
            said = writer.express(
                entities, cast.CANVAS_HW, templates(language), np.random.default_rng(seed)
            )
        except Indescribable:
            continue
        there = {entity.index: seen(entity) for entity in entities}
        found += [(to_json(e), there, covers) for e in said if e.kind != "keyword"]
    return found


@pytest.mark.parametrize("language", sorted(checker.ENGLISH))
def test_what_the_engine_writes_is_true(language: str) -> None:
    found = written(language, range(60))
    assert len(found) > 250
    for expression, entities, covers in found:
        said = expression["text"]
        assert checker.complaint(expression, entities, covers, language) == "", said


@pytest.mark.parametrize("language", sorted(checker.ENGLISH))
def test_every_sentence_with_another_word_is_found(language: str) -> None:
    words: Counter[str] = Counter()
    for expression, entities, covers in written(language, range(60, 100)):
        for old, new in OTHER_WORDS.items():
            text = f" {expression['text']} ".replace(f" {old} ", f" {new} ", 1).strip()
            if text != expression["text"]:
                wrong = checker.complaint({**expression, "text": text}, entities, covers, language)
                assert wrong, text
                words[old] += 1
    assert len(words) >= (4 if language == "refmatte" else 12)


def test_a_sentence_of_somebody_else_is_found() -> None:
    for expression, entities, covers in written("english", range(100, 130)):
        for other in entities.keys() - expression["referents"]:
            moved = {**expression, "referents": [other]}
            wrong = checker.complaint(moved, entities, covers, "english")
            assert "false of" in wrong or "means" in wrong


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("the mug", [["noun mug"]]),
        ("the orange", [["noun orange"]]),
        ("the dark red and white striped mug", [["noun mug", "dark red/white", "striped"]]),
        ("the two mugs and the teddy bear on the far left",
         [["noun mugs", "count 2"], ["noun teddy bear", "far_left"]]),
        ("the second red mug from the left", [["noun mug", "red", "left 2"]]),
        ("the man in the red checkered T-shirt, to the left of the dog that is brown",
         [["noun man", "t-shirt", "red of t-shirt", "checkered of t-shirt",
           "left_of [noun dog; brown]"]]),
        ("the ball between the cat and the mug at the left edge of the picture",
         [["noun ball", "between [noun cat] [noun mug; left_edge]"]]),
        ("the salient, crimson and non-transparent fur hat on top of the image",
         [["noun fur hat", "true", "crimson", "false", "top"]]),
        ("the woman with long black hair and a red hat",
         [["noun woman", "long", "black", "hat", "red of hat"]]),
        ("the girl who is not wearing glasses", [["noun girl", "not glasses"]]),
        ("all the sheep facing away", [["noun sheep", "back"]]),
    ],
)  # fmt: skip
def test_words_are_read(text: str, named: list[list[str]]) -> None:
    def shown(clause: dict[str, Any]) -> str:
        if clause["op"] in ("noun", "count", "order"):
            left = clause["name"] or "count"
            return f"noun {left}" if clause["op"] == "noun" else f"{left} {clause['value']}"
        if clause["op"] == "attribute":
            part = f" of {clause['part']}" if clause["part"] else ""
            return ("not " if clause["negated"] else "") + clause["value"] + part
        targets = [f" [{'; '.join(map(shown, t))}]" for t in clause.get("targets", ())]
        return clause["name"] + "".join(targets)

    found = claims.read(text, css="crimson" in text)
    assert [sorted(map(shown, one)) for one in found] == [sorted(one) for one in named]


def test_a_name_may_begin_with_a_colour() -> None:
    pepper = [{"op": "noun", "name": "green pepper"}]
    assert claims.read("the green pepper", names=["green pepper"]) == [pepper]
    red = claims.fact("color", "red")
    assert claims.read("the red green pepper", names=["green pepper"]) == [[*pepper, red]]


@pytest.mark.parametrize("text", ["a mug", "the", "the mug is", "the mug on", "mug", "the mug red"])
def test_what_it_cannot_read_it_does_not_pass(text: str) -> None:
    try:
        named = claims.read(text)
    except claims.Unread:
        return
    assert named == [[{"op": "noun", "name": text.removeprefix("the ")}]]


@pytest.mark.parametrize(
    ("noun", "category", "truth"),
    [("animal", "camel", 1), ("animal", "mug", -1), ("mugs", "mug", 1), ("glass", "wine glass", 1),
     ("teddy", "teddy bear", 1), ("dog", "fox", 0), ("cup", "mug", 0), ("people", "fireman", 1),
     ("flower", "dandelion", 1), ("plants", "cactus", 1), ("plant", "rabbit", -1),
     ("lion", "sea lion", -1), ("boat", "walnut boat", 1), ("oranges", "orangutan", -1),
     ("objects", "camel", 0), ("object", "mug", 1), ("objects", "woman", 0), ("being", "camel", 1)],
)  # fmt: skip
def test_nouns_name_what_wordnet_says(noun: str, category: str, truth: int) -> None:
    assert naming.names(noun, category) == truth


def test_the_kind_tells_what_wordnet_does_not_have() -> None:
    for noun, truth in (("animals", 1), ("objects", 0), ("mammal", -1), ("person", -1)):
        assert naming.names(noun, "dromedary", "animal") == truth, noun
    assert naming.names("animal", "dromedary", "object") == -1
    assert naming.names("animal", "mug", "animal") == -1


def test_what_is_all_on_one_side_belongs_to_the_others_there() -> None:
    boxes = ((900, 530, 1020, 610), (900, 630, 1020, 710), (860, 730, 1100, 960))
    mugs = {i: seen(cast.entity(i, "mug", box)) for i, box in enumerate(boxes)}
    low = [{"op": "noun", "name": "mugs"}, {"op": "position", "name": "bottom"}]
    assert checker.meaning("group", checker.fits(mugs, low, set())) == {0, 1, 2}
    mugs[0] = seen(cast.entity(0, "mug", (900, 450, 1020, 610)))
    assert checker.meaning("group", checker.fits(mugs, low, set())) == {1, 2}


def test_colours_that_the_pixels_contradict_are_found() -> None:
    matte = np.zeros((80, 80), np.uint8)
    cv2.circle(matte, (40, 40), 30, 255, -1)
    for word, bgr in (("red", (30, 20, 200)), ("blue", (200, 95, 30)), ("white", (240, 245, 245)),
                      ("brown", (35, 65, 110)), ("gray", (130, 128, 128))):  # fmt: skip
        image = np.full((80, 80, 3), bgr, np.uint8)
        for said in looks.MAY_BE:
            fact = {"name": "color", "value": said, "source": "measured"}
            wrong = looks.wrong_colors(image, matte, {"attributes": [fact]})
            assert wrong == "" if said == word else True, (word, said)
        other = {"red": "green", "blue": "yellow", "white": "black", "brown": "blue", "gray": "red"}
        for name, value in (("color", other[word]), ("css_color", "lime")):
            fact = {"name": name, "value": value, "source": "measured"}
            assert looks.wrong_colors(image, matte, {"attributes": [fact]}), (word, name)


def test_as_a_command_it_gives_a_verdict_and_lists_offenders(tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "drawn", {"train": 2})
    file = tmp_path / "drawn/train/samples.jsonl"
    command = [sys.executable, "-m", "tests.support.checker", str(tmp_path / "drawn")]
    home = Path(__file__).parent.parent
    samples = [json.loads(line) for line in file.read_text("utf-8").splitlines()]

    def write() -> None:
        file.write_text("".join(json.dumps(sample) + "\n" for sample in samples), "utf-8")

    for sample in samples:
        sample["expressions"] = [e for e in sample["expressions"] if e["kind"] == "basic"]
    write()
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, check=False)
    assert "0 false, 0 ambiguous, 0 otherwise wrong" in done.stdout, done.stdout + done.stderr
    samples[0]["expressions"][0]["referents"] = [2]
    write()
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, check=False)
    assert done.returncode == 1
    assert "1 false" in done.stdout.splitlines()[-1]
    assert f"{samples[0]['name']}: " in done.stdout
