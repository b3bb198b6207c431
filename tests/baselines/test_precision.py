"""In which numbers a training computes."""

from __future__ import annotations

import pytest
import torch

from refmatte_baselines.training import precision
from refmatte_engine.errors import InputError


@pytest.mark.parametrize(
    ("there", "expected"),
    [({"avx2": True}, "no"), ({"avx512_bf16": True}, "no"), ({"amx_bf16": True}, "bf16")],
)
def test_bf16_only_where_the_cpu_is_quicker_in_it(
    there: dict[str, bool], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: there, raising=False)
    assert precision.chosen("auto", "cpu") == expected
    assert precision.chosen("bf16", "cpu") == "bf16"  # whoever asks for it gets it


def test_a_torch_that_cannot_say_what_the_cpu_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert precision.chosen("auto", "cpu") == "no"


@pytest.mark.parametrize(("has", "expected"), [(True, "bf16"), (False, "fp16")])
def test_a_gpu_always_has_one_of_both(
    has: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: has)
    assert precision.chosen("auto", "cuda") == expected


def test_fp16_is_not_for_a_cpu() -> None:
    with pytest.raises(InputError, match="needs a GPU; allowed: auto, bf16 or no on a CPU"):
        precision.chosen("fp16", "cpu")
