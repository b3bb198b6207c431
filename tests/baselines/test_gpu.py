"""What a training does on a GPU. Where there is none, what may run on the CPU does, and the rest is
skipped. Memory and speed are printed (`-s`), never asserted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from refmatte_baselines import kinds
from refmatte_baselines.answering import Predictor
from refmatte_baselines.data.batches import Batch, Batches, loader
from refmatte_baselines.data.pictures import source
from refmatte_baselines.predictor import Device, Options
from refmatte_baselines.ranks import Place
from refmatte_baselines.training import loop as training
from refmatte_baselines.training.recipe import Recipe, load_recipe
from refmatte_baselines.weights import save
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


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=ON_GPU)])
def test_what_is_answered_deterministically_is_the_same_each_time(
    tmp_path: Path, device: Device
) -> None:
    """Whatever else is asked, bit for bit."""
    checkpoint = save(kinds.network(kinds.presets()["minimal"]), tmp_path)
    picture = np.random.default_rng(0).integers(0, 256, (80, 60, 3)).astype(np.uint8)
    one, other = (Predictor(checkpoint, Options(device, deterministic=True)) for _ in range(2))
    alone = one.alpha(picture, "a mug")
    _, again = other.alphas(picture, ["the dog on the left", "a mug"], "expression")
    assert np.array_equal(alone, again)


@ON_GPU
@pytest.mark.parametrize("name", ["paper_b16", "paper_l14"])
def test_memory_and_speed_of_the_paper_s_recipes(name: str, tmp_path: Path) -> None:
    """With random towers, at the recipe's size, pictures at once and texts; and of its loader, with
    its workers, which should be the quicker one."""
    recipe = load_recipe(name)
    phase, config = recipe.phases[0], recipe.architecture()
    model = kinds.network(config.model_copy(update={"pretrained": None})).cuda().train()
    model.visual.set_grad_checkpointing(recipe.save_memory)
    optimizer = torch.optim.AdamW(model.parameters(), recipe.rate, fused=True)
    counted = recipe.with_steps(256)
    sources = [source(str(write_refmatte(tmp_path)), 0, colors=True)]
    batches = Batches(sources, counted, Place(), model.patch, model.reader)
    torch.cuda.reset_peak_memory_stats()

    def learn(batch: Batch) -> int:
        with torch.autocast("cuda", torch.bfloat16):
            said = model(batch.image.cuda().float() / 255, batch.tokens.cuda())
        optimizer.zero_grad()
        (said.trimap.float().mean() + said.parts["details"].float().mean()).backward()
        optimizer.step()
        assert said.alpha.isfinite().all()
        return len(batch.names)

    def pace(work: Callable[[Batch], int], made: Iterable[Batch]) -> float:
        """Pictures a second, after the first batch, which finds its kernels or workers."""
        turns = iter(made)
        work(next(turns))
        torch.cuda.synchronize()
        begun, pictures = time.monotonic(), sum(map(work, turns))
        torch.cuda.synchronize()
        return pictures / (time.monotonic() - begun)

    made = list(islice(loader(batches, 0, 2, 0), 6))
    steps = pace(learn, made)
    loads = pace(lambda batch: len(batch.names), loader(batches, 0, 8, recipe.workers))
    most = torch.cuda.max_memory_allocated() / 2**30
    card = torch.cuda.get_device_name()
    print(
        f"{name}, {card}: {steps:.2f} pictures/s of {recipe.texts} texts, {most:.1f} GiB at most;"
    )
    print(f"its loader: {loads:.2f} pictures/s of {phase.size} px with {recipe.workers} workers")
