"""How fast a model learns, step by step."""

from __future__ import annotations

import math
from typing import Literal


def rate_at(
    step: int, steps: int, warm_up: int, schedule: Literal["cosine", "constant"] = "cosine"
) -> float:
    """The share of the peak rate in step `step` (from 0) of `steps`: it rises over `warm_up` of
    them, then stays, or falls along a cosine to 1 %.

    >>> [round(rate_at(step, 100, 10), 2) for step in (0, 9, 10, 55, 99)]
    [0.1, 1.0, 1.0, 0.51, 0.01]
    >>> [round(rate_at(step, 100, 10, "constant"), 2) for step in (0, 9, 99)]
    [0.1, 1.0, 1.0]
    """
    if step < warm_up:
        return (step + 1) / warm_up
    if schedule == "constant":
        return 1.0
    along = (step - warm_up) / max(1, steps - warm_up)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * along)) / 2
