"""The training: it learns, a killed one goes on to the same weights, and a NaN stops it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from refmatte_baselines import ablations
from refmatte_baselines.clipmat.config import PRESETS
from refmatte_baselines.clipmat.model import ClipMat
from refmatte_baselines.data import pictures
from refmatte_baselines.looks import Looks
from refmatte_baselines.training import loop as training
from refmatte_baselines.training import validation
from refmatte_baselines.training.average import Average
from refmatte_baselines.training.recipe import HERE, Recipe, load_recipe
from refmatte_baselines.training.state import first
from refmatte_baselines.weights import from_pretrained, save
from refmatte_engine.config.run import load_run
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.generation import dataset_run
from tests.conftest import make_pack
from tests.support.released import write_refmatte

torch.set_num_threads(1)

Cli = Callable[..., tuple[int, str, str]]
RECIPE = Recipe(
    preset="minimal",
    texts=2,
    rate=3e-3,
    warm_up=2,
    ema=0.5,
    crop=0,
    phases=[
        {"steps": 3, "batch": 2, "size": 64, "details": False},
        {"steps": 3, "batch": 2, "size": 64},
    ],
    precision="no",
    workers=0,
    validate_every=3,
    validate_pictures=2,
    save_every=2,
    show_every=3,
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("stream")
    pack = make_pack(root / "pack")
    file = root / "run.yaml"
    file.write_text(f"packs: [{pack}]\nsplits: {{train: 4}}\nlayout: refmatte\n")
    return str(file)


@pytest.fixture(scope="module")
def straight(data: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("straight") / "out"
    training.train(RECIPE, [data], out, cpu=True)
    return out


class Killed(Exception):
    pass


@pytest.mark.parametrize(("step", "precision"), [(2, "no"), (4, "no"), (5, "no"), (4, "bf16")])
def test_a_killed_run_goes_on_to_the_same_weights(
    data: str, straight: Path, tmp_path: Path, step: int, precision: str
) -> None:
    recipe = RECIPE.model_copy(update={"precision": precision})
    if precision != "no":
        training.train(recipe, [data], straight := tmp_path / "straight", cpu=True)

    def kill(done: int, total: int, values: object) -> None:
        if done == step:
            raise Killed

    with pytest.raises(Killed):
        training.train(recipe, [data], tmp_path / "out", cpu=True, progress=kill)
    training.train(recipe, [data], tmp_path / "out", cpu=True)
    whole, resumed = (load_file(o / "last/model.safetensors") for o in (straight, tmp_path / "out"))
    assert whole.keys() == resumed.keys()
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_killed_refiner_makes_the_same_mistakes(
    data: str, straight: Path, tmp_path: Path
) -> None:
    """Those in the alphas that it is given are drawn anew in each step."""

    def kill(done: int, _total: int, _values: object) -> None:
        if done == 3:
            raise Killed

    phase = {"steps": 4, "batch": 2, "size": 96}
    only = {"model": {"refiner": True, "frozen": ["coarse"]}, "phases": [phase], "save_every": 1}
    recipe = Recipe.model_validate(RECIPE.model_dump() | only)
    found = []
    for name in ("straight", "killed"):
        run = partial(
            training.train,
            recipe,
            [data],
            tmp_path / name,
            cpu=True,
            start_from=straight / "last",
        )
        if name == "killed":
            with pytest.raises(Killed):
                run(progress=kill)
        run()
        found.append(load_file(tmp_path / name / "last/model.safetensors"))
    assert all(torch.equal(tensor, found[1][name]) for name, tensor in found[0].items())


@pytest.mark.parametrize("step", [1, 3, 6])
def test_ctrl_c_loses_nothing(
    data: str, straight: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """In the middle of a step, also of the last one and of one after which there is a validation:
    the step is done, and what was due after it comes when the training goes on."""
    real, asked = ClipMat.losses, []

    def interrupted(*given: Any, **more: Any) -> Any:
        asked.append(None)
        if len(asked) == step:
            signal.raise_signal(signal.SIGINT)
        return real(*given, **more)

    monkeypatch.setattr(ClipMat, "losses", interrupted)
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        training.train(RECIPE, [data], out, cpu=True)
    assert len(asked) == step
    training.train(RECIPE, [data], out, cpu=True)
    assert len(asked) == RECIPE.steps
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    for kept in ("last", "best"):
        whole, resumed = (load_file(o / kept / "model.safetensors") for o in (straight, out))
        assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert logged(out) == logged(straight)


def test_a_second_ctrl_c_does_not_wait(
    data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient(*_: Any, **__: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("it went on")

    monkeypatch.setattr(ClipMat, "losses", impatient)
    with pytest.raises(KeyboardInterrupt):
        training.train(RECIPE, [data], tmp_path / "out", cpu=True)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def logged(out: Path) -> dict[str, list[int]]:
    """The steps at which TensorBoard has something, by name; what was taken back is left out."""
    found = EventAccumulator(str(out / "tensorboard")).Reload()
    return {tag: [event.step for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]}


def test_a_state_is_never_missing(data: str, straight: Path, tmp_path: Path) -> None:
    """Killed between the two renames of a save, a training goes on from the one before."""
    out = tmp_path / "out"
    shutil.copytree(straight, out)
    (out / "state").rename(out / ".state.old")
    done: list[int] = []
    training.train(RECIPE, [data], out, cpu=True, progress=lambda s, t, v: done.append(s))
    assert not done


def test_best_is_what_was_best(data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the last phase: what it makes is always better than what an earlier one did."""
    real = validation.validate

    def scored(*given: Any) -> Any:
        found, sheet = real(*given)
        return {**found, "soft_iou": next(scores)}, sheet

    monkeypatch.setattr(validation, "validate", scored)
    changes = {"validate_every": 1, "show_every": 100}
    recipe = Recipe.model_validate(RECIPE.model_dump() | changes)
    scores = iter([0.9, 0.9, 0.9, 0.5, 0.6, 0.4])
    best = training.train(recipe, [data], tmp_path / "out", cpu=True)
    assert json.loads((best / "config.json").read_text())["about"]["step"] == 5


def test_a_text_that_is_too_long_is_cut(data: str, tmp_path: Path) -> None:
    """In training and in validation, as everywhere."""
    root = write_refmatte(tmp_path / "data")
    for label in root.glob("*/refmatte_*_label.json"):
        entries = json.loads(label.read_text())
        for entry in entries.values():
            entry["expressions"] = ["the mug " + "that is red " * 40] * len(entry["expressions"])
        label.write_text(json.dumps(entries))
    assert training.train(RECIPE, [str(root)], tmp_path / "out", cpu=True).is_dir()


def test_half_precision_needs_a_gpu(data: str, tmp_path: Path) -> None:
    recipe = RECIPE.model_copy(update={"precision": "fp16"})
    with pytest.raises(InputError, match="fp16: needs a GPU; allowed: auto, bf16 or no"):
        training.train(recipe, [data], tmp_path / "out", cpu=True)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_else(data: str, straight: Path, tmp_path: Path) -> None:
    def refused(damage: Callable[[Path], object], message: str) -> None:
        out = tmp_path / message[:9]
        shutil.copytree(straight, out)
        damage(out)
        before = {file: file.read_bytes() for file in out.rglob("*") if file.is_file()}
        with pytest.raises(InputError, match=message):
            training.train(RECIPE, [data], out, cpu=True)
        assert {file: file.read_bytes() for file in before} == before

    weights = "state/model.safetensors"
    refused(lambda out: (out / weights).write_bytes(b"cut"), "cannot be read: .*delete it to begin")
    refused(lambda out: (out / "training.json").write_text("{"), "training.json: cannot be read")
    other = tmp_path / "other"
    (other / "mine").mkdir(parents=True)
    with pytest.raises(InputError, match="holds mine, which is no training's"):
        training.train(RECIPE, [data], other, cpu=True)


def test_a_start_that_failed_does_not_block_the_folder(
    data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any, **__: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(training, "prepared", fails)
        with pytest.raises(Killed):
            training.train(RECIPE, [data], tmp_path / "out", cpu=True)
    other = RECIPE.model_copy(update={"rate": 1e-3})
    assert training.train(other, [data], tmp_path / "out", cpu=True, max_minutes=1e-6).is_dir()


@pytest.mark.parametrize(
    "names",
    [
        ("exactly the figure", "without MDE"),
        pytest.param((*ablations.VARIANTS,), marks=pytest.mark.slow),
    ],
    ids=["two", "all"],
)
def test_ablations_are_trained_once_and_scored(
    data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    monkeypatch.setattr(ablations, "VARIANTS", {name: ablations.VARIANTS[name] for name in names})
    root = write_refmatte(tmp_path / "data")
    out = tmp_path / "out"
    recipe = RECIPE.model_copy(update={"phases": RECIPE.phases[1:]})
    whole = ablations.ablate(recipe, [data], root, out, seeds=2, cpu=True)
    assert [line.split("|")[1].strip() for line in whole.splitlines()[2:]] == [*names]
    kept = (out / "ablations.md").read_text()
    assert kept.startswith(whole)
    assert len(list(out.glob("*/seed_*/last"))) == 2 * len(names)
    assert " ± " in whole
    seen: list[int] = []
    told = lambda step, *_: seen.append(step)  # noqa: E731
    figure = ["exactly the figure"]
    one = ablations.ablate(recipe, [data], root, out, only=figure, seeds=2, cpu=True, progress=told)
    assert not seen
    assert one.splitlines() == whole.splitlines()[:3]
    assert (out / "ablations.md").read_text() == kept
    frozen = recipe.model_copy(update={"model": {"frozen": ["trimap"]}})
    with pytest.raises(InputError, match="leaves nothing that learns"):
        ablations.ablate(frozen, [data], root, tmp_path / "none", cpu=True)
    assert not (tmp_path / "none").exists()


ONE_OF_TWO = """
import os, sys
from pathlib import Path
from refmatte_baselines.training.recipe import load_recipe
from refmatte_baselines.training.loop import train

recipe, data, out, *stops = sys.argv[1:]
is_over = os.environ.get("RANK") in stops
train(load_recipe(recipe), [data], Path(out), cpu=True, max_minutes=1e-6 if is_over else None)
"""


@pytest.mark.slow
def test_two_processes_stop_and_go_on_together(data: str, tmp_path: Path) -> None:
    """Where the time is up for one of them only, too; and never with another number."""
    recipe, script = tmp_path / "recipe.yaml", tmp_path / "train.py"
    recipe.write_text(RECIPE.model_dump_json(exclude_defaults=True))
    script.write_text(ONE_OF_TWO)
    several = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]

    def run(out: str, *stops: str, how: Sequence[str] = several) -> str:
        done = subprocess.run(
            [sys.executable, *how, str(script), str(recipe), data, str(tmp_path / out), *stops],
            capture_output=True,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        return "" if done.returncode == 0 else done.stderr

    assert not run("whole")
    assert not run("parts", "1")
    assert json.loads((tmp_path / "parts/last/config.json").read_text())["about"]["step"] == 1
    assert "processes was 2 and is now 1" in run("parts", how=())
    assert not run("parts")
    whole, parts = (
        load_file(tmp_path / out / "last/model.safetensors") for out in ("whole", "parts")
    )
    assert all(torch.equal(whole[name], parts[name]) for name in whole)


def test_the_clock_stops_it_and_it_goes_on(data: str, tmp_path: Path) -> None:
    done: list[int] = []
    out = tmp_path / "out"
    best = training.train(
        RECIPE, [data], out, cpu=True, max_minutes=1e-6, progress=lambda s, t, v: done.append(s)
    )
    assert done == [1]
    assert from_pretrained(best).config == RECIPE.architecture()
    training.train(RECIPE, [data], out, cpu=True, progress=lambda s, t, v: done.append(s))
    assert done == [1, 2, 3, 4, 5, 6]


def test_what_a_training_leaves(straight: Path) -> None:
    header = json.loads((straight / "best/config.json").read_text())
    assert header["about"]["data"][0]["digest"]
    assert header["about"]["step"] in (3, 6)
    found = header["about"]["validation"]
    assert 0 <= found["soft_iou"] <= 1
    assert found["found"] + found["wrong"] + found["missed"] == pytest.approx(1)
    assert list((straight / "tensorboard").iterdir())
    assert (straight / "shown/step_0000003.png").exists()
    assert {p.name for p in straight.iterdir()} >= {"best", "last", "state", "training.json"}


def test_the_composition_loss_is_a_recipes_to_ask_for(data: str, tmp_path: Path) -> None:
    seen: list[set[str]] = []
    recipe = RECIPE.model_copy(update={"losses": {"composition": 0.5}})
    training.train(
        recipe, [data], tmp_path / "out", cpu=True, progress=lambda s, t, v: seen.append(set(v))
    )
    assert ["composition" in names for names in seen] == [False] * 3 + [True] * 3


def test_what_is_kept_is_what_was_validated(data: str, straight: Path) -> None:
    header = json.loads((straight / "last/config.json").read_text())
    checks = [pictures.source(data, training.VALIDATION_SEED)]
    model = from_pretrained(straight / "last")
    found, _ = validation.validate(model, checks, RECIPE.validate_pictures, 64, RECIPE.texts)
    assert found == pytest.approx(header["about"]["validation"], abs=1e-6)


def test_the_average_follows_and_shares_what_is_frozen() -> None:
    model = ClipMat(PRESETS["minimal"].model_copy(update={"frozen": ("image",)}))
    mean = Average(model, 0.5, model.visual.parameters())
    assert mean.model.visual.conv1.weight is model.visual.conv1.weight
    before = mean.model.prompt.context.clone()
    with torch.no_grad():
        model.prompt.context += 1
    for _ in range(60):
        mean.update(model)
    assert torch.equal(before + 1, model.prompt.context)
    torch.testing.assert_close(mean.model.prompt.context, model.prompt.context)
    assert all(t.isfinite().all() for t in mean.model.state_dict().values())


@pytest.fixture(scope="module")
def written(data: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("written") / "set"
    dataset_run.generate(load_run(data), out)
    return str(out)


def test_a_frozen_encoder_sees_each_picture_once(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tower = ClipMat(PRESETS["minimal"])
    torch.save({f"visual.{k}": v for k, v in tower.visual.state_dict().items()}, tmp_path / "t.pt")
    model = {"frozen": ["image"], "pretrained": str(tmp_path / "t.pt"),
             "text": {"width": 32, "heads": 2, "layers": 1}}  # fmt: skip
    changes = {"model": model, "aspect": 1.0, "relight": False}
    seen: list[int] = []
    encode = ClipMat.encode

    def counted(
        self: ClipMat, image: torch.Tensor, tower: Any = None, **more: Any
    ) -> list[torch.Tensor]:
        if tower is not None:  # a copy, in evaluation
            assert not tower.training
            seen[-1] += len(image)
        return encode(self, image, tower, **more)

    monkeypatch.setattr(ClipMat, "encode", counted)
    for remember in (False, True):
        seen.append(0)
        recipe = Recipe.model_validate(RECIPE.model_dump() | changes | {"remember": remember})
        training.train(recipe, [written], tmp_path / f"{remember}", cpu=True)
    each_time, once_only = seen
    assert each_time == sum(phase.steps * phase.batch for phase in recipe.phases)
    assert once_only <= 4  # the dataset's pictures
    assert len(list((tmp_path / "True/features/64x64").iterdir())) == once_only
    assert not (tmp_path / "False/features").exists()
    once, anew = (from_pretrained(tmp_path / f"{r}/last").state_dict() for r in (True, False))
    for name, tensor in once.items():
        torch.testing.assert_close(tensor, anew[name], atol=2e-2, rtol=0)
    stored = load_file(tmp_path / "True/last/model.safetensors")
    assert not any(name.startswith("visual.") for name in stored)
    # What it is stored without is where the recipe of a second training says, from then on.
    moved = (tmp_path / "t.pt").rename(tmp_path / "moved.pt")
    model["pretrained"] = str(moved)
    second = Recipe.model_validate(recipe.model_dump() | {"model": model})
    start = tmp_path / "True/last"
    training.train(second, [written], tmp_path / "on", cpu=True, start_from=start)
    assert from_pretrained(tmp_path / "on/last")
    with pytest.raises(ValueError, match="relight: false"):
        Recipe.model_validate(recipe.model_dump() | {"remember": True, "relight": True})


def test_a_stream_is_not_remembered(data: str, tmp_path: Path) -> None:
    changes = {"model": {"frozen": ["image"]}, "aspect": 1.0, "relight": False, "remember": True}
    recipe = Recipe.model_validate(RECIPE.model_dump() | changes)
    with pytest.raises(InputError, match="never comes again"):
        training.train(recipe, [data], tmp_path / "out", cpu=True)


def test_a_nan_stops_it_and_names_the_batch(
    data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ClipMat.losses

    def poisoned(self, output, target, weights):  # type: ignore[no-untyped-def]
        found = real(self, output, target, weights)
        if "alpha_l1" in found:  # in the second phase
            found["trimap"] = found["trimap"] * float("nan")
        return found

    monkeypatch.setattr(ClipMat, "losses", poisoned)
    with pytest.raises(RefMatteError, match="not finite in step 3") as caught:
        training.train(RECIPE, [data], tmp_path / "out", cpu=True)
    report = json.loads(Path(caught.value.where).read_text())
    assert len(report["images"]) == 2
    assert len(report["texts"]) == 4
    assert from_pretrained(tmp_path / "out/last")
    assert (tmp_path / "out/state").is_dir()


def test_a_model_that_answers_otherwise_goes_on_as_the_recipe_says(
    data: str, straight: Path, tmp_path: Path
) -> None:
    otherwise = {"template": "a {}", "size": 96}
    model = from_pretrained(straight / "last")
    model.config = model.config.model_copy(update=otherwise)
    save(model, tmp_path / "other", answering=Looks(sizes=(96,), mirrored=True))
    for name, start in {"a": straight / "last", "b": tmp_path / "other"}.items():
        training.train(RECIPE, [data], tmp_path / name, start_from=start, cpu=True)
    one, other = (from_pretrained(tmp_path / name / "last") for name in "ab")
    assert one.config == other.config
    for name, tensor in one.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[name]), name


def test_another_training_is_refused(data: str, straight: Path, tmp_path: Path) -> None:
    other = RECIPE.model_copy(update={"rate": 1e-2})
    with pytest.raises(InputError, match=r"rate was 0\.003 and is now 0\.01"):
        training.train(other, [data], straight, cpu=True)
    with pytest.raises(InputError, match="holds a training whose data was"):
        training.train(RECIPE, [data, data], straight, cpu=True)
    with pytest.raises(InputError, match="holds a training whose start was"):
        training.train(RECIPE, [data], straight, cpu=True, start_from=straight / "last")
    run = Path(data).with_name("other.yaml")
    run.write_text(Path(data).read_text() + "seed: 1\n")
    with pytest.raises(InputError, match="holds a training whose data was"):
        training.train(RECIPE, [str(run)], straight, cpu=True)
    released = write_refmatte(tmp_path / "released")
    with pytest.raises(InputError, match="holds a training whose validation was"):
        training.train(RECIPE, [data], straight, cpu=True, validate_on=[str(released)])
    with pytest.raises(InputError, match="another architecture"):
        training.train(
            RECIPE.model_copy(update={"model": {"popup_blocks": 2}}),
            [data],
            tmp_path / "out",
            cpu=True,
            start_from=straight / "best",
        )


def test_another_released_dataset_in_the_same_place_is_refused(tmp_path: Path) -> None:
    """Only what is in its files tells it from the one before."""
    root = write_refmatte(tmp_path / "RefMatte")
    recipe = RECIPE.model_copy(update={"phases": RECIPE.phases[:1]})
    training.train(recipe, [str(root)], tmp_path / "out", cpu=True)
    (label, *_) = sorted(root.glob("train/refmatte_*_label.json"))
    label.write_text(label.read_text() + " ")
    with pytest.raises(InputError, match="holds a training whose data was"):
        training.train(recipe, [str(root)], tmp_path / "out", cpu=True)


def test_it_starts_from_a_checkpoint(data: str, straight: Path, tmp_path: Path) -> None:
    recipe = RECIPE.model_copy(update={"rate": 1e-12, "ema": 0.0, "encoder_rate": 1e-12})
    out = tmp_path / "out"
    training.train(recipe, [data], out, cpu=True, start_from=straight / "last", max_minutes=1e-6)
    before, after = (load_file(o / "last/model.safetensors") for o in (straight, out))
    for name, tensor in after.items():
        if not name.endswith(("running_mean", "running_var", "num_batches_tracked")):
            torch.testing.assert_close(tensor, before[name], atol=1e-6, rtol=0)


def test_a_refiner_is_trained_for_a_model_that_had_none(
    data: str, straight: Path, tmp_path: Path
) -> None:
    """At a size beyond the model's own, and nothing else of the model changes."""
    changes = {
        "model": {"refiner": True, "frozen": ["coarse"]},
        "losses": {"alpha_iou": 1.0},
        "phases": [{"steps": 2, "batch": 2, "size": 96}],
    }
    recipe = Recipe.model_validate(RECIPE.model_dump() | changes)
    logged: list[Mapping[str, float]] = []
    training.train(
        recipe,
        [data],
        tmp_path / "out",
        cpu=True,
        start_from=straight / "last",
        progress=lambda _done, _steps, values: logged.append(values),
    )
    before, after = (load_file(o / "last/model.safetensors") for o in (straight, tmp_path / "out"))
    for name, tensor in before.items():
        assert torch.equal(tensor, after.pop(name)), name
    assert after
    assert all(name.startswith("refiner.") for name in after)
    assert all(0 < values["alpha_iou"] <= 1 for values in logged)
    assert "trimap" not in logged[0]
    # A recipe that does not speak of it trains on with it.
    training.train(RECIPE, [data], tmp_path / "on", cpu=True, start_from=tmp_path / "out/last")
    assert from_pretrained(tmp_path / "on/last").refiner
    with pytest.raises(InputError, match="leaves nothing that learns"):
        RECIPE.model_copy(update={"model": {"frozen": ["coarse"]}}).architecture()


def test_details_are_trained_alone(data: str, tmp_path: Path) -> None:
    whole = training.train(RECIPE, [data], tmp_path / "whole", cpu=True)
    phase = {"steps": 2, "batch": 2, "size": 64}
    only = {"model": {"frozen": ["trimap"]}, "phases": [phase]}
    recipe = Recipe.model_validate(RECIPE.model_dump() | only)
    logged: list[Mapping[str, float]] = []
    training.train(
        recipe,
        [data],
        tmp_path / "details",
        cpu=True,
        start_from=whole,
        progress=lambda _done, _steps, values: logged.append(values),
    )
    before, after = (load_file(o / "model.safetensors") for o in (whole, tmp_path / "details/last"))
    learnt = {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}
    assert learnt
    assert {name.split(".")[0] for name in learnt} == {"extractor", "details_decoder"}
    assert not {"trimap", "affinity", "vocabulary"} & logged[0].keys()
    with pytest.raises(ValueError, match="nothing to learn"):
        Recipe.model_validate(recipe.model_dump() | {"phases": [phase | {"details": False}]})
    with pytest.raises(InputError, match="allowed: a list, each image, text"):
        Recipe.model_validate(recipe.model_dump() | {"model": {"frozen": 5}}).architecture()
    model = {"frozen": ["trimap"], "details": False}
    with pytest.raises(InputError, match="leaves nothing that learns"):
        recipe.model_copy(update={"model": model}).architecture()


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("phases: []", "phases"),
        ("preset: small\nphases: [{steps: 1}]", "'small' is none of"),
        (
            "phases: [{steps: 1}]\nlosses: {trimaps: 2}",
            "'trimaps' is none of affinity, vocabulary, trimap",
        ),
        ("phases: [{steps: 1, sise: 64}]", "did you mean 'size'"),
        (
            "phases: [{steps: 1}]\nmodel: {frozen: [trimap]}\nlosses: {affinity: 2}",
            "'affinity' changes nothing here, only details_l1, details_laplacian",
        ),
        ("phases: [{steps: 0}]", "steps"),
        ("phases: [{steps: 1, kinds: {relativ: 1}}]", "'relativ' is none .* mean 'relative'"),
        ("phases: [{steps: 1}]\nband_px: [50, 2]", "band_px: the first is the least width"),
        ("phases: [{steps: 1}]\nweight_decay: .inf", "weight_decay: .inf is not allowed"),
        ("phases: [{steps: 1}]\nmodel:\n  size: 5", r"recipe\.yaml:3: size: 5 is not allowed"),
        ("phases: [{steps: 1}]\nmodel: {template: 'the {} }'}", "write {} once"),
        ("phases: [{steps: 1, epochs: 2}]", "say either steps or epochs"),
        ("phases: [{batch: 2}]", "say either steps or epochs"),
        ("phases: [{steps: 1, frozen: [coarse]}]", "leaves nothing that learns without"),
        ("phases: [{steps: 1}]\nanswering: {looks: [320]}", "unknown key 'answering.looks'"),
        ("phases: [{steps: 1}]\nrate: -1", "rate"),
        ("phases: [{steps: 1}]\nprecision: fp8", "precision"),
    ],
)
def test_a_wrong_recipe_is_explained(tmp_path: Path, written: str, message: str) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_text(written)
    with pytest.raises(InputError, match=message):
        load_recipe(file)


def test_a_wrong_architecture_is_explained() -> None:
    recipe = RECIPE.model_copy(update={"model": {"popup_width": 33}})
    with pytest.raises(InputError, match="popup_width must be a multiple"):
        recipe.architecture()
    recipe = RECIPE.model_copy(update={"model": {"pop_up": False}})
    with pytest.raises(InputError, match=r"model: unknown key 'pop_up'"):
        recipe.architecture()


def test_embedded_recipes_are_right() -> None:
    names = [file.stem for file in HERE.glob("*.yaml")]
    assert {"tiny", "b16_small_text", "ablation", "smoke"} <= set(names)
    for name in names:
        recipe = load_recipe(name)
        recipe.architecture()
        assert recipe.with_steps(7).steps > 0
        # What is still frozen at the end does not answer.
        assert "refiner" not in recipe.frozen_in(recipe.phases[-1])
    with pytest.raises(InputError, match="did you mean 'tiny'"):
        load_recipe("tinny")


def test_the_command(cli: Cli, data: str, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        "preset: minimal\ntexts: 1\nphases: [{steps: 2, batch: 1, size: 64}]\nworkers: 0\n"
        "validate_pictures: 1\n"
    )
    code, out, err = cli(
        "train", recipe, "--data", data, "--out", tmp_path / "o", "--device", "cpu"
    )
    assert (code, f"{tmp_path / 'o' / 'best'}" in out) == (0, True)
    assert "step 2: soft_iou" in err
    about = json.loads((tmp_path / "o/best/config.json").read_text())["about"]
    assert about["command"].startswith("refmatte train ")
    code, _, err = cli("train", "tinny", "--data", data, "--out", tmp_path / "p")
    assert (code, "did you mean 'tiny'" in err) == (2, True)
    code, _, err = cli("train", recipe, "--data", tmp_path / "none", "--out", tmp_path / "p")
    assert code == 2
    assert str(tmp_path / "none") in err
    code, _, err = cli("train", recipe, "--data", data, "--out", recipe)
    assert code == 2


def test_a_wrong_model_leaves_no_training_behind(data: str, tmp_path: Path) -> None:
    wrong = RECIPE.model_copy(update={"model": {"size": 8}})
    with pytest.raises(InputError, match=r"size: 8"):
        training.train(wrong, [data], tmp_path / "out", cpu=True)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {"size": 70}}, "size: 70: is no multiple of the 16 px .* nearest are 64, 80"),
        ({"phases": [{"steps": 1, "size": 500}]}, "phases: size: 500: .* nearest are 496, 512"),
    ],
)
def test_a_size_of_broken_patches_is_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        first(Recipe(**{**RECIPE.model_dump(), **changes}), None)


def test_phases_say_what_learns_and_begin_anew(data: str, tmp_path: Path) -> None:
    """And a run that is killed anywhere among them goes on to the same weights."""
    changes = {
        "model": {"refiner": True},
        "save_every": 1,
        "phases": [
            {"steps": 2, "batch": 2, "size": 64, "details": False, "frozen": ["refiner"]},
            {"steps": 2, "batch": 2, "size": 64, "rate": 1e-3, "frozen": ["trimap", "refiner"]},
            {"steps": 2, "batch": 2, "size": 64, "rate": 2e-3, "frozen": ["coarse"]},
        ],
    }
    recipe = Recipe.model_validate(RECIPE.model_dump() | changes)
    stretches = [recipe.stretch(step) for step in range(6)]
    assert [(s.first, s.end) for s in stretches] == [(0, 2)] * 2 + [(2, 4)] * 2 + [(4, 6)] * 2
    assert [s.rate for s in stretches[::2]] == [3e-3, 1e-3, 2e-3]

    def weights(out: Path) -> dict[str, torch.Tensor]:
        return load_file(out / "last/model.safetensors")

    def until(step: int, out: Path) -> None:
        def kill(done: int, _steps: int, _values: object) -> None:
            if done == step:
                raise Killed

        with pytest.raises(Killed):
            training.train(recipe, [data], out, cpu=True, progress=kill)

    training.train(recipe, [data], tmp_path / "straight", cpu=True)
    for step in (1, 3, 5):  # what a step makes is kept after it is told of
        until(step, tmp_path / "killed")
    training.train(recipe, [data], tmp_path / "killed", cpu=True)
    whole, resumed = weights(tmp_path / "straight"), weights(tmp_path / "killed")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_a_batch_may_be_learnt_from_in_parts(data: str, tmp_path: Path) -> None:
    """Without batch norm in training, parts have the gradient of the whole."""
    found = []
    for at_once in (None, 1):
        phase = {"steps": 1, "batch": 2, "size": 64, "at_once": at_once, "frozen": ["trimap"]}
        changes = {"phases": [phase], "clip_norm": 1e9, "warm_up": 0}
        recipe = Recipe.model_validate(RECIPE.model_dump() | changes)
        logged: list[Mapping[str, float]] = []
        training.train(
            recipe,
            [data],
            tmp_path / str(at_once),
            cpu=True,
            progress=lambda _done, _steps, values, logged=logged: logged.append(values),  # type: ignore[misc]
        )
        found.append(logged[0])
    assert found[0]["alpha_l1"] == pytest.approx(found[1]["alpha_l1"], rel=1e-4)


def test_epochs_are_of_a_dataset(data: str, written: str, tmp_path: Path) -> None:
    phases = [{"epochs": 2, "batch": 3, "size": 64}]
    recipe = Recipe.model_validate(RECIPE.model_dump() | {"phases": phases})
    told: list[int] = []
    training.train(
        recipe,
        [written],
        tmp_path / "out",
        cpu=True,
        progress=lambda done, _s, _v: told.append(done),
    )
    assert told == [1, 2, 3]  # two times four pictures, three at a time
    with pytest.raises(InputError, match="epochs: need datasets on disk; a stream has no end"):
        training.train(recipe, [data], tmp_path / "endless", cpu=True)
    assert not (tmp_path / "endless").exists()
