"""What a trained model is to all who use one: an image and texts in, alphas out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from refmatte_engine.images.matting_net import Triple
from refmatte_engine.records import F32, U8, Setting

Device = Literal["auto", "cpu", "cuda"]
Precision = Literal["fp32", "bf16", "fp16"]

FOUND = 0.5  # what reaches this alpha nowhere was not found


@dataclass(frozen=True)
class Options:
    """How a model works.

    `long_side`, in px, replaces the size at which the checkpoint works; `image_tower` completes one
    that was stored without. With `deterministic` each text is asked alone and by deterministic
    kernels, so that its matte is the same, bit for bit, in every run on one machine, whatever else
    is asked. `looks` are how often it looks at an image: once, or as it was measured (see `looks`).
    `cut` has another net find the edges.
    """

    device: Device = "auto"
    dtype: Precision = "fp32"
    long_side: int | None = None
    image_tower: str | None = None
    deterministic: bool = False
    looks: Literal["one", "as-trained"] = "one"
    cut: CutWith | None = None


@dataclass(frozen=True)
class CutWith:
    """The net that cuts out what a model chooses (see `cutting`): an ONNX file, with the colours
    that it wants if they are not those of its family; or `vitmatte`, or a folder of one."""

    net: Path
    mean: Triple | None = None
    std: Triple | None = None


class Answer(NamedTuple):
    """What a model says of one text in one picture."""

    alpha: F32
    """float32 H×W in [0, 1]."""
    trimap: U8
    """uint8 H×W, 0 background, 128 unknown, 255 foreground."""
    presence: float | None = None
    """The probability that the text means anything there, of a model that decides it apart from
    its alphas; None of any other."""

    @property
    def present(self) -> bool:
        """Whether the text means anything there: as the model says, else whether any pixel reaches
        alpha 0.5."""
        return self.score >= FOUND

    @property
    def score(self) -> float:
        """`presence`, else the highest alpha."""
        return float(self.alpha.max()) if self.presence is None else self.presence

    @property
    def doubt(self) -> str:
        """How it is known that nothing is to be seen of what the text means; "" if something is."""
        if self.presence is not None and not self.present:
            return f"{1 - self.presence:.2f} sure"
        most = float(self.alpha.max())
        return "" if most >= FOUND else f"alpha is at most {most:.2f}"


class Answers:
    """The ways to ask, of what has the first of them."""

    def answers(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[Answer]:
        """As `Predictor` has it."""
        raise NotImplementedError

    def answer(self, image: U8, text: str, form: Setting = "expression") -> Answer:
        """As `answers`, of one text."""
        return next(self.answers(image, [text], form))

    def alphas(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[F32]:
        """As `answers`, the alphas alone."""
        return (each.alpha for each in self.answers(image, texts, form))

    def alpha(self, image: U8, text: str, form: Setting = "expression") -> F32:
        """The alpha of one text."""
        return self.answer(image, text, form).alpha


class Predictor(Protocol):
    """A checkpoint on its device. Several threads may ask it; they take turns."""

    @property
    def checkpoint(self) -> Path:
        """The checkpoint's folder."""

    @property
    def receipt(self) -> Mapping[str, str | int]:
        """What decides the model's mattes but for rounding: a hash of its weights, size, dtype."""

    def readable(self, text: str, form: Setting) -> str:
        """The text as far as the model reads it. InputError for an empty one."""

    def answers(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[Answer]:
        """Of each text in turn, what the model says of it in `image` (uint8 H×W×3 RGB). InputError
        for a text that is empty or too long."""

    def answer(self, image: U8, text: str, form: Setting = "expression") -> Answer:
        """As `answers`, of one text."""

    def alphas(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[F32]:
        """As `answers`, the alphas alone."""

    def alpha(self, image: U8, text: str, form: Setting = "expression") -> F32:
        """As `alphas`, of one text."""
