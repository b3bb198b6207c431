"""The table of scores: means with confidence intervals, over all rows and per kind, level,
category, and what is changed in texts about nothing.

Every figure is a ratio of two sums over rows (one is made of two such), so that one bootstrap over
images serves all.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from refmatte_engine.randomness import stream
from refmatte_engine.records import F64
from refmatte_engine.scoring import presence
from refmatte_engine.scoring.score import Result, Scores

SAMPLES = 1000
BATCH = 50
SEED = 0
GROUP_ROWS = 30
OUTCOMES = ("found", "wrong", "missed")
COLUMNS = (
    "SAD", "MSE", "MAD", "SAD(E)", "GRAD", "CONN", "soft IoU", *OUTCOMES, "located SAD",
)  # fmt: skip
PAPER = ("SAD", "MSE", "MAD", "SAD(E)", "MSE(E)", "MAD(E)")  # where nothing else was measured
OF_NOTHING = ("SAD", "MSE", "MAD", presence.ABSENT)  # of texts that are all about nothing
RATES = (*OUTCOMES, "P@", *presence.SHARES)
FORMS = (
    "GRAD: Σ(‖∇p‖ − ‖∇a‖)² / 1000, kernels of unit norm, range not stretched; GRAD_aim: the same "
    "of plain Gaussian derivatives / 10, as RefMatte's authors print it"
)
UNITS = "SAD, GRAD and CONN in thousands, MSE and MAD of alpha from 0 to 1"
TIMES_1000 = " × 1000"  # after the name of such a figure


# What each figure is, for whoever meets it for the first time; `metrics` has the formulas.
DEFINITIONS = {
    "SAD": "sum of absolute differences of alpha over the whole image, in thousands; 0 is best",
    "MSE": "mean squared difference of alpha over the whole image",
    "MAD": "mean absolute difference of alpha over the whole image",
    "(E)": "averaged over the texts of an image first, then over images",
    "GRAD": "difference of the mattes' gradients: how sharp and how soft edges are",
    "CONN": "what is cut off from the main piece in one matte and not in the other",
    "soft IoU": "Σ min(prediction, truth) / Σ max: the share the two have in common; 1 is best",
    "found": "share of texts about something whose matte has a soft IoU with it of at least 0.5; "
    "found, wrong and missed add up to all",
    "wrong": "share of texts that are not found and whose matte is more like another entity of the "
    "image; a look-alike without a mask of its own, as RW100 has, does not count",
    "missed": "share of texts that are not found, with no other entity taken for the thing either: "
    "a model that answers nothing misses all",
    "located SAD": "SAD of the rows that are found: matte quality alone, grounding aside",
    "SAD on": "the part of SAD on the referent, on other entities, on the background",
    "oIoU": "of mattes thresholded at 0.5: all intersections over all unions",
    "mIoU": "of mattes thresholded at 0.5: the mean of intersection over union",
    "P@": "share of texts whose IoU at alpha 0.5 reaches this",
    **presence.DEFINITIONS,
}


class Figure(NamedTuple):
    """A value and its 95 % confidence interval (percentiles of the bootstrap over images)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of a group of rows: all, or those that have one kind, level, … (`by`)."""

    by: str
    name: str
    rows: int
    images: int
    mean_megapixels: float
    figures: dict[str, Figure]


def groups(scores: Scores, *, seed: int = SEED) -> tuple[Group, ...]:
    """All rows first, then each kind, level and category, largest first, and of texts about nothing
    each change that makes them so.

    Rows without a level, or without a single category, belong to no such group.
    """
    found = [overall(scores, seed=seed)]
    times = scores.times_1000
    for by in ("kind", "level", "category", "changed"):
        names = [getattr(result.row, by) for result in scores.results]
        for name, _ in sorted(Counter(filter(None, names)).items(), key=lambda n: (-n[1], n[0])):
            of_name = [r for r, own in zip(scores.results, names, strict=True) if own == name]
            found.append(_group(by, name, of_name, seed, times))
    return tuple(found)


def overall(scores: Scores, *, seed: int = SEED) -> Group:
    """The figures of all rows."""
    return _group("all", "all", scores.results, seed, scores.times_1000)


def _group(by: str, name: str, results: Sequence[Result], seed: int, times_1000: bool) -> Group:
    numbers = {image: i for i, image in enumerate(dict.fromkeys(r.row.image for r in results))}
    image = np.array([numbers[result.row.image] for result in results])
    columns = {k: v for k, v in _columns(results, image).items() if v[1].sum() > 0}
    if times_1000:
        columns = dict(_multiplied(k, v) for k, v in columns.items())
    # images × figures × (what is summed, what it is divided by)
    sums = np.zeros((len(numbers), len(columns), 2))
    np.add.at(sums, image, np.stack([np.stack(pair, -1) for pair in columns.values()], 1))
    low, high = _interval(sums, list(columns), seed)
    values = _values(sums.sum(0), list(columns))
    names = [*columns, presence.MCC][: len(values)]
    figures = zip(values.tolist(), low.tolist(), high.tolist(), strict=True)
    return Group(
        by,
        name,
        len(results),
        len(numbers),
        float(np.mean([r.width_px * r.height_px for r in results])) / 1e6,
        dict(zip(names, (Figure(*figure) for figure in figures), strict=True)),
    )


def _columns(results: Sequence[Result], image: npt.NDArray[np.intp]) -> dict[str, tuple[F64, F64]]:
    """For each figure, what each row adds to the numerator and to the denominator."""

    def of(name: str) -> F64:
        return np.array([getattr(result, name) for result in results], float)

    one = np.ones(len(results))
    share = 1 / np.bincount(image)[image]
    errors = {"SAD": of("sad"), "MSE": of("mse"), "MAD": of("mad")}
    found = {name: (error, one) for name, error in errors.items()}
    found |= {f"{name}(E)": (error * share, share) for name, error in errors.items()}
    if results[0].grad is None:
        return found
    meant = np.array([bool(result.row.referents) for result in results], float)
    outcomes = [result.outcome for result in results]
    intersection, union = of("intersection_px"), of("union_px")
    iou = np.divide(intersection, union, out=np.ones_like(union), where=union > 0)
    found |= {"GRAD": (of("grad"), one), "GRAD_aim": (of("grad_aim"), one)}
    found |= {"CONN": (of("conn"), one), "soft IoU": (of("soft_iou") * meant, meant)}
    ends = {name: np.array([each == name for each in outcomes], float) for name in OUTCOMES}
    found |= {name: (own, meant) for name, own in ends.items()}
    found["located SAD"] = (errors["SAD"] * ends["found"], ends["found"])
    found |= {
        f"SAD on {part}": (of(f"sad_on_{part}"), one)
        for part in ("referent", "others", "background")
    }
    found |= {"oIoU": (intersection * meant, union * meant), "mIoU": (iou * meant, meant)}
    found |= {f"P@{x}": ((iou >= x) * meant, meant) for x in (0.5, 0.6, 0.7, 0.8, 0.9)}
    return found | presence.columns(results)


def _multiplied(name: str, sums: tuple[F64, F64]) -> tuple[str, tuple[F64, F64]]:
    if not name.startswith(("MSE", "MAD")):
        return name, sums
    return f"{name}{TIMES_1000}", (1000 * sums[0], sums[1])


def _values(sums: F64, names: Sequence[str]) -> F64:
    """The figures of sums (… × figures × 2), NaN where there is nothing to divide by; at the end
    the one that is made of two, if both are there."""
    none = np.full(sums.shape[:-1], np.nan)
    values = np.divide(sums[..., 0], sums[..., 1], out=none, where=sums[..., 1] > 0)
    if presence.ABSENT not in names or presence.PRESENT not in names:
        return values
    told = (sums[..., names.index(name), :] for name in (presence.ABSENT, presence.PRESENT))
    return np.concatenate([values, presence.correlation(*told)[..., None]], -1)


def _interval(sums: F64, names: Sequence[str], seed: int) -> tuple[F64, F64]:
    images = len(sums)
    dice = stream(seed, "bootstrap", "", 0)
    drawn = []
    for _ in range(SAMPLES // BATCH):
        times = dice.multinomial(images, np.full(images, 1 / images), size=BATCH)
        # A sample may miss all rows that a figure is of.
        drawn.append(_values(np.tensordot(times, sums, 1), names))
    low, high = np.nanquantile(np.concatenate(drawn), (0.025, 0.975), axis=0)
    return low, high


def header(scores: Scores, group: Group) -> list[str]:
    """The header of every table: model, dataset, mode, rows, size, resolution, units, form of the
    gradient, and the kind of interval."""
    return [
        f"{scores.predictions} on {scores.dataset}",
        f"{scores.mode}: {group.rows} rows of {group.images} images, "
        f"{group.mean_megapixels:.3g} megapixels a row, whole images at full resolution",
        units(scores),
        *([FORMS] if "GRAD" in group.figures else []),
        *([presence.source(scores.results)] if presence.ABSENT in group.figures else []),
        f"95 % confidence: {SAMPLES} bootstrap samples of the images",
        *(f"note: {note}" for note in scores.notes),
    ]


def units(scores: Scores) -> str:
    """The units of the table's figures."""
    return f"{UNITS}, both{TIMES_1000}" if scores.times_1000 else UNITS


def columns(group: Group) -> tuple[str, ...]:
    """The figures that a table of groups such as this one shows, as the group names them."""
    times = f"MSE{TIMES_1000}" in group.figures
    names: Sequence[str] = COLUMNS if "GRAD" in group.figures else PAPER
    if group.by == "changed" and "GRAD" in group.figures:
        names = OF_NOTHING
    return tuple(f"{n}{TIMES_1000}" if times and n[:3] in ("MSE", "MAD") else n for n in names)


def as_text(scores: Scores, made: Sequence[Group]) -> str:
    """The table as text for a person, at most GROUP_ROWS lines per grouping."""
    everything = made[0]
    lines = [*header(scores, everything), "", f"{'':<19}{'mean':>9}{'95 % confidence':>20}"]
    for name, figure in everything.figures.items():
        value, low, high = (shown(name, number) for number in figure)
        lines.append(f"{name:<19}{value:>9}{f'{low} – {high}':>20}")
    for by in dict.fromkeys(group.by for group in made[1:]):
        own = [group for group in made if group.by == by]
        names = columns(own[0])
        lines += ["", f"{by:<22}{'rows':>7}" + _heads(names)]
        for group in own[:GROUP_ROWS]:
            lines.append(f"{_short(group.name):<22}{group.rows:>7}{_cells(group, names)}")
        if len(own) > GROUP_ROWS:
            lines.append(f"… and {len(own) - GROUP_ROWS} more")
    return "\n".join(lines)


def compared(everything: Sequence[Scores], *, seed: int = SEED) -> str:
    """One line of means for each of several scores of the same rows."""
    made = [overall(scores, seed=seed) for scores in everything]
    lines = [*header(everything[0], made[0])[1 : 4 if "GRAD" in made[0].figures else 3], ""]
    names = columns(made[0])
    lines.append(f"{'':<28}" + _heads(names))
    for scores, group in zip(everything, made, strict=True):
        lines.append(f"{_short(scores.predictions, 27):<28}{_cells(group, names)}")
    return "\n".join(lines)


def side_by_side(everything: Sequence[Scores], *, seed: int = SEED) -> str:
    """One line of means for each of several datasets."""
    made = [overall(scores, seed=seed) for scores in everything]
    names = columns(made[0])
    lines = [f"{'dataset':<28}{'rows':>7}" + _heads(names)]
    for scores, group in zip(everything, made, strict=True):
        lines.append(f"{_short(scores.dataset, 27):<28}{group.rows:>7}{_cells(group, names)}")
    return "\n".join(lines)


def definition(name: str) -> str:
    """The definition of the figure `name`, in a line."""
    name = name.removesuffix(TIMES_1000)
    begins = [known for known in DEFINITIONS if name.startswith(known)]
    said = DEFINITIONS[max(begins, key=len)] if begins else ""
    return f"{said}; {DEFINITIONS['(E)']}" if name.endswith("(E)") else said


def shown(name: str, value: float) -> str:
    """The value of the figure `name` as printed.

    >>> shown("wrong", 0.0312), shown("MSE", 0.0488), shown("soft IoU", 0.9)
    ('3.1 %', '0.0488', '0.900')
    """
    if name.startswith(RATES):
        return f"{100 * value:.1f} %"
    is_small = name.startswith(("MSE", "MAD")) and not name.endswith(TIMES_1000)
    return f"{value:.4f}" if is_small else f"{value:.3f}"


def shown_in(group: Group, name: str) -> str:
    """The group's value of the figure `name`, a dash if it has none."""
    return shown(name, group.figures[name].value) if name in group.figures else "–"


def as_json(scores: Scores, made: Sequence[Group], *, seed: int = SEED) -> dict[str, Any]:
    """The whole table, for all groups, as plain values."""
    return {
        "predictions": scores.predictions,
        "notes": scores.notes,
        "dataset": scores.dataset,
        "mode": scores.mode,
        "resolution": "full",
        "units": units(scores),
        "forms": FORMS,
        "presence": presence.source(scores.results),
        "confidence": {"level": 0.95, "samples": SAMPLES, "seed": seed, "drawn": "images"},
        "groups": [
            asdict(group) | {"figures": {k: v._asdict() for k, v in group.figures.items()}}
            for group in made
        ],
    }


def as_csv(scores: Scores) -> str:
    """One line per row: its name, what it is, and all its metrics."""
    table = list(_flat(scores.results))
    text = io.StringIO()
    writer = csv.DictWriter(text, table[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()


def _flat(results: Sequence[Result]) -> Iterator[dict[str, Any]]:
    told = ("name", "image_name", "kind", "category", "level", "changed", "twin", "text")
    for result in results:
        values = {name: getattr(result, name) for name in Result.__dataclass_fields__}
        row = values.pop("row")
        measured = {name: value for name, value in values.items() if value is not None}
        yield {name: getattr(row, name) for name in told} | measured


def _heads(names: Sequence[str]) -> str:
    return "".join(f"{name:>{_wide(name)}}" for name in names)


def _cells(group: Group, names: Sequence[str]) -> str:
    return "".join(f"{shown_in(group, name):>{_wide(name)}}" for name in names)


def _wide(name: str) -> int:
    return max(10, len(name) + 2)


def _short(name: str, most: int = 21) -> str:
    name = name.replace("_", " ")
    return name if len(name) <= most else f"…{name[1 - most :]}"
