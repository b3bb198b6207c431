"""The commands `train`, `ablate`, `compare` and `reproduce`: a model is made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from refmatte_engine.cli import model_options, options
from refmatte_engine.cli.output import command
from refmatte_engine.cli.progress import Bar, resumable
from refmatte_engine.errors import InputError, needs


def train(
    recipe: model_options.Recipe,
    data: model_options.Data,
    out: model_options.TrainingOut,
    validate_on: model_options.ValidateOn = None,
    keyword_field: options.KeywordField = None,
    start_from: model_options.StartFrom = None,
    max_minutes: model_options.MaxMinutes = None,
    device: model_options.Device = "auto",
) -> None:
    """Train a model. On several GPUs: torchrun --nproc_per_node 4 -m refmatte_engine train …

    OUT/best is the checkpoint to use. Example: refmatte train tiny --data demo --out out/tiny
    """
    with needs("clipmat", "train a model"):
        from refmatte_baselines.ranks import started
        from refmatte_baselines.training import loop as work
        from refmatte_baselines.training.recipe import load_recipe
    on_cpu = _on_cpu(device)
    with Bar("training", "step") as bar, resumable("finished steps"):
        best = work.train(
            load_recipe(recipe),
            data,
            out,
            validate_on=validate_on or (),
            keyword_field=keyword_field,
            start_from=start_from,
            cpu=on_cpu,
            max_minutes=max_minutes,
            command=_command(),
            progress=_told_by(bar),
            tell=bar.say,
        )
    if started().is_first:
        todo = command("matte", "IMAGE", "TEXT", "--checkpoint", best, "-o", "cutout.png")
        print(f"{best}: try it with: {todo}")


def ablate(
    recipe: model_options.Recipe,
    data: model_options.Data,
    test: model_options.TestDataset,
    out: model_options.AblationsOut,
    only: model_options.Only = None,
    seeds: model_options.Seeds = 3,
    device: model_options.Device = "auto",
) -> None:
    """Train CLIPMat as the paper's figure has it, and otherwise. One table.

    Example: refmatte ablate ablation --data demo --test out/demo --out out/ablations
    """
    with needs("clipmat", "train a model"):
        from refmatte_baselines import ablations as work
        from refmatte_baselines.training.recipe import load_recipe
    on_cpu = _on_cpu(device)
    with Bar("training", "step") as bar, resumable("finished steps"):
        table = work.ablate(
            load_recipe(recipe),
            data,
            test,
            out,
            only=only,
            seeds=seeds,
            cpu=on_cpu,
            command=_command(),
            progress=_told_by(bar),
            tell=bar.say,
        )
    print(table)


def compare(
    recipe: model_options.Recipe,
    data: model_options.Data,
    test: model_options.TestDataset,
    out: model_options.AblationsOut,
    preset: model_options.Presets = None,
    seeds: model_options.Seeds = 3,
    device: model_options.Device = "auto",
) -> None:
    """Train several models alike, and compare them. At equal steps and at equal seconds, mean and
    spread over seeds.

    Example: refmatte compare compare --data clipmat --test out/benchmark60 --out out/compare
    """
    with needs("clipmat", "train a model"):
        from refmatte_baselines import compare as work
        from refmatte_baselines.training.recipe import load_recipe
    on_cpu = _on_cpu(device)
    with Bar("training", "step") as bar, resumable("finished steps"):
        table = work.compare(
            preset or work.DEFAULT,
            load_recipe(recipe),
            data,
            test,
            out,
            seeds=seeds,
            cpu=on_cpu,
            command=_command(),
            progress=_told_by(bar),
            tell=bar.say,
        )
    print(table)


def reproduce(
    model: model_options.PaperModel,
    refmatte: model_options.RefMatteFolder,
    rw100: model_options.Rw100Folder,
    out: model_options.ReproduceOut,
    keyword_field: options.KeywordField = None,
    smoke: model_options.Smoke = False,
    workers: options.Workers = 0,
    device: model_options.Device = "auto",
) -> None:
    """Train a model of the paper's and score it as the paper does. One by keyword and one by
    expression; beside the paper's rows.

    Says first how long it will take. Example: refmatte reproduce clipmat-b16 --refmatte RefMatte
    --rw100 RefMatte_RW_100 --out out/paper
    """
    with needs("clipmat", "train a model"):
        from refmatte_baselines import reproduce as work
    on_cpu = _on_cpu(device)
    with Bar("working", "step") as bar, resumable("finished steps"):
        table = work.reproduce(
            model,
            refmatte,
            rw100,
            out,
            keyword_field=keyword_field,
            smoke=smoke,
            cpu=on_cpu,
            workers=workers,
            command=_command(),
            on_step=_told_by(bar),
            on_row=bar.update,
            tell=bar.say,
        )
    print(table)


def _on_cpu(device: model_options.Device) -> bool:
    import torch

    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("device cuda", "is not there", allowed="auto, cpu")
    return device == "cpu"


def _command() -> str:
    return command(*sys.argv[1:])


def _told_by(bar: Bar) -> Callable[[int, int, Mapping[str, float]], None]:
    def progress(step: int, total: int, values: Mapping[str, float]) -> None:
        bar.update(step, total, f"loss {values['total']:.3f}, {values['images/s']:.1f} images/s")

    return progress
