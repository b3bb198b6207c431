"""Things of one scene have the sizes that one camera would see."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.config.run import Run
from refmatte_engine.errors import Rejected
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import Attribute, Background, Foreground, SamplePlan, Scene
from refmatte_engine.scene import camera, lacks, scale
from refmatte_engine.scene.layout import sample_scene
from refmatte_engine.scene.plan import make_plan, sample_plan
from refmatte_engine.scene.quotas import BLOCK
from refmatte_engine.scene.standing import ground_of

REAL = LayoutRules(scale="real", ground=True, max_upscale=8, widest=8)


def thing(category: str, hw: tuple[int, int] = (300, 200), **changes: object) -> Foreground:
    kind = {"man": "human", "person": "human", "cat": "animal"}.get(category, "object")
    name = f"p/{category}/{changes.get('height_m', '')}"
    return Foreground(name, "p", "", "", category, kind, "train", hw, name, **changes)  # type: ignore[arg-type]


def place(horizon: float | None = 0.4, hw: tuple[int, int] = (960, 1440)) -> Background:
    ground = None if horizon is None else (horizon + 0.15, 0.97)
    return Background("b", "p", "", "train", hw, "b", horizon, ground)


def scene_of(
    things: list[Foreground], layout: str, background: Background, seed: int, toys: bool = False
) -> Scene:
    ids = tuple(f.id for f in things)
    planned = SamplePlan("train", 0, 0, layout, "plain", ids, "b", toys)  # type: ignore[arg-type]
    return sample_scene(planned, things, background, REAL, np.random.default_rng(seed))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["left_right", "top_bottom", "front_behind"]),
    st.lists(st.floats(1, 7.9), min_size=2, max_size=3, unique=True),
    st.floats(0.01, 30),
    st.one_of(st.none(), st.floats(-0.5, 0.6)),
    st.integers(0, 1000),
)
def test_all_that_stand_are_seen_by_one_camera(
    layout: str, ratios: list[float], least: float, horizon: float | None, seed: int
) -> None:
    """Pixels a metre are in proportion to the distance of the feet from the horizon."""
    if layout == "front_behind":
        # No range that would be compressed.
        ratios = [1 + (ratio - 1) * (scale.COVERING - 1) / 7 for ratio in ratios[:2]]
    things = [thing("vase", height_m=least * ratio) for ratio in ratios]
    background = place(horizon)
    try:
        scene = scene_of(things, layout, background, seed)
    except Rejected:
        return
    ground = ground_of(background, scene.background_box_xyxy, scene.canvas_hw, True)
    assert ground is not None
    seen = camera.camera_of(ground, scene.canvas_hw, REAL)
    heights = {f.id: f.height_m for f in things}
    scales = []
    for placed in scene.placements:
        _, top, _, foot = placed.box_xyxy
        scales.append((foot - top) / (heights[placed.foreground] or 1) / seen.nearness(foot))
        rough = 4 / (foot - top) + 4 / abs(foot - (seen.horizon or -999))
        assert scales[-1] == pytest.approx(scales[0], rel=0.03 + rough)
    drawn_in_order = [p.box_xyxy[3] for p in scene.placements]
    assert drawn_in_order == sorted(drawn_in_order)


def test_a_wider_range_than_a_picture_shows_is_narrowed_by_no_more_than_it_must() -> None:
    assert scale.compressed([2.0, 0.5], 8, 0.5) == [2.0, 0.5]
    for wide in (10.0, 60.0, 1e4):
        shown = scale.compressed([wide, 3.0, 1.0], 8, 0.5)
        assert shown[0] == wide
        assert sorted(shown, reverse=True) == shown
        assert shown[0] / shown[2] == pytest.approx(max(8, wide**0.5))
        assert scale.compressed([wide, 1.0], 8, 0) == pytest.approx([wide, 1.0])


def test_labels_of_height_of_toys_and_of_age_are_kept_to() -> None:
    cat, young = thing("cat"), (Attribute("age", "child", "labelled"),)
    assert scale.size_of(cat, False) == scale.size_of(cat, True)
    toy = replace(cat, toy=True)
    assert scale.size_of(toy, False) == scale.size_of(cat, False)
    rng = np.random.default_rng(0)
    longest = [scale.metres(toy, True, rng) * 300 for _ in range(200)]
    assert 0.1 <= min(longest) < 0.15
    assert 0.3 < max(longest) <= 0.4
    assert scale.metres(thing("cat", height_m=0.6), True, rng) == pytest.approx(0.6 / 300)
    for category in ("person", "man", "cat"):
        child = replace(thing(category), attributes=young)
        assert scale.extent_m(child, False) < 0.75 * scale.extent_m(thing(category), False)
    for category in ("mug", "leaf"):  # what is thin is seen as something smaller is
        thin = scale.extent_m(thing(category, fill=0.1), False)
        assert thin == pytest.approx(scale.extent_m(thing(category), False) / 2)
    flat = replace(thing("leaf"), posture="flat")
    assert scale.extent_m(flat, False) ** 2 == pytest.approx(
        scale.extent_m(thing("leaf"), False) ** 2 / 2
    )
    girl = thing("girl")
    assert scale.size_of(replace(girl, attributes=young), False) == scale.size_of(girl, False)
    half = replace(thing("man"), cut_edges=("bottom",))
    assert scale.size_of(half, False).height_m < 0.6 * scale.size_of(thing("man"), False).height_m


def test_a_category_without_a_size_has_the_median_of_its_kind() -> None:
    assert scale.size_of(thing("widget"), False) == scale.sizes.usual("object")
    for rules in (LayoutRules(scale="real"), LayoutRules()):
        said = lacks.lacks(
            Run(splits={"train": 9}, layout=rules), catalog(widget=2, gizmo=1, mug=3)
        )
        told = ["real sizes of gizmo, widget" in str(lack) for lack in said.get("train", ())]
        assert any(told) == (rules.scale == "real")


def catalog(**sizes: int) -> Catalog:
    names = [(name, k) for name, count in sizes.items() for k in range(count)]
    things = [replace(thing(name.replace("_", " ")), id=f"{name}{k}") for name, k in names]
    return Catalog({f.id: f for f in things}, {"b": place()}, (), (), "", Path("unused"))


def planned(found: Catalog, images: int, **changes: object) -> list[SamplePlan]:
    rules = LayoutRules(scale="real", **changes)  # type: ignore[arg-type]
    plan = make_plan(Run(splits={"train": images}, layout=rules), found, "train")
    return [sample_plan(plan, index) for index in range(images)]


def test_partners_are_of_a_size_that_one_picture_shows_and_each_comes_about_as_often() -> None:
    found = catalog(bee=3, apple=3, mug=3, book=3, chair=3, man=3, horse=3, car=3, house=3)
    used: Counter[str] = Counter()
    for each in planned(found, 300, entities={2: 1}, widest=8):
        extents = [scale.extent_m(found.foregrounds[i], each.toys) for i in each.foregrounds]
        most = scale.COVERING if each.layout == "front_behind" else 8
        alone = {"bee", "house"} & {found.foregrounds[i].category for i in each.foregrounds}
        assert alone or max(extents) <= most * min(extents) * 1.001, each
        used.update(found.foregrounds[i].category for i in each.foregrounds)
    least, *_, most = sorted(used.values())
    assert most <= 2.5 * least, used


def test_what_is_alone_in_its_size_gets_partners_all_the_same() -> None:
    for each in planned(catalog(bee=2, house=2), 40):
        assert len(each.foregrounds) in (2, 3)


def test_a_quota_of_scenes_is_of_toys() -> None:
    made = planned(catalog(cat=4, mug=4), 3 * BLOCK, toys=0.2)
    for block in range(3):
        assert sum(each.toys for each in made[block * BLOCK : (block + 1) * BLOCK]) == 4
    free = Run(splits={"train": 40}, layout=LayoutRules(toys=1.0))
    plan = make_plan(free, catalog(cat=4, mug=4), "train")
    assert not any(sample_plan(plan, index).toys for index in range(40))
