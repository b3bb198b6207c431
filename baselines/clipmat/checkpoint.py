"""A model on disk: a folder with `config.json` and `model.safetensors`, which hold no code."""

from __future__ import annotations

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor, nn

from refmatte_engine.config import parse
from refmatte_engine.errors import InputError, MissingExtra, RefMatteError, listed
from refmatte_engine.shards import write_whole

from .config import ClipMatConfig
from .encoders import HERE, WEIGHTS, fill, read_weights
from .model import ClipMat

CONFIG = "config.json"
FORMAT = 1
KEYS = ("format", "completed_by", "model", "about")
IMAGE_TOWER = "visual."
SHIPPED = ("tiny", "b16")
HOW = "give the folder of a checkpoint, tiny or b16; or make one with `refmatte train`"


def save(
    model: ClipMat,
    folder: Path,
    *,
    dtype: torch.dtype = torch.float32,
    completed_by: str | None = None,
    about: dict[str, Any] | None = None,
) -> Path:
    """Writes the model into `folder` and returns it; floating-point tensors as `dtype`.

    With `completed_by` (a tag of open_clip or a file) the image tower, which must be frozen, is
    left out, and loading takes it from there. `about` is kept beside the config (JSON).
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
    config = model.config.model_dump(mode="json")
    if config["pretrained"]:
        config["pretrained"] = Path(config["pretrained"]).name  # no folders of this machine
    header = {"format": FORMAT, "completed_by": completed_by, "model": config}
    text = json.dumps({**header, "about": about or {}}, indent=2)
    write_whole(folder / CONFIG, f"{text}\n".encode())
    return folder


def from_pretrained(folder: Path | str, *, image_tower: str | None = None) -> ClipMat:
    """The model in `folder` (or of a name in SHIPPED), float32, on the CPU, in evaluation mode.

    `image_tower` (a tag of open_clip or a local file) completes a checkpoint that was stored
    without one; by default what it names itself. InputError for anything that is not there, not
    a checkpoint, or does not fit.
    """
    folder = located(folder)
    header = read_header(folder)
    if image_tower and not header["completed_by"]:
        raise InputError(folder, "has its own image tower", todo="leave out the other one")
    config = parse(ClipMatConfig, header.get("model"), folder / CONFIG)
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


def digest(model: ClipMat) -> str:
    """A hash of a model's config and weights, as they are in memory."""
    config = model.config.model_dump_json(exclude={"pretrained"})
    found = hashlib.blake2b(config.encode(), digest_size=16)
    for name, tensor in sorted(model.state_dict().items()):
        found.update(name.encode())
        values = tensor.detach().cpu().contiguous().view(-1)
        found.update(values.view(torch.uint8).numpy())
    return found.hexdigest()


def located(checkpoint: Path | str | None) -> Path:
    """The folder of a checkpoint: one that is there, or one that comes along, by its name; None is
    the small one. InputError if there is no such folder."""
    folder = Path(checkpoint or SHIPPED[0])
    if str(folder) in SHIPPED and not (folder / CONFIG).is_file():
        folder = HERE / folder
        if not (folder / CONFIG).is_file():
            raise InputError(
                folder, "is missing: this installation comes without a model", todo=HOW
            )
    return folder


def read_header(folder: Path) -> dict[str, Any]:
    """What `save` wrote beside the weights. InputError for anything else."""
    path = folder / CONFIG
    try:
        header = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}", todo=HOW) from None
    except (ValueError, RecursionError):
        raise InputError(path, "is not JSON", todo=HOW) from None
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise InputError(
            path, "is not the config of a CLIPMat", allowed=f"format {FORMAT}", todo=HOW
        )
    if surplus := header.keys() - KEYS:
        raise InputError(path, f"unknown key {min(surplus)!r}", allowed=listed(KEYS))
    return {"completed_by": None, "about": {}, **header}


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
    for module in ("onnx", "onnxscript"):
        if find_spec(module) is None:
            raise MissingExtra(module, "onnx", "export to ONNX")
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
