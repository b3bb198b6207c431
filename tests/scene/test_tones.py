"""Laws of tones: both sides meet, within bounds, and what is white, black or grey stays so."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.records import Effects, Placement, Scene
from refmatte_engine.scene.render import render
from refmatte_engine.scene.tones import PALER, SATURATION, STRETCH, VIVID, meet

BOX = (30, 20, 70, 60)
LUMA = np.array([0.299, 0.587, 0.114])


def picture(
    seed: int, colorful: float, low: int = 0, high: int = 255, size: int = 100
) -> np.ndarray:
    """Noise between two levels, uint8, whose colours are so far from grey."""
    rng = np.random.default_rng(seed)
    grey = rng.integers(low + 30, high - 29, (size, size, 1))
    return np.clip(grey + rng.uniform(-30, 30, (size, size, 3)) * colorful, low, high).astype(
        np.uint8
    )


def met(thing: np.ndarray, canvas: np.ndarray, strength: float, alpha: int = 255) -> np.ndarray:
    """The thing's straight colours, float, once it has met the canvas, which changes."""
    alphas = np.full(thing.shape[:2], alpha, np.uint8)
    color = thing.astype(np.uint16) * np.uint16(alpha)
    (found,) = meet(canvas, [color], [color], [alphas], [BOX], strength)
    return found / float(alpha)


def chroma(rgb: np.ndarray) -> float:
    return float(np.linalg.norm(rgb - (rgb @ LUMA)[..., None], axis=-1).mean())


@settings(max_examples=25)
@given(st.integers(0, 99), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(120, 255))
def test_both_sides_meet_and_nothing_moves_beyond_its_bound(
    seed: int, own: float, theirs: float, strength: float, alpha: int
) -> None:
    thing, canvas = picture(seed, own, size=40), picture(seed + 1, theirs)
    before = canvas.copy()
    found = met(thing, canvas, strength, alpha)
    apart = abs(chroma(thing.astype(float)) - VIVID * chroma(before.astype(float)))
    assert abs(chroma(found) - VIVID * chroma(canvas.astype(float))) <= apart + 1.5
    least, most = SATURATION
    assert chroma(thing.astype(float)) * least - 1.5 <= chroma(found)
    assert chroma(found) <= chroma(thing.astype(float)) * most * 1.5 + 1.5  # of a flat one, too
    assert chroma(canvas.astype(float)) >= PALER * chroma(before.astype(float)) - 1.5
    assert np.abs((canvas - before.astype(float)) @ LUMA).max() < 2.5  # as light as it was


@pytest.mark.parametrize("level", [0, 128, 255])
def test_grey_stays_grey(level: int) -> None:
    """A white dog does not turn into a yellow one, whatever it stands on."""
    thing = np.full((40, 40, 3), level, np.uint8)
    canvas = np.full((100, 100, 3), (230, 120, 30), np.uint8)
    found = met(thing, canvas, 1.0)
    assert np.ptp(found, axis=-1).max() < 1


@settings(max_examples=25)
@given(st.integers(0, 99), st.floats(0.1, 1), st.floats(0, 1), st.booleans())
def test_white_and_black_things_make_no_picture_paler(
    seed: int, theirs: float, strength: float, white: bool
) -> None:
    """But a grey photograph does."""
    low, high = (191, 255) if white else (0, 29)
    rng = np.random.default_rng(seed)
    thing = np.repeat(rng.integers(low, high + 1, (40, 40, 1)), 3, axis=-1).astype(np.uint8)
    canvas = picture(seed, theirs)
    before = canvas.copy()
    met(thing, canvas, strength)
    assert (canvas == before).all()
    grey = picture(seed, 0.0, size=40)
    met(grey, canvas, 1.0)
    assert chroma(canvas.astype(float)) < 0.9 * chroma(before.astype(float))


@settings(max_examples=25)
@given(st.integers(0, 99), st.floats(5, 60), st.floats(1.1, 3), st.floats(0, 1))
def test_what_differs_by_its_colour_alone_does_not_get_nearer(
    seed: int, pale: float, factor: float, strength: float
) -> None:
    """As light as its surroundings and of their hue, it is told from them by chroma only."""
    hue = np.array((1.0, 0.2, -0.6))
    hue -= hue @ LUMA
    thing, canvas = (
        np.clip(np.full((size, size, 3), 120 + value * hue), 0, 255).astype(np.uint8)
        for size, value in ((40, min(80, pale * factor)), (100, pale))
    )
    before = np.linalg.norm(thing[0, 0].astype(float) - canvas[0, 0])
    found = met(thing, canvas, strength)
    after = np.linalg.norm(found[0, 0] - canvas[0, 0])
    assert after >= min(before, 30) - 2


def test_a_flat_photograph_gets_the_range_of_its_surroundings() -> None:
    flat = picture(0, 0.5, 90, 165, 40)
    found = met(flat, picture(1, 0.5), 1.0)
    assert np.ptp(found @ LUMA) > 1.3 * np.ptp(flat @ LUMA)
    assert abs((found @ LUMA).mean() - (flat @ LUMA).mean()) < 4
    rich = picture(2, 0.5, size=40)
    assert np.ptp(met(rich, picture(3, 0.5, 90, 165), 1.0) @ LUMA) > 0.95 * np.ptp(rich @ LUMA)


@pytest.mark.parametrize(("low", "high"), [(180, 250), (120, 190), (5, 75)])
def test_a_flat_thing_keeps_its_steps_however_bright_it_is(low: int, high: int) -> None:
    """White feathers do not become a grey without any."""
    steps = np.linspace(low, high, 40).round().astype(np.uint8)
    thing = np.repeat(np.tile(steps, (40, 1))[..., None], 3, axis=2)
    canvas = np.zeros((100, 100, 3), np.uint8)
    canvas[:50] = 255
    found = met(thing, canvas, 1.0)[0, :, 0]
    middle = (low + high) / 2
    wanted = np.clip(middle + STRETCH * (steps.astype(float) - middle), 0, 255)
    assert np.abs(found - wanted).max() < 3


def test_no_alpha_changes() -> None:
    soft = np.dstack([picture(0, 0.1, size=40), picture(1, 0, size=40)[..., 0]])
    placements = (Placement("p", BOX),)
    mattes = []
    for tone in (0.0, 1.0):
        scene = Scene(
            (100, 100), "b", (0, 0, 100, 100), False, "left_right", placements, Effects(tone=tone)
        )
        mattes.append(render(scene, picture(2, 1.0), [soft]).layers[0].visible)
    assert (mattes[0] == mattes[1]).all()


def test_what_is_nowhere_changes_nothing() -> None:
    canvas, nothing = picture(0, 1.0), np.zeros((40, 40, 3), np.uint16)
    before = canvas.copy()
    (found,) = meet(canvas, [nothing], [nothing], [np.zeros((40, 40), np.uint8)], [BOX], 1.0)
    assert not found.any()
    assert (canvas == before).all()
