"""The paper's table: one of its models, trained and scored on the released data, and its rows."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from refmatte_baselines import kinds
from refmatte_baselines.answering import Predictor
from refmatte_baselines.compare import of_preset
from refmatte_baselines.data.pictures import Written
from refmatte_baselines.evaluation.scores import evaluate
from refmatte_baselines.predictor import Options
from refmatte_baselines.towers.network import Target
from refmatte_baselines.training.loop import OnStep, Tell, train
from refmatte_baselines.training.recipe import Recipe, load_recipe
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.parallel import Progress
from refmatte_engine.records import KEYWORD
from refmatte_engine.scoring import rows, summary
from refmatte_engine.scoring.rows import Rows
from refmatte_engine.storage.files import write_whole

INDEX = "eval_index_expression.json"
FIGURES = ("SAD", "MSE", "MAD", "SAD(E)", "MSE(E)", "MAD(E)")


class Model(NamedTuple):
    """A row of the table: the preset and recipe that make it, and a small preset to try all."""

    preset: str
    recipe: str
    small: str


MODELS = {
    "clipmat-b16": Model("b16", "paper_b16", "minimal"),
    "clipmat-l14": Model("l14", "paper_l14", "minimal"),
    "clipseg": Model("clipseg_b16", "paper_b16", "clipseg_minimal"),
    "mdetr": Model("mdetr_b16", "paper_b16", "mdetr_minimal"),
}

# SAD, MSE, MAD with text prompts on RefMatte-RW100, as the paper and a leaderboard have them.
PAPER_RW100 = {
    "MDETR": (131.58, 0.068, 0.075),
    "CLIPSeg": (211.86, 0.118, 0.122),
    "CLIPMat L/14": (88.52, 0.0488, 0.0510),
    "CLIPMat L/14 + refiner": (85.83, 0.047, 0.050),
}
# SAD on the synthetic test split, keyword and expression: recalled, and not checked.
RECALLED = {
    "MDETR": (32.27, 84.70),
    "CLIPSeg": (17.75, 69.13),
    "CLIPMat B/16": (9.91, 47.97),
    "CLIPMat L/14": (8.51, 42.05),
}
SMOKE: Mapping[str, Any] = {
    "phases": [{"steps": 2, "batch": 2, "size": 64}],
    "texts": 2,
    "warm_up": 0,
    "workers": 0,
    "save_memory": False,
    "losses": {},
    "validate_pictures": 1,
}


class Boards(NamedTuple):
    """What is scored: the synthetic test split by keyword, where its labels name things, and by
    expression, and RW100 by its index file."""

    keyword: Rows | None
    expression: Rows
    rw100: Rows


def reproduce(
    name: str,
    refmatte: Path,
    rw100: Path,
    out: Path,
    *,
    keyword_field: str | None = None,
    smoke: bool = False,
    cpu: bool = False,
    workers: int = 0,
    command: str = "",
    on_step: OnStep | None = None,
    on_row: Progress | None = None,
    tell: Tell | None = None,
) -> str:
    """Trains a model of the paper's on keywords and another on expressions, in `out`, and scores
    them; returns a Markdown table, which is also in `out`/RESULTS.md.

    `keyword_field` is what RefMatte's labels call a keyword, if not so. What is trained already is
    not trained again. With `smoke` a small model takes two steps, which shows that everything works
    and nothing else. InputError for an unknown name, and for folders
    that are not RefMatte's and RW100's.
    """
    if name not in MODELS:
        todo = nearest(name, MODELS)
        raise InputError(name, "is no model of the paper", allowed=listed(MODELS), todo=todo)
    boards = found(refmatte, rw100, keyword_field)
    texts = sorted({row.kind for row in boards.expression.rows})
    asked = {"expression": dict.fromkeys(texts, 1.0)}
    if boards.keyword is not None:
        asked = {"keyword": {KEYWORD: 1.0}, **asked}
    elif tell is not None:
        todo = "if they do, say how with --keyword-field"
        tell(f"{refmatte}: its labels name no things, so there is no keyword model; {todo}")
    recipe = recipe_of(MODELS[name], smoke=smoke)
    pictures = len(Written(refmatte, 0, "train"))
    if tell is not None:
        tell(expected(recipe, pictures, len(asked), cpu=cpu))
    lines = [f"| {name} on | texts | {' | '.join(FIGURES)} |", "|---" * (2 + len(FIGURES)) + "|"]
    results: dict[str, Any] = {}
    for form, of_kind in asked.items():
        phases = [phase.model_copy(update={"kinds": of_kind}) for phase in recipe.phases]
        own = recipe.model_copy(update={"phases": phases})
        folder = out / form
        if tell is not None:
            tell(f"{name}, {form}: {folder}")
        train(
            own,
            [str(refmatte)],
            folder,
            validate_on=[str(refmatte)],
            keyword_field=keyword_field,
            cpu=cpu,
            command=command,
            progress=on_step,
            tell=tell,
        )
        predictor = Predictor(folder / "best", Options("cpu" if cpu else "auto"))
        scored = {"RefMatte test, keyword": boards.keyword}
        if form == "expression":
            scored = {"RefMatte test, expression": boards.expression, "RW100": boards.rw100}
        for board, chosen in scored.items():
            assert chosen is not None
            scores = evaluate(predictor, chosen, which="paper", workers=workers, progress=on_row)
            figures = summary.overall(scores).figures
            results[board] = {figure: figures[figure].value for figure in FIGURES}
            cells = " | ".join(f"{results[board][figure]:.4g}" for figure in FIGURES)
            lines.append(f"| {board} | {len(chosen)} | {cells} |")
    if smoke:
        lines += ["", "From two steps of a small model (--smoke): these figures say nothing."]
    table = "\n".join([*lines, "", *beside(), "", f"`{command}`"])
    write_whole(out / "results.json", json.dumps(results, indent=1).encode())
    write_whole(out / "RESULTS.md", f"{table}\n".encode())
    return table


def found(refmatte: Path, rw100: Path, keyword_field: str | None = None) -> Boards:
    """The rows of the three boards; `keyword_field` is what RefMatte's labels call a keyword, if
    not so. InputError for a folder that lacks what it should hold."""
    places = [rw100, *sorted(each for each in rw100.glob("*") if each.is_dir())]
    index = next((place / INDEX for place in places if (place / INDEX).is_file()), None)
    if index is None:
        raise InputError(
            rw100, f"has no {INDEX}", todo="give the folder of RefMatte-RW100 as released"
        )
    for split in ("train", "test"):
        rows.read(refmatte, split=split, setting="expression")
    expression = rows.read(refmatte, split="test", setting="expression")
    keyword = None
    named = partial(rows.read, refmatte, split="test", keyword_field=keyword_field)
    if any(row.category for row in named().rows):
        keyword = named(setting="keyword")
    return Boards(keyword, expression, rows.read(rw100, index=index))


def recipe_of(model: Model, *, smoke: bool) -> Recipe:
    """The recipe that makes a model, or one that tries everything in seconds."""
    recipe = of_preset(load_recipe(model.recipe), model.preset)
    if not smoke:
        return recipe
    return Recipe.model_validate({**recipe.model_dump(), **SMOKE, "preset": model.small})


def expected(recipe: Recipe, pictures: int, trainings: int, *, cpu: bool) -> str:
    """How long all trainings will take, as one step of random pictures here says."""
    on_gpu = torch.cuda.is_available() and not cpu
    device = torch.device("cuda" if on_gpu else "cpu")
    counted = recipe.with_steps(pictures)
    phase = counted.phases[-1]
    at_once = phase.at_once or phase.batch
    config = recipe.architecture().model_copy(update={"pretrained": None})
    model = kinds.network(config, pretrained=False).to(device).train()
    model.visual.set_grad_checkpointing(recipe.save_memory)
    image = torch.rand(at_once, 3, phase.size, phase.size, device=device)
    tokens = model.reader.tokens(["the cat on the left"] * at_once * recipe.texts, "expression")
    alpha = torch.rand(len(tokens), 1, phase.size, phase.size, device=device)
    trimap = torch.randint(0, 3, (len(tokens), phase.size, phase.size), device=device)
    target = Target(image.repeat_interleave(recipe.texts, 0), alpha, trimap)
    weights = {**recipe.weights(), "composition": 0.0}

    def step() -> float:
        begun = time.perf_counter()
        output = model(image, tokens.to(device))
        total: Tensor = torch.stack(list(model.losses(output, target, weights).values())).sum()
        torch.autograd.backward(total)
        if on_gpu:
            torch.cuda.synchronize()
        return time.perf_counter() - begun

    step()  # the first one is slower
    seconds = step() * (phase.batch // at_once)
    steps = counted.steps * trainings
    hours = steps * seconds / 3600
    return (
        f"expected: {hours:.1f} hours for {steps} steps on one {device.type} "
        f"({seconds:.1f} s each in fp32), and the scoring; Ctrl-C keeps what is done"
    )


def beside() -> list[str]:
    """What the paper has, to stand beside the table."""
    lines = ["| the paper, RW100 by text | SAD | MSE | MAD |", "|---|---|---|---|"]
    lines += [f"| {name} | {' | '.join(map(str, row))} |" for name, row in PAPER_RW100.items()]
    lines += ["", "| recalled, not checked: RefMatte test | keyword SAD | expression SAD |"]
    lines += ["|---|---|---|"]
    lines += [f"| {name} | {' | '.join(map(str, row))} |" for name, row in RECALLED.items()]
    return lines
