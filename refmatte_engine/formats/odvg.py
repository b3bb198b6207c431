"""ODVG, as Grounding DINO's trainers read it: a sentence a line, with boxes for its noun."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.formats import rows
from refmatte_engine.formats.export import Chunk, Job
from refmatte_engine.records import Expression, Sample
from refmatte_engine.storage.files import jsonl, link_or_copy, written_whole

FILE = "{split}.jsonl"


def check(dataset: Dataset) -> None:
    """Every dataset can be written."""


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """Links pictures and alphas; a row, which is a line, per sentence."""
    for sample in chunk.samples:
        source = job.dataset.image_path(sample)
        link_or_copy(source, job.out / sample.split / source.name)
        rows.link_alphas(job, sample)
        height, width = sample.scene.canvas_hw
        for said in sample.expressions:
            if said.referents:
                grounding = {"caption": said.text, "regions": [_region(sample, said)]}
                yield {
                    **{"filename": source.name, "height": height, "width": width},
                    "grounding": grounding,
                    "kind": said.kind,
                }


def join(job: Job) -> None:
    """OUT/<split>.jsonl."""
    for split in job.dataset.splits:
        with written_whole(job.out / FILE.format(split=split)) as file:
            for row in job.rows(split):
                file.write(jsonl([row]))


def _region(sample: Sample, said: Expression) -> dict[str, Any]:
    """Boxes (x0, y0, x1, y1) of what is meant: a list of boxes only where there are several."""
    meant = [sample.entities[k - 1] for k in said.referents]
    boxes = [list(entity.box_xyxy) for entity in meant]
    alphas = [rows.alpha_name(sample, entity) for entity in meant]
    spans = rows.noun_spans(said)
    is_one = len(meant) == 1
    return {
        "bbox": boxes[0] if is_one else boxes,
        "phrase": " ".join(said.text[start:stop] for start, stop in spans),
        "tokens_positive": spans,
        "alpha": alphas[0] if is_one else alphas,
    }
