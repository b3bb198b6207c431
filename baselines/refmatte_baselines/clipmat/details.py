"""The branch of details: MDE, the multi-level details extractor, and its decoder.

Shapes as in `model`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.clipmat.layers import as_map, conv_bn_relu, resample

COARSEST_PX = 16  # level 4's; level i has 2^i


class DetailsExtractor(nn.Module):
    """MDE, multi-level details extractor: a group of encoder blocks beside the image, 4 times."""

    def __init__(self, visual_width: int, widths: tuple[int, ...]) -> None:
        super().__init__()
        half = visual_width // 2
        self.norms = nn.ModuleList(nn.LayerNorm(visual_width) for _ in widths)
        self.reduce = nn.ModuleList(nn.Conv2d(visual_width, half, 1) for _ in widths)
        self.merge = nn.ModuleList(conv_bn_relu(half + 3, width) for width in widths)

    def forward(
        self, image: Tensor, groups: list[Tensor], grid_hw: tuple[int, int]
    ) -> list[Tensor]:
        levels = []
        for i, tokens in enumerate(groups, 1):
            pooled = F.max_pool2d(image, 2**i, ceil_mode=True)  # B×3×H/2^i×W/2^i
            visual = as_map(self.norms[i - 1](tokens[:, 1:]), grid_hw)  # B×D_v×H/P×W/P
            visual = self.reduce[i - 1](visual)  # B×D_v/2×H/P×W/P
            visual = resample(visual, pooled.shape[-2:])  # B×D_v/2×H/2^i×W/2^i
            levels.append(self.merge[i - 1](torch.cat([visual, pooled], 1)))  # B×D_i×H/2^i×W/2^i
        return levels


class DetailsDecoder(nn.Module):
    """Four blocks, from level 4 up to the full size → alpha."""

    def __init__(self, widths: tuple[int, ...], guide_width: int = 0) -> None:
        super().__init__()
        d1, d2, d3, d4 = widths
        said = 3 if guide_width else 0  # the trimap's probabilities
        joined = (d4 + guide_width + d3 + said, d3 + d2 + said, d2 + d1 + said, d1 + said)
        self.blocks = nn.ModuleList(
            conv_bn_relu(a, b) for a, b in zip(joined, (d3, d2, d1, d1), strict=True)
        )
        self.alpha = nn.Conv2d(d1, 1, 3, padding=1)

    def forward(
        self, levels: list[Tensor], size_hw: tuple[int, int], said: Tensor | None = None
    ) -> Tensor:
        """`said`, B×3×H×W, are the trimap's probabilities where details are guided."""
        *finer, x = levels  # x: B×D_4×H/16×W/16
        for block, level in zip(self.blocks[:-1], reversed(finer), strict=True):
            x = resample(x, level.shape[-2:])  # to H/8, H/4, H/2
            x = block(torch.cat([x, level, *_at_size(said, level)], 1))  # B×D_i×H/2^i×W/2^i
        x = resample(x, size_hw)  # B×D_1×H×W
        x = self.blocks[-1](torch.cat([x, *_at_size(said, x)], 1))
        return self.alpha(x).float().sigmoid()  # B×1×H×W


def _at_size(said: Tensor | None, like: Tensor) -> list[Tensor]:
    if said is None:
        return []
    size_hw = (like.shape[-2], like.shape[-1])
    return [F.interpolate(said, size_hw, mode="area").to(like.dtype)]
