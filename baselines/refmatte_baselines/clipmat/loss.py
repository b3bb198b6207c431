"""What CLIPMat learns from beside its alpha (see `towers.losses`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from refmatte_baselines.data.trimaps import UNKNOWN
from refmatte_baselines.towers.losses import l1, laplacian
from refmatte_baselines.towers.network import Output, Target


def losses(output: Output, target: Target) -> Mapping[str, Callable[[], Tensor]]:
    """The losses of where things are, and of the details: unweighted scalars, float32. What was
    answered coarsely says nothing of details."""
    alpha, parts = target.alpha, output.parts
    assert output.trimap is not None
    trimap = output.trimap.float()
    band = (target.trimap == UNKNOWN)[:, None].float()
    in_details = parts["details"].float() - alpha
    classes = torch.tensor([target.background_weight, 1.0, 1.0], device=alpha.device)
    return {
        "affinity": lambda: affinity_loss(parts.get("affinity"), alpha),
        "vocabulary": lambda: vocabulary_loss(
            parts.get("vocabulary"), target.shares, target.background_weight
        ).to(alpha.device),
        "trimap": lambda: F.cross_entropy(trimap, target.trimap, classes),
        "details_l1": lambda: l1(in_details, band),
        "details_laplacian": lambda: laplacian(in_details, band),
    }


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
