"""Sorted lines: any number of them, of which only a few are ever in memory."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryFile

HELD = 1 << 14  # lines in memory
BLOCK = 1 << 14  # bytes of each run that are read at once


class SortedLines:
    """Lines of bytes without line ends, given back in the order of their bytes, as often as wanted.

    What is more than can be held lies as sorted runs in a file without a name, in `folder` where
    that can be written to, else where the system keeps temporary files. OSError if the disk is
    full.
    """

    def __init__(self, folder: Path | None = None) -> None:
        writable = folder is not None and os.access(folder, os.W_OK)
        self._folder = folder if writable else None
        self._held: list[bytes] = []
        self._ends = [0]  # of the runs in the file

    def add(self, line: bytes) -> None:
        """One more line. ValueError if it has a line end in it."""
        if b"\n" in line:
            raise ValueError("a line of several lines")
        self._held.append(line)
        if len(self._held) >= HELD:
            self._write()

    def __iter__(self) -> Iterator[bytes]:
        runs: list[Iterable[bytes]] = [sorted(self._held)]
        runs += [self._run(*ends) for ends in zip(self._ends, self._ends[1:], strict=False)]
        return merge(*runs)

    def distinct(self) -> int:
        """How many different lines there are."""
        return sum(1 for _ in groupby(self))

    def _write(self) -> None:
        if len(self._ends) == 1:
            self._file = TemporaryFile(dir=self._folder)  # noqa: SIM115 - lives as long as this
            weakref.finalize(self, self._file.close)
        self._file.writelines(line + b"\n" for line in sorted(self._held))
        self._file.flush()
        self._ends.append(self._file.tell())
        self._held.clear()

    def _run(self, start: int, stop: int) -> Iterator[bytes]:
        rest = b""
        while start < stop:
            block = os.pread(self._file.fileno(), min(BLOCK, stop - start), start)
            start += len(block)
            *lines, rest = (rest + block).split(b"\n")
            yield from lines
