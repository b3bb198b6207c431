"""What an alpha consists of, and where its picture ends; the gate's laws are tests/packs'."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from refmatte_engine.images import alphas, matte_faults


def test_what_is_trimmed_to_the_thing_is_not_cut_off() -> None:
    alpha = cv2.circle(np.zeros((90, 90), np.uint8), (45, 45), 40, 255, -1)
    x0, y0, x1, y1 = alphas.box(alpha) or (0, 0, 0, 0)
    assert matte_faults.touches(alpha[y0:y1, x0:x1]) == ""


def test_a_ring_has_a_hole_and_a_pair_two_parts() -> None:
    alpha = cv2.circle(np.zeros((90, 200), np.uint8), (45, 45), 30, 255, 8, cv2.LINE_AA)
    cv2.circle(alpha, (140, 45), 40, 255, -1, cv2.LINE_AA)
    shape = matte_faults.shape(alpha)
    assert shape.holes_px == (pytest.approx(np.pi * 25**2, rel=0.05),)
    assert len(shape.parts) == 2
    assert shape.parts[0] == pytest.approx(np.pi * 40**2, rel=0.05)
