"""Folders of pictures and mattes as trainers look for them: a table of links, and few files more.

The loaders name their pictures .jpg, whatever is in them, so a dataset of PNGs is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.refmatte_layout import label_entries
from refmatte_engine.formats.export import Chunk, Job, seed_of
from refmatte_engine.formats.rows import alpha_of, refuse_png
from refmatte_engine.images import image_io, trimaps
from refmatte_engine.images.alphas import together
from refmatte_engine.randomness import stream
from refmatte_engine.records import Sample, to_json
from refmatte_engine.storage.files import link_or_copy, write_whole, written_whole


@dataclass(frozen=True, slots=True)
class Layout:
    """What a loader looks for. `links` are paths, with the split, the image's name, the mask's stem
    and the entity's place from 0, and what lies there: an entry of `SOURCES`. Those that name no
    mask or place are made once an image. `label` and `index` are RefMatte's label file and the
    choice of one sentence an image; `lists` are absolute paths of pictures and masks, line by line.
    """

    links: tuple[tuple[str, str], ...]
    label: str = ""
    index: str = ""
    lists: tuple[str, str] | tuple[()] = ()


LAYOUTS = {
    "mam": Layout((("{split}/img_full/{mask}.jpg", "image"), ("{split}/mask/{mask}.png", "alpha"))),
    "rw100": Layout(
        (
            ("{split}/image/{image}.jpg", "image"),
            ("{split}/image_all/{mask}.jpg", "image"),
            ("{split}/mask/{mask}.png", "alpha"),
        ),
        label="{split}/refmatte_rw100_label.json",
        index="{split}/eval_index_expression.json",
    ),
    "birefnet": Layout(
        (("{split}/im/{image}.jpg", "image"), ("{split}/gt/{image}.png", "all alphas"))
    ),
    "him": Layout(
        (
            ("images/{split}/{image}.jpg", "image"),
            ("alphas/{split}/{image}/{place:02d}.png", "alpha"),
        )
    ),
    "composition1k": Layout(
        (
            ("{split}/merged/{mask}.png", "image as PNG"),
            ("{split}/alpha_copy/{mask}.png", "alpha"),
            ("{split}/trimaps/{mask}.png", "trimap"),
        )
    ),
    "sdmatte": Layout(
        (("{split}/img/{image}.jpg", "image"), ("{split}/mask/{mask}.png", "alpha")),
        label="{split}/refmatte_{split}_label.json",
        lists=(
            "{split}/RefMatte_10k_image_samples.txt",
            "{split}/RefMatte_10k_mask_samples.txt",
        ),
    ),
}


def check(dataset: Dataset) -> None:
    """InputError for a dataset of PNGs."""
    refuse_png(dataset)


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """Makes every link of the layouts asked for; a row per sample, with its label entries."""
    for sample in chunk.samples:
        for name, folder in _asked_for(job):
            for pattern, source in LAYOUTS[name].links:
                first = None
                is_of_thing = "{mask}" in pattern or "{place" in pattern
                for k in range(1, len(sample.entities) + 1) if is_of_thing else (1,):
                    target = folder / _named(pattern, sample.split, sample.name, k)
                    if source == "image as PNG" and first is not None:
                        link_or_copy(first, target)
                    else:
                        SOURCES[source](job.dataset, sample, k, target)
                        first = target
        yield _row(job, sample)


def join(job: Job) -> None:
    """The label files, indices and lists of the layouts asked for."""
    for name, folder in _asked_for(job):
        layout = LAYOUTS[name]
        for split in job.dataset.splits:
            for path, key in ((layout.label, "labels"), (layout.index, "index")):
                if path:
                    _write_object(folder / path.format(split=split), job.rows(split), key)
            for path, (pattern, _) in zip(layout.lists, layout.links, strict=False):
                with written_whole(folder / path.format(split=split)) as file:
                    for row in job.rows(split):
                        for k in range(1, len(row["labels"]) + 1):
                            link = folder.resolve() / _named(pattern, split, row["image"], k)
                            file.write(f"{link}\n".encode())


def _asked_for(job: Job) -> list[tuple[str, Path]]:
    """Layouts with their folders: one lies in that of the export, all in folders of their names."""
    if job.to in LAYOUTS:
        return [(job.to, job.out)]
    return [(name, job.out / name) for name in LAYOUTS]


def _named(pattern: str, split: str, image: str, k: int) -> str:
    return pattern.format(split=split, image=image, mask=f"{image}_{k}", place=k - 1)


def _row(job: Job, sample: Sample) -> dict[str, Any]:
    """The label entries, and which sentence is drawn; a thing of which nothing is said alone goes
    by its mere name there, for the loaders want a sentence of each."""
    labels = dict(label_entries(to_json(sample)))
    for entry in labels.values():
        if not entry["expressions"]:
            entry["expressions"], entry["kinds"] = [entry["keyword"]], ["keyword"]
    fewest = min((len(entry["expressions"]) for entry in labels.values()), default=1)
    seed = seed_of(job.dataset)
    drawn = stream(seed, "rw100 index", sample.split, sample.index).integers(fewest)
    return {"image": sample.name, "labels": labels, "index": {sample.name: int(drawn)}}


def _write_object(path: Path, rows: Iterator[Any], key: str) -> None:
    """One JSON object of the rows' objects, an entry a line."""
    with written_whole(path) as file:
        before = b"{\n"
        for row in rows:
            for name, value in row[key].items():
                line = f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}"
                file.write(before + line.encode())
                before = b",\n"
        file.write(b"\n}\n" if before == b",\n" else b"{}\n")


def _image(dataset: Dataset, sample: Sample, _: int, target: Path) -> None:
    link_or_copy(dataset.image_path(sample), target)


def _image_as_png(dataset: Dataset, sample: Sample, _: int, target: Path) -> None:
    write_whole(target, image_io.encode_png(image_io.read_rgb(dataset.image_path(sample))))


def _alpha(dataset: Dataset, sample: Sample, k: int, target: Path) -> None:
    link_or_copy(dataset.alpha_path(sample, k), target)


def _all_alphas(dataset: Dataset, sample: Sample, _: int, target: Path) -> None:
    alphas = (alpha_of(dataset, sample, entity.index) for entity in sample.entities)
    nothing = np.zeros(sample.scene.canvas_hw, np.uint8)
    write_whole(target, image_io.encode_alpha_png(together(alphas, nothing)))


def _trimap(dataset: Dataset, sample: Sample, k: int, target: Path) -> None:
    alpha = alpha_of(dataset, sample, k)
    found = trimaps.trimap(alpha, trimaps.drawn_width(alpha, seed_of(dataset)))
    write_whole(target, image_io.encode_alpha_png(found))


SOURCES: dict[str, Callable[[Dataset, Sample, int, Path], None]] = {
    "image": _image,
    "image as PNG": _image_as_png,
    "alpha": _alpha,
    "all alphas": _all_alphas,
    "trimap": _trimap,
}
