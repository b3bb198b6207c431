"""Weak labels and visual prompts beside an export: trimaps, boxes, clicks, scribbles, coarse masks.

They are an export of their own in a folder of the other one, so that each is gone on with, and
refused, by itself. All are made of a thing's alpha and the seed alone (`images`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.formats import weak_label_sheet
from refmatte_engine.formats.export import Chunk, Job, write_json
from refmatte_engine.formats.rows import alpha_of
from refmatte_engine.images import scribbles, trimaps, weak_labels
from refmatte_engine.images.image_io import encode_alpha_png
from refmatte_engine.records import U8, Entity, Sample
from refmatte_engine.storage.files import write_whole

# What the index says of each, to whoever finds the file.
ABOUT = {
    "trimap": "grey PNG: 255 surely the thing (alpha 255 eroded), 0 surely not (alpha above 0 "
    "dilated), 128 between; by an ellipse of trimap_width_px",
    "box": "box_xyxy: the tight box of alpha >= 128 (of alpha > 0 where nothing is so opaque); "
    "x0, y0, x1, y1 in px, x1 and y1 just outside",
    "point": "points_xy with point_labels: 1 on the thing, 0 beside it; a pixel's column and row, "
    "the first of each sort to be used first",
    "scribble": "grey PNG: 255 strokes on the thing, 0 strokes beside it, 128 elsewhere",
    "coarse": "grey PNG: 255 roughly where the thing is, 0 elsewhere",
}


def check(dataset: Dataset) -> None:
    """Every dataset can be written."""


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """OUT/<kind>/<split>/<mask stem>.png of those that are pictures; a row per thing."""
    for sample in chunk.samples:
        height, width = sample.scene.canvas_hw
        for entity in sample.entities:
            alpha = alpha_of(job.dataset, sample, entity.index)
            row: dict[str, Any] = {
                "name": f"{sample.name}_{entity.index}",
                "image": job.dataset.image_path(sample).name,
                "width": width,
                "height": height,
            }
            for kind in job.also:
                row |= MAKERS[kind](job, sample, entity, alpha)
            yield row


def join(job: Job) -> None:
    """OUT/<split>.json, the index, and OUT/sheet.webp, a picture of some of them."""
    for split in job.dataset.splits:
        about = {"seed": job.seed, **{kind: ABOUT[kind] for kind in job.also}}
        write_json(job.out / f"{split}.json", {"things": job.rows(split)}, about=about)
    write_whole(job.out / "sheet.webp", weak_label_sheet.drawn(job))


def _picture(job: Job, kind: str, sample: Sample, entity: Entity, levels: U8) -> dict[str, Any]:
    path = f"{kind}/{sample.split}/{sample.name}_{entity.index}.png"
    write_whole(job.out / path, encode_alpha_png(levels))
    return {kind: path}


def _trimap(job: Job, sample: Sample, entity: Entity, alpha: U8) -> dict[str, Any]:
    width = trimaps.drawn_width(alpha, job.seed)
    found = _picture(job, "trimap", sample, entity, trimaps.trimap(alpha, width))
    return {**found, "trimap_width_px": width}


def _box(_: Job, __: Sample, ___: Entity, alpha: U8) -> dict[str, Any]:
    return {"box_xyxy": weak_labels.box(alpha)}


def _points(job: Job, _: Sample, __: Entity, alpha: U8) -> dict[str, Any]:
    on, beside = weak_labels.clicks(alpha, job.seed)
    labels = [1] * len(on) + [0] * len(beside)
    return {"points_xy": [*on, *beside], "point_labels": labels}


def _scribble(job: Job, sample: Sample, entity: Entity, alpha: U8) -> dict[str, Any]:
    return _picture(job, "scribble", sample, entity, scribbles.scribble(alpha, job.seed))


def _coarse(job: Job, sample: Sample, entity: Entity, alpha: U8) -> dict[str, Any]:
    return _picture(job, "coarse", sample, entity, weak_labels.coarse(alpha, job.seed))


MAKERS: dict[str, Callable[[Job, Sample, Entity, U8], dict[str, Any]]] = {
    "trimap": _trimap,
    "box": _box,
    "point": _points,
    "scribble": _scribble,
    "coarse": _coarse,
}
