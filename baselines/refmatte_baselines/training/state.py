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

from refmatte_baselines.checkpoints import located, read_header
from refmatte_baselines.clipmat import checkpoint
from refmatte_baselines.clipmat.config import ClipMatConfig
from refmatte_baselines.clipmat.encoders import patch
from refmatte_baselines.clipmat.features import Features
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.clipmat.parameter_groups import parameter_groups
from refmatte_baselines.clipmat.recipe import Recipe
from refmatte_baselines.clipmat.refiner import Refiner
from refmatte_baselines.training.average import Average
from refmatte_engine.errors import InputError, listed
from refmatte_engine.storage.files import write_whole

RUN, STATE, OLD = "training.json", "state", ".state.old"
NOT_FINITE = "not_finite_"  # what the file with the batch of a NaN is called
OWN = {RUN, ".lock", "features", "tensorboard"}  # where nothing has been kept yet
OTHER = "choose another folder for --out, or delete this one"
HOW_IT_ANSWERS = {
    "template",
    "inference_sizes",
    "mirrored",
    "enlarged",
    "least_piece",
    "refiner_mean",
}
# What may differ between a training and the model that it goes on from.
FREE = {*HOW_IT_ANSWERS, "drawn_templates", "pretrained", "frozen", "refiner"}


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
    validated: int = 0
    """The steps that were done at the last validation."""
    peaks: list[float] = field(default_factory=list)

    def state_dict(self) -> dict[str, Any]:
        """What accelerate stores beside weights and optimiser."""
        return {"step": self.step, "best": self.best, "validated": self.validated}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The reverse of `state_dict`."""
        self.step, self.best = int(state["step"]), (state["best"][0], state["best"][1])
        self.validated = int(state["validated"])


def first(recipe: Recipe, start_from: Path | None) -> ClipMat:
    """What a training starts with. InputError for a `start_from` that is a model of another
    architecture. A refiner that it has stays, and one that it lacks begins."""
    set_seed(recipe.seed)
    wanted = recipe.architecture()
    whole_patches(wanted, "size", wanted.size)
    for phase in recipe.phases:
        whole_patches(wanted, "phases: size", phase.size)
    if start_from is None:
        return ClipMat(wanted)
    place = located(start_from)
    is_whole = read_header(place)["completed_by"] is None
    model = checkpoint.from_pretrained(place, image_tower=None if is_whole else wanted.pretrained)
    asked, there = (each.model_dump(exclude=FREE) for each in (wanted, model.config))
    if differs := [
        f"{key} {there[key]} not {asked[key]}" for key in asked if asked[key] != there[key]
    ]:
        problem = f"is a model of another architecture than the recipe's: {listed(differs)}"
        raise InputError(start_from, problem)
    if wanted.refiner and not model.refiner:
        model.refiner = Refiner().to(memory_format=torch.channels_last)
    model.prompt.template = wanted.template
    model.config = wanted.model_copy(update={"refiner": model.refiner is not None})
    model.freeze(wanted.frozen)
    return model


def whole_patches(config: ClipMatConfig, name: str, size: int) -> None:
    """InputError for a size that would be padded or shrunk in every step of a training."""
    side = patch(config)
    if size % side:
        below = size // side * side
        nearest_two = listed(str(near) for near in (below, below + side) if near)
        problem = f"is no multiple of the {side} px of the encoder's patch"
        raise InputError(f"{name}: {size}", problem, allowed=f"the nearest are {nearest_two}")


def prepared(
    recipe: Recipe, out: Path, accelerator: Accelerator, model: ClipMat, about: dict[str, Any]
) -> Training:
    """The training in `out` where it was left, or a new one that starts with `model`."""
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
    if accelerator.is_main_process and not (out / STATE).is_dir() and (out / OLD).is_dir():
        (out / OLD).rename(out / STATE)  # killed between the two renames of `save_state`
    accelerator.wait_for_everyone()
    if (out / STATE).is_dir():
        try:
            accelerator.load_state(str(out / STATE))
        except Exception as error:  # safetensors, pickle, torch and accelerate each raise their own
            raise InputError(
                out / STATE,
                f"cannot be read: {str(error).splitlines()[0]}",
                todo=f"delete it to begin anew; {out / 'last'} stays as it is until then",
            ) from None
    return run


def save_state(run: Training) -> None:
    """Weights, optimiser and position: all of what was before is there until all of this is."""
    aside, place = run.out / f".{STATE}", run.out / STATE
    if run.accelerator.is_main_process:
        shutil.rmtree(aside, ignore_errors=True)
    run.accelerator.wait_for_everyone()
    run.accelerator.save_state(str(aside))
    run.accelerator.wait_for_everyone()
    if run.accelerator.is_main_process:
        old = run.out / OLD
        shutil.rmtree(old, ignore_errors=True)
        if place.exists():
            place.rename(old)
        aside.rename(place)
        shutil.rmtree(old, ignore_errors=True)


def same_training(out: Path, what: Mapping[str, Any]) -> None:
    """InputError if the folder holds a training of something else than `what` decides its weights,
    and which of them are best."""
    path = out / RUN
    if not any((out / name).exists() for name in (STATE, OLD, "last")):
        there = {each.name for each in out.iterdir() if not each.name.startswith(NOT_FINITE)}
        if strangers := there - OWN:
            raise InputError(
                out,
                f"holds {min(strangers)}, which is no training's",
                todo="choose an empty folder",
            )
        write_whole(path, json.dumps(what, indent=1, ensure_ascii=False).encode())
        return
    try:
        before, now = (
            {**whole["recipe"], **{key: value for key, value in whole.items() if key != "recipe"}}
            for whole in (json.loads(path.read_text("utf-8")), what)
        )
    except (OSError, ValueError, TypeError, KeyError):
        raise InputError(path, "cannot be read", todo=OTHER) from None
    # How often to look and how many processes make pictures change no weight.
    free = {"workers", "validate_every", "save_every", "show_every"}
    for key in sorted((before.keys() | now.keys()) - free):
        was, is_now = (repr(each[key]) if key in each else "the default" for each in (before, now))
        if was != is_now:
            problem = f"holds a training whose {key} was {was} and is now {is_now}"
            raise InputError(out, problem, todo=OTHER)
