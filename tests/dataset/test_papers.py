"""Card, datasheet and attribution: what they say, and that nobody's writing is lost."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from refmatte_engine.dataset import attribution, card, datasheet, facts, papers
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError
from tests.support.drawn import drawn_dataset
from tests.support.released import write_rw100


@pytest.fixture
def root(tmp_path: Path) -> Path:
    drawn_dataset(tmp_path / "drawn", {"train": 3, "test": 1})
    return tmp_path / "drawn"


def test_the_same_dataset_gives_the_same_papers(root: Path, tmp_path: Path) -> None:
    written, kept = papers.write(root)
    assert [p.name for p in written] == ["README.md", "DATASHEET.md", "ATTRIBUTION.md"]
    assert not kept
    assert (root / "card.jpg").is_file()
    papers.write(root, tmp_path / "elsewhere")
    first = {p.name: p.read_bytes() for p in (tmp_path / "elsewhere").iterdir()}
    assert set(first) == {*papers.FILES, attribution.FILE}
    assert all((root / name).read_bytes() == data for name, data in first.items())
    papers.write(root)
    assert all((root / name).read_bytes() == data for name, data in first.items())


@pytest.mark.parametrize("name", ["README.md", "DATASHEET.md"])
def test_what_a_person_wrote_or_changed_is_kept(root: Path, name: str) -> None:
    (root / name).write_text("Mine.\n")
    assert [p.name for p in papers.write(root)[1]] == [name]
    assert (root / name).read_text() == "Mine.\n"
    (root / name).unlink()
    papers.write(root)
    ours = (root / name).read_bytes()
    (root / name).write_bytes(ours.replace(b"\n", b"\r\n"))  # as a checkout may have it
    assert papers.write(root)[1] == []
    for edited in (ours + b"More.\n", ours.replace(b"matting", b"cutting", 1), ours[:-40], b""):
        (root / name).write_bytes(edited)
        papers.write(root)
        assert (root / name).read_bytes() == edited


def test_a_picture_of_a_person_s_own_card_is_kept(root: Path) -> None:
    (root / "card.jpg").write_bytes(b"mine")
    papers.write(root)
    assert (root / "card.jpg").read_bytes() == b"mine"
    papers.write(root)  # and is now the picture of a card that was made here
    assert "![" in (root / "README.md").read_text("utf-8")


def test_a_dataset_is_called_as_its_run_or_as_its_folder(root: Path, tmp_path: Path) -> None:
    assert facts.of(root).name == "drawn"
    manifest = json.loads((root / "manifest.json").read_bytes())
    manifest["run"]["name"] = "mugs"
    (root / "manifest.json").write_text(json.dumps(manifest))
    assert facts.of(root).name == "mugs"
    assert facts.of(root, "cups").name == "cups"


def test_the_card_says_what_the_records_say(root: Path) -> None:
    known = facts.of(root)
    text = card.text(known)
    _, head, body = text.split("---\n", 2)
    assert yaml.safe_load(head)["size_categories"] == ["n<1K"]
    assert "| train | 3 | 6 | 18 |" in body
    assert "- 1 category: ball (8)" in body
    assert "- drawn: CC0; drawn by the tests; nobody" in body
    sheet = datasheet.text(known)
    assert "4 images with 8 mattes and 24 sentences" in sheet
    headings = re.findall(r"(?m)^## (.*)$", sheet)
    assert len(headings) == len(set(headings)) == 9


def test_only_what_is_used_is_attributed(root: Path) -> None:
    manifest = json.loads((root / "manifest.json").read_text())
    manifest["licences"] |= {
        "unused": {"licence": "CC BY-NC 4.0", "source": "s", "credit": "c"},
        "drawn": {"licence": "not stated", "source": "s", "credit": "c"},
    }
    used = attribution.nothing_used()
    for sample in Dataset(root).samples():
        attribution.note(used, sample)
    one = min(used["foregrounds"])
    manifest["terms"] = [
        {"pack": "drawn", "licence": "CC BY-NC 4.0", "credit": "Ann", "foregrounds": [one, "x"]},
        {"pack": "drawn", "credit": "Bob", "foregrounds": ["drawn/y"]},
    ]  # fmt: skip
    found = attribution.terms(manifest, used)
    assert [(t.pack, t.licence, t.credit, t.is_own) for t in found] == [
        ("drawn", "not stated", "c", False),
        ("drawn", "CC BY-NC 4.0", "Ann", True),
    ]
    text = attribution.text(found)
    assert "unused" not in text
    assert "Bob" not in text
    assert f"- pictures: `{one}`\n" in text
    assert "**Not for commercial use, because of: drawn.**" in text
    assert "**Nobody says what is allowed with the pictures of: drawn.**" in text


def test_of_a_released_dataset_it_says_what_cannot_be_known(tmp_path: Path) -> None:
    write_rw100(tmp_path / "rw")
    written, _ = papers.write(tmp_path / "rw", tmp_path / "papers")
    assert [p.name for p in written] == ["README.md", "DATASHEET.md"]
    assert (tmp_path / "papers/card.jpg").is_file()
    text = (tmp_path / "papers/README.md").read_text("utf-8")
    assert "cannot be known from here" in text
    assert "license: unknown" in text
    assert "ask its authors" in (tmp_path / "papers/DATASHEET.md").read_text("utf-8")
    with pytest.raises(InputError, match="no such file"):
        papers.write(tmp_path / "papers")
