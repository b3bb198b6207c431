"""Rows: which texts of a dataset are evaluated, and what their predictions are called."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.dataset.refmatte_layout import label_entries
from refmatte_engine.errors import InputError
from refmatte_engine.records import Clause, Expression, Sample, to_json
from refmatte_engine.scoring import rows
from tests.support.drawn import drawn_dataset
from tests.support.released import write_refmatte, write_rw100


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


def test_what_is_changed_and_which_texts_tell_twins_apart(tmp_path: Path) -> None:
    first, second = drawn_dataset(tmp_path, {"train": 2}, "apple")
    apple, red = Clause("category", "apple"), Clause("attribute", "color", "red")
    some, none = replace(apple, left_after=(1,)), replace(red, left_after=())

    def text(said: str, meant: tuple[int, ...], *program: Clause) -> Expression:
        return Expression(said, "basic" if meant else "none", program, meant)

    programs = {"one": (some, none), "two": (apple,), "three": (some, Clause("position", "left"))}
    first = replace(
        first,
        twin=second.name,
        expressions=(
            text("the red apple", (1,)),
            text("the apple", (1,)),
            text("the far apple", (2,)),
            *(text(said, (), *program) for said, program in programs.items()),
        ),
    )
    turned = replace(second.entities[1], foreground=first.entities[0].foreground)
    second = replace(
        second,
        twin=first.name,
        entities=(replace(second.entities[0], foreground="another"), turned),
        expressions=(
            text("the red apple", (1,)),
            text("the apple", (2,)),
            text("the far apple", (), some, none),
        ),
    )
    lines = (json.dumps(to_json(sample)) + "\n" for sample in (first, second))
    (tmp_path / "train" / "samples.jsonl").write_text("".join(lines))
    found = rows.read(tmp_path)
    changed = {row.text: row.changed for row in found if row.image_name == first.name}
    assert [changed[each] for each in programs] == ["color", "category", "position"]
    assert not any(row.changed for row in found if row.referents)
    # "the apple" is the same one in both pictures, wherever it is now.
    apart = [(row.image_name, row.text) for row in found if row.twin]
    texts = "the red apple", "the far apple"
    assert apart == [(sample.name, each) for sample in (first, second) for each in texts]
    assert {row.twin for row in found} == {"", first.name}


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


def test_released_labels_may_call_a_keyword_something_else(ours: Path, tmp_path: Path) -> None:
    more = ({"entity name": "cat"}, {"entity name": "dog", "keyword": "x"}, {})
    root = write_refmatte(tmp_path / "RefMatte", more)
    found = rows.read(root, split="test", setting="keyword", keyword_field="entity name")
    assert [row.text for row in found] == ["cat", "dog"] * 2
    assert found.keyword_field == "entity name"
    said = r"_label\.json: has no key 'entity_name'; allowed: image_name, expressions, entity name"
    with pytest.raises(InputError, match=f"{said}, keyword; did you mean 'entity name'"):
        rows.read(root, keyword_field="entity_name")
    with pytest.raises(
        InputError, match=r"rim_test_0a1b2c30_1: expressions is \['the red th.*text"
    ):
        rows.read(root, keyword_field="expressions")
    with pytest.raises(InputError, match="has keywords of its own; leave out --keyword-field"):
        rows.read(ours, keyword_field="name")
    with pytest.raises(InputError, match=r"no keywords; .* say with --keyword-field"):
        rows.read(write_refmatte(tmp_path / "none"), setting="keyword")


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
    with pytest.raises(InputError, match=r"picks no expression for 1b_photo_1, 1b_photo_2$"):
        rows.read(root, index=index)
    for wrong in ([1], {"0a_photo": "last"}, {"0a_photo": True}):
        index.write_text(json.dumps(wrong))
        with pytest.raises(InputError, match="is not an expression index; allowed: whole numbers"):
            rows.read(root, index=index)
    with pytest.raises(InputError, match="no index with the keyword setting"):
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
            r"label.json: a: image_name: 1 is not allowed",
        ),
        (
            lambda root: (root / "refmatte_rw100_label.json").write_text("{"),
            ":1: is not valid",
        ),
        (
            lambda root: (root / "refmatte_rw100_label.json").write_text("[1]"),
            "is not a label file",
        ),
        (lambda root: (root / "refmatte_rw100_label.json").write_text("[" * 9999), "too deeply"),
        (lambda root: (root / "refmatte_rw100_label.json").write_text("{}"), "has no rows"),
        (
            lambda root: (root / "refmatte_rw100_label.json").unlink(),
            "is not a dataset folder; allowed",
        ),
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


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_json_as_windows_saves_it_is_read(tmp_path: Path, ours: Path, encoding: str) -> None:
    root = write_rw100(tmp_path / "rw")
    for path in (root / "refmatte_rw100_label.json", root / "eval_index_expression.json"):
        path.write_text(path.read_text("utf-8"), encoding)
    assert len(rows.read(root, index=root / "eval_index_expression.json")) == 5
    before = rows.read(ours)
    for path in (ours / "manifest.json", ours / "train/samples.jsonl"):
        own = encoding if path.suffix == ".json" else "utf-8-sig"
        path.write_text(path.read_text("utf-8"), own)
    assert rows.read(ours) == before


THINGS = 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Sample]:
    """A dataset of one image whose texts a test replaces, and its sample."""
    root = tmp_path_factory.mktemp("texts")
    sample = drawn_dataset(root, {"train": 1})[0]
    things = (replace(sample.entities[0], index=k) for k in range(1, THINGS + 1))
    for k in range(1, THINGS + 1):
        (root / f"train/mask/{sample.name}_{k}.png").touch()
    return root, replace(sample, entities=tuple(things))


kinds = st.sampled_from(["keyword", "keyword", "basic", "relative", "group", "none"])
some_of_them = st.sets(st.integers(1, THINGS)).map(lambda found: tuple(sorted(found)))


@given(st.lists(st.tuples(kinds, some_of_them), max_size=12))
@settings(max_examples=60, deadline=None)
def test_the_label_file_and_the_samples_ask_the_same(
    folder: tuple[Path, Sample], said: list[tuple[str, tuple[int, ...]]]
) -> None:
    """Who reads the label file alone, as existing loaders do, and who reads the samples."""
    root, sample = folder
    # As each thing gets one name, no two names can mean the same thing and nothing else.
    names = {meant for kind, meant in said if kind == "keyword" and len(meant) == 1}
    texts = [(k, m) for k, m in said if k != "keyword" or len(m) > 1]
    texts += [("keyword", meant) for meant in sorted(names)]
    texts.append(("basic", (1,)))
    sample = replace(
        sample,
        expressions=tuple(
            Expression(f"text {number}", kind, (), meant)
            for number, (kind, meant) in enumerate(texts)
        ),
    )
    record = to_json(sample)
    (root / "train/samples.jsonl").write_text(json.dumps(record))
    (root / "train/refmatte_train_label.json").write_text(json.dumps(dict(label_entries(record))))
    ours, theirs = rows.read(root).rows, rows.read(root / "train").rows
    alone = [row for row in ours if len(row.referents) == 1]
    assert [replace(row, level="") for row in alone] == list(theirs)
    # And that is every text that means one thing, and every other but a name that means several.
    expected = [
        (e.kind, e.text, tuple(k - 1 for k in e.referents))
        for e in sample.expressions
        if e.kind != "keyword" or len(e.referents) == 1
    ]
    assert sorted((row.kind, row.text, row.referents) for row in ours) == sorted(expected)
    assert len({row.name for row in ours}) == len(ours)


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "a/b", "a\\b", "..", ""])
@pytest.mark.parametrize("what", ["stem", "image_name"])
def test_no_path_is_made_of_a_name_in_a_label_file(tmp_path: Path, name: str, what: str) -> None:
    path = tmp_path / "refmatte_test_label.json"
    stem, image = (name, "a") if what == "stem" else ("a_1", name)
    path.write_text(json.dumps({stem: {"image_name": image, "expressions": []}}))
    with pytest.raises(InputError, match=r"_label\.json: .* is not a file name; allowed"):
        rows.read(tmp_path)
