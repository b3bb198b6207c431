"""Does a text mean anything in its picture? How well that is told, of texts that do and do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from refmatte_engine.records import F64
from refmatte_engine.scoring.score import Result

MCC = "presence MCC"
TWINS = "twins right"
ABSENT, PRESENT = "N-acc", "T-acc"  # the shares right of texts about nothing and about something
PRECISION, RECALL = "presence precision", "presence recall"
SHARES = (ABSENT, PRESENT, PRECISION, RECALL, TWINS)
DEFINITIONS = {
    ABSENT: "share of texts about nothing in the image of which the model says so",
    PRESENT: "share of texts about something in the image of which it does not say the contrary",
    PRECISION: "share of the texts said to mean something that do",
    RECALL: "share of the texts that mean something that are said to; the same as T-acc",
    MCC: "Matthews' correlation of what is said of presence with what is so: 1 is right always, 0 "
    "no better than a guess",
    TWINS: "share of texts that mean another thing in a picture's twin, or nothing there, that are "
    "answered rightly in both: found, or said to mean nothing",
}


def source(results: Sequence[Result]) -> str:
    """Where it is known from what the model says, in plain words."""
    if results[0].presence is None:
        return "presence: read off the mattes: whether any pixel reaches alpha 0.5"
    return "presence: as the model itself says"


def columns(results: Sequence[Result]) -> dict[str, tuple[F64, F64]]:
    """For each figure, what each row adds to the numerator and to the denominator. Of which rows a
    pair of twins has both is for `twins` to say."""
    meant = np.array([bool(result.row.referents) for result in results], float)
    empty = np.array([result.called_empty for result in results], float)
    none = np.zeros_like(meant)
    return {
        ABSENT: (empty * (1 - meant), 1 - meant),
        PRESENT: ((1 - empty) * meant, meant),
        PRECISION: ((1 - empty) * meant, 1 - empty),
        RECALL: ((1 - empty) * meant, meant),
        TWINS: (none, none),
    }


def twins(results: Sequence[Result]) -> tuple[F64, F64]:
    """The column of `TWINS`, for rows that include both of each pair, or are to count for none."""
    pairs = defaultdict(list)
    for place, result in enumerate(results):
        if result.row.twin:
            pairs[result.row.twin, result.row.text].append(place)
    both, one = np.zeros(len(results)), np.zeros(len(results))
    for places in pairs.values():
        if len(places) == 2:
            one[places[0]] = 1
            both[places[0]] = all(_is_right(results[place]) for place in places)
    return both, one


def without_meaning(divisors: Mapping[str, float]) -> set[str]:
    """The figures that say nothing of these rows: all of them where no text is about nothing,
    precision where all are."""
    if not divisors.get(ABSENT):
        return {PRESENT, PRECISION, RECALL}
    return set() if divisors[PRESENT] else {PRECISION}


def correlation(absent: F64, present: F64) -> F64:
    """Matthews' coefficient from how many texts about nothing, and about something, are told
    rightly, and how many there are (… × 2 each); NaN where there are none of one sort."""
    (tn, negatives), (tp, positives) = np.moveaxis(absent, -1, 0), np.moveaxis(present, -1, 0)
    fp, fn = negatives - tn, positives - tp
    scale = np.sqrt((tp + fp) * positives * negatives * (tn + fn))
    # All called the same is no better than a guess.
    found = np.divide(tp * tn - fp * fn, scale, out=np.zeros_like(scale), where=scale > 0)
    return np.where((negatives > 0) & (positives > 0), found, np.nan)


def _is_right(result: Result) -> bool:
    return result.outcome == "found" if result.row.referents else result.called_empty
