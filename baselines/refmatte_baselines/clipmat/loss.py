"""What CLIPMat learns from: the losses of the authors' recipe."""

from __future__ import annotations

from collections.abc import Callable, Collection

import torch
from torch import Tensor
from torch.nn import functional as F

from refmatte_baselines.clipmat.model import Output
from refmatte_baselines.data.trimaps import UNKNOWN

LEVELS = 5
PLACES = ("affinity", "vocabulary", "trimap")  # where things are; ENDS: how they end
ALPHAS = ("alpha_l1", "alpha_laplacian")
ENDS = ("details_l1", "details_laplacian", *ALPHAS)
LOSSES = (*PLACES, *ENDS)
COMPOSITION, ALPHA_IOU = "composition", "alpha_iou"
ON_REQUEST = (COMPOSITION, ALPHA_IOU)  # 0 unless a recipe gives them a weight


def losses(
    output: Output,
    alpha: Tensor,
    trimap: Tensor,
    *,
    names: Collection[str] = LOSSES,
    background_weight: float = 1.0,
    shares: Tensor | None = None,
    image: Tensor | None = None,
    colors: Tensor | None = None,
) -> dict[str, Tensor]:
    """The losses of those names, unweighted, and their sum as `total`; scalars, float32.

    `background_weight` is that of the background's pixels in the two cross-entropies. `shares`
    is B×U×H/P×W/P: how much of each place belongs to things of each of the U names looked for.
    `alpha` is B×1×H×W in [0, 1], `trimap` int64 B×H×W as `trimap_truth` has it. For `composition`
    there must be the `image`, B×3×H×W, and `colours`, B×6×H×W in [0, 1]: the straight ones of what
    is meant and those of what is behind it.
    """
    band = (trimap == UNKNOWN)[:, None].float()
    everywhere = torch.ones_like(band)
    in_details, in_alpha = output.details.float() - alpha, output.alpha.float() - alpha
    weights = torch.tensor([background_weight, 1.0, 1.0], device=alpha.device)
    made: dict[str, Callable[[], Tensor]] = {
        "affinity": lambda: affinity_loss(output.affinity, alpha),
        "vocabulary": lambda: vocabulary_loss(output.vocabulary, shares, background_weight).to(
            alpha.device
        ),
        "trimap": lambda: F.cross_entropy(output.trimap.float(), trimap, weights),
        "details_l1": lambda: l1(in_details, band),
        "details_laplacian": lambda: laplacian(in_details, band),
        "alpha_l1": lambda: l1(in_alpha, everywhere),
        "alpha_laplacian": lambda: laplacian(in_alpha, everywhere),
        COMPOSITION: lambda: composition_loss(output.alpha, image, colors),
        ALPHA_IOU: lambda: iou_loss(output.alpha.float(), alpha),
    }
    found = {name: made[name]() for name in names}
    return {**found, "total": torch.stack(list(found.values())).sum()}


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


def composition_loss(alpha: Tensor, image: Tensor | None, colors: Tensor | None) -> Tensor:
    """The mean difference between the image and one composed by `alpha` (B×1×H×W)."""
    assert image is not None
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
