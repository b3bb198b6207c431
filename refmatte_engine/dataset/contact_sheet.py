"""A dataset at a glance: a sheet of sample images, each beside the referent of one of its
sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.randomness import stream
from refmatte_engine.records import KEYWORD, U8, Expression, Sample
from refmatte_engine.storage.files import disk_errors

SHEET_WIDTH_PX = 1800
SHEET_ROW_PX = 300
PANEL_GAP_PX = 8
SHEET_GAP_PX = 28
CANDIDATES = 500  # about as many images are looked at, evenly spread
SHEET_FORMATS = (".jpg", ".png", ".webp")
PAPER, INK = (250, 249, 246), (38, 36, 33)

Pair = tuple[Sample, Expression]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def contact_sheet(root: str | Path, out_path: str | Path, images: int = 8, seed: int = 0) -> Path:
    """Writes a sheet of `images` samples, each beside the referent of one of its sentences (the
    rest dimmed by its alpha), and returns its path. The suffix chooses JPEG, PNG or WebP.

    The seed picks samples, preferring categories not yet shown, and sentences, each kind in turn.
    InputError for another suffix, or for a dataset with nothing to show.
    """
    path, dataset = Path(out_path), Dataset(root)
    if path.suffix.lower() not in SHEET_FORMATS:
        raise InputError(path, "is not an image file name", allowed=", ".join(SHEET_FORMATS))
    chosen = _chosen(dataset, images, stream(seed, "contact_sheet", "", 0))
    if not chosen:
        raise InputError(dataset.root, "has no sentences to show")
    rows = [_sheet_row(dataset, pairs) for pairs in _in_rows(chosen)]
    sheet = Image.new("RGB", (SHEET_WIDTH_PX, sum(r.height for r in rows) + SHEET_GAP_PX), PAPER)
    top = SHEET_GAP_PX
    for row in rows:
        sheet.paste(row, (0, top))
        top += row.height
    with disk_errors(path.parent):
        sheet.save(path, quality=88)
    return path


def _chosen(dataset: Dataset, images: int, rng: np.random.Generator) -> list[Pair]:
    every = max(1, len(dataset) // CANDIDATES)
    found: list[tuple[str, int, frozenset[str], list[str]]] = []
    for split in dataset.splits:
        some = dataset.samples(split, lambda number: number % every == 0)
        for place, sample in enumerate(some):
            kinds = sorted({expression.kind for expression in sample.expressions} - {KEYWORD})
            categories = frozenset(entity.category for entity in sample.entities)
            found += [(split, every * place, categories, kinds)] if kinds else []
    candidates = [found[i] for i in rng.permutation(len(found))]
    shown: set[str] = set()
    chosen: list[Pair] = []
    while candidates and len(chosen) < images:
        best = max(candidates, key=lambda candidate: len(candidate[2] - shown))
        candidates.remove(best)
        split, number, categories, kinds = best
        shown |= categories
        sample, kind = dataset.sample(split, number), kinds[len(chosen) % len(kinds)]
        of_kind = [e for e in sample.expressions if e.kind == kind]
        chosen.append((sample, of_kind[rng.integers(len(of_kind))]))
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
    """The height at which the row's panels, two per pair, fill the sheet's width."""
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
        for number, panel in enumerate(_before_and_after(dataset, *pair, (width, height))):
            row.paste(Image.fromarray(panel), (left + number * (width + PANEL_GAP_PX), 0))
        pen.multiline_text((left, height + 12), "\n".join(lines), INK, font, spacing=8)
        left += 2 * width + PANEL_GAP_PX + SHEET_GAP_PX
    return row


def _before_and_after(
    dataset: Dataset, sample: Sample, expression: Expression, size_wh: tuple[int, int]
) -> tuple[U8, U8]:
    """The picture and what the sentence means in it, the rest dimmed, both at `size_wh`. It is
    brought to its size first: a card is drawn at the end of every run, however small."""
    whole = image_io.read_rgb(dataset.image_path(sample))
    image = _resized(whole, size_wh)
    alpha = np.zeros(image.shape[:2], np.float32)
    for index in expression.referents:
        matte = image_io.read_matte(dataset.alpha_path(sample, index), whole.shape[:2])
        alpha += _resized(matte, size_wh)
    weight = 0.16 + 0.84 * np.minimum(alpha / 255, 1)[..., None]
    return image, np.round(image * weight).astype(np.uint8)


def _resized(pixels: U8, size_wh: tuple[int, int]) -> U8:
    way = cv2.INTER_AREA if size_wh < pixels.shape[1::-1] else cv2.INTER_CUBIC
    return cv2.resize(pixels, size_wh, interpolation=way)


def _wrapped(text: str, font: Font, width_px: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
