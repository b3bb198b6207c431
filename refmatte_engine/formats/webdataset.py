"""WebDataset: tar files to be read from one end to the other, a sample per thing.

A sample per picture would have as many alphas as things, and readers want the same keys everywhere.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from typing import Any

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.refmatte_layout import label_entries
from refmatte_engine.formats.export import Chunk, Job
from refmatte_engine.records import Sample, to_json
from refmatte_engine.storage.files import read_bytes, written_whole


def check(dataset: Dataset) -> None:
    """Every dataset can be written."""


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """OUT/<split>-<number>.tar; a row with its name and how many samples it has."""
    path = job.out / f"{chunk.split}-{chunk.number:05d}.tar"
    samples = 0
    with (
        written_whole(path) as file,
        tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for sample in chunk.samples:
            samples += len(sample.entities)
            for name, data in _members(job.dataset, sample):
                member = tarfile.TarInfo(name)  # without a time: the same bytes whenever written
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    yield {"file": path.name, "samples": samples}


def join(job: Job) -> None:
    """OUT/samples.json: how many samples each tar has, which loaders want to be told."""
    found = {row["file"]: row["samples"] for split in job.dataset.splits for row in job.rows(split)}
    with written_whole(job.out / "samples.json") as file:
        file.write(json.dumps(found, indent=1).encode())


def _members(dataset: Dataset, sample: Sample) -> Iterator[tuple[str, bytes]]:
    """The files of each thing: picture, alpha, and what the label file says of it."""
    picture = dataset.image_path(sample)
    pixels = read_bytes(picture)
    for entity, (stem, entry) in zip(sample.entities, label_entries(to_json(sample)), strict=True):
        yield f"{stem}{picture.suffix}", pixels
        yield f"{stem}.alpha.png", read_bytes(dataset.alpha_path(sample, entity.index))
        yield f"{stem}.json", json.dumps(entry, ensure_ascii=False).encode()
