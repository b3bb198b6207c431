"""A model's scores on a dataset, without files in between."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from refmatte_baselines.checkpoints import WEIGHTS
from refmatte_baselines.evaluation.answers import answers_of, in_16_bits
from refmatte_baselines.predictor import Predictor
from refmatte_baselines.ranks import gathered, started
from refmatte_engine.dataset.identity import identity
from refmatte_engine.errors import InputError
from refmatte_engine.parallel import Progress
from refmatte_engine.records import F64, U16
from refmatte_engine.scoring import score
from refmatte_engine.scoring.rows import Row, Rows
from refmatte_engine.storage.files import write_whole
from refmatte_engine.storage.spool import Spool

FIGURES = "figures.json"


def evaluate(
    predictor: Predictor,
    rows: Rows,
    *,
    which: score.Which = "all",
    workers: int = 1,
    progress: Progress | None = None,
) -> score.Scores:
    """The scores of the model's mattes, in 16 bits as `write` would store them; nothing is written.

    The `workers` are threads that score while one of them asks the model. Processes that were
    started together share the images, and each gets all scores; `progress` tells of its own.
    """
    place, presences = started(), dict[str, float]()
    answers = partial(_answers, predictor, presences)
    name = str(predictor.checkpoint)
    own = (row for of in islice(rows.by_image(), place.rank, None, place.world) for row in of)
    scores = score.collect(
        answers,
        replace(rows, rows=Spool(own)) if place.world > 1 else rows,
        name,
        which=which,
        workers=workers,
        threads=True,
        progress=progress,
    )
    if place.world > 1:
        parts = gathered((replace(scores, predict=_unasked), presences))
        scores = replace(score.united([part for part, _ in parts], rows), predict=answers)
        presences = {name: value for _, said in parts for name, value in said.items()}
    return score.told(scores, presences)


def _unasked(rows: Sequence[Row], alphas: Sequence[F64]) -> Iterator[F64]:
    """Where scores are sent to another process, their model stays behind."""
    raise NotImplementedError


def figures_once(
    folder: Path, test: Path, measure: Callable[[Path], dict[str, float]]
) -> dict[str, float]:
    """What `measure` finds of a training's last weights on the dataset `test`; kept in the
    training's `folder`, so that an interrupted comparison goes on where it was."""
    last, path = folder / "last", folder / FIGURES
    content = hashlib.blake2b((last / WEIGHTS).read_bytes(), digest_size=16).hexdigest()
    about = {"weights": content, "test": identity(test)}
    if path.exists() and (known := json.loads(path.read_bytes()))["of"] == about:
        return dict(known["figures"])
    found = measure(last)
    write_whole(path, json.dumps({"of": about, "figures": found}, indent=1).encode())
    return found


def _answers(
    predictor: Predictor, presences: dict[str, float], rows: Sequence[Row], alphas: Sequence[F64]
) -> Iterator[F64]:
    """The mattes of rows of one image, whose texts are asked together. What the model says of
    presence is noted."""
    found = dict[str, U16]()
    for row, answer in answers_of(predictor, rows):
        found[row.name] = in_16_bits(answer.alpha)
        if answer.presence is not None:
            presences[row.name] = answer.presence
    for row in rows:
        alpha = found[row.name]
        if alpha.shape != alphas[0].shape:
            problem = f"has {alpha.shape[1]}×{alpha.shape[0]} pixels"
            allowed = f"its alphas' {alphas[0].shape[1]}×{alphas[0].shape[0]}"
            raise InputError(row.image, problem, allowed=allowed)
        yield alpha / 65535
