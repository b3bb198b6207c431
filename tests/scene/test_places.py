"""Things are of sizes that suit the place, as far as a picture of them allows; and each place comes
as often as any other, where it suits best."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.config.run import Run
from refmatte_engine.errors import Rejected
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import Background, Foreground, SamplePlan
from refmatte_engine.scene import camera, scale
from refmatte_engine.scene.canvas import CLOSER
from refmatte_engine.scene.decks import dealt
from refmatte_engine.scene.layout import sample_scene
from refmatte_engine.scene.places import Suited, matched, suited
from refmatte_engine.scene.plan import make_plan, sample_plan
from refmatte_engine.scene.quotas import BLOCK
from refmatte_engine.scene.standing import ground_of

REAL = LayoutRules(scale="real", ground=True, max_upscale=8, size=(0.4, 0.8))
HW = 300, 200


def thing(name: str, height_m: float | None = None) -> Foreground:
    category = name.rstrip("0123456789")
    return Foreground(
        name, "p", "", "", category, "object", "train", HW, name, height_m=height_m
    )  # fmt: skip


def place(name: str, camera_m: float | None, horizon: float | None = 0.4) -> Background:
    ground = (0.6, 0.97)
    return Background(
        name, "p", "", "train", (960, 1440), name, horizon, ground, camera_m=camera_m
    )  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["left_right", "top_bottom", "front_behind"]),
    st.lists(st.floats(1, 2), min_size=2, max_size=3, unique=True),
    st.floats(0.02, 30),
    st.floats(0.05, 20),
    st.floats(-0.5, 0.5),
    st.integers(0, 1000),
)
def test_nothing_is_larger_than_its_place_allows_unless_it_would_be_too_small(
    layout: str, ratios: list[float], least: float, camera_m: float, horizon: float, seed: int
) -> None:  # fmt: skip
    ratios = ratios[:2] if layout == "front_behind" else ratios
    things = [thing(f"vase{i}", least * ratio) for i, ratio in enumerate(ratios)]
    ids, background = tuple(f.id for f in things), place("b", camera_m, horizon)
    planned = SamplePlan("train", 0, 0, layout, "plain", ids, "b")  # type: ignore[arg-type]
    try:
        scene = sample_scene(planned, things, background, REAL, np.random.default_rng(seed))
    except Rejected:
        return
    (height, width), crop = scene.canvas_hw, scene.background_box_xyxy
    assert 0 <= crop[0] < crop[2] <= 1440
    assert 0 <= crop[1] < crop[3] <= 960
    # A smaller part is a smaller picture, unless that were too small.
    assert height / (crop[3] - crop[1]) <= 1.01 or max(height, width) == REAL.canvas.long_side_px[0]
    assert 960 / (crop[3] - crop[1]) <= CLOSER + 0.01
    assert width / (crop[2] - crop[0]) == pytest.approx(height / (crop[3] - crop[1]), rel=0.01)
    ground = ground_of(background, crop, scene.canvas_hw, True)
    assert ground
    seen = camera.camera_of(ground, scene.canvas_hw, REAL)
    assert seen.metre_px
    heights = {f.id: f.height_m or 1 for f in things}
    sides = {
        p.foreground: math.sqrt((p.box_xyxy[3] - p.box_xyxy[1]) * (p.box_xyxy[2] - p.box_xyxy[0]))
        for p in scene.placements
    }
    allowed = {
        p.foreground: heights[p.foreground] * math.sqrt(HW[1] / HW[0])
        * seen.metre_px * seen.nearness(p.box_xyxy[3])
        for p in scene.placements
    }  # fmt: skip
    larger = max(sides[i] / allowed[i] for i in ids)
    assert max(sides.values()) <= 0.8 * height + 3
    if larger > 1.05 + 8 / min(sides.values()):
        kept = camera.KEPT * REAL.size[0] * height
        visible = math.sqrt(camera.SEEN * REAL.min_area * height * width)
        assert max(sides.values()) <= kept * 1.03 + 3 or min(sides.values()) <= visible * 1.03 + 3


strains = st.tuples(st.floats(0.01, 10), st.floats(1, 20)).map(lambda s: Suited(s[0], s[0] * s[1]))


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.floats(0.001, 100)), max_size=BLOCK),
    st.dictionaries(st.sampled_from("abcdef"), strains),
)
def test_an_exchange_suits_no_two_scenes_better(
    scenes: list[tuple[str, float]], suits: dict[str, Suited]
) -> None:
    hand, extents = [name for name, _ in scenes], [extent for _, extent in scenes]
    found = matched(hand, extents, suits)
    assert Counter(found) == Counter(hand)
    if not suits:
        assert found == hand

    def strain(scene: int, name: str) -> float:
        return suits[name].strain(extents[scene]) if name in suits else 0.0

    for i, j in combinations(range(len(found)), 2):
        now = strain(i, found[i]) + strain(j, found[j])
        assert now <= strain(i, found[j]) + strain(j, found[i]) + 1e-5


def plans(cameras: list[float | None], images: int, **changes: object) -> list[SamplePlan]:
    names = [f"{each}{i}" for each in ("mug", "apple", "chair", "table") for i in range(3)]
    things = {name: thing(name) for name in names}
    places = {f"b{i}": place(f"b{i}", each) for i, each in enumerate(cameras)}
    run = Run(splits={"train": images}, layout=REAL.model_copy(update=changes))
    plan = make_plan(run, Catalog(things, places, (), (), "", Path("unused")), "train")
    made = {i: sample_plan(plan, i) for i in reversed(range(images))}
    again = make_plan(run, Catalog(things, places, (), (), "", Path("unused")), "train")
    assert sample_plan(again, images - 1) == made[images - 1]
    return [made[i] for i in range(images)]


def test_each_place_comes_equally_often_and_small_things_are_on_tables() -> None:
    made = plans([0.4, 0.5, None, 1.5, 1.6], 2 * BLOCK)
    assert set(Counter(each.background for each in made).values()) == {2 * BLOCK // 5}
    usual: dict[str, list[float]] = {}
    for each in made:
        largest = max(scale.extent_m(thing(i), each.toys) for i in each.foregrounds)
        usual.setdefault(each.background, []).append(largest)
    tables, grounds = (np.median([*usual[a], *usual[b]]) for a, b in (("b0", "b1"), ("b3", "b4")))
    assert tables < 0.5 * grounds


def test_an_unknown_camera_changes_nothing_and_one_place_is_enough() -> None:
    assert {each.background for each in plans([1.5], 3)} == {"b0"}
    assert len({each.background for each in plans([None] * 4, 2 * BLOCK)}) == 4
    assert suited(place("b", 1.5), LayoutRules(scale="real")) is None  # nothing stands there
    assert suited(place("b", None), REAL) is None
    assert suited(place("b", 1.5, None), REAL) is None
    found = suited(place("b", 1.5), REAL)
    assert found
    assert found.least_m == pytest.approx(0.4 * 1.5 / 0.57)
    assert found.most_m == pytest.approx(0.8 * 1.5 / 0.2)


@settings(max_examples=30)
@given(st.integers(1, 9), st.integers(0, 50), st.integers(0, 30))
def test_every_round_of_a_deck_has_each_card_once(cards: int, start: int, count: int) -> None:
    pool = [str(card) for card in range(cards)]
    whole = dealt(7, "deck", "train", pool, 0, start + count)
    assert dealt(7, "deck", "train", pool, start, count) == whole[start:]
    for first in range(0, len(whole) - cards + 1, cards):
        assert sorted(whole[first : first + cards]) == sorted(pool)
