"""A trained CLIPMat at work."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from refmatte_baselines.checkpoints import located
from refmatte_baselines.clipmat.checkpoint import digest, from_pretrained, read_config
from refmatte_baselines.clipmat.encoders import context_length
from refmatte_baselines.clipmat.model import Output
from refmatte_baselines.clipmat.pieces import main_pieces
from refmatte_baselines.clipmat.prompt import room, words
from refmatte_baselines.predictor import Options
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.records import F32, U8, Setting

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
TEXTS = 16  # at once for one image …
TEXTS_PX = 24_000_000  # … or fewer, so that large images fit
GREYS = np.array([0, 128, 255], np.uint8)  # of a trimap's background, unknown, foreground


class Predictor:
    """A CLIPMat as `refmatte_baselines.predictor.Predictor` has it.

    With another `long_side` the other inference sizes follow in proportion. InputError for a
    checkpoint that cannot be loaded and for a device that is not there.
    """

    def __init__(self, checkpoint: Path | str, options: Options = Options()) -> None:
        has_cuda = torch.cuda.is_available()
        if options.device == "cuda" and not has_cuda:
            raise InputError("device cuda", "is not there", allowed="auto, cpu")
        self.checkpoint, self.options = located(checkpoint), options
        self.device = torch.device("cuda" if has_cuda and options.device != "cpu" else "cpu")
        if options.deterministic:  # read when the first matrices are multiplied
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        self.model = from_pretrained(self.checkpoint, image_tower=options.image_tower)
        if (long_side := options.long_side) is not None:
            config = self.model.config
            scale = long_side / config.size
            others = tuple(max(1, round(size * scale)) for size in config.inference_sizes)
            changed = {"size": long_side, "inference_sizes": others}
            self.model.config = config.model_copy(update=changed)
        self.model.to(self.device, PRECISIONS[options.dtype]).requires_grad_(False)
        self._turn = threading.Lock()

    def readable(self, text: str, form: Setting) -> str:
        """See `ContextPrompt.readable`."""
        return self.model.prompt.readable(text, form)

    def alphas(self, image: U8, texts: Sequence[str], form: Setting) -> Iterator[F32]:
        """The alphas of the texts in turn; the image is encoded once, and some texts at a time are
        asked together."""
        return (alpha for alpha, _ in self._ask(image, texts, form))

    def alpha(self, image: U8, text: str, form: Setting = "expression") -> F32:
        """The alpha of one text."""
        return next(self._ask(image, [text], form))[0]

    def alpha_and_trimap(
        self, image: U8, text: str, form: Setting = "expression"
    ) -> tuple[F32, U8]:
        """The alpha of one text, and the trimap in greys."""
        alpha, logits = next(self._ask(image, [text], form))
        return alpha, GREYS[logits.argmax(0).cpu().numpy()]

    @cached_property
    def receipt(self) -> dict[str, str | int]:
        """What decides the model's mattes but for rounding: its hash (also of a tower that it is
        stored without) as loaded, size and dtype."""
        return {
            "checkpoint": digest(
                from_pretrained(self.checkpoint, image_tower=self.options.image_tower)
            ),
            "long side": self.model.config.size,
            "dtype": self.options.dtype,
        }

    def _ask(
        self, image: U8, texts: Sequence[str], form: Setting
    ) -> Iterator[tuple[F32, torch.Tensor]]:
        """For each text its alpha (float32 H×W) and the logits of its trimap (3×H×W)."""
        if not texts:
            return
        pixels = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None]
        at_once = min(TEXTS, max(1, TEXTS_PX // pixels[0, 0].numel()))
        at_once = 1 if self.options.deterministic else at_once
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
                    self.checkpoint, f"overflows in {self.options.dtype}", todo="use bf16 or fp32"
                )
            least = self.model.config.least_piece
            whole = [main_pieces(alpha, least) for alpha in alphas.numpy()]
            yield from zip(whole, found.trimap, strict=True)

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """One thread's turn at the model."""
        with self._turn, torch.inference_mode():
            before = torch.are_deterministic_algorithms_enabled()
            torch.use_deterministic_algorithms(before or self.options.deterministic)
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


def check_text(checkpoint: Path, text: str, form: Setting) -> None:
    """InputError for a text that is empty or too long for the model; its weights stay unread."""
    config = read_config(checkpoint)
    written = config.template.format(text) if form == "keyword" else text
    words(text, written, room(context_length(config), config.context_tokens))
