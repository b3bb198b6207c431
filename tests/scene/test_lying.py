"""What can neither stand nor float lies on a ground, where sizes are real, or is not used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.records import Background, Foreground, Placement, Posture, SamplePlan, Scene
from refmatte_engine.scene.layout import sample_scene
from refmatte_engine.scene.render import laid
from refmatte_engine.scene.standing import FLAT, QUARTER, extent, foot, ground_of, held, posed
from refmatte_engine.scene.things import UPRIGHT

PLACE = Background("b", "p", "", "train", (960, 1440), "b", 0.4, (0.6, 0.97), camera_m=1.5)


def thing(name: str, hw: tuple[int, int], posture: Posture, stands: bool) -> Foreground:
    return Foreground(
        name, "p", "", "", "umbrella", "object", "train", hw, name, stands=stands, posture=posture
    )  # fmt: skip


def drawn(layout: str, things: Sequence[Foreground], rules: LayoutRules, seed: int) -> Scene | None:
    names = tuple(each.id for each in things)
    planned = SamplePlan("train", 0, 0, layout, "plain", names, "b")  # type: ignore[arg-type]
    try:
        return sample_scene(planned, things, PLACE, rules, np.random.default_rng(seed))
    except Rejected:
        return None


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["left_right", "top_bottom", "front_behind"]),
    st.tuples(st.integers(100, 400), st.integers(100, 400)),
    st.sampled_from(["lying", "flat", "standing"]), st.booleans(), st.booleans(),
    st.sampled_from(["real", "free"]), st.integers(0, 999),
)  # fmt: skip
def test_it_lies_there_on_its_side_or_flat_and_is_held_up_elsewhere(
    layout: str, hw: tuple[int, int], posture: Posture, stands: bool, ground: bool, scale: str,
    seed: int,
) -> None:  # fmt: skip
    rules = LayoutRules(scale=scale, ground=ground, max_upscale=8)  # type: ignore[arg-type]
    things = [thing("a", hw, posture, stands), thing("b", (200, 200), "standing", True)]
    scene = drawn(layout, things, rules, seed)
    if scene is None:
        return
    (placed,) = (p for p in scene.placements if p.foreground == "a")
    is_lying = posture != "standing" and ground and scale == "real"
    is_flat = is_lying and posture == "flat"
    upright = hw[0] > UPRIGHT * hw[1]
    assert placed.foreshortening == (FLAT if is_flat else 1)
    if not is_flat:
        assert (abs(placed.rotation_deg) == QUARTER) == (is_lying and upright)
    assert placed.sheds_shadow == (stands or is_lying)
    (own, _) = posed(things, rules)
    assert own.stands == (stands or is_lying)
    if is_lying:
        rows = ground_of(PLACE, scene.background_box_xyxy, scene.canvas_hw, True)
        assert rows
        x0, y0, x1, y1 = extent(placed)
        assert abs(foot(placed) - y1) <= 1
        tall = y1 - y0 > 0.9 * scene.canvas_hw[0]  # it may have no room above the ground
        assert tall or rows.top - 2 <= foot(placed) <= rows.bottom + 2
        assert x0 >= -2
        assert x1 <= scene.canvas_hw[1] + 2
        if upright and not is_flat:
            assert (x1 - x0) / (y1 - y0) > UPRIGHT * 0.95


@settings(max_examples=60, deadline=None)
@given(st.integers(3, 60), st.integers(3, 60), st.integers(-1800, 1800), st.booleans())
def test_what_lies_flat_is_half_as_high_where_it_is(
    high: int, wide: int, tenths: int, flip: bool
) -> None:
    placed = Placement("p", (50, 60, 50 + wide, 60 + high), flip, tenths / 10)
    flat = replace(placed, foreshortening=FLAT)
    solid = np.full((high, wide), 255, np.uint8)
    whole, (x, y) = laid(placed, solid)
    lower, (left, top) = laid(flat, solid)
    assert (left, lower.shape[1]) == (x, whole.shape[1])
    assert abs(lower.shape[0] - FLAT * whole.shape[0]) <= 0.5
    assert abs(top + lower.shape[0] / 2 - (y + whole.shape[0] / 2)) <= 1
    x0, y0, x1, y1 = extent(flat)
    rows, columns = (np.flatnonzero((lower >= 128).any(axis=axis)) for axis in (1, 0))
    if len(rows):
        assert top + rows[0] >= y0 - 1.5
        assert top + rows[-1] + 1 <= y1 + 1.5
        assert left + columns[0] >= x0 - 1.5
        assert left + columns[-1] + 1 <= x1 + 1.5
        assert abs(foot(flat) - y1) <= 0.5


@settings(max_examples=60, deadline=None)
@given(st.tuples(st.integers(100, 400), st.integers(100, 400)), st.booleans(), st.integers(0, 999))
def test_what_stands_behind_something_floating_has_its_feet_on_the_ground(
    hw: tuple[int, int], first: bool, seed: int
) -> None:
    rules = LayoutRules(scale="real", ground=True, max_upscale=8, layouts={"front_behind": 1})
    things = [thing("a", hw, "standing", first), thing("b", (200, 200), "standing", not first)]
    scene = drawn("front_behind", things, rules, seed)
    if scene is None:
        return
    rows = ground_of(PLACE, scene.background_box_xyxy, scene.canvas_hw, True)
    assert rows
    (stood,) = (p for p in scene.placements if p.foreground == ("a" if first else "b"))
    tall = stood.box_xyxy[1] <= rules.margin * scene.canvas_hw[0] + 1
    assert tall or rows.top - 2 <= foot(stood) <= rows.bottom + 2
    one, other = (p.box_xyxy for p in scene.placements)
    assert max(one[1], other[1]) < min(one[3], other[3])


def test_what_hangs_is_not_used_on_a_ground_unless_it_is_most_of_what_there_is() -> None:
    mugs = [thing(f"mug{k}", (9, 9), "standing", True) for k in range(3)]
    hanging = [thing(f"curtain{k}", (9, 9), "hanging", False) for k in range(4)]
    real = LayoutRules(scale="real", ground=True)
    assert held([*mugs, *hanging[:3]], real) == mugs
    assert held([*mugs, *hanging], real) == [*mugs, *hanging]
    assert held([*mugs, *hanging[:1]], LayoutRules(scale="real")) == [*mugs, *hanging[:1]]
