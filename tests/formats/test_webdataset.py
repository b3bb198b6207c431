"""Tars as the standard library and WebDataset's own read them."""

from __future__ import annotations

import json
import tarfile
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.formats import export, webdataset
from refmatte_engine.images import image_io
from refmatte_engine.records import Sample


def _check(stem: str, files: dict[str, bytes], data: Path) -> None:
    assert sorted(files) == ["alpha.png", "jpg", "json"]
    entry = json.loads(files["json"])
    assert files["jpg"] == (data / "img" / f"{entry['image_name']}.jpg").read_bytes()
    assert files["alpha.png"] == (data / "mask" / f"{stem}.png").read_bytes()
    labels = json.loads(next(data.glob("*_label.json")).read_bytes())
    assert entry["expressions"] == labels[stem]["expressions"]


def test_a_sample_per_thing(
    samples: list[Sample], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "CHUNK", 2)
    out = tmp_path / "out"
    export.run(tmp_path / "data", "webdataset", out, workers=1)
    counts = json.loads((out / "samples.json").read_bytes())
    assert counts == {"train-00000.tar": 4, "train-00001.tar": 2, "test-00000.tar": 4}
    for name, count in counts.items():
        with tarfile.open(out / name) as tar:
            members = [(m.name, tar.extractfile(m).read()) for m in tar]  # type: ignore[union-attr]
        groups = groupby(members, lambda member: member[0].partition(".")[0])
        found = {
            stem: {file.partition(".")[2]: data for file, data in each} for stem, each in groups
        }
        assert len(found) == count  # a sample's files stand together
        for stem, files in found.items():
            _check(stem, files, tmp_path / "data" / name.partition("-")[0])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_webdataset_reads_it(samples: list[Sample], tmp_path: Path) -> None:
    library = pytest.importorskip("webdataset")
    export.run(tmp_path / "data", webdataset.__name__.rpartition(".")[2], tmp_path / "out")
    found = list(library.WebDataset(str(tmp_path / "out/train-00000.tar"), shardshuffle=False))
    assert len(found) == 6
    for each in found:
        files = {key: value for key, value in each.items() if not key.startswith("__")}
        _check(each["__key__"], files, tmp_path / "data/train")
        assert np.any(image_io.decode_alpha(files["alpha.png"], ""))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_hub_s_reader_takes_it(samples: list[Sample], tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    export.run(tmp_path / "data", "webdataset", tmp_path / "out")
    files = {s: str(tmp_path / f"out/{s}-*.tar") for s in ("train", "test")}
    found = datasets.load_dataset("webdataset", data_files=files, cache_dir=str(tmp_path / "c"))
    assert {split: len(rows) for split, rows in found.items()} == {"train": 6, "test": 4}
    assert np.asarray(found["train"][0]["alpha.png"]).shape == (160, 240)
