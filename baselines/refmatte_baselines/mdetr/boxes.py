"""Boxes: of an alpha, compared, and painted. As a network says them, …×4, they are centre (x, y),
width and height, in shares of the image's sides."""

from __future__ import annotations

import torch
from torch import Tensor

THERE = 0.5  # the least alpha of what a box must hold, where there is as much


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


def painted(boxes: Tensor, height: int, width: int) -> Tensor:
    """Each box as a map of 0 and 1: KB×4 → float32 KB×1×H×W."""
    left, top, right, bottom = corners(boxes.float()).unbind(-1)  # KB
    x = (torch.arange(width, device=boxes.device) + 0.5) / width
    y = (torch.arange(height, device=boxes.device) + 0.5) / height
    across = (x >= left[:, None]) & (x <= right[:, None])  # KB×W
    down = (y >= top[:, None]) & (y <= bottom[:, None])  # KB×H
    return (down[:, None, :, None] & across[:, None, None, :]).float()
