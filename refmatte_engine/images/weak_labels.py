"""What says roughly where a thing is, from its alpha: a box, clicks, a coarse mask.

Everything that is drawn by chance depends on the alpha and a seed alone.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from refmatte_engine.images import alphas
from refmatte_engine.randomness import of_pixels
from refmatte_engine.records import F32, U8, Box

Mask = NDArray[np.bool_]
Point = tuple[int, int]  # x, y: a pixel's column and row

OPAQUE = 128
CLICKS = 3  # of either sort
MARGIN_SHARE = 0.01  # of the picture's long side: how far clicks keep from the thing's edge
NEAR = 6  # margins: clicks beside the thing are no farther from it
PART_SHARE = 0.05  # of the largest part's area: what is smaller is no part
CELL_SHARES = (0.02, 0.04)  # of the picture's long side: the coarse mask's cells
FILLED = 0.25  # of a cell, from which on it belongs to the coarse mask
TRIED = 64  # places among which a click looks for the one farthest from the others


def box(alpha: U8) -> Box | None:
    """The tight half-open xyxy box of alpha (uint8 H×W) >= 128; of all that is seen where nothing
    is so opaque; None where nothing is."""
    return alphas.box(alpha, OPAQUE) or alphas.box(alpha)


def on_thing(alpha: U8) -> Mask:
    """Where the thing is that `alpha` (uint8 H×W) shows: at least half as opaque as all that is
    seen of it is on average, so that glass counts as glass, and hair's last ends do not."""
    seen = alpha[alpha > 0]
    return alpha >= (max(1, round(float(seen.mean()) / 2)) if seen.size else 1)


def parts(thing: Mask) -> list[Mask]:
    """The pieces of the mask that lie apart (8-connected), largest first, without mere specks."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(thing.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")
    return [labels == k + 1 for k in order if areas[k] >= PART_SHARE * areas.max()]


def margin(shape_hw: tuple[int, ...]) -> float:
    """The distance in px that clicks and strokes keep from edges, where there is room for it."""
    return max(3.0, MARGIN_SHARE * max(shape_hw))


def room(alpha: U8) -> tuple[slice, slice]:
    """The rows and columns in which clicks and strokes for this alpha may lie."""
    return alphas.surroundings(alpha, round(NEAR * margin(alpha.shape)) + 1)


def depth(thing: Mask) -> F32:
    """The distance in px of each pixel of the mask to the nearest one that is not, where all beyond
    the border is not; 0 outside."""
    wide = np.pad(thing, 1).astype(np.uint8)
    found: F32 = cv2.distanceTransform(wide, cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
    return found


def away(alpha: U8) -> F32:
    """The distance in px of each pixel to the nearest one with alpha > 0, of which there is one."""
    nothing = (alpha == 0).astype(np.uint8)
    found: F32 = cv2.distanceTransform(nothing, cv2.DIST_L2, cv2.DIST_MASK_5)
    return found


def clicks(alpha: U8, seed: int) -> tuple[list[Point], list[Point]]:
    """Up to `CLICKS` pixels on the thing, the first in its middle, and as many beside it; fewer
    where there is no room. Each keeps `margin` from the thing's edge, or half of what there is, and
    lies far from the others of its sort."""
    rng, most, (rows, columns) = of_pixels(seed, "clicks", alpha), margin(alpha.shape), room(alpha)
    alpha = alpha[rows, columns]
    if not alpha.any():
        return [], []
    thing = on_thing(alpha)
    inside = depth(thing)
    good = np.zeros_like(thing)
    for part in parts(thing):
        good |= part & (inside >= min(most, inside[part].max() / 2))
    middle = good & (inside >= inside[good].max() / 2)
    beside = away(alpha)
    least = min(most, float(beside.max()) / 2)
    ring = (beside > 0) & (beside >= least) & (beside <= NEAR * least)
    found = _spread(middle, good, rng), _spread(ring, ring, rng)
    on, beside_it = ([(x + columns.start, y + rows.start) for x, y in each] for each in found)
    return on, beside_it


def _spread(first: Mask, rest: Mask, rng: np.random.Generator) -> list[Point]:
    """A pixel of `first`, then pixels of `rest`, each the farthest from the others of some."""
    start, places = np.argwhere(first), np.argwhere(rest)
    if not len(start):
        return []
    chosen = [start[rng.integers(len(start))]]
    while len(chosen) < min(CLICKS, len(places)):
        tried = places[rng.integers(len(places), size=TRIED)]
        gaps = np.min([np.hypot(*(tried - each).T) for each in chosen], axis=0)
        if gaps.max() == 0:
            break
        chosen.append(tried[int(gaps.argmax())])
    return [(int(x), int(y)) for y, x in chosen]


def coarse(alpha: U8, seed: int) -> U8:
    """A mask of 255 and 0 (uint8 H×W) of the thing as a low resolution shows it, widened a little:
    cells whose size the seed draws, those that it fills in part, then an ellipse of a drawn size
    around all."""
    rng = of_pixels(seed, "coarse", alpha)
    height, width = alpha.shape
    cell = max(1, round(rng.uniform(*CELL_SHARES) * max(height, width)))
    thing = on_thing(alpha).astype(np.float32)
    if not thing.any():
        return np.zeros_like(alpha)
    small_wh = (max(1, -(-width // cell)), max(1, -(-height // cell)))
    fill = cv2.resize(thing, small_wh, interpolation=cv2.INTER_AREA)
    cells = (fill >= min(FILLED, float(fill.max()) / 2)).astype(np.float32)
    rough = cv2.resize(cells, (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5
    around = 1 + 2 * int(rng.integers(1, max(1, cell // 4) + 1))
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (around, around))
    return np.asarray(cv2.dilate(rough.astype(np.uint8), ellipse) * 255, np.uint8)
