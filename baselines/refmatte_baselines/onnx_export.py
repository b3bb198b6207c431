"""A model as an ONNX file."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from refmatte_baselines.towers.network import Network
from refmatte_engine.errors import needs


class _AlphaOnly(nn.Module):
    def __init__(self, model: Network) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor, tokens: Tensor) -> Tensor:
        alpha: Tensor = self.model(image, tokens).alpha
        return alpha


def export_onnx(model: Network, file: Path, size_hw: tuple[int, int]) -> Path:
    """Writes the model for one image size as ONNX and returns the file.

    Inputs: `image` float32 1×3×H×W in [0, 1], and `tokens` int64 1×L from `model.reader.tokens(…,
    length=L)`, L the encoder's context length. Output: `alpha` float32 1×1×H×W.
    MissingExtra without onnx and onnxscript.
    """
    with needs("onnx", "export to ONNX"):
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    reader = model.reader
    tokens = reader.tokens(["thing"], "expression", length=reader.context_length)
    example = (torch.rand(1, 3, *size_hw), tokens)
    training = model.training
    torch.onnx.export(
        _AlphaOnly(model).eval(),
        example,
        file,
        input_names=["image", "tokens"],
        output_names=["alpha"],
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    model.train(training)
    return file
