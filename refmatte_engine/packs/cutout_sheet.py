"""What a net cut out, at a glance: photographs beside their cut-outs, doubtful ones first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.packs.labels import SHEET
from refmatte_engine.packs.predicted_pack import Made, Outcome, Photograph
from refmatte_engine.records import F32
from refmatte_engine.storage import files

MOST, COLUMNS = 60, 3
PANEL_HW, BELOW_PX, GAP_PX = (220, 290), 42, 12
PAPER, INK, SQUARE_PX = (250, 249, 246), (38, 36, 33), 12


def draw(made: Made) -> Path:
    """Draws at most `MOST` photographs (JPEG, beside pack.yaml), each beside its cut-out on a
    checkerboard: first those with notes, then others from everywhere. Returns its path."""
    ends = [(one, end) for one, end in made.outcomes if not end.problem]
    ends.sort(key=lambda pair: not pair[1].notes)
    doubtful = sum(bool(end.notes) for _, end in ends)
    first, rest = ends[:doubtful][: MOST // 2], ends[doubtful:]
    step = max(1, -(-len(rest) // (MOST - len(first))))
    chosen = first + rest[::step]
    height, width = PANEL_HW[0] + BELOW_PX, 2 * PANEL_HW[1] + GAP_PX
    rows = -(-len(chosen) // COLUMNS)
    size = COLUMNS * (width + GAP_PX) + GAP_PX, rows * (height + GAP_PX) + GAP_PX
    sheet = Image.new("RGB", size, PAPER)
    for number, (one, end) in enumerate(chosen):
        x = GAP_PX + number % COLUMNS * (width + GAP_PX)
        y = GAP_PX + number // COLUMNS * (height + GAP_PX)
        _paste(sheet, (x, y), one, end, made.out)
    path = made.out / SHEET
    with files.disk_errors(made.out):
        files.write_whole(path, image_io.encode_jpeg(np.asarray(sheet), 85))
    return path


def _paste(
    sheet: Image.Image, at: tuple[int, int], one: Photograph, end: Outcome, out: Path
) -> None:
    try:
        before, cut = image_io.read_rgb(one.path), image_io.read_rgba(out / one.target)
    except InputError:
        return  # taken away meanwhile
    small = _shrunk(before.astype(np.float32))
    alpha = cut[..., 3:].astype(np.float32) / 255
    mixed = _shrunk(np.dstack((cut[..., :3] * alpha, alpha)))
    squares = (np.indices(mixed.shape[:2]) // SQUARE_PX).sum(axis=0) % 2
    checker = np.where(squares, 150, 205).astype(np.float32)[..., None]
    over = mixed[..., :3] + checker * (1 - mixed[..., 3:])
    for number, pixels in enumerate((small, over)):
        panel = Image.fromarray(np.rint(np.clip(pixels, 0, 255)).astype(np.uint8))
        sheet.paste(panel, (at[0] + number * (PANEL_HW[1] + GAP_PX), at[1]))
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    lines = [one.target.removeprefix("foregrounds/"), *end.notes]
    for number, line in enumerate(lines[:2]):
        pen.text((at[0], at[1] + PANEL_HW[0] + 3 + 18 * number), line[:90], INK, font)


def _shrunk(pixels: npt.NDArray[Any]) -> F32:
    """The picture made to fit a panel."""
    height, width = pixels.shape[:2]
    scale = min(PANEL_HW[0] / height, PANEL_HW[1] / width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    by = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=by), np.float32)
