"""Which query is held to what is there: the one that is nearest to it."""

from __future__ import annotations

import torch
from torch import Tensor

from refmatte_baselines.mdetr.boxes import giou
from refmatte_baselines.mdetr.config import LOSSES


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
