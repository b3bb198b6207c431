"""Queries look at image and text; each says a box, and whether that is what is meant.

Shapes as in `encoder`; Q queries, S layers of the decoder.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from refmatte_baselines.mdetr.config import MdetrConfig
from refmatte_baselines.mdetr.encoder import Memory, attention, feedforward


class DecoderLayer(nn.Module):
    """Self-attention among queries, cross-attention to the memory, and MLP; norms behind each."""

    def __init__(self, config: MdetrConfig) -> None:
        super().__init__()
        self.self_attention, self.cross_attention = attention(config), attention(config)
        self.mlp = feedforward(config)
        self.norms = nn.ModuleList(nn.LayerNorm(config.width) for _ in range(3))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, queries: Tensor, memory: Memory) -> Tensor:
        placed = x + queries
        said, _ = self.self_attention(placed, placed, x, need_weights=False)
        x = self.norms[0](x + self.dropout(said))
        seen, _ = self.cross_attention(
            x + queries,
            memory.tokens + memory.places,
            memory.tokens,
            key_padding_mask=memory.padding,
            need_weights=False,
        )
        x = self.norms[1](x + self.dropout(seen))
        return self.norms[2](x + self.dropout(self.mlp(x)))


class Guesses(NamedTuple):
    """What the queries say after each layer."""

    states: Tensor
    """KB×Q×D, after the last one."""
    boxes: Tensor
    """float32 KB×S×Q×4; see `boxes`."""
    referent: Tensor
    """float32 KB×S×Q logits: what is meant, or nothing. MDETR says of which words; where a whole
    text means one thing, that is all or none, and its softmax over two a sigmoid."""


class Decoder(nn.Module):
    """As DETR's, all layers with the same heads."""

    def __init__(self, config: MdetrConfig) -> None:
        super().__init__()
        width = config.width
        self.query_embedding = nn.Parameter(torch.randn(config.queries, width))
        self.layers = nn.ModuleList(DecoderLayer(config) for _ in range(config.decoder_layers))
        self.norm = nn.LayerNorm(width)
        self.box = nn.Sequential(
            *(nn.Linear(width, width), nn.ReLU()),
            *(nn.Linear(width, width), nn.ReLU()),
            nn.Linear(width, 4),
        )
        self.referent = nn.Linear(width, 1)

    def forward(self, memory: Memory) -> Guesses:
        queries = self.query_embedding.expand(memory.tokens.shape[0], -1, -1)  # KB×Q×D
        x, said = torch.zeros_like(queries), []
        for layer in self.layers:
            x = layer(x, queries, memory)
            said.append(self.norm(x))
        states = torch.stack(said, 1)  # KB×S×Q×D
        boxes = self.box(states).float().sigmoid()
        return Guesses(said[-1], boxes, self.referent(states)[..., 0].float())
