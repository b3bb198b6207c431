"""MDETR's finetuning files: an image entry per sentence, and which of its characters are the thing.

MDETR decodes uncompressed RLE or polygons; these masks are the former, which loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.formats import rows
from refmatte_engine.formats.export import Chunk, Job, write_json
from refmatte_engine.storage.files import link_or_copy

PICTURES = "train2014"  # where MDETR looks, below its coco_path
NAME = "refmatte"


def check(dataset: Dataset) -> None:
    """Every dataset can be written."""


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """Links pictures and alphas; a row per sample."""
    for sample in chunk.samples:
        entry = rows.image(job, sample)
        link_or_copy(job.dataset.image_path(sample), job.out / PICTURES / entry["file_name"])
        rows.link_alphas(job, sample)
        yield {
            "image": entry,
            "annotations": [
                rows.annotation(job, sample, entity, is_compressed=False)
                for entity in sample.entities
            ],
            "captions": [
                {
                    "caption": said.text,
                    "kind": said.kind,
                    "referents": said.referents,
                    "tokens_positive": rows.noun_spans(said),
                }
                for said in sample.expressions
                if said.referents
            ],
        }


def join(job: Job) -> None:
    """OUT/finetune_refmatte_<split>.json."""
    categories = rows.categories(job)
    for split in job.dataset.splits:
        write_json(
            job.out / f"finetune_{NAME}_{split}.json",
            {"images": _images(job, split), "annotations": _annotations(job, split, categories)},
            info={"description": rows.INFO},
            licenses=rows.licences(job),
            categories=[{"id": i, "name": name} for name, i in categories.items()],
        )


def _captions(job: Job, split: str) -> Iterator[tuple[int, int, Any, Any]]:
    """Each sentence's id, that of its picture, the row and what is said."""
    number = count(1)
    for found, image, _, row in rows.numbered(job):
        for said in row["captions"]:
            caption = next(number)
            if found == split:
                yield caption, image, row, said


def _images(job: Job, split: str) -> Iterator[Any]:
    for caption, image, row, said in _captions(job, split):
        about = {"caption": said["caption"], "kind": said["kind"], "dataset_name": NAME}
        whole = [[0, len(said["caption"])]]  # what boxes of other things would be matched with
        ids = {"id": caption, "original_id": image}
        yield {**ids, **row["image"], **about, "tokens_negative": whole}


def _annotations(job: Job, split: str, categories: dict[str, int]) -> Iterator[Any]:
    number = count(1)
    for caption, _, row, said in _captions(job, split):
        for k in said["referents"]:
            entry = row["annotations"][k - 1]
            ids = {"id": next(number), "image_id": caption}
            ids["category_id"] = categories[entry["category"]]
            yield {**ids, **entry, "tokens_positive": said["tokens_positive"]}
