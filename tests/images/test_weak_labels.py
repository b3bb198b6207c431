"""Boxes, clicks, scribbles and coarse masks of alphas of every sort: what they say is true."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from refmatte_engine.images import scribbles, weak_labels
from tests.support.alphas import alpha_of, alphas

seeds = some.integers(0, 1000)


@given(alphas, seeds)
@example(alpha_of("full", 1), 0)
def test_clicks_are_on_the_thing_or_off_it(alpha: np.ndarray, seed: int) -> None:
    on, beside = weak_labels.clicks(alpha, seed)
    assert 1 <= len(on) <= weak_labels.CLICKS
    assert len(beside) <= weak_labels.CLICKS
    assert bool(beside) == bool((alpha == 0).any())
    mean = alpha[alpha > 0].mean()
    assert all(alpha[y, x] >= max(1, round(mean / 2)) for x, y in on)
    assert all(alpha[y, x] == 0 for x, y in beside)
    assert len({*on, *beside}) == len(on) + len(beside)
    assert (on, beside) == weak_labels.clicks(alpha.copy(), seed)


def test_clicks_keep_off_edges_where_there_is_room() -> None:
    alpha = np.zeros((300, 400), np.uint8)
    alpha[100:200, 100:250] = 255
    for seed in range(20):
        on, beside = weak_labels.clicks(alpha, seed)
        assert len(on) == len(beside) == 3
        assert all(103 <= x < 247 and 103 <= y < 197 for x, y in on)
        assert 124 <= on[0][1] < 176  # the first lies deep inside
        for x, y in beside:
            gap = np.hypot(max(100 - x, x - 249, 0), max(100 - y, y - 199, 0))
            assert 4 <= gap <= 6 * 4 + 1


def test_every_large_part_may_be_clicked() -> None:
    alpha = np.zeros((60, 200), np.uint8)
    for x in (10, 90, 170):
        alpha[20:40, x : x + 20] = 255
    alpha[0, 0] = 255  # a speck is no part
    for seed in range(20):
        on, _ = weak_labels.clicks(alpha, seed)
        assert {x // 80 for x, _ in on} == {0, 1, 2}
        assert (0, 0) not in on
        found = scribbles.scribble(alpha, seed)
        assert [bool((found[20:40, x : x + 20] == 255).any()) for x in (10, 90, 170)] == [True] * 3


def test_a_small_part_may_be_the_deepest() -> None:
    """A net of thin lines, and a ball beside it that is a speck by its area."""
    alpha = np.zeros((200, 400), np.uint8)
    alpha[::3, :300] = 255
    alpha[:, ::30] = 255
    alpha[:, 300:] = 0
    alpha[80:100, 350:370] = 255
    on, _ = weak_labels.clicks(alpha, 0)
    assert len(on) == 3
    assert all(alpha[y, x] == 255 and x < 300 for x, y in on)


def test_glass_is_clicked_as_a_whole() -> None:
    """The rim of a glass is opaque, its middle is not; the middle is on the thing all the same."""
    alpha = np.full((100, 100), 40, np.uint8)
    alpha[5:95, 5:95] = 30
    alpha[[0, -1]] = alpha[:, [0, -1]] = 255
    assert weak_labels.on_thing(alpha).all()
    faint = np.full((100, 100), 2, np.uint8)
    faint[40:60, 40:60] = 255
    assert weak_labels.on_thing(faint).sum() == 400


@given(alphas)
def test_the_box_is_tight(alpha: np.ndarray) -> None:
    found = weak_labels.box(alpha)
    assert found is not None
    x0, y0, x1, y1 = found
    seen = alpha >= 128 if (alpha >= 128).any() else alpha > 0
    assert seen[y0:y1, x0:x1].sum() == seen.sum()
    for edge in (seen[y0, x0:x1], seen[y1 - 1, x0:x1], seen[y0:y1, x0], seen[y0:y1, x1 - 1]):
        assert edge.any()


@given(alphas, seeds)
def test_no_stroke_leaves_its_side(alpha: np.ndarray, seed: int) -> None:
    found = scribbles.scribble(alpha, seed)
    assert set(np.unique(found)) <= {0, 128, 255}
    assert (found == 255).any()
    assert weak_labels.on_thing(alpha)[found == 255].all()
    assert (alpha[found == 0] == 0).all()
    assert np.array_equal(found, scribbles.scribble(alpha.copy(), seed))


@pytest.mark.parametrize("turned", [False, True])
def test_the_middle_line_is_in_the_middle(turned: bool) -> None:
    bar = np.zeros((100, 400), bool)
    bar[40:60, 20:380] = True
    line = scribbles.middle_line(bar.T if turned else bar)
    if turned:
        line = [(y, x) for x, y in line]
    assert abs(line[-1][0] - line[0][0]) > 300
    assert all(abs(y - 49.5) <= 6 for _, y in line[2:-2])


@given(alphas, seeds)
def test_a_coarse_mask_covers_roughly_the_thing(alpha: np.ndarray, seed: int) -> None:
    found = weak_labels.coarse(alpha, seed)
    assert found.shape == alpha.shape
    assert set(np.unique(found)) <= {0, 255}
    thing = weak_labels.on_thing(alpha)
    assert (found[thing] == 255).mean() > 0.25  # of noise half of the cells are less than half full
    assert np.array_equal(found, weak_labels.coarse(alpha.copy(), seed))


def test_coarse_is_coarser_than_the_thing() -> None:
    shown = weak_labels.coarse(alpha := np.pad(np.full((200, 200), 255, np.uint8), 100), 3) > 0
    both, either = (shown & (alpha > 0)).sum(), (shown | (alpha > 0)).sum()
    assert 0.7 < both / either < 1


@pytest.mark.parametrize("shape", [(1, 1), (7, 5)])
def test_of_nothing_nothing_is_said(shape: tuple[int, int]) -> None:
    nothing = np.zeros(shape, np.uint8)
    assert weak_labels.clicks(nothing, 0) == ([], [])
    assert weak_labels.box(nothing) is None
    assert not weak_labels.coarse(nothing, 0).any()
    assert (scribbles.scribble(nothing, 0) == 128).all()


@pytest.mark.parametrize("draw", [weak_labels.clicks, scribbles.scribble, weak_labels.coarse])
def test_another_seed_draws_others(draw: object) -> None:
    alpha = np.pad(np.full((200, 300), 255, np.uint8), 100)
    assert len({repr(np.array(draw(alpha, seed)).tolist()) for seed in range(4)}) > 1  # type: ignore[operator]
