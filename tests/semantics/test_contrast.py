"""What people would overlook is told from what they see, whatever it is made of."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.semantics import contrast

color = st.tuples(*(st.integers(0, 255),) * 3)


@settings(max_examples=50)
@given(color, color, st.integers(0, 40), st.floats(0.05, 1), st.integers(30, 450), st.booleans(),
       st.sampled_from([0.0, 0.7, 3.0, 8.0]))  # fmt: skip
def test_what_is_seen_is_what_has_the_contrast(
    thing: tuple[int, ...],
    behind: tuple[int, ...],
    grain: int,
    opacity: float,
    side: int,
    near: bool,
    coarse: float,
) -> None:
    """Sooner, but never otherwise than by measuring it: of what is plain, has grain or a texture,
    that of what lies behind it, too."""
    rng = np.random.default_rng(side)
    if near:
        thing = tuple(min(255, value + 9) for value in behind)
    alpha = np.zeros((side, side + 20), np.uint8)
    cv2.circle(alpha, (side // 2, side // 2), side // 3, 255, -1, cv2.LINE_AA)
    alpha = np.rint(alpha * opacity).astype(np.uint8)
    share = alpha[..., None] / 255
    mixed = share * np.array(thing) + (1 - share) * np.array(behind)
    texture = rng.normal(0, 1, mixed.shape).astype(np.float32)
    if coarse:
        texture = cv2.GaussianBlur(texture, (0, 0), coarse)
    image = np.clip(mixed + grain * texture / texture.std(), 0, 255).astype(np.uint8)
    found = contrast.contrast(image, alpha)
    for least in (0.0, 2.0, contrast.UNSEEN, 12.0):
        assert contrast.is_seen(image, alpha, least) == (found >= least)


@settings(max_examples=25)
@given(color, st.integers(15, 40), st.floats(0.7, 3), st.integers(90, 450), st.integers(0, 99))
def test_what_differs_no_more_than_its_surroundings_do_is_overlooked(
    behind: tuple[int, ...], grain: int, coarse: float, side: int, seed: int
) -> None:
    """A thing that is of the same texture all over, however coarse or strong, is camouflaged; one
    that is striped before a plain wall of its mean colour is not."""
    rng = np.random.default_rng(seed)
    alpha = np.zeros((side, side), np.uint8)
    cv2.circle(alpha, (side // 2, side // 2), side // 3, 255, -1, cv2.LINE_AA)
    texture = cv2.GaussianBlur(rng.normal(0, 1, (side, side, 3)), (0, 0), coarse * side / 256)
    middle = np.clip(np.array(behind), 60, 195)
    image = np.clip(middle + grain * texture / texture.std(), 0, 255).astype(np.uint8)
    assert not contrast.is_seen(image, alpha)
    stripes = np.where(np.arange(side) // max(2, side // 24) % 2, 50, -50)[:, None]
    plain = np.where(alpha > 127, stripes, 0)[..., None] + middle
    assert contrast.is_seen(plain.astype(np.uint8), alpha)


@pytest.mark.parametrize("alpha", [0, 255])
def test_where_nothing_lies_beside_it_all_is_as_it_is_said(alpha: int) -> None:
    image, whole = np.full((40, 40, 3), 90, np.uint8), np.full((40, 40), alpha, np.uint8)
    assert contrast.is_seen(image, whole) == (alpha == 255)
