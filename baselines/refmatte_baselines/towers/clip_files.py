"""CLIP's weights as others store them: open_clip's files, OpenAI's own, Hugging Face's folders."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from refmatte_engine.errors import InputError

# In the order in which they are looked for in a folder: ours, Hugging Face's, open_clip's.
FILES = (
    "model.safetensors",
    "pytorch_model.bin",
    "open_clip_model.safetensors",
    "open_clip_pytorch_model.bin",
)
KINDS = (
    "a CLIP as open_clip writes it (.pt, .bin, .safetensors), as OpenAI does (ViT-B-16.pt), or a "
    "folder of Hugging Face's CLIPModel"
)
STARTS = {
    b"\x89PNG": "a PNG",
    b"\xff\xd8\xff": "a JPEG",
    b"RIFF": "a WebP",
    b"GIF8": "a GIF",
    b"<!DO": "a web page",
    b"<htm": "a web page",
    b"vers": "a pointer of Git LFS, not the file itself",
    b"\x08": "an ONNX model",
}

# Of the text tower, where open_clip's names do not say so.
OF_TEXT = ("text_projection", "positional_embedding", "token_embedding", "transformer", "ln_final")

# Hugging Face's names → open_clip's; of each tower after its prefix.
TOWERS = {"vision_model.": "visual.", "text_model.": "text."}
NAMES = {
    "embeddings.class_embedding": "class_embedding",
    "embeddings.patch_embedding.weight": "conv1.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "pre_layrnorm.weight": "ln_pre.weight",
    "pre_layrnorm.bias": "ln_pre.bias",
    "post_layernorm.weight": "ln_post.weight",
    "post_layernorm.bias": "ln_post.bias",
    "final_layer_norm.weight": "ln_final.weight",
    "final_layer_norm.bias": "ln_final.bias",
}
LAYER = re.compile(r"encoder\.layers\.(\d+)\.(.+)\.(weight|bias)")
PARTS = {
    "self_attn.out_proj": "attn.out_proj",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}


def located(source: Path) -> Path | None:
    """The file of weights that a path names, itself or in a folder; None if there is none."""
    return next((each for each in (source, *(source / f for f in FILES)) if each.is_file()), None)


def read(file: Path) -> dict[str, Tensor]:
    """The tensors of a CLIP under `visual.…` and `text.…`, as open_clip's CustomTextCLIP has them;
    of a model of ours whatever else it has, too. Only tensors are taken: no code of a file is run.

    InputError for anything else, saying what it is.
    """
    try:
        if is_torchscript(file):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # torch says that its own format is old
                script = torch.jit.load(str(file), map_location="cpu")  # type: ignore[no-untyped-call]
            stored = script.state_dict()
            for other in ("input_resolution", "context_length", "vocab_size"):
                stored.pop(other, None)
            state = {name: tensor.float() for name, tensor in stored.items()}  # stored as float16
        else:
            state = tensors_in(file)
        if any(name.startswith(tuple(TOWERS)) for name in state):
            return from_hugging_face(state)
        if "text_projection" in state:  # of a CLIP whose text tower has no name of its own
            state = {f"text.{n}" if n.startswith(OF_TEXT) else n: t for n, t in state.items()}
        return {name.removeprefix("prompt."): tensor for name, tensor in state.items()}
    except Exception as error:  # torch, pickle, zip and safetensors each raise their own
        raise InputError(file, what_is_wrong(file, error), allowed=KINDS) from None


def tensors_in(file: Path) -> dict[str, Tensor]:
    """The tensors of a file of weights by its own names: of a training of open_clip without what
    goes round them. Raises what torch and safetensors raise."""
    if file.suffix == ".safetensors":
        return dict(load_file(file))
    stored = torch.load(file, map_location="cpu", weights_only=True)
    state: dict[str, Tensor] = stored.get("state_dict", stored)
    if next(iter(state)).startswith("module."):
        return {name.removeprefix("module."): tensor for name, tensor in state.items()}
    return dict(state)


def is_torchscript(file: Path) -> bool:
    """Whether a file is an archive of TorchScript, as OpenAI's are."""
    if not zipfile.is_zipfile(file):
        return False
    with zipfile.ZipFile(file) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def what_is_wrong(file: Path, error: Exception) -> str:
    """Why a file cannot be read as weights, in plain words."""
    with file.open("rb") as stream:
        start = stream.read(16)
    for magic, name in STARTS.items():
        if start.startswith(magic):
            return f"holds no weights: it is {name}"
    said = first_line(error)
    if not start:
        return "is empty"
    if "weights_only" in str(error):
        # Torch's advice is to switch off what keeps code from being run.
        if start.startswith((b"PK", b"\x80")):
            return "is not read: it holds Python objects, which may be code, not tensors alone"
        return "holds no weights"
    return f"cannot be read as weights: {said}"


def first_line(error: Exception) -> str:
    """The first line of what an error says, or its kind."""
    return (str(error) or type(error).__name__).splitlines()[0]


def from_hugging_face(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A CLIPModel's tensors (transformers) by open_clip's names. KeyError for one that no CLIP
    has."""
    found: dict[str, Tensor] = {}
    for name, tensor in state.items():
        tower = next((tower for tower in TOWERS if name.startswith(tower)), None)
        if tower is None:
            continue  # the heads of the contrastive loss, which are left out here
        rest, ours = name.removeprefix(tower), TOWERS[tower]
        if rest.endswith("position_ids"):
            continue
        layer = LAYER.fullmatch(rest)
        if layer is None:
            found[ours + NAMES[rest]] = tensor
            continue
        number, part, kind = layer.groups()
        block = f"{ours}transformer.resblocks.{number}."
        if part == "self_attn.q_proj":
            beside = (f"{name.replace('q_proj', each)}" for each in ("k_proj", "v_proj"))
            found[f"{block}attn.in_proj_{kind}"] = torch.cat([tensor, *(state[b] for b in beside)])
        elif part not in ("self_attn.k_proj", "self_attn.v_proj"):
            found[f"{block}{PARTS[part]}.{kind}"] = tensor
    return found
