"""The encoder in which image and text are one sequence.

Shapes as in `towers.network`; N places of the feature map, L text tokens, width D.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from refmatte_baselines.mdetr.config import MdetrConfig


def attention(config: MdetrConfig) -> nn.MultiheadAttention:
    """As all layers have it."""
    return nn.MultiheadAttention(
        config.width, config.heads, dropout=config.dropout, batch_first=True
    )


def feedforward(config: MdetrConfig) -> nn.Sequential:
    """As all layers have it."""
    return nn.Sequential(
        nn.Linear(config.width, config.feedforward),
        nn.ReLU(),
        nn.Dropout(config.dropout),
        nn.Linear(config.feedforward, config.width),
    )


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
    height, width = grid_hw
    both = [down[:, None].expand(-1, width, -1), across[None].expand(height, -1, -1)]
    return torch.cat(both, -1).flatten(0, 1).to(like.dtype)


class EncoderLayer(nn.Module):
    """Self-attention and MLP, each with a norm behind it; places enter queries and keys alone."""

    def __init__(self, config: MdetrConfig) -> None:
        super().__init__()
        self.attention, self.mlp = attention(config), feedforward(config)
        self.norms = nn.ModuleList(nn.LayerNorm(config.width) for _ in range(2))
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x: Tensor, places: Tensor, padding: Tensor) -> Tensor:
        placed = x + places
        seen, _ = self.attention(placed, placed, x, key_padding_mask=padding, need_weights=False)
        x = self.norms[0](x + self.dropout(seen))
        return self.norms[1](x + self.dropout(self.mlp(x)))


class Memory(NamedTuple):
    """What the decoder looks at: first the image's tokens, then the text's."""

    tokens: Tensor
    """KB×(N+L)×D."""
    places: Tensor
    """(N+L)×D; 0 for text."""
    padding: Tensor
    """bool KB×(N+L), True where there is no token."""


class JoinedEncoder(nn.Module):
    """Image and text, each brought to width D, in one sequence."""

    def __init__(self, config: MdetrConfig, text_width: int) -> None:
        super().__init__()
        self.text = nn.Sequential(
            nn.Linear(text_width, config.width),
            nn.LayerNorm(config.width),
            nn.Dropout(config.dropout),
        )
        self.layers = nn.ModuleList(EncoderLayer(config) for _ in range(config.encoder_layers))

    def forward(self, image: Tensor, text: Tensor, padding: Tensor, places: Tensor) -> Memory:
        """`image` KB×N×D, `text` KB×L×D_t with `padding` (bool KB×L), `places` N×D."""
        x = torch.cat([image, self.text(text).to(image.dtype)], 1)  # KB×(N+L)×D
        places = torch.cat([places, places.new_zeros(text.shape[1], places.shape[1])])
        padding = torch.cat([padding.new_zeros(image.shape[:2]), padding], 1)
        for layer in self.layers:
            x = layer(x, places, padding)
        return Memory(x, places, padding)
