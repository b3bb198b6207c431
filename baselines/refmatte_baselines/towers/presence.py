"""Whether a text means anything at all in its image: a decision beside the alphas, which learn
nothing from texts that mean nothing.

Shapes as in `towers.network`; D the width at which it is decided, N places.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WIDTH, HEADS = 128, 8


class Presence(nn.Module):
    """The text looks for itself in the image: what it finds, how well it fits, and what it was."""

    def __init__(self, visual_width: int, text_width: int) -> None:
        super().__init__()
        self.visual, self.text = (
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, WIDTH))
            for width in (visual_width, text_width)
        )
        self.decision = nn.Sequential(
            nn.LayerNorm(3 * WIDTH + HEADS), nn.Linear(3 * WIDTH + HEADS, WIDTH), nn.GELU(),
            nn.Linear(WIDTH, 1),
        )  # fmt: skip

    def forward(self, visual: Tensor, text: Tensor) -> Tensor:
        """Tokens of the image, B×N×W, or as a text sees it, KB×N×W, and the sentences', KB×D_t →
        KB logits, from which no other part learns."""
        visual, text = visual.detach(), text.detach()
        images, places = visual.shape[:2]
        seen = self.visual(visual).view(images, 1, places, HEADS, -1)  # B×1×N×heads×d
        asked = self.text(text)  # KB×D
        query = asked.view(images, -1, 1, HEADS, WIDTH // HEADS)  # B×K×1×heads×d
        fit = (seen * query).sum(-1) / query.shape[-1] ** 0.5  # B×K×N×heads
        found = (fit.softmax(2)[..., None] * seen).sum(2).flatten(2).flatten(0, 1)  # KB×D
        best = fit.amax(2).flatten(0, 1)  # KB×heads
        decided: Tensor = self.decision(torch.cat([found, asked, found * asked, best], 1))
        return decided[:, 0].float()


def loss(logits: Tensor, there: Tensor) -> Tensor:
    """Binary cross-entropy of KB logits with whether texts mean anything, bool KB."""
    return F.binary_cross_entropy_with_logits(logits, there.float())


def meaning(alpha: Tensor) -> Tensor:
    """Which of KB×1×H×W alphas have anything, bool KB."""
    return alpha.flatten(1).amax(1) > 0
