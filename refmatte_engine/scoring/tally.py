"""The figures of a group of rows, from what each image's rows add to them.

Every figure is a ratio of two sums over rows (one is made of two such), so that one bootstrap over
images serves all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

import numpy as np

from refmatte_engine.randomness import stream
from refmatte_engine.records import F64
from refmatte_engine.scoring import columns, presence
from refmatte_engine.scoring.image_sums import ImageSums, Shelf
from refmatte_engine.scoring.score import Result

SAMPLES = 1000
BATCH = 50


class Block:
    """The results of an image, or of twins, and what each adds to the figures."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.results = results
        found = columns.of(results)
        self.names = list(found)
        # rows × figures × (what is summed, what it is divided by)
        self.added = np.stack([np.stack(pair, -1) for pair in found.values()], 1)


def blocks(results: Iterable[Result]) -> Iterator[Block]:
    """All results, an image at a time; twins, which follow each other, together."""
    held: list[Result] = []
    twins: set[str] = set()
    for _, own in groupby(results, key=attrgetter("row.image")):
        of_image = list(own)
        here = {result.row.twin for result in of_image} - {""}
        if held and not twins & here:
            yield Block(held)
            held, twins = [], set()
        held += of_image
        twins |= here
    if held:
        yield Block(held)


class Tally:
    """What the rows of a group add up to, on a shelf that groups may share."""

    def __init__(self, shelf: Shelf, *, times_1000: bool = False) -> None:
        self.rows = self.pixels = 0
        self.names: list[str] = []
        self._shelf, self._times_1000 = shelf, times_1000

    @property
    def images(self) -> int:
        """How many images have rows in the group."""
        return self._sums.images if self.rows else 0

    def add(self, block: Block, places: Sequence[int]) -> None:
        """The rows of the block at these places, of which there are some."""
        if not self.rows:
            self.names = block.names
            self._sums = ImageSums(self._shelf, 2 * len(self.names))
        own = [block.results[place] for place in places]
        numbers = {image: n for n, image in enumerate(dict.fromkeys(r.row.image for r in own))}
        image = np.array([numbers[result.row.image] for result in own])
        added = block.added[list(places)]
        share = 1 / np.bincount(image)[image]
        added[:, columns.PER_IMAGE] *= share[:, None, None]
        if presence.TWINS in self.names:
            at = self.names.index(presence.TWINS)
            added[:, at] = np.stack(presence.twins(own), -1)
        if self._times_1000:
            many = [n for n, name in enumerate(self.names) if name.startswith(columns.MULTIPLIED)]
            added[:, many, 0] *= 1000
        sums = np.zeros((len(numbers), len(self.names), 2))
        np.add.at(sums, image, added)
        for each in sums:
            self._sums.add(each.ravel())
        self.rows += len(own)
        self.pixels += sum(result.width_px * result.height_px for result in own)

    def figures(self, seed: int) -> dict[str, tuple[float, float, float]]:
        """Each figure with the bounds of its 95 % confidence interval (percentiles of the bootstrap
        over images). In memory are a hundred bytes an image, whatever the number of rows."""
        whole = np.zeros((0, 2 * len(self.names)))
        for chunk in self._sums.chunks():
            whole = np.concatenate([whole, chunk]).sum(0, keepdims=True)
        totals = whole.reshape(-1, 2)
        divisors = dict(zip(self.names, totals[:, 1].tolist(), strict=True))
        names = columns.kept(divisors)
        chosen = [self.names.index(name) for name in names]
        called = [
            f"{name}{columns.TIMES_1000}"
            if self._times_1000 and name.startswith(columns.MULTIPLIED)
            else name
            for name in names
        ]
        found = columns.values(totals[chosen], names)
        low, high = self._interval(names, chosen, seed)
        with_made = [*called, presence.MCC][: len(found)]
        each = zip(found.tolist(), low.tolist(), high.tolist(), strict=True)
        return dict(zip(with_made, each, strict=True))

    def _interval(self, names: Sequence[str], chosen: list[int], seed: int) -> tuple[F64, F64]:
        dice = stream(seed, "bootstrap", "", 0)
        odds = np.full(self.images, 1 / self.images)
        drawn = []
        for _ in range(SAMPLES // BATCH):
            times = np.empty((BATCH, self.images), np.uint16)  # no image comes 65,536 times
            for sample in times:
                sample[:] = dice.multinomial(self.images, odds)
            sums, begin = np.zeros((BATCH, 2 * len(chosen))), 0
            for chunk in self._sums.chunks():
                added = chunk.reshape(len(chunk), -1, 2)[:, chosen].reshape(len(chunk), -1)
                sums += times[:, begin : begin + len(chunk)].astype(float) @ added
                begin += len(chunk)
            # A sample may miss all rows that a figure is of.
            drawn.append(columns.values(sums.reshape(BATCH, -1, 2), names))
        low, high = np.nanquantile(np.concatenate(drawn), (0.025, 0.975), axis=0)
        return low, high
