"""Split rules as people write them, and split files of other people."""

from __future__ import annotations

from pathlib import Path

import pytest

from refmatte_engine.config import split_rules
from refmatte_engine.config.run import load_run
from refmatte_engine.errors import InputError

FILES = {
    "a.json": '{"train": ["x", "y.png"], "test": ["z"]}',
    "b.json": '{"x": "train", "y.png": "Train", "z": "test"}',
    "c.yaml": "train: [x, y.png]\ntest: [z]\n",
    "d.csv": "\ufeffStem,split\nx,train\ny.png,train\n\nz,test\n",
    "e.tsv": "split\tfile\ntrain\tx\ntrain\ty.png\ntest\tz\n",
    "f.json": '[{"file": "x", "split": "train"}, {"stem": "y.png", "split": "train"},'
    ' {"image": "z", "category": "cat", "split": "test"}]',
}


@pytest.mark.parametrize("name", FILES)
def test_each_form_says_the_same(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(FILES[name], "utf-8")
    assert split_rules.read(tmp_path / name) == {"x": "train", "y.png": "train", "z": "test"}
    (tmp_path / "run.yaml").write_text(
        f"splits: {{train: 1, test: 1}}\nsplit_by: {{file: {name}}}\n"
    )
    rules = load_run(tmp_path / "run.yaml").split_by
    assert rules is not None
    assert rules.file == {"x": "train", "y.png": "train", "z": "test"}


def test_a_column_of_categories(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text("category,split\ncat,train\n007,test\n")
    assert split_rules.read(tmp_path / "s.csv") == {"category:cat": "train", "category:007": "test"}


@pytest.mark.parametrize(
    ("name", "text", "wrong"),
    [
        ("s.txt", "x", "is not read for splits; allowed: JSON or YAML"),
        ("s.json", '["x"]', "does not put names into splits"),
        ("s.json", '{"train": ["x"], "test": "y"}', "does not put names into splits"),
        ("s.json", '{"train": [["x"]]}', r"train: \['x'\] is no name"),
        ("s.json", '{"train": []}', "names nothing"),
        ("s.json", '{"train": ["x"', "s.json"),
        ("s.csv", "stem,set\nx,train\n", r"s.csv:1: its first line names no column split"),
        ("s.csv", "stem,split\nx,train\ny\n", "s.csv:3: does not say what is in which split"),
        ("s.csv", "stem,split\nx,train\nx,test\n", "s.csv:3: 'x' is in train and in test"),
        ("s.csv", "", "names no column split"),
        ("s.yaml", "holdout: [x]\n", "file: x: 'holdout' is no split; allowed: test, train, val"),
        ("s.yaml", "'tr ain': [x]\n", "s.yaml"),
    ],
)
def test_what_is_refused(name: str, text: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "run.yaml").write_text(f"splits: {{train: 1}}\nsplit_by: {{file: {name}}}\n")
    with pytest.raises(InputError, match=wrong) as caught:
        load_run(tmp_path / "run.yaml")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("rules", "wrong"),
    [
        ("{unseen: 1}", "split_by.unseen is about the split 'test', which splits does not have"),
        ("{unseen: []}", "it names nothing; leave it out"),
        ("{packs: {dev: [a]}}", "split_by.packs.dev: 'dev' is no split"),
        ("{file: gone.csv}", "run.yaml:2: split_by.file: there is no file 'gone.csv'"),
        ("{shot: 1}", "shot"),
    ],
)
def test_rules_that_do_not_fit_the_run(rules: str, wrong: str, tmp_path: Path) -> None:
    (tmp_path / "run.yaml").write_text(f"splits: {{train: 1}}\nsplit_by: {rules}\n")
    with pytest.raises(InputError, match=wrong):
        load_run(tmp_path / "run.yaml")
