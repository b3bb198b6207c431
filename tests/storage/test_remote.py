"""Folders at URLs: what is written is read, and whatever fails is told in a line."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.storage.remote import Place, is_url, path_of
from tests.support import faulty

URL = "faulty://bucket/big"


@pytest.fixture(autouse=True)
def storage() -> type[faulty.Faulty]:
    return faulty.renewed()


def test_what_is_written_is_read(tmp_path: Path) -> None:
    place = Place(f"{URL}/")
    assert (place.url, place.name, place.top(), place.files()) == (URL, "big", [], {})
    (tmp_path / "x").write_bytes(b"picture")
    place.put({"train/img/x.png": tmp_path / "x", "train/y": b"why"})
    assert place.top() == ["train"]
    assert sorted(place.files()) == ["train/img/x.png", "train/y"]
    assert sorted(place.files("train/img/")) == ["train/img/x.png"]
    assert (place.read("train/y"), place.read("train/z"), place.read("train")) == (
        b"why",
        None,
        None,
    )
    wanted = ["train/y", "train/z", "train/img/x.png"]
    assert list(place.fetch_all(wanted, tmp_path / "here")) == ["train/y", "train/img/x.png"]
    assert (tmp_path / "here/train/img/x.png").read_bytes() == b"picture"
    before = place.files()["train/y"]
    place.put({"train/y": b"what"})
    assert place.files()["train/y"] != before
    place.remove(["train/img/", "train/nothing", "nothing/"])
    assert sorted(place.files()) == ["train/y"]
    with pytest.raises(InputError, match="is not a folder"):
        Place(f"{URL}/train/y").top()


def test_of_two_who_create_one_succeeds() -> None:
    place = Place(URL)
    assert [place.create(".lock", each) for each in (b"one", b"two")] == [True, False]
    assert place.read(".lock") == b"one"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s4://bucket/big", r"s4://bucket/big: has an unknown protocol, 's4'; allowed: .*s3"),
        ("s3://", "names no folder"),
        ("ftp://me:secret@host/x", r"ftp://…@host/x: holds a password"),
    ],
)
def test_urls_that_are_none(url: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as told:
        Place(url).top()
    assert "secret" not in str(told.value)


def test_a_library_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(InputError, match=r"s3fs: is needed to use s3://.*refmatte-engine\[remote"):
        Place("s3://bucket/big").read("x")
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(InputError, match=r"fsspec: is needed to use faulty://"):
        Place(URL).read("x")


class NoCredentialsError(Exception):
    """As botocore has one, which is no OSError."""


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (
            ConnectionError("reset by peer"),
            RefMatteError,
            "reset by peer; what is finished is kept",
        ),
        (TimeoutError(), RefMatteError, "TimeoutError"),
        (PermissionError("Access Denied"), InputError, "may not .*Access Denied; see to the cred"),
        (NoCredentialsError("none found"), InputError, "none found; see to the credentials"),
        (OSError(errno.ENOSPC, "full"), RefMatteError, "has no space left; free some there"),
        (OSError(errno.EDQUOT, "quota"), RefMatteError, "has no space left"),
        (KeyError("of some library"), RefMatteError, "of some library"),
    ],
)
def test_what_fails_is_told_in_a_line(
    storage: type[faulty.Faulty], error: Exception, kind: type[Exception], said: str, tmp_path: Path
) -> None:
    """Whatever is done, and whatever the protocol's library raises."""
    place = Place(URL)
    place.put({"x": b"x", "y": b"y"})
    storage.error, storage.left = error, 0
    writing = [lambda: place.put({"z": b"z", "w": b"w"}), lambda: place.create("z", b"z")]
    for done in writing:
        with pytest.raises(kind, match=said) as told:
            done()
        assert str(told.value).startswith(f"{URL}: ")
        assert "\n" not in str(told.value)
    storage.is_there = False
    reading = [
        place.top,
        lambda: place.read("x"),
        lambda: place.fetch("x", tmp_path / "x"),
        lambda: list(place.fetch_all(["x", "y"], tmp_path)),
    ]
    for asked in reading:
        with pytest.raises(kind, match=said):
            asked()
    assert not list(tmp_path.iterdir())


def test_a_bucket_that_does_not_exist(storage: type[faulty.Faulty]) -> None:
    storage.error, storage.left = FileNotFoundError("no such bucket"), 0
    for done in (lambda: Place(URL).put({"x": b"x"}), lambda: Place(URL).create("x", b"x")):
        with pytest.raises(InputError, match="cannot be written: no such bucket; see to its name"):
            done()


def test_what_is_a_path() -> None:
    assert path_of("out/demo") == Path("out/demo")
    assert path_of("file:///a/b%20c") == path_of("file://localhost/a/b c") == Path("/a/b c")
    assert not is_url("C:/photos")
    assert not is_url(Path("s3://bucket"))
    for lost in ("s3:/bucket/big", Path("s3://bucket/big")):
        with pytest.raises(InputError, match=r"has one slash .* allowed: s3://bucket/big, as text"):
            path_of(lost)
    assert path_of("./s3:/bucket") == Path("s3:/bucket")
    assert path_of("C:/data") == Path("C:/data")


@pytest.mark.skipif(os.geteuid() == 0, reason="everything may be written to")
def test_a_disk_that_takes_nothing(tmp_path: Path) -> None:
    Place(URL).put({"x": b"x"})
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="Permission denied"):
        Place(URL).fetch("x", tmp_path / "x")
    tmp_path.chmod(0o700)
