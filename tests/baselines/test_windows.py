"""What is found in windows is what is found in the whole picture."""

from __future__ import annotations

import weakref
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from refmatte_baselines.clipmat.config import FORMAT_1, PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.towers.layers import resample
from refmatte_baselines.towers.refiner import Refiner
from refmatte_baselines.towers.windows import Window, cut, lazy, touched

torch.set_num_threads(1)

SIDE = st.integers(1, 90)


@settings(max_examples=60)
@given(SIDE, SIDE, SIDE, SIDE, st.data())
def test_a_window_is_resampled_as_the_whole_is(
    height: int, width: int, made_height: int, made_width: int, data: st.DataObject
) -> None:
    size, made = (height, width), (made_height, made_width)
    top, left = data.draw(st.integers(0, made[0] - 1)), data.draw(st.integers(0, made[1] - 1))
    bottom = data.draw(st.integers(top + 1, made[0]))
    window = Window(top, left, bottom, data.draw(st.integers(left + 1, made[1])))
    x = torch.rand(1, 2, *size)
    found = resample(lazy(x), made).at(0, window)  # type: ignore[attr-defined]
    torch.testing.assert_close(found, cut(resample(x, made), window), atol=1e-4, rtol=0)


@settings(max_examples=60)
@given(SIDE, SIDE, SIDE, SIDE, st.integers(1, 40), st.integers(0, 5), st.integers(0, 99))
def test_windows_hold_all_that_is_read_once(
    height: int, width: int, made_height: int, made_width: int, side: int, few: int, seed: int
) -> None:
    size, made = (height, width), (made_height, made_width)
    wanted = torch.zeros(made_height * made_width, dtype=torch.bool)
    wanted[torch.randint(len(wanted), (few,), generator=torch.Generator().manual_seed(seed))] = True
    wanted = wanted.view(made)
    windows = touched(wanted, size, side)
    x, held = torch.rand(1, 1, *size), torch.zeros(1, 1, *size)
    for window in windows:
        assert not cut(held, window).any()  # none overlaps another
        cut(held, window)[:] = cut(x, window)
    torch.testing.assert_close(resample(held, made)[0, 0][wanted], resample(x, made)[0, 0][wanted])
    assert bool(windows) == bool(few)
    assert all(window.clipped(size) == window for window in windows)


WIRINGS: dict[str, dict[str, Any]] = {
    "the figure's": {},
    "format 1": FORMAT_1,
    "guided": {"guided_details": True},
    "format 1, guided, refined": {**FORMAT_1, "guided_details": True, "refiner": True},
    "refined, the mean": {"refiner": True, "refiner_mean": True},
    "without details": {"details": False, "refiner": True},
}


def trained(model: ClipMat, image: torch.Tensor, tokens: torch.Tensor) -> ClipMat:
    """As after a training: no norm stands at its beginning, and the trimap says all three."""
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, torch.nn.BatchNorm2d):
                part.running_mean.uniform_(-0.1, 0.1)  # type: ignore[union-attr]
                part.running_var.uniform_(0.5, 2)  # type: ignore[union-attr]
        says = model.semantic_decoder.trimap
        says.bias.sub_(model.eval()(image, tokens).trimap.mean((0, 2, 3)))
    return model.requires_grad_(False)


@pytest.mark.parametrize("changes", WIRINGS.values(), ids=WIRINGS)
def test_an_answer_is_the_network_s(changes: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr("refmatte_baselines.towers.windows.SIDE_PX", 16)
    torch.manual_seed(0)
    model = ClipMat(PRESETS["minimal"].model_copy(update={"size": 150, **changes}))
    tokens = model.reader.tokens(["the red mug", "a dog"], "expression")
    for size in ((150, 97), (81, 203), (10, 13)):
        image = F.interpolate(torch.rand(1, 3, 9, 9), size, mode="bicubic").clamp(0, 1)
        model = trained(model, image, tokens)
        with torch.inference_mode():
            whole = model(image, tokens)
            found = model.answer(image, tokens, model.encode(image))
            assert torch.equal(found.trimap, whole.trimap)
            alpha = model.finished(image, found.alpha)
        torch.testing.assert_close(alpha, whole.alpha, atol=1e-4, rtol=0)
        unknown = (whole.trimap.argmax(1) == 1).float().mean()
        assert 0.01 < unknown < 0.99


@settings(max_examples=15)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 99))
def test_a_picture_is_refined_as_the_whole_is(height: int, width: int, seed: int) -> None:
    torch.manual_seed(seed)
    refiner = Refiner((8, 8, 8, 8, 8), 4).eval().requires_grad_(False)
    image, alpha = torch.rand(1, 3, height, width), torch.zeros(1, 1, height, width)
    spot = torch.randint(height, ()), torch.randint(width, ())
    alpha[..., spot[0] :, : spot[1]] = 1
    alpha[..., spot[0], spot[1]] = 0.5
    with pytest.MonkeyPatch.context() as patched, torch.inference_mode():
        patched.setattr("refmatte_baselines.towers.windows.SIDE_PX", 24)
        found = refiner(image, alpha, in_windows=True)
        sure = refiner(image, alpha.round(), in_windows=True)
    torch.testing.assert_close(found, refiner(image, alpha), atol=1e-4, rtol=0)
    assert torch.equal(sure, alpha.round())


def test_what_was_found_on_the_way_is_let_go_at_once() -> None:
    """Not only when Python looks for circles: maps are large."""
    x = torch.rand(1, 3, 40, 40)
    made = torch.relu(
        resample(F.conv2d(lazy(x), torch.rand(2, 3, 3, 3), None, (1, 1), (1, 1)), (20, 20))
    )
    kept = weakref.ref(made)
    del made
    assert kept() is None
