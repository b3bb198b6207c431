"""Folders that stand for others: a file comes when it is read, and the folder stays small."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.storage import files, stand_in
from refmatte_engine.storage.remote import Place
from tests.support import faulty

KEY = "0123456789abcdef" * 2


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[faulty.Faulty]:
    monkeypatch.setenv("REFMATTE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(stand_in, "_places", {})
    return faulty.renewed()


def test_a_file_comes_when_it_is_read(storage: type[faulty.Faulty], tmp_path: Path) -> None:
    place = Place("faulty://bucket/big")
    place.put({"train/img/x.png": b"x"})
    root = stand_in.make(place, KEY)
    storage.read.clear()
    for _ in range(2):
        assert files.read_bytes(root / "train/img/x.png") == b"x"
    assert storage.read == ["/bucket/big/train/img/x.png"]
    with pytest.raises(InputError, match="No such file"):
        files.read_bytes(root / "train/img/y.png")
    files.link_or_copy(root / "train/img/x.png", tmp_path / "copy")
    storage.is_there = False
    with pytest.raises(
        RefMatteError, match="faulty://bucket/big: cannot be read: the line is dead"
    ):
        files.read_bytes(root / "train/img/z.png")
    stand_in.drop(root)
    assert (tmp_path / "copy").read_bytes() == b"x"


def test_the_least_recently_read_goes(
    storage: type[faulty.Faulty], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_in, "MOST_BYTES", 1000)
    place = Place("faulty://bucket/big")
    names = [f"{n}.png" for n in range(30)]
    place.put({name: bytes(100) for name in names} | {"samples.jsonl": bytes(5000)})
    root = stand_in.make(place, KEY)
    files.read_bytes(root / "samples.jsonl")
    for number, name in enumerate(names):
        files.read_bytes(root / name)
        os.utime(root / name, (number, number))
    here = {path.name for path in root.iterdir()}
    assert sum((root / name).exists() for name in names) <= 10
    assert {"samples.jsonl", names[-1]} <= here
    files.read_bytes(root / names[0])  # and comes again


def test_several_are_here_for_a_while(storage: type[faulty.Faulty], tmp_path: Path) -> None:
    place = Place("faulty://bucket/big")
    place.put({"a": b"a", "b": b"b"})
    root = stand_in.make(place, KEY)
    with stand_in.brought(root, ["a", "b", "c"]):
        assert sorted(path.name for path in root.iterdir()) == ["a", "b"]
    assert not list(root.iterdir())
    (tmp_path / "a").write_bytes(b"mine")
    with stand_in.brought(tmp_path, ["a"]):
        pass
    assert (tmp_path / "a").read_bytes() == b"mine"


def test_messages_have_urls(storage: type[faulty.Faulty], tmp_path: Path) -> None:
    root = stand_in.make(Place("faulty://bucket/big"), KEY)
    told = f"error: {root / 'train/x.png'}: is bad; see {root}, not {tmp_path}"
    url = "faulty://bucket/big"
    expected = f"error: {url}/train/x.png: is bad; see {url}, not {tmp_path}"
    assert stand_in.in_words(told) == expected
    stand_in.drop(root)
    assert stand_in.in_words(told) == expected
    assert stand_in.disk_of(root) == stand_in.home()
    assert stand_in.disk_of(tmp_path) == tmp_path
