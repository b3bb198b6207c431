"""What MDETR learns from: DETR's losses, those of the mask for alphas.

Boxes, as a network says them, …×4, are centre (x, y), width and height, in shares of the image's
sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from refmatte_baselines.mdetr.config import LOSSES
from refmatte_baselines.towers.network import Output, Target

THERE = 0.5  # the least alpha of what a box must hold, where there is as much
NOTHING = 0.1  # the weight of queries that are not the one: nearly all are not


def losses(output: Output, target: Target) -> Mapping[str, Callable[[], Tensor]]:
    """The losses by name: unweighted scalars, float32. Those of boxes and decisions are summed over
    the decoder's layers, as DETR's auxiliary ones are; `alpha_l1` is of the mask, also where the
    answer is that there is nothing."""
    truth, there = tight(target.alpha)  # KB×4, KB
    boxes, referent = output.parts["boxes"], output.parts["referent"]  # KB×S×Q×4, KB×S×Q
    wanted = truth[:, None].expand(-1, boxes.shape[1], -1)  # KB×S×4
    place = matched(boxes, referent, wanted)  # KB×S
    best = boxes.gather(2, place[..., None, None].expand(-1, -1, 1, 4))[:, :, 0]  # KB×S×4
    alpha = target.alpha

    def mean(each: Tensor) -> Tensor:
        """Of those texts that mean something; KB → scalar."""
        return (each * there).sum() / there.sum().clamp(min=1)

    return {
        "box_l1": lambda: mean((best - wanted).abs().sum((1, 2))),
        "box_giou": lambda: mean((1 - giou(best, wanted)).sum(1)),
        "referent": lambda: referent_loss(referent, place, there),
        "mask_focal": lambda: mean(focal(output.parts["mask"], alpha)),
        "mask_dice": lambda: mean(dice(output.parts["mask"].sigmoid(), alpha)),
        "alpha_l1": lambda: mean((output.parts["mask"].sigmoid() - alpha).abs().mean((1, 2, 3))),
    }


@torch.no_grad()
def matched(boxes: Tensor, referent: Tensor, truth: Tensor) -> Tensor:
    """Of …×Q×4 boxes and …×Q logits, the place of the query that costs least to be `truth` (…×4).

    A text has one box, and with one box DETR's Hungarian assignment is the least of its costs:
    −p(referent), L1 and −GIoU, weighed as the losses are.
    """
    wanted = truth[..., None, :]
    cost = (
        LOSSES["box_l1"] * (boxes - wanted).abs().sum(-1)
        - LOSSES["box_giou"] * giou(boxes, wanted)
        - LOSSES["referent"] * referent.sigmoid()
    )
    return cost.argmin(-1)


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


def tight(alpha: Tensor) -> tuple[Tensor, Tensor]:
    """The box round each alpha, KB×1×H×W → KB×4, and bool KB: whether there is anything.

    Round all of it, also where it means several things: which parts belong to which is not known
    of an alpha. What is faint everywhere is boxed where it is strongest.
    """
    most = alpha.amax((1, 2, 3))  # KB
    there = alpha[:, 0] >= most.clamp(max=THERE)[:, None, None]  # KB×H×W
    ends = []
    for side in (2, 1):  # columns, then rows
        line = there.any(3 - side)  # KB×W, KB×H
        places = torch.arange(line.shape[1], device=alpha.device)
        first = torch.where(line, places, line.shape[1]).amin(1)
        last = torch.where(line, places + 1, 0).amax(1)
        ends.append((first / line.shape[1], last / line.shape[1]))
    (left, right), (top, bottom) = ends
    box = torch.stack([(left + right) / 2, (top + bottom) / 2, right - left, bottom - top], 1)
    return box.float(), most > 0


def corners(boxes: Tensor) -> Tensor:
    """…×4 → …×4: left, top, right, bottom."""
    centre, size = boxes[..., :2], boxes[..., 2:]
    return torch.cat([centre - size / 2, centre + size / 2], -1)


def giou(a: Tensor, b: Tensor) -> Tensor:
    """Generalised IoU of boxes, in −1 … 1: …×4 and …×4 → … (Rezatofighi et al., CVPR 2019)."""
    a, b = corners(a), corners(b)

    def area(low: Tensor, high: Tensor) -> Tensor:
        return (high - low).clamp(min=0).prod(-1)

    a_low, a_high, b_low, b_high = a[..., :2], a[..., 2:], b[..., :2], b[..., 2:]
    common = area(torch.maximum(a_low, b_low), torch.minimum(a_high, b_high))
    either = (area(a_low, a_high) + area(b_low, b_high) - common).clamp(min=1e-7)
    round_both = area(torch.minimum(a_low, b_low), torch.maximum(a_high, b_high)).clamp(min=1e-7)
    return common / either - (round_both - either) / round_both
