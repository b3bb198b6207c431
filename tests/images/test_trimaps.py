"""Trimaps by their definition, pixel by pixel."""

from __future__ import annotations

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as some

from refmatte_engine.images import trimaps
from tests.support.alphas import alphas


@given(alphas, some.integers(1, 40))
def test_a_trimap_by_its_definition(alpha: np.ndarray, width_px: int) -> None:
    """Everything under the ellipse is opaque, or there is something under it, or not."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width_px, width_px))
    inside = cv2.erode((alpha == 255).astype(np.uint8), kernel) == 1
    outside = cv2.dilate((alpha > 0).astype(np.uint8), kernel) == 0
    found = trimaps.trimap(alpha, width_px)
    assert np.array_equal(found == 255, inside)
    assert np.array_equal(found == 0, outside)
    assert set(np.unique(found)) <= {0, 128, 255}
    assert (alpha[found == 255] == 255).all()
    assert (alpha[found == 0] == 0).all()


def test_by_hand() -> None:
    alpha = np.zeros((60, 80), np.uint8)
    alpha[20:50, 20:60] = 255
    alpha[20:50, 40] = 254
    found = trimaps.trimap(alpha, 15)
    assert found[30, 31] == 255
    assert found[30, 33] == found[30, 40] == found[30, 20] == found[30, 13] == 128
    assert found[30, 12] == 0
    alpha[:] = 255  # the picture's border is no edge of the thing
    assert (trimaps.trimap(alpha, 30) == 255).all()


def test_widths_are_drawn_by_the_seed_and_the_alpha() -> None:
    pictures = [np.full((9, 9), level, np.uint8) for level in range(200)]
    drawn = [trimaps.drawn_width(alpha, 7) for alpha in pictures]
    assert set(drawn) == set(range(15, 31))
    assert drawn == [trimaps.drawn_width(alpha.copy(), 7) for alpha in pictures]
    assert drawn != [trimaps.drawn_width(alpha, 8) for alpha in pictures]
    row = np.arange(12, dtype=np.uint8)
    widths = {trimaps.drawn_width(row.reshape(-1, n), 7) for n in (1, 2, 3, 4, 6, 12)}
    assert len(widths) > 1  # the same bytes in another shape are another alpha
