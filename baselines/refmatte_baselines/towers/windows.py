"""Windows: a map that is wanted in some places is found from these and what they depend on.

What convolutions, resampling and the like make of a `lazy` map is not there yet: until
`torch.where` takes it where a condition is true, no more than its size is known. What a window is
made of has enough round it, so that it is what the whole map has there, but for rounding. A network
says nothing of all this: it is given a lazy map in the place of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any, NamedTuple, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

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

    def clipped(self, size_hw: Size) -> Window:
        """As much of it as the map has."""
        bottom, right = min(size_hw[0], self.bottom), min(size_hw[1], self.right)
        return Window(max(0, self.top), max(0, self.left), bottom, right)

    def times(self, factor: int) -> Window:
        """The same place in a map so many times as large."""
        return Window(*(side * factor for side in self))

    def seen_by(self, kernel: int, stride: int, padding: int) -> Window:
        """What a convolution looks at to make this window of a map."""
        top, left = (side * stride - padding for side in (self.top, self.left))
        bottom, right = (
            (side - 1) * stride - padding + kernel for side in (self.bottom, self.right)
        )
        return Window(top, left, bottom, right)

    def read(self, size_hw: Size, made_hw: Size) -> Window:
        """What bilinear resampling of `size_hw` reads to make this window of `made_hw`."""
        rows = _read(self.top, self.bottom, size_hw[0], made_hw[0])
        columns = _read(self.left, self.right, size_hw[1], made_hw[1])
        (top, left), (bottom, right) = (
            (int(lines[0][0]) for lines in (rows, columns)),
            (int(lines[1][-1]) + 1 for lines in (rows, columns)),
        )
        return Window(top, left, bottom, right)


def cut(x: Tensor, window: Window) -> Tensor:
    """The window of a map …×H×W; a view."""
    return x[..., window.top : window.bottom, window.left : window.right]


def lazy(x: Tensor) -> Tensor:
    """A map B×C×H×W as one that is asked for parts of what is made of it."""
    return cast(Tensor, Lazy.of(x))


def as_lazy(x: Tensor, like: object) -> Tensor:
    """`x`, lazy if another map is."""
    return lazy(x) if isinstance(like, Lazy) else x


class Lazy:
    """A map KB×C×H×W of which parts can be found; torch's functions take it for a tensor."""

    def __init__(
        self, shape: Sequence[int], find: Callable[[int | None, Window], Tensor], *of: Lazy
    ) -> None:
        self.shape, self._find = torch.Size(shape), find
        self.hw: Size = (self.shape[-2], self.shape[-1])
        self.px = self.hw[0] * self.hw[1]
        self.finest_px: int = max([self.px, *(each.finest_px for each in of)])
        self.resized: Lazy | None = None  # the map of which this is another size

    @classmethod
    def of(cls, x: Tensor | Lazy) -> Lazy:
        """A tensor's; itself."""
        if isinstance(x, Lazy):
            return x
        return cls(x.shape, lambda k, window: cut(x if k is None else x[k : k + 1], window))

    @property
    def everything(self) -> Window:
        return Window(0, 0, *self.hw)

    def at(self, k: int | None, window: Window) -> Tensor:
        """The window of the map number k, or of all KB. What is small is found whole, once."""
        whole = self.px * 8 <= self.finest_px
        if whole or (window == self.everything and self.px * 4 <= self.finest_px):
            return cut(self._whole if k is None else self._whole[k : k + 1], window)
        return self._find(k, window)

    @cached_property
    def _whole(self) -> Tensor:
        return self._find(None, self.everything)

    @classmethod
    def __torch_function__(
        cls, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        if func.__name__ in OPERATIONS:
            return OPERATIONS[func.__name__](*args, **(kwargs or {}))
        # The same for each pixel of the maps that come first.
        maps = [each for each in args if isinstance(each, Lazy)]
        rest = args[len(maps) :]

        def find(k: int | None, window: Window) -> Any:
            return func(*(each.at(k, window) for each in maps), *rest, **(kwargs or {}))

        return cls(maps[0].shape, find, *maps)

    def dim(self) -> int:
        return len(self.shape)

    def __add__(self, other: Lazy) -> Any:
        return Lazy.__torch_function__(torch.add, (), (self, other))

    def __mul__(self, factor: float) -> Any:
        return Lazy.__torch_function__(torch.mul, (), (self, factor))

    def float(self) -> Any:
        return Lazy.__torch_function__(torch.Tensor.float, (), (self,))

    def __getitem__(self, place: tuple[Any, slice, slice]) -> Lazy:
        """[..., :height, :width]"""
        shape = *self.shape[:2], *(s.indices(n)[1] for s, n in zip(place[1:], self.hw, strict=True))
        return Lazy(shape, self.at, self)


def _convolved(
    x: Lazy, weight: Tensor, bias: Tensor | None, stride: Size, padding: Size, *_: Any
) -> Lazy:
    step, pad, kernel = stride[0], padding[0], weight.shape[-1]
    size_hw = [(side + 2 * pad - kernel) // step + 1 for side in x.hw]

    def find(k: int | None, window: Window) -> Tensor:
        seen = window.seen_by(kernel, step, pad)
        there = seen.clipped(x.hw)
        sides = there.left - seen.left, seen.right - there.right
        over = (*sides, there.top - seen.top, seen.bottom - there.bottom)
        found = x.at(k, there)
        return F.conv2d(F.pad(found, over) if any(over) else found, weight, bias, step)

    return Lazy((x.shape[0], weight.shape[0], *size_hw), find, x)


def _pooled(x: Lazy, side: int, **_: Any) -> Lazy:
    def find(k: int | None, window: Window) -> Tensor:
        return F.max_pool2d(x.at(k, window.times(side).clipped(x.hw)), side, ceil_mode=True)

    return Lazy((*x.shape[:2], *(-(-each // side) for each in x.hw)), find, x)


def _resized(x: Lazy, size: Size, **_: Any) -> Lazy:
    made = Lazy((*x.shape[:2], *size), lambda k, window: resampled(x, k, size, window), x)
    made.resized = x
    return made


def _shuffled(x: Lazy, factor: int) -> Lazy:
    def find(k: int | None, window: Window) -> Tensor:
        bottom, right = (-(-side // factor) for side in (window.bottom, window.right))
        small = Window(window.top // factor, window.left // factor, bottom, right)
        return cut(F.pixel_shuffle(x.at(k, small), factor), window.within(small.times(factor)))

    channels = x.shape[1] // factor**2
    return Lazy((x.shape[0], channels, *(side * factor for side in x.hw)), find, x)


def _repeated(x: Lazy, times: int, dim: int) -> Lazy:
    def find(k: int | None, window: Window) -> Tensor:
        return (
            x.at(None, window).repeat_interleave(times, 0)
            if k is None
            else x.at(k // times, window)
        )

    return Lazy((x.shape[0] * times, *x.shape[1:]), find, x)


def _joined(maps: Sequence[Tensor | Lazy], dim: int) -> Lazy:
    each = [Lazy.of(x) for x in maps]
    first, channels = each[0].shape, sum(x.shape[1] for x in each)

    def find(k: int | None, window: Window) -> Tensor:
        return torch.cat([x.at(k, window) for x in each], 1)

    return Lazy((first[0], channels, *first[2:]), find, *each)


def _where(wanted: Tensor, x: Lazy, other: Tensor) -> Tensor:
    """Found, map by map, before it got its last size, which is quickly done."""
    before = x.resized or x
    found = other.new_zeros((*x.shape[:2], *before.hw))
    for k in range(len(wanted)):
        for window in touched(wanted[k, 0], before.hw, SIDE_PX):
            cut(found[k], window)[:] = before.at(k, window)[0]
    if x.resized is not None:
        found = F.interpolate(found, x.hw, mode="bilinear", align_corners=False)
    return torch.where(wanted, found, other)


OPERATIONS: Mapping[str, Callable[..., Any]] = {
    "conv2d": _convolved,
    "max_pool2d": _pooled,
    "interpolate": _resized,
    "pixel_shuffle": _shuffled,
    "repeat_interleave": _repeated,
    "cat": _joined,
    "where": _where,
}


def resampled(x: Lazy, k: int | None, made_hw: Size, window: Window) -> Tensor:
    """The window of what bilinear resampling to `made_hw` makes of a map."""
    if window == (0, 0, *made_hw):
        return F.interpolate(x.at(k, x.everything), made_hw, mode="bilinear", align_corners=False)
    read = window.read(x.hw, made_hw)
    found = x.at(k, read)
    dtype, found = found.dtype, found.float()
    for dim, (begin, end, first_px) in {
        -2: (window.top, window.bottom, read.top),
        -1: (window.left, window.right, read.left),
    }.items():
        first, second, share = _read(begin, end, x.hw[dim], made_hw[dim])
        a, b = (
            found.index_select(dim, torch.from_numpy(index - first_px).to(found.device))
            for index in (first, second)
        )
        shares = torch.from_numpy(share).float().to(found.device)
        found = torch.lerp(a, b, shares[:, None] if dim == -2 else shares)
    return found.to(dtype)


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
    return [each.times(side_px).clipped(size_hw) for each in found.values()]


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
