"""What the rows of each image add to the figures of a group: on disk, however many images there
are."""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterator
from tempfile import TemporaryFile

import numpy as np

from refmatte_engine.records import F64

HELD_BYTES = 1 << 14  # of a group, in memory
AT_ONCE = 4096  # images that are read together


class Shelf:
    """A file without a name where the sums of many groups lie, a stretch of one after a stretch of
    another. OSError if the disk is full."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - lives as long as this
        weakref.finalize(self, self._file.close)

    def put(self, numbers: F64) -> int:
        """Where they begin from now on."""
        begins = self._file.seek(0, os.SEEK_END)
        self._file.write(numbers.tobytes())
        self._file.flush()
        return begins

    def get(self, begins: int, count: int) -> F64:
        """So many numbers from there."""
        return np.frombuffer(os.pread(self._file.fileno(), 8 * count, begins))


class ImageSums:
    """For each image, `width` sums; images in the order in which they were added."""

    def __init__(self, shelf: Shelf, width: int) -> None:
        self.width, self.images = width, 0
        self._shelf = shelf
        self._held: list[F64] = []
        self._stretches: list[tuple[int, int]] = []  # where each begins, and of how many images

    def add(self, sums: F64) -> None:
        """One more image's, float64 `width`."""
        self._held.append(sums)
        self.images += 1
        if len(self._held) * 8 * self.width >= HELD_BYTES:
            self._stretches.append((self._shelf.put(np.stack(self._held)), len(self._held)))
            self._held = []

    def chunks(self) -> Iterator[F64]:
        """All sums, float64 images × `width`, AT_ONCE images at a time."""
        some: list[F64] = []
        for part in self._parts():
            some.append(part)
            while sum(map(len, some)) >= AT_ONCE:
                whole = np.concatenate(some)
                yield whole[:AT_ONCE]
                some = [whole[AT_ONCE:]]
        if sum(map(len, some)):
            yield np.concatenate(some)

    def _parts(self) -> Iterator[F64]:
        for begins, images in self._stretches:
            yield self._shelf.get(begins, images * self.width).reshape(images, self.width)
        if self._held:
            yield np.stack(self._held)
