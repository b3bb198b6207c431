"""Image and text are one sequence, which queries look at; each says a box, and whether that is what
is meant.

Shapes as in `towers.network`; N places of the feature map, L text tokens, width D; Q queries, S
layers of the decoder.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from refmatte_baselines.mdetr.config import MdetrConfig


class Memory(NamedTuple):
    """What the queries look at: first the image's tokens, then the text's."""

    tokens: Tensor
    """KB×(N+L)×D."""
    places: Tensor
    """(N+L)×D; 0 for text."""
    padding: Tensor | None = None
    """bool KB×(N+L), True where there is no token."""


class Layer(nn.Module):
    """Self-attention, attention to a memory if it `looks` at one, and MLP; a norm behind each.
    Places enter queries and keys alone."""

    def __init__(self, config: MdetrConfig, *, looks: bool) -> None:
        super().__init__()
        width, heads, dropout = config.width, config.heads, config.dropout
        self.attentions = nn.ModuleList(
            nn.MultiheadAttention(width, heads, dropout, batch_first=True) for _ in range(1 + looks)
        )
        self.mlp = nn.Sequential(
            *(nn.Linear(width, config.feedforward), nn.ReLU(), nn.Dropout(dropout)),
            nn.Linear(config.feedforward, width),
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2 + looks))
        self.dropout = nn.Dropout(dropout)

    def forward(self, own: Memory, *memories: Memory) -> Memory:
        x = own.tokens
        for seen, attention, norm in zip(
            (own, *memories), self.attentions, self.norms, strict=False
        ):
            asked, keys = x + own.places, seen.tokens + seen.places
            found, _ = attention(asked, keys, seen.tokens, seen.padding, need_weights=False)
            x = norm(x + self.dropout(found))
        return own._replace(tokens=self.norms[-1](x + self.dropout(self.mlp(x))))


def positions(grid_hw: tuple[int, int], extent_hw: tuple[float, float], like: Tensor) -> Tensor:
    """Sines of where the middle of each place is, N×D in the dtype of `like` (…×D): of y, then of
    x, in shares of the image, which is the first `extent_hw` of the map; the rest is padding."""
    half = like.shape[-1] // 2
    powers = torch.arange(half // 2, device=like.device) * (2 / half)
    rates = 2 * math.pi / 10000**powers  # D/4
    lines = []
    for count, extent in zip(grid_hw, extent_hw, strict=True):
        middle = (torch.arange(count, device=like.device) + 0.5) / (count * extent)
        angles = middle[:, None] * rates  # h×D/4
        lines.append(torch.stack([angles.sin(), angles.cos()], -1).flatten(1))  # h×D/2
    down, across = lines
    both = [down[:, None].expand(-1, grid_hw[1], -1), across[None].expand(grid_hw[0], -1, -1)]
    return torch.cat(both, -1).flatten(0, 1).to(like.dtype)


class Encoder(nn.Module):
    """Image and text, each brought to width D, in one sequence."""

    def __init__(self, config: MdetrConfig, text_width: int) -> None:
        super().__init__()
        self.text = nn.Sequential(
            nn.Linear(text_width, config.width),
            nn.LayerNorm(config.width),
            nn.Dropout(config.dropout),
        )
        self.layers = nn.ModuleList(
            Layer(config, looks=False) for _ in range(config.encoder_layers)
        )

    def forward(self, image: Tensor, text: Tensor, padding: Tensor, places: Tensor) -> Memory:
        """`image` KB×N×D, `text` KB×L×D_t with `padding` (bool KB×L), `places` N×D."""
        x = torch.cat([image, self.text(text).to(image.dtype)], 1)  # KB×(N+L)×D
        places = torch.cat([places, places.new_zeros(text.shape[1], places.shape[1])])
        padding = torch.cat([padding.new_zeros(image.shape[:2]), padding], 1)
        memory = Memory(x, places, padding)
        for layer in self.layers:
            memory = layer(memory)
        return memory


class Decoder(nn.Module):
    """As DETR's: all layers have the same heads."""

    def __init__(self, config: MdetrConfig) -> None:
        super().__init__()
        width = config.width
        self.query_embedding = nn.Parameter(torch.randn(config.queries, width))
        self.layers = nn.ModuleList(Layer(config, looks=True) for _ in range(config.decoder_layers))
        self.norm = nn.LayerNorm(width)
        self.box = nn.Sequential(
            *(nn.Linear(width, width), nn.ReLU()),
            *(nn.Linear(width, width), nn.ReLU()),
            nn.Linear(width, 4),
        )
        self.referent = nn.Linear(width, 1)

    def forward(self, memory: Memory) -> tuple[Tensor, Tensor, Tensor]:
        """The queries after each layer, KB×S×Q×D; their boxes, float32 KB×S×Q×4 (see `boxes`); and
        whether each is what is meant or nothing, float32 KB×S×Q logits. MDETR says of which words;
        where a whole text means one thing, that is all or none, and its softmax over two a
        sigmoid."""
        places = self.query_embedding.expand(memory.tokens.shape[0], -1, -1)  # KB×Q×D
        queries, said = Memory(torch.zeros_like(places), places), []
        for layer in self.layers:
            queries = layer(queries, memory)
            said.append(self.norm(queries.tokens))
        states = torch.stack(said, 1)  # KB×S×Q×D
        return states, self.box(states).float().sigmoid(), self.referent(states)[..., 0].float()
