"""Croissant: the table by hand, the description by its own validator."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest

from refmatte_engine.formats import croissant, export
from refmatte_engine.records import Sample


def _texts(samples: list[Sample]) -> list[tuple[str, str, str]]:
    return [
        (f"images/{s.split}/{s.name}.jpg", f"alphas/{s.split}/{s.name}_{k}.png", e.text)
        for s in samples
        for k in (1, 2)
        for e in s.expressions
        if e.referents == (k,)
    ]


def test_the_table_and_its_description(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "out"
    export.run(tmp_path / "data", "croissant", out, workers=1)
    table = (out / "texts.jsonl").read_bytes()
    found = [json.loads(line) for line in table.splitlines()]
    assert [(row["image"], row["alpha"], row["text"]) for row in found] == _texts(samples)
    assert all((out / row[key]).is_file() for row in found for key in ("image", "alpha"))
    told = json.loads((out / "croissant.json").read_bytes())
    assert told["conformsTo"].endswith("/1.1")
    assert told["license"] == ["CC0"]
    assert told["distribution"][0]["sha256"] == sha256(table).hexdigest()
    fields = told["recordSet"][0]["field"]
    assert [field["name"] for field in fields] == list(croissant.COLUMNS) == list(found[0])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_its_validator_finds_no_error_and_its_reader_every_record(
    samples: list[Sample], tmp_path: Path
) -> None:
    library = pytest.importorskip("mlcroissant")
    export.run(tmp_path / "data", "croissant", tmp_path / "out")
    read = library.Dataset(jsonld=str(tmp_path / "out/croissant.json"))
    assert read.metadata.ctx.issues.errors == set()
    found = [
        tuple(record[f"texts/{key}"].decode() for key in ("image", "alpha", "text"))
        for record in read.records("texts")
    ]
    assert found == _texts(samples)
