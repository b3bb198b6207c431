"""Measures of a thing against its surroundings: each moves by what it is named for, and lies at
nothing where both are one surface."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import pytest

from refmatte_engine.audit import measures
from refmatte_engine.images import image_io
from refmatte_engine.records import F64, U8

SIZE = 320
PLACE = {name: place for place, name in enumerate(measures.MEASURES)}


@cache
def surface(seed: int) -> U8:
    """Clouds of several sizes with grain, uint8 H×W×3."""
    dice = np.random.default_rng(seed)
    found = np.full((SIZE, SIZE, 3), 120.0)
    for sigma, strength in ((20, 900), (5, 150), (1.5, 30)):
        found += cv2.GaussianBlur(dice.normal(size=found.shape), (0, 0), sigma) * strength
    return np.clip(found + dice.normal(0, 2, found.shape), 0, 255).astype(np.uint8)


def disc(radius: int = 90) -> U8:
    y, x = np.mgrid[:SIZE, :SIZE] - SIZE / 2
    return (np.clip(radius - np.hypot(x, y), 0, 1) * 255).astype(np.uint8)


def with_thing(thing: U8, seed: int = 1) -> U8:
    alpha = disc()[..., None] / 255
    return np.rint(thing * alpha + surface(seed) * (1 - alpha)).astype(np.uint8)


def measured(image: U8) -> F64:
    found = measures.of_entity(measures.planes(image), disc())
    assert found is not None
    return found


@pytest.mark.parametrize("seed", range(4))
def test_what_is_one_surface_measures_nothing(seed: int) -> None:
    found = measured(surface(seed))
    for name, most in (("grain", 0.15), ("sharpness", 0.05), ("JPEG grid", 0.05)):
        assert abs(found[PLACE[name]]) < most, name


BLURRED = cv2.GaussianBlur(surface(1), (0, 0), 2)
GRAINY = np.clip(surface(1) + np.random.default_rng(0).normal(0, 9, (SIZE, SIZE, 1)), 0, 255)
MOVED = surface(1).copy()
MOVED[3:, 5:] = image_io.decode_rgb(image_io.encode_jpeg(surface(1)[:-3, :-5], 25), "")


@pytest.mark.parametrize(
    ("name", "thing", "least"),
    [
        ("lightness", np.minimum(surface(1).astype(int) + 60, 255), 15),
        ("black point", np.maximum(surface(1).astype(int), 110), 3),
        ("white point", np.minimum(surface(1).astype(int) + 60, 255), 10),
        ("colour", surface(1) * np.array([1.0, 0.6, 0.6]), 8),
        ("saturation", surface(1) * np.array([1.0, 0.3, 0.3]), 8),
        ("grain", GRAINY, 0.8),
        ("sharpness", 255 - GRAINY, 0.03),
        ("JPEG grid", MOVED, 0.15),
        ("contrast", np.minimum(surface(1).astype(int) + 60, 255), 10),
    ],
)
def test_each_moves_by_what_it_is_named_for(name: str, thing: F64, least: float) -> None:
    plain, changed = measured(surface(1)), measured(with_thing(np.asarray(thing)))
    assert changed[PLACE[name]] - plain[PLACE[name]] > least


def test_a_blurred_thing_is_less_sharp_and_has_less_grain() -> None:
    found = measured(with_thing(BLURRED))
    assert found[PLACE["sharpness"]] < -0.1
    assert found[PLACE["grain"]] < -1


def test_other_things_are_no_surroundings() -> None:
    image = surface(2)
    image[:, :80] = (255, 0, 0)
    other = np.zeros((SIZE, SIZE), np.uint8)
    other[:, :80] = 255
    planes = measures.planes(image)
    with_it, without = (measures.of_entity(planes, disc(), given) for given in ((), (other,)))
    assert with_it is not None
    assert without is not None
    assert with_it[PLACE["saturation"]] < without[PLACE["saturation"]] - 5


def test_what_is_too_small_or_fills_the_picture_is_not_measured() -> None:
    planes = measures.planes(surface(3))
    for matte in (disc(5), np.full((SIZE, SIZE), 255, np.uint8), np.zeros((SIZE, SIZE), np.uint8)):
        assert measures.of_entity(planes, matte) is None


def test_patches_lie_along_the_outline_apart_and_repeat() -> None:
    planes = measures.planes(surface(4))
    twice = [measures.at_edge(planes, disc(), (), np.random.default_rng(7), 12) for _ in range(2)]
    assert np.array_equal(*twice)
    assert len(twice[0]) > 8
    cut = np.roll(disc(), SIZE // 2, axis=1)  # half at one side of the canvas, half at the other
    found = measures.at_edge(planes, cut, (), np.random.default_rng(7), 100)
    assert 0 < len(found) < 12
    assert np.isfinite(found).all()
