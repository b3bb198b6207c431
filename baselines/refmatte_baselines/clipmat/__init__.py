"""CLIPMat, the baseline of "Referring Image Matting" (arXiv 2206.05149): image + text → alpha."""

from refmatte_baselines.clipmat.checkpoint import export_onnx, from_pretrained, save
from refmatte_baselines.clipmat.config import PRESETS, ClipMatConfig, Form, TextTower
from refmatte_baselines.clipmat.loss import band_width, losses, trimap_truth
from refmatte_baselines.clipmat.model import ClipMat, Output, fuse
from refmatte_baselines.clipmat.parameter_groups import parameter_groups

__all__ = [
    "PRESETS",
    "ClipMat",
    "ClipMatConfig",
    "Form",
    "Output",
    "TextTower",
    "band_width",
    "export_onnx",
    "from_pretrained",
    "fuse",
    "losses",
    "parameter_groups",
    "save",
    "trimap_truth",
]
