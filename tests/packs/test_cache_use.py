"""`refmatte cache`: what is kept by kind and pack, and that pruning loses nothing that counts."""

import json
import os
import shutil
import time

import numpy as np
import pytest

from refmatte_engine.packs import cache_use, catalog, pixels, scan
from refmatte_engine.storage import cache_contents
from refmatte_engine.storage.cache_contents import DAY_S


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of this test alone, in which files count as settled at once."""
    monkeypatch.setattr(scan, "_SETTLED_NS", -(10**12))
    monkeypatch.setattr(pixels, "_recent", pixels._Recent(1))
    monkeypatch.setenv("REFMATTE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def used(pack):
    """Loads the pack and asks for its pixels, as a run does."""
    loaded = catalog.load([pack])
    shown = {i: pixels.of_foreground(f, loaded, (40, 40)) for i, f in loaded.foregrounds.items()}
    return loaded, {name: np.array(each) for name, each in shown.items()}


def same(one, other):
    return one[0] == other[0] and all(np.array_equal(one[1][i], other[1][i]) for i in one[1])


def test_it_lists_kinds_and_packs(pack_maker, cache, cli):
    one, other = pack_maker("one"), pack_maker("other")
    used(one)
    used(other)
    shutil.rmtree(other)
    status, out, _ = cli("cache")
    assert status == 0
    assert out.splitlines()[0].startswith(f"{cache}: 0 MB in ")
    (gone,) = (line for line in out.splitlines() if line.endswith("; it is gone"))
    assert gone.startswith(f"  {other} ")
    assert f"  {one} " in out
    said = json.loads(cli("cache", "--json")[1])
    assert set(said["kinds"]) == {"packed pixels", "plain pixels", "scans", "stamps"}
    assert said["bytes"] == sum(kind["bytes"] for kind in said["kinds"].values())
    assert said["packs"][str(one)]["is_there"]
    # Two packs of the same pictures share all but their stamps.
    assert said["packs"][str(other)]["files"] == said["packs"][str(one)]["files"]


def test_pruning_keeps_what_is_needed(pack_maker, cache, cli):
    one, other = pack_maker("one"), pack_maker("other")
    file = other / "foregrounds/dog/dog.png"
    shutil.copy(other / "foregrounds/cat/cat.png", file)
    (other / "foregrounds/ball/ball_red.png").unlink()
    (one / "foregrounds/cat/cat.png").unlink()
    first = used(one)
    used(other)
    old = cache / "pixels-1/ab" / ("ab" * 16) / "0.npy"
    old.parent.mkdir(parents=True)
    old.touch()
    before = len(list(cache_contents.entries(cache)))
    shutil.rmtree(other)
    status, out, _ = cli("cache", "--prune")
    assert (status, old.exists()) == (0, False)
    # The stamps of the other pack, and scan and pixels of the one picture that it alone had.
    assert f"pruned 0 MB in {1 + 1 + 1 + 2} files" in out
    assert len(list(cache_contents.entries(cache))) == before - 5
    assert same(used(one), first)
    assert len(list(cache_contents.entries(cache))) == before - 5
    assert "pruned 0 MB in 0 files" in cli("cache", "--prune")[1]


def test_what_is_of_no_pack_any_more_goes_after_a_day(pack_maker, cache, cli):
    one = pack_maker("one")
    used(one)
    before = {entry.path for entry in cache_contents.entries(cache)}
    (one / "foregrounds/cat/cat.png").unlink()
    used(one)
    assert "in 0 files" in cli("cache", "--prune")[1].splitlines()[-1]
    for path in before:
        os.utime(path, times=(time.time() - 2 * DAY_S,) * 2)
    used(one)
    assert "in 3 files" in cli("cache", "--prune")[1].splitlines()[-1]


@pytest.mark.parametrize("more", [("--unused-for", "30"), ("--at-most", "0")])
def test_by_age_and_by_size(pack_maker, cache, cli, more):
    one = pack_maker("one")
    first = used(one)
    assert cli("cache", *more)[0] == 2
    for entry in cache_contents.entries(cache):
        os.utime(entry.path, times=(time.time() - 40 * DAY_S,) * 2)
    assert cli("cache", "--prune", *more)[0] == 0
    assert list(cache_contents.entries(cache)) == []
    assert same(used(one), first)


def test_scans_and_colours_are_in_use_as_long_as_their_pack(pack_maker, cache):
    one = pack_maker("one")
    used(one)
    for entry in cache_contents.entries(cache):
        os.utime(entry.path, times=(time.time() - 40 * DAY_S,) * 2)
    catalog.load([one])
    found = list(cache_contents.entries(cache))
    old = cache_use.unused_since(found, cache_use.of_packs(found), time.time() - 30 * DAY_S)
    assert {entry.kind for entry in old} == {"pixels"}


def test_what_is_soonest_made_again_goes_first(pack_maker, cache):
    used(pack_maker("one"))
    found = list(cache_contents.entries(cache))
    total = sum(entry.size for entry in found)
    maps = [entry for entry in found if entry.path.suffix == ".npy"]
    gone = cache_use.beyond(found, total - sum(entry.size for entry in maps))
    assert {entry.path for entry in gone} == {entry.path for entry in maps}
    assert cache_use.beyond(found, total) == []


def test_pruning_under_a_running_process_breaks_nothing(pack_maker, cache, monkeypatch):
    one = pack_maker("one")
    loaded = catalog.load([one])
    ball = loaded.foregrounds["one/ball/ball_red"]
    pixels.of_foreground(ball, loaded, (40, 40))
    monkeypatch.setattr(pixels, "_recent", pixels._Recent(1))
    held = pixels.of_foreground(ball, loaded, (40, 40))  # a map of the file
    before = np.array(held)
    cache_contents.remove(cache_contents.entries(cache))
    assert np.array_equal(held, before)
    monkeypatch.setattr(pixels, "_recent", pixels._Recent(1))
    assert np.array_equal(pixels.of_foreground(ball, loaded, (40, 40)), before)
