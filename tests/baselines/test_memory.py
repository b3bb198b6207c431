"""Where memory runs out, what may be lowered is said, whoever ran out of it."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest
import torch

from refmatte_baselines.answering import Predictor
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.looks import Looks
from refmatte_baselines.memory import enough_for
from refmatte_baselines.predictor import Options
from refmatte_baselines.weights import save
from refmatte_engine.errors import RefMatteError

FAR_TOO_MUCH = 10**15


def torch_s() -> None:
    torch.empty(FAR_TOO_MUCH)


def numpy_s() -> None:
    np.empty((FAR_TOO_MUCH, 100))


def a_gpu_s() -> NoReturn:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")


@pytest.mark.parametrize("run_out", [torch_s, numpy_s, a_gpu_s])
def test_what_may_be_lowered_is_said(run_out: object) -> None:
    with (
        pytest.raises(RefMatteError, match=r"^cpu: has too little memory; lower this; or that$"),
        enough_for("cpu", "lower this", "that"),
    ):
        run_out()  # type: ignore[operator]


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="must match"), enough_for("cpu", "that"):
        torch.zeros(2) + torch.zeros(3)


def test_an_answer_that_does_not_fit(tmp_path: Path) -> None:
    save(ClipMat(PRESETS["minimal"]), tmp_path / "model", answering=Looks(sizes=(96,)))
    predictor = Predictor(tmp_path / "model", Options("cpu", looks="as-trained"))
    predictor.model.encode = lambda *_, **__: torch_s()  # type: ignore[assignment, method-assign]
    with pytest.raises(RefMatteError) as told:
        predictor.alpha(np.zeros((40, 60, 3), np.uint8), "mug")
    assert str(told.value) == (
        "cpu: has too little memory; lower the long side (--long-side) below 96 px; "
        "or have it look once (--looks one); or give a smaller picture"
    )
