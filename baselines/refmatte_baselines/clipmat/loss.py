"""What CLIPMat learns from: the losses of the authors' recipe."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from refmatte_baselines.clipmat.config import ALPHA_IOU, COMPOSITION, LOSSES, ClipMatConfig
from refmatte_baselines.data.trimaps import UNKNOWN
from refmatte_baselines.towers.network import Output, Target

LEVELS = 5


def losses(
    output: Output, target: Target, weights: Mapping[str, float], *, frozen: Collection[str] = ()
) -> dict[str, Tensor]:
    """The losses that something learns from, where `frozen` does not, and whose weight (by default
    as in `config.LOSSES`) is not 0: unweighted scalars, float32.

    What was answered coarsely says where things are, and nothing of how they end.
    """
    alpha, parts = target.alpha, output.parts
    assert output.trimap is not None
    trimap = output.trimap.float()
    band = (target.trimap == UNKNOWN)[:, None].float()
    everywhere = torch.ones_like(band)
    in_details, in_alpha = parts["details"].float() - alpha, output.alpha.float() - alpha
    classes = torch.tensor([target.background_weight, 1.0, 1.0], device=alpha.device)
    made: dict[str, Callable[[], Tensor]] = {
        "affinity": lambda: affinity_loss(parts.get("affinity"), alpha),
        "vocabulary": lambda: vocabulary_loss(
            parts.get("vocabulary"), target.shares, target.background_weight
        ).to(alpha.device),
        "trimap": lambda: F.cross_entropy(trimap, target.trimap, classes),
        "details_l1": lambda: l1(in_details, band),
        "details_laplacian": lambda: laplacian(in_details, band),
        "alpha_l1": lambda: l1(in_alpha, everywhere),
        "alpha_laplacian": lambda: laplacian(in_alpha, everywhere),
        COMPOSITION: lambda: composition_loss(output.alpha, target.image, target.colors),
        ALPHA_IOU: lambda: iou_loss(output.alpha.float(), alpha),
    }
    learnt = ClipMatConfig.learnt(frozen, coarse=output.coarse)
    return {name: made[name]() for name in learnt if weights.get(name, LOSSES[name])}


def affinity_loss(affinity: Tensor | None, alpha: Tensor) -> Tensor:
    """Binary cross-entropy of the affinity (B×1×h×w logits) with the alpha (B×1×H×W) at its size;
    places that are meant and others weigh the same. 0 for a model that has none."""
    if affinity is None:
        return alpha.new_zeros(())
    there = F.interpolate(alpha, affinity.shape[-2:], mode="area")
    share = there.mean().clamp(1e-4, 1 - 1e-4)
    weight = there / share + (1 - there) / (1 - share)
    return F.binary_cross_entropy_with_logits(affinity, there, weight) / 2


def vocabulary_loss(
    found: Tensor | None, shares: Tensor | None, background_weight: float
) -> Tensor:
    """Cross-entropy of each place's choice among U names and none of them, whose logit is 0, with
    `shares`, as LSeg has it (Li et al., Language-driven semantic segmentation, ICLR 2022): what a
    thing is called is learnt beside everything that it is not. 0 where no names were looked for."""
    if found is None or shares is None:
        return torch.zeros(())
    # Pictures may be larger than what the encoder works on.
    shares = F.interpolate(shares, found.shape[-2:], mode="area")
    nothing = torch.zeros_like(found[:, :1])
    chosen = torch.cat([nothing, found], 1).log_softmax(1)
    rest = (1 - shares.sum(1, keepdim=True)).clamp(min=0) * background_weight
    weights = torch.cat([rest, shares], 1)
    return -(weights * chosen).sum() / weights.sum().clamp(min=1e-4)


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
