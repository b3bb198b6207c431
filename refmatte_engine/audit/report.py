"""Datasets audited, as text and JSON: how their things differ from things in photographs, and how
well a probe tells them apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from refmatte_engine.audit import pictures, probe
from refmatte_engine.audit.examination import FRAMED, Examined, examine
from refmatte_engine.audit.measures import MEASURES
from refmatte_engine.audit.pictures import AS_IT_IS, Treatment
from refmatte_engine.audit.probe import Told
from refmatte_engine.parallel import Progress
from refmatte_engine.records import F64

PATCHES = 12  # at most, of a thing
SPREAD = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Audited:
    """A dataset's things and, if it was held against photographs, theirs, treated alike, and what
    the probe says."""

    dataset: Path
    composites: Examined
    photographs: Examined | None = None
    treated: Treatment = AS_IT_IS
    told: Told | None = None


def audit(
    dataset: Path,
    against: Sequence[Path] = (),
    *,
    limit: int = 200,
    workers: int = 1,
    progress: Callable[[str], Progress] | None = None,
) -> Audited:
    """Measures at most `limit` pictures of a dataset and of all photographs together, which is
    where `against` leads; either may be whatever `pictures.read` takes.

    `progress(what)` makes the callback of each part. InputError if there is nothing to measure,
    MissingExtra if there are photographs but no scikit-learn.
    """
    composites = pictures.read(dataset, limit)
    photographs = [source for path in against for source in pictures.read(path, limit)]
    photographs = pictures.spread(photographs, limit)
    if photographs:
        probe.check(len(composites), len(photographs))
    shown = (lambda _: None) if progress is None else progress
    measure = partial(examine, patches=PATCHES if photographs else 0, workers=workers)
    found = measure(composites, AS_IT_IS, progress=shown(str(dataset)))
    if not photographs:
        return Audited(dataset, found)
    treated = pictures.treatment(composites, dataset)
    others = measure(photographs, treated, progress=shown("photographs"))
    return Audited(dataset, found, others, treated, probe.probe(found, others))


def apart(one: F64, other: F64) -> float:
    """The distance of two samples' distributions (Kolmogorov and Smirnov): 0 alike, 1 apart."""
    every = np.sort(np.concatenate([one, other]))
    below = (np.searchsorted(np.sort(each), every, "right") / len(each) for each in (one, other))
    return float(np.abs(np.subtract(*below)).max()) if len(one) and len(other) else float("nan")


def figures(audited: Audited) -> Iterator[tuple[str, str, F64, F64]]:
    """Each measure with its definition, and its values in composites and in photographs."""
    for names, values in ((MEASURES, Examined.measured), (FRAMED, Examined.framed)):
        one = values(audited.composites)
        two = one[:0] if audited.photographs is None else values(audited.photographs)
        for place, (name, definition) in enumerate(names.items()):
            yield name, definition, one[:, place], two[:, place]


def as_text(audited: Audited) -> str:
    """A table of all measures, and the probe's figure."""
    lines = [_counted(str(audited.dataset), audited.composites)]
    if audited.photographs is not None:
        treated = audited.treated
        jpeg = f", as JPEG of quality {treated.jpeg_quality}" if treated.jpeg_quality else ""
        size = f"at most {treated.long_side_px} px long{jpeg}"
        lines.append(f"{_counted('photographs', audited.photographs)}, {size}")
    head = f"{'median (5 to 95 %)':18}{'composites':>24}"
    beside = f"{'photographs':>24}{'apart':>8}" if audited.photographs is not None else ""
    lines += ["", f"{head}{beside}"]
    for name, _, one, two in figures(audited):
        line = f"{name:18}{spread(one):>24}"
        lines.append(f"{line}{spread(two):>24}{apart(one, two):8.2f}" if beside else line)
    if audited.told is not None:
        lines += ["", *verdict(audited.told)]
    return "\n".join(lines)


def beside(everything: Sequence[Audited]) -> Iterator[str]:
    """A line for each dataset but the first: how much more or less it is told than that."""
    first, *others = everything
    for each in others:
        if first.told is not None and each.told is not None and first.treated == each.treated:
            change, low, high = map(_signed, probe.more(each.told, first.told))
            of = f"{each.dataset} beside {first.dataset}"
            yield f"{of}: AUC {change} (95 %: {low} to {high}; same photographs)"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def verdict(told: Told) -> list[str]:
    """The probe's figure in words."""
    by = sorted(told.by, key=lambda name: -told.by[name])[:3]
    pastes, others = told.patches
    return [
        f"A probe tells pasted edges from photographed ones with an AUC of {told.auc:.3f} "
        f"(95 %: {told.low:.3f} to {told.high:.3f}; 0.5: it cannot tell),",
        f"most by {', '.join(f'{name} ({told.by[name]:.0%})' for name in by)}; "
        f"{pastes} and {others} patches.",
    ]


def spread(values: F64) -> str:
    """The median and the range of nine tenths."""
    if not len(values):
        return "–"
    found = np.quantile(values, SPREAD)
    digits = 2 if np.abs(found).max() < 10 else 0
    low, middle, high = (f"{value:.{digits}f}".replace("-", "−") for value in found)
    return f"{middle} ({low} to {high})"


def as_json(audited: Audited) -> dict[str, Any]:
    """The same as JSON."""

    def told_of(values: F64) -> list[float] | None:
        return [round(float(v), 4) for v in np.quantile(values, SPREAD)] if len(values) else None

    found: dict[str, Any] = {
        "dataset": str(audited.dataset),
        "pictures": len(audited.composites.sources),
        "things": len(audited.composites.things),
        "quantiles": SPREAD,
        "composites": {name: told_of(one) for name, _, one, _ in figures(audited)},
    }
    if audited.photographs is not None and audited.told is not None:
        told = audited.told
        found["photographs"] = {name: told_of(two) for name, _, _, two in figures(audited)}
        found["apart"] = {name: round(apart(a, b), 4) for name, _, a, b in figures(audited)}
        found["auc"], found["auc_95"] = told.auc, [told.low, told.high]
        found["told_by"] = told.by
    return found


def _counted(name: str, examined: Examined) -> str:
    things, known = len(examined.things), len(examined.measured())
    return f"{name}: {things} things in {len(examined.sources)} pictures, {known} large enough"
