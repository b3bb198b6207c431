"""The report: scores as one static page with tables, an error histogram, and the worst rows as
pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

import numpy as np
from PIL import Image

from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.parallel import Progress
from refmatte_engine.records import F64, U8
from refmatte_engine.scoring import figure_page, presence
from refmatte_engine.scoring.score import Result, Scores, read_alphas, truth
from refmatte_engine.scoring.summary import (
    Group,
    columns,
    definition,
    header,
    overall,
    shown,
    shown_in,
)
from refmatte_engine.storage.files import disk_errors

TEMPLATE = Path(__file__).with_suffix(".html")
PICTURE_PX = 480
WORST = 24
HEADLINES = ("soft IoU", "found", "SAD", presence.MCC)
DECADES = (-5, 0)  # of MAD that the histogram spans
BARS = 30
COUNTED = 1000  # rows at a time
PLOT_HW = (200, 720)
MISSED, EXTRA = np.array([47.0, 127.0, 209.0]), np.array([217.0, 85.0, 43.0])


def check(folder: Path) -> None:
    """InputError if `folder` cannot take a report: it is a file, or contains some other page."""
    figure_page.check(folder, TEMPLATE, "a report")


def build(
    scores: Scores,
    made: Sequence[Group],
    folder: str | Path,
    *,
    references: Sequence[Scores] = (),
    worst: int = WORST,
    progress: Progress | None = None,
) -> Path:
    """Writes FOLDER/index.html and the pictures of the `worst` entities (by MAD, each with all
    texts that mean it), and returns the page's path. The page needs neither a server nor the
    dataset. `references` are the scores of trivial answers on the same rows, for comparison.

    InputError if an image or a prediction cannot be read, RefMatteError if the folder cannot be
    written. `progress` is called with (rows drawn, rows to draw).
    """
    folder = Path(folder)
    chosen = _failures(scores.results, worst)
    trivial = {each.predictions: overall(each) for each in references}
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        cases = []
        for number, results in enumerate(chosen, 1):
            cases.append(_case(scores, results, folder, f"{number:03d}"))
            if progress is not None:
                progress(number, len(chosen))
        parts = {
            "TITLE": escape(header(scores, made[0])[0]),
            "NOTES": "".join(f"<p>{escape(line)}</p>" for line in header(scores, made[0])[1:]),
            "HEADLINES": _headlines(made[0], trivial),
            "FIGURES": _figures(made[0]),
            "REFERENCES": _compared({scores.predictions: made[0], **trivial}) if trivial else "",
            "HISTOGRAM": _histogram(scores.results),
            "GROUPS": "".join(_groups(made)),
            "WORST": "".join(cases),
        }
        return figure_page.write(folder, TEMPLATE, parts)


def _failures(results: Iterable[Result], worst: int) -> list[list[Result]]:
    """The rows of the worst referents, worst first: all texts that miss one entity are one
    failure."""
    found: list[tuple[float, int, list[Result]]] = []
    place = 0
    for _, own in groupby(results, key=attrgetter("row.image")):
        of_one: dict[tuple[object, str], list[Result]] = {}
        for at, result in sorted(enumerate(own, place), key=lambda placed: -placed[1].mad):
            place = max(place, at + 1)
            row = result.row
            # Texts that mean nothing have nothing in common.
            key = (row.referents, "" if row.referents else row.name)
            if key not in of_one:
                of_one[key] = []
                found.append((-result.mad, at, of_one[key]))
            of_one[key].append(result)
        found = sorted(found, key=lambda each: each[:2])[:worst]
    return [each for _, _, each in found]


def _headlines(group: Group, trivial: dict[str, Group]) -> str:
    """The headline numbers, each with its interval and the best trivial answer's value."""
    cards = []
    for name in HEADLINES:
        if name not in group.figures:
            continue
        value, low, high = (shown(name, number) for number in group.figures[name])
        others = {
            other: found.figures[name].value
            for other, found in trivial.items()
            if name in found.figures and "oracle" not in other
        }
        beside = ""
        if others:
            best = (min if name == "SAD" else max)(others, key=lambda other: others[other])
            beside = f"<small>{escape(best)}: {shown(name, others[best])}</small>"
        rest = ""
        if name == "found":
            rest = " · ".join(f"{shown_in(group, n)} {_term(n)}" for n in ("wrong", "missed"))
            rest = f"<small>{rest}</small>"
        cards.append(
            f"<div><b>{value}</b><span>{_term(name)}</span>"
            f"<small>95 %: {low} – {high}</small>{rest}{beside}</div>"
        )
    return "".join(cards)


def _term(name: str) -> str:
    """A figure's name with its definition on hover (or tap)."""
    return f'<abbr tabindex="0" title="{escape(definition(name))}">{escape(name)}</abbr>'


def _compared(groups: dict[str, Group]) -> str:
    shown_of_all = columns(next(iter(groups.values())))
    heads = "".join(f"<th>{_term(name)}" for name in shown_of_all)
    rows = (
        f"<tr><th>{escape(name)}" + "".join(f"<td>{shown_in(group, c)}" for c in shown_of_all)
        for name, group in groups.items()
    )
    table = f"<table><tr><th>mean of all rows{heads}{''.join(rows)}</table>"
    return f'<section class="scroll"><h2>Beside trivial answers</h2>{table}</section>'


def _figures(group: Group) -> str:
    rows = (
        f"<tr><th>{_term(name)}<td>{shown(name, value)}<td>{shown(name, low)} – {shown(name, high)}"
        for name, (value, low, high) in group.figures.items()
    )
    return "<table><tr><th><th>mean<th>95 % confidence" + "".join(rows) + "</table>"


def _groups(made: Sequence[Group]) -> Iterator[str]:
    for by in dict.fromkeys(group.by for group in made[1:]):
        names = columns(next(group for group in made if group.by == by))
        heads = "".join(f"<th>{_term(name)}" for name in names)
        yield f"<table><tr><th>{by}<th>rows{heads}"
        for group in made:
            if group.by == by:
                cells = "".join(f"<td>{shown_in(group, name)}" for name in names)
                yield f"<tr><th>{escape(group.name.replace('_', ' '))}<td>{group.rows}{cells}"
        yield "</table>"


def _histogram(results: Iterable[Result]) -> str:
    """Bars over log MAD as SVG: the rows that are wrong, those missed, and the rest, stacked."""
    height, width = PLOT_HW
    edges = np.linspace(*DECADES, BARS + 1)
    stacked = ("wrong", "missed", "")
    counts = [np.zeros(BARS, int) for _ in stacked]
    rest = iter(results)
    while some := list(islice(rest, COUNTED)):
        place = np.log10(np.clip([r.mad for r in some], 10.0 ** DECADES[0], 1))
        ends = np.array([r.outcome if r.outcome in stacked else "" for r in some])
        for number, kind in enumerate(stacked):
            counts[number] += np.histogram(place[ends == kind], edges)[0]
    tallest = max(1, int(np.sum(counts, axis=0).max()))
    step = width / BARS
    bars = []
    for i, own in enumerate(zip(*counts, strict=True)):
        label = f"MAD {10 ** edges[i]:.2g} to {10 ** edges[i + 1]:.2g}: {sum(own)} rows"
        bars.append(f"<g><title>{label}, {own[0]} of them wrong and {own[1]} missed</title>")
        y = float(height)
        for kind, count in zip(stacked, own, strict=True):
            tall = height * count / tallest
            y -= tall
            box = f'x="{i * step + 1:.1f}" y="{y:.1f}" width="{step - 2:.1f}" height="{tall:.1f}"'
            bars.append(f'<rect class="{kind}" {box}/>')
        bars.append("</g>")
    decades = range(DECADES[0], DECADES[1] + 1)
    ticks = (
        f'<text x="{width * (d - DECADES[0]) / (DECADES[1] - DECADES[0]):.0f}" y="{height + 20}">'
        f"{'≤ ' if d == DECADES[0] else ''}{10.0**d:g}</text>"
        for d in decades
    )
    inside = "".join([*bars, *ticks])
    return (
        f'<svg viewBox="-40 -24 {width + 80} {height + 54}" role="img" '
        f'aria-label="Histogram of MAD"><line x2="{width}" y1="{height}" y2="{height}"/>'
        f'<text class="most" x="0" y="-8">{tallest} rows</text>{inside}</svg>'
    )


def _case(scores: Scores, results: Sequence[Result], folder: Path, number: str) -> str:
    """One missed entity: pictures for its worst text, and all texts that mean it."""
    result, row = results[0], results[0].row
    alphas = read_alphas(row)
    meant, image = truth(row, alphas), image_io.read_rgb(row.image)
    if image.shape[:2] != meant.shape:
        size = f"{image.shape[1]}×{image.shape[0]}"
        allowed = f"its alphas' {result.width_px}×{result.height_px}"
        raise InputError(row.image, f"has {size} pixels", allowed=allowed)
    (given,) = scores.predict([row], alphas)
    prediction = given.astype(np.float64)
    pictures = {
        "image": image,
        "truth": _grey(meant),
        "prediction": _grey(prediction),
        "error": _error(image, prediction - meant),
    }
    shown_here = []
    for name, pixels in pictures.items():
        file = f"{number}_{name}.webp"
        picture = Image.fromarray(pixels)
        picture.thumbnail((PICTURE_PX, PICTURE_PX), Image.Resampling.LANCZOS, reducing_gap=2)
        picture.save(folder / file, quality=82, method=3)
        size = f'width="{picture.width}" height="{picture.height}"'
        shown_here.append(
            f'<figure><a href="{file}"><img src="{file}" {size} loading="lazy" alt="{name}"></a>'
            f"<figcaption>{name}</figcaption></figure>"
        )
    told = filter(None, (row.category, row.level.replace("_", " ")))
    return (
        f"<article>{''.join(map(_text, results))}"
        f"<p>{escape(' · '.join(told))} <code>{escape(row.name)}</code></p>"
        f'<div class="pictures">{"".join(shown_here)}</div></article>'
    )


def _text(result: Result) -> str:
    row = result.row
    told = [
        row.kind,
        *(f"{n} {shown(n, v)}" for n, v in (("SAD", result.sad), ("MAD", result.mad))),
    ]
    if row.referents and result.soft_iou is not None:
        told.append(f"soft IoU {result.soft_iou:.3f}")
    badge = ""
    if result.outcome in ("wrong", "missed"):
        badge = f'<span class="badge {result.outcome}">{result.outcome}</span>'
    return f"<h3>“{escape(row.text)}”{badge}<small>{escape(' · '.join(told))}</small></h3>"


def _grey(alpha: F64) -> U8:
    return np.rint(alpha * 255).astype(np.uint8)


def _error(image: U8, excess: F64) -> U8:
    """The image, grey and dim, overlaid with blue where alpha is too low and orange where it is too
    high."""
    dim = 0.35 * image.mean(2, keepdims=True)
    color = np.where(excess[..., None] > 0, EXTRA, MISSED)
    weight = np.abs(excess)[..., None]
    return np.rint(dim * (1 - weight) + color * weight).astype(np.uint8)
