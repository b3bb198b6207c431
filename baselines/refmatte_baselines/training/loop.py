"""Trains a model: one loop for a CPU, a GPU or several. A killed run goes on where it was."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import DistributedDataParallelKwargs, broadcast
from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from refmatte_baselines import weights
from refmatte_baselines.data.batches import Batches, loader, parts
from refmatte_baselines.data.pictures import Composed, Source, Written, source
from refmatte_baselines.memory import enough_for
from refmatte_baselines.ranks import Place, started
from refmatte_baselines.training import precision, validation, words
from refmatte_baselines.training.recipe import Recipe
from refmatte_baselines.training.state import (
    CURVE,
    Training,
    first,
    next_stretch,
    position,
    prepared,
    same_training,
    save_state,
)
from refmatte_baselines.training.step import step
from refmatte_engine.errors import InputError, Terminated
from refmatte_engine.parallel import processors
from refmatte_engine.storage.files import disk_errors, held, write_whole

LOGS = "tensorboard"
ON, OVER, INTERRUPTED = 0, 1, 2  # what a process wishes after a step
# Scenes to validate on are composed from the same assets with another seed.
VALIDATION_SEED = 1_000_003
# Where memory runs out: none of these but the last changes what is learnt.
LOWER = ("lower the recipe's `at_once`", "set `save_memory: true`", "lower `size`")

OnStep = Callable[[int, int, Mapping[str, float]], None]
Tell = Callable[[str], None]


def train(
    recipe: Recipe,
    data: Sequence[str],
    out: Path,
    *,
    validate_on: Sequence[str] = (),
    start_from: Path | None = None,
    keyword_field: str | None = None,
    cpu: bool = False,
    max_minutes: float | None = None,
    command: str = "",
    progress: OnStep | None = None,
    tell: Tell | None = None,
) -> Path:
    """Trains as `recipe` says on `data` (see `pictures.source`) in the folder `out`; returns the
    checkpoint that was best on validation. A run that is there already goes on where it was.

    It is chosen by the test splits of `validate_on`, which take turns, if there are any.
    `keyword_field` is what released labels call a keyword, if not so.
    `start_from` is a checkpoint whose weights are the first ones. After `max_minutes` the state is
    kept for another call. InputError for a run that cannot start; RefMatteError when a loss is not
    finite: the batch is written down, and the last checkpoint stays. KeyboardInterrupt passes
    through, after the state is saved.
    """
    begun = time.monotonic()
    tell = tell if started().is_first else None
    # What is wrong with any of these is said before a folder holds it.
    composes = recipe.weights().get("composition", 0) > 0
    named = partial(source, keyword_field=keyword_field)
    sources = [named(each, recipe.seed, colors=composes) for each in data]
    if keyword_field and not any(getattr(each, "keyword_field", "") for each in sources):
        problem = "is for the labels of a released dataset, and no --data is one"
        raise InputError("--keyword-field", problem, todo="leave it out")
    checks = (
        [named(each, recipe.seed, "test") for each in validate_on]
        if validate_on
        else [named(each, recipe.seed + VALIDATION_SEED) for each in data]
    )
    model = first(recipe, start_from)
    on_cpu = cpu or not torch.accelerator.is_available()
    computes_in = precision.chosen(recipe.precision, "cpu" if on_cpu else "cuda")
    if out.exists() and not out.is_dir():
        raise InputError(out, "is not a folder")
    AcceleratorState._reset_state(reset_partial_state=True)  # of a training before in this process

    def fresh() -> Accelerator:
        return Accelerator(
            # Accelerate joins processes on the CPU only when told that there is nothing else.
            cpu=on_cpu,
            mixed_precision=computes_in,
            rng_types=[],
            # Steps without the details branch leave its weights alone.
            kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
        )

    accelerator = fresh()
    if accelerator.device.type == "cpu":
        # Threads of PyTorch that wait for one another, turning, stand in the makers' way.
        cores = processors() // accelerator.num_processes
        torch.set_num_threads(max(1, min(torch.get_num_threads(), cores - recipe.workers)))
    endless = any(isinstance(each, Composed) for each in sources)
    if recipe.remember and endless:
        raise InputError("remember: true", "needs datasets on disk; a stream never comes again")
    pictures = None if endless else sum(len(each) for each in sources if isinstance(each, Written))
    counted = recipe.with_steps(pictures)
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
    what = {
        **{key: about[key] for key in ("recipe", "data")},
        "validation": [{"name": each.name, "digest": each.digest} for each in checks],
        "start": weights.digest(model),
        "processes": accelerator.num_processes,
    }
    with disk_errors(out):
        out.mkdir(parents=True, exist_ok=True)
    with disk_errors(out), held(out) if accelerator.is_main_process else disk_errors(out):
        if accelerator.is_main_process:
            same_training(out, what)
        accelerator.wait_for_everyone()
        recipe = counted.model_copy(update={"precision": computes_in})
        place = Place(accelerator.process_index, accelerator.num_processes)
        if recipe.word_steps and not position(out):
            names = [name for each in sources for name in each.categories]
            words.teach(model, words.pairs(names), recipe.word_steps, recipe.seed)
        made = Batches(sources, recipe, place, model.patch, model.reader)
        run = prepared(recipe, out, accelerator, model, about, position(out))
        with _interrupts() as interrupts:
            loop = _Loop(made, checks, begun, max_minutes, progress, tell, interrupts)
            while loop.through(run) and run.step < recipe.steps:
                run = next_stretch(run, fresh())
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


@dataclass
class _Loop:
    """What all stretches of a training have in common."""

    batches: Batches
    checks: Sequence[Source]
    begun: float
    max_minutes: float | None
    progress: OnStep | None
    tell: Tell | None
    interrupts: Sequence[int]

    def through(self, run: Training) -> bool:
        """Takes the steps of a stretch; False where the time was over before its end."""
        recipe, accelerator = run.recipe, run.accelerator
        main, world = accelerator.is_main_process, self.batches.place.world
        log = SummaryWriter(str(run.out / LOGS), purge_step=run.step + 1) if main else None

        def validate(last: bool) -> None:
            due = last or run.step % recipe.validate_every == 0
            if due and run.step > run.validated:
                run.validated = run.step
                _validate(run, self.checks, log, self.tell)

        validate(run.step == recipe.steps)  # where it was interrupted before
        since, pictures, wish = time.monotonic(), 0, ON
        # On a CPU its own time: what else the machine does makes no model slower than another.
        clock = time.process_time if accelerator.device.type == "cpu" else time.monotonic
        made = iter(loader(self.batches, run.step, run.stretch.end, recipe.workers))
        while run.step < run.stretch.end and wish == ON:
            began = clock()
            own = parts(recipe.at(run.step).phase, self.batches.place)
            batches = list(islice(made, own))
            with enough_for(accelerator.device, *LOWER):
                values = step(run, batches)
            pictures += sum(len(batch.names) for batch in batches) * world
            run.step += 1
            run.seconds += clock() - began
            speed = pictures / (time.monotonic() - since)
            if log is not None:
                for name, value in {**values, "images_per_s": speed}.items():
                    log.add_scalar(name, value, run.step)
            if self.progress is not None and main:
                self.progress(run.step, recipe.steps, {**values, "images/s": speed})
            minutes = (time.monotonic() - self.begun) / 60
            over = self.max_minutes is not None and minutes > self.max_minutes
            wish = _agreed(accelerator, INTERRUPTED if self.interrupts else OVER if over else ON)
            if wish == INTERRUPTED:
                save_state(run)
                break
            last = wish == OVER or run.step == recipe.steps
            before = time.monotonic()
            validate(last)
            since += time.monotonic() - before
            if last or run.step % recipe.save_every == 0:
                save_state(run)
        if log is not None:
            log.close()
        if wish == INTERRUPTED:
            raise Terminated if signal.SIGTERM in self.interrupts else KeyboardInterrupt
        return wish == ON


def _validate(
    run: Training, checks: Sequence[Source], log: SummaryWriter | None, tell: Tell | None
) -> None:
    """Measures the averaged weights; keeps them as `best` if they are, and always as `last`."""
    recipe = run.recipe
    model = run.average.model.eval()
    for buffer in model.buffers():  # running statistics, of which each process has its own
        broadcast(buffer)
    phase, first_step, _ = recipe.at(run.step - 1)
    found, picture = validation.validate(
        model, checks, recipe.validate_pictures, phase.size, recipe.texts
    )
    is_better = (first_step, found["soft_iou"]) > run.best
    if is_better:
        run.best = first_step, found["soft_iou"]
    if log is None:  # another process keeps them
        return
    for name, value in found.items():
        log.add_scalar(f"validation/{name}", value, run.step)
    if run.step % recipe.show_every == 0 or run.step == recipe.steps:
        write_whole(run.out / "shown" / f"step_{run.step:07d}.png", picture.png)
        log.add_image("validation", picture.pixels, run.step, dataformats="HWC")
    curve = run.out / CURVE
    told = curve.read_text("utf-8").splitlines() if curve.exists() else []
    told = [line for line in told if json.loads(line)["step"] < run.step]
    point = {"step": run.step, "seconds": round(run.seconds, 1), **found}
    write_whole(curve, "".join(f"{line}\n" for line in [*told, json.dumps(point)]).encode())
    # A frozen tower is not stored again and again: it is completed from where it came from.
    never = all("image" in recipe.frozen_in(each) for each in recipe.phases)
    learnt_from = ", ".join(each["name"] for each in run.about["data"])

    def keep(name: str) -> None:
        weights.save(
            model,
            run.out / name,
            completed_by=model.config.pretrained if never else None,
            knows=f"what it was trained on: {learnt_from}",
            answering=recipe.answering,
            about={**run.about, "step": run.step, "validation": found},
        )

    keep("last")
    if is_better:
        keep("best")
    if tell is not None:
        numbers = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
        tell(f"step {run.step}: {numbers}")
