"""Models beside each other: the same encoders, pictures, texts and steps for all."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from refmatte_baselines import kinds
from refmatte_baselines.answering import Predictor
from refmatte_baselines.evaluation.scores import evaluate, figures_once
from refmatte_baselines.predictor import Options
from refmatte_baselines.training.loop import OnStep, Tell, train
from refmatte_baselines.training.recipe import Recipe
from refmatte_baselines.training.state import CURVE
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.records import Setting
from refmatte_engine.scoring import rows, summary
from refmatte_engine.storage.files import write_whole

DEFAULT = ("clipmat_tiny", "clipseg_tiny", "mdetr_tiny")
SETTINGS: tuple[Setting, ...] = ("keyword", "expression")
FIGURES = ("soft IoU", "found", "wrong", "missed", "SAD")
SHARES = (0.25, 0.5, 1.0)  # of the time that the quickest training took in all


def compare(
    presets: Sequence[str],
    recipe: Recipe,
    data: Sequence[str],
    test: Path,
    out: Path,
    *,
    seeds: int = 3,
    cpu: bool = False,
    command: str = "",
    progress: OnStep | None = None,
    tell: Tell | None = None,
) -> str:
    """Trains each preset as `recipe` says, as far as that has a place for it, with so many seeds
    from the recipe's on, and scores the last weights on the test split; returns Markdown, which is
    also in `out`/RESULTS.md: at equal steps mean and standard deviation, and, from the same
    trainings' validation, soft IoU at equal seconds.

    What is trained and scored already is not done again. InputError for an unknown preset.
    """
    known = kinds.presets()
    for name in presets:
        if name not in known:
            todo = nearest(name, known)
            raise InputError(name, "is no preset", allowed=listed(known), todo=todo)
    variants = {name: of_preset(recipe, name) for name in presets}
    chosen = {setting: rows.read(test, split="test", setting=setting) for setting in SETTINGS}
    curves: dict[str, list[list[dict[str, float]]]] = {name: [] for name in presets}

    def measure(checkpoint: Path) -> dict[str, float]:
        predictor = Predictor(checkpoint, Options("cpu" if cpu else "auto"))
        every = {setting: evaluate(predictor, chosen[setting]) for setting in SETTINGS}
        return {
            f"{figure}, {setting}": summary.overall(scores).figures[figure].value
            for setting, scores in every.items()
            for figure in FIGURES
            if figure in summary.overall(scores).figures
        }

    def trained(variant: Recipe, folder: Path) -> dict[str, float]:
        train(variant, data, folder, cpu=cpu, command=command, progress=progress, tell=tell)
        lines = (folder / CURVE).read_text("utf-8").splitlines()
        curves[variant.preset].append([json.loads(line) for line in lines])
        return figures_once(folder, test, measure)

    found = each_seed(variants, seeds, out, trained, tell)
    data_names = ", ".join(data)
    table = "\n\n".join(
        (
            f"{recipe.steps} steps, {seeds} seeds from {recipe.seed} on, data {data_names}; test "
            f"{test.name}, {sum(map(len, chosen.values()))} texts; {datetime.date.today()}",
            at_equal_steps(found),
            at_equal_seconds(curves),
            f"`{command}`",
        )
    )
    kept = {"equal steps": found, "curves": curves}
    write_whole(out / "results.json", json.dumps(kept, indent=1).encode())
    write_whole(out / "RESULTS.md", f"{table}\n".encode())
    return table


def each_seed(
    variants: Mapping[str, Recipe],
    seeds: int,
    out: Path,
    trained: Callable[[Recipe, Path], dict[str, float]],
    tell: Tell | None,
) -> dict[str, list[dict[str, float]]]:
    """The figures that `trained` has of each variant with so many seeds from its own on, each in a
    folder of its name."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in variants}
    for name, variant in variants.items():
        words = "".join(sign if sign.isalnum() else " " for sign in name).split()
        for seed in range(variant.seed, variant.seed + seeds):
            folder = out / "_".join(words) / f"seed_{seed}"
            if tell is not None:
                tell(f"{name}, seed {seed}: {folder}")
            found[name].append(trained(variant.model_copy(update={"seed": seed}), folder))
    return found


def of_preset(recipe: Recipe, preset: str) -> Recipe:
    """The recipe for another model: without what that has no place for. InputError for what does
    not fit it."""
    config = kinds.presets()[preset]
    losses = kinds.described(config.kind).LOSSES
    changes: dict[str, Any] = {
        "preset": preset,
        "model": {k: v for k, v in recipe.model.items() if k in type(config).model_fields},
        "losses": {k: v for k, v in recipe.losses.items() if k in losses},
    }
    made = recipe.model_copy(update=changes)
    made.architecture()
    return made


def at_equal_steps(
    found: Mapping[str, Sequence[Mapping[str, float]]], head: str = "equal steps"
) -> str:
    """The table of mean and standard deviation over seeds."""
    columns = list(next(iter(found.values()))[0])
    lines = [f"| {head} | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name, trained in found.items():
        cells = [_cell([each[column] for each in trained]) for column in columns]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def at_equal_seconds(curves: Mapping[str, Sequence[Sequence[Mapping[str, float]]]]) -> str:
    """The table of soft IoU on validation after as many seconds of training for all; of a CPU's
    time where that trained."""
    shortest = min(curve[-1]["seconds"] for of_model in curves.values() for curve in of_model)
    times = [share * shortest for share in SHARES]
    heads = " | ".join(f"{seconds:.0f} s" for seconds in times)
    lines = [f"| equal seconds (validation) | {heads} | s a step |"]
    lines.append(f"|---|{'---|' * (len(times) + 1)}")
    for name, of_model in curves.items():
        cells = [_cell([after(curve, seconds) for curve in of_model]) for seconds in times]
        pace = _cell([curve[-1]["seconds"] / curve[-1]["step"] for curve in of_model])
        lines.append(f"| {name} | {' | '.join(cells)} | {pace} |")
    return "\n".join(lines)


def after(curve: Sequence[Mapping[str, float]], seconds: float) -> float:
    """Soft IoU at a time, between the validations before and after it; 0 at the beginning.

    >>> after([{"seconds": 10, "soft_iou": 0.4}, {"seconds": 20, "soft_iou": 0.6}], 15)
    0.5
    """
    time, value = 0.0, 0.0
    for point in curve:
        if seconds <= point["seconds"]:
            share = (seconds - time) / max(1e-9, point["seconds"] - time)
            return value + share * (point["soft_iou"] - value)
        time, value = point["seconds"], point["soft_iou"]
    return value


def _cell(values: Sequence[float]) -> str:
    spread = f" ± {stdev(values):.2g}" if len(values) > 1 else ""
    return f"{mean(values):.3g}{spread}"
