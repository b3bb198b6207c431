"""Other people's files of categories: read by stem, with the line of what cannot be read."""

import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.packs import pack
from refmatte_engine.packs.category_file import Categories

HEAD = "name: p\nlicence: x\nsource: x\ncredit: x\nforegrounds: original\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '{"a": "cat"}'),
        ("c.json", '\ufeff{"A.jpg": {"category": "cat"}}'),
        ("c.json", '[{"file": "original/a.jpg", "label": "cat"}, {"x": 1}]'),
        ("c.csv", "a,cat\n"),
        ("c.csv", "id,stem,category\n7,a,cat\n"),
        ("c.csv", "class,name\ncat,a.png\n\n"),
        ("c.tsv", "a\tcat\n"),
    ],
)
def test_categories_are_found_by_stem(tmp_path, name, text):
    (tmp_path / name).write_text(text, "utf-8")
    found = Categories.read(tmp_path / name)
    assert found.of("original/a.jpg") == {"category": "cat"}
    assert found.of("original/b.jpg") == {}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.json", "{\n,", r"c.json:2: is not valid JSON"),
        ("c.json", "{}", "names no category; allowed: JSON"),
        ("c.json", "3", "does not name categories by stem; allowed: JSON"),
        ("c.json", '{"a": 3, "b": ""}', "names no category"),
        ("c.csv", "", "names no category"),
        ("c.csv", "a,b,c\n", r"c.csv:1: its first line names no column category \(a, b, c\)"),
        ("c.csv", b"\xff\xfe\x00", "is not text"),
        ("c.xlsx", "x", "is not read for categories"),
        ("gone.json", None, "cannot be read"),
    ],
)
def test_what_names_none_is_refused(tmp_path, name, text, message):
    if text is not None:
        (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=message):
        Categories.read(tmp_path / name)


def test_the_file_comes_between_defaults_and_labels(tmp_path):
    for stem in "abcd":
        (tmp_path / "original").mkdir(exist_ok=True)
        (tmp_path / f"original/{stem}.png").touch()
    (tmp_path / "types.json").write_text(
        '{"a": {"type": "SO", "category": "bear"}, "b": {"type": "NS", "category": "web"},'
        ' "c": {"type": "STM", "category": "dandelion"}}'
    )
    (tmp_path / "labels.yaml").write_text("b: {category: net, attributes: {color: white}}\n")
    text = f"{HEAD}category_from: types.json\ndefaults: {{category: thing}}\n"
    (tmp_path / "pack.yaml").write_text(text)
    found = pack.read(tmp_path)
    assert not found.problems
    assert not found.notes
    assert [(p.label.category, p.label.attributes) for p in found.foregrounds] == [
        ("bear", {"salient": "true", "transparent": "false"}),
        ("net", {"salient": "false", "color": "white"}),
        ("dandelion", {"salient": "true"}),
        ("thing", {}),
    ]


def test_a_file_of_other_stems_is_a_problem(tmp_path):
    (tmp_path / "original").mkdir()
    (tmp_path / "original/a.png").touch()
    (tmp_path / "types.json").write_text('{"x": "cat"}')
    (tmp_path / "pack.yaml").write_text(f"{HEAD}category_from: types.json\n")
    (problem,) = pack.read(tmp_path).problems
    assert str(problem) == (
        f"{tmp_path / 'types.json'}: names none of the pictures in original, such as "
        "'original/a.png'; it names x"
    )
