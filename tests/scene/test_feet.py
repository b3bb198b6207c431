"""Where silhouettes touch the ground."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.scene.feet import REACH, feet, lying

TALL = 100


def table(legs: list[tuple[int, int]], opacity: int = 255) -> np.ndarray:
    """A board on legs, each with the row that it ends above and a place 12 px apart."""
    alpha = np.zeros((TALL, 12 * len(legs)), np.uint8)
    alpha[10:60] = opacity
    for place, (ends, wide) in enumerate(legs):
        alpha[60:ends, 12 * place + 2 : 12 * place + 2 + wide] = opacity
    return alpha


legs = st.tuples(st.integers(TALL - round(REACH * TALL) + 2, TALL - 1), st.integers(1, 8))


@given(st.lists(legs, min_size=1, max_size=6), st.integers(40, 255))
def test_each_leg_has_a_foot_of_its_own(found: list[tuple[int, int]], opacity: int) -> None:
    found[0] = TALL, found[0][1]
    stood = feet(table(found, opacity))
    for place, (ends, wide) in enumerate(found):
        part = slice(12 * place + 2, 12 * place + 2 + wide)
        assert np.allclose(stood.weight[part], opacity / 255)
        assert (stood.row[part] == ends - 1).all()
    assert np.count_nonzero(stood.weight) == sum(wide for _, wide in found)


def test_a_belly_does_not_stand_and_a_ball_stands_on_its_middle() -> None:
    dog = table([(100, 4), (95, 4)])
    dog[60:80] = 255
    assert not feet(dog).weight[8:12].any()
    y, x = np.mgrid[:100, :100]
    ball = ((np.hypot(x - 49.5, y - 49.5) < 50) * 255).astype(np.uint8)
    weight = feet(ball).weight
    assert weight[49] == 1
    assert not weight[:25].any()
    assert not weight[75:].any()


def test_nothing_stands_nowhere() -> None:
    assert not feet(np.zeros((20, 10), np.uint8)).weight.any()
    assert not lying(np.zeros((20, 10), np.uint8)).weight.any()


@given(st.integers(40, 255), st.integers(3, 30))
def test_what_lies_flat_touches_the_ground_all_along_its_lower_outline(
    opacity: int, wide: int
) -> None:
    alpha = np.zeros((40, wide + 4), np.uint8)
    ends = np.arange(wide) % 20 + 15
    for column, end in enumerate(ends):
        alpha[5:end, column + 2] = opacity
    touched = lying(alpha)
    assert (touched.row[2:-2] == ends - 1).all()
    assert np.allclose(touched.weight, [0, 0, *[opacity / 255] * wide, 0, 0])
