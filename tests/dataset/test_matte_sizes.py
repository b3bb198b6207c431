"""Whatever reads a matte beside its picture refuses one that is not as large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.dataset import contact_sheet, gallery, stats
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError
from tests.support.drawn import drawn_dataset

Read = Callable[[Path], object]
READERS: dict[str, Read] = {
    "statistics": stats.collect,
    "items": lambda root: list(Dataset(root)),
    "gallery": gallery.build,
    "contact sheet": lambda root: contact_sheet.contact_sheet(root, root / "sheet.png"),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    ("broken", "size_wh"),
    [("mask", (10, 10)), ("mask", (480, 320)), ("mask", (160, 240)), ("img", (64, 64))],
)
def test_a_matte_is_as_large_as_its_picture(
    tmp_path: Path, read: Read, broken: str, size_wh: tuple[int, int]
) -> None:
    drawn_dataset(tmp_path / "d", {"train": 2})
    for file in (tmp_path / "d/train" / broken).iterdir():
        pixels = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
        assert pixels is not None
        cv2.imwrite(str(file), cv2.resize(pixels, size_wh))
    (w, h), picture = ((240, 160), "64×64") if broken == "img" else (size_wh, "240×160")
    with pytest.raises(
        InputError, match=rf"_[12]\.png: has {w}×{h} pixels; allowed: its picture's {picture}$"
    ):
        read(tmp_path / "d")


def test_a_gallery_looks_again_at_what_has_changed(tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "d", {"train": 1})
    thumb = next(gallery.build(tmp_path / "d").parent.rglob("*.webp"))
    before = thumb.stat().st_mtime_ns
    gallery.build(tmp_path / "d")
    assert thumb.stat().st_mtime_ns == before
    matte = next((tmp_path / "d/train/mask").iterdir())
    matte.write_bytes(cv2.imencode(".png", np.zeros((9, 9), np.uint8))[1].tobytes())
    with pytest.raises(InputError, match=r"has 9×9 pixels"):
        gallery.build(tmp_path / "d")
