"""A trained model at work: mattes of one image, of the rows of a dataset, and their scores."""

from __future__ import annotations

import hashlib
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch

from refmatte_baselines.checkpoints import located
from refmatte_baselines.clipmat.checkpoint import digest, from_pretrained, read_config
from refmatte_baselines.clipmat.config import Form
from refmatte_baselines.clipmat.encoders import context_length
from refmatte_baselines.clipmat.model import Output
from refmatte_baselines.clipmat.pieces import main_pieces
from refmatte_baselines.clipmat.prompt import room, words
from refmatte_baselines.evaluation.predictions import claim
from refmatte_engine.dataset.reader import read_manifest
from refmatte_engine.dataset.refmatte_layout import IMAGES, label_files
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.images import image_io
from refmatte_engine.records import F64, KEYWORD, U8
from refmatte_engine.scoring import score
from refmatte_engine.scoring.rows import Row, Rows
from refmatte_engine.storage.files import disk_errors, write_whole

Floats = npt.NDArray[np.float32]
Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["fp32", "bf16", "fp16"]

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
TEXTS = 16  # at once for one image …
TEXTS_PX = 24_000_000  # … or fewer, so that large images fit
GREYS = np.array([0, 128, 255], np.uint8)  # of a trimap's background, unknown, foreground


class Predictor:
    """A checkpoint (see `checkpoints.located`) on its device. It may be asked by several threads;
    they take turns.

    `long_side`, in px, replaces the size at which the checkpoint works, and its other looks follow
    in proportion; `image_tower` completes one that was stored without (see
    `checkpoint.from_pretrained`). With `deterministic` each text is asked alone and by
    deterministic kernels, so that its matte is the same, bit for bit, in every run on one machine,
    whatever else is asked. InputError for a checkpoint that cannot be loaded and for a device that
    is not there.
    """

    def __init__(
        self,
        checkpoint: Path | str | None,
        device: Device = "auto",
        dtype: Precision = "fp32",
        long_side: int | None = None,
        image_tower: str | None = None,
        deterministic: bool = False,
    ) -> None:
        has_cuda = torch.cuda.is_available()
        if device == "cuda" and not has_cuda:
            raise InputError("device cuda", "is not there", allowed="auto, cpu")
        self.checkpoint = located(checkpoint)
        self.device = torch.device("cuda" if has_cuda and device != "cpu" else "cpu")
        self.dtype, self.deterministic, self._tower = dtype, deterministic, image_tower
        if deterministic:  # read when the first matrices are multiplied
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        self.model = from_pretrained(self.checkpoint, image_tower=image_tower)
        if long_side is not None:
            config = self.model.config
            looks = tuple(max(1, round(look * long_side / config.size)) for look in config.looks)
            self.model.config = config.model_copy(update={"size": long_side, "looks": looks})
        self.model.to(self.device, PRECISIONS[dtype]).requires_grad_(False)
        self._turn = threading.Lock()

    def alpha(self, image: U8, text: str, form: Form = "expression") -> Floats:
        """The alpha (float32 H×W in [0, 1]) of what `text` names in `image` (uint8 H×W×3 RGB).

        InputError for a text that is empty or too long.
        """
        return next(self._ask(image, [text], form))[0]

    def alpha_and_trimap(
        self, image: U8, text: str, form: Form = "expression"
    ) -> tuple[Floats, U8]:
        """As `alpha`, and the trimap behind it: uint8 H×W, 0 background, 128 unknown, 255
        foreground."""
        alpha, logits = next(self._ask(image, [text], form))
        return alpha, GREYS[logits.argmax(0).cpu().numpy()]

    def of_rows(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Floats]]:
        """The alphas of rows of one image, each with its row, keywords first. Texts that are too
        long for the model are cut (see `ContextPrompt.readable`). InputError if the image cannot be
        read."""
        image = image_io.read_rgb(rows[0].image)
        forms: tuple[Form, ...] = ("keyword", "expression")
        for form in forms:
            own = [row for row in rows if form_of(row) == form]
            texts = [self.model.prompt.readable(row.text, form) for row in own]
            for row, (alpha, _) in zip(own, self._ask(image, texts, form), strict=True):
                yield row, alpha

    @cached_property
    def receipt(self) -> dict[str, str | int]:
        """What decides the model's mattes but for rounding: its hash (also of a tower that it is
        stored without) as loaded, size and dtype."""
        return {
            "checkpoint": digest(from_pretrained(self.checkpoint, image_tower=self._tower)),
            "long side": self.model.config.size,
            "dtype": self.dtype,
        }

    def _ask(
        self, image: U8, texts: Sequence[str], form: Form
    ) -> Iterator[tuple[Floats, torch.Tensor]]:
        """For each text its alpha (float32 H×W) and the logits of its trimap (3×H×W)."""
        if not texts:
            return
        pixels = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
        at_once = min(TEXTS, max(1, TEXTS_PX // pixels[0, 0].numel()))
        at_once = 1 if self.deterministic else at_once
        with self._at_work():
            pixels = pixels.to(self.device).float() / 255  # 1×3×H×W
            visual = self.model.encode(pixels)
        for first in range(0, len(texts), at_once):
            tokens = self.model.prompt.tokens(texts[first : first + at_once], form)
            with self._at_work():
                found: Output = self.model(pixels, tokens.to(self.device), visual=visual)
                alphas = found.alpha[:, 0].cpu()  # K×H×W
            # Where a trimap is not finite, an alpha may be.
            if not (alphas.isfinite().all() and found.trimap.isfinite().all()):
                raise RefMatteError(
                    self.checkpoint, f"overflows in {self.dtype}", todo="use bf16 or fp32"
                )
            least = self.model.config.least_piece
            whole = [main_pieces(alpha, least) for alpha in alphas.numpy()]
            yield from zip(whole, found.trimap, strict=True)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """One thread's turn at the model."""
        with self._turn, torch.inference_mode():
            before = torch.are_deterministic_algorithms_enabled()
            torch.use_deterministic_algorithms(before or self.deterministic)
            try:
                yield
            except RuntimeError as error:
                # On the CPU it is a plain RuntimeError.
                if not isinstance(error, torch.OutOfMemoryError) and "allocate" not in str(error):
                    raise
                todo = "work with a smaller long side, in bf16, or with a smaller image"
                raise RefMatteError(self.device, "has too little memory", todo=todo) from None
            finally:
                torch.use_deterministic_algorithms(before)


def check_text(checkpoint: Path | str | None, text: str, form: Form) -> None:
    """InputError for a text that a checkpoint could not be asked, before its weights are loaded."""
    config = read_config(located(checkpoint))
    written = config.template.format(text) if form == "keyword" else text
    words(text, written, room(context_length(config), config.context_tokens))


def form_of(row: Row) -> Form:
    """How the row's text is put to the model."""
    return "keyword" if row.expression == KEYWORD else "expression"


def shortened(predictor: Predictor, rows: Rows) -> int:
    """The number of rows whose text is longer than the model reads. InputError for an empty one."""
    found = 0
    for row in rows:
        try:
            found += predictor.model.prompt.readable(row.text, form_of(row)) != row.text
        except InputError as error:
            raise InputError(
                f"{rows.dataset}, {row.name}", f"{error.where} {error.problem}"
            ) from None
    return found


def in_16_bits(alpha: Floats) -> npt.NDArray[np.uint16]:
    """Alpha as it is stored: uint16 H×W, rounded."""
    return np.rint(alpha * np.float32(65535)).astype(np.uint16)


def write(
    predictor: Predictor,
    rows: Rows,
    folder: Path,
    *,
    overwrite: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[int, int]:
    """Writes `<mask stem>_<expression>.png` (16-bit grey) of each row into the folder; returns the
    numbers of files that were made and that were there already.

    Beside them is a receipt of what made them. InputError if the folder holds something else, or
    mattes of another model or dataset, which `overwrite` removes; of this one's it makes anew those
    of `rows`. `progress` is called with (images done, images in all).
    """
    with disk_errors(folder):
        receipt = {**predictor.receipt, "dataset": _identity(rows)}
        claim(folder, receipt, {row.name for row in rows} if overwrite else None)
        there = {file.name for file in folder.iterdir()}
        images = [[row for row in own if f"{row.name}.png" not in there] for own in _by_image(rows)]
        todo = [own for own in images if own]
        for number, own in enumerate(todo, len(images) - len(todo)):
            if progress is not None:
                progress(number, len(images))
            for row, alpha in predictor.of_rows(own):
                write_whole(folder / f"{row.name}.png", image_io.encode_png(in_16_bits(alpha)))
        if progress is not None:
            progress(len(images), len(images))
    made = sum(map(len, todo))
    return made, len(rows) - made


def evaluate(
    predictor: Predictor,
    rows: Rows,
    *,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> score.Scores:
    """The scores of the model's mattes, in 16 bits as `write` would store them; nothing is written.

    The `workers` are threads that score while one of them asks the model.
    """
    answers = _Answers(predictor, rows)
    name = str(predictor.checkpoint)
    return score.collect(answers, rows, name, workers=workers, threads=True, progress=progress)


class _Answers(threading.local):
    """The mattes of one image at a time for each thread, so that its texts are asked together."""

    def __init__(self, predictor: Predictor, rows: Rows) -> None:
        self.predictor = predictor
        self.images = {own[0].image: own for own in _by_image(rows)}
        self.image: Path | None = None
        self.found: dict[str, npt.NDArray[np.uint16]] = {}

    def __call__(self, row: Row, alphas: Sequence[F64]) -> F64:
        if self.image != row.image:
            self.found, self.image = {}, None
            own = self.images[row.image]
            self.found = {each.name: in_16_bits(a) for each, a in self.predictor.of_rows(own)}
            self.image = row.image
        alpha = self.found[row.name]
        if alpha.shape != alphas[0].shape:
            problem = f"has {alpha.shape[1]}×{alpha.shape[0]} pixels"
            allowed = f"its alphas' {alphas[0].shape[1]}×{alphas[0].shape[0]}"
            raise InputError(row.image, problem, allowed=allowed)
        return alpha / 65535


def _by_image(rows: Rows) -> list[list[Row]]:
    images = defaultdict(list)
    for row in rows:
        images[row.image].append(row)
    return list(images.values())


def _identity(rows: Rows) -> str:
    """What tells a dataset from another: the digest of ours, else the labels and the sizes of the
    pictures' files."""
    root = Path(rows.dataset)
    if (root / "manifest.json").is_file():
        return str(read_manifest(root).get("content_digest", ""))
    content = hashlib.blake2b(digest_size=16)
    for labels in label_files(root).values():
        content.update(labels.read_bytes())
        files = (file for name in IMAGES for file in (labels.parent / name).glob("*"))
        for file in sorted(files):
            content.update(f"{file.name} {file.stat().st_size}\n".encode())
    return content.hexdigest()
