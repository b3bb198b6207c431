"""A pack at a URL is mirrored: only what has changed is fetched, and it is the pack it would be in
a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.packs import cache_use, catalog, mirror
from refmatte_engine.storage import cache_contents, files, stand_in
from refmatte_engine.storage.files import files_below
from refmatte_engine.storage.remote import Place
from tests.conftest import make_pack
from tests.support import faulty

URL = "faulty://bucket/packs/tiny"


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In a folder, and at the URL."""
    monkeypatch.setenv("REFMATTE_CACHE", str(tmp_path / "cache"))
    faulty.renewed()
    pack = make_pack(tmp_path / "tiny")
    Place(URL).put({name: pack / name for name in files_below(pack)})
    return pack


def fetched() -> list[str]:
    """What was read, without listings."""
    found = [path.removeprefix("/bucket/packs/tiny/") for path in faulty.Faulty.read]
    faulty.Faulty.read.clear()
    return sorted(name for name in found if "." in name)


def test_the_pack_is_the_same(pack: Path) -> None:
    told: list[tuple[int, int]] = []
    made = catalog.load([URL], progress=lambda *counts: told.append(counts))
    assert made.digest == catalog.load([pack]).digest
    count = len(list(files_below(pack)))
    assert told[: count + 1] == [(done, count) for done in range(count + 1)]
    assert len(fetched()) == count


def test_only_what_changed_is_fetched(pack: Path) -> None:
    root = Path(mirror.here(URL))
    fetched()
    names = sorted(files_below(pack))
    Place(URL).put({names[0]: b"other", "new.png": b"new"})
    Place(URL).remove([names[1]])
    (root / names[2]).unlink()
    faulty.Faulty.read.clear()
    assert mirror.here(URL) == root
    assert fetched() == sorted([names[0], names[2], "new.png"])
    assert sorted(files_below(root)) == sorted({*names, "new.png"} - {names[1]})
    mirror.here(f"{URL}/pack.yaml")
    assert fetched() == []


def test_what_has_come_is_not_fetched_again(pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = sorted(files_below(pack))
    with monkeypatch.context() as patch:
        patch.setattr("refmatte_engine.storage.remote.AT_ONCE", 1)
        stopping = iter(range(5))

        def stop(done: int, total: int) -> None:
            if next(stopping, None) is None:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            mirror.here(URL, stop)
    faulty.Faulty.read.clear()
    mirror.here(URL)
    assert len(fetched()) <= len(names) - 4


def test_packs_that_are_none(pack: Path) -> None:
    with pytest.raises(InputError, match="faulty://bucket/nothing: is not a pack"):
        catalog.load(["faulty://bucket/nothing"])
    faulty.Faulty.is_there = False
    with pytest.raises(RefMatteError, match=f"{URL}: cannot be read: the line is dead"):
        catalog.load([URL])
    assert mirror.here(f"file://{pack}") == pack
    assert mirror.here("studio") == "studio"


def test_pruning_keeps_what_a_pack_is_mirrored_in(pack: Path) -> None:
    catalog.load([URL])
    Place("faulty://bucket/big").put({"x.png": b"x"})
    lone = stand_in.make(Place("faulty://bucket/big"), "f" * 32)
    files.read_bytes(lone / "x.png")
    found = [replace(entry, used=0.0) for entry in cache_contents.entries(stand_in.home().parent)]
    uses = cache_use.of_packs(found)
    gone = {e.path for e in cache_use.unneeded(found, uses) if e.kind == "remote"}
    assert gone == {lone / "x.png", lone.parent / "url"}
    root = Path(mirror.here(URL))
    mirrored = {entry.path for entry in uses[0].entries if entry.kind == "remote"}
    assert {root / name for name in files_below(root)} < mirrored
