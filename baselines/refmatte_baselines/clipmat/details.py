"""The branch of details: MDE, the multi-level details extractor, and its decoder.

Shapes as in `model`.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.clipmat.config import ClipMatConfig
from refmatte_baselines.towers.layers import as_map, conv_bn_relu, joined, resample


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
        self, image: Tensor, groups: Sequence[Tensor], grid_hw: tuple[int, int]
    ) -> list[Tensor]:
        """F_1 … F_4, B×D_i×H/2^i×W/2^i, of B×3×H×W and of what the encoder made of it, 4 times
        B×(N+1)×D_v."""
        levels = []
        for i, tokens in enumerate(groups):
            visual = self.reduce[i](as_map(self.norms[i](tokens[:, 1:]), grid_hw))  # …×H/P×W/P
            pooled = F.max_pool2d(self.image[i](image), 2 ** (i + 1), ceil_mode=True)
            levels.append(self.merge[i](joined([visual, pooled], pooled)))
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
        self,
        image: Tensor,
        levels: Sequence[Tensor],
        popped: Tensor | None = None,
        said: Tensor | None = None,
    ) -> Tensor:
        """Alpha KB×1×H×W. Where details are guided they are given what popped up, KB×D'×H/P×W/P,
        and the trimap's probabilities, KB×3×H×W."""
        f1, f2, f3, f4 = levels
        c = f4 if popped is None else joined([f4, popped], f4)  # at H/16×W/16
        risen: list[tuple[Tensor, list[Tensor]]] = [(f3, [f3]), (f2, [f2]), (f1, [f1])]
        risen = [*risen, (image, [])] if self.full else [(f4, []), *risen]
        for block, (like, enters) in zip(self.blocks, risen, strict=True):
            if popped is not None and said is not None:
                at_size = F.interpolate(said, like.shape[-2:], mode="area")
                enters = [*enters, at_size.to(popped.dtype)]
            c = block(joined([c, *enters], like))  # KB×D_i×H/2^i×W/2^i
        # A 1×1 convolution may as well come before ×2.
        return torch.sigmoid(resample(self.alpha(c), image.shape[-2:]).float())
