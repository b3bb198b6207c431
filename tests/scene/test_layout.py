"""What a layout promises holds for the placements it draws."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import Canvas, EffectRanges, LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.records import Background, Foreground, Layout, Placement, SamplePlan, Scene
from refmatte_engine.scene import cut_sides
from refmatte_engine.scene.layout import sample_scene, within
from refmatte_engine.scene.light import CASTS, USUAL, mirrored
from refmatte_engine.scene.standing import extent

sizes = st.tuples(st.integers(30, 900), st.integers(30, 900))
SIDES = ("left", "top", "right", "bottom")
cuts = st.sampled_from([(), (), ("bottom",), ("left",)]) | st.sets(st.sampled_from(SIDES)).map(
    lambda sides: tuple(side for side in SIDES if side in sides)
)


def things(shapes: list[tuple[int, int]], **changes: object) -> list[Foreground]:
    return [
        Foreground(f"p/{i}", "p", "", "", "mug", "object", "train", hw, str(i), **changes)  # type: ignore[arg-type]
        for i, hw in enumerate(shapes)
    ]


def draw(layout: str, foregrounds: list[Foreground], rules: LayoutRules, seed: int = 0) -> Scene:
    background = Background("b", "p", "", "train", (960, 1440), "b", ground_norm=(0.55, 0.98))
    ids = tuple(f.id for f in foregrounds)
    recipe = SamplePlan("train", 0, 0, layout, "plain", ids, "b")  # type: ignore[arg-type]
    return sample_scene(recipe, foregrounds, background, rules, np.random.default_rng(seed))


def turned(scene: Scene, k: int) -> tuple[float, float, float, float]:
    """The axis-aligned box of a turned placement, worked out from its corners."""
    p = scene.placements[k]
    x0, y0, x1, y1 = p.box_xyxy
    corners = np.array([(x0, y0), (x1, y0), (x0, y1), (x1, y1)], float)
    middle = np.array(((x0 + x1) / 2, (y0 + y1) / 2))
    angle = np.deg2rad(p.rotation_deg)
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    found = (corners - middle) @ turn.T + middle
    return (*found.min(axis=0), *found.max(axis=0))  # type: ignore[return-value]


@settings(max_examples=60)
@given(
    st.sampled_from(get_args(Layout)),
    st.lists(sizes, min_size=1, max_size=6),
    st.booleans(),
    st.integers(0, 1000),
    cuts,
)
def test_layouts_keep_their_promise(
    layout: str, shapes: list[tuple[int, int]], ground: bool, seed: int, cut: tuple[str, ...]
) -> None:
    if layout == "front_behind":
        shapes = (shapes * 2)[:2]
    rules = LayoutRules(ground=ground, rotation_deg=15)
    foregrounds = things(shapes)
    foregrounds[0] = things(shapes[:1], cut_edges=cut)[0]
    try:
        scene = draw(layout, foregrounds, rules, seed)
    except Rejected:
        return
    assert sorted(p.foreground for p in scene.placements) == sorted(f.id for f in foregrounds)
    boxes = [turned(scene, k) for k in range(len(shapes))]
    for k, placement in enumerate(scene.placements):
        assert np.allclose(extent(placement), boxes[k])
    for x0, y0, x1, y1 in boxes:
        assert x0 >= -2
        assert y0 >= -2
        assert x1 <= scene.canvas_hw[1] + 2
        assert y1 <= scene.canvas_hw[0] + 2
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            across = min(a[2], b[2]) - max(a[0], b[0])
            down = min(a[3], b[3]) - max(a[1], b[1])
            if layout == "left_right":
                assert across <= 3
            elif layout == "top_bottom":
                assert down <= 3
            else:
                assert across > 0


@settings(max_examples=150)
@given(
    st.sampled_from(get_args(Layout)),
    st.lists(st.tuples(sizes, cuts, st.booleans(), st.booleans()), min_size=1, max_size=4),
    st.booleans(),
    st.sampled_from([0.0, 0.3]),
    st.sampled_from(["free", "real"]),
    st.integers(0, 1000),
)
def test_a_cut_side_lies_on_the_canvas_edge(
    layout: str,
    assets: list[tuple[tuple[int, int], tuple[str, ...], bool, bool]],
    ground: bool,
    beyond: float,
    scale: str,
    seed: int,
) -> None:
    """Whatever was cut off where, and however it is mirrored; else there is no scene."""
    if layout == "front_behind":
        assets = (assets * 2)[:2]
    foregrounds = [
        replace(things([hw], cut_edges=cut, flippable=free, stands=stands)[0], id=f"p/{i}")
        for i, (hw, cut, free, stands) in enumerate(assets)
    ]
    rules = LayoutRules(
        ground=ground, beyond_canvas=beyond, rotation_deg=9, max_upscale=8, scale=scale
    )
    try:
        scene = draw(layout, foregrounds, rules, seed)
    except Rejected:
        return
    height, width = scene.canvas_hw
    for placement in scene.placements:
        foreground = next(f for f in foregrounds if f.id == placement.foreground)
        on = dict(zip(SIDES, np.equal(placement.box_xyxy, (0, 0, width, height)), strict=True))
        turn = {"left": "right", "right": "left"} if placement.flip else {}
        assert all(on[turn.get(side, side)] for side in foreground.cut_edges)
        assert foreground.flippable or not placement.flip


@pytest.mark.parametrize(("ground", "scale"), [(False, "free"), (True, "free"), (True, "real")])
@pytest.mark.parametrize(
    ("layout", "cut"),
    [
        ("left_right", [("bottom",), ("bottom", "left"), ("bottom", "left")]),
        ("left_right", [("top", "bottom"), ()]),
        ("left_right", [("right",), ("left",), ()]),
        ("top_bottom", [("left",), ("left", "bottom")]),
        ("top_bottom", [("left", "right", "bottom"), ()]),
        ("front_behind", [("left", "bottom"), ("bottom",)]),
        ("front_behind", [("right",), ()]),
    ],
)
def test_what_was_cut_off_is_used_where_there_is_a_place_for_it(
    layout: Layout, cut: list[tuple[str, ...]], ground: bool, scale: str
) -> None:
    shapes = {("top", "bottom"): (700, 260), ("left", "right", "bottom"): (200, 700)}
    foregrounds = [
        replace(f, id=f"p/{i}", cut_edges=sides)
        for i, sides in enumerate(cut)
        for f in things([shapes.get(sides, (500, 300))])
    ]
    assert cut_sides.agree(foregrounds, layout)
    assert all(cut_sides.fits(f, layout, ground, (1.5, 1.5)) for f in foregrounds)
    rules = LayoutRules(ground=ground, size=(0.3, 0.5), max_upscale=3, scale=scale)
    made = 0
    for seed in range(20 if scale == "free" else 200):
        with contextlib.suppress(Rejected):
            draw(layout, foregrounds, rules, seed)
            made += 1
    # Real sizes seldom let a thing be as wide as the canvas.
    assert made >= (15 if scale == "free" else 1)


@pytest.mark.parametrize(
    ("layout", "cut"),
    [
        ("left_right", [("left",), ("left",), ("right",)]),
        ("top_bottom", [("bottom",), ("bottom",)]),
        ("top_bottom", [("left", "right"), ("bottom",)]),
        ("front_behind", [("left",), ("right",)]),
        ("front_behind", [("top",), ("bottom",)]),
    ],
)
def test_what_cannot_lie_together_is_refused_by_name(
    layout: Layout, cut: list[tuple[str, ...]]
) -> None:
    foregrounds = [
        replace(f, id=f"p/{i}", cut_edges=sides)
        for i, sides in enumerate(cut)
        for f in things([(500, 300)])
    ]
    with pytest.raises(Rejected) as refused:
        draw(layout, foregrounds, LayoutRules())
    assert refused.value.reason == "cut_edge"


def test_what_changes_places_keeps_its_cut_side_on_the_edge() -> None:
    for cut in SIDES:
        half = replace(things([(300, 200)], cut_edges=(cut,))[0], id="p/half", flippable=False)
        whole = replace(things([(200, 220)])[0], id="p/whole")
        known = {f.id: f for f in (half, whole)}
        for seed in range(10):
            scene = draw("left_right", [half, whole], LayoutRules(size=(0.3, 0.4)), seed)
            assert within(scene, known, LayoutRules())
            a, b = scene.placements
            changed = (replace(a, box_xyxy=at_foot(a, b)), replace(b, box_xyxy=at_foot(b, a)))
            # In either order: nothing says that a scene's things stay in theirs.
            for moved in (changed, changed[::-1]):
                assert not within(replace(scene, placements=moved), known, LayoutRules())


def at_foot(thing: Placement, place: Placement) -> tuple[int, int, int, int]:
    """Where a thing stands that takes another's place."""
    (x0, y0, x1, y1), (left, _, right, bottom) = thing.box_xyxy, place.box_xyxy
    x = (left + right - (x1 - x0)) // 2
    return x, bottom - (y1 - y0), x + x1 - x0, bottom


EFFECTS = EffectRanges(shadow=(0.5, 0.5), reflection=(0.2, 0.4))


def placed(label: dict[str, object], layout: str = "left_right", **changes: object) -> list[Scene]:
    """Scenes of three things (two of them that stand) on a background with such a label."""
    told: dict[str, object] = {"ground_norm": (0.5, 1.0), **label}
    background = Background("b", "p", "", "train", (900, 1400), "b", **told)  # type: ignore[arg-type]
    foregrounds = [*things([(400, 200), (300, 300)]), *things([(200, 260)], stands=False)]
    foregrounds = [replace(f, id=f"p/{i}", **changes) for i, f in enumerate(foregrounds)]  # type: ignore[arg-type]
    foregrounds = foregrounds[: 2 if layout == "front_behind" else 3]
    ids = tuple(f.id for f in foregrounds)
    recipe = SamplePlan("train", 0, 0, layout, "plain", ids, "b")  # type: ignore[arg-type]
    rules = LayoutRules(ground=True, size=(0.3, 0.5), effects=EFFECTS)
    seeds = (np.random.default_rng(seed) for seed in range(25))
    return [sample_scene(recipe, foregrounds, background, rules, rng) for rng in seeds]


@pytest.mark.parametrize("layout", ["left_right", "front_behind"])
def test_what_stands_nearer_to_the_horizon_is_smaller_and_nothing_else_is(layout: str) -> None:
    """Against the same scenes without a horizon: by up to a third, in order of the feet."""
    feet = []
    for plain, sized in zip(
        placed({}, layout), placed({"horizon_norm": 0.45}, layout), strict=True
    ):
        assert plain.canvas_hw == sized.canvas_hw
        for a in plain.placements:
            (b,) = (p for p in sized.placements if p.foreground == a.foreground)
            share = (b.box_xyxy[3] - b.box_xyxy[1]) / (a.box_xyxy[3] - a.box_xyxy[1])
            assert 0.72 <= share <= 1.01
            if a.foreground == "p/2":  # it floats
                assert share == 1
            else:
                feet.append((b.box_xyxy[3] / sized.canvas_hw[0], share))
    near = [share for foot, share in feet if foot > 0.85]
    far = [share for foot, share in feet if foot < 0.7]
    assert near
    assert far
    assert np.mean(far) < 0.9 * np.mean(near)


def test_a_horizon_below_the_ground_or_no_ground_to_stand_on_changes_no_size() -> None:
    sizes = {
        tuple(sorted(p.box_xyxy for s in placed(label) for p in s.placements))
        for label in ({}, {"horizon_norm": 1.5}, {"light": "right"})
    }
    assert len(sizes) == 1


def test_nobody_stands_in_the_sky() -> None:
    for scene in placed({"ground_norm": None, "horizon_norm": 0.72}):
        for p in scene.placements:
            if p.foreground != "p/2":
                assert p.box_xyxy[3] > 0.7 * scene.canvas_hw[0]


@pytest.mark.parametrize("label", ["", *CASTS])
def test_the_light_comes_from_where_the_label_says(label: str) -> None:
    scenes = placed({"light": label})
    assert {bool(scene.background_flip) for scene in scenes} == {True, False}
    for scene in scenes:
        found = scene.effects.light
        seen = mirrored(found) if scene.background_flip else found
        assert seen == label or (not label and seen in USUAL)
    assert label or len({scene.effects.light for scene in scenes}) == len(USUAL)


@pytest.mark.parametrize("own", [*CASTS])
def test_what_is_lit_from_the_other_side_is_mirrored_where_it_may_be(own: str) -> None:
    for flippable in (True, False):
        for scene in placed({"light": "low left"}, light=own, flippable=flippable):
            for p in scene.placements:
                lit = mirrored(own) if p.flip else own
                against = {lit.split()[-1], scene.effects.light.split()[-1]} == {"left", "right"}
                assert not against if flippable else not p.flip


def test_only_what_is_not_matt_mirrors() -> None:
    assert all(not s.effects.reflection for s in placed({}))
    for surface in ("wet", "polished"):
        for scene in placed({"surface": surface}):
            assert 0.2 <= scene.effects.reflection <= 0.4
            assert scene.effects.surface == surface


def test_what_sheds_no_shadow_says_so_in_its_placement() -> None:
    for scene in placed({}):  # the third floats
        assert all(p.sheds_shadow == (p.foreground != "p/2") for p in scene.placements)
    smoke = placed({}, sheds_shadow=False)
    assert not any(p.sheds_shadow for scene in smoke for p in scene.placements)


def test_things_side_by_side_stand_on_about_one_line() -> None:
    rules = LayoutRules(ground=True)
    for seed in range(30):
        scene = draw("left_right", things([(400, 200), (200, 200), (300, 500)]), rules, seed)
        feet = [p.box_xyxy[3] / scene.canvas_hw[0] for p in scene.placements]
        assert max(feet) - min(feet) < 0.25
        assert min(feet) > 0.3
        assert max(feet) <= 1


def test_nearer_is_lower_and_drawn_later() -> None:
    rules = LayoutRules(ground=True)
    for seed in range(30):
        far, near = draw("front_behind", things([(400, 200), (200, 200)]), rules, seed).placements
        assert near.box_xyxy[3] >= far.box_xyxy[3]


def test_what_must_not_be_mirrored_is_not() -> None:
    rules = LayoutRules(flip=1.0)
    scene = draw("left_right", [*things([(99, 99)]), *things([(98, 98)], flippable=False)], rules)
    assert {p.flip for p in scene.placements} == {True, False}


@pytest.mark.parametrize("layout", ["front_behind", "top_bottom"])
def test_what_is_as_wide_as_there_is_room_fits_but_for_rounding(layout: str) -> None:
    wide = things([(60, 400), (70, 410)])
    for seed in range(400):
        rules = LayoutRules(canvas=Canvas(size=(200, 150 + seed % 97)), size=(0.9, 1.0))
        with contextlib.suppress(Rejected):
            draw(layout, wide, rules, seed)


def test_a_fixed_canvas_is_a_crop_of_the_background() -> None:
    rules = LayoutRules(canvas=Canvas(size=(300, 300)))
    scene = draw("left_right", things([(99, 99), (50, 99)]), rules)
    x0, y0, x1, y1 = scene.background_box_xyxy
    assert scene.canvas_hw == (300, 300)
    assert (y1 - y0, x1 - x0) == (960, 960)
    assert 0 <= x0 < x1 <= 1440


@pytest.mark.parametrize("name", ["size", "gap", "overlap", "covered"])
def test_ranges_have_to_be_in_order(name: str) -> None:
    with pytest.raises(ValueError, match="must not be larger"):
        LayoutRules(**{name: (0.5, 0.1)})
