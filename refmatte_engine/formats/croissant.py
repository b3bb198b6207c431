"""Croissant 1.1: a description that dataset platforms and search engines read, beside one table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.formats import rows
from refmatte_engine.formats.export import Chunk, Job
from refmatte_engine.storage.files import (
    jsonl,
    link_or_copy,
    write_whole,
    written_whole,
)

COLUMNS = {
    "split": "The split of the image.",
    "image": "Path of the image.",
    "alpha": "Path of the alpha matte, 8-bit grey: what is visible of the thing.",
    "category": "What the thing is.",
    "kind": "The kind of sentence: basic, absolute, relative, minimal or overspecified.",
    "text": "A sentence that means this thing in this image and no other.",
}
VOCABULARY = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "name": {"@container": "@language"},
    "description": {"@container": "@language"},
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        word: f"cr:{word}"
        for word in (
            "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract",
            "field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray",
            "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet",
            "references", "regex", "repeated", "replace", "samplingRate", "separator", "source",
            "subField", "transform",
        )
    },
}  # fmt: skip


def check(dataset: Dataset) -> None:
    """Every dataset can be written."""


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """Links pictures and alphas; a row, which is one of the table, per thing and sentence."""
    for sample in chunk.samples:
        source = job.dataset.image_path(sample)
        image = f"images/{sample.split}/{source.name}"
        link_or_copy(source, job.out / image)
        rows.link_alphas(job, sample)
        for entity in sample.entities:
            for said in rows.sentences(sample, entity):
                alpha = rows.alpha_name(sample, entity)
                values = (sample.split, image, alpha, entity.category, said.kind, said.text)
                yield dict(zip(COLUMNS, values, strict=True))


def join(job: Job) -> None:
    """OUT/texts.jsonl and OUT/croissant.json, which describes it."""
    table = job.out / "texts.jsonl"
    with written_whole(table) as file:
        for split in job.dataset.splits:
            for row in job.rows(split):
                file.write(jsonl([row]))
    with table.open("rb") as lines:
        sha256 = hashlib.file_digest(lines, "sha256").hexdigest()
    told = json.dumps(_description(job, sha256), indent=1, ensure_ascii=False)
    write_whole(job.out / "croissant.json", told.encode())


def _description(job: Job, sha256: str) -> dict[str, Any]:
    suffix = job.dataset.manifest["run"]["image"]["format"]
    licences = [said.get("licence", "") for said in job.licences().values()]
    thanked = [said["credit"] for said in job.licences().values() if said.get("credit")]
    return {
        "@context": VOCABULARY,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": job.name(),
        "description": "A referring image matting dataset composed by the RefMatte engine: images, "
        "an exact alpha matte of each thing in them, and sentences that mean one of the things.",
        "license": list(dict.fromkeys(filter(None, licences))),
        "creator": [{"@type": "sc:Organization", "name": credit} for credit in thanked],
        "keywords": ["image matting", "referring expressions", "segmentation"],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "texts.jsonl",
                "name": "texts.jsonl",
                "contentUrl": "texts.jsonl",
                "encodingFormat": "application/jsonlines",
                "sha256": sha256,
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "texts",
                "name": "texts",
                "description": f"A sentence a record; paths of .{suffix} images and .png alphas "
                "are below the folder of this file.",
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": f"texts/{name}",
                        "name": name,
                        "description": meaning,
                        "dataType": "sc:Text",
                        "source": {
                            "fileObject": {"@id": "texts.jsonl"},
                            "extract": {"column": name},
                        },
                    }
                    for name, meaning in COLUMNS.items()
                ],
            }
        ],
    }
