"""What a training does on a GPU. Where there is none, what may run on the CPU does, and the rest is
skipped. Memory and speed are printed (`-s`), never asserted."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from refmatte_baselines import kinds
from refmatte_baselines.training import loop as training
from refmatte_baselines.training.recipe import Recipe, load_recipe
from tests.support.released import write_refmatte

pytestmark = pytest.mark.slow
ON_GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
RECIPE = Recipe(
    preset="minimal",
    texts=2,
    warm_up=1,
    crop=0,
    phases=[{"steps": 4, "batch": 2, "size": 64}],
    precision="no",
    workers=0,
    validate_every=4,
    validate_pictures=1,
    save_every=1,
)


class Killed(Exception):
    pass


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=ON_GPU)])
@pytest.mark.parametrize("precision", ["no", pytest.param("fp16", marks=ON_GPU)])
def test_a_killed_training_goes_on_exactly(tmp_path: Path, device: str, precision: str) -> None:
    """And a second one is the same: with fp16 the gradient's scaler is resumed as well."""
    if (device, precision) == ("cpu", "fp16"):
        pytest.skip("fp16 is for GPUs")
    recipe = RECIPE.model_copy(update={"precision": precision})
    data = str(write_refmatte(tmp_path / "data"))
    train = partial(training.train, recipe, [data], cpu=device == "cpu")

    def kill(done: int, _total: int, _values: object) -> None:
        if done == 2:
            raise Killed

    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        train(tmp_path / "whole")
        with pytest.raises(Killed):
            train(tmp_path / "killed", progress=kill)
        train(tmp_path / "killed")
    finally:
        torch.use_deterministic_algorithms(False)
    stored = "last/model.safetensors"
    whole, killed = (load_file(tmp_path / name / stored) for name in ("whole", "killed"))
    for name, weight in whole.items():
        if device == "cpu":
            assert torch.equal(weight, killed[name])
        else:
            torch.testing.assert_close(weight, killed[name], atol=1e-5, rtol=1e-4)


@ON_GPU
@pytest.mark.parametrize("name", ["paper_b16", "paper_l14"])
def test_memory_and_speed_of_the_paper_s_recipes(name: str) -> None:
    """With random towers, at the recipe's size, pictures at once and texts."""
    recipe = load_recipe(name)
    phase, config = recipe.phases[0], recipe.architecture()
    model = kinds.network(config.model_copy(update={"pretrained": None})).cuda().train()
    model.visual.set_grad_checkpointing(recipe.save_memory)
    optimizer = torch.optim.AdamW(model.parameters(), recipe.rate, fused=True)
    pictures = phase.at_once or phase.batch
    image = torch.rand(pictures, 3, phase.size, phase.size, device="cuda")
    tokens = model.reader.tokens(["the red mug on the left"], "expression").cuda()
    tokens = tokens.expand(pictures * recipe.texts, -1)
    torch.cuda.reset_peak_memory_stats()
    begun = 0.0
    for step in range(6):
        if step == 1:  # the first one finds its kernels
            torch.cuda.synchronize()
            begun = time.monotonic()
        with torch.autocast("cuda", torch.bfloat16):
            said = model(image, tokens)
        optimizer.zero_grad()
        (said.trimap.float().mean() + said.parts["details"].float().mean()).backward()
        optimizer.step()
    torch.cuda.synchronize()
    pace = 5 * pictures / (time.monotonic() - begun)
    most = torch.cuda.max_memory_allocated() / 2**30
    card = torch.cuda.get_device_name()
    print(f"{name}, {card}: {pace:.2f} pictures/s of {recipe.texts} texts, {most:.1f} GiB at most")
    assert said.alpha.isfinite().all()
