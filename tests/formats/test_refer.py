"""RefCOCO and gRefCOCO by a reader that does what their descriptions say."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.formats import export, refer
from refmatte_engine.records import Sample
from tests.support.drawn import drawn_dataset

masks = pytest.importorskip("pycocotools.mask")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def _instances(folder: Path) -> tuple[dict[int, Any], dict[int, Any], dict[int, str]]:
    found = json.loads((folder / "instances.json").read_bytes())
    images = {each["id"]: each for each in found["images"]}
    annotations = {each["id"]: each for each in found["annotations"]}
    assert len(images) == len(found["images"])
    assert len(annotations) == len(found["annotations"])
    return images, annotations, {each["id"]: each["name"] for each in found["categories"]}


def _mask(annotation: dict[str, Any]) -> np.ndarray:
    """As the readers decode it: polygons if the first is a list, else a list of codes, summed."""
    assert not isinstance(annotation["segmentation"][0], list)
    return np.sum(masks.decode(annotation["segmentation"]), axis=2)


def _alpha(out: Path, annotation: dict[str, Any]) -> np.ndarray:
    return cv2.imread(str(out / annotation["alpha"]), cv2.IMREAD_UNCHANGED) >= 128


def test_refcoco(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "out"
    export.run(tmp_path / "data", "refer", out, workers=1)
    refs = pickle.loads((out / "refcoco/refs(unc).p").read_bytes())
    images, annotations, categories = _instances(out / "refcoco")
    told = {}
    for ref in refs:
        picture, thing = images[ref["image_id"]], annotations[ref["ann_id"]]
        assert thing["image_id"] == ref["image_id"]
        assert thing["category_id"] == ref["category_id"]
        assert categories[ref["category_id"]] == "ball"
        assert picture["file_name"] == ref["file_name"]
        assert (out / "images/mscoco/images/train2014" / ref["file_name"]).is_file()
        assert np.array_equal(_mask(thing), _alpha(out, thing))
        assert ref["sent_ids"] == [each["sent_id"] for each in ref["sentences"]]
        for each in ref["sentences"]:
            assert each["tokens"] == each["sent"].split()
        told[Path(thing["alpha"]).stem] = (ref["split"], [s["raw"] for s in ref["sentences"]])
    assert told == {
        f"{s.name}_{k}": (s.split, [e.text for e in s.expressions if e.referents == (k,)])
        for s in samples
        for k in (1, 2)
    }
    ids = [number for ref in refs for number in ref["sent_ids"]]
    assert len(set(ids)) == len(ids) == 30
    assert len({ref["ref_id"] for ref in refs}) == len(refs) == 10


def test_grefcoco(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "out"
    export.run(tmp_path / "data", "refer", out, workers=1)
    refs = json.loads((out / "grefcoco/grefs(unc).json").read_bytes())
    images, annotations, _ = _instances(out / "grefcoco")
    assert len(refs) == 4 * len(samples)
    for ref in refs:
        sample = next(s for s in samples if ref["file_name"] == f"{s.name}.jpg")
        assert (out / "images/train2014" / ref["file_name"]).is_file()
        size = images[ref["image_id"]]["height"], images[ref["image_id"]]["width"]
        merged = np.zeros(size, bool)
        if ref["ann_id"] != [-1]:
            for number in ref["ann_id"]:
                merged |= _mask(annotations[number]) > 0
        meant = {e.text: e.referents for e in sample.expressions}
        for each in ref["sentences"]:
            wanted = np.zeros(size, bool)
            for k in meant[each["raw"]]:
                file = tmp_path / "data" / sample.split / "mask" / f"{sample.name}_{k}.png"
                wanted |= cv2.imread(str(file), cv2.IMREAD_UNCHANGED) >= 128
            assert np.array_equal(merged, wanted)
        assert ref["no_target"] == (ref["ann_id"] == [-1] == ref["category_id"])
    kinds = [len(ref["ann_id"]) if not ref["no_target"] else 0 for ref in refs]
    assert {n: kinds.count(n) for n in (0, 1, 2)} == {0: 5, 1: 10, 2: 5}


def test_a_split_that_no_reader_knows(tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "odd", {"train": 1, "unseen": 1})
    with pytest.raises(InputError, match=r"has a split 'unseen'.*allowed: train, val, .*rename"):
        export.run(tmp_path / "odd", "refer", tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()
    assert refer.SPLITS["validation"] == "val"
