"""What each part of the model is worth: the same trainings as the figure has it, and otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Any

from refmatte_baselines.answering import Predictor
from refmatte_baselines.clipmat.config import ClipMatConfig
from refmatte_baselines.evaluation.scores import evaluate, figures_once
from refmatte_baselines.predictor import Options
from refmatte_baselines.towers.config import TowersConfig
from refmatte_baselines.training.loop import OnStep, Tell, train
from refmatte_baselines.training.recipe import Recipe
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.scoring import rows, summary
from refmatte_engine.storage.files import write_whole

FIGURES = ("soft IoU", "found", "wrong", "SAD")
SIZES = ("_width", "_widths", "_heads")
# Everything but encoders and widths, which are the recipe's.
FIGURE: Mapping[str, Any] = {
    name: field.default
    for name, field in ClipMatConfig.model_fields.items()
    if name in ("template", "drawn_templates", "context_tokens")
    or (name not in TowersConfig.model_fields and not name.endswith(SIZES))
}
VARIANTS: dict[str, Mapping[str, Any]] = {
    "exactly the figure": {},
    "(i) residual round LN and MLP": {"popup_residual": True},
    "(ii) MDE with the image's pixels": {"details_image": "pixels"},
    "(iii) details end at full size": {"details_end": "full"},
    "(iv) one template": {"drawn_templates": ()},
    "+ visual residual": {"visual_residual": True},
    "without TSP": {"popup": False},
    "without MDE": {"details": False},
    "without CP": {"template": "{}", "drawn_templates": (), "context_tokens": 0},
}


def ablate(
    recipe: Recipe,
    data: Sequence[str],
    test: Path,
    out: Path,
    *,
    only: Sequence[str] | None = None,
    seeds: int = 3,
    cpu: bool = False,
    command: str = "",
    progress: OnStep | None = None,
    tell: Tell | None = None,
) -> str:
    """Trains every variant as `recipe` says, with so many seeds from the recipe's on, and scores
    the last weights on the test split; returns a Markdown table of FIGURES, mean and standard
    deviation, for all rows and by kind, which is also in `out` if it is of all variants.

    What is trained and scored already is not done again. InputError for an unknown variant, and
    for a recipe of another model.
    """
    for name in only or ():
        if name not in VARIANTS:
            todo = nearest(name, VARIANTS)
            raise InputError(name, "is no variant", allowed=listed(VARIANTS), todo=todo)
    if (kind := recipe.architecture().kind) != ClipMatConfig.kind:
        raise InputError(f"preset {recipe.preset}", f"is a {kind}", allowed="a CLIPMat's")
    chosen = rows.read(test, split="test")
    models = {name: {**recipe.model, **FIGURE, **VARIANTS[name]} for name in only or VARIANTS}
    for model in models.values():  # what cannot be is said before anything is trained
        recipe.model_copy(update={"model": model}).architecture()
    found: dict[str, list[dict[str, float]]] = {}

    def measure(checkpoint: Path) -> dict[str, float]:
        scores = evaluate(Predictor(checkpoint, Options("cpu" if cpu else "auto")), chosen)
        return {
            f"{group.name} {figure}": group.figures[figure].value
            for group in summary.groups(scores)
            if group.by in ("all", "kind")
            for figure in FIGURES
        }

    for name, model in models.items():
        for seed in range(recipe.seed, recipe.seed + seeds):
            folder = out / "_".join("".join(c if c.isalnum() else " " for c in name).split())
            folder /= f"seed_{seed}"
            if tell is not None:
                tell(f"{name}, seed {seed}: {folder}")
            variant = recipe.model_copy(update={"model": model, "seed": seed})
            train(variant, data, folder, cpu=cpu, command=command, progress=progress, tell=tell)
            found.setdefault(name, []).append(figures_once(folder, test, measure))
    table = _table(found)
    if not only:
        results = json.dumps(found, indent=1, ensure_ascii=False)
        write_whole(out / "ablations.json", results.encode())
        write_whole(out / "ablations.md", f"{table}\n\n`{command}`\n".encode())
    return table


def _table(found: Mapping[str, Sequence[Mapping[str, float]]]) -> str:
    columns = list(next(iter(found.values()))[0])
    lines = [f"| variant | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name, trained in found.items():
        cells = []
        for column in columns:
            values = [each[column] for each in trained]
            spread = f" ± {stdev(values):.2g}" if len(values) > 1 else ""
            cells.append(f"{mean(values):.3g}{spread}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
