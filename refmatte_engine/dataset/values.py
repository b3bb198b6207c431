"""Values of a quantity, in memory that does not grow with their number."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import repeat

import numpy as np

from refmatte_engine.randomness import stream
from refmatte_engine.records import F64

MOST = 1 << 14  # different values that are counted, and values that are drawn of more
QUARTILES = {
    "least": 0.0, "lower quarter": 0.25, "median": 0.5, "upper quarter": 0.75, "most": 1.0,
}  # fmt: skip


class Values:
    """How often there is each value of a quantity. Of more than MOST different ones only as many
    values are kept, drawn so that each is as likely; their number, mean and ends stay exact."""

    def __init__(self, values: Iterable[float] = ()) -> None:
        self._counts: Counter[float] = Counter()
        self._drawn: F64 | None = None
        self._dice = stream(0, "values", "", 0)
        self._total, self._number = 0.0, 0
        self._least, self._most = math.inf, -math.inf
        for value in values:
            self.add(value)

    def add(self, value: float) -> None:
        """One more value."""
        self._number += 1
        self._total += value
        self._least, self._most = min(self._least, value), max(self._most, value)
        if self._drawn is not None:
            if (place := int(self._dice.integers(self._number))) < MOST:
                self._drawn[place] = value
            return
        self._counts[value] += 1
        if len(self._counts) > MOST:
            self._drawn = self._dice.choice([*self], MOST, replace=False)
            self._counts.clear()

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[float]:
        """The values that are kept, in ascending order."""
        values, counts = self.counted()
        for value, count in zip(values.tolist(), counts.tolist(), strict=True):
            yield from repeat(value, int(count))

    def counted(self) -> tuple[F64, F64]:
        """The different values that are kept, float64 in ascending order, and how often each is."""
        if self._drawn is not None:
            return np.sort(self._drawn), np.ones(MOST)
        values = sorted(self._counts)
        return np.array(values, float), np.array([self._counts[value] for value in values], float)

    def summary(self) -> dict[str, float]:
        """The mean and the quartiles; empty for no values."""
        if not self._number:
            return {}
        values, counts = self.counted()
        ends = np.cumsum(counts)
        found = {"mean": self._total / self._number}
        for name, share in QUARTILES.items():
            place = share * (ends[-1] - 1)
            low, high = values[
                np.searchsorted(ends, (math.floor(place), math.ceil(place)), "right")
            ]
            found[name] = float(low + (high - low) * (place % 1))
        return found | {"least": float(self._least), "most": float(self._most)}
