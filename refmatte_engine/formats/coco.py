"""COCO instances: one JSON file a split, a mask and its sentences per thing.

The mask is a dictionary of compressed RLE, which pycocotools reads without loss; polygons would
lose holes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.formats import rows
from refmatte_engine.formats.export import Chunk, Job, write_json
from refmatte_engine.storage.files import link_or_copy


def check(dataset: Dataset) -> None:
    """Every dataset can be written."""


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """Links pictures and alphas; a row per sample."""
    for sample in chunk.samples:
        entry = rows.image(job, sample)
        link_or_copy(job.dataset.image_path(sample), job.out / sample.split / entry["file_name"])
        rows.link_alphas(job, sample)
        annotations = []
        for entity in sample.entities:
            said = rows.sentences(sample, entity)
            texts = [expression.text for expression in said]
            annotations.append(
                {
                    **rows.annotation(job, sample, entity, is_compressed=True),
                    "text": min(texts, key=len, default=entity.category),
                    "expressions": texts,
                    "kinds": [expression.kind for expression in said],
                }
            )
        yield {"image": entry, "annotations": annotations}


def join(job: Job) -> None:
    """OUT/annotations/instances_<split>.json."""
    categories = rows.categories(job)
    for split in job.dataset.splits:
        write_json(
            job.out / "annotations" / f"instances_{split}.json",
            {"images": _images(job, split), "annotations": _annotations(job, split, categories)},
            info={"description": rows.INFO},
            licenses=rows.licences(job),
            categories=[{"id": i, "name": name} for name, i in categories.items()],
        )


def _images(job: Job, split: str) -> Iterator[Any]:
    for found, image_id, _, row in rows.numbered(job):
        if found == split:
            yield {"id": image_id, **row["image"]}


def _annotations(job: Job, split: str, categories: dict[str, int]) -> Iterator[Any]:
    for found, image_id, first, row in rows.numbered(job):
        if found == split:
            for number, entry in enumerate(row["annotations"], first):
                category = categories[entry["category"]]
                yield {"id": number, "image_id": image_id, "category_id": category, **entry}
