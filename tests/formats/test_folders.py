"""Folders by readers that do what each loader's description says."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.formats import export, folders
from refmatte_engine.records import Sample
from refmatte_engine.scoring import rows
from refmatte_engine.scoring.score import reference


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _grey(path: Path) -> np.ndarray:
    found = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert found.dtype == np.uint8
    assert found.ndim == 2
    return found


@pytest.fixture
def out(samples: list[Sample], tmp_path: Path) -> Path:
    assert tuple(folders.LAYOUTS) == export.LAYOUTS
    export.run(tmp_path / "data", "folders", tmp_path / "out", workers=1)
    return tmp_path / "out"


@pytest.mark.parametrize("split", ["train", "test"])
def test_pairs_by_sorted_position(out: Path, tmp_path: Path, split: str) -> None:
    """Matting Anything: the n-th picture goes with the n-th mask."""
    images, masks = (sorted((out / "mam" / split / n).iterdir()) for n in ("img_full", "mask"))
    data = tmp_path / "data" / split
    assert len(masks) == len(list((data / "mask").iterdir()))
    for image, mask in zip(images, masks, strict=True):
        original = data / "img" / f"{mask.stem.rpartition('_')[0]}.jpg"
        assert image.read_bytes() == original.read_bytes()
        assert mask.read_bytes() == (data / "mask" / mask.name).read_bytes()


@pytest.mark.parametrize("split", ["train", "test"])
def test_rw100(out: Path, tmp_path: Path, split: str) -> None:
    root = out / "rw100" / split
    labels = json.loads((root / "refmatte_rw100_label.json").read_bytes())
    index = json.loads((root / "eval_index_expression.json").read_bytes())
    assert _names(root / "mask") == sorted(f"{stem}.png" for stem in labels)
    assert _names(root / "image_all") == sorted(f"{stem}.jpg" for stem in labels)
    assert _names(root / "image") == sorted(f"{name}.jpg" for name in index)
    for stem, label in labels.items():
        assert label["expressions"][index[label["image_name"]]]
        same = (root / "image" / f"{label['image_name']}.jpg").read_bytes()
        assert (root / "image_all" / f"{stem}.jpg").read_bytes() == same
        assert f"{stem}.jpg"[:-6] + ".jpg" == f"{label['image_name']}.jpg"
    chosen = rows.read(root, index=root / "eval_index_expression.json")
    assert len(chosen) == len(labels)
    assert all(result.sad == 0 for result in reference("oracle", chosen, workers=1).results)


def test_the_sentence_is_drawn_by_the_seed(out: Path, tmp_path: Path) -> None:
    def drawn(at: Path) -> list[int]:
        found = (at / f"{split}/eval_index_expression.json" for split in ("train", "test"))
        return [number for file in found for number in json.loads(file.read_bytes()).values()]

    manifest = tmp_path / "data/manifest.json"
    told = json.loads(manifest.read_text())
    export.run(tmp_path / "data", "rw100", tmp_path / "same", workers=1)
    others = set()
    for seed in range(100, 106):
        manifest.write_text(json.dumps({**told, "run": {**told["run"], "seed": seed}}))
        export.run(tmp_path / "data", "rw100", tmp_path / str(seed), workers=1)
        others.add(tuple(drawn(tmp_path / str(seed))))
    assert drawn(tmp_path / "same") == drawn(out / "rw100")
    assert len(others) > 1
    assert set(np.ravel(list(others))) <= {0, 1, 2}


def test_things_without_a_sentence_go_by_their_name(samples: list[Sample], tmp_path: Path) -> None:
    file = tmp_path / "data/test/samples.jsonl"
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    lines[0]["expressions"] = [e for e in lines[0]["expressions"] if e["referents"] != [2]]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    export.run(tmp_path / "data", "rw100", tmp_path / "out", workers=1)
    labels = json.loads((tmp_path / "out/test/refmatte_rw100_label.json").read_bytes())
    index = json.loads((tmp_path / "out/test/eval_index_expression.json").read_bytes())
    assert labels[f"{lines[0]['name']}_2"]["expressions"] == ["ball"]
    assert index[lines[0]["name"]] == 0


def test_everything_in_the_picture(out: Path, tmp_path: Path) -> None:
    """BiRefNet: the same stems in two folders."""
    root, data = out / "birefnet" / "train", tmp_path / "data/train"
    assert [n[:-4] for n in _names(root / "im")] == [n[:-4] for n in _names(root / "gt")]
    assert len(_names(root / "im")) == 3
    for picture in (root / "gt").iterdir():
        alphas = [_grey(data / "mask" / f"{picture.stem}_{k}.png").astype(int) for k in (1, 2)]
        assert np.array_equal(_grey(picture), np.minimum(sum(alphas), 255))


def test_a_folder_of_alphas_per_image(out: Path, tmp_path: Path) -> None:
    """HIM2K: numbered from 00."""
    for split in ("train", "test"):
        for image in (out / "him/images" / split).iterdir():
            folder = out / "him/alphas" / split / image.stem
            assert _names(folder) == ["00.png", "01.png"]
            for k in (1, 2):
                original = tmp_path / "data" / split / "mask" / f"{image.stem}_{k}.png"
                assert (folder / f"{k - 1:02d}.png").read_bytes() == original.read_bytes()


def test_composition_1k(out: Path, tmp_path: Path) -> None:
    root, data = out / "composition1k/train", tmp_path / "data/train"
    names = _names(data / "mask")
    for folder in ("merged", "alpha_copy", "trimaps"):
        assert _names(root / folder) == names
    for name in names:
        picture = cv2.imread(str(root / "merged" / name))
        assert (root / "merged" / name).read_bytes().startswith(b"\x89PNG")
        assert np.array_equal(picture, cv2.imread(str(data / f"img/{name[:-6]}.jpg")))
        alpha, trimap = _grey(root / "alpha_copy" / name), _grey(root / "trimaps" / name)
        assert set(np.unique(trimap)) == {0, 128, 255}
        assert (alpha[trimap == 255] == 255).all()
        assert (alpha[trimap == 0] == 0).all()
        assert (trimap == 128).sum() > ((alpha > 0) & (alpha < 255)).sum()


def test_two_lists(out: Path) -> None:
    """SDMatte: the n-th line of one belongs to the n-th of the other."""
    root = out / "sdmatte/test"
    lists = [
        (root / f"RefMatte_10k_{what}_samples.txt").read_text().splitlines()
        for what in ("image", "mask")
    ]
    labels = json.loads((root / "refmatte_test_label.json").read_bytes())
    assert len(lists[0]) == len(lists[1]) == len(labels) == 4
    for image, mask in zip(*(map(Path, lines) for lines in lists), strict=True):
        assert image.is_absolute()
        assert image.is_file()
        assert mask.is_file()
        assert labels[mask.stem]["image_name"] == image.stem
        assert labels[mask.stem]["expressions"][-1]


def test_png_images_are_refused(samples: list[Sample], tmp_path: Path) -> None:
    manifest = tmp_path / "data/manifest.json"
    told = json.loads(manifest.read_text())
    told["run"]["image"]["format"] = "png"
    manifest.write_text(json.dumps(told))
    for to in ("folders", "reasonseg", *export.LAYOUTS):
        with pytest.raises(
            InputError, match=r"has images in PNG, and these loaders look for \.jpg"
        ):
            export.run(tmp_path / "data", to, tmp_path / "out", workers=1)
    assert not (tmp_path / "out").exists()
