"""Measures of one alpha: levels, box, softness, opacity, cut edges; and sums of several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.records import F32, U8, Box

Alpha = TypeVar("Alpha", npt.NDArray[Any], U8, F32)

# A thing counts as cut off by the picture's border where it meets it along this much of its extent;
CUT_SHARE = 0.15
# and from a sliver on, where it is not much wider a little further in, as what goes on behind the
# border is, and what only reaches it is not.
SLIVER, FURTHER_IN, AS_WIDE = 0.03, 0.02, 0.6


def to_float(alpha: U8) -> F32:
    """Alpha uint8 as float32 in [0, 1]; exactly undone by `to_bytes`."""
    return alpha.astype(np.float32) / np.float32(255)


def to_bytes(alpha: npt.NDArray[np.floating]) -> U8:
    """Alpha in [0, 1] as uint8, rounded to the nearest level and clipped.

    >>> to_bytes(np.array([0.0, 0.499 / 255, 0.501 / 255, 1.2])).tolist()
    [0, 0, 1, 255]
    """
    levels: U8 = np.rint(np.clip(alpha, 0.0, 1.0) * 255).astype(np.uint8)
    return levels


def together(visible: Iterable[Alpha], nothing: Alpha) -> Alpha:
    """The matte of several entities of one picture: the sum of their visible alphas, clipped at
    opaque (255 for uint8, 1 for floats). `nothing`, all zeros, is the matte of no entity.

    Visible alphas leave room for each other: they and the background's share add up to 1. (The
    product 1 − Π(1 − α) is for unoccluded alphas, and falls short here.)

    >>> together([np.uint8([90, 200]), np.uint8([100, 90])], np.uint8([0, 0])).tolist()
    [190, 255]
    """
    if nothing.dtype == np.uint8:
        levels = sum((alpha.astype(np.uint16) for alpha in visible), nothing.astype(np.uint16))
        return np.asarray(np.minimum(levels, 255), np.uint8)
    return np.asarray(np.minimum(sum(visible, nothing), 1), nothing.dtype)


def box(alpha: U8, at_least: int = 1) -> Box | None:
    """The smallest half-open xyxy box of all pixels of `alpha` (uint8) >= `at_least`; None if there
    are none."""
    rows = np.flatnonzero((alpha >= at_least).any(axis=1))
    if not rows.size:
        return None
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero((alpha[y0:y1] >= at_least).any(axis=0))
    return int(columns[0]), y0, int(columns[-1]) + 1, y1


def surroundings(alpha: U8, reach_px: int) -> tuple[slice, slice]:
    """The rows and columns of the picture that lie within `reach_px` of the box of all that is seen
    of `alpha` (uint8): work on a thing need not go over the whole picture. Nothing if it is empty.
    """
    x0, y0, x1, y1 = box(alpha) or (0, 0, -reach_px, -reach_px)
    rows = slice(max(0, y0 - reach_px), max(0, y1 + reach_px))
    return rows, slice(max(0, x0 - reach_px), max(0, x1 + reach_px))


def softness(alpha: U8) -> float:
    """The share of visible pixels of `alpha` (uint8) that are not opaque."""
    visible = int(np.count_nonzero(alpha))
    opaque = int(np.count_nonzero(alpha == 255))
    return (visible - opaque) / visible if visible else 0.0


def opacity(alpha: U8) -> float:
    """The mean of `alpha` (uint8) inside its outline with all holes filled, in [0, 1].

    Near 1 for solid things, low for glass, lace and spokes (house rule: the outline is where alpha
    first reaches a tenth).
    """
    seen = (alpha > 25).astype(np.uint8)
    outlines, _ = cv2.findContours(seen, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    inside = np.zeros_like(seen)
    cv2.drawContours(inside, outlines, -1, color=1, thickness=cv2.FILLED)
    area = int(np.count_nonzero(inside))
    return float(alpha[inside == 1].mean() / 255) if area else 0.0


def cut_edges(alpha: U8, is_photograph: bool = False) -> tuple[str, ...]:
    """The sides ("left", "top", "right", "bottom") of the picture that cut the foreground off.

    `alpha` is uint8 and covers the whole picture. A side cuts where alpha > 0.5 along CUT_SHARE of
    the foreground's extent on that side, or along a SLIVER if it is about as wide further in (house
    rule). A picture that was cropped to its foreground, as no `is_photograph` is, touches all four
    sides: there only a single side, touched along half of the extent, counts.
    """
    share = met(alpha)
    around = (0, 0, alpha.shape[1], alpha.shape[0])
    if not is_photograph and (len(share) == 4 or box(alpha) == around):
        found = tuple(side for side in share if share[side] >= 0.5)
        return found if len(found) == 1 else ()
    return tuple(side for side in share if _is_cut(alpha, side, share[side]))


def _is_cut(alpha: U8, side: str, share: float) -> bool:
    if not SLIVER <= share < CUT_SHARE:
        return share >= CUT_SHARE
    from_side = np.rot90(alpha, ("top", "right", "bottom", "left").index(side))
    depth = max(2, round(FURTHER_IN * max(alpha.shape)))
    return bool(
        np.count_nonzero(from_side[0] > 127)
        >= AS_WIDE * np.count_nonzero(from_side[: depth + 1] > 127, axis=1).max()
    )


def met(alpha: U8) -> dict[str, float]:
    """The sides of the picture that the foreground of `alpha` (uint8, the whole picture) meets with
    alpha > 0.5, and along which share of its extent."""
    around = box(alpha, at_least=128)
    if around is None:
        return {}
    x0, y0, x1, y1 = around
    shares = {
        "left": np.count_nonzero(alpha[:, 0] > 127) / (y1 - y0),
        "top": np.count_nonzero(alpha[0] > 127) / (x1 - x0),
        "right": np.count_nonzero(alpha[:, -1] > 127) / (y1 - y0),
        "bottom": np.count_nonzero(alpha[-1] > 127) / (x1 - x0),
    }
    return {side: share for side, share in shares.items() if share}
