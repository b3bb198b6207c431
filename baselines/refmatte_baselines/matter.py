"""Mattes from Python: one object, one call."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from refmatte_baselines.checkpoints import located
from refmatte_baselines.image_tower import completed, default
from refmatte_baselines.models import load
from refmatte_baselines.predictor import CutWith, Device, Options
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.records import F32, U8


class Matte(NamedTuple):
    """What a text means in a picture."""

    alpha: F32
    """float32 H×W in [0, 1]."""
    present: bool
    """Whether it means anything there: as the model says, if it decides that; else whether any
    pixel reaches alpha 0.5. What `matte` calls found."""
    score: float
    """How sure that is, from 0 to 1: the probability that the model gives, if it decides that; else
    the highest alpha, which is none, and often high without cause."""


class Matter:
    """A trained model, ready to be asked about pictures; safe from several threads, which take
    turns.

    `checkpoint` is a folder, an ONNX file of `refmatte export-model`, which needs no torch, or a
    bundled model: tiny, for rendered things, or b16_small_text, for
    photographs, which needs CLIP's image tower: from this machine's cache, by `image_tower` (a file
    or a tag), or fetched once with `download`. None is the latter model where its tower
    is at hand, else tiny; `predictor.checkpoint` says which. `cut_with` (an ONNX file, a
    folder of ViTMatte, or "vitmatte") has another net find the edges. InputError for a checkpoint
    or a net that cannot be loaded and for a device that is not there; MissingExtra without torch.
    """

    def __init__(
        self,
        checkpoint: Path | str | None = None,
        *,
        cut_with: Path | str | None = None,
        device: Device = "auto",
        image_tower: str | None = None,
        download: bool = False,
    ) -> None:
        place = located(checkpoint) if checkpoint else default(image_tower, download=download)
        completed(place, image_tower, download=download)
        cut = None if cut_with is None else CutWith(Path(cut_with))
        self.predictor = load(place, Options(device, image_tower=image_tower, cut=cut))

    def __call__(self, image: U8 | Path | str, text: str, *, keyword: bool = False) -> Matte:
        """What `text` means in `image`: uint8 H×W×3 RGB, or a file. As a `keyword` it is a
        mere name. InputError for anything else, and for a text that is empty or too long."""
        pixels = image_io.read_rgb(Path(image)) if isinstance(image, str | Path) else image
        pixels = np.asarray(pixels)
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
            found = f"image {pixels.dtype} {'×'.join(map(str, pixels.shape))}"
            raise InputError(found, "cannot be matted", allowed="uint8 H×W×3, RGB, or a file")
        answer = self.predictor.answer(pixels, text, "keyword" if keyword else "expression")
        return Matte(answer.alpha, answer.present, answer.score)
