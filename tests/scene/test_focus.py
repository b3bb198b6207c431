"""Laws of focus: sharp where things stand, softer the farther away; things and mattes stay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import EffectRanges, LayoutRules
from refmatte_engine.records import Background, Effects, Placement, Scene
from refmatte_engine.scene.focus import FAR_NORM, MOST_NORM, defocus
from refmatte_engine.scene.layout import _effects
from refmatte_engine.scene.render import render

HEIGHT, WIDTH = 240, 200


def scene(strength: float, feet: int) -> Scene:
    placement = Placement("p/mug", (80, feet - 40, 120, feet))
    box, effects = (0, 0, WIDTH, HEIGHT), Effects(defocus=strength)
    return Scene((HEIGHT, WIDTH), "p/b", box, False, "left_right", (placement,), effects)


def slopes(picture: np.ndarray) -> np.ndarray:
    """How much each row's pixels differ from the next."""
    return np.abs(np.diff(picture.astype(float), axis=1)).mean((1, 2))


@settings(max_examples=20, deadline=None)
@given(st.floats(0.2, 1), st.integers(60, HEIGHT), st.integers(0, 99))
def test_the_farther_the_softer(strength: float, feet: int, seed: int) -> None:
    sharp = np.random.default_rng(seed).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    canvas = sharp.copy()
    defocus(scene(strength, feet), canvas)
    near = slice(feet - 1, feet)
    assert np.array_equal(canvas[near], sharp[near])
    share = slopes(canvas) / slopes(sharp)
    far = round(FAR_NORM * HEIGHT)
    above = share[max(0, feet - far) : feet]
    thirds = [third.mean() for third in np.array_split(above, 3)]
    assert thirds == sorted(thirds)
    assert share[: max(0, feet - far)].max(initial=0) < 0.5
    assert np.abs(canvas.mean((0, 1)) - sharp.mean((0, 1))).max() < 1


@pytest.mark.parametrize("strength", [0.02, 0.1, 0.3, 0.7, 0.9, 1.0])
def test_it_is_as_soft_as_it_says(strength: float) -> None:
    """By the width of an edge, which a blur by a normal distribution turns into its sum."""
    canvas = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    canvas[:, WIDTH // 2 :] = 255
    defocus(scene(strength, HEIGHT), canvas)
    weight = np.diff(canvas[0, :, 0].astype(float)) / 255
    x = np.arange(len(weight)) - (weight @ np.arange(len(weight)))
    assert np.sqrt(weight @ x**2) == pytest.approx(strength * MOST_NORM * HEIGHT, abs=0.25)


def test_things_and_mattes_are_as_they_were() -> None:
    rng = np.random.default_rng(1)
    background = rng.integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    thing = np.full((40, 40, 4), 255, np.uint8)
    thing[..., :3] = rng.integers(0, 256, (40, 40, 3))
    one, other = (render(scene(s, 200), background, [thing]) for s in (0.0, 1.0))
    assert np.array_equal(one.layers[0].visible, other.layers[0].visible)
    assert np.array_equal(one.image[160:200, 80:120], other.image[160:200, 80:120])
    assert not np.array_equal(one.image, other.image)


@pytest.mark.parametrize(("ends", "drawn"), [((0.0, 0.0), 0.0), ((0.3, 0.3), 0.3)])
def test_a_layout_without_it_is_drawn_as_before_it(ends: tuple[float, float], drawn: float) -> None:
    background = Background("p/b", "p", "", "train", (9, 9), "b")
    rules = LayoutRules(effects=EffectRanges(shadow=(0.2, 0.8), defocus=ends))
    dice = np.random.default_rng(0)
    effects = _effects(rules, background, dice)
    before = np.random.default_rng(0).uniform(size=6 + (drawn > 0))
    assert effects.defocus == drawn
    assert effects.shadow == round(0.2 + 0.6 * before[3], 3)
    assert dice.random() == np.random.default_rng(0).random(len(before) + 1)[-1]
