"""ReasonSeg by a reader that does what LISA's does: find pictures, paint polygons, take texts."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.formats import export, reasonseg
from refmatte_engine.records import Sample
from tests.conftest import write_png
from tests.support.drawn import drawn_dataset


def _read(image: Path) -> tuple[np.ndarray, list[str], bool]:
    """The mask, texts and whether these are sentences: shapes by area, the largest first, each
    outlined and filled; what is labelled a flag counts for nothing."""
    told = json.loads(image.with_suffix(".json").read_text("cp1252"))
    height, width = cv2.imread(str(image)).shape[:2]
    shapes = []
    for shape in told["shapes"]:
        if shape["label"].lower() != "flag":
            points = np.array([shape["points"]], dtype=np.int32)
            alone = np.zeros((height, width), np.uint8)
            cv2.polylines(alone, points, True, 1, 1)
            cv2.fillPoly(alone, points, 1)
            shapes.append((int(alone.sum()), shape["label"], points))
    mask = np.zeros((height, width), np.uint8)
    for _, label, points in sorted(shapes, key=lambda shape: -shape[0]):
        value = 255 if "ignore" in label.lower() else 1
        cv2.polylines(mask, points, True, value, 1)
        cv2.fillPoly(mask, points, value)
    return mask, told["text"], told["is_sentence"]


def _pierce(path: Path) -> None:
    """Two holes, and a piece apart."""
    alpha = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    alpha[70:75, 170:176] = alpha[85:90, 180:190] = 0
    alpha[2:6, 2:9] = 200
    write_png(path, alpha)


def test_lisa(samples: list[Sample], tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    _pierce(data / f"test/mask/{samples[3].name}_2.png")
    done = export.run(data, "reasonseg", out, workers=1)
    for split in ("train", "test"):
        found = sorted((out / reasonseg.FOLDER / split).glob("*.jpg"))
        mine = [(s, e) for s in samples if s.split == split for e in s.entities]
        assert [path.stem for path in found] == [f"{s.name}_{e.index}" for s, e in mine]
        for path, (sample, entity) in zip(found, mine, strict=True):
            original = data / split / "img" / f"{sample.name}.jpg"
            assert path.read_bytes() == original.read_bytes()
            mask, texts, is_sentence = _read(path)
            told = json.loads(path.with_suffix(".json").read_bytes())
            alpha = cv2.imread(str(out / told["alpha"]), cv2.IMREAD_UNCHANGED)
            assert np.array_equal(mask, alpha >= 128)
            original = data / split / "mask" / f"{path.stem}.png"
            assert (out / told["alpha"]).read_bytes() == original.read_bytes()
            assert (told["iou"], told["holes"]) == (1, 2 * (path.stem == f"{samples[3].name}_2"))
            said = [e.text for e in sample.expressions if e.referents == (entity.index,)]
            assert (texts, is_sentence) == (said, False)
    assert json.loads((out / reasonseg.FOLDER / "explanatory/train.json").read_bytes()) == []
    assert done.notes == (
        "polygons against masks of alpha >= 128: IoU 1.0000 on average, 1.0000 at worst; "
        "2 holes in 1 of 10 masks",
    )
    assert export.run(data, "reasonseg", out, workers=1) == done  # said again, and nothing made


def test_things_without_a_mask_or_a_sentence(samples: list[Sample], tmp_path: Path) -> None:
    data = tmp_path / "data/test"
    veil = cv2.imread(str(data / f"mask/{samples[3].name}_1.png"), cv2.IMREAD_UNCHANGED) // 4
    write_png(data / f"mask/{samples[3].name}_1.png", veil)
    file = data / "samples.jsonl"
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    lines[1]["expressions"] = []
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    done = export.run(tmp_path / "data", "reasonseg", tmp_path / "out", workers=1)
    assert done.notes[0].endswith("; 1 things are nowhere so opaque and are left out")
    found = sorted((tmp_path / "out" / reasonseg.FOLDER / "test").glob("*.jpg"))
    assert len(found) == 3
    assert _read(found[-1])[1:] == (["ball"], False)


@pytest.mark.parametrize("split", ["test_a", "explanatory"])
def test_names_that_lisa_takes_apart(tmp_path: Path, split: str) -> None:
    drawn_dataset(tmp_path / "odd", {"train": 1, split: 1})
    with pytest.raises(InputError, match=rf"has a split '{split}', and LISA.*names without _"):
        export.run(tmp_path / "odd", "reasonseg", tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()
