"""Which way things face: said where it is labelled, mirrored with the picture, else left open."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.config import resources
from refmatte_engine.config.layout_rules import Canvas, LayoutRules
from refmatte_engine.config.run import Run
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import Indescribable
from refmatte_engine.generation import dataset_run
from refmatte_engine.generation.verify import verify
from refmatte_engine.images import image_io
from refmatte_engine.language import writer
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.records import Attribute, Clause, Entity, Expression, Placement
from refmatte_engine.semantics import attributes, ground
from tests.conftest import make_pack, write_png
from tests.support import cast, checker, places

LEFT, RIGHT = cast.facts(facing="left"), cast.facts(facing="right")
SAID = {"english": ("facing", "faces"), "german": ("blick", "gerichtet")}


@pytest.fixture(scope="module", params=["english", "german"])
def templates(request: pytest.FixtureRequest) -> Templates:
    return load_templates(resources.template(request.param, "expressions"))


def animal(place: int, category: str, *known: Attribute) -> Entity:
    return cast.entity(place, category, (place * 440 - 400, 300, place * 440 - 50, 700), known)


def said(templates: Templates, *entities: Entity, seeds: int = 60) -> list[Expression]:
    found: list[Expression] = []
    for seed in range(seeds):
        try:
            rng = np.random.default_rng(seed)
            found += writer.express(entities, cast.CANVAS_HW, templates, rng)
        except Indescribable:
            continue
    return [e for e in found if e.kind != "keyword"]


def looks(found: list[Expression]) -> list[Expression]:
    return [e for e in found if any(clause.name == "facing" for clause in e.program)]


def test_it_is_said_of_what_it_is_known_of(templates: Templates) -> None:
    found = said(
        templates,
        animal(1, "dog", *LEFT, *cast.facts(color="brown")),
        animal(2, "cat"),
        animal(3, "dog", *RIGHT, *cast.facts(color="black")),
    )
    told = looks(found)
    assert {e.referents for e in told} == {(1,), (3,)}
    texts = {e.text for e in told}
    if templates.language == "english":
        assert {"the dog facing left", "the dog that is facing right"} <= texts
    else:
        assert {"der nach links blickende Hund", "der Hund, der nach rechts blickt"} <= texts


def test_who_has_no_label_may_face_anywhere(templates: Templates) -> None:
    """Not even a recipe says where its dog does not face."""
    recipe = cast.facts(transparent="false")
    found = said(templates, animal(1, "dog", *LEFT), animal(2, "cat"), animal(3, "dog", *recipe))
    for expression in looks(found):
        # Then something else has to tell the two dogs apart.
        rest = [c for c in expression.program if c.name != "facing"]
        assert ground.ground(
            rest, [animal(1, "dog"), animal(2, "cat"), animal(3, "dog")], cast.CANVAS_HW
        ).referents == expression.referents  # fmt: skip
    none = said(templates, animal(1, "dog"), animal(2, "cat"))
    assert none
    assert not looks(none)
    words = SAID[templates.language]
    assert not any(word in e.text for e in none for word in words)


@pytest.mark.parametrize(
    ("value", "flip", "turn", "wanted"),
    [
        ("left", False, 0, ["left"]), ("left", True, 0, ["right"]), ("right", True, 6, ["left"]),
        ("front", True, 0, ["front"]), ("back", True, -6, ["back"]), ("left", False, 355, ["left"]),
        ("left", False, 45, []), ("left", True, 180, []), ("front", False, -90, []),
    ],
)  # fmt: skip
def test_placements_turn_it(value: str, flip: bool, turn: float, wanted: list[str]) -> None:
    known = cast.facts(color="red", facing=value)
    placement = Placement("made/dog", (0, 0, 9, 9), flip=flip, rotation_deg=turn)
    found = attributes.placed(known, placement)
    assert [a.value for a in found if a.name == "facing"] == wanted
    assert found[0] == known[0]


def test_mirroring_keeps_it_true(templates: Templates) -> None:
    turned = {"left": "right", "right": "left"}
    dogs = (animal(1, "dog", *LEFT), animal(2, "dog", *RIGHT))
    there = [
        replace(cast.mirrored(dog), attributes=facts)
        for dog, facts in zip(dogs, (RIGHT, LEFT), strict=True)
    ]
    for expression in looks(said(templates, *dogs)):
        clauses = [c for c in expression.program if c.op in ("category", "attribute")]
        if len(clauses) == len(expression.program):
            mirrored = [replace(c, value=turned.get(c.value, c.value)) for c in clauses]
            again = ground.ground(mirrored, there, cast.CANVAS_HW)
            assert again.referents == expression.referents


def test_in_made_pictures_things_face_where_the_words_say(tmp_path: Path) -> None:
    """The dog's head is heavy: the mattes tell where it is."""
    pack = make_pack(tmp_path / "tiny")
    alpha = np.zeros((60, 120), np.uint8)
    cv2.rectangle(alpha, (30, 26), (114, 34), 255, -1)
    cv2.circle(alpha, (30, 30), 26, 255, -1, cv2.LINE_AA)
    brown = np.full((60, 120, 3), (110, 65, 35), np.uint8)
    write_png(pack / "foregrounds/dog/dog.png", np.dstack((brown, alpha)))
    lines = []
    for line in (pack / "labels.jsonl").read_text().splitlines():
        label = json.loads(line)
        if label.get("category") == "dog":
            label["attributes"]["facing"] = "left"
        lines.append(json.dumps(label))
    (pack / "labels.jsonl").write_text("\n".join(lines))
    rules = LayoutRules(canvas=Canvas(size=(120, 200)), layouts={"left_right": 1}, rotation_deg=6)
    out = tmp_path / "out"
    run = Run(packs=[str(pack)], splits={"train": 40}, layout=rules, shard_size=40)
    dataset_run.generate(run, out)
    assert verify(out).problems == ()
    seen: Counter[str] = Counter()
    dataset = Dataset(out)
    for sample in dataset.samples():
        for entity in sample.entities:
            facing = [a.value for a in entity.attributes if a.name == "facing"]
            assert len(facing) == (entity.category == "dog")
            if facing:
                matte = image_io.read_alpha(dataset.alpha_path(sample, entity.index))
                columns = np.nonzero(matte.max(0) > 127)[0]
                mean = (matte.sum(0) @ np.arange(matte.shape[1])) / matte.sum()
                head = "left" if mean < (columns[0] + columns[-1]) / 2 else "right"
                assert facing == [head]
                seen[head] += 1
    assert min(seen["left"], seen["right"]) > 2
    complaints = [text for _, text in checker.failures(out / "train") if text]
    assert complaints == []


def test_the_checker_wants_to_know_it() -> None:
    sides = {"x": 0.5, "y": 0.5, "x0": 0.4, "y0": 0.4, "x1": 0.6, "y1": 0.6, "area": 0.1}
    dogs = {
        k: places.Seen("dog", [{"name": "facing", "value": value}] if value else [], **sides)
        for k, value in enumerate(("left", "right", ""))
    }
    program = [{"op": "category", "name": "dog.n.01"},
               {"op": "attribute", "name": "facing", "value": "left"}]  # fmt: skip
    assert set(checker.fits(dogs, program, set())) == {0, 2}
    assert set(checker.fits({0: dogs[0], 1: dogs[1]}, program, set())) == {0}


def test_clauses_about_it_ground_with_doubt() -> None:
    dog = Clause("category", "dog.n.01")
    left = Clause("attribute", "facing", "left")
    facts = cast.facts(color="brown")
    found = ground.ground(
        (dog, left), [animal(1, "dog", *LEFT), animal(2, "dog", *facts)], cast.CANVAS_HW
    )
    assert found.referents == (1, 2)
    assert not found.certain
    dice = random.Random(0)
    known = [animal(1, "dog", *LEFT), animal(2, "dog", *RIGHT)]
    dice.shuffle(known)
    sure = ground.ground((dog, left), known, cast.CANVAS_HW)
    assert (sure.referents, sure.certain) == ((1,), True)
