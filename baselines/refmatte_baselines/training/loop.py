"""Trains a CLIPMat: one loop for a CPU, a GPU or several. A killed run goes on where it was."""

from __future__ import annotations

import json
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedDataParallelKwargs
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.tensorboard import SummaryWriter

from refmatte_baselines.clipmat import checkpoint
from refmatte_baselines.clipmat.layers import cut
from refmatte_baselines.clipmat.loss import losses
from refmatte_baselines.clipmat.recipe import Recipe
from refmatte_baselines.data.batches import Batch, Batches, Place, loader
from refmatte_baselines.data.pictures import Composed, Source, Written, source
from refmatte_baselines.training import precision, validation
from refmatte_baselines.training.schedule import rate_at
from refmatte_baselines.training.state import (
    NOT_FINITE,
    Training,
    first,
    prepared,
    same_training,
    save_state,
)
from refmatte_engine.errors import InputError, RefMatteError, Terminated
from refmatte_engine.parallel import processors
from refmatte_engine.storage.files import disk_errors, held, write_whole

LOGS = "tensorboard"
ON, OVER, INTERRUPTED = 0, 1, 2  # what a process wishes after a step
# Scenes to validate on are composed from the same assets with another seed.
VALIDATION_SEED = 1_000_003

OnStep = Callable[[int, int, Mapping[str, float]], None]
Tell = Callable[[str], None]


def train(
    recipe: Recipe,
    data: Sequence[str],
    out: Path,
    *,
    validate_on: str | None = None,
    start_from: Path | None = None,
    cpu: bool = False,
    max_minutes: float | None = None,
    command: str = "",
    progress: OnStep | None = None,
    tell: Tell | None = None,
) -> Path:
    """Trains as `recipe` says on `data` (see `pictures.source`) in the folder `out`; returns the
    checkpoint that was best on validation. A run that is there already goes on where it was.

    `start_from` is a checkpoint whose weights are the first ones. After `max_minutes` the state is
    kept for another call. InputError for a run that cannot start; RefMatteError when a loss is not
    finite: the batch is written down, and the last checkpoint stays. KeyboardInterrupt passes
    through, after the state is saved.
    """
    begun = time.monotonic()
    model = first(recipe, start_from)  # what is wrong with it is said before a folder holds it
    on_cpu = cpu or not torch.accelerator.is_available()
    computes_in = precision.chosen(recipe.precision, "cpu" if on_cpu else "cuda")
    if out.exists() and not out.is_dir():
        raise InputError(out, "is not a folder")
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    AcceleratorState._reset_state(reset_partial_state=True)  # of a training before in this process
    accelerator = Accelerator(
        # Accelerate joins processes on the CPU only when told that there is nothing else.
        cpu=on_cpu,
        mixed_precision=computes_in,
        rng_types=[],
        # Steps without the details branch leave its weights alone.
        kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
    )
    if accelerator.device.type == "cpu":
        # Threads of PyTorch that wait for one another, turning, stand in the makers' way.
        cores = processors() // accelerator.num_processes
        torch.set_num_threads(max(1, min(torch.get_num_threads(), cores - recipe.workers)))
    sources = [source(each, recipe.seed) for each in data]
    if recipe.remember and any(isinstance(each, Composed) for each in sources):
        raise InputError("remember: true", "needs datasets on disk; a stream never comes again")
    if tell is not None and recipe.precision == "auto":
        tell(f"precision: {computes_in}, which suits this device")
    if tell is not None and not validate_on:
        for each in (one for one in sources if isinstance(one, Written)):
            tell(f"{each.name} is validated on what it trains on: give other data to validate on")
    about = {
        "command": command,
        "recipe": recipe.model_dump(mode="json", exclude_defaults=True),
        "data": [{"name": each.name, "digest": each.digest} for each in sources],
        "torch": torch.__version__,
    }
    checks = (
        [source(validate_on, recipe.seed, "test")]
        if validate_on
        else [source(each, recipe.seed + VALIDATION_SEED) for each in data]
    )
    what = {
        **{key: about[key] for key in ("recipe", "data")},
        "validation": [{"name": each.name, "digest": each.digest} for each in checks],
        "start": checkpoint.digest(model),
        "processes": accelerator.num_processes,
    }
    with disk_errors(out), held(out) if accelerator.is_main_process else disk_errors(out):
        if accelerator.is_main_process:
            same_training(out, what)
        accelerator.wait_for_everyone()
        recipe = recipe.model_copy(update={"precision": computes_in})
        run = prepared(recipe, out, accelerator, model, about)
        with _interrupts() as interrupts:
            _loop(run, sources, checks, begun, max_minutes, progress, tell, interrupts)
        return out / ("best" if (out / "best").is_dir() else "last")


@contextmanager
def _interrupts() -> Iterator[list[int]]:
    """Ctrl-C and SIGTERM are noted here, so that a step is done or not; a second one does not wait
    for it."""
    noted: list[int] = []

    def note(number: int, _frame: object) -> None:
        noted.append(number)
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    if threading.current_thread() is not threading.main_thread():
        yield noted  # only the main thread is interrupted
        return
    # What is ignored, as in the background of a shell, goes on being ignored.
    heard = [n for n in (signal.SIGINT, signal.SIGTERM) if callable(signal.getsignal(n))]
    before = {number: signal.signal(number, note) for number in heard}
    try:
        yield noted
    finally:
        restore()


def _agreed(accelerator: Accelerator, wish: int) -> int:
    """The most that any process wishes: they must leave the loop in the same step."""
    if accelerator.num_processes == 1:
        return wish
    wishes: Tensor = accelerator.gather(torch.tensor([wish], device=accelerator.device))
    return int(wishes.max())


def _loop(
    run: Training,
    sources: Sequence[Source],
    checks: Sequence[Source],
    begun: float,
    max_minutes: float | None,
    progress: OnStep | None,
    tell: Tell | None,
    interrupts: Sequence[int],
) -> None:
    recipe, accelerator = run.recipe, run.accelerator
    place = Place(accelerator.process_index, accelerator.num_processes)
    patch = accelerator.unwrap_model(run.model).visual.patch_size[0]
    made = Batches(sources, recipe, place, patch)
    main = accelerator.is_main_process
    log = SummaryWriter(str(run.out / LOGS), purge_step=run.step + 1) if main else None

    def validate(last: bool) -> None:
        due = last or run.step % recipe.validate_every == 0
        if main and due and run.step > run.validated:
            run.validated = run.step
            _validate(run, checks, patch, log, tell)

    validate(run.step == recipe.steps)  # where it was interrupted before
    since, pictures, wish = time.monotonic(), 0, ON
    for batch in loader(made, run.step, recipe.workers):
        values = _step(run, batch)
        pictures += len(batch.names) * place.world
        run.step += 1
        speed = pictures / (time.monotonic() - since)
        if log is not None:
            for name, value in {**values, "images_per_s": speed}.items():
                log.add_scalar(name, value, run.step)
        if progress is not None and main:
            progress(run.step, recipe.steps, {**values, "images/s": speed})
        over = max_minutes is not None and time.monotonic() - begun > 60 * max_minutes
        wish = _agreed(accelerator, INTERRUPTED if interrupts else OVER if over else ON)
        if wish == INTERRUPTED:
            save_state(run)
            break
        last = wish == OVER or run.step == recipe.steps
        before = time.monotonic()
        validate(last)
        since += time.monotonic() - before
        if last or run.step % recipe.save_every == 0:
            save_state(run)
        if wish == OVER:
            break
    if log is not None:
        log.close()
    if wish == INTERRUPTED:
        raise Terminated if signal.SIGTERM in interrupts else KeyboardInterrupt


def _step(run: Training, batch: Batch) -> dict[str, float]:
    """One step of the optimiser; every loss by name, and the norm of the gradient."""
    recipe, accelerator = run.recipe, run.accelerator
    device = accelerator.device
    # A resumed run draws the same, and each process something else.
    draw = run.step * accelerator.num_processes + accelerator.process_index
    torch.manual_seed((recipe.seed << 32) + draw)
    for group, peak in zip(run.optimizer.param_groups, run.peaks, strict=True):
        group["lr"] = peak * rate_at(run.step, recipe.steps, recipe.warm_up)
    image, alpha, trimap, shares = (x.to(device, non_blocking=True) for x in batch[:4])
    phase = recipe.at(run.step).phase
    model = accelerator.unwrap_model(run.model)
    prompt = model.prompt
    texts = [prompt.readable(text, "expression") for text in batch.texts]
    tokens = prompt.tokens(texts, "expression")
    asked, names = recipe.names(phase), None
    if batch.vocabulary and model.config.affinity and "vocabulary" in asked:
        names = prompt.tokens(batch.vocabulary, "keyword").to(device)
    windows = batch.windows if phase.windows else None
    image = image.float() / 255
    with accelerator.autocast(), _attention(device, recipe.precision):
        visual = run.features(batch.names, image) if run.features else None
        output = run.model(
            image, tokens.to(device), visual, names, details=phase.details, windows=windows
        )
    seen = image.repeat_interleave(recipe.texts, 0)
    if windows is not None:
        seen = cut(seen, windows)
    colors = batch.colors.to(device).float() / 255
    found = losses(
        output,
        alpha.float() / 255,
        trimap.long(),
        names=asked,
        background_weight=phase.background_weight,
        shares=shares,
        image=seen,
        colors=colors,
    )
    weighed = [found[name] * recipe.losses.get(name, 1.0) for name in asked]
    total: Tensor = torch.stack(weighed).sum()
    run.optimizer.zero_grad()
    accelerator.backward(total)
    norm = accelerator.clip_grad_norm_(run.model.parameters(), recipe.clip_norm)
    values = {name: value.item() for name, value in found.items()}
    values |= {"total": total.item(), "gradient": float(norm)}
    # In fp16 the scaler skips a step whose gradient overflowed; a loss must always be a number.
    checked = values.values() if recipe.precision != "fp16" else [values["total"]]
    if not all(map(math.isfinite, checked)):
        _stop_not_finite(run, batch, values)
    run.optimizer.step()
    run.average.update(accelerator.unwrap_model(run.model))
    return values


def _attention(device: torch.device, computes_in: str) -> AbstractContextManager[None]:
    """In bf16 on a CPU, attention as plain products: there PyTorch's fused one is the slower."""
    plain = device.type == "cpu" and computes_in == "bf16"
    return sdpa_kernel(SDPBackend.MATH) if plain else nullcontext()


def _stop_not_finite(run: Training, batch: Batch, values: Mapping[str, float]) -> None:
    path = run.out / f"{NOT_FINITE}{run.accelerator.process_index}.json"
    what = {
        "step": run.step,
        "images": batch.names,
        "texts": batch.texts,
        "values": {name: str(value) for name, value in values.items()},
    }
    write_whole(path, json.dumps(what, indent=1, ensure_ascii=False).encode())
    raise RefMatteError(
        path,
        f"a loss or the gradient is not finite in step {run.step}; this file names the batch",
        todo="the last checkpoint and state are kept; lower `rate`, or `precision: no`",
    )


def _validate(
    run: Training,
    checks: Sequence[Source],
    patch: int,
    log: SummaryWriter | None,
    tell: Tell | None,
) -> None:
    """Measures the averaged weights; keeps them as `best` if they are, and always as `last`."""
    recipe = run.recipe
    model = run.average.model.eval()
    phase, first_step, _ = recipe.at(run.step - 1)
    found, picture = validation.validate(
        model, checks, recipe.validate_pictures, phase.size, patch, recipe.texts
    )
    if log is not None:
        for name, value in found.items():
            log.add_scalar(f"validation/{name}", value, run.step)
        if run.step % recipe.show_every == 0 or run.step == recipe.steps:
            write_whole(run.out / "shown" / f"step_{run.step:07d}.png", picture.png)
            log.add_image("validation", picture.pixels, run.step, dataformats="HWC")
    about = {**run.about, "step": run.step, "validation": found}
    # A frozen tower is not stored again and again: it is completed from where it came from.
    rest = model.config.pretrained if "image" in model.config.frozen else None
    knows = f"what it was trained on: {', '.join(each['name'] for each in run.about['data'])}"
    checkpoint.save(model, run.out / "last", completed_by=rest, knows=knows, about=about)
    if (first_step, found["soft_iou"]) > run.best:
        run.best = first_step, found["soft_iou"]
        checkpoint.save(model, run.out / "best", completed_by=rest, knows=knows, about=about)
    if tell is not None:
        numbers = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
        tell(f"step {run.step}: {numbers}")
