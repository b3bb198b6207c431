"""Tokens → the text encoder's: its words, and tokens that are learnt."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from refmatte_baselines.towers.clip import TextTransformer
from refmatte_baselines.towers.reader import PADDING, Reader


class ContextPrompt(nn.Module):
    """All L tokens of CLIP's text encoder for those of a `Reader`: words, then V_1 … V_N.

    CP, the context-embedded prompt of CLIPMat; without learnt tokens it is the encoder alone.
    """

    def __init__(self, text: TextTransformer, context_tokens: int) -> None:
        super().__init__()
        self.text = text
        width = text.token_embedding.embedding_dim
        # As wide as CLIP initialises the embeddings of its words.
        self.context = nn.Parameter(torch.randn(context_tokens, width) * 0.02)

    def reader(self, template: str) -> Reader:
        """Makes the tokens for it."""
        return Reader(template, len(self.context), self.text.context_length, self.text.vocab_size)

    def forward(self, tokens: Tensor) -> Tensor:
        """The encoder's tokens, B×L×D_t, for `tokens`, int64 B×L."""
        return self.text.read(self.embedded(tokens), tokens == PADDING)

    def embedded(self, tokens: Tensor) -> Tensor:
        """As `forward`, before the encoder reads them."""
        slot = tokens - self.text.vocab_size  # B×L; 0 … N−1 where a learnable token stands
        x = self.text.token_embedding(tokens.clamp(0, self.text.vocab_size - 1))  # B×L×D_t
        if len(self.context):
            x = torch.where(slot[..., None] >= 0, self.context[slot.clamp(min=0)], x)
        return x


def sentence(text: Tensor, padding: Tensor) -> Tensor:
    """The token of each sentence's end: B×L×D → B×D; `padding` is True where there is no token."""
    return text[torch.arange(text.shape[0], device=text.device), (~padding).sum(1) - 1]
