"""COCO by its own library: every mask, box and text."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.formats import coco, export, rows
from refmatte_engine.records import Sample

tools = pytest.importorskip("pycocotools.coco")
# pycocotools is older than NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_coco_reads_every_mask_and_text(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "out"
    export.run(tmp_path / "data", "coco", out, workers=1)
    ids: list[int] = []
    for split, count in (("train", 3), ("test", 2)):
        with contextlib.redirect_stdout(io.StringIO()):
            read = tools.COCO(str(out / f"annotations/instances_{split}.json"))
        named = {s.name: s for s in samples if s.split == split}
        assert len(read.imgs) == count
        assert len(read.anns) == 2 * count
        ids += read.anns
        for found in read.anns.values():
            picture = read.imgs[found["image_id"]]
            sample = named[picture["file_name"].removesuffix(".jpg")]
            data = tmp_path / "data" / split
            image = out / split / picture["file_name"]
            assert image.read_bytes() == (data / "img" / picture["file_name"]).read_bytes()
            assert (picture["height"], picture["width"]) == sample.scene.canvas_hw
            alpha = cv2.imread(str(out / found["alpha"]), cv2.IMREAD_UNCHANGED)
            name = Path(found["alpha"]).name
            assert (out / found["alpha"]).read_bytes() == (data / "mask" / name).read_bytes()
            assert np.array_equal(read.annToMask(found), alpha >= 128)
            assert found["area"] == (alpha >= 128).sum()
            assert found["iscrowd"] == 0
            entity = sample.entities[int(Path(name).stem[-1]) - 1]
            said = [e.text for e in sample.expressions if e.referents == (entity.index,)]
            assert found["expressions"] == said
            assert found["text"] in said
            assert read.cats[found["category_id"]]["name"] == entity.category
            x, y, width, height = found["bbox"]
            assert (x, y, x + width, y + height) == entity.box_xyxy
    assert len(set(ids)) == len(ids) == 10


def test_licences_go_with_it(samples: list[Sample], tmp_path: Path) -> None:
    job = export.Job(export.Dataset(tmp_path / "data"), tmp_path / "out", "coco")
    coco.check(job.dataset)
    assert rows.licences(job)[0]["name"] == "CC0"
    assert rows.image(job, samples[0])["license"] == 1
