"""The audit as one static page: the figures, and the things that look most like pastes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from refmatte_engine.audit.examination import Examined, Thing
from refmatte_engine.audit.measures import MEASURES
from refmatte_engine.audit.pictures import AS_IT_IS, load
from refmatte_engine.audit.report import Audited, apart, figures, spread, verdict
from refmatte_engine.records import F64, U8
from refmatte_engine.scoring import figure_page
from refmatte_engine.storage.files import disk_errors

TEMPLATE = Path(__file__).with_suffix(".html")
WORST = 24
PICTURE_PX = 640


def check(folder: Path) -> None:
    """InputError if `folder` cannot take the page: it is a file, or contains some other page."""
    figure_page.check(folder, TEMPLATE, "an audit")


def build(everything: Sequence[Audited], folder: Path) -> Path:
    """Writes FOLDER/index.html and the pictures of each dataset's worst things, and returns the
    page's path. RefMatteError if the folder cannot be written."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        parts = {
            "VERDICTS": "".join(map(_verdict, everything)),
            "TABLES": "".join(map(_table, everything)),
            "WORST": "".join(_worst(a, folder, str(n)) for n, a in enumerate(everything, 1)),
        }
        return figure_page.write(folder, TEMPLATE, parts)


def _verdict(audited: Audited) -> str:
    if audited.told is None:
        return ""
    told, name = audited.told, escape(str(audited.dataset))
    value = f"<b>{told.auc:.3f}</b><small>95 %: {told.low:.3f} – {told.high:.3f}</small>"
    return f"<div>{value}<span>{name}</span><small>{escape(verdict(told)[1])}</small></div>"


def _table(audited: Audited) -> str:
    compared = audited.photographs is not None
    heads = "<th>photographs<th>apart" if compared else ""
    rows = []
    for name, definition, one, two in figures(audited):
        term = f'<abbr tabindex="0" title="{escape(definition)}">{name}</abbr>'
        beside = f"<td>{spread(two)}<td>{apart(one, two):.2f}" if compared else ""
        rows.append(f"<tr><th>{term}<td>{spread(one)}{beside}")
    title = f"<h2>{escape(str(audited.dataset))}</h2>"
    return f"{title}<table><tr><th><th>composites{heads}{''.join(rows)}</table>"


def _worst(audited: Audited, folder: Path, prefix: str) -> str:
    shown = "".join(_cases(audited, folder, prefix))
    return f'<h2>{escape(str(audited.dataset))}</h2><div class="cases">{shown}</div>'


def _cases(audited: Audited, folder: Path, prefix: str) -> Iterator[str]:
    composites = audited.composites
    usual = audited.photographs or composites
    for rank, (thing, told) in enumerate(_ranked(audited), 1):
        source = composites.sources[thing.source]
        image, mattes = load(source, AS_IT_IS)
        file = f"{prefix}_{rank:02d}.webp"
        size = _draw(image, mattes[thing.matte], folder / file)
        odd = _oddest(thing, usual)
        name = f"{source.image.stem} · {composites.name(thing)}"
        yield (
            f'<figure><a href="{file}"><img src="{file}" {size} loading="lazy" '
            f'alt="{escape(name)}"></a><figcaption>{escape(", ".join((*told, *odd)))}'
            f"<code>{escape(name)}</code></figcaption></figure>"
        )


def _ranked(audited: Audited) -> list[tuple[Thing, list[str]]]:
    """The things that look most like pastes: to the probe or, without one, by how far they are from
    what is usual in the dataset. One picture of each, so that not all are of one thing."""
    composites, found = audited.composites, list[tuple[float, Thing]]()
    for number, thing in enumerate(composites.things):
        if audited.told is not None:
            if number in audited.told.suspicion:
                found.append((audited.told.suspicion[number], thing))
        elif thing.measures is not None:
            found.append((float(np.abs(_deviation(thing.measures, composites)).max()), thing))
    names, chosen = set[str](), list[tuple[Thing, list[str]]]()
    for score, thing in sorted(found, key=lambda each: -each[0]):
        if composites.name(thing) not in names and len(chosen) < WORST:
            names.add(composites.name(thing))
            told = [f"a paste with {score:.0%}"] if audited.told is not None else []
            chosen.append((thing, told))
    return chosen


def _deviation(measured: F64, usual: Examined) -> F64:
    """How far each measure is from its median, in halves of the middle nine tenths."""
    low, middle, high = np.quantile(usual.measured(), (0.05, 0.5, 0.95), axis=0)
    return (measured - middle) / np.maximum((high - low) / 2, 1e-6)


def _oddest(thing: Thing, usual: Examined) -> list[str]:
    if thing.measures is None or not len(usual.measured()):
        return []
    far = _deviation(thing.measures, usual)
    place = int(np.abs(far).argmax())
    return [f"{list(MEASURES)[place]} {thing.measures[place]:.1f}"] if abs(far[place]) > 1 else []


def _draw(image: U8, matte: U8, file: Path) -> str:
    """The thing with what is around it, as a file; returns its size for the page."""
    x, y, width, height = cv2.boundingRect((matte >= 128).astype(np.uint8))
    pad = max(24, max(width, height) // 3)
    rows = slice(max(0, y - pad), y + height + pad)
    picture = Image.fromarray(image[rows, max(0, x - pad) : x + width + pad])
    picture.thumbnail((PICTURE_PX, PICTURE_PX), Image.Resampling.LANCZOS, reducing_gap=2)
    picture.save(file, quality=86, method=3)
    return f'width="{picture.width}" height="{picture.height}"'
