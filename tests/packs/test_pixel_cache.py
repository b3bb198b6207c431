"""The sizes of cut-outs on disk: made once, the same whether they come from a map, from what is
packed or anew, and within a bound."""

import threading

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from refmatte_engine.errors import InputError
from refmatte_engine.packs import pixel_cache
from refmatte_engine.storage import cache_contents
from refmatte_engine.storage.cache_contents import Room
from tests.conftest import disc

PIXELS = disc((1, 2, 3))[::4, ::4].copy()
rgba = hnp.arrays(
    np.uint8,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30).map(lambda s: (*s, 4)),
)


@pytest.fixture(autouse=True)
def _room_of_its_own(monkeypatch):
    monkeypatch.setattr(pixel_cache, "_room", Room())


def place(cache, digest):
    return cache / pixel_cache.FOLDER / digest[:2] / digest


@given(rgba | rgba.map(lambda pixels: pixels[..., :3].copy()))
@settings(max_examples=40)
def test_packing_loses_nothing(tmp_path_factory, pixels):
    folder, channels = place(tmp_path_factory.mktemp("cache"), "0" * 32), pixels.shape[2]
    for _ in range(2):
        assert np.array_equal(pixel_cache.kept(folder, 0, lambda: pixels, channels), pixels)
    (folder / "0.npy").unlink()
    assert np.array_equal(pixel_cache.kept(folder, 0, lambda: pixels[:0], channels), pixels)


def test_what_is_kept_is_made_once(tmp_path):
    made = []
    folder = place(tmp_path, "1" * 32)

    def make() -> np.ndarray:
        made.append(1)
        return PIXELS

    for _ in range(3):
        assert np.array_equal(pixel_cache.kept(folder, 0, make), PIXELS)
    (folder / "0.npy").write_bytes(b"\x93NUMPY broken")
    assert np.array_equal(pixel_cache.kept(folder, 0, make), PIXELS)
    assert len(made) == 1
    for file in folder.iterdir():
        file.write_bytes(b"broken")
    assert np.array_equal(pixel_cache.kept(folder, 0, make), PIXELS)
    assert len(made) == 2


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    folder = place(tmp_path / "file", "2" * 32)
    assert np.array_equal(pixel_cache.kept(folder, 0, lambda: PIXELS), PIXELS)


def test_many_writers_leave_one_whole_file_each(tmp_path):
    pixels = cv2.resize(PIXELS, (400, 400))
    folder, wrong = place(tmp_path, "3" * 32), []

    def work() -> None:
        for _ in range(10):
            if not np.array_equal(pixel_cache.kept(folder, 0, lambda: pixels), pixels):
                wrong.append(1)
            (folder / "0.npy").unlink(missing_ok=True)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert {file.name for file in folder.iterdir()} <= {"0.npy", "0.webp"}


@given(st.lists(st.integers(0, 30), min_size=20, max_size=40), st.integers(0, 12))
@settings(max_examples=25)
def test_maps_stay_within_the_bound_and_pixels_the_same(tmp_path_factory, order, most):
    """Of many cut-outs that are asked for in any order, by processes that know nothing of each
    other."""
    cache = tmp_path_factory.mktemp("cache")
    rooms = [Room(), Room(), Room()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(pixel_cache.BOUND, str(most * PIXELS.nbytes / 1e9))
        for turn, number in enumerate(order):
            patch.setattr(pixel_cache, "_room", rooms[turn % 3])
            folder, pixels = place(cache, f"{number:032x}"), np.full_like(PIXELS, number)
            found = pixel_cache.kept(folder, 0, lambda pixels=pixels: pixels)
            assert np.array_equal(found, pixels)
            maps = [e for e in cache_contents.entries(cache) if e.path.suffix == ".npy"]
            assert sum(entry.size for entry in maps) <= most * (PIXELS.nbytes + 128)


@pytest.mark.parametrize("said", ["many", "-1", "nan", "1e99"])
def test_a_bound_that_is_no_size(monkeypatch, said):
    monkeypatch.setenv(pixel_cache.BOUND, said)
    with pytest.raises(InputError, match=f"REFMATTE_CACHE_GB: '{said}' is not a size; allowed: gi"):
        pixel_cache.most_bytes()
