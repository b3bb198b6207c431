"""Photographs with mattes as they lie, named in a CSV."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.dataset import photographs
from refmatte_engine.dataset.identity import identity
from refmatte_engine.errors import InputError
from refmatte_engine.scoring import rows, score, summary
from tests.support.released import HW, alpha

LINES = (
    "image,matte,text,kind",
    "photos/a.jpg,mattes/one.png,cat,keyword",
    "photos/a.jpg,mattes/two.png,the dog,",
    "photos/a.jpg,mattes/one.png,animal,keyword",
    "photos/b.jpg,mattes/three.png,the mug on the left,absolute",
    "photos/a.jpg,,elephant,keyword",
    'photos/b.jpg,,"the green mug, upright",',
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    for folder in ("photos", "mattes"):
        (tmp_path / folder).mkdir()
    for number, name in enumerate(("a", "b")):
        cv2.imwrite(str(tmp_path / f"photos/{name}.jpg"), np.full((*HW, 3), 90 + number, np.uint8))
    for place, name in enumerate(("one", "two", "three")):
        cv2.imwrite(str(tmp_path / f"mattes/{name}.png"), alpha(place))
    path = tmp_path / "held_out.csv"
    path.write_text("\n".join(LINES))
    return path


def test_every_line_is_a_row(table: Path) -> None:
    found = rows.read(table)
    assert [(row.name, row.kind, row.setting, row.referents, row.category) for row in found] == [
        ("a_1_0", "keyword", "keyword", (0,), "cat"),
        ("a_2_0", "expression", "expression", (1,), ""),
        ("a_1_1", "keyword", "keyword", (0,), "cat"),
        ("a_0_0", "keyword", "keyword", (), ""),
        ("b_1_0", "absolute", "expression", (0,), ""),
        ("b_0_0", "none", "expression", (), ""),
    ]
    assert [row.text for row in found][-1] == "the green mug, upright"
    assert [len(row.alphas) for row in found] == [2] * 4 + [1] * 2
    assert rows.read(table, split="test").rows == found.rows
    keywords = rows.read(table, setting="keyword")
    assert [row.text for row in keywords] == ["cat", "animal", "elephant"]
    figures = summary.overall(score.reference("oracle", found)).figures
    assert figures["found"].value == figures["N-acc"].value == figures["presence MCC"].value == 1
    with pytest.raises(InputError, match=r"held_out\.csv: has no split 'val'; allowed: test"):
        rows.read(table, split="val")
    with pytest.raises(InputError, match=r"no\.csv: cannot be read: No such file"):
        rows.read(table.with_name("no.csv"))


def test_its_identity_is_of_its_content(table: Path, tmp_path: Path) -> None:
    before = identity(table)
    moved = tmp_path / "moved"
    moved.mkdir()
    for each in ("photos", "mattes"):
        shutil.copytree(tmp_path / each, moved / each)
    assert identity(Path(shutil.copy(table, moved / "other.csv"))) == before
    with table.open("a") as file:
        file.write("\nphotos/b.jpg,,cup,keyword\n")
    assert identity(table) != before


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("photos/c.jpg,mattes/one.png,cat", r"csv:8: no such image: \S+c\.jpg; paths are seen fr"),
        ("photos/b.jpg,mattes/no.png,cat", r"csv:8: no such matte: \S+no\.png; paths"),
        ("photos/b.jpg,mattes/three.png, ", r"csv:8: has no text"),
        (",mattes/three.png,cat", r"csv:8: has no image"),
        ("more/a.jpg,mattes/three.png,cat", r"csv:8: \S+more/a\.jpg and \S+photos/a\.jpg have one"),
        (
            "photos/b.jpg,mattes/small.png,cat",
            r"csv:8: has the matte small\.png of 7×5 pixels; allo",
        ),
        ("more/d.jpg,,cat", r"held_out\.csv: no line has a matte of \S+d\.jpg; add one"),
    ],
)
def test_lines_that_are_none(table: Path, line: str, said: str) -> None:
    shutil.copytree(table.parent / "photos", table.parent / "more")
    shutil.copy(table.parent / "photos/a.jpg", table.parent / "more/d.jpg")
    cv2.imwrite(str(table.parent / "mattes/small.png"), np.full((5, 7), 255, np.uint8))
    table.write_text("\n".join([*LINES, line]))
    with pytest.raises(InputError, match=said):
        rows.read(table)


def test_texts_of_one_matte_are_of_one_thing(table: Path) -> None:
    first, second = photographs.read(table)
    assert [matte.stem for matte in first.mattes] == ["one", "two"]
    assert [place for _, _, place in first.texts] == [0, 1, 0, None]
    assert (first.name_of(0), first.name_of(1), second.name_of(0)) == ("cat", "", "")
