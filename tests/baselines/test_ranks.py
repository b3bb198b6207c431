"""Processes that were started together do what one does alone: on the CPU, where they talk by
gloo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from refmatte_baselines import kinds, ranks
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.training.recipe import Recipe
from refmatte_baselines.weights import save
from tests.support.released import write_refmatte

Cli = Callable[..., tuple[int, str, str]]
# Batches of one picture each, all of one size, so that two processes see what one sees in turn.
RECIPE = Recipe(
    preset="minimal",
    texts=2,
    warm_up=0,
    crop=0,
    aspect=1,
    phases=[{"steps": 1, "batch": 2, "at_once": 1, "size": 64}],
    precision="no",
    workers=0,
    validate_pictures=3,
)
TRAINED = """
import json, sys
from pathlib import Path
import torch
from accelerate import Accelerator
from safetensors.torch import save_file
from refmatte_baselines import kinds
from refmatte_baselines.data.pictures import source
from refmatte_baselines.ranks import started
from refmatte_baselines.training import loop, validation
from refmatte_baselines.training.recipe import load_recipe

recipe, data, out = sys.argv[1], sys.argv[2], Path(sys.argv[3])
torch.set_num_threads(1)
clip = Accelerator.clip_grad_norm_

def keeping(self, parameters, most):
    parameters = list(parameters)
    if started().is_first:
        own = {str(i): p.grad.contiguous() for i, p in enumerate(parameters) if p.grad is not None}
        save_file(own, f"{out}.safetensors")
    return clip(self, parameters, most)

Accelerator.clip_grad_norm_ = keeping
loop.train(load_recipe(recipe), [data], out, cpu=True)
torch.manual_seed(0)
model = kinds.network(kinds.presets()["minimal"]).eval()
found, sheet = validation.validate(model, [source(data, 0)], 3, 64, 2)
Path(f"{out}.{started().rank}.json").write_text(json.dumps([found, sheet.png.hex()]))
"""


def alone_and_together(tmp_path: Path, *words: object) -> tuple[str, str]:
    """What a command says on stdout, of one process and of two; `OUT` in it is their folder."""
    together = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
    said = []
    for name, how in (("alone", ()), ("together", together)):
        done = subprocess.run(
            [sys.executable, *how, *(str(w).replace("OUT", str(tmp_path / name)) for w in words)],
            capture_output=True,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        assert done.returncode == 0, done.stderr
        said.append(done.stdout.replace(str(tmp_path / name), "OUT"))
    return said[0], said[1]


def test_one_process_is_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    with ranks.joined() as place:
        assert place == ranks.Place()
        assert place.is_first
        assert ranks.gathered("mine") == ["mine"]
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert ranks.started() == ranks.Place(1, 2)
    assert not ranks.started().is_first


@pytest.mark.slow
def test_two_processes_have_the_gradient_and_the_validation_of_one(tmp_path: Path) -> None:
    data, recipe, script = write_refmatte(tmp_path / "data"), tmp_path / "r.yaml", tmp_path / "t.py"
    recipe.write_text(RECIPE.model_dump_json(exclude_defaults=True))
    script.write_text(TRAINED)
    alone_and_together(tmp_path, script, recipe, data, "OUT")
    alone, together = (load_file(tmp_path / f"{n}.safetensors") for n in ("alone", "together"))
    assert alone.keys() == together.keys()
    for name, gradient in alone.items():
        torch.testing.assert_close(together[name], gradient, atol=1e-6, rtol=1e-3)
    said = {(tmp_path / f"{n}.json").read_text() for n in ("alone.0", "together.0", "together.1")}
    assert len(said) == 1
    curves = [
        json.loads((tmp_path / name / "curve.jsonl").read_text()) for name in ("alone", "together")
    ]
    assert curves[0].keys() == curves[1].keys()


@pytest.mark.slow
def test_two_processes_predict_and_score_as_one(tmp_path: Path) -> None:
    data = write_refmatte(tmp_path / "data")
    torch.manual_seed(0)
    config = PRESETS["minimal"].model_copy(update={"presence": True})
    model = save(kinds.network(config), tmp_path / "model")
    few = ("--split", "test", "--device", "cpu")
    alone_and_together(
        tmp_path, "-m", "refmatte_engine", "predict", model, data, "--out", "OUT", *few
    )
    alone, together = (
        {
            p.name: sorted(p.read_bytes().split(b"\n")) if p.suffix == ".csv" else p.read_bytes()
            for p in (tmp_path / name).iterdir()
        }
        for name in ("alone", "together")
    )
    assert len(alone) > 4
    assert "presence.csv" in alone
    assert alone == together
    scored = alone_and_together(
        tmp_path, "-m", "refmatte_engine", "evaluate", model, data, *few, "--json"
    )
    assert scored[0] == scored[1]
