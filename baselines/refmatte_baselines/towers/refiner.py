"""The optional refiner: detail at full resolution, from the image and the alpha of any model."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.towers.layers import conv_bn_relu, resample
from refmatte_baselines.towers.windows import lazy

REACH_PX = 16
LONG_PX = 768  # in larger pictures, what it adds is found at this long side
SURE = 1 - 1e-6  # from here on it is 1, but for rounding, as where a picture is shrunk
GAIN = 4.0  # so that it is soon sure of itself
SPAN_PX = 2 * REACH_PX + 1
SEEN = 5
COARSEST_PX, SHIFT_PX = 8, 2


class Refiner(nn.Module):
    """A small U-Net that knows nothing of the text. Near all that is fractional it says anew what
    alpha is: to add to the coarse one, or to begin as the identity, was learnt far more slowly."""

    def __init__(self, widths: tuple[int, ...] = (24, 48, 96, 128, 128), full: int = 16) -> None:
        super().__init__()
        pairs = list(pairwise((SEEN, *widths)))
        self.down = nn.ModuleList(
            nn.Sequential(conv_bn_relu(a, b, stride=2), conv_bn_relu(b, b)) for a, b in pairs
        )
        self.across = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairs[1:])
        self.up = nn.ModuleList(conv_bn_relu(a, a) for a in widths[:-1])
        # At full size memory is what costs: a few channels, out of four times as many.
        self.unfold = nn.Sequential(nn.Conv2d(widths[0], 4 * full, 1), nn.PixelShuffle(2))
        self.full = nn.Sequential(
            nn.Conv2d(full + SEEN, full, 3, padding=1), nn.ReLU(), nn.Conv2d(full, 1, 3, padding=1)
        )

    def forward(self, image: Tensor, alpha: Tensor, *, in_windows: bool = False) -> Tensor:
        """Alpha B×1×H×W in [0, 1], changed only within REACH_PX of where it is fractional
        (of a larger picture: within as much of it at LONG_PX).

        `image` is B×3×H×W in [0, 1], `alpha` B×1×H×W, both float32. `in_windows` finds no more of
        it than changes: the same, sooner, where nothing is learnt.
        """
        full_hw = alpha.shape[-2:]
        scale = LONG_PX / max(full_hw)
        if scale >= 1:
            return self._refined(image, alpha, in_windows)
        size_hw = [max(1, round(side * scale)) for side in full_hw]
        shrink = partial(F.interpolate, size=size_hw, mode="bilinear", antialias=True)
        small = shrink(alpha)
        change = resample(self._refined(shrink(image), small, in_windows) - small, full_hw)
        return (alpha + change).clamp(0, 1)

    def _refined(self, image: Tensor, alpha: Tensor, in_windows: bool) -> Tensor:
        near = ((alpha > 0) & (alpha < SURE)).to(alpha.dtype)
        for kernel, pad in (((SPAN_PX, 1), (REACH_PX, 0)), ((1, SPAN_PX), (0, REACH_PX))):
            near = F.max_pool2d(near, kernel, stride=1, padding=pad)
        seen = torch.cat([image, alpha, near], 1) - 0.5  # B×5×H×W
        seen = seen.to(next(self.parameters()).dtype)
        seen = lazy(seen) if in_windows else seen
        x, levels = seen, []
        for block in self.down:
            x = block(x)  # B×C_i×H/2^i×W/2^i
            levels.append(x)
        levels.pop()
        for i in reversed(range(len(levels))):
            x = self.up[i](resample(self.across[i](x), levels[i].shape[-2:]) + levels[i])
        x = self.unfold(x)[..., : seen.shape[-2], : seen.shape[-1]]  # a px more where that is odd
        anew = torch.sigmoid(self.full(torch.cat([x, seen], 1)).float() * GAIN)
        return torch.where(near > 0, anew, alpha)


def perturbed(alpha: Tensor, image: Tensor) -> Tensor:
    """Alphas (B×1×H×W, of B×3×H×W) as a refiner is given them while it learns, each with other
    mistakes: a place that is wrong, or in which the image's own texture shows, coarser by up to
    COARSEST_PX, displaced by up to SHIFT_PX. Of what the rest of the model has learnt from, the
    coarse alpha is too good: without mistakes a refiner learns to repeat it rather than to look (so
    is guidance perturbed in MG-Matting, Yu et al., CVPR 2021). Nothing else learns through them.
    """
    height, width = alpha.shape[-2:]

    def below(most: int) -> int:
        return int(torch.randint(max(1, most), ()))

    made = []
    for each, seen in zip(alpha.detach().clone(), image, strict=True):  # 1×H×W, 3×H×W
        kind = below(8)
        if kind < 3:
            top, left = below(height), below(width)
            bottom, right = (
                top + height // 8 + below(height // 3),
                left + width // 8 + below(width // 3),
            )
            place = each[:, top:bottom, left:right]
            if kind == 0:
                place[:] = torch.rand(())
            else:
                slope = (4 + below(16)) * (1 - 2 * below(2))
                texture = seen[below(3), top:bottom, left:right] - float(torch.rand(()))
                mix = torch.maximum if kind == 1 else torch.minimum
                place[:] = mix(place, (slope * texture).sigmoid())
        cell = 2 ** below(COARSEST_PX.bit_length())
        coarse = resample(F.avg_pool2d(each[None], cell, ceil_mode=True), (height, width))
        y, x = below(2 * SHIFT_PX + 1), below(2 * SHIFT_PX + 1)
        made.append(
            F.pad(coarse, [SHIFT_PX] * 4, mode="replicate")[..., y:, x:][..., :height, :width]
        )
    return torch.cat(made)
