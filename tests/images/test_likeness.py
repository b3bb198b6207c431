"""Near-duplicates: copies of a picture look like it, other pictures do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from refmatte_engine.config.resources import STUDIO_PACK
from refmatte_engine.images import image_io
from refmatte_engine.images.likeness import Looks, alike, signature
from refmatte_engine.packs import cutouts
from tests.conftest import THINGS, Bytes, landscape

Change = Callable[[Any], Any]


def resized(by: float) -> Change:
    return lambda picture: cv2.resize(picture, None, fx=by, fy=by, interpolation=cv2.INTER_AREA)


def brighter(by: float) -> Change:
    def changed(picture: Any) -> Any:
        colors = np.clip(picture[..., :3] * by, 0, 255).astype(np.uint8)
        return np.dstack((colors, picture[..., 3:]))

    return changed


def as_jpeg(quality: int) -> Change:
    def changed(picture: Any) -> Any:
        plain = np.ascontiguousarray(picture[..., :3])
        data = cv2.imencode(".jpg", plain, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.dstack((cv2.imdecode(data, cv2.IMREAD_COLOR), picture[..., 3:]))

    return changed


def cropped(by: float) -> Change:
    def changed(picture: Any) -> Any:
        y, x = (round(side * by / 2) for side in picture.shape[:2])
        return picture[y : picture.shape[0] - y, x : picture.shape[1] - x]

    return changed


CHANGES: dict[str, Change] = {
    "half the size": resized(0.5),
    "JPEG 60": as_jpeg(60),
    "JPEG 30": as_jpeg(30),
    "brighter": brighter(1.15),
    "darker": brighter(0.75),
    "cropped by 2 %": cropped(0.02),
    "mirrored": lambda picture: picture[:, ::-1],
    "all of it": lambda picture: as_jpeg(70)(cropped(0.02)(resized(0.7)(picture[:, ::-1]))),
}


@pytest.fixture(scope="module")
def pictures() -> list[Bytes]:
    """Cut-outs and backgrounds of the bundled pack, several of each category."""
    things = sorted((STUDIO_PACK / "foregrounds").glob("*/*"))[::3]
    cut = [cutouts.decode(file.read_bytes(), None).rgba for file in things]
    places = [image_io.read_rgb(file) for file in (STUDIO_PACK / "backgrounds").glob("*.jpg")]
    half = {"fx": 0.5, "fy": 0.5, "interpolation": cv2.INTER_AREA}
    return [cv2.resize(each, None, **half) for each in (*cut, *places)]


def looks(pictures: list[Any]) -> Looks:
    return Looks([signature(np.ascontiguousarray(each)) for each in pictures])


@pytest.mark.parametrize("change", CHANGES)
def test_copies_look_alike(pictures: list[Bytes], change: str) -> None:
    copies = [CHANGES[change](each) for each in pictures]
    found = {i for i, j, _ in alike(looks(pictures), looks(copies)) if i == j}
    # Cut-outs end where the thing does, so cropping takes from the thing itself.
    assert len(found) >= (0.85 if "crop" in change or "all" in change else 0.97) * len(pictures)


def test_different_pictures_of_one_category_do_not(pictures: list[Bytes]) -> None:
    """Mugs of other colours have one silhouette; they are other mugs."""
    found = [(i, j) for i, j, _ in alike(looks(pictures), looks(pictures)) if i < j]
    assert found == []


def test_plain_pictures_are_told_apart() -> None:
    """What has hardly any contrast is not all one."""
    plain = [
        np.full((64, 64, 3), c, np.uint8) for c in ((200, 60, 50), (50, 60, 200), (90, 200, 90))
    ]
    assert [(i, j) for i, j, _ in alike(looks(plain), looks(plain)) if i != j] == []
    fields = [landscape(seed) for seed in range(40)]
    assert [(i, j) for i, j, _ in alike(looks(fields), looks(fields)) if i != j] == []


def test_signatures_hold_any_size() -> None:
    thing = THINGS["dog/dog"][0]
    for picture in (thing, thing[..., :3], thing[:24, :24], np.zeros((3, 500, 4), np.uint8)):
        table = looks([picture, picture])
        assert len(table) == 2
        assert table.thumbs.shape == (2, 12, 12, 4)
    assert list(alike(Looks([]), looks([thing]))) == []
