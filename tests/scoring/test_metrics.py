"""Metrics: golden values by hand, laws, and independent implementations."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.errors import InputError
from refmatte_engine.scoring import metrics
from tests.support import plain_metrics

ERRORS = [metrics.sad, metrics.mse, metrics.mad, metrics.grad, metrics.grad_aim, metrics.conn]


def blob(seed: int, size: int = 48) -> np.ndarray:
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(size=(size, size)), (0, 0), 4)
    return np.clip(noise / noise.std() * 0.8 + 0.3, 0, 1)


pairs = st.tuples(st.integers(0, 99), st.integers(100, 199)).map(lambda s: (blob(s[0]), blob(s[1])))


def test_by_hand() -> None:
    p, a = np.array([[0.0, 0.5], [1.0, 1.0]]), np.array([[0.0, 1.0], [1.0, 0.0]])
    assert metrics.sad(p, a) == pytest.approx(1.5 / 1000)
    assert metrics.mad(p, a) == pytest.approx(0.375)
    assert metrics.mse(p, a) == pytest.approx(1.25 / 4)
    assert metrics.soft_iou(p, a) == pytest.approx(1.5 / 3)
    assert metrics.iou(p, a) == pytest.approx(2 / 3)
    assert metrics.overlap_px(p, a) == (2, 3)
    empty = np.zeros((2, 2))
    assert metrics.soft_iou(empty, empty) == metrics.iou(empty, empty) == 1


def test_a_missed_object_counts_in_full_for_connectivity() -> None:
    truth = np.zeros((40, 40))
    truth[10:30, 10:30] = 1
    assert metrics.conn(np.zeros_like(truth), truth) == pytest.approx(0.4)
    # A solid part that hangs together with nothing the truth has is an error as well.
    other = np.zeros_like(truth)
    other[0:5, 0:5] = 1
    assert metrics.conn(np.maximum(truth, other), truth) == pytest.approx(0.025)


def test_a_faint_matte_has_a_gradient_error() -> None:
    truth = blob(3)
    assert metrics.grad(truth * 0.3, truth) > 0.01


@given(pairs)
def test_laws(pair: tuple[np.ndarray, np.ndarray]) -> None:
    p, a = pair
    for error in ERRORS:
        assert error(a, a) == 0
        assert error(p, a) >= 0
        if error is not metrics.conn:  # of two regions that are the largest it takes the first
            assert error(p, a) == pytest.approx(error(p[:, ::-1], a[:, ::-1]))
        assert error(p, a) == pytest.approx(error(a, p))
    assert metrics.mad(p, a) == pytest.approx(metrics.sad(p, a) * 1000 / p.size)
    assert metrics.mse(p, a) <= metrics.mad(p, a)
    assert 0 <= metrics.soft_iou(p, a) <= 1
    others = [blob(7), blob(8)]
    assert sum(metrics.sad_split(p, a, others)) == pytest.approx(metrics.sad(p, a))


@given(pairs)
def test_gradient_agrees_with_a_dense_kernel(pair: tuple[np.ndarray, np.ndarray]) -> None:
    """The definition, as a 9×9 kernel through SciPy's n-dimensional correlation."""
    i, j = np.mgrid[-4:5, -4:5].astype(float)

    def g(x: np.ndarray) -> np.ndarray:
        return np.exp(-(x**2) / (2 * 1.4**2)) / (1.4 * np.sqrt(2 * np.pi))

    kernel = g(i) * (-j * g(j) / 1.4**2)
    kernel /= np.sqrt((kernel**2).sum())

    def slope(alpha: np.ndarray) -> np.ndarray:
        across = scipy.ndimage.convolve(alpha, kernel, mode="nearest")
        down = scipy.ndimage.convolve(alpha, kernel.T, mode="nearest")
        return np.hypot(across, down)

    p, a = pair
    expected = ((slope(p) - slope(a)) ** 2).sum() / 1000
    assert metrics.grad(p, a) == pytest.approx(expected, rel=1e-6)


@given(pairs)
def test_the_authors_gradient_agrees_with_scipy(pair: tuple[np.ndarray, np.ndarray]) -> None:
    def slope(alpha: np.ndarray) -> np.ndarray:
        down = scipy.ndimage.gaussian_filter(alpha, 1.4, order=[1, 0])
        across = scipy.ndimage.gaussian_filter(alpha, 1.4, order=[0, 1])
        return np.hypot(down, across)

    p, a = pair
    expected = ((slope(p) - slope(a)) ** 2).sum() / 10
    assert metrics.grad_aim(p, a) == pytest.approx(expected, rel=1e-6)
    assert 1.0 < metrics.grad_aim(p, a) / metrics.grad(p, a) < 1.12


@given(pairs)
def test_connectivity_agrees_with_a_plain_loop(pair: tuple[np.ndarray, np.ndarray]) -> None:
    p, a = pair
    level = np.full(p.shape, np.nan)
    for step in range(1, 11):
        both = (p >= step / 10) & (a >= step / 10)
        labels, count = scipy.ndimage.label(both)
        sizes = scipy.ndimage.sum_labels(both, labels, range(1, count + 1))
        largest = labels == 1 + int(np.argmax(sizes)) if count else np.zeros(p.shape, bool)
        level[np.isnan(level) & ~largest] = (step - 1) / 10
    level[np.isnan(level)] = 1

    def phi(alpha: np.ndarray) -> np.ndarray:
        d = alpha - level
        return 1 - np.where(d >= 0.15, d, 0)

    assert metrics.conn(p, a) == pytest.approx(np.abs(phi(p) - phi(a)).sum() / 1000)


def alpha_of(sort: str, seed: int, size_hw: tuple[int, int]) -> np.ndarray:
    dice, alpha = np.random.default_rng(seed), np.zeros(size_hw)
    if sort == "blob":
        return blob(seed, 64)[: size_hw[0], : size_hw[1]]
    if sort == "noise":
        return dice.uniform(0, 1, size_hw)
    if sort == "levels":  # on the thresholds themselves, and many pieces of one size
        return dice.integers(0, 11, size_hw) / 10
    if sort == "all":
        return np.ones(size_hw)
    if sort == "faint":
        return np.full(size_hw, 0.04)
    for _ in range({"nothing": 0, "pixel": 1, "parts": 5}[sort]):
        y, x = (int(dice.integers(0, side)) for side in size_hw)
        alpha[y : y + (6 if sort == "parts" else 1), x : x + (8 if sort == "parts" else 1)] = (
            dice.integers(1, 256) / 255
        )
    return alpha


sorts = st.sampled_from(["blob", "noise", "levels", "all", "faint", "nothing", "pixel", "parts"])


@settings(max_examples=100, deadline=None)
@given(sorts, sorts, st.integers(0, 999), st.tuples(st.integers(1, 50), st.integers(1, 60)))
def test_short_cuts_change_no_value(
    one: str, other: str, seed: int, size_hw: tuple[int, int]
) -> None:
    """Alphas of every sort, and pairs that differ in a part alone, as most do."""
    p, a = alpha_of(one, seed, size_hw), alpha_of(other, seed + 1, size_hw)
    partly = p.copy()
    half = tuple(slice(side // 3, side // 2 + 1) for side in size_hw)
    partly[half] = a[half]
    for left, right in ((p, a), (partly, p), (partly, a), (p, p)):
        for name in ("grad", "grad_aim", "conn"):
            found = getattr(metrics, name)(left, right)
            expected = getattr(plain_metrics, name)(left, right)
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-12), name


def test_found_wrong_or_missed() -> None:
    mine, theirs = np.zeros((9, 9)), np.zeros((9, 9))
    mine[:4], theirs[5:] = 1, 1
    assert metrics.outcome(theirs, mine, [theirs]) == "wrong"
    assert metrics.outcome(mine, mine, [theirs]) == "found"
    assert metrics.outcome(np.maximum(mine, theirs), mine, [theirs]) == "found"  # 0.5, and no less
    assert metrics.outcome(mine * 0.5, mine, [mine]) == "found"
    assert metrics.outcome(mine * 0.49, mine, [mine]) == "missed"  # no nearer to another
    # Nothing is near to nothing: not to what is seen, and not to what is hidden.
    hidden = np.zeros((9, 9))
    assert metrics.outcome(hidden, mine, [theirs, hidden]) == "missed"


@given(st.lists(st.integers(0, 199), min_size=2, max_size=4), st.sampled_from([0.0, 0.3, 1.0]))
def test_an_outcome_is_what_the_soft_ious_say(seeds: list[int], share: float) -> None:
    p, a, *others = map(blob, seeds)
    own = metrics.soft_iou(p * share, a)
    nearest = max((metrics.soft_iou(p * share, other) for other in others), default=0.0)
    expected = "found" if own >= 0.5 else "wrong" if nearest > own else "missed"
    assert metrics.outcome(p * share, a, others) == expected


@pytest.mark.parametrize(
    ("prediction", "said"),
    [
        (np.zeros((4, 5)), r"has \(4, 5\) pixels; allowed: the truth's \(4, 4\)"),
        (np.full((4, 4), np.nan), r"has values outside \[0, 1\]"),
        (np.full((4, 4), 1.2), r"has values outside \[0, 1\]"),
        (np.zeros((4, 4), np.uint8), "is uint8"),
        (np.zeros((4, 4, 1)), "floats, H×W"),
    ],
)
@pytest.mark.parametrize("metric", [*ERRORS, metrics.soft_iou, metrics.iou])
def test_unusable_predictions_are_refused(
    metric: Callable[..., float], prediction: np.ndarray, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        metric(prediction, np.zeros((4, 4)))


def test_all_metrics_of_a_large_pair_can_be_had() -> None:
    p, a = (cv2.resize(blob(s), (1600, 1250)).clip(0, 1) for s in (1, 2))
    begun = time.perf_counter()
    assert all(error(p, a) > 0 for error in ERRORS)
    print(f"six metrics of 2 Mpx: {time.perf_counter() - begun:.2f} s")


def test_values_do_not_depend_on_where_a_matte_lies_in_memory() -> None:
    """To the last bit: a matte is read from a file, or comes from a model, wherever that put it."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        height, width = rng.integers(1, 64, 2)
        truth = (rng.random((height, width)) > 0.5).astype(float)
        matte = rng.integers(0, 65536, (height, width)) / 65535
        for metric in (metrics.grad, metrics.grad_aim, metrics.conn, metrics.sad):
            found = set()
            for first in (0, 1, 3, 5):
                memory = np.empty(height * width + 8)
                placed = memory[first : first + height * width].reshape(height, width)
                placed[:] = matte
                found.add(metric(placed, truth))
            assert len(found) == 1, (metric, height, width)
