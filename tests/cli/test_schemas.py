"""The JSON schemas: what is stored is what the models have, and it holds of the shipped files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from refmatte_engine.cli import schemas
from refmatte_engine.config import strict_yaml
from tests.support.blocks import REPOSITORY

SHIPPED = {
    file: name
    for pattern, name in {
        "templates/runs/*.yaml": "run",
        "templates/layouts/*.yaml": "layout",
        "templates/expressions/*.yaml": "expressions",
        "templates/vocabulary/*.yaml": "vocabulary",
        "assets/pack/pack.yaml": "pack",
        "baselines/refmatte_baselines/recipes/*.yaml": "recipe",
    }.items()
    for file in sorted(REPOSITORY.glob(pattern))
}


@pytest.mark.parametrize("name", schemas.NAMES)
def test_the_stored_schema_is_the_models(name: str) -> None:
    if name == "recipe":
        pytest.importorskip("torch", reason="a recipe's model needs torch")
    same = schemas.path(name).read_text("utf-8") == schemas.text(name)
    assert same, f"{name}: out of date; run: python -m refmatte_engine.cli.schemas"


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_the_shipped_files_name_their_schema_and_keep_to_it(file: Path) -> None:
    first = file.read_text("utf-8").splitlines()[0]
    _, _, relative = first.partition("# yaml-language-server: $schema=")
    assert (file.parent / relative).resolve() == schemas.path(SHIPPED[file]).resolve()
    schema = json.loads(schemas.path(SHIPPED[file]).read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    wrong = [e.message for e in Draft202012Validator(schema).iter_errors(_plain(file))]
    assert wrong == []


LABELS = {
    "a.png": {"category": "mug", "attributes": {"clothes": [{"type": "coat", "color": "red"}]}},
    "b.jpg": {"kind": "background", "ground": [0.5, 0.9]},
}


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("run", {"splits": {"train": 4}, "layout": "demo"}, {"splits": {"train": 4}, "sede": 1}),
        ("run", {"splits": {"train": 4}, "layout": {"size": [0.1, 0.5]}}, {"splits": {}}),
        ("layout", {"canvas": {"size": [480, 640]}}, {"canvas": {"size": "backgruond"}}),
        ("labels", LABELS, {"a.png": {"categroy": "mug"}}),
        ("labels", {}, {"a.png": "mug"}),
    ],
)
def test_what_a_schema_takes_and_refuses(name: str, right: Any, wrong: Any) -> None:
    check = Draft202012Validator(json.loads(schemas.path(name).read_text("utf-8")))
    assert check.is_valid(right)
    assert not check.is_valid(wrong)


def test_the_command(cli: Callable[..., tuple[int, str, str]]) -> None:
    code, said, _ = cli("schema", "run")
    assert code == 0
    assert json.loads(said)["title"] == "run"
    code, _, err = cli("schema", "layuot")
    assert code == 2
    assert "did you mean 'layout'?" in err


def _plain(file: Path) -> Any:
    """As JSON has it: whole keys are text there."""
    return json.loads(json.dumps(strict_yaml.read_yaml(file)[0]))
