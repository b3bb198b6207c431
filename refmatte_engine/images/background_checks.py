"""Doubts about photographs as backgrounds: a subject of their own, text, mere sky, water,
close-ups; and where their ground is. Cheap measures on a small copy: they point at pictures that a
person should look at, and miss some."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.records import F32, U8

Grid = npt.NDArray[Any]

# Changes whenever what is said of a picture does.
VERSION = 3
SUBJECT = "seems to show a subject of its own"
TEXT = "seems to have text in it"
SKY = "shows little but sky: nothing can stand there"
WATER = "seems to show water below: nothing can stand there"
UNSHARP = "is out of focus for the most part, as close-ups are"

NO_GROUND = frozenset({SUBJECT, SKY, WATER, UNSHARP})  # what nothing can stand in

# The thresholds were set on some 60 photographs and renders that were looked at. Smaller pictures
# show too little to be judged.
SMALLEST_PX = 256
SEEN_PX, READ_PX, CELLS = 512, 1024, 16
ROWS_BROKEN, SUBJECT_LEAST, APART_LEAST = 10, 1.75, 1.25
UNSHARP_LEAST, SKY_LEAST = 0.5, 0.75
LETTERS_LEAST = 8
LINE_LEAST, LINE_CLEAR = 10.0, 1.7
# A ground is what looks like the lowest part of the picture and goes on above it; it ends between
# these heights (a wall, or a surface from above, goes on further). Feet keep away from its end.
GROUND_ENDS, GROUND_LOWEST, GROUND_KEPT = (0.4, 0.8), 0.97, 0.15
GROUND_ALIKE, GROUND_ASIDE = 10.0, 5  # in colour and texture; in columns of 32
# It ends where fewer columns than this go on: at a slope's lower end, and below a rail across it.
# Where half of the columns go on so much further up, it does not end: it is seen from above.
GROUND_COLUMNS, GROUND_UNEVEN = 0.8, 0.2
# Columns that differ more in colour are two grounds, as sand and sea from above. What is high up
# differs at least so much, else it is one surface that only fades, as a plank near by does.
GROUND_MIXED, GROUND_GOES_ON = 32.0, 2.5
# Below a sky that reaches down so far water has the colours of what is above it, as near as this,
# and lies in level streaks: it changes that many times more downwards than from side to side.
WATER_SKY, WATER_MIRRORS, WATER_STREAKS = 0.2, 5.0, 4.5


def doubts(rgb: U8) -> tuple[str, ...]:
    """What may be wrong with a photograph (uint8 H×W×3) as a background, in words; empty if nothing
    shows, and for pictures below SMALLEST_PX."""
    if min(rgb.shape[:2]) < SMALLEST_PX // 2 or max(rgb.shape[:2]) < SMALLEST_PX:
        return ()
    small = _small(rgb, SEEN_PX)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    fine, coarse = _detail(lab[..., 0])
    said = (
        (SUBJECT, _has_subject(_cells(lab), _cells(fine))),
        (UNSHARP, _unsharp_share(_cells(fine), _cells(coarse)) >= UNSHARP_LEAST),
        (SKY, (sky := _sky_depth(lab, fine)) >= SKY_LEAST),
        (WATER, sky >= WATER_SKY and _is_water(lab)),
        (TEXT, _letters_in_line(_small(rgb, READ_PX)) >= LETTERS_LEAST),
    )
    return tuple(words for words, is_so in said if is_so)


def horizon(rgb: U8) -> float | None:
    """The height (fraction from the top) of the one clear level line across a photograph (uint8
    H×W×3): its horizon, or where the ground or floor begins. None if no line is clear. A guess, for
    a person to accept."""
    if max(rgb.shape[:2]) < SMALLEST_PX:
        return None
    rows, near, far = 128, 4, 20
    small = _small(rgb, SEEN_PX)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    texture = 5 * np.log2(_detail(lab[..., 0])[0] * 2.55 + 0.5)
    both: Any = cv2.resize(np.dstack((lab, texture)), (48, rows), interpolation=cv2.INTER_AREA)
    sums = np.concatenate((np.zeros((1, 48, 4)), np.cumsum(both, axis=0)))

    def steps(reach: int) -> Grid:
        """How much the `reach` rows below each row differ from those above, at most columns."""
        y = np.arange(far, rows - far + 1)
        below, above = sums[y + reach] - sums[y], sums[y] - sums[y - reach]
        step = np.linalg.norm(below - above, axis=2) / reach
        level: Any = cv2.dilate(step.astype(np.float32), np.ones((5 if reach == near else 1, 1)))
        return np.percentile(level, 35, axis=1)

    line = np.minimum(steps(near), steps(far))
    best = int(line.argmax())
    elsewhere = np.delete(line, np.arange(max(0, best - 10), min(len(line), best + 11)))
    is_clear = line[best] >= LINE_LEAST and line[best] >= LINE_CLEAR * elsewhere.max()
    if not is_clear or best < 2 or best > len(line) - 3:  # at the edge of what was searched
        return None
    return round((best + far) / rows, 3)


def ground(rgb: U8) -> tuple[float, float] | None:
    """The rows (top and bottom, fractions from the top) of a photograph (uint8 H×W×3) where feet
    may stand, guessed: the lowest part as far up as it goes on in most columns. None if it does not
    end, is too low or of several surfaces, and for pictures below SMALLEST_PX."""
    if max(rgb.shape[:2]) < SMALLEST_PX:
        return None
    rows, columns = 64, 32
    small = _small(rgb, SEEN_PX)
    lab = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    texture = 6 * np.log2(_detail(lab[..., 0])[0] + 0.3)
    # Light changes over a ground more than its hue does.
    looks = np.dstack((lab[..., 0] / 2, lab[..., 1:], texture)).astype(np.float32)
    cells: Any = cv2.resize(looks, (columns, rows), interpolation=cv2.INTER_AREA)
    lowest = cells[round(0.84 * rows) : round(0.98 * rows)]
    alike = np.zeros((rows, columns))
    for x in range(columns):
        known = lowest[:, max(0, x - GROUND_ASIDE) : x + GROUND_ASIDE + 1].reshape(-1, 1, 4)
        alike[:, x] = np.linalg.norm(known - cells[:, x], axis=2).min(axis=0) < GROUND_ALIKE
    share = np.convolve(alike.mean(axis=1), np.ones(3) / 3, "same")[: rows - 1]
    end = int(np.flatnonzero(share < GROUND_COLUMNS).max(initial=-1) + 1) / rows
    # Where each column leaves it for two rows, seen from below.
    gone = alike[:-2] + alike[1:-1] == 0
    ends = np.where(gone, np.arange(1, rows - 1)[:, None], 0).max(axis=0) / rows
    goes_on = end - float(np.median(ends)) > GROUND_UNEVEN
    end = max(end, horizon(rgb) or 0.0)
    if goes_on or not GROUND_ENDS[0] <= end <= GROUND_ENDS[1]:
        return None
    colors = cells[..., :3]
    band, high = colors[round(end * rows) :], colors[: round(GROUND_ENDS[0] * rows)]
    aside = np.median(band, axis=0)
    mixed = np.percentile(np.linalg.norm(aside[:, None] - aside, axis=2), 90)
    if mixed > GROUND_MIXED or _apart(band, high) < GROUND_GOES_ON:
        return None
    return round(end + GROUND_KEPT * (1 - end), 3), GROUND_LOWEST


def _small(rgb: U8, side: int) -> U8:
    scale = side / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    height, width = (max(1, round(s * scale)) for s in rgb.shape[:2])
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA))


def _detail(light: F32) -> tuple[Grid, Grid]:
    """How much detail of about a pixel there is, and of several, in levels of L*."""
    fine = np.abs(light - cv2.GaussianBlur(light, (0, 0), 1.0))
    coarse = np.abs(cv2.GaussianBlur(light, (0, 0), 1.5) - cv2.GaussianBlur(light, (0, 0), 5))
    return fine, coarse


def _cells(values: Grid) -> Grid:
    return np.asarray(cv2.resize(values, (CELLS, CELLS), interpolation=cv2.INTER_AREA))


def _has_subject(lab: Grid, fine: Grid) -> bool:
    """Scenery lies in layers: a row looks alike from left to right. A subject breaks most of its
    rows, in colour or in sharpness, against what is at their ends; in some columns more than in
    others."""
    ends = [lab[:, [i]] for i in (0, 1, -2, -1)]
    away = np.min([np.linalg.norm(lab - end, axis=2) for end in ends], axis=0)
    sharp = np.log2(fine + 0.3)
    usual = np.median(np.concatenate((sharp[:, :2], sharp[:, -2:]), axis=1), axis=1, keepdims=True)
    breaks = np.minimum(away / 20, 2) + np.clip(sharp - usual, 0, 2)
    pairs = (breaks[:, 2:-3] + breaks[:, 3:-2]) / 2
    most = float(np.sort(pairs, axis=0)[-ROWS_BROKEN:].mean(axis=0).max())
    return most >= SUBJECT_LEAST or most - np.median(breaks.mean(axis=0)) >= APART_LEAST


def _unsharp_share(fine: Grid, coarse: Grid) -> float:
    """The share of the picture where there are shapes, but no sharp edges."""
    return float(np.mean((coarse > 1.0) & (fine < 0.3 * (coarse + 0.2))))


def _sky_depth(lab: Grid, fine: Grid) -> float:
    """How far down sky reaches from the top, in the median column: light or blue, smooth, and
    changing slowly. What changes more from side to side than downwards is a wall."""
    rows, columns, gap = 48, 24, 6
    colors: Any = cv2.resize(lab, (columns, rows), interpolation=cv2.INTER_AREA)
    rough: Any = cv2.resize(fine, (columns, rows), interpolation=cv2.INTER_AREA)
    means = colors.mean(axis=1), colors.mean(axis=0)
    down, across = (np.linalg.norm(each[-1] - each[0]) for each in means)
    if down <= across:
        return 0.0
    sky = (colors[..., 0] > 30) & ((colors[..., 2] < 4) | (colors[..., 0] > 70)) & (rough < 0.8)
    last = np.where(sky[0], 0, -1)
    at = np.arange(columns)
    for y in range(1, rows):
        gone = y - last  # a wire or a twig before it ends no sky
        alike = np.linalg.norm(colors[y] - colors[np.maximum(last, 0), at], axis=1) < 7
        last = np.where(sky[y] & (last >= 0) & (gone <= gap) & alike, y, last)
    return float(np.median(last + 1) / rows)


def _is_water(lab: Grid) -> bool:
    """Whether the lowest part of a picture with a sky mirrors what is above it and lies in
    streaks."""
    cells: Any = cv2.resize(lab, (32, 64), interpolation=cv2.INTER_AREA)
    if _apart(cells[54:62, :, 1:], cells[:36, :, 1:]) > WATER_MIRRORS:
        return False
    height = len(lab)
    light = cv2.GaussianBlur(lab[..., 0], (0, 0), 1.0)[int(0.84 * height) : int(0.97 * height)]
    down, across = (float(np.abs(np.diff(light, axis=axis)).mean()) for axis in (0, 1))
    return down >= WATER_STREAKS * across


def _apart(below: Grid, above: Grid) -> float:
    """How far in colour the rows of one part are from the likest of another's, on average."""
    down, up = np.median(below, axis=1), np.median(above, axis=1)
    return float(np.linalg.norm(down[:, None] - up, axis=2).min(axis=1).mean())


def _letters_in_line(rgb: U8) -> int:
    """The longest row of marks as letters stand: alike in height, on one line, close together."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    return max(_longest_row(each) for each in (grey, 255 - grey))


def _longest_row(grey: U8) -> int:
    """The same for light marks on a darker ground."""
    marks = cv2.morphologyEx(grey, cv2.MORPH_TOPHAT, np.ones((15, 15), np.uint8)) > 60
    _, _, found, _ = cv2.connectedComponentsWithStats(marks.astype(np.uint8), connectivity=8)
    x, _, w, h, area = found[1:].T
    filled = area / (w * h)
    fits = (h >= 9) & (h <= 120) & (w >= 0.22 * h) & (w <= 3 * h)
    fits &= (filled > 0.2) & (filled < 0.95) & (area >= 18)
    order = np.flatnonzero(fits)
    if not LETTERS_LEAST <= len(order) <= 1500:  # more are leaves
        return 0
    x, y, w, h, _ = found[1:][order[np.argsort(x[order], kind="stable")]].T
    longest = np.ones(len(x), int)
    firsts = np.searchsorted(x, x + w - 2)
    lasts = np.searchsorted(x, x + w + 0.9 * h)
    for one, (start, stop) in enumerate(zip(firsts, lasts, strict=True)):
        next_ = np.arange(max(start, one + 1), max(stop, one + 1))
        same_line = np.abs(y[next_] + h[next_] - y[one] - h[one]) <= 1 + 0.15 * np.maximum(
            h[next_], h[one]
        )
        next_ = next_[same_line & (h[next_] > 0.6 * h[one]) & (h[next_] < 1.67 * h[one])]
        longest[next_] = np.maximum(longest[next_], longest[one] + 1)
    return int(longest.max())
