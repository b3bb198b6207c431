"""RefCOCO's files, and gRefCOCO's for texts that mean several things or none.

Their readers want each mask as a list of one compressed RLE, which pycocotools itself refuses; so
these instances are other files than those of `coco`.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError
from refmatte_engine.formats import rows
from refmatte_engine.formats.export import Chunk, Job, write_json, write_list
from refmatte_engine.records import KEYWORD
from refmatte_engine.storage.files import link_or_copy, written_whole

# The only names that the readers take for splits, by the names that runs give them.
SPLITS = {name: name for name in ("train", "val", "test", "testA", "testB")} | {"validation": "val"}
# Where the two readers look for pictures, below the folder that they are given.
PICTURES = ("images/mscoco/images/train2014", "images/train2014")
NO_TARGET = [-1]


def check(dataset: Dataset) -> None:
    """InputError for a split that the readers would not find."""
    for split in dataset.splits:
        if split not in SPLITS:
            raise InputError(
                dataset.root,
                f"has a split {split!r}, and RefCOCO's readers know no such name",
                allowed=", ".join(SPLITS),
                todo="rename the split in the run file and generate again, or export to coco",
            )


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """Links pictures and alphas; a row per sample."""
    for sample in chunk.samples:
        entry = rows.image(job, sample)
        for folder in PICTURES:
            target = job.out / folder / entry["file_name"]
            link_or_copy(job.dataset.image_path(sample), target)
        rows.link_alphas(job, sample)
        texts: dict[tuple[int, ...], list[str]] = {}
        for said in sample.expressions:
            if said.kind != KEYWORD:
                # Texts about nothing have nothing in common but that.
                texts.setdefault(tuple(sorted(said.referents)), []).append(said.text)
        yield {
            "image": entry,
            "annotations": [
                rows.annotation(job, sample, entity, is_compressed=True)
                for entity in sample.entities
            ],
            "refs": [{"referents": meant, "texts": said} for meant, said in texts.items()],
        }


def join(job: Job) -> None:
    """OUT/refcoco and OUT/grefcoco: refs, and the instances that they are about."""
    categories = rows.categories(job)
    instances = job.out / "refcoco" / "instances.json"
    write_json(
        instances,
        {
            "images": ({"id": image, **row["image"]} for _, image, _, row in rows.numbered(job)),
            "annotations": _annotations(job, categories),
        },
        info={"description": rows.INFO},
        licenses=rows.licences(job),
        categories=[{"id": i, "name": name} for name, i in categories.items()],
    )
    link_or_copy(instances, job.out / "grefcoco" / "instances.json")
    _pickle(job.out / "refcoco" / "refs(unc).p", _refs(job, categories))
    write_list(job.out / "grefcoco" / "grefs(unc).json", _grefs(job, categories))


def _annotations(job: Job, categories: dict[str, int]) -> Iterator[Any]:
    for _, image, first, row in rows.numbered(job):
        for number, entry in enumerate(row["annotations"], first):
            category = categories[entry["category"]]
            ids = {"id": number, "image_id": image, "category_id": category}
            yield {**ids, **entry, "segmentation": [entry["segmentation"]]}


def _grefs(job: Job, categories: dict[str, int]) -> Iterator[dict[str, Any]]:
    """One entry for all texts of a picture that mean the same things."""
    refs, sentences = count(1), count(1)
    for split, image, first, row in rows.numbered(job):
        for ref in row["refs"]:
            meant = [row["annotations"][k - 1]["category"] for k in ref["referents"]]
            told = [_sentence(text, next(sentences)) for text in ref["texts"]]
            yield {
                "ref_id": next(refs),
                "ann_id": [first + k - 1 for k in ref["referents"]] or NO_TARGET,
                "category_id": [categories[name] for name in meant] or NO_TARGET,
                "no_target": not ref["referents"],
                "image_id": image,
                "split": SPLITS[split],
                "file_name": row["image"]["file_name"],
                "sentences": told,
                "sent_ids": [each["sent_id"] for each in told],
            }


def _refs(job: Job, categories: dict[str, int]) -> Iterator[dict[str, Any]]:
    """The same of texts that mean one thing."""
    for ref in _grefs(job, categories):
        if len(ref["ann_id"]) == 1 and not ref["no_target"]:
            del ref["no_target"]
            yield {**ref, "ann_id": ref["ann_id"][0], "category_id": ref["category_id"][0]}


def _sentence(text: str, number: int) -> dict[str, Any]:
    """A text as RefCOCO has it: `sent` in small letters without punctuation, `raw` as it is."""
    sent = " ".join(re.sub(r"[^\w\s'’-]", " ", text.lower()).split())
    return {"sent_id": number, "sent": sent, "raw": text, "tokens": sent.split()}


def _pickle(path: Path, values: Iterable[Any]) -> None:
    """A list as a pickle of protocol 2, which Python 2 reads, with one value at a time in memory:
    the value's own pickle without its head and end, appended to the list before it."""
    with written_whole(path) as file:
        file.write(pickle.PROTO + b"\x02" + pickle.EMPTY_LIST)
        for value in values:
            file.write(pickle.dumps(value, 2)[2:-1] + pickle.APPEND)
        file.write(pickle.STOP)
