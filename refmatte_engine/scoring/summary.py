"""The table of scores: means with confidence intervals, over all rows and per kind, level,
category, and what is changed in texts about nothing."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any, NamedTuple

from refmatte_engine.scoring import presence
from refmatte_engine.scoring.columns import OUTCOMES, TIMES_1000
from refmatte_engine.scoring.image_sums import Shelf
from refmatte_engine.scoring.score import Result, Scores
from refmatte_engine.scoring.tally import SAMPLES, Tally, blocks

SEED = 0
GROUP_ROWS = 30
GROUPED = ("kind", "level", "category", "changed")
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
    shelf, whole = Shelf(), Tally(Shelf(), times_1000=scores.times_1000)
    parts: dict[str, dict[str, Tally]] = {by: {} for by in GROUPED}
    for block in blocks(scores.results):
        whole.add(block, range(len(block.results)))
        for by, of_by in parts.items():
            places = defaultdict(list)
            for place, result in enumerate(block.results):
                places[getattr(result.row, by)].append(place)
            for name in filter(None, places):
                if name not in of_by:
                    of_by[name] = Tally(shelf, times_1000=scores.times_1000)
                of_by[name].add(block, places[name])
    found = [_group("all", "all", whole, seed)]
    for by, of_by in parts.items():
        for name, own in sorted(of_by.items(), key=lambda named: (-named[1].rows, named[0])):
            found.append(_group(by, name, own, seed))
    return tuple(found)


def overall(scores: Scores, *, seed: int = SEED) -> Group:
    """The figures of all rows."""
    whole = Tally(Shelf(), times_1000=scores.times_1000)
    for block in blocks(scores.results):
        whole.add(block, range(len(block.results)))
    return _group("all", "all", whole, seed)


def _group(by: str, name: str, of: Tally, seed: int) -> Group:
    figures = {key: Figure(*figure) for key, figure in of.figures(seed).items()}
    return Group(by, name, of.rows, of.images, of.pixels / of.rows / 1e6, figures)


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


def as_csv(scores: Scores) -> Iterator[str]:
    """One line per row: its name, what it is, and all its metrics; before them the header."""
    table = _flat(scores.results)
    first = next(table)
    text = io.StringIO()
    writer = csv.DictWriter(text, first, lineterminator="\n")
    writer.writeheader()
    for row in chain([first], table):
        yield text.getvalue()
        text.seek(0)
        text.truncate()
        writer.writerow(row)
    yield text.getvalue()


def _flat(results: Iterable[Result]) -> Iterator[dict[str, Any]]:
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
