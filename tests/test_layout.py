"""What a layout promises holds for the placements it draws."""

from __future__ import annotations

import contextlib
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.layout import Rejected, sample_scene
from refmatte_engine.records import Background, Foreground, Layout, Recipe, Scene
from refmatte_engine.run import Canvas, LayoutRules

sizes = st.tuples(st.integers(30, 900), st.integers(30, 900))
cuts = st.sampled_from([(), (), (), ("bottom",), ("left",)])


def things(shapes: list[tuple[int, int]], **changes: object) -> list[Foreground]:
    return [
        Foreground(f"p/{i}", "p", "", "", "mug", "object", "train", hw, str(i), **changes)  # type: ignore[arg-type]
        for i, hw in enumerate(shapes)
    ]


def draw(layout: str, foregrounds: list[Foreground], rules: LayoutRules, seed: int = 0) -> Scene:
    background = Background("b", "p", "", "train", (960, 1440), "b", ground_norm=(0.55, 0.98))
    ids = tuple(f.id for f in foregrounds)
    recipe = Recipe("train", 0, 0, layout, "plain", ids, "b")  # type: ignore[arg-type]
    return sample_scene(recipe, foregrounds, background, rules, np.random.default_rng(seed))


def extent(scene: Scene, k: int) -> tuple[float, float, float, float]:
    """The axis-aligned box of a turned placement."""
    p = scene.placements[k]
    x0, y0, x1, y1 = p.box_xyxy
    angle = np.deg2rad(p.rotation_deg)
    c, s = abs(np.cos(angle)), abs(np.sin(angle))
    w, h = (x1 - x0) * c + (y1 - y0) * s, (y1 - y0) * c + (x1 - x0) * s
    cx, cy = (x0 + x1) / 2, (y0 + y1) / 2
    return cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2


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
    boxes = [extent(scene, k) for k in range(len(shapes))]
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
    for p in scene.placements:
        if p.foreground == "p/0" and "bottom" in cut:
            assert p.box_xyxy[3] == scene.canvas_hw[0]


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
