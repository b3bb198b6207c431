"""Licences of packs, of folders and of pictures: allowed or not, and told where they differ."""

from __future__ import annotations

from pathlib import Path

import pytest

from refmatte_engine.config.run import Run
from refmatte_engine.errors import InputError
from refmatte_engine.packs import catalog, listing, run_catalog, terms
from tests.conftest import disc, make_pack, write_png


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A pack of two folders under terms of their own, one picture of which has others again."""
    root = tmp_path / "mixed"
    for place, color in (
        ("a/mug/red", (9, 90, 9)),
        ("b/cup/blue", (9, 9, 90)),
        ("b/cup/red", (90, 9, 9)),
    ):
        write_png(root / f"{place}.png", disc(color))
    (root / "pack.yaml").write_text(
        "name: mixed\nlicence: CC-BY-4.0\nsource: here\ncredit: all\nsources:\n"
        "- {foregrounds: a}\n"
        "- {foregrounds: b, licence: CC BY-NC 2.0, source: there, credit: Bea}\n"
    )
    (root / "labels.yaml").write_text("b/cup/red.png: {credit: Cleo, licence: CC0-1.0}\n")
    return root


def test_terms_of_folders_and_pictures(mixed: Path) -> None:
    loaded = catalog.load([mixed])
    told = [(f.licence, f.source, f.credit) for f in loaded.foregrounds.values()]
    assert sorted(told) == [
        ("CC BY-NC 2.0", "there", "Bea"),
        ("CC-BY-4.0", "", ""),
        ("CC0-1.0", "there", "Cleo"),
    ]
    assert loaded.own_terms == terms.own(loaded.licences, loaded.foregrounds.values())
    assert loaded.own_terms == [
        {"pack": "mixed", "licence": "CC BY-NC 2.0", "source": "there", "credit": "Bea",
         "foregrounds": ["mixed/b/cup/blue"]},
        {"pack": "mixed", "licence": "CC0-1.0", "source": "there", "credit": "Cleo",
         "foregrounds": ["mixed/b/cup/red"]},
    ]  # fmt: skip


def test_only_what_is_allowed(mixed: Path, tiny_pack: Path) -> None:
    packs = [str(mixed), str(tiny_pack)]
    everything = catalog.load(packs)
    loaded = catalog.load(packs, allow_licences=["cc0", "CC-BY"])
    assert everything.foregrounds.keys() - loaded.foregrounds.keys() == {"mixed/b/cup/blue"}
    assert {i: everything.foregrounds[i] for i in loaded.foregrounds} == loaded.foregrounds
    assert listing.selected(loaded) == ["left out: 1 under 'CC BY-NC 2.0', which is not allowed"]
    assert listing.selected(everything) == []
    with pytest.raises(
        InputError,
        match="allow_licences: no foreground has a licence like 'GPL'; allowed: what there is: "
        r"'CC0-1.0' \(9 of tiny\), .*'CC BY-NC 2.0' \(1 of mixed\)",
    ):
        catalog.load(packs, allow_licences=["GPL"])
    with pytest.raises(InputError, match="no background has a licence like 'CC-BY'"):
        catalog.load(packs, allow_licences=["CC-BY"])


def test_a_split_that_is_left_empty_is_refused(tiny_pack: Path, tmp_path: Path) -> None:
    other = make_pack(tmp_path / "other", "other")
    (other / "labels.jsonl").unlink()
    for stem in ("ring/ring", "ball/ball_red"):  # not the same pictures as the other pack's
        write_png(other / "foregrounds" / f"{stem}.png", disc((9, 99, 9), 3, 0.4 + len(stem) / 50))
    packs, splits = [str(tiny_pack), str(other)], {"train": 2, "test": 2}
    rules = {"packs": {"train": ["tiny"], "test": ["tiny"]}, "shots": {"cat": 1}}
    with pytest.raises(
        InputError,
        match=r"split_by: leaves no foregrounds for the split 'test' \(9 in train; left ",
    ):
        run_catalog.of_run(Run(packs=packs, splits=splits, split_by=rules))
    rules = {"packs": {"test": ["other"]}}
    made = run_catalog.of_run(Run(packs=packs, splits={"train": 2, "test": 0}, split_by=rules))
    assert {(f.pack, f.split) for f in made.foregrounds.values()} == {
        ("tiny", "train"),
        ("other", "test"),
    }
