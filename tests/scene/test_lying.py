"""What can neither stand nor float lies on a ground, where sizes are real."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.records import Background, Foreground, SamplePlan
from refmatte_engine.scene.layout import extent, sample_scene
from refmatte_engine.scene.standing import QUARTER, foot, ground_of, posed
from refmatte_engine.scene.things import UPRIGHT

PLACE = Background("b", "p", "", "train", (960, 1440), "b", 0.4, (0.6, 0.97), camera_m=1.5)


def thing(name: str, hw: tuple[int, int], lies: bool, stands: bool) -> Foreground:
    return Foreground(
        name, "p", "", "", "umbrella", "object", "train", hw, name, stands=stands, lies=lies
    )  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["left_right", "top_bottom", "front_behind"]),
    st.tuples(st.integers(100, 400), st.integers(100, 400)),
    st.booleans(), st.booleans(), st.booleans(), st.sampled_from(["real", "free"]),
    st.integers(0, 999),
)  # fmt: skip
def test_it_lies_there_on_its_side_and_is_held_up_elsewhere(
    layout: str, hw: tuple[int, int], lies: bool, stands: bool, ground: bool, scale: str, seed: int
) -> None:
    rules = LayoutRules(scale=scale, ground=ground, max_upscale=8)  # type: ignore[arg-type]
    things = [thing("a", hw, lies, stands), thing("b", (200, 200), False, True)]
    planned = SamplePlan("train", 0, 0, layout, "plain", ("a", "b"), "b")  # type: ignore[arg-type]
    try:
        scene = sample_scene(planned, things, PLACE, rules, np.random.default_rng(seed))
    except Rejected:
        return
    (placed,) = (p for p in scene.placements if p.foreground == "a")
    is_lying = lies and ground and scale == "real"
    upright = hw[0] > UPRIGHT * hw[1]
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
        if upright:
            assert (x1 - x0) / (y1 - y0) > UPRIGHT * 0.95
