"""The weights that CLIPSeg's authors have released, as a model of ours.

They are read from a file as `transformers` names its tensors (`CIDAS/clipseg-rd64-refined`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from refmatte_baselines.clipseg.config import PRESETS, ClipSegConfig
from refmatte_baselines.clipseg.model import ClipSeg
from refmatte_baselines.towers import clip_files
from refmatte_baselines.towers.encoders import fill
from refmatte_baselines.towers.network import MEAN, STD
from refmatte_engine.errors import InputError

FILES = ("model.safetensors", "pytorch_model.bin")
RELEASED = PRESETS["clipseg_b16"].model_copy(
    update={"pretrained": None, "size": 352, "template": "a photo of a {}.", "drawn_templates": ()}
)
"""The released models: they were asked with this template, at this size."""
SEEN_MEAN, SEEN_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # to which they were used

TEXT, IMAGE = "clip.text_model.", "clip.vision_model."
NAMES = {
    f"{IMAGE}embeddings.class_embedding": "visual.class_embedding",
    f"{IMAGE}embeddings.patch_embedding.weight": "visual.conv1.weight",
    f"{IMAGE}embeddings.position_embedding.weight": "visual.positional_embedding",
    f"{IMAGE}pre_layrnorm.": "visual.ln_pre.",
    f"{TEXT}embeddings.token_embedding.weight": "prompt.text.token_embedding.weight",
    f"{TEXT}embeddings.position_embedding.weight": "prompt.text.positional_embedding",
    f"{TEXT}final_layer_norm.": "condition.0.",
    "clip.text_projection.": "condition.1.",
    "decoder.film_": "decoder.film_",
    "decoder.reduces.": "decoder.reduces.",
    "decoder.transposed_convolution.": "decoder.upsampling.",
}
STACKS = {
    f"{IMAGE}encoder.layers.": "visual.transformer.resblocks.",
    f"{TEXT}encoder.layers.": "prompt.text.transformer.resblocks.",
    "decoder.layers.": "decoder.layers.",
}
CLIP_BLOCK = {"self_attn": "attn", "layer_norm1": "ln_1", "layer_norm2": "ln_2"} | {
    "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"
}  # fmt: skip
OWN_BLOCK = {"self_attn": "self_attn", "layer_norm1": "norm1", "layer_norm2": "norm2"} | {
    "mlp.fc1": "linear1", "mlp.fc2": "linear2"
}  # fmt: skip
# What plays no part in answering a text; and buffers of older files.
UNUSED = (
    "clip.logit_scale",
    "clip.visual_projection.",
    f"{IMAGE}post_layernorm.",
    f"{IMAGE}embeddings.position_ids",
    f"{TEXT}embeddings.position_ids",
)


def released(source: Path | str, config: ClipSegConfig = RELEASED) -> ClipSeg:
    """The model in a file of weights, or in the folder that it is in: float32, for evaluation.

    `config` may name other encoders; which upsampling it has is seen in the file. InputError for a
    file that cannot be read, or is of something else.
    """
    place = Path(source)
    file = next((place / name for name in FILES if (place / name).is_file()), place)
    try:
        state = clip_files.tensors_in(file)
    except Exception as error:  # torch, pickle, zip and safetensors each raise their own
        why = (str(error) or type(error).__name__).splitlines()[0]
        raise InputError(
            file,
            f"cannot be read as weights: {why}",
            allowed=f"CLIPSeg's, as transformers keeps them, or a folder with {FILES[0]}",
        ) from None
    if "decoder.film_mul.weight" not in state:
        raise InputError(
            file,
            "holds no CLIPSeg as transformers names it: decoder.film_mul.weight is missing",
            allowed="the file of CIDAS/clipseg-rd64-refined, or of another of theirs",
        )
    is_single = "decoder.transposed_convolution.weight" in state
    model = ClipSeg(
        config.model_copy(update={"upsampling": "single" if is_single else "refined"}),
        pretrained=False,
    )
    tensors = named_as_ours(state)
    tensors["prompt.context"] = model.prompt.context.detach()
    fill(model, tensors, "", file)
    if surplus := tensors.keys() - model.state_dict().keys():
        raise InputError(file, f"has {min(surplus)}, for which the configuration has no place")
    _see_as_clip(model)
    return model.eval()


def named_as_ours(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Their tensors by the names of `ClipSeg`; queries, keys and values are one matrix here. One
    that is not known keeps its name."""
    found: dict[str, Tensor] = {}
    joined: dict[str, dict[str, Tensor]] = {}
    for name, tensor in state.items():
        if name.startswith(UNUSED):
            continue
        ours = _name(name)
        block, _, end = ours.rpartition(".")
        if block.endswith(("q_proj", "k_proj", "v_proj")):
            whole, _, which = block.rpartition(".")
            joined.setdefault(f"{whole}.in_proj_{end}", {})[which] = tensor
        else:
            found[ours] = tensor
    for name, three in joined.items():
        parts = sorted(three, key=lambda part: "qkv".index(part[0]))
        found[name] = torch.cat([three[part] for part in parts])
    return found


def _name(theirs: str) -> str:
    for prefix, ours in NAMES.items():
        if theirs.startswith(prefix):
            return ours + theirs.removeprefix(prefix)
    for prefix, ours in STACKS.items():
        if theirs.startswith(prefix):
            number, _, rest = theirs.removeprefix(prefix).partition(".")
            names = OWN_BLOCK if ours == "decoder.layers." else CLIP_BLOCK
            for part, own in names.items():
                if rest.startswith(part + "."):
                    return f"{ours}{number}.{own}{rest.removeprefix(part)}"
    return theirs


@torch.no_grad()
def _see_as_clip(model: ClipSeg) -> None:
    """Images come normalised as for CLIP; what these weights were used to is that times `scale` and
    moved by `shift`, for each colour. The first goes into the patches' weights, and the second, the
    same for every patch, into the positions."""
    mean, std, seen_mean, seen_std = map(torch.tensor, (MEAN, STD, SEEN_MEAN, SEEN_STD))
    scale, shift = std / seen_std, (mean - seen_mean) / seen_std
    patches = model.visual.conv1.weight  # D_v×3×P×P
    model.visual.positional_embedding[1:] += torch.einsum("dchw,c->d", patches, shift)
    patches *= scale[:, None, None]
