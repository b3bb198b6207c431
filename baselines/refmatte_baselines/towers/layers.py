"""What several parts of the network are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.towers.windows import as_lazy


def conv_bn_relu(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """3×3 convolution, batch norm, ReLU; keeps the size, or halves it, rounding up."""
    conv = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


def resample(x: Tensor, size_hw: Iterable[int]) -> Tensor:
    """`x` at another size, bilinear; itself, if it has that size."""
    size = tuple(size_hw)
    # Where sizes are open, as in an export, it is not asked whether they are the same.
    same = not torch.compiler.is_exporting() and x.shape[-2:] == size
    return x if same else F.interpolate(x, size, mode="bilinear", align_corners=False)


def joined(maps: Sequence[Tensor], like: Tensor) -> Tensor:
    """All channels of the maps, one after another, at the size of another map: KB×C×H×W of KB×…, or
    of B×… for K texts each."""
    count = max(each.shape[0] for each in maps)
    sized = [resample(as_lazy(each, like), like.shape[-2:]) for each in maps]
    return torch.cat([for_texts(each, count) for each in sized], 1)


def for_texts(x: Tensor, count: int) -> Tensor:
    """What there is of B images, for each of `count` texts that are asked about them in turn."""
    return x if x.shape[0] == count else torch.repeat_interleave(x, count // x.shape[0], 0)


def as_map(tokens: Tensor, grid_hw: tuple[int, int]) -> Tensor:
    """B×N×C → B×C×H/P×W/P."""
    return tokens.transpose(1, 2).reshape(tokens.shape[0], -1, *grid_hw)
