"""What lies apart from a thing is not of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from refmatte_baselines import pieces
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.looks import Looks
from refmatte_baselines.models import load
from refmatte_baselines.pieces import main_pieces
from refmatte_baselines.predictor import Options
from refmatte_baselines.weights import save

ALPHAS = arrays.arrays(
    np.float32,
    arrays.array_shapes(min_dims=2, max_dims=2, max_side=24),
    elements=st.floats(0, 1, width=32),
)


def squares(**sides: int) -> np.ndarray:
    """Squares on a black picture of 320×320, at 20, 120 and 220 px."""
    alpha = np.zeros((320, 320), np.float32)
    for place, side in zip((20, 120, 220), sides.values(), strict=False):
        alpha[place : place + side, place : place + side] = 1
    return alpha


def test_small_pieces_go_and_large_ones_stay() -> None:
    alpha = squares(large=40, half=30, small=20)
    assert np.array_equal(main_pieces(alpha, 0.5), squares(large=40, half=30))
    assert np.array_equal(main_pieces(alpha, 0.2), alpha)
    assert np.array_equal(main_pieces(alpha, 1), squares(large=40))
    assert main_pieces(alpha, 0) is alpha


def test_it_is_alpha_that_counts_and_what_is_near_belongs_together() -> None:
    faint = squares(large=40, other=60)
    faint[120:180, 120:180] = 0.2
    assert np.array_equal(main_pieces(faint, 0.5), squares(large=40))
    near = squares(large=40)
    near[30:34, 62:66] = 1  # two pixels beside it
    assert np.array_equal(main_pieces(near, 0.5), near)
    apart = squares(large=40)
    apart[30:34, 68:72] = 1
    assert np.array_equal(main_pieces(apart, 0.5), squares(large=40))


@settings(max_examples=60)
@given(ALPHAS, st.floats(0, 1))
def test_nothing_is_added_and_the_largest_is_kept(alpha: np.ndarray, least: float) -> None:
    found = main_pieces(alpha, least)
    assert found.dtype == np.float32
    assert ((found == alpha) | (found == 0)).all()
    assert found.any() == alpha.any()
    assert np.array_equal(main_pieces(found, least), found)


def test_a_model_leaves_them_out_where_it_answers_as_it_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ClipMat(PRESETS["minimal"]).eval()
    with torch.no_grad():
        model.semantic_decoder.trimap.bias[1] = 50  # all is unknown, and has some alpha
    save(model, tmp_path, answering=Looks(least_piece=1.0))
    image = np.random.default_rng(0).integers(0, 256, (96, 160, 3), dtype=np.uint8)
    whole = load(tmp_path, Options("cpu")).alpha(image, "the cat")
    # So that what random weights say has pieces.
    monkeypatch.setattr(pieces, "FAINT", float(np.quantile(whole, 0.97)))
    matte = load(tmp_path, Options("cpu", looks="as-trained")).alpha(image, "the cat")
    assert np.array_equal(matte, main_pieces(whole, 1.0))
    assert matte.sum() < whole.sum()
