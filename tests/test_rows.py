"""Rows: which texts of a dataset are evaluated, and what their predictions are called."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from refmatte_engine import rows
from refmatte_engine.errors import InputError
from refmatte_engine.records import Clause, Expression, to_json
from tests.drawn import drawn_dataset
from tests.released import write_refmatte, write_rw100


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    """Two images in train, one in test; the first has keywords, a group and a near miss."""
    root = tmp_path / "ours"
    first, *others = drawn_dataset(root, {"train": 2, "test": 1}, "apple")
    clause = (Clause("category", "apple"),)
    first = replace(
        first,
        expressions=(
            Expression("apple", "keyword", clause, (1,)),
            *first.expressions,
            Expression("toy", "keyword", clause, (1, 2)),
            Expression("both", "group", clause, (1, 2)),
            Expression("the purple ball", "none", clause, ()),
        ),
    )
    lines = (json.dumps(to_json(sample)) + "\n" for sample in (first, others[0]))
    (root / "train" / "samples.jsonl").write_text("".join(lines))
    return root


def names(found: rows.Rows) -> list[str]:
    return [row.name for row in found]


def test_our_dataset(ours: Path) -> None:
    found = rows.read(ours, split="train")
    assert found.mode == "keywords and expressions, split train"
    assert len(found) == 6 + 3 + 6
    by_name = {row.name: row for row in found}
    assert len(by_name) == len(found)
    stem = found.rows[0].image_name
    # Files are called by the index in the label file's expressions, which holds no keyword.
    labels = json.loads((ours / "train" / "refmatte_train_label.json").read_text())
    for row in found:
        if row.referents and row.expression.isdigit() and not row.mask_stem.endswith("_0"):
            assert labels[row.mask_stem]["expressions"][int(row.expression)] == row.text
            assert row.alphas[row.referents[0]].stem == row.mask_stem
            assert len(row.alphas) == 2
            assert all(path.is_file() for path in (*row.alphas, row.image))
    keyword = by_name[f"{stem}_1_keyword"]
    assert (keyword.text, keyword.kind, keyword.category) == ("apple", "keyword", "apple")
    # A keyword that two things may be called is no row.
    assert f"{stem}_2_keyword" not in by_name
    both, none = by_name[f"{stem}_0_0"], by_name[f"{stem}_0_1"]
    assert (both.kind, both.referents, both.category) == ("group", (0, 1), "")
    assert (none.kind, none.referents, none.text) == ("none", (), "the purple ball")
    assert {row.level for row in found} == {"plain", "twins"}


def test_settings_kinds_and_splits_choose_rows(ours: Path) -> None:
    assert len(rows.read(ours)) == 15 + 6
    keywords = rows.read(ours, setting="keyword")
    assert [row.text for row in keywords] == ["apple"]
    assert keywords.mode == "keywords"
    expressions = rows.read(ours, setting="expression")
    assert len(expressions) == 14 + 6
    chosen = rows.read(ours, kinds=["basic", "none"], split="train")
    assert Counter(row.kind for row in chosen) == {"basic": 4, "none": 1}
    assert chosen.mode == "texts of kind basic or none, split train"


def test_released_refmatte(tmp_path: Path) -> None:
    root = write_refmatte(tmp_path / "RefMatte")
    found = rows.read(root)
    assert len(found) == 2 * 5 * 4
    first = rows.read(root, split="test").rows[0]
    assert first.name == "rim_test_0a1b2c30_1_0"
    assert first.image == root / "test" / "img" / "rim_test_0a1b2c30.jpg"
    assert [path.name for path in first.alphas] == [f"rim_test_0a1b2c30_{k}.png" for k in (1, 2, 3)]
    assert (first.referents, first.kind, first.category) == ((0,), "expression_0", "")
    assert rows.read(root / "test").rows == rows.read(root, split="test").rows
    with pytest.raises(InputError, match=r"has no split 'val'; allowed: test, train"):
        rows.read(root, split="val")
    with pytest.raises(InputError, match="has no categories, so no keywords"):
        rows.read(root, setting="keyword")


def test_a_keyword_is_a_row_where_no_other_entity_has_it(tmp_path: Path) -> None:
    more = ({"category": "cat"}, {"category": "dog", "keyword": "puppy"}, {"category": "cat"})
    found = rows.read(write_refmatte(tmp_path, more), split="test", setting="keyword")
    assert [(row.name, row.text) for row in found] == [
        ("rim_test_0a1b2c30_2_keyword", "puppy"),
        ("rim_test_0a1b2c31_1_keyword", "cat"),
        ("rim_test_0a1b2c31_2_keyword", "puppy"),
    ]
    more = ({"category": "cat", "keyword_unique": False, "kinds": ["a", "b", "c", "d"]}, {}, {})
    found = rows.read(write_refmatte(tmp_path / "ours", more), split="test")
    assert not [row for row in found if row.kind == "keyword"]
    assert [row.kind for row in found][:5] == ["a", "b", "c", "d", "expression_0"]


@pytest.mark.parametrize("image", ["image", "img"])
def test_rw100_in_both_spellings(tmp_path: Path, image: str) -> None:
    root = write_rw100(tmp_path / "RefMatte_RW_100", image)
    found = rows.read(root)
    assert len(found) == 5 * 4
    assert found.rows[0].image == root / image / "0a_photo.jpg"
    picked = rows.read(root, index=root / "eval_index_expression.json")
    assert names(picked) == [f"0a_photo_{k}_3" for k in (1, 2, 3)] + [
        f"1b_photo_{k}_1" for k in (1, 2)
    ]
    assert picked.mode == "the expressions that eval_index_expression.json picks"


def test_an_index_may_go_by_mask_stem_and_must_name_all(tmp_path: Path) -> None:
    root, index = write_rw100(tmp_path / "rw"), tmp_path / "index.json"
    index.write_text(json.dumps({"0a_photo": 0, "1b_photo": 0, "0a_photo_2": 2}))
    assert names(rows.read(root, index=index))[:3] == [
        "0a_photo_1_0",
        "0a_photo_2_2",
        "0a_photo_3_0",
    ]
    index.write_text(json.dumps({"0a_photo": 0, "1b_photo_2": 9}))
    with pytest.raises(InputError, match=r"picks no expression of 1b_photo_1, 1b_photo_2$"):
        rows.read(root, index=index)
    with pytest.raises(InputError, match="no index in the keyword setting"):
        rows.read(root, index=index, setting="keyword")


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda root: (root / "mask" / "0a_photo_2.png").unlink(), r"0a_photo_2.png: no such file"),
        (lambda root: (root / "image" / "1b_photo.jpg").unlink(), "no image '1b_photo' in img or"),
        (
            lambda root: (root / "refmatte_rw100_label.json").write_text(
                '{"a": {"image_name": 1}}'
            ),
            r"label.json: a.image_name: Input should be a valid string",
        ),
        (lambda root: (root / "refmatte_rw100_label.json").write_text("{"), "Invalid JSON"),
        (lambda root: (root / "refmatte_rw100_label.json").write_text("{}"), "has no rows"),
        (lambda root: (root / "refmatte_rw100_label.json").unlink(), "holds no dataset; allowed"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, break_it: object, said: str) -> None:
    root = write_rw100(tmp_path)
    break_it(root)  # type: ignore[operator]
    with pytest.raises(InputError, match=said):
        rows.read(root)


def test_an_unknown_kind_is_named(ours: Path) -> None:
    with pytest.raises(InputError, match=r"has no 'basik' rows; allowed: absolute.*'basic'\?"):
        rows.read(ours, kinds=["basik"])
    with pytest.raises(InputError, match=r"has no rows \(keywords, split test\)"):
        rows.read(ours, setting="keyword", split="test")


def test_a_dataset_that_lost_something_is_no_dataset(ours: Path) -> None:
    samples, manifest = ours / "train/samples.jsonl", ours / "manifest.json"
    whole = samples.read_text()
    samples.write_text(whole.splitlines(keepends=True)[0])
    with pytest.raises(InputError, match=r"has 1 samples; allowed: the manifest's 2"):
        rows.read(ours)
    samples.write_text(whole.replace('"referents": [1, 2]', '"referents": [1, 9]'))
    with pytest.raises(InputError, match=r"jsonl:1: has a text that means entity 9, which"):
        rows.read(ours)
    samples.write_text(whole)
    about = json.loads(manifest.read_text())
    for damage in ({"run": {}}, {"splits": "test"}, {"splits": {"train": 2}}):
        manifest.write_text(json.dumps(about | damage))
        with pytest.raises(InputError, match=r"manifest\.json: is not the manifest of a dataset"):
            rows.read(ours)
