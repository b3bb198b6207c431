from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import ndimage

from refmatte_engine.dataset.reader import Item
from refmatte_engine.images import alphas
from refmatte_engine.scoring import score
from refmatte_engine.scoring.rows import Row

levels = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24))


@given(levels)
def test_bytes_survive_the_way_through_floats(alpha):
    as_float = alphas.to_float(alpha)
    assert as_float.dtype == np.float32
    assert as_float.max(initial=0) <= 1
    assert np.array_equal(alphas.to_bytes(as_float), alpha)


@given(st.floats(-2, 3))
def test_floats_round_to_the_nearest_level(value):
    level = int(alphas.to_bytes(np.array([value]))[0])
    assert abs(level - 255 * min(max(value, 0), 1)) <= 0.5


@given(levels, st.integers(1, 255))
def test_the_box_is_what_scipy_finds(alpha, least):
    found = ndimage.find_objects((alpha >= least).astype(int))
    if not found:
        assert alphas.box(alpha, least) is None
    else:
        rows, columns = found[0]
        expected = (columns.start, rows.start, columns.stop, rows.stop)
        assert alphas.box(alpha, least) == expected


@given(levels)
def test_opacity_is_the_mean_inside_the_filled_outline(alpha):
    seen = alpha > 25
    # Outlines are followed over corners, so holes are what no side-step reaches from outside.
    inside = ndimage.binary_fill_holes(seen, structure=ndimage.generate_binary_structure(2, 1))
    expected = alpha[inside].mean() / 255 if seen.any() else 0.0
    assert alphas.opacity(alpha) == pytest.approx(expected)


@given(levels)
def test_softness_is_a_share_of_what_is_seen(alpha):
    visible, soft = (alpha > 0).sum(), ((alpha > 0) & (alpha < 255)).sum()
    assert alphas.softness(alpha) == pytest.approx(soft / visible if visible else 0)


def test_a_ring_is_less_opaque_than_a_disc():
    disc = cv2.circle(np.zeros((60, 60), np.uint8), (30, 30), 25, 255, -1)
    ring = cv2.circle(disc.copy(), (30, 30), 20, 0, -1)
    assert alphas.opacity(disc) == 1
    assert 0.2 < alphas.opacity(ring) < 0.5
    assert alphas.opacity(disc // 4) == pytest.approx(63 / 255)


@pytest.mark.parametrize(("turns", "side"), [(0, "bottom"), (1, "right"), (2, "top"), (3, "left")])
def test_the_side_that_cuts_is_named(turns, side):
    portrait = cv2.ellipse(np.zeros((80, 60), np.uint8), (30, 80), (20, 50), 0, 0, 360, 255, -1)
    assert alphas.cut_edges(np.rot90(portrait, turns)) == (side,)


@pytest.mark.parametrize(("turns", "side"), [(0, "bottom"), (1, "right"), (2, "top"), (3, "left")])
def test_a_hand_that_the_picture_cut_is_more_than_a_touch(turns, side):
    """Both meet the border along a tenth of the thing's extent."""
    ball = cv2.circle(np.zeros((300, 300), np.uint8), (150, 150), 100, 255, -1)
    cut = cv2.rectangle(ball.copy(), (140, 240), (160, 299), 255, -1)
    met = ball[:251]
    assert met[-1].any()
    assert alphas.cut_edges(np.rot90(cut, turns), is_photograph=True) == (side,)
    assert alphas.cut_edges(np.rot90(met, turns), is_photograph=True) == ()


def test_a_photograph_cuts_at_all_sides_that_its_subject_fills():
    alpha = cv2.circle(np.zeros((200, 300), np.uint8), (150, 100), 160, 255, -1)
    assert alphas.cut_edges(alpha, is_photograph=True) == ("left", "top", "right", "bottom")
    assert alphas.cut_edges(alpha) == ()  # or it was cropped to a thing of that shape


def test_what_only_touches_the_border_is_not_cut():
    ball = cv2.circle(np.zeros((320, 400), np.uint8), (200, 169), 150, 255, -1)
    assert alphas.cut_edges(ball) == ()
    assert alphas.cut_edges(np.zeros((9, 9), np.uint8)) == ()


def test_a_trimmed_picture_names_one_side_at_most():
    ball = cv2.circle(np.zeros((301, 301), np.uint8), (150, 150), 150, 255, -1)
    assert alphas.cut_edges(ball) == ()
    assert alphas.cut_edges(ball[:220]) == ("bottom",)
    assert alphas.cut_edges(np.full((20, 30), 255, np.uint8)) == ()


def joined_by_a_dataset(visible, meant):
    as_floats = tuple(map(alphas.to_float, visible))
    item = Item(None, np.zeros((*visible[0].shape, 3), np.uint8), as_floats)
    return item.alpha(SimpleNamespace(referents=tuple(place + 1 for place in meant)))


def joined_by_score(visible, meant):
    row = Row("i", "i_0", "0", "group", "them", Path("i.jpg"), (), meant)
    return score.truth(row, [alpha / 255 for alpha in visible])


def joined_by_the_training(visible, meant):
    pytest.importorskip("torch")
    from refmatte_baselines.data.pictures import Text, TrainingPicture

    picture = TrainingPicture("i", np.zeros((*visible[0].shape, 3), np.uint8), tuple(visible), ())
    return picture.alpha(Text("them", "group", meant)) / 255


@pytest.mark.parametrize("joined", [joined_by_a_dataset, joined_by_score, joined_by_the_training])
@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 6), st.integers(1, 6))),
    st.data(),
)
@settings(max_examples=40, deadline=None)
def test_the_matte_of_several_is_what_shows_of_them(joined, full, data):
    """White things before a black background, among them black ones: what is seen is the matte."""
    places = range(len(full))
    meant = tuple(sorted(data.draw(st.sets(st.sampled_from(places)))))
    picture, left, visible = np.zeros(full.shape[1:]), np.ones(full.shape[1:]), []
    for place, alpha in enumerate(full / 255):  # far to near
        picture = picture * (1 - alpha) + alpha * (place in meant)
    for alpha in reversed(full / 255):
        visible.insert(0, alphas.to_bytes(alpha * left))
        left = left * (1 - alpha)
    found = joined(visible, meant)
    assert found.shape == picture.shape
    assert found.max() <= 1
    # Each visible alpha was rounded to a level of its own.
    assert np.abs(found - picture).max() <= (0.5 * len(meant) + 1e-3) / 255
