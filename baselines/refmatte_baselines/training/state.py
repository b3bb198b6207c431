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

from refmatte_baselines import kinds
from refmatte_baselines.checkpoints import kind_of, located, read_header
from refmatte_baselines.towers.config import TowersConfig
from refmatte_baselines.towers.encoders import patch
from refmatte_baselines.towers.network import Network
from refmatte_baselines.training.average import Average
from refmatte_baselines.training.decisions import Decisions
from refmatte_baselines.training.features import Features
from refmatte_baselines.training.parameter_groups import parameter_groups
from refmatte_baselines.training.recipe import Recipe, Stretch
from refmatte_baselines.weights import from_pretrained
from refmatte_engine.errors import InputError, listed
from refmatte_engine.storage.files import write_whole

RUN, STATE, OLD, AT = "training.json", "state", ".state.old", "step.json"
CURVE = "curve.jsonl"
NOT_FINITE = "not_finite_"  # what the file with the batch of a NaN is called
OWN = {RUN, ".lock", "features", "tensorboard"}  # where nothing has been kept yet
OTHER = "choose another folder for --out, or delete this one"
# What may differ between a training and the model that it goes on from: how it learns and answers.
FREE = {
    *("template", "drawn_templates", "size", "pretrained", "frozen"),
    *("refiner_mean", "refiner", "presence", "presence_by"),
}


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
    stretch: Stretch
    decisions: Decisions
    step: int = 0
    best: tuple[int, float] = (0, -1.0)
    """The phase, and the soft IoU on validation: what a later phase makes is always better."""
    validated: int = 0
    """The steps that were done at the last validation."""
    seconds: float = 0.0
    """That the steps took, and making their pictures."""
    peaks: list[float] = field(default_factory=list)

    def state_dict(self) -> dict[str, Any]:
        """What accelerate stores beside weights and optimiser."""
        return {
            "step": self.step,
            "best": self.best,
            "validated": self.validated,
            "seconds": self.seconds,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """The reverse of `state_dict`."""
        self.step, self.best = int(state["step"]), (state["best"][0], state["best"][1])
        self.validated = int(state["validated"])
        self.seconds = float(state.get("seconds", 0.0))


def first(recipe: Recipe, start_from: Path | None) -> Network:
    """What a training starts with. InputError for a size of broken patches, and for a `start_from`
    that is a model of another architecture. A refiner and a decision on presence that it has stay,
    and those that it lacks begin, as does a decision of another kind."""
    set_seed(recipe.seed)
    wanted = recipe.architecture()
    whole_patches(wanted, "size", wanted.size)
    for phase in recipe.phases:
        whole_patches(wanted, "phases: size", phase.size)
    if start_from is None:
        return kinds.network(wanted)
    place = located(start_from)
    if (kind := kind_of(place)) != wanted.kind:
        raise InputError(
            start_from,
            f"is a model of the kind {kind}, and preset {recipe.preset} is a {wanted.kind}",
            todo=f"begin with its encoders alone, `model: {{pretrained: {start_from}}}`",
        )
    is_whole = read_header(place)["completed_by"] is None
    model = from_pretrained(place, image_tower=None if is_whole else wanted.pretrained)
    asked, there = (each.model_dump(exclude=FREE) for each in (wanted, model.config))
    if differs := [
        f"{key} {there.get(key)} not {asked[key]}" for key in asked if asked[key] != there.get(key)
    ]:
        problem = f"is a model of another architecture than the recipe's: {listed(differs)}"
        raise InputError(start_from, problem)
    model.restart(wanted)
    return model


def whole_patches(config: TowersConfig, name: str, size: int) -> None:
    """InputError for a size that would be padded or shrunk in every step of a training."""
    side = patch(config)
    if size % side:
        below = size // side * side
        nearest_two = listed(str(near) for near in (below, below + side) if near)
        problem = f"is no multiple of the {side} px of the encoder's patch"
        raise InputError(f"{name}: {size}", problem, allowed=f"the nearest are {nearest_two}")


def position(out: Path) -> int:
    """The steps that are done of a training in the folder, as its state says."""
    if not (out / STATE).is_dir() and (out / OLD).is_dir():
        (out / OLD).rename(out / STATE)  # killed between the two renames of `save_state`
    if not (out / STATE).is_dir():
        return 0
    try:
        return int(json.loads((out / STATE / AT).read_bytes())["step"])
    except (OSError, ValueError, TypeError, KeyError):
        raise _unreadable(out, f"{AT} does not say a step") from None


def prepared(
    recipe: Recipe,
    out: Path,
    accelerator: Accelerator,
    model: Network,
    about: dict[str, Any],
    done: int,
) -> Training:
    """The training in `out` where it was left after `done` steps, or a new one that starts with
    `model`."""
    # What ends with these steps is loaded as it was, and then another stretch begins.
    stretch = recipe.stretch(max(0, done - 1))
    average = Average(model, recipe.ema, _never_learn(recipe, model))
    run = _begun(recipe, out, accelerator, model, about, stretch, average)
    if (out / STATE).is_dir():
        try:
            accelerator.load_state(str(out / STATE))
        except Exception as error:  # safetensors, pickle, torch and accelerate each raise their own
            raise _unreadable(out, str(error).splitlines()[0]) from None
    return run


def next_stretch(run: Training, accelerator: Accelerator) -> Training:
    """The same training, of which something else learns from here on, or at another rate: with
    what is kept as its first weights, and an accelerator of its own."""
    model = run.accelerator.unwrap_model(run.model)
    run.average.begin_anew(model)
    stretch = run.recipe.stretch(run.step)
    follows = _begun(run.recipe, run.out, accelerator, model, run.about, stretch, run.average)
    follows.load_state_dict(run.state_dict())
    return follows


def _never_learn(recipe: Recipe, model: Network) -> list[torch.nn.Parameter]:
    learn = set()
    for phase in recipe.phases:
        model.freeze(recipe.frozen_in(phase))
        learn |= {id(each) for each in model.parameters() if each.requires_grad}
    return [each for each in model.parameters() if id(each) not in learn]


def _begun(
    recipe: Recipe,
    out: Path,
    accelerator: Accelerator,
    model: Network,
    about: dict[str, Any],
    stretch: Stretch,
    average: Average,
) -> Training:
    for each in (model, average.model):
        each.freeze(recipe.architecture().frozen if stretch.frozen is None else stretch.frozen)
    model.to(accelerator.device).train()
    model.zero_grad()  # what no longer learns would count in the gradient's norm
    average.to(accelerator.device)
    model.visual.set_grad_checkpointing(recipe.save_memory)
    encoder_rate = recipe.encoder_rate or recipe.rate / 10
    groups = parameter_groups(
        model,
        rate=stretch.rate,
        encoder_rate=encoder_rate * stretch.rate / recipe.rate,
        weight_decay=recipe.weight_decay,
    )
    peaks = [group["lr"] for group in groups]
    features = None
    if not any(weight.requires_grad for weight in model.visual.parameters()):
        dtype = {"bf16": torch.bfloat16, "fp16": torch.float16}.get(recipe.precision, torch.float32)
        features = Features(model, dtype, out / "features" if recipe.remember else None)
    ready, optimizer = accelerator.prepare(model, torch.optim.AdamW(groups, fused=True))
    run = Training(
        *(recipe, out, accelerator, ready, average, optimizer, features, about, stretch),
        decisions=Decisions(out / "features"),
        peaks=peaks,
    )
    accelerator.register_for_checkpointing(average, run)
    return run


def _unreadable(out: Path, why: str) -> InputError:
    return InputError(
        out / STATE,
        f"cannot be read: {why}",
        todo=f"delete it to begin anew; {out / 'last'} stays as it is until then",
    )


def save_state(run: Training) -> None:
    """Weights, optimiser and position: all of what was before is there until all of this is."""
    aside, place = run.out / f".{STATE}", run.out / STATE
    if run.accelerator.is_main_process:
        shutil.rmtree(aside, ignore_errors=True)
    run.accelerator.wait_for_everyone()
    run.accelerator.save_state(str(aside))
    run.accelerator.wait_for_everyone()
    if run.accelerator.is_main_process:
        write_whole(aside / AT, json.dumps({"step": run.step}).encode())
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
