"""What any model's alpha learns from: the losses of the authors' recipe for matting, and one more.

Alphas are B×1×H×W, float32.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

LEVELS = 5


def alpha_losses(
    alpha: Tensor, truth: Tensor, image: Tensor, colors: Tensor | None
) -> Mapping[str, Callable[[], Tensor]]:
    """The losses of ALPHA_LOSSES, each computed when it is asked for; unweighted scalars."""
    alpha = alpha.float()
    everywhere = torch.ones_like(alpha)
    return {
        "alpha_l1": lambda: l1(alpha - truth, everywhere),
        "alpha_laplacian": lambda: laplacian(alpha - truth, everywhere),
        "composition": lambda: composition_loss(alpha, image, colors),
        "alpha_iou": lambda: iou_loss(alpha, truth),
    }


def composition_loss(alpha: Tensor, image: Tensor, colors: Tensor | None) -> Tensor:
    """The mean difference between the image and one composed by `alpha` (B×1×H×W)."""
    assert colors is not None
    foreground, background = colors.chunk(2, 1)
    return (alpha * foreground + (1 - alpha) * background - image).abs().mean()


def iou_loss(alpha: Tensor, truth: Tensor) -> Tensor:
    """1 − soft IoU, the mean over alphas (B×1×H×W): the difference in relation to how much there
    is, so that what is small or thin counts as much as what is large."""
    common = torch.minimum(alpha, truth).sum((1, 2, 3))
    either = torch.maximum(alpha, truth).sum((1, 2, 3))
    return 1 - ((common + 1) / (either + 1)).mean()


def l1(difference: Tensor, where: Tensor) -> Tensor:
    """The mean of |difference| over the pixels where `where` is 1; 0 if there are none."""
    return (difference.abs() * where).sum() / where.sum().clamp(min=1)


def laplacian(difference: Tensor, where: Tensor) -> Tensor:
    """L1 of the Laplacian pyramids of two alphas whose difference (B×1×H×W) is given, inside
    `where` (B×1×H×W of 0 and 1): per level the mean, relative to the share of `where`; summed.

    Pyramids are linear, so one of the difference does. Five levels and what is left below them.
    """
    line = torch.exp(-(torch.arange(-2.0, 3.0, device=difference.device) ** 2) / 2)
    kernel = torch.outer(line, line)[None, None] / line.sum() ** 2
    here = difference * where
    total = here.new_zeros(())
    for _ in range(LEVELS):
        blurred = F.conv2d(here, kernel, padding=2)
        total = total + (here - blurred).abs().mean()
        here = F.avg_pool2d(blurred, 2, ceil_mode=True)
    return (total + here.abs().mean()) / where.mean().clamp(min=1 / where[0].numel())
