"""MDETR's files as its loader reads them: through COCO's library, an image a sentence."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.formats import export, mdetr
from refmatte_engine.records import Sample

tools = pytest.importorskip("pycocotools.coco")
masks = pytest.importorskip("pycocotools.mask")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def test_a_picture_per_sentence(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "out"
    export.run(tmp_path / "data", "mdetr", out, workers=1)
    ids: list[int] = []
    for split in ("train", "test"):
        with contextlib.redirect_stdout(io.StringIO()):
            read = tools.COCO(str(out / f"finetune_{mdetr.NAME}_{split}.json"))
        ids += read.imgs
        mine = [s for s in samples if s.split == split]
        said = [(f"{s.name}.jpg", e) for s in mine for e in s.expressions if e.referents]
        assert len(read.imgs) == len(said)
        for (file, expression), (number, entry) in zip(said, read.imgs.items(), strict=True):
            assert (entry["file_name"], entry["caption"]) == (file, expression.text)
            assert (out / "train2014" / file).is_file()
            found = read.loadAnns(read.getAnnIds(number))
            meant = [int(Path(each["alpha"]).stem[-1]) for each in found]
            assert meant == list(expression.referents)
            for each in found:
                nouns = [entry["caption"][i:j] for i, j in each["tokens_positive"]]
                assert nouns in (["ball"], ["balls"])
                rle = masks.frPyObjects(each["segmentation"], entry["height"], entry["width"])
                alpha = cv2.imread(str(out / each["alpha"]), cv2.IMREAD_UNCHANGED)
                assert np.array_equal(masks.decode(rle), alpha >= 128)
    assert len(set(ids)) == len(ids)
