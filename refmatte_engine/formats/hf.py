"""Parquet with the bytes of pictures and alphas in it, as the Hugging Face Hub shows and loads it.

A row per thing. Bytes, not paths: a table of paths looks right on its author's machine only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from refmatte_engine.dataset import attribution, card, facts
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.refmatte_layout import label_entries
from refmatte_engine.errors import InputError, needs
from refmatte_engine.formats.export import Chunk, Job
from refmatte_engine.records import Sample, to_json
from refmatte_engine.storage.files import read_bytes, write_whole, written_whole

if TYPE_CHECKING:
    import pyarrow

GROUP = 50  # rows of a group: what a reader has to load for one of them
TEXTS = ("name", "image_name", "keyword", "category", "kind_of_thing", "layout")
LISTS = ("expressions", "kinds")


def check(dataset: Dataset) -> None:
    """MissingExtra without pyarrow, InputError for a split whose name the Hub's reader refuses."""
    with needs("hf", "write Parquet"):
        import pyarrow  # noqa: F401
    for split in dataset.splits:
        if "-" in split:
            raise InputError(
                dataset.root,
                f"has a split {split!r}, which is no name of a split on the Hub",
                allowed="letters, digits and _",
                todo="rename it in the run file and generate again",
            )


def write(job: Job, chunk: Chunk) -> Iterator[Any]:
    """OUT/data/<split>-<number>-of-<numbers>.parquet; a row with how many rows it has."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = f"{chunk.split}-{chunk.number:05d}-of-{job.chunks(chunk.split):05d}.parquet"
    rows = (row for sample in chunk.samples for row in _rows(job.dataset, sample))
    schema, written = _schema(), 0
    with (
        written_whole(job.out / "data" / name) as file,
        pq.ParquetWriter(file, schema, use_dictionary=False) as parquet,
    ):
        while some := list(islice(rows, GROUP)):
            parquet.write_table(pa.Table.from_pylist(some, schema=schema))
            written += len(some)
    yield {"rows": written}


def join(job: Job) -> None:
    """OUT/README.md, the card."""
    counts = {split: sum(row["rows"] for row in job.rows(split)) for split in job.dataset.splits}
    known = facts.of(job.dataset.root, job.name())
    write_whole(job.out / attribution.FILE, attribution.text(known.terms).encode())
    write_whole(job.out / "README.md", card.text(known, rows=counts).encode())


def _schema() -> pyarrow.Schema:
    import pyarrow as pa

    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    fields = [("image", picture), ("alpha", picture)]
    fields += [(name, pa.string()) for name in TEXTS]
    fields += [("keyword_unique", pa.bool_())]
    fields += [(name, pa.list_(pa.string())) for name in LISTS]
    fields += [("bbox_xyxy", pa.list_(pa.int32()))]

    def value(kind: str) -> dict[str, Any]:
        return {"dtype": kind, "_type": "Value"}

    def several(kind: str) -> dict[str, Any]:
        return {"feature": value(kind), "_type": "Sequence"}

    features = {name: {"_type": "Image"} for name in ("image", "alpha")}
    features |= {name: value("string") for name in TEXTS} | {"keyword_unique": value("bool")}
    features |= {name: several("string") for name in LISTS} | {"bbox_xyxy": several("int32")}
    told = json.dumps({"info": {"features": features}})
    return pa.schema(fields, metadata={"huggingface": told})


def _rows(dataset: Dataset, sample: Sample) -> Iterator[dict[str, Any]]:
    picture = dataset.image_path(sample)
    image = {"bytes": read_bytes(picture), "path": picture.name}
    for entity, (stem, entry) in zip(sample.entities, label_entries(to_json(sample)), strict=True):
        alpha = dataset.alpha_path(sample, entity.index)
        yield {
            **{key: entry[key] for key in (*TEXTS, *LISTS) if key in entry},
            "image": image,
            "alpha": {"bytes": read_bytes(alpha), "path": alpha.name},
            "name": stem,
            "layout": sample.scene.layout,
            "keyword_unique": entry["keyword_unique"],
            "bbox_xyxy": list(entity.box_xyxy),
        }
