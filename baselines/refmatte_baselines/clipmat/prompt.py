"""CP, the context-embedded prompt: words, then tokens that are learnt, then CLIP's text encoder."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache

import open_clip
import torch
from open_clip.transformer import TextTransformer
from torch import Tensor, nn

from refmatte_engine.errors import InputError
from refmatte_engine.records import Setting

PADDING = -1
SIDES = (("left</w>", "right</w>"), ("left", "right"))  # words, and beginnings such as leftmost's


@cache
def _tokenizer() -> open_clip.SimpleTokenizer:
    return open_clip.SimpleTokenizer()


@lru_cache(4096)  # a text is asked about more than once: whether it fits, and what it says
def _encoded(text: str) -> tuple[int, ...]:
    return tuple(_tokenizer().encode(text))


def words(text: str, written: str, most: int) -> tuple[int, ...]:
    """The tokens of `text` as it is `written` in its template. InputError for an empty text, and
    for more than `most` tokens."""
    if not _encoded(text):
        raise InputError("text", "is empty", todo="say what to matte, e.g. the red mug")
    found = _encoded(written)
    if len(found) > most:
        raise InputError(
            f"text {text[:40]!r}…",
            f"has {len(found)} tokens",
            allowed=f"at most {most}",
            todo="say it in fewer words",
        )
    return found


def room(context_length: int, context_tokens: int) -> int:
    """How many tokens of words fit between the start and the learnt ones, which the end follows."""
    return context_length - context_tokens - 2


class ContextPrompt(nn.Module):
    """Text → all L tokens of CLIP's text encoder.

    keyword: [template][keyword][V_1 … V_N]; expression: [expression][V_1 … V_N].
    """

    def __init__(self, text: TextTransformer, template: str, context_tokens: int) -> None:
        super().__init__()
        self.text, self.template = text, template
        width = text.token_embedding.embedding_dim
        # As wide as CLIP initialises the embeddings of its words.
        self.context = nn.Parameter(torch.randn(context_tokens, width) * 0.02)

    def written(self, text: str, is_keyword: bool) -> str:
        """A keyword in its template; an expression as it is."""
        return self.template.format(text) if is_keyword else text

    def tokens(self, texts: Sequence[str], form: Setting, *, length: int | None = None) -> Tensor:
        """int64 B×L: start, words, V_1 … V_N, end, then PADDING up to the longest or `length`.

        V_i is the vocabulary's size + i − 1. InputError for an empty text or one that is too long.
        """
        tokenizer, text = _tokenizer(), self.text
        context = range(text.vocab_size, text.vocab_size + len(self.context))
        most = room(text.context_length, len(context))
        rows = []
        for said in texts:
            found = words(said, self.written(said, form == "keyword"), most)
            rows.append([tokenizer.sot_token_id, *found, *context, tokenizer.eot_token_id])
        length = length or max(map(len, rows))
        return torch.tensor([row + [PADDING] * (length - len(row)) for row in rows])

    def readable(self, text: str, form: Setting) -> str:
        """The text as far as the encoder can read: without its last words, or signs of a single
        word, if it is too long. InputError if nothing is left."""
        words, most = text.split(), self.text.context_length  # a word or sign is one token or more
        while True:
            try:
                self.tokens([text], form)
                return text
            except InputError:
                if len(text) < 2:
                    raise
                words = words[:most][:-1] if len(words) > 1 else [text[:most][:-1]]
                text = " ".join(words)

    def mirrored(self, tokens: Tensor) -> Tensor:
        """`tokens` of what is true in the mirror image: left and right are exchanged."""
        known = _tokenizer().encoder
        turned = tokens
        for one, other in SIDES:
            a, b = known[one], known[other]
            turned = torch.where(tokens == a, b, torch.where(tokens == b, a, turned))
        return turned

    def forward(self, tokens: Tensor) -> Tensor:
        """The encoder's tokens, B×L×D_t, for `tokens` as made above."""
        slot = tokens - self.text.vocab_size  # B×L; 0 … N−1 where a learnable token stands
        x = self.text.token_embedding(tokens.clamp(0, self.text.vocab_size - 1))  # B×L×D_t
        if len(self.context):
            x = torch.where(slot[..., None] >= 0, self.context[slot.clamp(min=0)], x)
        length = tokens.shape[1]
        x = x + self.text.positional_embedding[:length].to(x.dtype)
        # The encoder is causal: padding, which comes last, changes no other token.
        return self.text.transformer(x, attn_mask=self.text.attn_mask[:length, :length])
