"""Near-duplicates in two splits, or two packs, are reported, and refused with --strict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.packs import near_duplicates
from refmatte_engine.packs.splits import Candidate
from tests.conftest import THINGS, landscape, write_png

Cli = Callable[..., tuple[int, str, str]]


def add(pack: Path, file: str, split: str, source_asset: str = "") -> None:
    """A label for a file of the pack."""
    said = {"file": file, "split": split} | ({"source_asset": source_asset} if source_asset else {})
    with (pack / "labels.jsonl").open("a") as labels:
        labels.write(json.dumps(said) + "\n")


def mirrored_dog(pack: Path, split: str, source_asset: str = "") -> None:
    lopsided = THINGS["dog/dog"][0].copy()
    lopsided[:, :30] = 0
    write_png(pack / "foregrounds/dog/dog.png", lopsided)
    small = cv2.resize(lopsided, None, fx=0.8, fy=0.8, interpolation=cv2.INTER_AREA)
    write_png(pack / "foregrounds/dog/copy.png", small[:, ::-1].copy())
    add(pack, "foregrounds/dog/copy.png", split, source_asset)


def test_a_copy_in_another_split_is_reported_and_strictly_refused(
    tiny_pack: Path, tmp_path: Path, cli: Cli
) -> None:
    clean = catalogs.load([tiny_pack], cache=tmp_path / "cache")
    assert clean.alike == ()
    mirrored_dog(tiny_pack, "test")
    brighter = cv2.convertScaleAbs(landscape(1), alpha=1.1)
    (tiny_pack / "backgrounds/again.jpg").write_bytes(image_io.encode_jpeg(brighter, 70))
    add(tiny_pack, "backgrounds/again.jpg", "test")
    found = catalogs.load([tiny_pack], cache=tmp_path / "cache")
    assert len(found.alike) == 2
    assert set(found.alike) <= set(found.notes)
    assert found.problems == ()  # they are used
    dog, place = sorted(found.alike, key=lambda remark: "backgrounds" in remark.file)
    for remark, names in ((dog, ("dog.png", "copy.png")), (place, ("land_1.jpg", "again.jpg"))):
        assert all(name in str(remark) for name in names)
        assert "train" in remark.message
        assert "test" in remark.message
    assert ", mirrored" in dog.message
    with pytest.raises(InputError, match=r"looks like .*\(and 1 more problems\)"):
        catalogs.load([tiny_pack], cache=tmp_path / "cache", strict=True)
    code, said, _ = cli("catalog", tiny_pack)
    assert code == 0
    assert "looks like" in said
    code, _, err = cli("catalog", tiny_pack, "--strict")
    assert (code, len([line for line in err.splitlines() if "error" in line])) == (2, 1)


def test_copies_in_one_split_of_one_pack_are_nobodys_business(
    tiny_pack: Path, tmp_path: Path
) -> None:
    mirrored_dog(tiny_pack, "train")
    assert catalogs.load([tiny_pack], cache=tmp_path, strict=True).alike == ()


def test_a_copy_in_another_pack_is_reported(
    tiny_pack: Path, pack_maker: Callable[[str], Path], tmp_path: Path
) -> None:
    other = pack_maker("other")
    for file in other.glob("foregrounds/*/*.png"):
        if file.stem != "dog":
            file.unlink()
    mirrored_dog(other, "train")
    mirrored_dog(tiny_pack, "train")
    (tiny_pack / "foregrounds/dog/copy.png").unlink()
    (other / "foregrounds/dog/dog.png").unlink()
    for file in other.glob("backgrounds/*.jpg"):
        file.unlink()
    found = catalogs.load([tiny_pack, other], cache=tmp_path)
    assert [remark.file.rpartition("/")[2] for remark in found.alike] == ["copy.png"]
    assert "both are in train" in found.alike[0].message


def test_generate_says_so(tiny_pack: Path, tmp_path: Path, cli: Cli) -> None:
    mirrored_dog(tiny_pack, "test")
    run = tmp_path / "run.yaml"
    run.write_text("packs: [tiny]\nsplits: {train: 1}\nlayout: smoke\n")
    code, _, err = cli("generate", run, "--out", tmp_path / "out", "--workers", 1)
    assert code == 0, err
    assert "note: " in err
    assert "looks like" in err
    code, _, err = cli("generate", run, "--out", tmp_path / "two", "--workers", 1, "--strict")
    assert code == 2
    assert not (tmp_path / "two").exists()


def test_many_copies_of_one_are_told_in_one_line_each(tiny_pack: Path, tmp_path: Path) -> None:
    found = catalogs.load([tiny_pack], cache=tmp_path)
    one = next(iter(found.backgrounds.values()))
    from dataclasses import replace

    from refmatte_engine.images.likeness import signature

    look = signature(landscape(5))
    many = [replace(one, id=f"p/{n}", split="test" if n == 3 else "train") for n in range(30)]
    candidates = [Candidate(each, "", each.id, look=look) for each in many]
    said = list(near_duplicates.across({each.id: each for each in many}, candidates))
    assert len(said) == 1
    assert "and like 28 more" in said[0].message
