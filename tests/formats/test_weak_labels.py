"""Weak labels beside an export: an index that a stranger reads, and pictures made again from it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from refmatte_engine.formats import export, weak_labels
from refmatte_engine.images import scribbles, trimaps
from refmatte_engine.images import weak_labels as made
from refmatte_engine.records import Sample

ALL = ("trimap", "box", "point", "scribble", "coarse")


def _grey(path: Path) -> np.ndarray:
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found.dtype == np.uint8
    assert found.ndim == 2
    return found


@pytest.mark.parametrize("to", ["coco", "webdataset"])
def test_all_can_be_made_again_of_matte_and_seed(
    samples: list[Sample], tmp_path: Path, to: str
) -> None:
    assert tuple(weak_labels.ABOUT) == tuple(weak_labels.MAKERS) == export.WEAK == ALL
    export.run(tmp_path / "data", to, tmp_path / "out", also=ALL, workers=1)
    root = tmp_path / "out/weak_labels"
    names = []
    for split in ("train", "test"):
        index = json.loads((root / f"{split}.json").read_text("utf-8"))
        assert list(index["about"]) == ["seed", *ALL]
        seed = index["about"]["seed"]
        assert seed == 7  # the run's
        for thing in index["things"]:
            names.append(thing["name"])
            alpha = _grey(tmp_path / "data" / split / "mask" / f"{thing['name']}.png")
            assert (thing["height"], thing["width"]) == alpha.shape
            assert (tmp_path / "data" / split / "img" / thing["image"]).is_file()
            assert thing["trimap_width_px"] == trimaps.drawn_width(alpha, seed)
            trimap = trimaps.trimap(alpha, thing["trimap_width_px"])
            assert np.array_equal(_grey(root / thing["trimap"]), trimap)
            scribble, coarse = scribbles.scribble(alpha, seed), made.coarse(alpha, seed)
            assert np.array_equal(_grey(root / thing["scribble"]), scribble)
            assert np.array_equal(_grey(root / thing["coarse"]), coarse)
            on, beside = made.clicks(alpha, seed)
            assert thing["points_xy"] == [list(point) for point in (*on, *beside)]
            assert thing["point_labels"] == [1, 1, 1, 0, 0, 0]
            assert thing["box_xyxy"] == list(made.box(alpha) or ())
    assert names == [f"{sample.name}_{k}" for sample in samples for k in (1, 2)]
    with Image.open(root / "sheet.webp") as sheet:
        assert sheet.width == 4 * 268 + 8
        assert np.ptp(np.asarray(sheet)) > 100


def test_boxes_are_those_of_the_other_exports(samples: list[Sample], tmp_path: Path) -> None:
    export.run(tmp_path / "data", "coco", tmp_path / "out", also=["box"], workers=1)
    things = json.loads((tmp_path / "out/weak_labels/train.json").read_text())["things"]
    for thing, entity in zip(things, (e for s in samples for e in s.entities), strict=False):
        assert np.abs(np.subtract(thing["box_xyxy"], entity.box_xyxy)).max() <= 1  # as drawn
        assert set(thing) == {"name", "image", "width", "height", "box_xyxy"}
    assert not (tmp_path / "out/weak_labels/trimap").exists()


@pytest.mark.usefixtures("samples")
def test_the_trimaps_are_composition_1k_s(tmp_path: Path) -> None:
    export.run(tmp_path / "data", "composition1k", tmp_path / "out", also=["trimap"], workers=1)
    theirs = sorted((tmp_path / "out/train/trimaps").iterdir())
    assert len(theirs) == 6
    for path in theirs:
        beside = tmp_path / "out/weak_labels/trimap/train" / path.name
        assert beside.read_bytes() == path.read_bytes()


@pytest.mark.usefixtures("samples")
def test_they_may_come_later_and_go_by_another_seed(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    words = ("export", tmp_path / "data", "--to", "coco", "-o", tmp_path / "out", "--workers", 1)
    assert cli(*words)[0] == 0
    before = (tmp_path / "out/annotations/instances_train.json").stat().st_mtime_ns
    code, _, said = cli(*words, "--also", "point, scribble", "--seed", 3)
    assert (code, said) == (0, "")
    assert (tmp_path / "out/annotations/instances_train.json").stat().st_mtime_ns == before
    about = json.loads((tmp_path / "out/weak_labels/test.json").read_text())["about"]
    assert list(about) == ["seed", "point", "scribble"]
    assert about["seed"] == 3
    code, _, said = cli(*words, "--also", "point,scribble")
    assert code == 2
    assert "weak_labels: holds point, scribble by the seed 3; allowed: point, scribble by" in said
    assert cli(*words)[0] == 0
    code, _, said = cli(*words, "--also", "points")
    assert (code, "--also: 'points' is not a weak label" in said) == (2, True)
    assert "did you mean 'point'" in said
    code, _, said = cli(*words, "--seed", 3)
    assert (code, "--also is not given" in said) == (2, True)
