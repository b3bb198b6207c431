"""A canvas of an asked aspect is a part of its background, and keeps the ground."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import Canvas, LayoutRules
from refmatte_engine.config.run import load_run
from refmatte_engine.errors import InputError
from refmatte_engine.records import Background
from refmatte_engine.scene.canvas import canvas_of, size_of
from refmatte_engine.scene.quotas import BLOCK, wished

ASPECTS = {"3:2": 5.0, "4:3": 3.0, "2:3": 2.0, "1:1": 1.0}


@given(
    st.tuples(st.integers(200, 3000), st.integers(200, 3000)),
    st.sampled_from([(3, 2), (4, 3), (2, 3), (1, 1), (16, 9)]),
    st.floats(0.3, 0.8),
    st.integers(0, 99),
)
def test_a_crop_has_the_aspect_lies_in_the_picture_and_has_the_ground(
    hw: tuple[int, int], aspect: tuple[int, int], top: float, seed: int
) -> None:
    background = Background("b", "p", "", "train", hw, "b", ground_norm=(top, top + 0.2))
    canvas = Canvas(aspects=ASPECTS, long_side_px=(640, 1280))
    size, (x0, y0, x1, y1) = canvas_of(background, canvas, np.random.default_rng(seed), aspect)
    assert 0 <= x0 < x1 <= hw[1]
    assert 0 <= y0 < y1 <= hw[0]
    assert (x1 - x0) / (y1 - y0) == pytest.approx(aspect[0] / aspect[1], rel=0.02)
    assert size[1] / size[0] == pytest.approx((x1 - x0) / (y1 - y0), rel=0.02)
    assert 640 <= max(size) <= 1280
    assert x1 - x0 == hw[1] or y1 - y0 == hw[0]
    assert y1 >= (top + 0.2) * hw[0] - 1


@given(
    st.tuples(st.integers(50, 1500), st.integers(50, 1500)),
    st.floats(0.4, 1),
    st.tuples(st.integers(64, 700), st.integers(700, 2000)),
)
def test_a_part_is_not_enlarged_unless_it_were_too_small(
    hw: tuple[int, int], share: float, bounds: tuple[int, int]
) -> None:
    canvas = Canvas(long_side_px=bounds)
    background = Background("b", "p", "", "train", hw, "b")
    whole, _ = canvas_of(background, canvas, np.random.default_rng(0))
    part = 0, 0, max(1, round(hw[1] * share)), max(1, round(hw[0] * share))
    height, width = size_of(part, whole, canvas)
    assert height <= whole[0]
    assert width <= whole[1]
    assert max(height, width) >= min(bounds[0], max(whole))
    assert height <= part[3] + 1 or max(height, width) == bounds[0]
    fixed = Canvas(size=(300, 400))
    assert size_of(part, (300, 400), fixed) == (300, 400)


def test_aspects_are_exact_in_every_block() -> None:
    rules = LayoutRules(canvas=Canvas(aspects={"3:2": 5, "4:3": 3, "2:3": 2}))
    for block in range(2):
        wishes = [wished(rules, ["object"] * BLOCK, 7, "train", block, i) for i in range(BLOCK)]
        assert Counter(w.aspect for w in wishes) == {(3, 2): 10, (4, 3): 6, (2, 3): 4}
    plain = wished(LayoutRules(), ["object"] * BLOCK, 7, "train", 0, 3)
    assert plain.aspect is None
    assert wishes[3]._replace(aspect=None, toys=False) == wished(
        LayoutRules(), ["object"] * BLOCK, 7, "train", 1, 3
    )


@pytest.mark.parametrize(
    ("canvas", "message"),
    [
        ("{aspects: {'3:2': 0, '1:1': 0}}", "aspects need a share above 0"),
        ("{aspects: {wide: 1}}", "the key 'canvas.aspects.wide' is not allowed; allowed: width to "
         "height, as 3:2"),
        ("{aspects: {3:2: -1}}", "canvas.aspects.3:2: -1 is not allowed"),
        ("{aspects: {3:2: 1}, size: [200, 300]}", "aspects and a size in pixels contradict"),
    ],
)  # fmt: skip
def test_mistakes_in_a_canvas(tmp_path: Path, canvas: str, message: str) -> None:
    (tmp_path / "mine.yaml").write_text(f"canvas: {canvas}\n")
    (tmp_path / "run.yaml").write_text("splits: {train: 3}\nlayout: mine.yaml\n")
    with pytest.raises(InputError) as caught:
        load_run(tmp_path / "run.yaml")
    assert message in str(caught.value)
