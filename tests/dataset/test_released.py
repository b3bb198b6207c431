"""RefMatte and RefMatte-RW100 as they were released, wherever they were unpacked to."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.dataset import gallery, released, stats
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError
from refmatte_engine.formats import export
from refmatte_engine.scoring import rows
from tests.support.released import HW, alpha, write_refmatte, write_rw100

NAMED = ({"category": "cat"}, {"category": "dog"}, {"category": "mug"})


def _refmatte(root: Path) -> Path:
    return write_refmatte(root)


def _nested(root: Path) -> Path:
    """RefMatte/RefMatte/train, as archives unpack into a folder of their own name."""
    write_refmatte(root / "RefMatte")
    return root


def _rw100(root: Path) -> Path:
    return write_rw100(root)


def _nested_rw100(root: Path) -> Path:
    write_rw100(root / "RefMatte_RW_100")
    return root


LAYOUTS = (_refmatte, _nested, _rw100, _nested_rw100)


@pytest.fixture(params=LAYOUTS)
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    write: Callable[[Path], Path] = request.param
    return write(tmp_path / "data")


def test_samples_and_pixels(root: Path) -> None:
    dataset = Dataset(root)
    assert dataset.is_released
    assert set(dataset.splits) in ({"train", "test"}, {"rw100"})
    assert len(dataset) == 2 * len(dataset.splits)
    for number, item in enumerate(dataset):
        sample = item.sample
        assert sample.index == number % 2
        assert item.image.shape == (*HW, 3)
        assert sample.scene.canvas_hw == HW
        assert len(sample.entities) == 3 - sample.index
        for entity, found in zip(sample.entities, item.alphas, strict=True):
            assert np.array_equal(np.rint(found * 255), alpha(entity.index - 1))
            x0 = 11 * (entity.index - 1)
            assert entity.box_xyxy == (x0, 4, x0 + 8 if x0 < 22 else 30, 16)
            assert entity.category == "thing"
        assert [e.referents for e in sample.expressions[::4]] == [
            (e.index,) for e in sample.entities
        ]
        assert sample.expressions[1].text == "the left thing 1"
        assert np.array_equal(item.alpha(sample.expressions[4]), item.alphas[1])


def test_what_else_reads_them(root: Path, tmp_path: Path) -> None:
    found = stats.collect(root)
    assert (found.images, found.entities, found.expressions) in ((4, 10, 40), (2, 5, 20))
    assert not found.tables["layout"]
    assert not found.measures["visible_share"]
    assert max(found.measures["area_share"]) < 0.2
    assert len(rows.read(root)) == found.expressions
    page = gallery.build(root)
    part = (page.parent / "parts/images_00000.js").read_text()
    images = json.loads(part.partition(", ")[2].rpartition(")")[0])
    assert len(images) == found.images
    for image in images:
        assert (root / image["photo"]).is_file()
        assert all((root / path).is_file() for path in image["alphas"])


@pytest.mark.parametrize("to", [to for to in export.FORMATS if to not in ("hf", "refer")])
def test_they_can_be_exported(tmp_path: Path, to: str) -> None:
    write_refmatte(tmp_path / "data", NAMED)
    done = export.run(tmp_path / "data", to, tmp_path / "out", also=export.WEAK, workers=1)
    assert done.images == 4
    things = json.loads((tmp_path / "out/weak_labels/test.json").read_bytes())["things"]
    assert len(things) == 5
    assert things[1]["box_xyxy"] == [11, 4, 19, 16]


def test_a_worker_reads_the_labels_once(tmp_path: Path) -> None:
    dataset = Dataset(write_refmatte(tmp_path))
    sent = pickle.dumps(dataset)
    assert len(sent) < 500
    assert pickle.loads(sent) is pickle.loads(sent)
    assert list(pickle.loads(sent).samples()) == list(dataset.samples())


def test_keywords_are_there_where_labels_have_them(tmp_path: Path) -> None:
    dataset = Dataset(write_refmatte(tmp_path, NAMED))
    first = next(dataset.samples("test"))
    assert [e.category for e in first.entities] == ["cat", "dog", "mug"]
    assert [(e.text, e.referents) for e in first.expressions if e.kind == "keyword"] == [
        ("cat", (1,)),
        ("dog", (2,)),
        ("mug", (3,)),
    ]


def test_what_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"manifest\.json: no such file; allowed: .*RW100"):
        Dataset(tmp_path)
    for name in ("one", "two"):
        write_refmatte(tmp_path / "several" / name / "RefMatte")
    assert Dataset(tmp_path / "several/one").splits == ("test", "train")
    with pytest.raises(InputError, match=r"manifest\.json: no such"):
        Dataset(tmp_path / "several")
    for name in ("one", "two"):
        write_refmatte(tmp_path / "pair" / name)
    with pytest.raises(
        InputError, match=r"holds several datasets with a split 'test': .*one.* and "
    ):
        Dataset(tmp_path / "pair")
    # A run that was interrupted is not taken for a released dataset.
    unfinished = write_refmatte(tmp_path / "ours")
    (unfinished / "train/samples.jsonl").touch()
    assert released.read(unfinished) is None
    with pytest.raises(InputError, match="was not made by a run"):
        _ = Dataset(write_refmatte(tmp_path / "theirs")).run
