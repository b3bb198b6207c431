"""Where things are by their masks, and plain comparisons for spatial words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
Covers = set[tuple[int, int]]
WHOLLY = 0.11  # of the canvas: how well what has no part past the middle fits its half at least
CLEARLY = 0.01  # of the canvas: by so much the referent fits better than the next


class Seen(NamedTuple):
    """An entity as its mask shows it, in fractions of the picture."""

    category: str
    attributes: list[dict[str, Any]]
    x: float
    y: float
    x0: float
    y0: float
    x1: float
    y1: float
    area: float
    stands: bool = True
    kind: str = ""


def seen(entity: dict[str, Any], alpha: npt.NDArray[np.uint8]) -> Seen:
    height, width = alpha.shape
    solid = alpha >= (128 if alpha.max() >= 128 else 1)
    x0, y0, w, h = cv2.boundingRect(solid.astype(np.uint8))
    moments = cv2.moments(alpha)
    x, y = ((moments[k] / moments["m00"] + 0.5) for k in ("m10", "m01"))
    return Seen(
        entity["category"], entity.get("attributes", []), x / width, y / height,
        x0 / width, y0 / height, (x0 + w) / width, (y0 + h) / height,
        moments["m00"] / alpha.size / 255, entity.get("stands", True),
        entity.get("kind", ""),
    )  # fmt: skip


def gap(a: Seen, b: Seen) -> float:
    """How far apart two boxes are; below 0 where they overlap."""
    across = max(a.x0 - b.x1, b.x0 - a.x1)
    down = max(a.y0 - b.y1, b.y0 - a.y1)
    return max(across, down)


def half(middle: float, end: float) -> float:
    """How far beyond the picture's middle a thing lies, by its centre and its inner end. Nobody
    leaves out what is all on that side, though it be close to the middle."""
    return max(middle - 0.5, WHOLLY) if end > 0.5 else middle - 0.5


# How well a word fits: above 0 it is true, and more is better.
HALVES: dict[str, Callable[[Seen], float]] = {
    "left": lambda e: half(1 - e.x, 1 - e.x1),
    "right": lambda e: half(e.x, e.x0),
    "top": lambda e: half(1 - e.y, 1 - e.y1),
    "bottom": lambda e: half(e.y, e.y0),
}
PLACES: dict[str, Callable[[Seen], float]] = {
    **HALVES,
    "far_left": lambda e: 0.5 - e.x,
    "far_right": lambda e: e.x - 0.5,
    "left_edge": lambda e: 0.1 - e.x0,
    "right_edge": lambda e: e.x1 - 0.9,
    "top_edge": lambda e: 0.1 - e.y0,
    "bottom_edge": lambda e: e.y1 - 0.9,
    "center": lambda e: 0.25 - max(abs(e.x - 0.5), abs(e.y - 0.5)),
    "top_left": lambda e: min(HALVES["top"](e), HALVES["left"](e)),
    "top_right": lambda e: min(HALVES["top"](e), HALVES["right"](e)),
    "bottom_left": lambda e: min(HALVES["bottom"](e), HALVES["left"](e)),
    "bottom_right": lambda e: min(HALVES["bottom"](e), HALVES["right"](e)),
}
SIDES: dict[str, Callable[[Seen, Seen], float]] = {
    "left_of": lambda a, b: min(b.x - a.x, b.x0 + b.x1 - a.x0 - a.x1),
    "right_of": lambda a, b: min(a.x - b.x, a.x0 + a.x1 - b.x0 - b.x1),
    "above": lambda a, b: min(b.y - a.y, b.y1 - a.y1),
    "below": lambda a, b: min(a.y - b.y, a.y1 - b.y1),
    # Nobody calls a fifth of the picture near, however well the other words fit.
    "near": lambda a, b: 0.2 - gap(a, b),
    "next_to": lambda a, b: 0.2 - gap(a, b),
}


def over(a: Seen, b: Seen) -> bool:
    """Whether one is over or under the other, and not farther away or nearer on the same ground."""
    across = min(a.x1, b.x1) - max(a.x0, b.x0)
    return not (a.stands and b.stands) and across > 0.45 * min(a.x1 - a.x0, b.x1 - b.x0)


FAR: dict[str, Callable[[Seen], float]] = {
    "far_left": lambda e: -e.x,
    "far_right": lambda e: e.x,
}
# By each of these, what comes first has to come before all others.
ORDERS: dict[str, Callable[[Seen], tuple[float, ...]]] = {
    "left": lambda e: (-e.x, -e.x0),
    "right": lambda e: (e.x, e.x1),
    "top": lambda e: (-e.y, -e.y1) if e.stands else (-e.y,),
    "bottom": lambda e: (e.y, e.y1) if e.stands else (e.y,),
    "large": lambda e: (e.area,),
    "small": lambda e: (-e.area,),
}


def amid(me: Point, a: Point, b: Point) -> float:
    """How far inside the ends, less half of how far beside the line between them."""
    (x0, y0), (x1, y1) = sorted((a, b))
    line = y0 + (y1 - y0) * (me[0] - x0) / max(x1 - x0, 1e-6)
    return min(me[0] - x0, x1 - me[0]) - 0.5 * abs(me[1] - line)


def touching(alphas: dict[int, npt.NDArray[np.uint8]]) -> Covers:
    """(farther, nearer) of what meets: masks are numbered from far to near."""
    small = {
        k: cv2.dilate((alpha[::2, ::2] >= 64).astype(np.uint8), np.ones((3, 3), np.uint8))
        for k, alpha in alphas.items()
    }
    return {(i, j) for i in small for j in small if i < j and (small[i] & small[j]).any()}
