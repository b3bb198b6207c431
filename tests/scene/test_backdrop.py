"""A scene before another background: things stand on its ground, and it fills the canvas."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.records import Background, Effects, Foreground, Placement, Scene
from refmatte_engine.scene import backdrop
from refmatte_engine.scene.standing import ground_of

CANVAS_HW = (200, 300)
RULES = LayoutRules(ground=True)

bands = (
    st.tuples(st.floats(0, 0.9), st.floats(0, 0.9)).map(sorted).map(lambda b: (b[0], b[1] + 0.1))
)
sizes = st.tuples(st.integers(40, 3000), st.integers(40, 3000))


def place(name: str, size_hw: tuple[int, int], band: tuple[float, float] | None) -> Background:
    return Background(
        name, "p", "", "train", size_hw, name, ground_norm=band, horizon_norm=None, light="left"
    )


def thing(name: str, stands: bool, cut: tuple[str, ...] = ()) -> Foreground:
    size_hw = (80, 50)
    return Foreground(
        name, "p", "", "", "cat", "animal", "train", size_hw, name, stands=stands, cut_edges=cut
    )


THINGS = {
    f.id: f for f in (thing("cat", True), thing("bird", False), thing("bust", True, ("bottom",)))
}


def scene(feet: list[int], own: Background) -> Scene:
    standing = [Placement("cat", (10, foot - 80, 60, foot), sheds_shadow=True) for foot in feet]
    others = [Placement("bird", (0, 0, 50, 80)), Placement("bust", (99, 120, 149, 200))]
    height, width = own.size_hw
    return Scene(
        CANVAS_HW, own.id, (0, 0, width, height), False, "left_right", (*standing, *others),
        Effects(shadow=0.5, sharpness=0.4),
    )  # fmt: skip


@given(st.lists(st.integers(120, 195), max_size=3), sizes, bands, st.integers(0, 99))
def test_feet_are_on_the_ground_and_the_canvas_is_full(
    feet: list[int], size_hw: tuple[int, int], band: tuple[float, float], seed: int
) -> None:
    own, other = place("own", CANVAS_HW, (0.6, 0.98)), place("other", size_hw, band)
    first = scene(feet, own)
    found = backdrop.moved(first, own, other, THINGS, RULES, np.random.default_rng(seed))
    if found is None:
        return
    assert found.placements == first.placements
    assert (found.background, found.canvas_hw) == ("other", CANVAS_HW)
    x0, y0, x1, y1 = found.background_box_xyxy
    assert 0 <= x0 < x1 <= size_hw[1]
    assert 0 <= y0 < y1 <= size_hw[0]
    # Of the canvas's shape, as far as whole pixels can be, and enlarged no more than things may be.
    assert abs((x1 - x0) * CANVAS_HW[0] / CANVAS_HW[1] - (y1 - y0)) <= 1.5
    assert RULES.max_upscale * (y1 - y0 + 1) >= CANVAS_HW[0]
    assert found.effects.light == ("right" if found.background_flip else "left")
    ground = ground_of(other, found.background_box_xyxy, CANVAS_HW, True)
    for foot in feet:
        assert ground is not None
        assert ground.top - 8 <= foot <= ground.bottom + 8


@given(st.floats(0.02, 0.3))
def test_without_ground_at_the_feet_there_is_no_such_scene(bottom: float) -> None:
    """All ground of the other picture is above the middle; what is cut off below has nothing to do
    with it."""
    own, other = place("own", CANVAS_HW, (0.6, 0.98)), place("other", CANVAS_HW, (0.0, bottom))
    rng = np.random.default_rng(0)
    assert backdrop.moved(scene([190], own), own, other, THINGS, RULES, rng) is None
    assert backdrop.moved(scene([], own), own, other, THINGS, RULES, rng) is not None
    free = RULES.model_copy(update={"ground": False})
    assert backdrop.moved(scene([190], own), own, other, THINGS, free, rng) is not None


def test_small_backgrounds_are_not_blown_up_and_edges_stay() -> None:
    own, small = place("own", (800, 1200), (0.6, 0.98)), place("small", (130, 195), (0.6, 0.98))
    first = scene([180], own)
    rng = np.random.default_rng(0)
    assert backdrop.moved(first, own, small, THINGS, RULES, rng) is None
    assert backdrop.plain(first).effects == Effects(shadow=0.5)
