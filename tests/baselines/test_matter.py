"""Mattes from Python."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch

from refmatte_baselines import Matter
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.predictor import Answer
from refmatte_baselines.weights import save
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from tests.conftest import landscape
from tests.support.nets import red_finder

PICTURE = landscape(3, (50, 70))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    model = ClipMat(PRESETS["minimal"])
    with torch.no_grad():
        model.semantic_decoder.trimap.weight.mul_(20)
    return save(model, tmp_path_factory.mktemp("model"))


def test_a_call_says_what_matte_says(folder: Path, tmp_path: Path) -> None:
    matter = Matter(folder, device="cpu")
    alpha, present, score = matter(PICTURE, "the mug")
    assert np.array_equal(alpha, matter.predictor.alpha(PICTURE, "the mug"))
    assert (present, score) == (alpha.max() >= 0.5, float(alpha.max()))
    (tmp_path / "photo.png").write_bytes(image_io.encode_png(PICTURE))
    assert np.array_equal(matter(tmp_path / "photo.png", "the mug").alpha, alpha)
    named = matter(str(tmp_path / "photo.png"), "mug", keyword=True).alpha
    assert np.array_equal(named, matter.predictor.alpha(PICTURE, "mug", "keyword"))
    for wrong in (PICTURE / 255, PICTURE[..., 0], PICTURE[:0]):
        with pytest.raises(InputError, match="cannot be matted; allowed: uint8 H×W×3"):
            matter(wrong, "mug")
    with pytest.raises(InputError, match="text: is empty"):
        matter(PICTURE, " ")
    net = red_finder(tmp_path / "modnet.onnx", (1, 3, 64, 64))
    assert "cut with" in Matter(folder, cut_with=net, device="cpu").predictor.receipt


@pytest.mark.parametrize(
    ("alpha", "presence", "expected"),
    [
        (0.9, None, (True, 0.9, "")),
        (0.31, None, (False, 0.31, "alpha is at most 0.31")),
        (0.9, 0.07, (False, 0.07, "0.93 sure")),
        (0.9, 0.8, (True, 0.8, "")),
        # It is there, but nothing is seen of it.
        (0.31, 0.8, (True, 0.8, "alpha is at most 0.31")),
        (0.5, 0.5, (True, 0.5, "")),
    ],
)
def test_what_a_model_says_of_presence_counts(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    alpha: float,
    presence: float | None,
    expected: tuple[bool, float, str],
) -> None:
    said = Answer(np.full((2, 2), alpha, np.float32), np.zeros((2, 2), np.uint8), presence)
    assert (said.present, said.score, said.doubt) == (
        expected[0],
        pytest.approx(expected[1]),
        expected[2],
    )
    matter = Matter(folder, device="cpu")
    monkeypatch.setattr(matter.predictor, "answer", lambda *_: said)
    assert matter(PICTURE, "mug")[1:] == (said.present, said.score)


def test_several_threads_get_what_one_gets(folder: Path) -> None:
    matter = Matter(folder, device="cpu")
    texts = [f"the {color} mug" for color in ("red", "blue", "green", "black")] * 3
    expected = [matter(PICTURE, text).alpha for text in texts]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda text: matter(PICTURE, text).alpha, texts))
    assert all(map(np.array_equal, found, expected))


def test_the_package_is_imported_without_torch() -> None:
    code = "import sys; from refmatte_baselines import Matter; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
