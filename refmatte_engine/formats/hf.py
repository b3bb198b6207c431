"""Parquet with the bytes of pictures and alphas in it, as the Hugging Face Hub shows and loads it.

A row per thing. Bytes, not paths: a table of paths looks right on its author's machine only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import yaml

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
# The Hub's names of licences that packs are known to have; of any other it says "other".
HUB_LICENCES = {
    "apache-2.0", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0",
    "cc-by-3.0", "cc-by-sa-3.0", "mit",
}  # fmt: skip
SIZES = (("n<1K", 10**3), ("1K<n<10K", 10**4), ("10K<n<100K", 10**5), ("100K<n<1M", 10**6))


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
    write_whole(job.out / "README.md", _card(job, counts).encode())


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


def _card(job: Job, counts: dict[str, int]) -> str:
    """The Hub's card: YAML that it reads, then text for people."""
    licences = job.licences()
    total, name = sum(counts.values()), job.name()
    head = {
        "pretty_name": name,
        **_licence(sorted({said.get("licence", "") for said in licences.values()})),
        "task_categories": ["image-segmentation"],
        "tags": ["image-matting", "referring-image-matting", "referring-image-segmentation"],
        "size_categories": [next((n for n, most in SIZES if total < most), "n>1M")],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": s, "path": f"data/{s}-*"} for s in counts],
            }
        ],
    }
    lines = [
        f"---\n{yaml.safe_dump(head, sort_keys=False, allow_unicode=True)}---\n",
        f"# {name}\n",
        "A referring image matting dataset, composed by the RefMatte engine. Each row is one thing",
        "in one image: `image`, `alpha` (8-bit grey, what is visible of it), `expressions` that",
        "mean it alone with their `kinds`, and `keyword`, which means it alone if",
        "`keyword_unique`. `bbox_xyxy` is half-open, in px.\n",
        "| split | images | rows |\n|---|---|---|",
        *(f"| {split} | {job.images(split)} | {rows} |" for split, rows in counts.items()),
        "\n## Licences\n",
        *(
            f"- {pack}: " + "; ".join(said.get(key, "") for key in ("licence", "source", "credit"))
            for pack, said in licences.items()
        ),
    ]
    limited = [p for p, s in licences.items() if "nc" in s.get("licence", "").lower().split("-")]
    if limited:
        lines += [f"\nNot for commercial use, because of: {', '.join(limited)}."]
    return "\n".join(lines) + "\n"


def _licence(names: list[str]) -> dict[str, str]:
    if len(names) == 1 and names[0].lower() in HUB_LICENCES:
        return {"license": names[0].lower()}
    name = names[0] if len(names) == 1 and names[0] else "several"
    return {"license": "other", "license_name": name, "license_link": "LICENSES.json"}
