"""Mattes with dust in them are cleaned, clean ones left alone, and what is no matte is named."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from refmatte_engine.images import alphas, mattes
from refmatte_engine.images.mattes import FAINT, SEEN
from tests.conftest import disc, figure, landscape

HW = (200, 260)
laws = settings(max_examples=60, deadline=None)


@st.composite
def things(draw: st.DrawFn) -> np.ndarray:
    """An alpha with a thing somewhere in it: ellipses, a box, thin lines; hard or soft."""
    alpha = np.zeros(HW, np.uint8)
    x, y = draw(st.integers(80, 180)), draw(st.integers(70, 130))
    for _ in range(draw(st.integers(1, 3))):
        axes = (draw(st.integers(8, 45)), draw(st.integers(8, 40)))
        cv2.ellipse(alpha, (x, y), axes, draw(st.integers(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    for _ in range(draw(st.integers(0, 8))):
        end = (x + draw(st.integers(-55, 55)), y + draw(st.integers(-50, 50)))
        cv2.line(alpha, (x, y), end, draw(st.integers(60, 255)), 1, cv2.LINE_AA)
    blur = draw(st.sampled_from([0.0, 0.0, 0.6, 1.5, 4.0]))
    return cv2.GaussianBlur(alpha, (0, 0), blur) if blur else alpha


dice = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def apart(box: object, other: object) -> int:
    assert box is not None
    assert other is not None
    return max(abs(a - b) for a, b in zip(box, other, strict=True))  # type: ignore[call-overload]


def excess(box: object, around: object) -> int:
    assert isinstance(box, tuple)
    assert isinstance(around, tuple)
    x0, y0, x1, y1 = np.subtract(box, around)
    return int(max(-x0, -y0, x1, y1))


@given(things())
@laws
def test_a_clean_matte_is_left_as_it_is(alpha: np.ndarray) -> None:
    found, said = mattes.cleaned(alpha)
    assert found is alpha
    assert said == []
    assert mattes.misread(alpha) is None
    assert mattes.suspicions(alpha) == []
    assert not mattes.is_inside_out(alpha)


@given(things(), dice, st.integers(1, mattes.FLOOR_MOST), st.sampled_from(["even", "noise", "sum"]))
@laws
def test_a_floor_is_cleared(
    alpha: np.ndarray, rng: np.random.Generator, level: int, kind: str
) -> None:
    floor = np.full(HW, level) if kind == "even" else rng.integers(0, level + 1, HW)
    dirty = np.minimum(alpha + floor, 255) if kind == "sum" else np.maximum(alpha, floor)
    found, said = mattes.cleaned(dirty.astype(np.uint8))
    assert "of 255 where nothing is: cleared" in said[0]
    assert np.abs(found.astype(int) - alpha).max() <= mattes.FLOOR_MOST
    # What was as faint as the floor is gone with it.
    box = alphas.box(found, FAINT)
    assert excess(box, alphas.box(alpha, 1)) <= 1
    assert excess(alphas.box(alpha, mattes.FLOOR_MOST + 1), box) <= 0


@given(things(), dice, st.integers(1, 12), st.integers(1, 3), st.integers(1, 255))
@laws
def test_specks_are_cleared(
    alpha: np.ndarray, rng: np.random.Generator, count: int, side: int, level: int
) -> None:
    assume(count * side**2 < 0.01 * alpha.sum() / 255)
    dirty = alpha.copy()
    for y, x in rng.integers(0, [HW[0] // 5, HW[1] // 5], (count, 2)) * 5:
        np.maximum(dirty[y : y + side, x : x + side], level, out=dirty[y : y + side, x : x + side])
    found, _ = mattes.cleaned(dirty)
    x0, y0, x1, y1 = alphas.box(alpha, at_least=FAINT) or (0, 0, 0, 0)
    # A speck beside the thing may be a part of it, and does no harm.
    assert apart(alphas.box(found, at_least=FAINT), (x0, y0, x1, y1)) <= 8 + 3
    assert np.array_equal(found[y0:y1, x0:x1], dirty[y0:y1, x0:x1])


@given(things(), st.integers(50, 97))
@laws
def test_the_traces_of_a_jpeg_are_cleared(alpha: np.ndarray, quality: int) -> None:
    dirty = cv2.imdecode(cv2.imencode(".jpg", alpha, [1, quality])[1], cv2.IMREAD_GRAYSCALE)
    found, _ = mattes.cleaned(dirty)
    # No more than there is, but for a few pixels, and no less than is seen.
    assert excess(alphas.box(found, FAINT), alphas.box(alpha, FAINT)) <= 7
    assert excess(alphas.box(dirty, SEEN), alphas.box(found, FAINT)) <= 0
    assert np.abs(found.astype(int) - alpha).mean() <= 1


@given(things(), dice)
@laws
def test_all_at_once(alpha: np.ndarray, rng: np.random.Generator) -> None:
    dirty = np.maximum(alpha, rng.integers(0, 4, HW).astype(np.uint8))
    dirty[1, 2], dirty[-3, -2] = 255, 40
    found, said = mattes.cleaned(dirty)
    assert len(said) == 2
    assert apart(alphas.box(found, FAINT), alphas.box(alpha, FAINT + 1)) <= 2


@given(things(), st.sampled_from(["left", "right", "top", "bottom", "all"]), st.integers(20, 255))
@laws
def test_a_line_along_the_border_is_no_part_of_the_thing(
    alpha: np.ndarray, side: str, level: int
) -> None:
    alpha = mattes.cleaned(alpha)[0]
    assume(not (alpha >= FAINT)[[0, 1, 2, -1, -2]].any())
    dirty = alpha.copy()
    for name, line in (("left", np.s_[:, :2]), ("right", np.s_[:, -1:]), ("top", np.s_[0])):
        if side in (name, "all"):
            dirty[line] = level
    if side in ("bottom", "all"):
        dirty[-1:] = level
    found, said = mattes.cleaned(dirty)
    assert (found == mattes.cleaned(alpha)[0]).all()
    assert said == [found for found in said if "along its border" in found] != []


def test_lines_alone_are_the_thing() -> None:
    lines = np.zeros((60, 80), np.uint8)
    lines[0], lines[-2:] = 255, 200
    for alpha in (lines, lines[:4], lines.T.copy()):
        assert mattes.cleaned(alpha)[0] is alpha


def test_what_only_fades_is_no_trace_of_a_jpeg() -> None:
    soft = cv2.GaussianBlur(DISC, (0, 0), 2)
    for share in (0.2, 0.4, 0.5, 0.7, 1):
        assert mattes.cleaned((soft * share).astype(np.uint8))[1] == []


def test_parts_and_wisps_are_not_dust() -> None:
    far_apart = np.zeros((300, 300), np.uint8)
    for centre, radius in (((60, 60), 40), ((250, 240), 8), ((20, 280), 5)):
        cv2.circle(far_apart, centre, radius, 255, -1)
    confetti = np.zeros((300, 300), np.uint8)
    confetti[5::12, 5::12] = 255
    smoke = cv2.GaussianBlur(far_apart, (0, 0), 12)
    glow = np.zeros((300, 300), np.uint8)
    ys, xs = np.mgrid[:300, :300] - 149.5
    glow[:] = np.clip(255 - 2.2 * np.hypot(xs, ys), 0, 255)
    for alpha in (far_apart, confetti, smoke, glow):
        assert mattes.cleaned(alpha)[0] is alpha
    for rgba in (disc((9, 9, 9)), disc((9, 9, 9), 20, 0.4), figure((9, 9, 9), 4)):
        assert mattes.cleaned(rgba[..., 3])[1] == []


DISC = disc((9, 9, 9))[..., 3]
AREAS = np.kron(np.arange(6).reshape(2, 3), np.ones((40, 40), int))


@pytest.mark.parametrize(
    ("levels", "said"),
    [
        (DISC * 0, "shows nothing: its alpha is empty"),
        (
            DISC // 255,
            "its alpha reaches only 1 of 255: a mask of 0 and 1?; multiply it by 255",
        ),
        (
            (DISC // 255).astype(np.uint16),
            "its alpha reaches only 1 of 65535: a mask of 0 and 1?",
        ),
        (
            DISC.astype(np.uint16),
            "its alpha has 16 bits and reaches only 255: 8-bit values?; save it with 8 bits",
        ),
        (DISC.astype(np.uint16) * 16, "its alpha has 16 bits and reaches only 4080: 12-bit values"),
        (AREAS.astype(np.uint8), "its alpha has only the values 0 to 5: a label map?; make a"),
        (DISC // 20, "shows nothing: its alpha reaches only 12 of 255; stretch it"),
        (
            np.random.default_rng(1).integers(0, 4, (60, 60)).astype(np.uint8),
            "shows nothing: its alpha reaches only 3 of 255",
        ),
    ],
)
def test_what_is_no_matte_is_named_with_the_cure(levels: np.ndarray, said: str) -> None:
    assert str(mattes.misread(levels)).startswith(said)


@pytest.mark.parametrize(
    ("alpha", "said"),
    [
        (255 - DISC, "is opaque along most of its border: is its alpha inverted?"),
        (
            AREAS.astype(np.uint8) * 20,
            "has areas of 20, 40, 60, 80, 100 of 255 and no edges",
        ),
        ((DISC // 255) * np.uint8(100), "reaches only 100 of 255: percent?"),
        (
            np.where((DISC > 0) & (DISC < 255), 128, DISC).astype(np.uint8),
            "has only 0, 128 and 255, and no edges: a trimap, not an alpha?",
        ),
        ((DISC // 255) * np.uint8(38), "has areas of 38 of 255 and no edges: a label map?"),
        (
            np.where((DISC > 0) & (DISC < 255), 255, DISC // 255 * 15).astype(np.uint8),
            "has only 0, 15 and 255, and no edges: a label map, not an alpha?",
        ),
    ],
)
def test_what_is_doubtful_is_said(alpha: np.ndarray, said: str) -> None:
    assert [found[: len(said)] for found in mattes.suspicions(alpha)] == [said]


@given(things())
@laws
def test_a_matte_the_wrong_way_round_is_suspected(alpha: np.ndarray) -> None:
    assert mattes.is_inside_out(255 - alpha)
    cut_off = 255 - alpha[: HW[0] // 2 + 10]
    assert mattes.is_inside_out(cut_off) or mattes.suspicions(cut_off) or cut_off[-1].max() < SEEN


def test_glass_and_lace_are_not_suspected() -> None:
    pane = np.zeros((80, 60), np.uint8)
    pane[4:-4, 4:-4] = 102
    lace = (landscape(3)[..., 0] > 140).astype(np.uint8) * 255
    lace[:5] = lace[-5:] = 0
    stepped = DISC // 64 * np.uint8(85)  # edges of four levels
    for alpha in (pane, lace, DISC // 2, stepped):
        assert mattes.suspicions(alpha) == []
        assert mattes.misread(alpha) is None


@pytest.mark.parametrize("color", [(214, 48, 49), (240, 240, 240), (120, 160, 90)])
def test_colors_multiplied_by_alpha_are_suspected(color: tuple[int, int, int]) -> None:
    straight = disc(color, 14)
    multiplied = straight.copy()
    multiplied[..., :3] = np.rint(straight[..., :3] * (straight[..., 3:] / 255))
    assert mattes.is_premultiplied(multiplied)
    assert not mattes.is_premultiplied(straight)
    assert not mattes.is_premultiplied(disc((12, 10, 9), 14))
