"""In which numbers a training computes, where the recipe leaves it to the device."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import torch

from refmatte_engine.errors import InputError

Precision = Literal["no", "bf16", "fp16"]
# What a CPU calls units that are faster in bf16. One that imitates it takes many times as long, and
# a Xeon with `avx512_bf16` alone took twice as long as in fp32 (linear layers and convolutions).
NATIVE = ("amx_bf16", "bf16")


def chosen(asked: Literal["auto"] | Precision, device: str) -> Precision:
    """The precision that is asked for, or the device's own ("cpu" or "cuda"). InputError for fp16
    on a CPU, where no gradient is scaled."""
    if asked == "fp16" and device == "cpu":
        raise InputError("precision: fp16", "needs a GPU", allowed="auto, bf16 or no on a CPU")
    if asked != "auto":
        return asked
    if device == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    return "bf16" if cpu_has_bf16() else "no"


def cpu_has_bf16() -> bool:
    """Whether this CPU is quicker in bf16 than in fp32."""
    capabilities: Mapping[str, Any] = getattr(
        torch.cpu, "get_capabilities", dict
    )()  # an older torch cannot say
    return any(capabilities.get(name) for name in NATIVE)
