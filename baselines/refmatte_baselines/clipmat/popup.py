"""TSP, the text-driven semantic pop-up, and its decoder; and what an ablation has in TSP's place.

Shapes as in `model`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from refmatte_baselines.clipmat.config import ClipMatConfig
from refmatte_baselines.towers.context import sentence
from refmatte_baselines.towers.layers import conv_bn_relu, resample


def projection(inputs: int, outputs: int) -> nn.Sequential:
    """In the place of the encoders' last norm and projection, which are left out."""
    return nn.Sequential(nn.LayerNorm(inputs), nn.Linear(inputs, outputs))


class PopUpBlock(nn.Module):
    """Text → image by cross-attention, image → image by self-attention, then the MLP."""

    def __init__(self, config: ClipMatConfig) -> None:
        super().__init__()
        width, heads = config.popup_width, config.popup_heads
        self.visual_residual, self.residual = config.visual_residual, config.popup_residual
        self.cross_attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.self_attention = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)
        )

    def forward(self, visual: Tensor, text: Tensor, padding: Tensor) -> Tensor:
        found, _ = self.cross_attention(  # F: Q = visual, K = V = text → B×(N+1)×D
            visual, text, text, key_padding_mask=padding, need_weights=False
        )
        if self.visual_residual:
            found = visual + found
        found = found + self.self_attention(found, found, found, need_weights=False)[0]  # F'
        said = self.mlp(self.norm(found))  # B×(N+1)×D
        return found + said if self.residual else said


class SemanticPopUp(nn.Module):
    """TSP, text-driven semantic pop-up: where in the image is what the text speaks of."""

    def __init__(self, config: ClipMatConfig, visual_width: int, text_width: int) -> None:
        super().__init__()
        width = config.popup_width
        self.visual, self.text = (projection(w, width) for w in (visual_width, text_width))
        self.blocks = nn.ModuleList(PopUpBlock(config) for _ in range(config.popup_blocks))
        self.matching = nn.Parameter(torch.zeros(width)) if config.affinity else None

    def forward(
        self, visual: Tensor, text: Tensor, padding: Tensor
    ) -> tuple[Tensor, Tensor | None]:
        """`visual` has been projected already: once for an image, however much is asked of it."""
        text = self.text(text)  # B×L×D_t → B×L×D
        affinity = None
        if self.matching is not None:
            whole = sentence(text, padding)  # B×D
            affinity = visual @ whole[:, :, None] / text.shape[2] ** 0.5  # B×(N+1)×1
            visual = visual + affinity * self.matching
            affinity = affinity[:, 1:]
        for block in self.blocks:
            visual = block(visual, text, padding)  # B×(N+1)×D
        return visual[:, 1:], affinity  # B×N×D: the class token is dropped

    def matches(self, visual: Tensor, text: Tensor, padding: Tensor) -> Tensor:
        """Logits: how well each projected visual token matches each text, B×(N+1)×D → B×U×N."""
        sentences = sentence(self.text(text), padding)  # U×L×D_t → U×D
        return (visual[:, 1:] @ sentences.T / visual.shape[2] ** 0.5).transpose(1, 2)


class TextGate(nn.Module):
    """What an ablation has in TSP's place: the sentence's last token scales the visual tokens."""

    def __init__(self, config: ClipMatConfig, visual_width: int, text_width: int) -> None:
        super().__init__()
        width = config.popup_width
        self.visual, self.text = (projection(w, width) for w in (visual_width, text_width))

    def forward(self, visual: Tensor, text: Tensor, padding: Tensor) -> tuple[Tensor, None]:
        whole = sentence(text, padding)  # B×D_t
        return visual[:, 1:] * self.text(whole)[:, None], None  # B×N×D


class SemanticDecoder(nn.Module):
    """Two blocks, each at twice the size of the one before → the trimap's logits."""

    def __init__(self, inputs: int, widths: tuple[int, int]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            conv_bn_relu(a, b) for a, b in zip((inputs, widths[0]), widths, strict=True)
        )
        self.trimap = nn.Conv2d(widths[-1], 3, 1)

    def forward(self, x: Tensor, size_hw: tuple[int, int]) -> Tensor:
        for block in self.blocks:
            x = block(resample(x, (2 * x.shape[2], 2 * x.shape[3])))  # to B×C×4H/P×4W/P
        return resample(self.trimap(x).float(), size_hw)  # B×3×H×W
