"""A probe: how well patches at the edges of pasted things are told from patches at the edges of
things in photographs, by what both sides of an edge have in common.

A forest, because the measures are few and hold on any scale. No thing is in both training and test.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from refmatte_engine.audit.examination import Examined
from refmatte_engine.audit.measures import MEASURES
from refmatte_engine.errors import InputError, needs
from refmatte_engine.randomness import stream
from refmatte_engine.records import F64

FOLDS, TREES, LEAF = 5, 100, 8
SAMPLES = 1000  # of the bootstrap
LEAST = 2 * FOLDS  # pictures of either sort


class Told(NamedTuple):
    """The area under the ROC curve of patches (0.5: nobody can tell), with its 95 % interval by a
    bootstrap over pictures; `suspicion`, by the number of a composite's thing, is the mean
    probability that its patches are of a paste; `by`, the share of each measure in telling;
    `judged`, of each patch its score, whether it is of a paste, and its picture's number."""

    auc: float
    low: float
    high: float
    suspicion: dict[int, float]
    by: dict[str, float]
    patches: tuple[int, int]
    judged: tuple[F64, np.ndarray, np.ndarray]


def check(composites: int, photographs: int) -> None:
    """InputError if so many pictures of either sort cannot be enough, MissingExtra without
    scikit-learn; before anything is measured."""
    with needs("audit", "train the probe"):
        import sklearn  # noqa: F401
    for there, name in ((composites, "composites"), (photographs, "photographs")):
        if there < LEAST:
            problem = f"has only {there} {name} whose edges can be measured"
            raise InputError("the audit", problem, allowed=f"{LEAST} or more of either")


def probe(composites: Examined, photographs: Examined, seed: int = 0) -> Told:
    """Trains and tests the probe, by cross-validation. InputError if there are too few pictures of
    either sort, MissingExtra without scikit-learn."""
    features, is_paste, groups, pictures, things = _rows(composites, photographs)
    check(*(len(set(pictures[is_paste == sort])) for sort in (True, False)))
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.model_selection import StratifiedGroupKFold

    def forest() -> RandomForestClassifier:
        return RandomForestClassifier(
            TREES, min_samples_leaf=LEAF, class_weight="balanced", random_state=seed
        )

    scores = np.zeros(len(features))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    shares = np.zeros(len(MEASURES))
    for train, test in folds.split(features, is_paste, groups):
        fitted = forest().fit(features[train], is_paste[train])
        scores[test] = fitted.predict_proba(features[test])[:, 1]
        shares += fitted.feature_importances_ / FOLDS
    low, high = _interval(scores, is_paste, pictures, seed)
    suspicion = {int(k): float(scores[things == k].mean()) for k in np.unique(things[things >= 0])}
    return Told(
        auc(scores, is_paste),
        low,
        high,
        suspicion,
        dict(zip(MEASURES, map(float, shares), strict=True)),
        (int(is_paste.sum()), int((~is_paste).sum())),
        (scores, is_paste, pictures),
    )


def more(one: Told, other: Told, seed: int = 0) -> tuple[float, float, float]:
    """By how much the AUC of `one` is above that of `other`, held against the same photographs, and
    the 95 % interval: each sample of the bootstrap draws pictures of the same numbers for both, so
    that which photographs there are counts for nothing. Of one run with an effect and without it
    the composites' numbers, too, are of the same scenes."""
    known = np.unique(np.concatenate([one.judged[2], other.judged[2]]))
    places = [np.searchsorted(known, each.judged[2]) for each in (one, other)]
    dice, drawn = stream(seed, "audit", "", 0), []
    for _ in range(SAMPLES):
        times = np.bincount(dice.integers(len(known), size=len(known)), minlength=len(known))
        first, second = (
            auc(*each.judged[:2], times[place].astype(float))
            for each, place in zip((one, other), places, strict=True)
        )
        drawn.append(first - second)
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return one.auc - other.auc, float(low), float(high)


def _rows(
    composites: Examined, photographs: Examined
) -> tuple[F64, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Of each patch: its measures, whether it is of a paste, the number of its thing among all
    sorts of things, of its picture, and of its thing among the composites' (-1: none)."""
    features, is_paste, groups, pictures, things = [], [], [], [], []
    names: dict[tuple[bool, str], int] = {}
    for sort, examined in ((True, composites), (False, photographs)):
        for number, thing in enumerate(examined.things):
            rows = len(thing.patches)
            features.append(thing.patches)
            is_paste += [sort] * rows
            groups += [names.setdefault((sort, examined.name(thing)), len(names))] * rows
            pictures += [thing.source if sort else -1 - thing.source] * rows
            things += [number if sort else -1] * rows
    return (
        np.concatenate([*features, np.zeros((0, len(MEASURES)))]),
        np.array(is_paste, bool),
        np.array(groups),
        np.array(pictures),
        np.array(things),
    )


def auc(scores: F64, positive: np.ndarray, weights: F64 | None = None) -> float:
    """The area under the ROC curve: the chance that a positive scores above a negative (Hanley and
    McNeil 1982), ties counted half; with `weights`, of so many copies of each."""
    times = np.ones(len(scores)) if weights is None else weights
    levels, place = np.unique(scores, return_inverse=True)
    of_positive = np.bincount(place, times * positive, len(levels))
    of_negative = np.bincount(place, times * ~positive, len(levels))
    below = np.cumsum(of_negative) - of_negative / 2
    pairs = of_positive.sum() * of_negative.sum()
    return float((of_positive * below).sum() / pairs) if pairs else float("nan")


def _interval(
    scores: F64, positive: np.ndarray, pictures: np.ndarray, seed: int
) -> tuple[float, float]:
    known, place = np.unique(pictures, return_inverse=True)
    dice, drawn = stream(seed, "audit", "", 0), []
    for _ in range(SAMPLES):
        times = np.bincount(dice.integers(len(known), size=len(known)), minlength=len(known))
        drawn.append(auc(scores, positive, times[place].astype(float)))
    low, high = np.nanquantile(drawn, (0.025, 0.975))
    return float(low), float(high)
