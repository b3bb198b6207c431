"""CLIPMat, the baseline of "Referring Image Matting" (arXiv 2206.05149): image + text → alpha."""

from .checkpoint import export_onnx, from_pretrained, save
from .config import PRESETS, ClipMatConfig, Form, TextTower
from .loss import band_width, losses, trimap_truth
from .model import ClipMat, Output, fuse
from .rates import parameter_groups

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
