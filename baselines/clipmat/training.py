"""A training under way: what there is of it in memory, and in its folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed

from refmatte_engine.errors import InputError
from refmatte_engine.shards import write_whole

from . import checkpoint
from .average import Average
from .features import Features
from .model import ClipMat
from .rates import parameter_groups
from .recipe import Recipe
from .refiner import Refiner

RUN, STATE = "training.json", "state"
HOW_IT_ANSWERS = {"template", "looks", "mirrored", "enlarged", "least_piece", "refiner_mean"}
# What may differ between a training and the model that it goes on from.
FREE = {*HOW_IT_ANSWERS, "pretrained", "frozen", "refiner"}


@dataclass
class Training:
    """A training under way. `step` steps are done; `model` learns, `average` is what is kept."""

    recipe: Recipe
    out: Path
    accelerator: Accelerator
    model: torch.nn.Module
    average: Average
    optimizer: torch.optim.Optimizer
    features: Features | None
    about: dict[str, Any]
    step: int = 0
    best: tuple[int, float] = (0, -1.0)
    """The phase, and the soft IoU on validation: what a later phase makes is always better."""
    peaks: list[float] = field(default_factory=list)

    def state_dict(self) -> dict[str, Any]:
        """What accelerate stores beside weights and optimiser."""
        return {"step": self.step, "best": self.best}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The reverse of `state_dict`."""
        self.step, self.best = int(state["step"]), (state["best"][0], state["best"][1])


def prepared(
    recipe: Recipe,
    out: Path,
    accelerator: Accelerator,
    start_from: Path | None,
    about: dict[str, Any],
) -> Training:
    """The training in `out` where it was left, or a new one. InputError for a `start_from` that is
    a model of another architecture. A refiner that it has stays, and one that it lacks begins."""
    set_seed(recipe.seed)
    if start_from is None:
        model = ClipMat(recipe.architecture())
    else:
        wanted = recipe.architecture()
        model = checkpoint.from_pretrained(start_from, image_tower=wanted.pretrained)
        if wanted.model_dump(exclude=FREE) != model.config.model_dump(exclude=FREE):
            raise InputError(start_from, "is a model of another architecture than the recipe's")
        if wanted.refiner and not model.refiner:
            model.refiner = Refiner().to(memory_format=torch.channels_last)
        model.prompt.template = wanted.template
        model.config = wanted.model_copy(update={"refiner": model.refiner is not None})
        model.freeze(wanted.frozen)
    model.train()
    groups = parameter_groups(
        model,
        rate=recipe.rate,
        encoder_rate=recipe.encoder_rate or recipe.rate / 10,
        weight_decay=recipe.weight_decay,
    )
    optimizer = torch.optim.AdamW(groups, fused=True)
    average = Average(model.to(accelerator.device), recipe.ema)
    features = None
    if not any(weight.requires_grad for weight in model.visual.parameters()):
        dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(recipe.precision, torch.float32)
        features = Features(model, dtype, out / "features" if recipe.remember else None)
    ready, optimizer = accelerator.prepare(model, optimizer)
    run = Training(recipe, out, accelerator, ready, average, optimizer, features, about)
    run.peaks = [group["lr"] for group in groups]
    accelerator.register_for_checkpointing(average, run)
    if (out / STATE).is_dir():
        accelerator.load_state(str(out / STATE))
    return run


def save_state(run: Training) -> None:
    """Weights, optimiser and position, made visible by one rename."""
    aside, place = run.out / f".{STATE}", run.out / STATE
    if run.accelerator.is_main_process:
        shutil.rmtree(aside, ignore_errors=True)
    run.accelerator.wait_for_everyone()
    run.accelerator.save_state(str(aside))
    run.accelerator.wait_for_everyone()
    if run.accelerator.is_main_process:
        old = run.out / f".{STATE}.old"
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        aside.rename(place)
        shutil.rmtree(old, ignore_errors=True)


def same_training(out: Path, about: Mapping[str, Any]) -> None:
    """InputError if the folder holds a training of something else."""
    path = out / RUN
    now = {key: about[key] for key in ("recipe", "data")}
    if path.exists():
        before = json.loads(path.read_text("utf-8"))
        # How often to look and how many processes make pictures change no weight.
        free = {"workers", "validate_every", "validate_pictures", "save_every", "show_every"}
        for kept in (before, now):
            kept["recipe"] = {k: v for k, v in kept["recipe"].items() if k not in free}
        for key in sorted(before["recipe"].keys() | now["recipe"].keys()):
            if before["recipe"].get(key) != now["recipe"].get(key):
                raise InputError(
                    out,
                    f"holds a training whose {key} was {before['recipe'].get(key)!r} and is now "
                    f"{now['recipe'].get(key)!r}",
                    todo="choose another folder for --out, or delete this one",
                )
        if before["data"] != now["data"]:
            raise InputError(
                out,
                f"holds a training on {before['data']}, and this is {now['data']}",
                todo="choose another folder for --out, or delete this one",
            )
    else:
        write_whole(path, json.dumps(now, indent=1, ensure_ascii=False).encode())
