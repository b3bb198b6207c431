"""Scores of predictions: every metric for every row, on whole images at full resolution."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from refmatte_engine.dataset.address import folder_of
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.images import image_io, mattes
from refmatte_engine.images.alphas import together
from refmatte_engine.parallel import Progress, spread
from refmatte_engine.randomness import stream
from refmatte_engine.records import F64, U8, U16
from refmatte_engine.scoring import metrics, prediction_files
from refmatte_engine.scoring.rows import Row, Rows
from refmatte_engine.storage import files
from refmatte_engine.storage.spool import Spool

Which = Literal["all", "paper"]
"""The metrics to measure: all, or those of RefMatte's paper, SAD, MSE and MAD, in far less time."""
Predict = Callable[[Sequence[Row], Sequence[F64]], Iterable[npt.NDArray[np.floating]]]
"""The predictions (H×W in [0, 1]) for rows of one image, given the alphas of its entities."""

LOOKED_AT = 48  # predictions, before the rest is scored
SHOWN = 3  # doubtful ones that are named


@dataclass(frozen=True, slots=True)
class Result:
    """The metrics of one row, in `metrics`' units; the last three SADs add up to `sad`.

    `called_empty` is true if the model says that the text means nothing: if its `presence`, the
    probability that it means something, is below 0.5; or, of a model that does not say (None), if
    no pixel of the prediction reaches alpha 0.5. `outcome` is empty if the text means nothing.
    `doubt` says what the prediction seems to be instead of an alpha. What was not to be measured is
    None.
    """

    row: Row
    width_px: int
    height_px: int
    sad: float
    mse: float
    mad: float
    grad: float | None
    grad_aim: float | None
    conn: float | None
    soft_iou: float | None
    intersection_px: int | None
    union_px: int | None
    outcome: metrics.Outcome | Literal[""] | None
    called_empty: bool
    sad_on_referent: float | None
    sad_on_others: float | None
    sad_on_background: float | None
    doubt: str = ""
    presence: float | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """The results of one model, in the order of the rows; `predict` makes its predictions again.
    `notes` are doubts about all of them, in plain words. `times_1000` says that tables are to show
    MSE and MAD so."""

    predictions: str
    dataset: str
    mode: str
    results: Sequence[Result]
    predict: Predict = field(repr=False, compare=False)
    notes: tuple[str, ...] = ()
    times_1000: bool = False


def score(
    predictions: str | Path,
    rows: Rows,
    *,
    which: Which = "all",
    workers: int = 1,
    progress: Progress | None = None,
) -> Scores:
    """The scores of a folder of predictions, with what its model says of presence, if it does.

    InputError as `prediction_files` says, and if all seem to be something other than alphas (masks
    of 0 and 1, say).
    `progress` is called with (images done, images in total).
    """
    folder = folder_of(predictions, "predictions")
    rows = prediction_files.as_named(folder, rows)
    predict = partial(prediction_files.read, folder)
    presences = prediction_files.presences(folder, rows)
    _refuse_other_codings(folder, rows, predict)
    name = str(folder)
    scores = collect(predict, rows, name, which=which, workers=workers, progress=progress)
    return told(scores, presences)


def reference(
    name: str,
    rows: Rows,
    *,
    seed: int = 0,
    which: Which = "all",
    workers: int = 1,
    progress: Progress | None = None,
) -> Scores:
    """The scores of a trivial answer, a baseline for any model's: one of REFERENCES.

    InputError for another name.
    """
    if name not in REFERENCES:
        todo = nearest(name, REFERENCES)
        raise InputError(name, "is not a reference", allowed=listed(REFERENCES), todo=todo)
    predict = partial(_each, name, seed)
    title = f"reference: {name}"
    return collect(predict, rows, title, which=which, workers=workers, progress=progress)


def collect(
    predict: Predict,
    rows: Rows,
    name: str,
    *,
    which: Which = "all",
    workers: int = 1,
    threads: bool = False,
    progress: Progress | None = None,
) -> Scores:
    """The scores of any function that predicts. With several workers it must be picklable, unless
    they are `threads`. Of rows and results only a few are ever in memory."""
    images = sum(1 for _ in rows.by_image())
    tasks = ((predict, own, which) for own in rows.by_image())
    results = Spool[Result]()
    done = spread(_image_results, tasks, workers=workers, threads=threads)
    for number, found in enumerate(done, 1):
        for result in found:
            results.append(result)
        if progress is not None:
            progress(number, images)
    return Scores(name, rows.dataset, rows.mode, results, predict, _notes(results))


def united(parts: Sequence[Scores], rows: Rows) -> Scores:
    """The scores of all `rows`, whose images the parts have had in turns."""
    given = [iter(part.results) for part in parts]
    turns = zip(rows.by_image(), cycle(given))
    results = Spool(result for own, its in turns for result in islice(its, len(own)))
    return replace(parts[0], results=results, notes=_notes(results))


def told(scores: Scores, presences: Mapping[str, float]) -> Scores:
    """The scores with what the model says of presence, the probability that a text means something,
    by row's name; without any as they are."""
    if not presences:
        return scores
    heard = ((result, presences[result.row.name]) for result in scores.results)
    told_of = (replace(each, presence=said, called_empty=said < 0.5) for each, said in heard)
    return replace(scores, results=Spool(told_of))


def measure(
    row: Row,
    prediction: npt.NDArray[np.floating],
    alphas: Sequence[F64],
    which: Which = "all",
) -> Result:
    """The metrics of a prediction (H×W in [0, 1]), given the alphas of the image's entities."""
    p, a = prediction.astype(np.float64, copy=False), truth(row, alphas)
    height, width = a.shape
    errors = metrics.sad(p, a), metrics.mse(p, a), metrics.mad(p, a)
    empty, doubt = not (p >= 0.5).any(), _doubt(row, p, a)
    if which == "paper":
        none = None, None, None
        return Result(row, width, height, *errors, *none, *none, None, empty, *none, doubt)
    others = [alpha for place, alpha in enumerate(alphas) if place not in row.referents]
    return Result(
        row,
        width,
        height,
        *errors,
        metrics.grad(p, a),
        metrics.grad_aim(p, a),
        metrics.conn(p, a),
        metrics.soft_iou(p, a),
        *metrics.overlap_px(p, a),
        metrics.outcome(p, a, others) if row.referents else "",
        empty,
        *metrics.sad_split(p, a, others),
        doubt,
    )


def _doubt(row: Row, prediction: F64, meant: F64) -> str:
    """What a prediction seems to be instead of an alpha, with the remedy, in plain words; or
    nothing."""
    if not row.referents or not prediction.any():
        return ""
    if prediction.max() * 255 < mattes.SEEN:
        levels = np.rint(prediction * 255)
        stored: U8 | U16 = levels.astype(np.uint8)
        if np.abs(levels - prediction * 255).max() > 1e-6:
            stored = np.rint(prediction * 65535).astype(np.uint16)
        error = mattes.miscoded(stored)
        return str(error) if error is not None else ""
    if prediction.min() < 0.5 <= prediction.max():
        inverse = metrics.soft_iou(1 - prediction, meant)
        if inverse > 0.5 and inverse > metrics.soft_iou(prediction, meant):
            return "it is inverted: its complement fits; invert it"
    return ""


def _refuse_other_codings(folder: Path, rows: Rows, predict: Predict) -> None:
    """InputError if all inspected predictions seem to be something other than alphas."""
    meant = sum(bool(row.referents) for row in rows)
    some = islice((row for row in rows if row.referents), 0, None, max(1, -(-meant // LOOKED_AT)))
    first, doubtful, count = "", "", 0
    for row in some:
        alphas = read_alphas(row)
        (given,) = predict([row], alphas)
        prediction = given.astype(np.float64, copy=False)
        if not prediction.any():
            continue
        if not (doubt := _doubt(row, prediction, truth(row, alphas))):
            return
        first, doubtful, count = first or f"{row.name}.png", doubtful or doubt, count + 1
    if count:
        whole = f"all {count} predictions" if count == meant else f"all {count} looked at"
        raise InputError(folder, f"contains no alphas: in {whole}, as in {first}, {doubtful}")


def _notes(results: Iterable[Result]) -> tuple[str, ...]:
    asked = doubtful = empty = 0
    names, notes, doubt = list[str](), list[str](), ""
    for result in (result for result in results if result.row.referents):
        asked, empty = asked + 1, empty + result.called_empty
        if result.doubt:
            doubtful, doubt = doubtful + 1, doubt or result.doubt
            names += [f"{result.row.name}.png"] if len(names) < SHOWN else []
    if doubtful:
        some = ", ".join(names) + (f" … ({doubtful} in all)" if doubtful > SHOWN else "")
        notes.append(
            f"{doubtful} of {asked} predictions seem not to be alphas and are scored as "
            f"they are ({some}): {doubt}"
        )
    if asked and empty == asked:
        notes.append(f"no prediction of the {asked} that should show something reaches 0.5")
    return tuple(notes)


def read_alphas(row: Row) -> list[F64]:
    """The alphas of the entities of the row's image, float64 H×W in [0, 1]. InputError if one
    cannot be read, seems to be something other than an alpha, or differs in size from the
    others."""
    alphas = []
    for path in row.alphas:
        levels = image_io.decode_levels(files.read_bytes(path), path)
        if (error := mattes.miscoded(levels, "it")) is not None:
            raise InputError(path, error.problem, todo=error.todo)
        alphas.append(image_io.rounded(levels).astype(np.float64) / 255)
    for path, alpha in zip(row.alphas, alphas, strict=True):
        if alpha.shape != alphas[0].shape:
            problem = f"has {_size(alpha)} pixels"
            raise InputError(path, problem, allowed=f"{_size(alphas[0])}, as {row.alphas[0].name}")
    return alphas


def truth(row: Row, alphas: Sequence[F64]) -> F64:
    """The ground truth of a row: the sum of its referents' visible alphas."""
    return together((alphas[place] for place in row.referents), np.zeros_like(alphas[0]))


def _image_results(predict: Predict, rows: Sequence[Row], which: Which) -> list[Result]:
    """The results of an image's rows. A repeated prediction, as trivial answers give, is measured
    once."""
    alphas = read_alphas(rows[0])
    measured: dict[tuple[object, bytes], Result] = {}
    results = []
    for row, prediction in zip(rows, predict(rows, alphas), strict=True):
        key = row.referents, hashlib.sha256(np.ascontiguousarray(prediction).data).digest()
        if key not in measured:
            measured[key] = measure(row, prediction, alphas, which)
        results.append(replace(measured[key], row=row))
    return results


def _size(alpha: F64) -> str:
    return f"{alpha.shape[1]}×{alpha.shape[0]}"


def _each(name: str, seed: int, rows: Sequence[Row], alphas: Sequence[F64]) -> Iterator[F64]:
    return (REFERENCES[name](seed, row, alphas) for row in rows)


def _zero(seed: int, row: Row, alphas: Sequence[F64]) -> F64:
    return np.zeros_like(alphas[0])


def _one(seed: int, row: Row, alphas: Sequence[F64]) -> F64:
    return np.ones_like(alphas[0])


def _union(seed: int, row: Row, alphas: Sequence[F64]) -> F64:
    return together(alphas, np.zeros_like(alphas[0]))


def _random(seed: int, row: Row, alphas: Sequence[F64]) -> F64:
    return alphas[int(stream(seed, "random entity", row.name, 0).integers(len(alphas)))]


def _oracle(seed: int, row: Row, alphas: Sequence[F64]) -> F64:
    return truth(row, alphas)


# Nothing, everything, all entities, any one of them, and the truth itself (it must score 0).
REFERENCES: dict[str, Callable[[int, Row, Sequence[F64]], F64]] = {
    "zero": _zero,
    "one": _one,
    "union": _union,
    "random": _random,
    "oracle": _oracle,
}
