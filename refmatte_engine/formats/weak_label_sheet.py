"""A sheet of weak labels: some things of a dataset, each with all that was made of its alpha."""

from __future__ import annotations

import io
from itertools import islice
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from refmatte_engine.formats.export import Job
from refmatte_engine.images import alphas, image_io
from refmatte_engine.images.scribbles import BACKGROUND, FOREGROUND
from refmatte_engine.records import U8, Box, Sample

THINGS, TILE_PX, GAP_PX = 12, 260, 8
PAPER, INK = (250, 249, 246), (38, 36, 33)
ON, OFF = (40, 190, 70), (225, 50, 45)
DIM = 0.35


def drawn(job: Job) -> bytes:
    """WebP: a row for each of the first `THINGS` things of different pictures, with its picture,
    box and clicks, and a column for each other kind."""
    rows = [_tiles(job, *chosen) for chosen in _chosen(job)]
    wide = max((len(tiles) for tiles in rows), default=1)
    step = TILE_PX + GAP_PX
    sheet = Image.new("RGB", (wide * step + GAP_PX, len(rows) * step + GAP_PX), PAPER)
    for y, tiles in enumerate(rows):
        for x, tile in enumerate(tiles):
            left = GAP_PX + x * step + (TILE_PX - tile.width) // 2
            sheet.paste(tile, (left, GAP_PX + y * step + (TILE_PX - tile.height) // 2))
    file = io.BytesIO()
    sheet.save(file, "WEBP", quality=85, method=3)
    return file.getvalue()


def _chosen(job: Job) -> list[tuple[Sample, int, dict[str, Any]]]:
    """One thing a picture, the first, second, third … in turn, with its row."""
    found: list[tuple[Sample, int, dict[str, Any]]] = []
    for split in job.dataset.splits:
        rows = job.rows(split)
        for number, sample in enumerate(islice(job.dataset.samples(split), THINGS - len(found))):
            own = list(islice(rows, len(sample.entities)))
            if own:
                found.append((sample, number % len(own) + 1, own[number % len(own)]))
    return found


def _tiles(job: Job, sample: Sample, index: int, row: dict[str, Any]) -> list[Image.Image]:
    picture = image_io.read_rgb(job.dataset.image_path(sample))
    alpha = image_io.read_matte(job.dataset.alpha_path(sample, index), picture.shape[:2])
    shown: list[U8] = [picture]
    for kind in ("trimap", "scribble", "coarse"):
        if kind in row:
            levels = image_io.read_alpha(job.out / row[kind])
            shown.append(_over(picture, levels) if kind != "trimap" else np.dstack([levels] * 3))
    around = _around(alpha, row)
    tiles = [Image.fromarray(pixels).crop(around) for pixels in shown]
    for tile in tiles:
        tile.thumbnail((TILE_PX, TILE_PX), Image.Resampling.LANCZOS)
    scale = tiles[0].width / (around[2] - around[0])
    pen = ImageDraw.Draw(tiles[0])
    if row.get("box_xyxy"):
        x0, y0, x1, y1 = row["box_xyxy"]
        corners = ((x0 - around[0], y0 - around[1]), (x1 - around[0], y1 - around[1]))
        pen.rectangle([tuple(scale * c for c in corner) for corner in corners], outline=ON, width=2)
    for (x, y), label in zip(row.get("points_xy", ()), row.get("point_labels", ()), strict=True):
        center = (scale * (x + 0.5 - around[0]), scale * (y + 0.5 - around[1]))
        pen.circle(center, 5, fill=ON if label else OFF, outline=PAPER)
    return tiles


def _over(picture: U8, levels: U8) -> U8:
    """Strokes, or a mask, over the dimmed picture: green on the thing, red beside it."""
    made = (picture * DIM).astype(np.uint8)
    made[levels == FOREGROUND] = made[levels == FOREGROUND] // 2 + np.array(ON, np.uint8) // 2 + 40
    if (levels == 128).any():
        made[levels == BACKGROUND] = OFF
        made[levels == FOREGROUND] = ON
    return made


def _around(alpha: U8, row: dict[str, Any]) -> Box:
    """The part of the picture to be shown: the thing, its clicks, and some room."""
    height, width = alpha.shape
    x0, y0, x1, y1 = alphas.box(alpha) or (0, 0, width, height)
    room = max(24, (x1 - x0) // 10, (y1 - y0) // 10)
    xs, ys = zip((x0, y0), (x1, y1), *row.get("points_xy", ()), strict=True)
    left, top = max(0, min(xs) - room), max(0, min(ys) - room)
    return left, top, min(width, max(xs) + room), min(height, max(ys) + room)
