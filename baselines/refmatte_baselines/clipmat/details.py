"""The branch of details: MDE, the multi-level details extractor, and its decoder.

Shapes as in `model`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.clipmat.config import ClipMatConfig
from refmatte_baselines.towers.layers import as_map, conv_bn_relu, resample

COARSEST_PX = 16  # level 4's; level i has 2^i


class DetailsExtractor(nn.Module):
    """MDE, multi-level details extractor: a group of encoder blocks beside the image, 4 times."""

    def __init__(self, config: ClipMatConfig, visual_width: int) -> None:
        super().__init__()
        half, widths = visual_width // 2, config.detail_widths
        self.norms = nn.ModuleList(nn.LayerNorm(visual_width) for _ in widths)
        self.reduce = nn.ModuleList(nn.Conv2d(visual_width, half, 1) for _ in widths)
        normed = config.details_image == "normed"
        # As the features have a norm and a projection. A layer norm of three channels would leave
        # nothing of brightness.
        self.image = nn.ModuleList(
            nn.Sequential(nn.Conv2d(3, half, 1, bias=False), nn.BatchNorm2d(half))
            if normed
            else nn.Identity()
            for _ in widths
        )
        seen = half + (half if normed else 3)
        self.merge = nn.ModuleList(conv_bn_relu(seen, width) for width in widths)

    def forward(
        self, image: Tensor, groups: list[Tensor], grid_hw: tuple[int, int]
    ) -> list[Tensor]:
        levels = []
        for i, tokens in enumerate(groups, 1):
            normed = self.image[i - 1](image)  # B×D_v/2×H×W
            pooled = F.max_pool2d(normed, 2**i, ceil_mode=True)  # B×D_v/2×H/2^i×W/2^i
            visual = as_map(self.norms[i - 1](tokens[:, 1:]), grid_hw)  # B×D_v×H/P×W/P
            visual = self.reduce[i - 1](visual)  # B×D_v/2×H/P×W/P
            visual = resample(visual, pooled.shape[-2:])  # B×D_v/2×H/2^i×W/2^i
            levels.append(self.merge[i - 1](torch.cat([visual, pooled], 1)))  # B×D_i×H/2^i×W/2^i
        return levels


class DetailsDecoder(nn.Module):
    """Four blocks, C4 to C1, from level 4 up, and a level in each → alpha."""

    def __init__(self, config: ClipMatConfig) -> None:
        super().__init__()
        d1, d2, d3, d4 = config.detail_widths
        guide = config.popup_width if config.guided_details else 0
        said = 3 if config.guided_details else 0  # the trimap's probabilities
        self.full = config.details_end == "full"
        self.blocks = nn.ModuleList(
            conv_bn_relu(inputs + said, outputs)
            for inputs, outputs in (
                ((d4 + guide + d3, d3), (d3 + d2, d2), (d2 + d1, d1), (d1, d1))
                if self.full
                else ((d4 + guide, d4), (d4 + d3, d3), (d3 + d2, d2), (d2 + d1, d1))
            )
        )
        self.alpha = nn.Conv2d(d1, 1, 3, padding=1) if self.full else nn.Conv2d(d1, 1, 1)

    def forward(
        self, levels: list[Tensor], size_hw: tuple[int, int], said: Tensor | None = None
    ) -> Tensor:
        """`levels` are F_1 … F_4; `said`, B×3×H×W, are the trimap's probabilities where details
        are guided."""
        *finer, x = levels  # x: B×D_4×H/16×W/16
        blocks = iter(self.blocks)
        if not self.full:
            x = next(blocks)(torch.cat([x, *_at_size(said, x)], 1))
        for level in reversed(finer):  # at H/8, H/4, H/2
            x = resample(x, level.shape[-2:])
            x = next(blocks)(torch.cat([x, level, *_at_size(said, level)], 1))  # B×D_i×H/2^i×W/2^i
        if self.full:
            x = resample(x, size_hw)  # B×D_1×H×W
            x = self.alpha(next(blocks)(torch.cat([x, *_at_size(said, x)], 1)))
        else:
            x = resample(self.alpha(x), size_hw)  # a 1×1 convolution may as well come first
        return x.float().sigmoid()  # B×1×H×W


def _at_size(said: Tensor | None, like: Tensor) -> list[Tensor]:
    if said is None:
        return []
    size_hw = (like.shape[-2], like.shape[-1])
    return [F.interpolate(said, size_hw, mode="area").to(like.dtype)]
