"""Does a text mean anything in its picture? How well that is told, of texts that do and do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from refmatte_engine.records import F64
from refmatte_engine.scoring.score import Result

MCC = "presence MCC"
TWINS = "twins right"
ABSENT, PRESENT = "N-acc", "T-acc"  # the shares right of texts about nothing and about something
SHARES = (ABSENT, PRESENT, "presence precision", "presence recall", TWINS)
DEFINITIONS = {
    ABSENT: "share of texts about nothing in the image of which the model says so",
    PRESENT: "share of texts about something in the image of which it does not say the contrary",
    "presence precision": "share of the texts said to mean something that do",
    "presence recall": "share of the texts that mean something that are said to; the same as T-acc",
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
    """For each figure, what each row adds to the numerator and to the denominator."""
    meant = np.array([bool(result.row.referents) for result in results], float)
    empty = np.array([result.called_empty for result in results], float)
    found = {}
    if not meant.all():
        found[ABSENT] = (empty * (1 - meant), 1 - meant)
        found[PRESENT] = ((1 - empty) * meant, meant)
        if meant.any():
            found["presence precision"] = ((1 - empty) * meant, 1 - empty)
            found["presence recall"] = found[PRESENT]
    pairs = defaultdict(list)
    for place, result in enumerate(results):
        if result.row.twin:
            pairs[result.row.twin, result.row.text].append(place)
    both, one = np.zeros_like(meant), np.zeros_like(meant)
    for places in pairs.values():
        if len(places) == 2:
            one[places[0]] = 1
            both[places[0]] = all(_is_right(results[place]) for place in places)
    if one.any():
        found[TWINS] = (both, one)
    return found


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
