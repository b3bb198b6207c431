"""Models compared alike, in small."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from refmatte_baselines import compare, kinds
from refmatte_baselines.training.recipe import load_recipe
from tests.support.released import write_refmatte

torch.set_num_threads(1)

Cli = Callable[..., tuple[int, str, str]]
NAMED = ({"category": "mug"}, {"category": "bear"}, {"category": "hat"})
RECIPE = """preset: minimal
texts: 1
workers: 0
crop: 0
validate_every: 1
validate_pictures: 1
model: {popup_width: 32, size: 64}
losses: {alpha_iou: 1}
phases: [{steps: 2, batch: 1, size: 64}]
"""


def test_each_model_is_trained_with_each_seed(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, recipe = write_refmatte(tmp_path / "data", NAMED), tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE)
    words = ("compare", recipe, "--data", data, "--test", data, "--out", tmp_path / "out")
    more = ("--preset", "minimal", "--seeds", "2", "--device", "cpu")
    code, out, _ = cli(*words, *more)
    assert code == 0
    assert (tmp_path / "out/RESULTS.md").read_text() == out
    assert "| minimal | " in out
    assert out.count(" ± ") >= 6
    for seed in (0, 1):
        curve = (tmp_path / f"out/minimal/seed_{seed}/curve.jsonl").read_text().splitlines()
        assert [json.loads(line)["step"] for line in curve] == [1, 2]
    monkeypatch.setattr(compare, "evaluate", None)  # what was scored is not scored again
    code, again, _ = cli(*words, *more)
    assert (code, again) == (0, out)
    code, _, err = cli(*words, "--preset", "minimum")
    assert (code, "did you mean 'minimal'" in err) == (2, True)


@pytest.mark.parametrize("preset", kinds.presets())
def test_a_recipe_fits_every_model_by_what_that_has_a_place_for(preset: str) -> None:
    made = compare.of_preset(load_recipe("ablation"), preset)
    assert made.preset == preset
    assert made.losses.keys() <= kinds.described(kinds.presets()[preset].kind).LOSSES.keys()


def test_one_of_each_kind_is_compared_where_nothing_else_is_said() -> None:
    assert {kinds.presets()[name].kind for name in compare.DEFAULT} == set(kinds.KINDS)


def test_equal_seconds_are_read_between_validations() -> None:
    slow = [{"step": 10, "seconds": 100.0, "soft_iou": 0.5}]
    fast = [{"step": n, "seconds": 5.0 * n, "soft_iou": n / 20} for n in range(1, 11)]
    table = compare.at_equal_seconds({"slow": [slow], "fast": [fast]})
    assert "| 12 s | 25 s | 50 s |" in table
    assert "| slow | 0.0625 | 0.125 | 0.25 | 10 |" in table
    assert "| fast | 0.125 | 0.25 | 0.5 | 5 |" in table
