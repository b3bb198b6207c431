"""CLIPMat, the baseline of "Referring Image Matting" (arXiv 2206.05149): image + text → alpha."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from refmatte_baselines.clipmat.checkpoint import export_onnx, from_pretrained, save
    from refmatte_baselines.clipmat.config import PRESETS, ClipMatConfig, TextTower
    from refmatte_baselines.clipmat.loss import losses
    from refmatte_baselines.clipmat.model import ClipMat, Output, fuse

__all__ = [
    "PRESETS",
    "ClipMat",
    "ClipMatConfig",
    "Output",
    "TextTower",
    "export_onnx",
    "from_pretrained",
    "fuse",
    "losses",
    "save",
]

_HOMES = {
    "checkpoint": ("export_onnx", "from_pretrained", "save"),
    "config": ("PRESETS", "ClipMatConfig", "TextTower"),
    "loss": ("losses",),
    "model": ("ClipMat", "Output", "fuse"),
}


def __getattr__(name: str) -> Any:
    # Imported when first asked for: what a model is made of can be read without torch.
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
