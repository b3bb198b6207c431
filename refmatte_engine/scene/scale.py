"""Scale: how large the things of a scene really are, and which of them one picture can show."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.records import F64, Foreground, Layout
from refmatte_engine.scene.standing import foreshortening
from refmatte_engine.semantics import lexicon, sizes
from refmatte_engine.semantics.sizes import Size

TOY = Size(0.2, 0.2, 2.0)  # from 0.1 to 0.4 m
SHOWN = 0.5  # of what a photograph cut off, about so much is seen
# Where one covers another, neither may be more than that many times larger.
COVERING = 2.2
FILLED = 0.4  # of its box: what fills less is thin
YOUNG = {"juvenile.n.01", "young.n.01"}


def size_of(foreground: Foreground, toys: bool) -> Size:
    """The typical real size of what the foreground shows; of toys that of a toy where a scene is of
    `toys`, else that of what they show."""
    if foreground.height_m is not None:
        return Size(foreground.height_m, math.inf, 1.0)
    if foreground.toy and toys:
        return TOY
    size = sizes.of(foreground.category) or sizes.usual(foreground.kind)
    factor = _of_age(foreground)
    tall, wide = (
        SHOWN if cut & {*foreground.cut_edges} else 1.0
        for cut in ({"top", "bottom"}, {"left", "right"})
    )
    return Size(size.height_m * factor * tall, size.length_m * factor * wide, size.spread)


def is_guess(foreground: Foreground) -> bool:
    """Whether nothing is known of its size, so that it is its kind's median."""
    return foreground.height_m is None and sizes.of(foreground.category) is None


def metres(foreground: Foreground, toys: bool, rng: np.random.Generator) -> float:
    """How many metres a pixel of the foreground's crop is, drawn within its spread."""
    size = size_of(foreground, toys)
    drawn = math.exp(float(rng.triangular(-1, 0, 1)) * math.log(size.spread))
    return size.metres(foreground.size_hw) * drawn


def extent_m(foreground: Foreground, toys: bool) -> float:
    """The side of a square of the area, in metres, of the foreground's box at its typical size, as
    it rests; of what is thin, of the box of something that would be seen as well."""
    height, width = foreground.size_hw
    metre = size_of(foreground, toys).metres(foreground.size_hw)
    seen = min(1.0, foreground.fill / FILLED)
    return metre * math.sqrt(height * width * foreshortening(foreground) * seen)


def widest(rules: LayoutRules, layout: Layout) -> float:
    """How many times larger than the smallest thing of a picture the largest may be."""
    return min(rules.widest, COVERING) if layout == "front_behind" else rules.widest


def compressed(extents: Sequence[float], most: float, compress: float) -> list[float]:
    """Extents in metres as a picture shows them: of a range wider than `most`, the share `compress`
    of its logarithm is taken away, or less if `most` is reached before. The largest stays.

    >>> [[round(each, 3) for each in compressed([1.0, least], 8, 0.5)] for least in (0.1, 0.2)]
    [[1.0, 0.125], [1.0, 0.2]]
    """
    largest = max(extents)
    whole = math.log(largest / min(extents))
    if whole <= math.log(most):
        return list(extents)
    kept = max(math.log(most), (1 - compress) * whole) / whole
    return [float(largest * (each / largest) ** kept) for each in extents]


def partners(extents: Mapping[str, float], shares: Mapping[str, float], most: float) -> F64:
    """Weights by which partners are drawn out of those in range, so that each comes as often as its
    share says although it fits fewer others: what a matrix of pairs needs in its columns to have
    the same sums as its rows (Sinkhorn)."""
    logs = np.log([extents[name] for name in extents])
    wanted = np.array([shares[name] for name in extents])
    fits = (np.abs(logs[:, None] - logs[None]) <= math.log(most) + 1e-9) * 1.0
    np.fill_diagonal(fits, 0)
    weights = wanted.copy()
    for _ in range(30):
        drawn = (wanted / np.maximum(fits @ weights, 1e-12)) @ fits * weights
        # What fits hardly anything would need any weight; it stays rare.
        weights *= np.clip(wanted / np.maximum(drawn, 1e-12), 0.5, 2.0)
        weights = np.clip(weights, wanted / 10, wanted * 10)
    return weights


def _of_age(foreground: Foreground) -> float:
    """How much smaller the young are than others of their category, if it is not theirs."""
    factor = min(
        (sizes.AGES.get(a.value, 1.0) for a in foreground.attributes if a.name == "age"),
        default=1.0,
    )
    if factor == 1 or foreground.kind == "object":
        return 1.0
    return factor if YOUNG.isdisjoint(lexicon.kinds(foreground.category).sure) else 1.0
