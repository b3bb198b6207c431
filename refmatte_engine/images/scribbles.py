"""Scribbles: strokes along the middle of a thing and beside it, as somebody would draw them."""

from __future__ import annotations

import heapq
from itertools import pairwise

import cv2
import numpy as np

from refmatte_engine.images import weak_labels
from refmatte_engine.images.weak_labels import Mask, Point
from refmatte_engine.randomness import of_pixels
from refmatte_engine.records import F32, U8

BACKGROUND, UNSAID, FOREGROUND = 0, 128, 255
STROKES = 3  # on as many parts of the thing, the largest
GRID = 32  # cells along the longer side of a part's box, in which its middle line is looked for
WIDTH_SHARE = 0.005  # of the picture's long side
TRIMMED = 0.2  # of a stroke, at most, is left out at either end
ARC = (0.25, 0.5)  # of the line around the thing: how much of it the stroke beside the thing is

Cell = tuple[int, int]


def scribble(alpha: U8, seed: int) -> U8:
    """uint8 H×W from an alpha (uint8 H×W): `FOREGROUND` where a stroke is drawn on the thing,
    `BACKGROUND` where one is beside it, `UNSAID` elsewhere. No stroke leaves its side."""
    rng = of_pixels(seed, "scribble", alpha)
    found = np.full(alpha.shape, UNSAID, np.uint8)
    width_px = max(1, round(WIDTH_SHARE * max(alpha.shape)))
    gap = 2 * weak_labels.margin(alpha.shape)
    here = weak_labels.room(alpha)
    if not (near := alpha[here]).any():
        return found
    drawn = found[here]
    thing = weak_labels.on_thing(near)
    for part in weak_labels.parts(thing)[:STROKES]:
        line = middle_line(part)
        first, last = (round(rng.uniform(0, TRIMMED) * len(line)) for _ in range(2))
        line = line[first : len(line) - last] or line[len(line) // 2 :][:1]
        drawn[_drawn(line, part.shape, width_px) & part] = FOREGROUND
    drawn[_beside(near, gap, width_px, rng)] = BACKGROUND
    return found


def middle_line(part: Mask) -> list[Point]:
    """Pixels of a connected mask from one of its ends to the other, as deep inside as the way
    allows: the longest branch of its medial axis, on a grid of `GRID` cells."""
    x, y, width, height = cv2.boundingRect(part.astype(np.uint8))
    deep = weak_labels.depth(part[y : y + height, x : x + width])
    side = -(-max(width, height) // GRID)
    deep = np.pad(deep, ((0, -height % side), (0, -width % side)))
    rows, columns = deep.shape[0] // side, deep.shape[1] // side
    cells = deep.reshape(rows, side, columns, side).swapaxes(1, 2)
    blocks = cells.reshape(rows, columns, side * side)
    depths, places = blocks.max(-1), blocks.argmax(-1)
    start = _farthest(depths, _cell(depths.argmax(), depths), 0)[-1]
    way = _farthest(depths, start, 0)
    way = _farthest(depths, start, 2, way[-1])
    return [
        (int(x + column * side + places[row, column] % side),
         int(y + row * side + places[row, column] // side))
        for row, column in way
    ]  # fmt: skip


def _cell(flat: np.integer, like: F32) -> Cell:
    row, column = divmod(int(flat), like.shape[1])
    return row, column


def _farthest(depths: F32, start: Cell, power: int, end: Cell | None = None) -> list[Cell]:
    """The shortest way from `start` to `end`, or to the cell farthest from it, where a step costs
    its length over the depth to this power."""
    height, width = depths.shape
    costs = np.where(depths > 0, np.maximum(depths, 1) ** -float(power), np.inf).tolist()
    before: dict[Cell, Cell] = {}
    done: dict[Cell, float] = {}
    queue: list[tuple[float, Cell, Cell]] = [(0.0, start, start)]
    while queue:
        so_far, here, came = heapq.heappop(queue)
        if here in done:
            continue
        done[here], before[here] = so_far, came
        if here == end:
            break
        row, column = here
        for r in range(max(0, row - 1), min(height, row + 2)):
            for c in range(max(0, column - 1), min(width, column + 2)):
                cost = costs[r][c]
                if cost < np.inf and (r, c) not in done:
                    length = 1.0 if r == row or c == column else 1.4142135623730951
                    heapq.heappush(queue, (so_far + length * cost, (r, c), here))
    cell = end if end in done else max(done, key=lambda each: (done[each], each))
    assert cell is not None
    way = [cell]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _drawn(line: list[Point], shape_hw: tuple[int, ...], width_px: int) -> Mask:
    canvas = np.zeros(shape_hw, np.uint8)
    for one, other in pairwise([*line, line[-1]]):
        cv2.line(canvas, one, other, 1, width_px)
    return canvas > 0


def _beside(alpha: U8, gap: float, width_px: int, rng: np.random.Generator) -> Mask:
    """An arc of the line that runs around the thing at a distance of `gap` px, or half of the room
    there is; nothing where there is none."""
    beside = weak_labels.away(alpha)
    start, share = rng.uniform(), rng.uniform(*ARC)
    inner = (beside < max(1.0, min(gap, float(beside.max()) / 2))).astype(np.uint8)
    lines, _ = cv2.findContours(inner, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    around = max(lines, key=len)[:, 0]
    around = np.roll(around, -int(start * len(around)), axis=0)
    arc = around[: max(1, round(share * len(around)))]
    canvas = np.zeros(alpha.shape, np.uint8)
    canvas[arc[:, 1], arc[:, 0]] = 1
    # Where the thing is cut off by the picture's border, the line follows that: it is no stroke.
    canvas[[0, -1]] = canvas[:, [0, -1]] = 0
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width_px, width_px))
    return np.asarray(cv2.dilate(canvas, pen) > 0) & (beside > 0)
