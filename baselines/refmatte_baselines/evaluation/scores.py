"""A model's scores on a dataset, without files in between."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from refmatte_baselines.evaluation.answers import alphas_of, in_16_bits
from refmatte_baselines.predictor import Predictor
from refmatte_engine.errors import InputError
from refmatte_engine.parallel import Progress
from refmatte_engine.records import F64, U16
from refmatte_engine.scoring import score
from refmatte_engine.scoring.rows import Row, Rows


def evaluate(
    predictor: Predictor,
    rows: Rows,
    *,
    which: score.Which = "all",
    workers: int = 1,
    progress: Progress | None = None,
) -> score.Scores:
    """The scores of the model's mattes, in 16 bits as `write` would store them; nothing is written.

    The `workers` are threads that score while one of them asks the model.
    """
    answers = _Answers(predictor, rows)
    name = str(predictor.checkpoint)
    return score.collect(
        answers, rows, name, which=which, workers=workers, threads=True, progress=progress
    )


class _Answers(threading.local):
    """The mattes of one image at a time for each thread, so that its texts are asked together."""

    def __init__(self, predictor: Predictor, rows: Rows) -> None:
        self.predictor = predictor
        self.images = {own[0].image: own for own in rows.by_image()}
        self.image: Path | None = None
        self.found: dict[str, U16] = {}

    def __call__(self, row: Row, alphas: Sequence[F64]) -> F64:
        if self.image != row.image:
            self.found, self.image = {}, None
            own = self.images[row.image]
            self.found = {each.name: in_16_bits(a) for each, a in alphas_of(self.predictor, own)}
            self.image = row.image
        alpha = self.found[row.name]
        if alpha.shape != alphas[0].shape:
            problem = f"has {alpha.shape[1]}×{alpha.shape[0]} pixels"
            allowed = f"its alphas' {alphas[0].shape[1]}×{alphas[0].shape[0]}"
            raise InputError(row.image, problem, allowed=allowed)
        return alpha / 65535
