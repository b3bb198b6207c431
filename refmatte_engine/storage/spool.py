"""A sequence on disk: any number of values, of which only a few are ever in memory."""

from __future__ import annotations

import os
import pickle
import weakref
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from tempfile import TemporaryFile
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")
BLOCK = 64  # values that are written, and read, together


class Spool(Sequence[Value], Generic[Value]):
    """Values that can be pickled, in a file without a name where the system keeps temporary files;
    few of them in none. OSError if the disk is full."""

    def __init__(self, values: Iterable[Value] = ()) -> None:
        self._held: list[Value] = []
        self._ends = array("q", [0])  # of the blocks in the file
        self._read: tuple[int, list[Value]] = (-1, [])
        for value in values:
            self.append(value)

    def append(self, value: Value) -> None:
        """One more."""
        self._held.append(value)
        if len(self._held) == BLOCK:
            if len(self._ends) == 1:
                self._file = TemporaryFile()  # noqa: SIM115 - lives as long as this
                weakref.finalize(self, self._file.close)
            self._file.write(pickle.dumps(self._held, pickle.HIGHEST_PROTOCOL))
            self._file.flush()
            self._ends.append(self._file.tell())
            self._held = []

    def __len__(self) -> int:
        return BLOCK * (len(self._ends) - 1) + len(self._held)

    def __iter__(self) -> Iterator[Value]:
        for number in range(len(self._ends) - 1):
            yield from self._block(number)
        yield from self._held

    @overload
    def __getitem__(self, at: int) -> Value: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Value]: ...
    def __getitem__(self, at: int | slice) -> Value | Sequence[Value]:
        if isinstance(at, slice):
            return tuple(self[number] for number in range(*at.indices(len(self))))
        number, place = divmod(range(len(self))[at], BLOCK)
        if number == len(self._ends) - 1:
            return self._held[place]
        read = self._read
        if read[0] != number:
            self._read = read = number, self._block(number)
        return read[1][place]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or len(self) != len(other):
            return NotImplemented if not isinstance(other, Sequence) else False
        return all(mine == its for mine, its in zip_longest(self, other))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        return Spool, (tuple(self),)

    def _block(self, number: int) -> list[Value]:
        start, stop = self._ends[number : number + 2]
        block: list[Value] = pickle.loads(os.pread(self._file.fileno(), stop - start, start))
        return block
