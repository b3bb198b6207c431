"""CLIP's image and text encoders as open_clip describes them: any input size, and no contrastive
heads. open_clip itself is loaded for nothing but its list of weights."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines import image_tower
from refmatte_baselines.checkpoints import CONFIG, SHIPPED, WEIGHTS, bundled
from refmatte_baselines.towers import clip_files, convolutional
from refmatte_baselines.towers.clip import QuickGELU, TextTransformer, VisionTransformer
from refmatte_baselines.towers.config import TowersConfig
from refmatte_baselines.towers.tokenizer import open_clip_folder
from refmatte_engine.errors import InputError, listed, nearest

GROUPS = 4
# PyTorch's short way through attention writes all (N+1)² weights down. At 1,700 tokens it takes
# twice as long as the other, which answers the same.
torch.backends.mha.set_fastpath_enabled(False)

# In open_clip's own format. The vocabulary is CLIP's, whose tokenizer comes with open_clip.
SMALL: dict[str, dict[str, Any]] = {
    "tiny": {
        "embed_dim": 128,
        "vision_cfg": {"image_size": 384, "layers": 6, "width": 192, "head_width": 32},
        "text_cfg": {"width": 128, "heads": 4, "layers": 4},
    },
    "minimal": {
        "embed_dim": 32,
        "vision_cfg": {"image_size": 64, "layers": 4, "width": 64, "head_width": 32},
        "text_cfg": {"width": 32, "heads": 2, "layers": 1},
    },
}


def build(config: TowersConfig) -> tuple[VisionTransformer, TextTransformer]:
    """The two encoders with random weights, ending where their transformers end.

    InputError for an encoder that open_clip does not have, or that is no plain ViT.
    """
    if config.encoder == convolutional.NAME:
        if config.kind != "mdetr":
            raise InputError(config.encoder, "is for MDETR alone", allowed=_GOOD)
        offered = convolutional.ResNet(), convolutional.Roberta()
        return cast(tuple[VisionTransformer, TextTransformer], offered)
    settings = _settings(config.encoder)
    activation = QuickGELU if settings.get("quick_gelu") else nn.GELU
    text_cfg = settings["text_cfg"] | (config.text.model_dump() if config.text else {})
    try:
        visual = VisionTransformer(settings["embed_dim"], activation, **settings["vision_cfg"])
        text = TextTransformer(settings["embed_dim"], activation, **text_cfg)
    except TypeError:  # a setting that CLIP's own ViTs do not have
        raise InputError(config.encoder, "is not a ViT as CLIP has it", allowed=_GOOD) from None
    except (RuntimeError, ValueError, AssertionError) as error:
        raise InputError(config.encoder, f"cannot be built: {error}", allowed=_GOOD) from None
    if config.stem == "convolutions":
        visual.conv1 = ConvolutionStem(visual.positional_embedding.shape[1], visual.patch_size[0])
    return visual, text


class ConvolutionStem(nn.Sequential):
    """Patches → tokens in halvings of 3×3 convolutions rather than in one step, the later ones with
    residual blocks behind them; from random weights it learns far sooner. Source: Xiao et al.,
    Early convolutions help transformers see better; the blocks are a ResNet's (house rule).

    B×3×H×W → B×D_v×H/P×W/P, for a patch P that is a power of two.
    """

    def __init__(self, width: int, patch: int) -> None:
        steps = patch.bit_length() - 1
        if patch != 1 << steps:
            raise InputError(f"patch {patch}", "cannot be halved down to 1", todo="stem: patch")
        widths = [3, *(max(8, width >> (steps - 1 - step)) for step in range(steps))]
        layers: list[nn.Module] = []
        for step, (a, b) in enumerate(pairwise(widths)):
            conv = nn.Conv2d(a, b, 3, stride=2, padding=1, bias=False)
            layers += [conv, nn.BatchNorm2d(b), nn.ReLU()]
            layers += [ResidualBlock(b) for _ in range(min(step, 2))]
        super().__init__(*layers, nn.Conv2d(widths[-1], width, 1))
        self.out_channels = width


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions beside what goes in; starts nearly as if it were not there."""

    def __init__(self, width: int) -> None:
        super().__init__()
        last = nn.BatchNorm2d(width)
        nn.init.constant_(last.weight, 0.2)
        self.block = nn.Sequential(
            *(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()),
            *(nn.Conv2d(width, width, 3, padding=1, bias=False), last),
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.block(x))


_GOOD = "tiny, ViT-B-16-quickgelu, ViT-L-14-quickgelu, or another plain ViT of open_clip"


def _settings(encoder: str) -> dict[str, Any]:
    """An encoder's settings in open_clip's format. InputError if it has none."""
    if encoder == convolutional.NAME:
        patch, length = convolutional.PATCH, convolutional.CONTEXT_LENGTH
        return {"vision_cfg": {"patch_size": patch}, "text_cfg": {"context_length": length}}
    if encoder in SMALL:
        return deepcopy(SMALL[encoder])
    known = {file.stem: file for file in (open_clip_folder() / "model_configs").glob("*.json")}
    if encoder not in known:
        hint = nearest(encoder, [*SMALL, *known])
        raise InputError(encoder, "is no encoder of open_clip", allowed=_GOOD, todo=hint)
    return dict(json.loads(known[encoder].read_text("utf-8")))


def context_length(config: TowersConfig) -> int:
    """How many tokens the text encoder reads, without building it."""
    known = _settings(config.encoder)["text_cfg"]
    return int(known.get("context_length", 77))


def embedding_width(config: TowersConfig) -> int:
    """The width E in which CLIP compares images and texts, without building the encoders."""
    return int(_settings(config.encoder)["embed_dim"])


def patch(config: TowersConfig) -> int:
    """The side P of a patch in px, without building the encoder."""
    return int(_settings(config.encoder)["vision_cfg"].get("patch_size", 16))


def read_weights(encoder: str, source: str) -> dict[str, Tensor]:
    """The tensors of a CLIP checkpoint under `visual.…` and `text.…`; `source` is a tag, a file or
    folder (see `clip_files`), or a model of ours whose encoders are wanted: its folder, or the name
    of one that comes along.

    InputError for an unknown tag, one trained with another activation, or an unreadable file.
    """
    if encoder == convolutional.NAME and not (Path(source) / CONFIG).is_file():
        problem = f"has no weights for the encoder {encoder}, which begins from random ones"
        allowed = "the folder of a model of ours on that encoder, or nothing"
        raise InputError(f"pretrained: {source}", problem, allowed=allowed)
    file = clip_files.located(Path(source))
    file = file or (bundled(source, WEIGHTS) if source in SHIPPED else None)
    file = file or image_tower.here(encoder, source)
    return clip_files.read(file or _download(encoder, source))


def _download(encoder: str, tag: str) -> Path:
    import open_clip  # ten seconds, before a download

    tags = open_clip.list_pretrained_tags_by_model(encoder)
    known = open_clip.get_pretrained_cfg(encoder, tag)
    if not known:
        raise InputError(
            tag,
            f"is neither a file nor a tag of {encoder}",
            allowed=listed(tags) or "a local checkpoint file",
            todo=nearest(tag, tags),
        )
    if bool(known.get("quick_gelu")) != bool(_settings(encoder).get("quick_gelu")):
        plain = encoder.removesuffix("-quickgelu")
        other = plain if encoder != plain else f"{plain}-quickgelu"
        raise InputError(
            tag, f"was trained with another activation than {encoder}", todo=f"encoder: {other}"
        )
    try:
        return Path(open_clip.download_pretrained(known))
    except Exception as error:  # whatever the network or the hub's client says
        raise InputError(
            f"{encoder} {tag}",
            f"cannot be downloaded: {clip_files.first_line(error)}",
            todo="give a local open_clip checkpoint: --image-tower, or a recipe's `pretrained`",
        ) from None


def fill(tower: nn.Module, weights: Mapping[str, Tensor], prefix: str, where: object) -> None:
    """Loads the tensors named `prefix` + name into all of `tower`; others are left aside.

    InputError if one is missing or has another shape.
    """
    for name, own in tower.state_dict().items():
        found = weights.get(prefix + name)
        if found is None or found.shape != own.shape:
            shape = "×".join(map(str, own.shape))
            has = "no" if found is None else f"{'×'.join(map(str, found.shape))} for"
            raise InputError(
                where,
                f"has {has} {prefix}{name}, which must be {shape}",
                todo="give a checkpoint of the encoder that the configuration names",
            )
    tower.load_state_dict({name: weights[prefix + name] for name in tower.state_dict()})


def encode_image(
    visual: VisionTransformer | convolutional.ResNet,
    image: Tensor,
    blocks: Sequence[int] | None = None,
) -> list[Tensor]:
    """The tokens after each of these blocks, numbered from 0 and rising; None: after each of four
    equal groups of them. No block after the last of these is computed.

    `image` is B×3×H×W, normalised, H and W multiples of the patch P; each result is
    B×(N+1)×D_v with N = H/P · W/P, the class token first. Of a ResNet they are its stages' maps.
    """
    if isinstance(visual, convolutional.ResNet):
        return visual(image)
    x = visual.conv1(image)  # B×3×H×W → B×D_v×H/P×W/P
    grid_hw = x.shape[-2:]
    x = x.flatten(2).transpose(1, 2)  # B×N×D_v
    first = visual.class_embedding.to(x.dtype).expand(x.shape[0], 1, -1)
    x = torch.cat([first, x], 1)  # B×(N+1)×D_v
    x = visual.ln_pre(x + positions(visual, *grid_hw).to(x.dtype))
    if blocks is None:
        layers = visual.transformer.layers
        blocks = [-(-layers * group // GROUPS) - 1 for group in range(1, GROUPS + 1)]
    return visual.transformer.after(x, blocks)


def positions(visual: VisionTransformer, height: int, width: int) -> Tensor:
    """The position embeddings, resampled to a grid of height × width patches: (N+1)×D_v.

    Bicubic, as open_clip resizes them, but as two matrix products: their gradient is
    deterministic on every device.
    """
    table = visual.positional_embedding
    if (height, width) == visual.grid_size:
        return table
    rows, columns = visual.grid_size
    grid = table[1:].float().view(rows, columns, -1)  # rows×columns×D_v
    down, across = _resampling(rows, height, table), _resampling(columns, width, table)
    grid = torch.einsum("hr,rcd,wc->hwd", down, grid, across)  # height×width×D_v
    return torch.cat([table[:1].float(), grid.flatten(0, 1)])


def _resampling(old: int, new: int, like: Tensor) -> Tensor:
    """The matrix new×old that resamples a line."""
    unit = torch.eye(old, device=like.device)[None, None]
    line = F.interpolate(unit, (new, old), mode="bicubic", align_corners=False, antialias=True)
    return line[0, 0]
