"""Texts → tokens: what a text encoder reads, without the encoder. Only tensors need torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from refmatte_baselines.towers.tokenizer import Tokenizer, clip_tokenizer
from refmatte_engine.errors import InputError
from refmatte_engine.records import Setting

if TYPE_CHECKING:
    from torch import Tensor

PADDING = -1
SIDES = (("left</w>", "right</w>"), ("left", "right"))  # words, and beginnings such as leftmost's


@dataclass(frozen=True)
class Reader:
    """How a model reads: `template` goes round a keyword, `context` learnt tokens come after the
    words, and all of it has at most `context_length` tokens of a vocabulary of `vocabulary`.
    `own` is another tokenizer than the one at hand."""

    template: str
    context: int
    context_length: int
    vocabulary: int
    own: Tokenizer | None = None

    @property
    def tokenizer(self) -> Tokenizer:
        return self.own or clip_tokenizer()

    def written(self, text: str, form: Setting) -> str:
        """A keyword in its template; an expression as it is."""
        return self.template.format(text) if form == "keyword" else text

    def rows(
        self, texts: Sequence[str], form: Setting, *, length: int | None = None
    ) -> list[list[int]]:
        """B×L: start, words, V_1 … V_N, end, then PADDING up to the longest or `length`.

        V_i is the vocabulary's size + i − 1. InputError for an empty text or one that is too long.
        """
        start, end = self.tokenizer.start, self.tokenizer.end
        context = range(self.vocabulary, self.vocabulary + self.context)
        rows = [[start, *self._words(text, form), *context, end] for text in texts]
        length = length or max(map(len, rows))
        return [row + [PADDING] * (length - len(row)) for row in rows]

    def tokens(self, texts: Sequence[str], form: Setting, *, length: int | None = None) -> Tensor:
        """`rows` as int64 B×L."""
        import torch

        return torch.tensor(self.rows(texts, form, length=length))

    def readable(self, text: str, form: Setting) -> str:
        """The text as far as the encoder can read: without its last words, or signs of a single
        word, if it is too long. InputError if nothing is left."""
        words, most = text.split(), self.context_length  # a word or sign is one token or more
        while True:
            try:
                self.check(text, form)
                return text
            except InputError:
                if len(text) < 2:
                    raise
                words = words[:most][:-1] if len(words) > 1 else [text[:most][:-1]]
                text = " ".join(words)

    def check(self, text: str, form: Setting) -> None:
        """InputError for a text that is empty or too long."""
        self._words(text, form)

    def _words(self, text: str, form: Setting) -> tuple[int, ...]:
        if not self.tokenizer.encode(text):
            raise InputError("text", "is empty", todo="say what to matte, e.g. the red mug")
        found = self.tokenizer.encode(self.written(text, form))
        # Between the start and the learnt tokens, which the end follows.
        if len(found) > (most := self.context_length - self.context - 2):
            raise InputError(
                f"text {text[:40]!r}…",
                f"has {len(found)} tokens",
                allowed=f"at most {most}",
                todo="say it in fewer words",
            )
        return found


def mirrored(tokens: Tensor) -> Tensor:
    """`tokens` of what is true in the mirror image: left and right are exchanged."""
    import torch

    known = clip_tokenizer().numbers
    turned = tokens
    for one, other in SIDES:
        a, b = known[one], known[other]
        turned = torch.where(tokens == a, b, torch.where(tokens == b, a, turned))
    return turned
