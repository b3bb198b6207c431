"""What a matte may have wrong although it is one: hard edges, holes, several things, a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.images import alphas
from refmatte_engine.images.mattes import FAINT, OPAQUE, SEEN
from refmatte_engine.records import U8

Pixels = npt.NDArray[np.bool_]

# A mask has fewer soft pixels than that for each of its outline; the softest masks of photographs
# have 0.5, rendered edges 1.2 and more.
MASK_SOFT = 0.05
# A hole is a hole from so many pixels on; only the largest are looked at.
HOLE_PX, HOLES_MOST = 9, 200
# Within that of a hole's edge the picture is compared inside and outside. In photographs of animals
# and people it differs by 15 levels and more where there is a real hole.
NEAR_PX, GOES_ON = 9, 10.0
# How much of what is around a hole is opaque if its edge is hard.
HARD_SHARE = 0.95
# What lies apart is a thing of its own from that share of the largest part's weight on; parts that
# a gap of so many pixels divides are one (hair, cords).
PART_SHARE, PART_GAP_PX = 0.2, 5
# A thing touches the frame from that share of its extent on.
TOUCH_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Shape:
    """What an alpha consists of: the areas in pixels of its holes, and the weights (sums of alpha
    in [0, 1]) of its parts that lie apart, the largest first."""

    holes_px: tuple[int, ...]
    parts: tuple[float, ...]


def shape(alpha: U8) -> Shape:
    """Holes (from HOLE_PX pixels on) and parts of `alpha` (uint8 H×W)."""
    holes = sorted((int(area) for area, _ in _holes(alpha)), reverse=True)
    return Shape(tuple(holes), tuple(float(round(weight, 1)) for weight in _parts(alpha)))


def faults(alpha: U8, photograph: U8 | None = None) -> list[str]:
    """What is doubtful in `alpha` (uint8 H×W), in plain words. `photograph` (uint8 H×W×3) is the
    picture behind it as it was taken, if there is one: what shows inside a hole is compared with
    what is around."""
    said = []
    is_mask = _is_mask(alpha)
    if is_mask:
        told = "its alpha is a mask of 0 and 255 (softness 0), so its edges are hard"
        said.append(f"{told}; a matting model can refine it")
    said += _torn(alpha, photograph, is_mask)
    weights = _parts(alpha)
    apart = [weight for weight in weights if weight >= PART_SHARE * weights[0]]
    if len(apart) > 1:
        shares = _joined([f"{100 * weight / sum(weights):.0f}" for weight in apart[:4]])
        told = f"shows {len(apart)} parts that lie apart, with {shares} % of its weight"
        said.append(f"{told}: several things?; if so, cut each out by itself")
    return said


def touches(alpha: U8, is_photograph: bool = False) -> str:
    """In plain words, where the thing in `alpha` (uint8 H×W, the whole picture) meets the edge of
    its picture; empty if it does not, or if the picture was trimmed to the thing, as no
    `is_photograph` is."""
    met, cut = alphas.met(alpha), alphas.cut_edges(alpha, is_photograph)
    around = alphas.box(alpha)
    is_trimmed = not is_photograph and around == (0, 0, alpha.shape[1], alpha.shape[0])
    sides = [s for s in met if s in cut or (met[s] >= TOUCH_SHARE and not is_trimmed)]
    if not sides:
        return ""
    extent = {"left": "height", "right": "height", "top": "width", "bottom": "width"}
    where = _joined([f"{side} ({100 * met[side]:.0f} % of its {extent[side]})" for side in sides])
    if cut:
        told = f"is cut off by the edge of its picture at the {where}"
        return f"{told}; if it is whole, say `cut_edges: []` in its label"
    return f"touches the edge of its picture at the {where}: is a part of it missing?"


def _is_mask(alpha: U8) -> bool:
    seen = (alpha >= SEEN).astype(np.uint8)
    inner: Any = cv2.erode(seen, np.ones((3, 3), np.uint8), borderValue=0)
    soft = np.count_nonzero((alpha > 0) & (alpha < 255))
    return bool(soft < MASK_SOFT * np.count_nonzero(seen & ~inner))


def _parts(alpha: U8) -> list[float]:
    """The weights of what lies apart, the largest first."""
    there = (alpha >= FAINT).astype(np.uint8)
    there = cv2.dilate(there, np.ones((PART_GAP_PX, PART_GAP_PX), np.uint8))
    count, labels = cv2.connectedComponents(there, connectivity=8)
    weights = np.bincount(labels.ravel(), alpha.ravel() / 255, count)[1:]
    return sorted(map(float, weights), reverse=True) or [0.0]


def _holes(alpha: U8) -> list[tuple[int, tuple[slice, slice, Pixels]]]:
    """Area, and place and pixels with a margin, of the largest clear areas that the thing
    surrounds."""
    count, labels, found, _ = cv2.connectedComponentsWithStats(
        (alpha < SEEN).astype(np.uint8), connectivity=4
    )
    size_h, size_w = alpha.shape
    x, y, w, h, area = found.T
    inside = (x > 0) & (y > 0) & (x + w < size_w) & (y + h < size_h) & (area >= HOLE_PX)
    inside[0] = False
    inside &= ~_is_seen(labels, count, alpha)
    holes = []
    for i in sorted(np.flatnonzero(inside), key=lambda i: -area[i])[:HOLES_MOST]:
        margin = NEAR_PX + 2
        rows = slice(max(0, y[i] - margin), y[i] + h[i] + margin)
        columns = slice(max(0, x[i] - margin), x[i] + w[i] + margin)
        holes.append((int(area[i]), (rows, columns, labels[rows, columns] == i)))
    return holes


def _is_seen(labels: npt.NDArray[Any], count: int, alpha: U8) -> Pixels:
    """Which components are of visible pixels."""
    seen = np.zeros(count, bool)
    seen[np.unique(labels[alpha >= SEEN])] = True
    return seen


def _torn(alpha: U8, photograph: U8 | None, is_mask: bool) -> list[str]:
    """Holes that are the alpha's own: the picture goes on through them, or a knife made them."""
    through, hard = [], []
    for area, (rows, columns, hole) in _holes(alpha):
        near = cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & ~hole
        levels = alpha[rows, columns]
        place = f"{columns.start + hole.shape[1] // 2}, {rows.start + hole.shape[0] // 2}"
        if photograph is not None and _goes_on(photograph[rows, columns], hole, levels):
            through.append((area, place))
        elif not is_mask and np.mean(levels[near] >= OPAQUE) >= HARD_SHARE:
            hard.append((area, place))
    weight = max(1, int(np.count_nonzero(alpha >= SEEN)))
    said = []
    for holes, why in (
        (through, "where its picture goes on as around"),
        (hard, "with hard edges in a soft alpha"),
    ):
        if holes:
            area, place = holes[0]
            many = f"{len(holes)} holes {why}, the largest" if len(holes) > 1 else f"a hole {why},"
            size = f"of {area} px ({100 * area / weight:.2g} % of it) at {place}"
            said.append(f"its alpha has {many} {size}; fill it unless the thing has it")
    return said


def _goes_on(picture: U8, hole: Pixels, levels: U8) -> bool:
    """Whether the picture is alike on both sides of a hole's edge."""
    side = 2 * NEAR_PX + 1
    inside = hole.astype(np.float32)
    near: Any = cv2.dilate(hole.astype(np.uint8), np.ones((side, side), np.uint8))
    around = ((near > 0) & (levels >= OPAQUE)).astype(np.float32)
    if around.sum() < HOLE_PX:
        return False
    colors = picture.astype(np.float32)
    means, shares = [], []
    for which in (inside, around):
        share: Any = cv2.blur(which, (side, side), borderType=cv2.BORDER_CONSTANT)
        total: Any = cv2.blur(
            colors * which[..., None], (side, side), borderType=cv2.BORDER_CONSTANT
        )
        means.append(total / np.maximum(share, 1e-6)[..., None])
        shares.append(share)
    edge = (shares[0] > 0.02) & (shares[1] > 0.02)
    if not edge.any():
        return False
    return float(np.median(np.abs(means[0] - means[1]).mean(axis=2)[edge])) < GOES_ON


def _joined(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
