"""A step of a training: the losses of its batches, their gradient, and the optimiser."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

from refmatte_baselines.data.batches import Batch
from refmatte_baselines.towers import presence
from refmatte_baselines.towers.config import PRESENCE
from refmatte_baselines.towers.network import Output, Target
from refmatte_baselines.training.schedule import rate_at
from refmatte_baselines.training.state import NOT_FINITE, Training
from refmatte_engine.errors import RefMatteError
from refmatte_engine.storage.files import write_whole


def step(run: Training, batches: Sequence[Batch]) -> dict[str, float]:
    """One step of the optimiser, from the batches of this process; every loss by name, and the norm
    of the gradient. RefMatteError where one of these is not finite: the batches are written down.
    """
    recipe, accelerator, stretch = run.recipe, run.accelerator, run.stretch
    # A resumed run draws the same, and each process something else.
    draw = run.step * accelerator.num_processes + accelerator.process_index
    torch.manual_seed((recipe.seed << 32) + draw)
    done, steps = run.step - stretch.first, stretch.end - stretch.first
    share = rate_at(done, steps, recipe.warm_up, recipe.schedule)
    for group, peak in zip(run.optimizer.param_groups, run.peaks, strict=True):
        group["lr"] = peak * share
    run.optimizer.zero_grad()
    found: dict[str, Tensor] = {}
    for number, batch in enumerate(batches, 1):
        last = number == len(batches)  # only then do processes tell one another their gradients
        with nullcontext() if last else accelerator.no_sync(run.model):
            for name, value in _learn(run, batch, len(batches)).items():
                found[name] = found[name] + value if name in found else value
    norm = torch.as_tensor(
        accelerator.clip_grad_norm_(run.model.parameters(), recipe.clip_norm), dtype=torch.float32
    )
    # All in one, since each that is asked for waits for the device.
    numbers = torch.stack([*found.values(), norm.to(accelerator.device)]).tolist()
    values = dict(zip([*found, "gradient"], numbers, strict=True))
    # In fp16 the scaler skips a step whose gradient overflowed; a loss must always be a number.
    checked = values.values() if recipe.precision != "fp16" else [values["total"]]
    if not all(map(math.isfinite, checked)):
        _stop_not_finite(run, batches, values)
    run.optimizer.step()
    run.average.update(accelerator.unwrap_model(run.model))
    return values


def _learn(run: Training, batch: Batch, parts_of_step: int) -> dict[str, Tensor]:
    """The gradient of a part of a step; its share of each loss by name, and of their total."""
    recipe, accelerator = run.recipe, run.accelerator
    device, phase = accelerator.device, recipe.at(run.step).phase
    image, alpha, trimap, tokens, shares, names, colors = (
        each.to(device, non_blocking=True) for each in batch[:7]
    )
    image = image.float() / 255
    model = accelerator.unwrap_model(run.model)
    asked = model.asks_for_names and len(names)

    def answered() -> Output:
        visual = run.features(batch.names, image) if run.features else None
        found: Output = run.model(
            image, tokens, visual, names if asked else None, coarse=not phase.details
        )
        return found

    # Of several processes, each must tell the others its gradient, which the whole model does.
    alone = accelerator.num_processes == 1 and recipe.decides_alone(phase)
    with accelerator.autocast(), _attention(device, recipe.precision):
        if phase.pictures and alone:
            output, logits = None, run.decisions(model, batch.number, tokens, answered)
        else:
            output = answered()
    target = Target(
        image.repeat_interleave(recipe.texts, 0),
        alpha.float() / 255,
        trimap.long(),
        shares if len(shares) else None,
        colors.float() / 255 if len(colors) else None,
        phase.background_weight,
    )
    weights_of = recipe.weights()
    if output is None:
        found = {PRESENCE: presence.loss(logits, presence.meaning(target.alpha))}
    else:
        found = model.losses(output, target, weights_of)
    total = torch.stack([weights_of[name] * value for name, value in found.items()]).sum()
    accelerator.backward(total / parts_of_step)
    return {name: x.detach() / parts_of_step for name, x in {**found, "total": total}.items()}


def _attention(device: torch.device, computes_in: str) -> AbstractContextManager[None]:
    """In bf16 on a CPU, attention as plain products: there PyTorch's fused one is the slower."""
    plain = device.type == "cpu" and computes_in == "bf16"
    return sdpa_kernel(SDPBackend.MATH) if plain else nullcontext()


def _stop_not_finite(run: Training, batches: Sequence[Batch], values: Mapping[str, float]) -> None:
    path = run.out / f"{NOT_FINITE}{run.accelerator.process_index}.json"
    what = {
        "step": run.step,
        "images": [name for batch in batches for name in batch.names],
        "texts": [text for batch in batches for text in batch.texts],
        "values": {name: str(value) for name, value in values.items()},
    }
    write_whole(path, json.dumps(what, indent=1, ensure_ascii=False).encode())
    raise RefMatteError(
        path,
        f"a loss or the gradient is not finite in step {run.step}; this file names the batch",
        todo="the last checkpoint and state are kept; lower `rate`, or `precision: no`",
    )
