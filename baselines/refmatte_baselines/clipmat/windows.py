"""Windows: an answer that is wanted in some places, found from these and what they depend on.

What convolutions and bilinear resampling make of a window, with enough round it, is what they make
of the whole map there, but for rounding. Where a window may be None, that is the whole map.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from refmatte_baselines.towers.layers import resample
from refmatte_engine.records import F64

Size = tuple[int, int]  # height and width, px
SIDE_PX = 64  # of windows: in smaller ones what is round them is most of the work


class Window(NamedTuple):
    """Rows and columns of a map, in its px; `bottom` and `right` are the first ones outside."""

    top: int
    left: int
    bottom: int
    right: int

    def within(self, held: Window) -> Window:
        """The same place in a map of which no more than `held` is there."""
        top, left = held.top, held.left
        return Window(self.top - top, self.left - left, self.bottom - top, self.right - left)

    def grown(self, px: int, size_hw: Size, step: int = 1) -> Window:
        """With so much round it, then out to multiples of `step`, as far as the map goes."""
        bottom, right = (-(-(side + px) // step) * step for side in (self.bottom, self.right))
        top, left = (max(0, (side - px) // step * step) for side in (self.top, self.left))
        return Window(top, left, min(size_hw[0], bottom), min(size_hw[1], right))

    def times(self, factor: int) -> Window:
        """The same place in a map so many times as large."""
        return Window(*(side * factor for side in self))

    def halved(self) -> Window:
        """All in a map of half the size that comes of a px of this window."""
        return Window(self.top // 2, self.left // 2, -(-self.bottom // 2), -(-self.right // 2))

    def read(self, size_hw: Size, made_hw: Size) -> Window:
        """What bilinear resampling of `size_hw` reads to make this window of `made_hw`."""
        rows = _read(self.top, self.bottom, size_hw[0], made_hw[0])
        columns = _read(self.left, self.right, size_hw[1], made_hw[1])
        (top, left), (bottom, right) = (
            (int(lines[0][0]) for lines in (rows, columns)),
            (int(lines[1][-1]) + 1 for lines in (rows, columns)),
        )
        return Window(top, left, bottom, right)


def around(windows: Sequence[Window]) -> Window:
    """The least window that holds all of these."""
    tops, lefts, bottoms, rights = zip(*windows, strict=True)
    return Window(min(tops), min(lefts), max(bottoms), max(rights))


def cut(x: Tensor, window: Window | None, held: Window | None = None) -> Tensor:
    """The window of a map …×H×W of which `held` is there; a view."""
    if window is None:
        return x
    place = window if held is None else window.within(held)
    return x[..., place.top : place.bottom, place.left : place.right]


def resampled(
    x: Tensor, held: Window | None, size_hw: Size, made_hw: Size, window: Window | None
) -> Tensor:
    """The window of what `resample` to `made_hw` makes of a map of `size_hw`, of which x holds no
    more than `held`."""
    if window is None:
        return resample(x, made_hw)
    if size_hw == made_hw:
        return cut(x, window, held)
    read = window.read(size_hw, made_hw)
    found = cut(x, read, held).float()
    for dim, (begin, end, first_px) in {
        -2: (window.top, window.bottom, read.top),
        -1: (window.left, window.right, read.left),
    }.items():
        first, second, share = _read(begin, end, size_hw[dim], made_hw[dim])
        a, b = (
            found.index_select(dim, torch.from_numpy(index - first_px).to(x.device))
            for index in (first, second)
        )
        shares = torch.from_numpy(share).float().to(x.device)
        found = torch.lerp(a, b, shares[:, None] if dim == -2 else shares)
    return found.to(x.dtype)


def touched(wanted: Tensor, size_hw: Size, side_px: int) -> list[Window]:
    """Windows of a map of `size_hw` that hold all that bilinear resampling to H×W reads where
    `wanted`, bool H×W, is true: squares of `side_px`, those that touch joined to rectangles."""
    rows, columns = (
        _reading(size, made, side_px).to(wanted.device)
        for size, made in zip(size_hw, wanted.shape, strict=True)
    )
    squares = (rows @ wanted.float() @ columns.T > 0).tolist()
    found: dict[tuple[int, int, int], Window] = {}  # by left, right and bottom, in squares
    for row, line in enumerate(squares):
        for is_touched, run in groupby(range(len(line)), key=line.__getitem__):
            if is_touched:
                places = list(run)
                left, right = places[0], places[-1] + 1
                above = found.pop((left, right, row), None)
                top = row if above is None else above.top
                found[left, right, row + 1] = Window(top, left, row + 1, right)
    return [each.times(side_px).grown(0, size_hw) for each in found.values()]


def _read(
    begin: int, end: int, size: int, made: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], F64]:
    """Of a line of `size` px, resampled to `made`: for each px from `begin` on the two that are
    read, and the share of the second one."""
    at = ((np.arange(begin, end) + 0.5) * (size / made) - 0.5).clip(min=0)
    first = at.astype(np.int64).clip(max=size - 1)
    return first, (first + 1).clip(max=size - 1), at - first


def _reading(size: int, made: int, side_px: int) -> Tensor:
    """Squares × made: 1 where a px of what is made reads one of them."""
    first, second, _ = _read(0, made, size, made)
    found = np.zeros((-(-size // side_px), made), np.float32)
    for read in (first, second):
        found[read // side_px, np.arange(made)] = 1
    return torch.from_numpy(found)
