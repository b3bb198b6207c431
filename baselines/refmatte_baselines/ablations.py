"""What each part of the model is worth: the same trainings as the figure has it, and otherwise."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from refmatte_baselines.answering import Predictor
from refmatte_baselines.clipmat.config import ClipMatConfig
from refmatte_baselines.compare import at_equal_steps, each_seed
from refmatte_baselines.evaluation.scores import evaluate, figures_once
from refmatte_baselines.predictor import Options
from refmatte_baselines.towers.config import HERE, TowersConfig
from refmatte_baselines.training.loop import OnStep, Tell, train
from refmatte_baselines.training.recipe import Recipe
from refmatte_engine.config.strict_yaml import read_yaml
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
VARIANTS: dict[str, Mapping[str, Any]] = read_yaml(HERE / "ablations.yaml")[0]


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
    variants = {
        name: recipe.model_copy(update={"model": {**recipe.model, **FIGURE, **VARIANTS[name]}})
        for name in only or VARIANTS
    }
    for variant in variants.values():  # what cannot be is said before anything is trained
        variant.architecture()

    def measure(checkpoint: Path) -> dict[str, float]:
        scores = evaluate(Predictor(checkpoint, Options("cpu" if cpu else "auto")), chosen)
        return {
            f"{group.name} {figure}": group.figures[figure].value
            for group in summary.groups(scores)
            if group.by in ("all", "kind")
            for figure in FIGURES
        }

    def trained(variant: Recipe, folder: Path) -> dict[str, float]:
        train(variant, data, folder, cpu=cpu, command=command, progress=progress, tell=tell)
        return figures_once(folder, test, measure)

    found = each_seed(variants, seeds, out, trained, tell)
    table = at_equal_steps(found, "variant")
    if not only:
        results = json.dumps(found, indent=1, ensure_ascii=False)
        write_whole(out / "ablations.json", results.encode())
        write_whole(out / "ablations.md", f"{table}\n\n`{command}`\n".encode())
    return table
