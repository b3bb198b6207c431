"""Run-length codes against COCO's own library."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from refmatte_engine.formats import rle

mask = pytest.importorskip("pycocotools.mask")
# pycocotools is older than NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@given(some.integers(1, 40), some.integers(1, 40), some.integers(0, 2**32 - 1), some.floats(0, 1))
def test_every_mask_is_what_coco_writes(height: int, width: int, seed: int, share: float) -> None:
    pixels = np.random.default_rng(seed).random((height, width)) < share
    theirs = mask.encode(np.asfortranarray(pixels.astype(np.uint8)))
    assert rle.text(rle.counts(pixels)) == theirs["counts"].decode()
    back = mask.frPyObjects(
        {"size": [height, width], "counts": rle.counts(pixels).tolist()}, height, width
    )
    assert np.array_equal(mask.decode(back), pixels)


@pytest.mark.parametrize("side", [1, 700, 5000])
def test_long_runs(side: int) -> None:
    for pixels in (np.zeros((side, side), bool), np.ones((side, side), bool)):
        pixels[: side // 2, side // 3] ^= True
        code = {"size": [side, side], "counts": rle.text(rle.counts(pixels)).encode()}
        assert np.array_equal(mask.decode(code), pixels)
