"""A model on disk: a folder with `config.json` and `model.safetensors`, which hold no code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor

from refmatte_baselines import kinds
from refmatte_baselines.checkpoints import (
    CONFIG,
    FORMAT,
    HOW,
    WEIGHTS,
    kind_of,
    located,
    read_header,
)
from refmatte_baselines.looks import ONCE, Looks
from refmatte_baselines.towers.config import TowersConfig
from refmatte_baselines.towers.encoders import fill, read_weights
from refmatte_baselines.towers.network import Network
from refmatte_engine.config.strict_yaml import parse
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.storage.files import write_whole

IMAGE_TOWER = "visual."


def save(
    model: Network,
    folder: Path,
    *,
    dtype: torch.dtype = torch.float32,
    completed_by: str | None = None,
    knows: str = "",
    answering: Looks = ONCE,
    about: dict[str, Any] | None = None,
) -> Path:
    """Writes the model into `folder` and returns it; floating-point tensors as `dtype`.

    With `completed_by` (a tag of open_clip or a file) the image tower, which must be frozen, is
    left out, and loading takes it from there. `knows` says in a line what it has learnt to see,
    for whoever uses it, and `answering` how it looks where it is measured; `about` is kept beside
    the config (JSON).
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
    header = {
        "format": FORMAT,
        "kind": model.config.kind,
        "completed_by": completed_by,
        "knows": knows,
        "answering": answering.model_dump(mode="json"),
        "model": config,
        "about": about or {},
    }
    text = json.dumps(header, indent=2)
    write_whole(folder / CONFIG, f"{text}\n".encode())
    return folder


def from_pretrained(folder: Path | str, *, image_tower: str | None = None) -> Network:
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
    model = kinds.network(config, pretrained=False)
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


def read_config(folder: Path) -> TowersConfig:
    """What the model in `folder` is made of. InputError for anything that is no checkpoint."""
    header, known = read_header(folder), kinds.described(kind_of(folder)).CONFIG
    stored = header.get("model")
    if isinstance(stored, dict):
        stored = known.of_format(header["format"], stored)
    return parse(known, stored, folder / CONFIG)


def digest(model: Network) -> str:
    """A hash of a model's config and weights, as they are in memory."""
    config = model.config.model_dump_json(exclude={"pretrained"})
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
