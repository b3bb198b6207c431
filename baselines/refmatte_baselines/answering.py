"""A trained model at work: one look at an image, or as many as it was measured with."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from refmatte_baselines.checkpoints import answering, located
from refmatte_baselines.looks import ONCE
from refmatte_baselines.memory import enough_for
from refmatte_baselines.pieces import main_pieces
from refmatte_baselines.predictor import Answer, Answers, Options
from refmatte_baselines.towers.encoders import context_length
from refmatte_baselines.towers.network import Output
from refmatte_baselines.towers.reader import Reader, mirrored
from refmatte_baselines.weights import digest, from_pretrained, read_config
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.records import F32, U8, Setting

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
TEXTS = 16  # at once for one image …
TEXTS_PX = 12_000_000  # … or fewer, so that large images fit
GREYS = np.array([0, 128, 255], np.uint8)  # of a trimap's background, unknown, foreground


class _Look(NamedTuple):
    """One look at an image: its long side, whether it is at the mirror image, and what the image
    encoder makes of that."""

    long_side: int
    is_mirrored: bool
    visual: list[Tensor]


class Predictor(Answers):
    """A model as `refmatte_baselines.predictor.Predictor` has it.

    With another `long_side` the other looks follow in proportion. InputError for a checkpoint that
    cannot be loaded and for a device that is not there.
    """

    def __init__(self, checkpoint: Path | str, options: Options = Options()) -> None:
        has_cuda = torch.cuda.is_available()
        if options.device == "cuda" and not has_cuda:
            raise InputError("device cuda", "is not there", allowed="auto, cpu")
        self.checkpoint, self.options = located(checkpoint), options
        self.device = torch.device("cpu")
        if has_cuda and options.device != "cpu":  # of processes, each has its own
            number = int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count()
            self.device = torch.device("cuda", number)
        if options.deterministic:  # read when the first matrices are multiplied
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        self.model = from_pretrained(self.checkpoint, image_tower=options.image_tower)
        self.looks = answering(self.checkpoint) if options.looks == "as-trained" else ONCE
        own = self.model.config.size
        scale = (options.long_side or own) / own
        self.sizes = tuple(max(1, round(size * scale)) for size in (own, *self.looks.sizes))
        self.model.to(self.device, PRECISIONS[options.dtype]).requires_grad_(False)
        self._turn = threading.Lock()

    def readable(self, text: str, form: Setting) -> str:
        """See `Reader.readable`."""
        return self.model.reader.readable(text, form)

    @cached_property
    def receipt(self) -> dict[str, str | int]:
        """What decides the model's mattes but for rounding: its hash (also of a tower that it is
        stored without) as loaded, size, looks and dtype."""
        return {
            "checkpoint": digest(
                from_pretrained(self.checkpoint, image_tower=self.options.image_tower)
            ),
            "long side": self.sizes[0],
            "looks": self.looks.model_dump_json() if self.looks != ONCE else "one",
            "dtype": self.options.dtype,
        }

    def answers(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[Answer]:
        """What the model says of the texts in turn; the image is encoded once, and some texts at a
        time are asked together. What is neither 0 nor 1 in the alpha of a model that has no trimap
        is unknown."""
        if not texts:
            return
        pixels = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
        at_once = min(TEXTS, max(1, TEXTS_PX // pixels[0, 0].numel()))
        at_once = 1 if self.options.deterministic else at_once
        with self._at_work():
            pixels = pixels.to(self.device).float() / 255  # 1×3×H×W
            # A size that would be the same is none; what is smaller than all is seen once.
            sizes = dict.fromkeys(min(size, max(pixels.shape[-2:])) for size in self.sizes)
            asked = [(size, False) for size in sizes]
            asked += [(next(iter(sizes)), True)] if self.looks.mirrored else []
            looks = [
                _Look(size, turn, self.model.encode(_turned(pixels, turn), long_side=size))
                for size, turn in asked
            ]
        for first in range(0, len(texts), at_once):
            tokens = self.model.reader.tokens(texts[first : first + at_once], form)
            with self._at_work():
                found = self._mean(pixels, tokens.to(self.device), looks)
                alphas, trimap = found.alpha[:, 0].cpu(), found.trimap  # K×H×W, K×3×H×W
                presence = None if found.presence is None else found.presence.sigmoid().tolist()
            # Where a trimap is not finite, an alpha may be.
            maps = (each for each in (alphas, trimap, found.presence) if each is not None)
            if not all(each.isfinite().all() for each in maps):
                raise RefMatteError(
                    self.checkpoint, f"overflows in {self.options.dtype}", todo="use bf16 or fp32"
                )
            for number, each in enumerate(alphas.numpy()):
                whole = main_pieces(each, self.looks.least_piece)
                greys = _greys(whole, None if trimap is None else trimap[number])
                yield Answer(whole, greys, None if presence is None else presence[number])

    def _mean(self, image: Tensor, tokens: Tensor, looks: Sequence[_Look]) -> Output:
        """The mean of all looks' answers to K texts; no more than two are kept at a time."""
        alpha: Tensor | float = 0.0
        trimap: Tensor | None = None
        presence: Tensor | None = None
        for look in looks:
            said = mirrored(tokens) if look.is_mirrored else tokens
            seen = _turned(image, look.is_mirrored)
            found = self.model.answer(seen, said, look.visual, long_side=look.long_side)
            alpha = _turned(found.alpha, look.is_mirrored).add_(alpha)
            if found.trimap is not None:
                turned = _turned(found.trimap, look.is_mirrored)
                trimap = turned if trimap is None else turned.add_(trimap)
            if found.presence is not None:
                presence = found.presence if presence is None else presence + found.presence
        assert isinstance(alpha, Tensor)
        count = len(looks)
        return Output(
            self.model.finished(image, alpha.div_(count)),
            None if trimap is None else trimap.div_(count),
            None if presence is None else presence / count,
        )

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """One thread's turn at the model."""
        with self._turn, torch.inference_mode():
            # Only where it changes something: the call loads torch's compiler, for seconds.
            changes = (
                self.options.deterministic and not torch.are_deterministic_algorithms_enabled()
            )
            if changes:
                torch.use_deterministic_algorithms(True)
            try:
                with enough_for(self.device, *self._lower()):
                    yield
            finally:
                if changes:
                    torch.use_deterministic_algorithms(False)

    def _lower(self) -> Iterator[str]:
        """What would take less memory."""
        yield f"lower the long side (--long-side) below {max(self.sizes)} px"
        if self.looks != ONCE:
            yield "have it look once (--looks one)"
        if self.device.type != "cpu" and self.options.dtype == "fp32":
            yield "compute in bf16 (--dtype bf16)"
        yield "give a smaller picture"


def _greys(alpha: F32, logits: Tensor | None) -> U8:
    """The trimap that logits (3×H×W) say, else the one of an alpha (H×W)."""
    if logits is None:
        return GREYS[1 + (alpha >= 1).astype(int) - (alpha <= 0)]
    return GREYS[logits.argmax(0).cpu().numpy()]


def _turned(maps: Tensor, is_mirrored: bool) -> Tensor:
    return maps.flip(-1) if is_mirrored else maps


def reader_of(checkpoint: Path) -> Reader:
    """How the model in a folder reads; its weights stay unread."""
    config = read_config(checkpoint)
    return Reader(config.template, config.context_tokens, context_length(config), 0)
