"""Polygons painted as readers paint them are the mask again, holes and all."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as some
from PIL import Image, ImageDraw

from refmatte_engine.formats.polygons import filled, iou, polygons
from tests.support.alphas import alpha_of, alphas


def speckled(side: int, seed: int, share: float) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rough = rng.random((1 + side // 3, 1 + side // 3)) < share
    return cv2.resize(rough.astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST) > 0


@given(alphas)
@example(alpha_of("ring", 3))
def test_masks_of_things(alpha: np.ndarray) -> None:
    mask = alpha >= 128
    shapes, holes = polygons(mask)
    assert np.array_equal(filled(shapes, mask.shape), mask)
    assert all(len(points) >= 3 for points in shapes)
    pieces, _ = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    clear = np.pad(~mask, 1, constant_values=True).astype(np.uint8)
    gaps, _ = cv2.connectedComponents(clear, connectivity=4)
    assert (len(shapes), holes) == (pieces - 1, gaps - 2)


@given(some.integers(1, 60), some.integers(0, 10**6), some.floats(0, 1))
def test_masks_of_any_sort(side: int, seed: int, share: float) -> None:
    mask = speckled(side, seed, share)
    shapes, _ = polygons(mask)
    assert np.array_equal(filled(shapes, mask.shape), mask)


def test_lace_has_many_holes_one_behind_the_other() -> None:
    mask = np.ones((60, 3000), bool)
    mask[1:-1:3, 1:-1:2] = False
    shapes, holes = polygons(mask)
    assert holes > 28_000
    assert len(shapes) == 1
    assert np.array_equal(filled(shapes, mask.shape), mask)


def test_another_painter_leaves_holes_too() -> None:
    mask = np.zeros((80, 90), bool)
    mask[10:70, 10:80] = True
    mask[20:40, 20:40] = mask[45:60, 50:70] = False
    (points,), holes = polygons(mask)
    canvas = Image.new("L", (90, 80))
    ImageDraw.Draw(canvas).polygon(points, outline=1, fill=1)
    assert holes == 2
    assert np.array_equal(np.asarray(canvas) > 0, mask)
    assert len(points) < 40  # straight runs have two ends and nothing between


def test_what_is_shared() -> None:
    one, other = np.zeros((2, 4), bool), np.zeros((2, 4), bool)
    assert iou(one, other) == 1
    one[:, :2], other[:, 1:3] = True, True
    assert iou(one, other) == 2 / 6
