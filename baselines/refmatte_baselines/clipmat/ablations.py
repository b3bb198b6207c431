"""What each part of the model is worth: the same training without it, and with each template."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from refmatte_baselines.clipmat.config import TEMPLATES
from refmatte_baselines.clipmat.predict import Predictor
from refmatte_baselines.clipmat.recipe import Recipe
from refmatte_baselines.evaluation.scores import evaluate
from refmatte_baselines.predictor import Options
from refmatte_baselines.training.loop import OnStep, Tell, train
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.scoring import rows, summary
from refmatte_engine.storage.files import write_whole

FIGURES = ("soft IoU", "wrong object", "SAD")
VARIANTS: dict[str, Mapping[str, Any]] = {
    "whole": {},
    "without prompt": {"template": "{}", "context_tokens": 0},
    "without pop-up": {"popup": False},
    "without details": {"details": False},
    **{f"template “{template}”": {"template": template} for template in TEMPLATES},
}


def ablate(
    recipe: Recipe,
    data: Sequence[str],
    test: Path,
    out: Path,
    *,
    only: Sequence[str] | None = None,
    cpu: bool = False,
    command: str = "",
    progress: OnStep | None = None,
    tell: Tell | None = None,
) -> str:
    """Trains every variant as `recipe` says and scores its last weights on the test split;
    returns a Markdown table of FIGURES, for all rows and by kind, which is also in `out` if it is
    of all variants.

    What is trained already is not trained again. InputError for an unknown variant.
    """
    for name in only or ():
        if name not in VARIANTS:
            todo = nearest(name, VARIANTS)
            raise InputError(name, "is no variant", allowed=listed(VARIANTS), todo=todo)
    chosen = rows.read(test, split="test")
    variants = {
        name: recipe.model_copy(update={"model": {**recipe.model, **VARIANTS[name]}})
        for name in only or VARIANTS
    }
    architectures = {name: each.architecture() for name, each in variants.items()}
    found: dict[str, dict[str, float]] = {}
    measured: dict[str, dict[str, float]] = {}
    for name, variant in variants.items():
        # One of the templates is the whole model's own.
        same = architectures[name].model_dump_json()
        if same in measured:
            found[name] = measured[same]
            continue
        folder = out / "".join(c if c.isalnum() else "_" for c in name)
        if tell is not None:
            tell(f"{name}: {folder}")
        train(variant, data, folder, cpu=cpu, command=command, progress=progress, tell=tell)
        predictor = Predictor(folder / "last", Options("cpu" if cpu else "auto"))
        scores = evaluate(predictor, chosen)
        found[name] = measured[same] = {
            f"{group.name} {figure}": group.figures[figure].value
            for group in summary.groups(scores)
            if group.by in ("all", "kind")
            for figure in FIGURES
        }
    table = _table(found)
    if not only:
        results = json.dumps(found, indent=1, ensure_ascii=False)
        write_whole(out / "ablations.json", results.encode())
        write_whole(out / "ablations.md", f"{table}\n\n`{command}`\n".encode())
    return table


def _table(found: Mapping[str, Mapping[str, float]]) -> str:
    columns = list(next(iter(found.values())))
    lines = [f"| variant | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name, figures in found.items():
        lines.append(f"| {name} | {' | '.join(f'{figures[c]:.3g}' for c in columns)} |")
    return "\n".join(lines)
