"""Counterfactual pairs: one change, and a sentence that follows it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.config import resources
from refmatte_engine.config.layout_rules import Canvas, EffectRanges, LayoutRules, Level
from refmatte_engine.config.run import Run
from refmatte_engine.generation import counterfactuals
from refmatte_engine.generation.compose import Composer, Made, measured, render_scene
from refmatte_engine.images import image_io
from refmatte_engine.language.templates import load_templates
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.records import (
    Clause,
    Expression,
    Placement,
    Sample,
    Scene,
    from_json,
    to_json,
)
from refmatte_engine.scene.plan import change, make_plan, sample_plan, wish
from refmatte_engine.scene.standing import extent
from refmatte_engine.semantics.ground import refuted
from tests.conftest import BLUE, RED, landscape, make_pack, slab, write_png
from tests.support import cast

EFFECTS = EffectRanges(harmonise=(0.4, 0.4), sharpness=(0.6, 0.6), noise=(0.5, 0.5))


def rules(**changes: object) -> LayoutRules:
    return LayoutRules(
        canvas=Canvas(size=(160, 240)),
        layouts={"left_right": 1},
        levels={"twins": Level(same_category=1)},
        **changes,  # type: ignore[arg-type]
    )


def test_pairs_differ_by_one_exchange_and_a_sentence_follows(tmp_path: Path) -> None:
    pack = make_pack(tmp_path / "tiny")
    run = Run(packs=[str(pack)], splits={"train": 6}, layout=rules(counterfactual=1.0))
    catalog = catalogs.load(run.packs)
    plan = make_plan(run, catalog, "train")
    templates = load_templates(resources.template("english", "expressions"))
    made = list(Composer(plan, catalog, templates).samples(0, 6))
    for first, second in zip(made[::2], made[1::2], strict=True):
        a, b = first.sample, second.sample
        assert (a.twin, b.twin) == (b.name, a.name)
        assert sorted(p.foreground for p in a.scene.placements) == sorted(
            p.foreground for p in b.scene.placements
        )
        assert a.scene.background == b.scene.background
        assert (first.rendering.image != second.rendering.image).any()
        means = {e.text: a.entities[e.referents[0] - 1].foreground for e in a.expressions}
        follows = [
            e.text
            for e in b.expressions
            if e.kind != "keyword"
            and e.text in means
            and means[e.text] != b.entities[e.referents[0] - 1].foreground
        ]
        assert follows
        for sample in (a, b):
            assert all(not refuted(e, sample.entities, (160, 240)) for e in sample.expressions)
    # Any part of a run makes the same samples.
    (alone,) = Composer(plan, catalog, templates).samples(3, 4)
    assert alone.sample == made[3].sample
    assert np.array_equal(alone.rendering.image, made[3].rendering.image)


def test_exchanged_things_stay_where_the_layout_lets_things_be(tmp_path: Path) -> None:
    """A wide thing in the place of a narrow one at the edge would leave the canvas."""
    shapes = {"mug/wide": slab(RED, (60, 90)), "mug/narrow": slab(BLUE, (90, 50))}
    pack = tmp_path / "p"
    for name, pixels in shapes.items():
        write_png(pack / f"foregrounds/{name}.png", pixels)
    (pack / "backgrounds").mkdir()
    (pack / "backgrounds/b.jpg").write_bytes(image_io.encode_jpeg(landscape(0)))
    terms = "name: p\nlicence: CC0-1.0\nsource: drawn\ncredit: nobody\ndefaults: {split: train}\n"
    (pack / "pack.yaml").write_text(terms)
    layout = rules(counterfactual=1.0, entities={2: 1}, size=(0.3, 0.5), margin=0.04)
    run = Run(packs=[str(pack)], splits={"train": 30}, layout=layout)
    catalog = catalogs.load(run.packs)
    plan = make_plan(run, catalog, "train")
    templates = load_templates(resources.template("english", "expressions"))
    exchanged = 0
    for made in Composer(plan, catalog, templates).samples(0, 30):
        exchanged += made.sample.change == "exchanged"
        for placement in made.sample.scene.placements:
            x0, y0, x1, y1 = extent(placement)
            assert x0 >= 0.04 * 160 - 2
            assert y0 >= 0.04 * 160 - 2
            assert x1 <= 240 - 0.04 * 160 + 2
            assert y1 <= 160
    assert exchanged >= 10


def test_the_share_of_pairs_is_exact_in_every_forty_images(tmp_path: Path) -> None:
    pack = make_pack(tmp_path / "tiny")
    levels = {"plain": Level(), "twins": Level(same_category=1)}
    layout = rules(counterfactual=0.3).model_copy(update={"levels": levels})
    plan = make_plan(
        Run(packs=[str(pack)], splits={"train": 80}, layout=layout), catalogs.load([pack]), "train"
    )
    flags = [change(plan, wish(plan, i)) for i in range(80)]
    assert flags[::2] == flags[1::2]
    assert Counter(flags[:40]) == Counter(flags[40:]) == {None: 28, "exchanged": 12}


def test_the_changes_keep_their_weights_and_leave_the_other_quotas(tmp_path: Path) -> None:
    pack = make_pack(tmp_path / "tiny")
    catalog = catalogs.load([pack])
    plans = [
        make_plan(Run(packs=[str(pack)], splits={"train": 80}, layout=layout), catalog, "train")
        for layout in (
            rules(counterfactual=0.8),
            rules(counterfactual=0.8, changes={"exchanged": 2, "traded": 1, "recoloured": 1}),
        )
    ]
    for block in (range(40), range(40, 80)):
        found = Counter(change(plans[1], wish(plans[1], i)) for i in block)
        assert found == {None: 8, "exchanged": 16, "traded": 8, "recoloured": 8}
    assert [bool(change(plans[0], wish(plans[0], i))) for i in range(80)] == [
        bool(change(plans[1], wish(plans[1], i))) for i in range(80)
    ]
    one, other = ([sample_plan(plan, i) for i in range(80)] for plan in plans)
    # What is drawn depends on the change: hues change on some things only.
    for a, b in zip(one, other, strict=True):
        assert (a.layout, a.level, len(a.foregrounds)) == (b.layout, b.level, len(b.foregrounds))


def pairs_of(
    kind: str, tmp_path: Path, images: int = 8
) -> tuple[catalogs.Catalog, list[tuple[Made, Made]]]:
    pack = make_pack(tmp_path / "tiny")
    layout = rules(counterfactual=1.0, changes={kind: 1}, effects=EFFECTS)
    run = Run(
        packs=[str(pack)], splits={"train": images}, layout=layout, kinds={"object": 1}, seed=3
    )
    catalog = catalogs.load(run.packs)
    plan = make_plan(run, catalog, "train")
    templates = load_templates(resources.template("english", "expressions"))
    made = list(Composer(plan, catalog, templates).samples(0, images))
    pairs = [
        (a, b) for a, b in zip(made[::2], made[1::2], strict=True) if b.sample.twin == a.sample.name
    ]
    assert pairs
    return catalog, pairs


def followed(a: Sample, b: Sample) -> list[tuple[str, list[str], list[str]]]:
    """Sentences of both pictures that mean other things, with what they mean."""
    means = {e.text: [a.entities[k - 1].foreground for k in e.referents] for e in a.expressions}
    return [
        (e.text, means[e.text], now)
        for e in b.expressions
        for now in [[b.entities[k - 1].foreground for k in e.referents]]
        if e.kind != "keyword" and e.text in means and means[e.text] != now
    ]


@pytest.mark.parametrize(("kind", "turned"), [("recoloured", 1), ("traded", 2)])
def test_recoloured_pairs_differ_in_hue_alone(kind: str, turned: int, tmp_path: Path) -> None:
    catalog, pairs = pairs_of(kind, tmp_path)
    for first, second in pairs:
        a, b = first.sample, second.sample
        assert a.change == b.change == kind
        assert a.twin == b.name
        hues = [p.hue_deg for p in b.scene.placements]
        assert sum(map(bool, hues)) == turned
        plain = tuple(replace(p, hue_deg=0.0) for p in b.scene.placements)
        assert replace(b.scene, placements=plain) == a.scene
        for k, hue in enumerate(hues, 1):
            one, other = (m.rendering.visible_alpha_u8(k) for m in (first, second))
            assert np.array_equal(one, other)
            solid = one == 255
            same = np.array_equal(first.rendering.image[solid], second.rendering.image[solid])
            assert same == (not hue)
            entity = b.entities[k - 1]
            if hue:
                assert entity.kind == "object"
                colors = [f for f in entity.attributes if "color" in f.name]
                assert {f.source for f in colors} == {"measured"}
                was = {f.value for f in a.entities[k - 1].attributes if f.name == "color"}
                assert colors[0].name == "color"
                assert colors[0].value not in was
        empty = ~np.any([first.rendering.visible_alpha_u8(e.index) for e in a.entities], axis=0)
        assert np.array_equal(first.rendering.image[empty], second.rendering.image[empty])
        said = followed(a, b)
        assert said
        for text, was, now in said:
            assert len(was) == 1
            assert was != now
            assert (kind == "recoloured") == (not now), text
        for sample in (a, b):
            assert all(not refuted(e, sample.entities, (160, 240)) for e in sample.expressions)
        # The record is enough to make the picture and its facts again.
        read = from_json(Sample, to_json(b))
        again = render_scene(read.scene, catalog)
        assert np.array_equal(again.image, second.rendering.image)
        assert measured(read.entities, read.scene, again, catalog) == b.entities


def test_records_without_a_change_are_as_they_were() -> None:
    assert to_json(Placement("p/mug", (0, 0, 4, 4))) == {
        "foreground": "p/mug",
        "box_xyxy": [0, 0, 4, 4],
    }
    turned = Placement("p/mug", (0, 0, 4, 4), hue_deg=-80.5)
    assert to_json(turned)["hue_deg"] == -80.5
    assert from_json(Placement, to_json(turned)) == turned


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mirrored": 1}, "exchanged"),
        ({"traded": 0}, "weight above 0"),
        ({"traded": -1}, "greater"),
    ],
)
def test_mistakes_in_changes_are_said(changes: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LayoutRules(changes=changes)  # type: ignore[arg-type]


def test_pairs_need_things_of_one_category() -> None:
    with pytest.raises(ValueError, match="images with a twin need two things of one category"):
        LayoutRules(counterfactual=0.5)


def test_no_text_stands_twice_where_a_sentence_follows() -> None:
    """The sentence that follows the ball is said of it already, as another kind."""
    boxes = ((40, 300, 390, 700), (900, 300, 1250, 700))
    clauses = (Clause("category", "ball"), Clause("position", "left"))

    def sample(left: int, said: tuple[Expression, ...]) -> Sample:
        places = [boxes[0] if place == left else boxes[1] for place in (0, 1)]
        entities = tuple(
            replace(cast.entity(i + 1, "ball", box), foreground=f"tiny/{i}")
            for i, box in enumerate(places)
        )
        placements = tuple(Placement(e.foreground, e.box_xyxy) for e in entities)
        scene = Scene(cast.CANVAS_HW, "b", (0, 0, 9, 9), False, "left_right", placements)
        return Sample("train", 0, 0, "twins", "name", scene, entities, (), said)

    text = "the ball on the left"
    first = sample(0, (Expression(text, "basic", clauses, (1,), "basic.1"),))
    own = Expression("the far ball", "basic", clauses, (2,), "basic.2")
    other = Expression(text, "overspecified", clauses, (2,), "combined.1")
    followed = counterfactuals.shared("exchanged", first, sample(1, (own,)))
    assert followed is not None
    assert [e.text for e in followed] == [text]
    assert counterfactuals.shared("exchanged", first, sample(1, (own, other))) is None
