"""What MDETR learns from: DETR's losses, those of the mask for alphas."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor
from torch.nn import functional as F

from refmatte_baselines.mdetr.boxes import giou, tight
from refmatte_baselines.mdetr.config import LOSSES, MdetrConfig
from refmatte_baselines.mdetr.matcher import matched
from refmatte_baselines.towers.network import Output, Target

NOTHING = 0.1  # the weight of queries that are not the one: nearly all are not


def losses(output: Output, target: Target, weights: Mapping[str, float]) -> dict[str, Tensor]:
    """The losses whose weight is not 0: unweighted scalars, float32. Those of boxes and decisions
    are summed over the decoder's layers, as DETR's auxiliary ones are."""
    truth, there = tight(target.alpha)  # KB×4, KB
    boxes, referent = output.parts["boxes"], output.parts["referent"]  # KB×S×Q×4, KB×S×Q
    wanted = truth[:, None].expand(-1, boxes.shape[1], -1)  # KB×S×4
    place = matched(boxes, referent, wanted)  # KB×S
    best = boxes.gather(2, place[..., None, None].expand(-1, -1, 1, 4))[:, :, 0]  # KB×S×4
    alpha = target.alpha

    def mean(each: Tensor) -> Tensor:
        """Of those texts that mean something; KB → scalar."""
        return (each * there).sum() / there.sum().clamp(min=1)

    made: dict[str, Callable[[], Tensor]] = {
        "box_l1": lambda: mean((best - wanted).abs().sum((1, 2))),
        "box_giou": lambda: mean((1 - giou(best, wanted)).sum(1)),
        "referent": lambda: referent_loss(referent, place, there),
        "mask_focal": lambda: mean(focal(output.parts["mask"], alpha)),
        "mask_dice": lambda: mean(dice(output.parts["mask"].sigmoid(), alpha)),
        "alpha_l1": lambda: mean((output.parts["mask"].sigmoid() - alpha).abs().mean((1, 2, 3))),
    }
    learnt = MdetrConfig.learnt((), coarse=output.coarse)
    return {name: made[name]() for name in learnt if weights.get(name, LOSSES[name])}


def referent_loss(referent: Tensor, place: Tensor, there: Tensor) -> Tensor:
    """Cross-entropy of KB×S×Q logits: the query at `place` (KB×S) is what is meant, where `there`
    (KB) is anything, and all others are not."""
    meant = F.one_hot(place, referent.shape[-1]) * there[:, None, None]  # KB×S×Q
    weight = meant + NOTHING * (1 - meant)
    each = F.binary_cross_entropy_with_logits(referent, meant.float(), weight, reduction="none")
    return (each.sum((0, 2)) / weight.sum((0, 2))).sum()


def focal(mask: Tensor, alpha: Tensor) -> Tensor:
    """Focal loss of logits for an alpha, KB×1×H×W → KB: cross-entropy, weighed by the square of the
    difference, so that it is least at the alpha itself (Li et al., Generalized focal loss)."""
    each = F.binary_cross_entropy_with_logits(mask, alpha, reduction="none")
    return (each * (mask.sigmoid() - alpha) ** 2).mean((1, 2, 3))


def dice(mask: Tensor, alpha: Tensor) -> Tensor:
    """Dice loss for an alpha, KB×1×H×W → KB: with squares below (Milletari et al., V-Net), it is
    least at the alpha itself; without, where all that is half there is whole."""
    common = (mask * alpha).sum((1, 2, 3))
    return 1 - (2 * common + 1) / ((mask**2 + alpha**2).sum((1, 2, 3)) + 1)
