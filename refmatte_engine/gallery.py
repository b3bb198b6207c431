"""A dataset as pictures: one static page to look through it, and a contact sheet."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from refmatte_engine import image_io
from refmatte_engine.dataset import Dataset
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.records import Clause, Entity, Expression, Sample
from refmatte_engine.stats import spatial_words
from refmatte_engine.streams import stream

TEMPLATE = Path(__file__).with_suffix(".html")
THUMB_HW = (400, 1600)
SHEET_WIDTH_PX = 1800
SHEET_ROW_PX = 300
PANEL_GAP_PX = 8
SHEET_GAP_PX = 28
SHEET_FORMATS = (".jpg", ".png", ".webp")
PAPER, INK = (250, 249, 246), (38, 36, 33)

Progress = Callable[[int, int], None]
Pair = tuple[Sample, Expression]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def build(root: str | Path, *, progress: Progress | None = None, limit: int | None = None) -> Path:
    """Writes OUT/gallery/index.html and its thumbnails, and returns the page's path.

    The page shows the dataset's own images and alphas beside it, so it needs no server and moves
    only together with the dataset. Thumbnails newer than their image are kept. `progress` is called
    with (images done, images in all); `limit` shows only the first so many images.
    InputError for an unreadable dataset, RefMatteError if the gallery cannot be written.
    """
    dataset = Dataset(root)
    folder = dataset.root / "gallery"
    samples = list(islice(dataset.samples(), limit))
    try:
        folder.mkdir(exist_ok=True)
        with ThreadPoolExecutor() as pool:
            thumbs = pool.map(lambda sample: _thumb(dataset, sample, folder), samples)
            for done, _ in enumerate(thumbs, 1):
                if progress is not None:
                    progress(done, len(samples))
        page = folder / "index.html"
        page.write_text(_page(dataset, samples), encoding="utf-8")
    except OSError as error:
        raise RefMatteError(folder, f"cannot be written: {error.strerror or error}") from None
    return page


def _thumb(dataset: Dataset, sample: Sample, folder: Path) -> None:
    source, thumb = dataset.image_path(sample), folder / sample.split / f"{sample.name}.webp"
    if thumb.is_file() and source.is_file() and thumb.stat().st_mtime > source.stat().st_mtime:
        return
    image = Image.fromarray(image_io.read_rgb(source))
    image.thumbnail(THUMB_HW[::-1], Image.Resampling.LANCZOS, reducing_gap=2)
    thumb.parent.mkdir(exist_ok=True)
    image.save(thumb, quality=82, method=3)


def _page(dataset: Dataset, samples: Sequence[Sample]) -> str:
    manifest = dataset.manifest
    data = {
        "name": dataset.root.resolve().name,
        "seed": manifest["run"]["seed"],
        "suffix": manifest["run"]["image"]["format"],
        "total": len(dataset),
        "origin": list(_origin(manifest)),
        "images": [_image(sample) for sample in samples],
    }
    text = json.dumps(data, separators=(",", ":"))
    # Inside a script element only "<" could end or comment out the data.
    return TEMPLATE.read_text(encoding="utf-8").replace("@DATASET@", text.replace("<", r"\u003c"))


def _origin(manifest: dict[str, Any]) -> Iterator[str]:
    for pack, terms in manifest.get("licences", {}).items():
        known = [str(terms[key]) for key in ("licence", "source", "credit") if terms.get(key)]
        yield f"Assets “{pack}”: " + ", ".join(known)
    if rejections := manifest.get("rejections"):
        reasons = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in rejections.items())
        yield f"Scenes drawn again: {sum(rejections.values())} ({reasons})"


def _image(sample: Sample) -> dict[str, Any]:
    height, width = sample.scene.canvas_hw
    return {
        "split": sample.split,
        "name": sample.name,
        "size": [width, height],
        "layout": sample.scene.layout,
        "level": sample.level,
        "entities": [
            {
                "index": entity.index,
                "category": entity.category,
                "kind": entity.kind,
                "box": entity.box_xyxy,
                "visible": round(entity.visible_share, 3),
                "attributes": _attributes(entity),
            }
            for entity in sample.entities
        ],
        "expressions": [_expression(expression) for expression in sample.expressions],
    }


def _attributes(entity: Entity) -> list[tuple[str, str]]:
    """Names with all their values; what only perhaps holds comes last."""
    values: dict[str, list[str]] = {}
    for attribute in sorted(entity.attributes, key=lambda a: a.name.endswith("_perhaps")):
        name = f"{attribute.part} {attribute.name}".strip().replace("_", " ")
        value = {"true": "yes", "false": "no"}.get(attribute.value, attribute.value)
        values.setdefault(name, []).append(value)
    return [(name, ", ".join(dict.fromkeys(several))) for name, several in values.items()]


def _expression(expression: Expression) -> dict[str, Any]:
    return {
        "text": expression.text,
        "kind": expression.kind,
        "of": expression.referents,
        "spatial": sorted(set(spatial_words(expression.program))),
        "proof": [
            (
                clause_text(clause),
                clause.left_after,
                None if clause.margin is None else round(clause.margin, 4),
                clause.necessary,
            )
            for clause in expression.program
        ],
    }


def clause_text(clause: Clause) -> str:
    """The clause as one would note it down.

    >>> red = Clause("attribute", "color", "red", part="sweater")
    >>> clause_text(Clause("relation", "left_of", targets=((Clause("category", "man"), red),)))
    'left of (category = man ∧ sweater color = red)'
    """
    name = clause.name.replace("_", " ")
    if clause.op == "relation":
        targets = (" ∧ ".join(map(clause_text, target)) for target in clause.targets)
        return ("¬ " if clause.negated else "") + " ".join([name, *(f"({t})" for t in targets)])
    if clause.op == "attribute":
        subject, value = f"{clause.part} {name}".strip(), clause.value
    else:
        subject, value = clause.op, name
    return f"{subject} {'≠' if clause.negated else '='} {value}"


def contact_sheet(root: str | Path, out_path: str | Path, images: int = 8, seed: int = 0) -> Path:
    """Writes a picture of `images` samples, each beside what one of its sentences means (the rest
    dimmed by its alpha), and returns its path. The suffix says whether JPEG, PNG or WebP.

    The seed picks samples, preferring categories not yet shown, and sentences, the kinds in turn.
    InputError for another suffix, or for a dataset with nothing to show.
    """
    path, dataset = Path(out_path), Dataset(root)
    if path.suffix.lower() not in SHEET_FORMATS:
        raise InputError(path, "is no picture's name", allowed=", ".join(SHEET_FORMATS))
    chosen = _chosen(dataset, images, stream(seed, "contact_sheet", "", 0))
    if not chosen:
        raise InputError(dataset.root, "has no sentence to show")
    rows = [_sheet_row(dataset, pairs) for pairs in _in_rows(chosen)]
    sheet = Image.new("RGB", (SHEET_WIDTH_PX, sum(r.height for r in rows) + SHEET_GAP_PX), PAPER)
    top = SHEET_GAP_PX
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    try:
        sheet.save(path, quality=88)
    except OSError as error:
        raise RefMatteError(path, f"cannot be written: {error.strerror or error}") from None
    return path


def _chosen(dataset: Dataset, images: int, rng: np.random.Generator) -> list[Pair]:
    sentences = {
        sample: [e for e in sample.expressions if e.kind != "keyword"]
        for sample in dataset.samples()
    }
    candidates = [sample for sample, said in sentences.items() if said]
    candidates = [candidates[i] for i in rng.permutation(len(candidates))]
    shown: set[str] = set()
    chosen: list[Pair] = []
    while candidates and len(chosen) < images:
        best = max(candidates, key=lambda s: len({e.category for e in s.entities} - shown))
        candidates.remove(best)
        shown |= {entity.category for entity in best.entities}
        kinds = sorted({expression.kind for expression in sentences[best]})
        of_kind = [e for e in sentences[best] if e.kind == kinds[len(chosen) % len(kinds)]]
        chosen.append((best, of_kind[rng.integers(len(of_kind))]))
    return chosen


def _in_rows(chosen: Sequence[Pair]) -> Iterator[list[Pair]]:
    row: list[Pair] = []
    for pair in chosen:
        row.append(pair)
        if _row_height(row) <= SHEET_ROW_PX:
            yield row
            row = []
    if row:
        yield row


def _row_height(row: Sequence[Pair]) -> int:
    """The height at which the row's panels, two for each pair, fill the sheet's width."""
    free = SHEET_WIDTH_PX - SHEET_GAP_PX * (len(row) + 1) - PANEL_GAP_PX * len(row)
    return int(free / sum(2 * _aspect(sample) for sample, _ in row))


def _aspect(sample: Sample) -> float:
    height, width = sample.scene.canvas_hw
    return width / height


def _sheet_row(dataset: Dataset, pairs: Sequence[Pair]) -> Image.Image:
    font = ImageFont.load_default(29)
    height = min(_row_height(pairs), SHEET_ROW_PX)
    widths = [round(_aspect(sample) * height) for sample, _ in pairs]
    texts = [
        _wrapped(f"“{expression.text}”", font, 2 * width)
        for (_, expression), width in zip(pairs, widths, strict=True)
    ]
    below = 52 + 37 * max(len(lines) for lines in texts)
    row = Image.new("RGB", (SHEET_WIDTH_PX, height + below), PAPER)
    pen, left = ImageDraw.Draw(row), SHEET_GAP_PX
    for pair, width, lines in zip(pairs, widths, texts, strict=True):
        for number, pixels in enumerate(_before_and_after(dataset, *pair)):
            panel = Image.fromarray(pixels).resize(
                (width, height), Image.Resampling.LANCZOS, reducing_gap=2
            )
            row.paste(panel, (left + number * (width + PANEL_GAP_PX), 0))
        pen.multiline_text((left, height + 12), "\n".join(lines), INK, font, spacing=8)
        left += 2 * width + PANEL_GAP_PX + SHEET_GAP_PX
    return row


def _before_and_after(
    dataset: Dataset, sample: Sample, expression: Expression
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    item = dataset.load(sample)
    alpha = sum(item.alphas[index - 1] for index in expression.referents)
    weight = 0.16 + 0.84 * np.clip(alpha, 0, 1)[..., None]
    return item.image, np.round(item.image * weight).astype(np.uint8)


def _wrapped(text: str, font: Font, width_px: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
