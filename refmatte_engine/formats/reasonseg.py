"""ReasonSeg, as LISA reads it: a picture has one target, so each thing has its picture.

LISA paints polygons and nothing else. How well they fit is measured on the mask that it will paint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError
from refmatte_engine.formats import polygons, rows
from refmatte_engine.formats.export import Chunk, Job, write_list
from refmatte_engine.storage.files import link_or_copy, write_whole

FOLDER = "reason_seg/ReasonSeg"  # below LISA's dataset_dir
EXPLANATIONS = "explanatory"
LABEL = "target"


def check(dataset: Dataset) -> None:
    """InputError for a dataset of PNGs, or a split whose name LISA would take apart."""
    rows.refuse_png(dataset)
    for split in dataset.splits:
        if "_" in split or split == EXPLANATIONS:
            raise InputError(
                dataset.root,
                f"has a split {split!r}, and LISA takes such a name for something else",
                allowed=f"names without _, other than {EXPLANATIONS}",
                todo="rename the split in the run file and generate again",
            )


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """Links each thing's picture and alpha and writes its JSON; a row per thing, with how well its
    polygons fit. A thing that is nowhere opaque enough has no target, and is left out."""
    for sample in chunk.samples:
        source = job.dataset.image_path(sample)
        rows.link_alphas(job, sample)
        for entity in sample.entities:
            name = f"{sample.name}_{entity.index}"
            mask = rows.alpha_of(job.dataset, sample, entity.index) >= rows.OPAQUE
            if not mask.any():
                yield {"name": name, "iou": None, "holes": 0}
                continue
            shapes, holes = polygons.polygons(mask)
            found = round(polygons.iou(mask, polygons.filled(shapes, sample.scene.canvas_hw)), 6)
            told = {
                "text": [said.text for said in rows.sentences(sample, entity)] or [entity.category],
                "is_sentence": False,  # but a phrase: "What is … in this image?"
                "shapes": [
                    {"label": LABEL, "shape_type": "polygon", "points": points} for points in shapes
                ],
                "image_name": f"{name}.jpg",
                "alpha": rows.alpha_name(sample, entity),
                "iou": found,
                "holes": holes,
            }
            target = job.out / FOLDER / sample.split / f"{name}.jpg"
            link_or_copy(source, target)
            write_whole(target.with_suffix(".json"), json.dumps(told).encode())
            yield {"name": name, "iou": found, "holes": holes}


def join(job: Job) -> str:
    """OUT/…/explanatory/train.json, which LISA opens: no explanations. Returns how well polygons
    fit."""
    write_list(job.out / FOLDER / EXPLANATIONS / "train.json", [])
    things = seen = fits = holed = holes = 0
    worst = 1.0, ""
    for row in (row for split in job.dataset.splits for row in job.rows(split)):
        things += 1
        if row["iou"] is not None:
            seen, fits = seen + 1, fits + row["iou"]
            worst = min(worst, (row["iou"], row["name"]))
            holes, holed = holes + row["holes"], holed + bool(row["holes"])
    said = []
    if seen:
        said = [
            f"polygons against masks of alpha >= {rows.OPAQUE}: IoU {fits / seen:.4f} on average, "
            f"{worst[0]:.4f} at worst" + (f" ({worst[1]})" if worst[0] < 1 else ""),
            f"{holes} holes in {holed} of {seen} masks",
        ]
    if lost := things - seen:
        said.append(f"{lost} things are nowhere so opaque and are left out")
    return "; ".join(said)
