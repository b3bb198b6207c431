"""What is seen of a cache folder, and what may be removed: never anybody else's file."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.storage import cache_contents
from refmatte_engine.storage.cache_contents import DAY_S, Room

HASH = "0123456789abcdef" * 2
OURS = (
    f"stamps-7.6-12.0-4.1/{HASH}.json",
    f"scans-7.6-12.0-4.1/ab/f-{HASH}-{HASH}.json",
    f"scans-7.6-12.0-4.1/ab/o-{HASH}-dust-scale.json",
    f"colors-6.2/01/{HASH}-{HASH}.z",
    f"pixels-6/01/{HASH}/3.npy",
    f"pixels-6/01/{HASH}-{HASH}.2/0.webp",
    "pixels-6/01/.abcd_123",
    f"remote-1/{HASH}/url",
    f"remote-1/{HASH}/big/train/.shards/00001.0123456789ab.part/img/x.jpg",
)
# As they lie in a home, and as close to ours as can be.
OTHERS = (
    "pixels-6/holiday.npy",
    f"pixels-6/01/{HASH}/notes.txt",
    f"pixels-6/01/{HASH}/3.npy.bak",
    f"pixels-6/zz/{HASH}/3.npy",
    f"pixels-6/01/{HASH}/deeper/3.npy",
    f"pixels/01/{HASH}/3.npy",
    f"my pixels-6/01/{HASH}/3.npy",
    f"colors-6.2/01/{HASH}.z",
    "scans-7/ab/letter.json",
    "stamps-7/collection.json",
    "stamps-7/.config",
    "remote-1/url",
    f"remote-1/{HASH}/notes",
    f"remote-1/{HASH[1:]}/big/manifest.json",
    "thesis.tex",
    ".bashrc",
)


def put(root: Path, name: str, days: float = 0) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x" * 100)
    os.utime(file, times=(time.time() - days * DAY_S,) * 2)
    return file


@given(st.sets(st.sampled_from(OURS)), st.sets(st.sampled_from(OTHERS)))
def test_only_what_is_ours_is_seen_and_removed(tmp_path_factory, ours, others):
    home = tmp_path_factory.mktemp("home")
    for name in ours | others:
        put(home, name)
    found = list(cache_contents.entries(home))
    assert {entry.path.relative_to(home).as_posix() for entry in found} == ours
    assert cache_contents.remove(found) == 100 * len(ours)
    left = {p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()}
    assert left == others
    assert all(any(folder.iterdir()) for folder in home.rglob("*") if folder.is_dir())


@pytest.mark.parametrize("level", range(4))
def test_links_are_never_followed(tmp_path, level):
    """At any level below the cache: a link to a folder that looks like ours, or to such a file."""
    outside, cache = tmp_path / "outside", tmp_path / "cache"
    file = put(outside, f"pixels-6/01/{HASH}/3.npy")
    parts = file.relative_to(outside).parts[: level + 1]
    link = cache.joinpath(*parts)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(outside.joinpath(*parts))
    assert list(cache_contents.entries(cache)) == []
    assert cache_contents.remove(cache_contents.entries(cache)) == 0
    assert file.exists()
    assert link.is_symlink()


def test_a_cache_that_is_not_there_or_no_folder(tmp_path):
    (tmp_path / "file").touch()
    for cache in (tmp_path / "none", tmp_path / "file", Path(os.devnull) / "x"):
        assert list(cache_contents.entries(cache)) == []


def test_what_was_not_used_for_a_day_makes_room(tmp_path):
    """The longest unused first, and nothing that is in use."""
    names = [f"pixels-6/{n:02x}/{n:032x}/0.npy" for n in range(10)]
    files = [put(tmp_path, name, days=9 - n if n < 6 else 0) for n, name in enumerate(names)]
    room = Room()
    assert room.has(tmp_path, 20, 1050)
    assert [file.exists() for file in files] == [False, False, *([True] * 8)]
    assert not Room().has(tmp_path, 100, 300)
    assert [file.exists() for file in files] == [False] * 6 + [True] * 4
