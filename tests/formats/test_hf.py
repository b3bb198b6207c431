"""Parquet by pyarrow, and by the Hub's own reader."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from refmatte_engine.errors import InputError
from refmatte_engine.formats import export, hf
from refmatte_engine.records import Sample
from tests.support.drawn import drawn_dataset

parquet = pytest.importorskip("pyarrow.parquet")


def test_bytes_and_texts(
    samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hf, "GROUP", 4)
    out = tmp_path / "out"
    export.run(tmp_path / "data", "hf", out, workers=1)
    rows = []
    for split in ("train", "test"):
        table = parquet.read_table(out / f"data/{split}-00000-of-00001.parquet")
        rows += [{**row, "split": split} for row in table.to_pylist()]
    named = {f"{s.name}_{k}": (s, k) for s in samples for k in (1, 2)}
    assert [row["name"] for row in rows] == list(named)
    for row in rows:
        sample, k = named[row["name"]]
        data = tmp_path / "data" / row["split"]
        assert row["image"]["bytes"] == (data / "img" / f"{sample.name}.jpg").read_bytes()
        assert row["alpha"]["bytes"] == (data / "mask" / f"{row['name']}.png").read_bytes()
        told = [e for e in sample.expressions if e.referents == (k,)]
        assert row["expressions"] == [e.text for e in told]
        assert row["kinds"] == [e.kind for e in told]
        assert (row["keyword"], row["keyword_unique"]) == ("ball", False)
        assert tuple(row["bbox_xyxy"]) == sample.entities[k - 1].box_xyxy
    told = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    assert list(told) == table.column_names


def test_the_card(samples: list[Sample], tmp_path: Path) -> None:
    manifest = tmp_path / "data/manifest.json"
    told = json.loads(manifest.read_text())
    for licence, wanted in (
        ("CC0-1.0", "cc0-1.0"),
        ("CC-BY-NC-4.0", "cc-by-nc-4.0"),
        ("X", "other"),
    ):
        told["licences"]["drawn"]["licence"] = licence
        manifest.write_text(json.dumps(told))
        export.run(tmp_path / "data", "hf", tmp_path / licence, workers=1)
        card = (tmp_path / licence / "README.md").read_text("utf-8")
        _, head, text = card.split("---\n", 2)
        found = yaml.safe_load(head)
        assert found["license"] == wanted
        says = (tmp_path / licence / found.get("license_link", "ATTRIBUTION.md")).read_text("utf-8")
        assert f"- licence: {licence}\n" in says
        assert found["configs"][0]["data_files"][1] == {"split": "test", "path": "data/test-*"}
        assert ("Not for commercial use" in text) == ("NC" in licence)
        assert "| train | 3 | 6 |" in text
        assert f"- drawn: {licence}; drawn by the tests; nobody" in text


def test_what_is_refused(
    samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn_dataset(tmp_path / "odd", {"few-shot": 1})
    with pytest.raises(InputError, match="has a split 'few-shot', which is no name of a split"):
        export.run(tmp_path / "odd", "hf", tmp_path / "out")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'refmatte-engine\[hf\]'"):
        export.run(tmp_path / "data", "hf", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_hub_s_reader_loads_a_moved_copy(samples: list[Sample], tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    export.run(tmp_path / "data", "hf", tmp_path / "out")
    shutil.move(tmp_path / "out", tmp_path / "moved")
    shutil.rmtree(tmp_path / "data")
    found = datasets.load_dataset(str(tmp_path / "moved"), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in found.items()} == {"train": 6, "test": 4}
    first = found["train"][0]
    assert first["alpha"].mode == "L"
    assert np.asarray(first["image"]).shape == (160, 240, 3)
    assert first["expressions"] == [e.text for e in samples[0].expressions if e.referents == (1,)]
