"""The paper's table on an imitation of the released data, with tiny settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from refmatte_baselines import kinds, reproduce
from refmatte_baselines.training.recipe import load_recipe
from refmatte_engine.errors import InputError
from tests.support.released import write_refmatte, write_rw100

torch.set_num_threads(1)

Cli = Callable[..., tuple[int, str, str]]
NAMED = ({"category": "mug"}, {"category": "bear"}, {"category": "hat"})


@pytest.mark.parametrize("model", reproduce.MODELS)
def test_every_model_is_made_by_a_recipe_that_is_there(model: str) -> None:
    made = reproduce.MODELS[model]
    assert {made.preset, made.small} <= kinds.presets().keys()
    assert load_recipe(made.recipe).model_copy(update={"preset": made.preset}).architecture()
    assert reproduce.recipe_of(made, smoke=True).steps == 2


@pytest.mark.parametrize("model", ["clipmat-b16", "clipseg", "mdetr"])
def test_the_three_boards(cli: Cli, tmp_path: Path, model: str) -> None:
    refmatte, rw100 = write_refmatte(tmp_path / "a", NAMED), write_rw100(tmp_path / "b" / "deeper")
    words = ("--refmatte", refmatte, "--rw100", rw100.parent, "--out", tmp_path / "out", "--smoke")
    code, out, err = cli("reproduce", model, *words, "--device", "cpu", "--workers", 1)
    assert (code, err.count("expected: ")) == (0, 1)
    for row in ("keyword | 5 |", "expression | 20 |", "RW100 | 5 |", "| CLIPMat L/14 | 88.52"):
        assert row in out, row
    assert "recalled, not checked" in out
    assert "these figures say nothing" in out
    assert (tmp_path / "out/RESULTS.md").read_text().startswith(f"| {model} on | texts | SAD")
    code, again, _ = cli("reproduce", model, *words, "--device", "cpu", "--workers", 1)
    assert (code, again) == (0, out)  # nothing is trained again


def test_without_names_there_is_no_keyword_board(tmp_path: Path) -> None:
    boards = reproduce.found(write_refmatte(tmp_path / "a"), write_rw100(tmp_path / "b"))
    assert boards.keyword is None
    assert (len(boards.expression), len(boards.rw100)) == (20, 5)
    called = write_refmatte(tmp_path / "c", [{"name": each["category"]} for each in NAMED])
    assert reproduce.found(called, tmp_path / "b").keyword is None
    named = reproduce.found(called, tmp_path / "b", "name").keyword
    assert named is not None
    assert {row.text for row in named} == {"mug", "bear", "hat"}


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda a, b: (b / reproduce.INDEX).unlink(), "has no eval_index_expression.json"),
        (lambda a, b: (a / "test").rename(a.parent / "gone"), "test"),
        (lambda a, b: (a / "train").rename(a.parent / "gone"), "train"),
    ],
)
def test_folders_that_are_half_there(
    tmp_path: Path, harm: Callable[[Path, Path], object], message: str
) -> None:
    refmatte, rw100 = write_refmatte(tmp_path / "a"), write_rw100(tmp_path / "b")
    harm(refmatte, rw100)
    with pytest.raises(InputError, match=message):
        reproduce.found(refmatte, rw100)


def test_an_unknown_model(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"clipmat-b15: is no model .*did you mean 'clipmat-b16'"):
        reproduce.reproduce("clipmat-b15", tmp_path, tmp_path, tmp_path / "out")
