"""A model on disk: a folder with `config.json` and `model.safetensors`, which hold no code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor, nn

from refmatte_baselines.checkpoints import CONFIG, FORMAT, HOW, WEIGHTS, located, read_header
from refmatte_baselines.clipmat.config import FORMAT_1, ClipMatConfig
from refmatte_baselines.clipmat.encoders import fill, read_weights
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_engine.config.strict_yaml import parse
from refmatte_engine.errors import InputError, RefMatteError, needs
from refmatte_engine.storage.files import write_whole

IMAGE_TOWER = "visual."


def save(
    model: ClipMat,
    folder: Path,
    *,
    dtype: torch.dtype = torch.float32,
    completed_by: str | None = None,
    knows: str = "",
    about: dict[str, Any] | None = None,
) -> Path:
    """Writes the model into `folder` and returns it; floating-point tensors as `dtype`.

    With `completed_by` (a tag of open_clip or a file) the image tower, which must be frozen, is
    left out, and loading takes it from there. `knows` says in a line what it has learnt to see,
    for whoever uses it; `about` is kept beside the config (JSON).
    RefMatteError if a weight is not finite.
    """
    if completed_by and "image" not in model.config.frozen:
        raise InputError(
            f"completed_by {completed_by!r}", "needs a frozen image tower; this one has learnt"
        )
    tensors = {
        name: (tensor.to(dtype) if tensor.is_floating_point() else tensor).cpu().contiguous()
        for name, tensor in model.state_dict().items()
        if not completed_by or not name.startswith(IMAGE_TOWER)
    }
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise RefMatteError(folder, f"is not written: {name} has values that are not finite")
    write_whole(folder / WEIGHTS, serialise(tensors))
    config = model.config.model_dump(mode="json", by_alias=True)
    if config["pretrained"]:
        config["pretrained"] = Path(config["pretrained"]).name  # no folders of this machine
    header = {"format": FORMAT, "completed_by": completed_by, "knows": knows, "model": config}
    text = json.dumps({**header, "about": about or {}}, indent=2)
    write_whole(folder / CONFIG, f"{text}\n".encode())
    return folder


def from_pretrained(folder: Path | str, *, image_tower: str | None = None) -> ClipMat:
    """The model in `folder`, or a bundled one by its name: float32, on the CPU, for evaluation.

    `image_tower` (a tag of open_clip or a local file) completes a checkpoint that was stored
    without one; by default what it names itself. InputError for anything that is not there, not
    a checkpoint, or does not fit.
    """
    folder = located(folder)
    header = read_header(folder)
    if image_tower and not header["completed_by"]:
        raise InputError(folder, "has its own image tower", todo="leave out the other one")
    config = read_config(folder)
    model = ClipMat(config, pretrained=False)
    tensors = _tensors(folder / WEIGHTS)
    if header["completed_by"]:
        source = image_tower or str(header["completed_by"])
        tower = read_weights(config.encoder, source)
        fill(model.visual, tower, IMAGE_TOWER, source)
        tensors |= {IMAGE_TOWER + name: own for name, own in model.visual.state_dict().items()}
    surplus = tensors.keys() - model.state_dict().keys()
    if surplus:
        raise InputError(
            folder / WEIGHTS, f"has {min(surplus)}, which its {CONFIG} has no place for"
        )
    fill(model, tensors, "", folder / WEIGHTS)
    return model.eval()


def read_config(folder: Path) -> ClipMatConfig:
    """What the model in `folder` is made of. InputError for anything that is no checkpoint."""
    header = read_header(folder)
    model = header.get("model")
    if header["format"] == 1 and isinstance(model, dict):
        model = {**FORMAT_1, **model}
    return parse(ClipMatConfig, model, folder / CONFIG)


def digest(model: ClipMat) -> str:
    """A hash of a model's config and weights, as they are in memory."""
    config = model.config.model_dump_json(exclude={"pretrained"}, by_alias=True)
    found = hashlib.blake2b(config.encode(), digest_size=16)
    for name, tensor in sorted(model.state_dict().items()):
        found.update(name.encode())
        values = tensor.detach().cpu().contiguous().view(-1)
        found.update(values.view(torch.uint8).numpy())
    return found.hexdigest()


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError) as error:
        raise InputError(path, f"cannot be read: {error}", todo=HOW) from None
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise InputError(path, f"{name} has values that are not finite", todo="train again")
    return tensors


class _AlphaOnly(nn.Module):
    def __init__(self, model: ClipMat) -> None:
        super().__init__()
        self.model = model

    def forward(self, image: Tensor, tokens: Tensor) -> Tensor:
        alpha: Tensor = self.model(image, tokens).alpha
        return alpha


def export_onnx(model: ClipMat, file: Path, size_hw: tuple[int, int]) -> Path:
    """Writes the model for one image size as ONNX and returns the file.

    Inputs: `image` float32 1×3×H×W in [0, 1], and `tokens` int64 1×L from `model.prompt.tokens(…,
    length=L)`, L the encoder's context length. Output: `alpha` float32 1×1×H×W,
    with the pieces that `least_piece` leaves out.
    MissingExtra without onnx and onnxscript.
    """
    with needs("onnx", "export to ONNX"):
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    tokens = model.prompt.tokens(["thing"], "expression", length=model.prompt.text.context_length)
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
