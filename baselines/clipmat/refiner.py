"""The optional refiner: detail at full resolution, from the image and the coarse alpha."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

REACH_PX = 7


class Refiner(nn.Module):
    """A small residual network. Its last layer starts at zero, so that it starts as identity."""

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(4, width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(2 * width, width, 3, padding=1),
            nn.ReLU(),
        )
        self.full = nn.Sequential(
            nn.Conv2d(width + 4, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, 1, 3, padding=1)
        )
        for parameter in self.full[-1].parameters():
            nn.init.zeros_(parameter)

    def forward(self, image: Tensor, alpha: Tensor) -> Tensor:
        """Alpha B×1×H×W in [0, 1], changed only within some pixels of where it is fractional.

        `image` is B×3×H×W in [0, 1], `alpha` B×1×H×W, both float32.
        """
        seen = torch.cat([image, alpha], 1) - 0.5  # B×4×H×W
        seen = seen.to(next(self.parameters()).dtype)
        coarse = self.down(seen)  # B×width×H/4×W/4
        coarse = F.interpolate(coarse, seen.shape[-2:], mode="bilinear", align_corners=False)
        change = self.full(torch.cat([coarse, seen], 1)).float()  # B×1×H×W
        fractional = ((alpha > 0) & (alpha < 1)).to(alpha.dtype)
        near = F.max_pool2d(fractional, 2 * REACH_PX + 1, stride=1, padding=REACH_PX)
        return (alpha + near * change).clamp(0, 1)
