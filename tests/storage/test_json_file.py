"""JSON that other tools wrote is read, or refused with the line."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.storage import json_file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_whatever_the_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "x.json").write_bytes('{"a": "né"}'.encode(encoding))
    assert json_file.read(tmp_path / "x.json") == {"a": "né"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{\n"a": 1,\n"b" 2}', r"x\.json:3: is not valid JSON: Expecting ':' delimiter"),
        (b"", r"x\.json:1: is not valid JSON: Expecting value"),
        (codecs.BOM_UTF8 + b'"\xff"', "is not text; save it as UTF-8"),
        (b"[" * 200_000, "is nested too deeply"),
        (b"1" * 5000, "is not valid JSON"),
    ],
)
def test_or_refused_with_the_line(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "x.json").write_bytes(data)
    with pytest.raises(InputError, match=message):
        json_file.read(tmp_path / "x.json")
