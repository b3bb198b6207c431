"""A sample as formats of boxes and masks have it, with its picture and mattes beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError
from refmatte_engine.formats.export import Job
from refmatte_engine.formats.rle import counts, text
from refmatte_engine.images import image_io
from refmatte_engine.records import KEYWORD, U8, Entity, Expression, Sample, Span
from refmatte_engine.storage.files import link_or_copy

OPAQUE = 128  # an 8-bit alpha from which on a pixel belongs to a binary mask
INFO = "composed by the RefMatte engine; masks are alpha >= 128, the mattes lie in alphas/"


def refuse_png(dataset: Dataset) -> None:
    """InputError for a dataset of PNGs, in formats whose loaders hard-code the suffix."""
    if (suffix := dataset.manifest["run"]["image"]["format"]) != "jpg":
        raise InputError(
            dataset.root,
            f"has images in {suffix.upper()}, and these loaders look for .jpg",
            allowed="a dataset with image: {format: jpg}",
            todo="change that in the run file and generate again, or export to coco",
        )


def image(job: Job, sample: Sample) -> dict[str, Any]:
    """The entry of the picture, without an id. `license` is its background's, by number; several
    packs' in one picture are in `licenses`."""
    numbers = {pack: number for number, pack in enumerate(job.licences(), 1)}
    sources = (sample.scene.background, *(entity.foreground for entity in sample.entities))
    used = [
        numbers[pack] for pack in dict.fromkeys(s.split("/")[0] for s in sources) if pack in numbers
    ]
    height, width = sample.scene.canvas_hw
    entry = {"file_name": job.dataset.image_path(sample).name, "height": height, "width": width}
    return {**entry, "license": used[0], "licenses": used} if used else entry


def licences(job: Job) -> list[dict[str, Any]]:
    """COCO's list of licences, one a pack, numbered from 1."""
    return [
        {"id": number, "name": said.get("licence", ""), "url": "", "pack": pack, **said}
        for number, (pack, said) in enumerate(job.licences().items(), 1)
    ]


def annotation(job: Job, sample: Sample, entity: Entity, *, is_compressed: bool) -> dict[str, Any]:
    """The entry of one thing, without ids: box (x, y, width, height) and RLE of alpha >= 128, the
    area of that, the name of its alpha's file and what it is. A thing that is nowhere so opaque has
    an empty mask, and the box of all that is seen of it."""
    alpha = alpha_of(job.dataset, sample, entity.index)
    mask = alpha >= OPAQUE
    x0, y0, x1, y1 = entity.box_xyxy
    runs = counts(mask)
    return {
        "category": entity.category,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "area": int(np.count_nonzero(mask)),
        "iscrowd": 0,
        "segmentation": {
            "size": list(mask.shape),
            "counts": text(runs) if is_compressed else runs.tolist(),
        },
        "alpha": alpha_name(sample, entity),
    }


def alpha_of(dataset: Dataset, sample: Sample, index: int) -> U8:
    """The alpha of entity `index`, uint8 H×W. InputError if it has not the picture's size."""
    return image_io.read_matte(dataset.alpha_path(sample, index), sample.scene.canvas_hw)


def alpha_name(sample: Sample, entity: Entity) -> str:
    """Where the alpha lies, below the folder of the export."""
    return f"alphas/{sample.split}/{sample.name}_{entity.index}.png"


def link_alphas(job: Job, sample: Sample) -> None:
    """The alphas of the sample, where `alpha_name` says."""
    for entity in sample.entities:
        source = job.dataset.alpha_path(sample, entity.index)
        link_or_copy(source, job.out / alpha_name(sample, entity))


def sentences(sample: Sample, entity: Entity) -> list[Expression]:
    """What is said of this thing alone, mere names left out."""
    me = (entity.index,)
    return [e for e in sample.expressions if e.referents == me and e.kind != KEYWORD]


def categories(job: Job) -> dict[str, int]:
    """The categories in the rows' annotations by name, numbered from 1 in the alphabet's order."""
    names = {
        found["category"]
        for split in job.dataset.splits
        for row in job.rows(split)
        for found in row["annotations"]
    }
    return {name: number for number, name in enumerate(sorted(names), 1)}


def noun_spans(expression: Expression) -> list[Span]:
    """Where the text says what the thing meant is: half-open ranges of characters. All of the text
    where it has no such word, or where nobody recorded where it is."""
    for op in ("category", "any"):
        spans = {
            (start, stop)
            for clause in expression.program
            if clause.op == op and not clause.negated
            for start, stop in clause.spans
        }
        if spans:
            return sorted(spans)
    return [(0, len(expression.text))]


def numbered(job: Job, first: int = 1) -> Iterator[tuple[str, int, int, Any]]:
    """Every row with its split, the id of its picture and that of its first annotation."""
    image_id = annotation_id = first
    for split in job.dataset.splits:
        for row in job.rows(split):
            yield split, image_id, annotation_id, row
            image_id += 1
            annotation_id += len(row["annotations"])
