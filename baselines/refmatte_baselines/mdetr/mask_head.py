"""One query's mask: where it looks, and from there to finer maps of the image. As in DETR (Carion
et al., ECCV 2020), but for the query that answers alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.mdetr.config import MdetrConfig
from refmatte_baselines.towers.layers import resample


class AttentionMaps(nn.Module):
    """How much a query looks at each place, by head: KB×D and KB×N×D → KB×heads×N, in sum 1."""

    def __init__(self, config: MdetrConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.query, self.key = (nn.Linear(config.width, config.width) for _ in range(2))

    def forward(self, query: Tensor, image: Tensor) -> Tensor:
        asked = self.query(query).unflatten(-1, (self.heads, -1))  # KB×heads×D/heads
        keys = self.key(image).unflatten(-1, (self.heads, -1))  # KB×N×heads×D/heads
        found = torch.einsum("bhd,bnhd->bhn", asked, keys) / math.sqrt(asked.shape[-1])
        return found.flatten(1).softmax(-1).view_as(found)


def _block(inputs: int, outputs: int) -> nn.Sequential:
    """3×3 convolution, group norm of 8 groups or as many as there are, ReLU."""
    norm = nn.GroupNorm(math.gcd(8, outputs), outputs)
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), norm, nn.ReLU())


class MaskHead(nn.Module):
    """Feature map and attention maps → logits, three times twice as fine; a level of the image
    encoder enters each time."""

    def __init__(self, config: MdetrConfig, level_widths: Sequence[int]) -> None:
        super().__init__()
        width, seen = config.width, config.width + config.heads
        widths = [width >> step for step in range(1, 5)]  # D/2 … D/16
        self.first = nn.Sequential(_block(seen, seen), _block(seen, widths[0]))
        self.levels = nn.ModuleList(
            nn.Conv2d(a, b, 1) for a, b in zip(level_widths, widths, strict=False)
        )
        self.blocks = nn.ModuleList(_block(a, b) for a, b in pairwise(widths))
        self.mask = nn.Conv2d(widths[-1], 1, 3, padding=1)

    def forward(self, features: Tensor, maps: Tensor, levels: Sequence[Tensor]) -> Tensor:
        """`features` KB×D×h×w, `maps` KB×heads×h×w, three `levels` B×C×h'×w', coarse to fine →
        KB×1×H'×W'. A level that is no finer than what it enters is made so, as ViTs need it."""
        x = self.first(torch.cat([features, maps], 1))
        for level, adapt, block in zip(levels, self.levels, self.blocks, strict=True):
            height, width = x.shape[-2:]
            finer = level.shape[-2] > height or level.shape[-1] > width
            size_hw = level.shape[-2:] if finer else (2 * height, 2 * width)
            level = resample(adapt(level), size_hw)
            level = level.repeat_interleave(x.shape[0] // level.shape[0], 0)
            x = block(level + F.interpolate(x, size_hw, mode="nearest"))
        return self.mask(x)
