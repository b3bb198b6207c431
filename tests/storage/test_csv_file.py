"""CSV as people write it, and what is said where it is none."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.errors import InputError
from refmatte_engine.storage import csv_file

cell = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zs", "Zl", "Zp"]))


@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=4), st.permutations("abc"))
def test_what_a_spreadsheet_writes_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    cells: list[tuple[str, str, str]],
    order: list[str],
) -> None:
    path = tmp_path_factory.mktemp("csv") / "it.csv"
    text = io.StringIO()
    table = csv.DictWriter(text, [*order, "more"], restval="else")
    table.writeheader()
    rows = [dict(zip("abc", each, strict=True)) for each in cells]
    table.writerows(rows)
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    found = csv_file.read(path, ("a", "b"), ("c", "d"))
    assert [line.cells for line in found] == [{**row, "d": ""} for row in rows]
    assert [line.where for line in found] == [f"{path}:{n}" for n, _ in enumerate(rows, 2)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it.csv: is empty; allowed: a first line with image,text, and out if wanted"),
        (b"image,text\n\n", "it.csv: has nothing under its header; add a line"),
        (b"image;text\na;b\n", "it.csv:1: has no column image and text, but image;text; .*commas"),
        (b"image,texts\na,b\n", "it.csv:1: has no column text, but image, texts; .*'texts'"),
        (b"image,text,image\na,b,c\n", "it.csv:1: has the column image twice"),
        (b"image,text\na,b\nc,d, e\n", "it.csv:3: has 3 cells under 2 columns; put what holds a"),
        (b"image,text\na,caf\xe9\n", "it.csv:2: is not UTF-8; save it as UTF-8"),
        ("image,text\n".encode("utf-16"), "it.csv:1: is not UTF-8"),
        (b'image,text\na,"b\n', "it.csv:2: opens a quotation mark that nothing closes; close it"),
        (b'image,text\na,b\na,"b\nc,d\n', "it.csv:3: opens a quotation mark"),
        (b'image,text\na,"b"c\n', "it.csv:2: is not CSV"),
    ],
)
def test_what_is_none(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "it.csv"
    path.write_bytes(data)
    with pytest.raises(InputError, match=said):
        csv_file.read(path, ("image", "text"), ("out",))


@pytest.mark.parametrize(
    ("cell", "todo"),
    [
        ("no.png", "paths are seen from .*, the folder of the CSV$"),
        ("folder", "paths are seen from"),
        ("a\\it.png", r"write / between folders, not \\$"),
        ("C:\\it.png", "write / between folders"),
        ("a" * 300, "paths are seen from"),
        ("it\0.png", "paths are seen from"),
    ],
)
def test_files_that_are_not_there(tmp_path: Path, cell: str, todo: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b/ü.png").touch()
    table = tmp_path / "it.csv"
    assert csv_file.file_at("it.csv:2", table, "a b/ü.png", "image") == tmp_path / "a b/ü.png"
    assert csv_file.file_at("it.csv:2", table, f"{tmp_path}/a b/ü.png", "image").is_file()
    with pytest.raises(InputError, match=f"^it.csv:2: no such image: .*; {todo}"):
        csv_file.file_at("it.csv:2", table, cell, "image")
