"""CLIP's two transformers. Parts, names and first weights are those of open_clip, whose own module
is not imported for them: torchvision and timm, which come with it, take ten seconds to load.

What this package leaves out is left out: the norms and projections after the last block.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

Activation = Callable[[], nn.Module]


class QuickGELU(nn.Module):
    """OpenAI's, with which their weights were trained."""

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(1.702 * x)


class Block(nn.Module):
    """Self-attention and an MLP, each behind a norm and beside what goes in."""

    def __init__(self, width: int, heads: int, mlp_ratio: float, activation: Activation) -> None:
        super().__init__()
        inner = int(width * mlp_ratio)
        self.ln_1 = nn.LayerNorm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            OrderedDict(
                c_fc=nn.Linear(width, inner), gelu=activation(), c_proj=nn.Linear(inner, width)
            )
        )

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """`x` is B×N×D, `mask` is added to the attention, N×N."""
        mask = mask if mask is None else mask.to(x.dtype)
        seen = self.ln_1(x)
        x = x + self.attn(seen, seen, seen, need_weights=False, attn_mask=mask)[0]
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    """Blocks one after another."""

    def __init__(
        self, width: int, heads: int, layers: int, mlp_ratio: float, activation: Activation
    ) -> None:
        super().__init__()
        self.layers, self.grad_checkpointing = layers, False
        self.resblocks = nn.ModuleList(
            Block(width, heads, mlp_ratio, activation) for _ in range(layers)
        )

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """B×N×D after the last block."""
        return self.after(x, [self.layers - 1], mask)[0]

    def after(self, x: Tensor, blocks: Sequence[int], mask: Tensor | None = None) -> list[Tensor]:
        """B×N×D after each of these blocks, which are numbered from 0 and rise; none is computed
        behind the last of them."""
        found = []
        for number, block in enumerate(self.resblocks[: blocks[-1] + 1]):
            if self.grad_checkpointing:
                x = checkpoint(block, x, mask, use_reentrant=False)
            else:
                x = block(x, mask)
            if number in blocks:
                found.append(x)
        return found


class VisionTransformer(nn.Module):
    """The parts of the image tower; `encoders.encode_image` goes through them at any size."""

    def __init__(
        self,
        embed_dim: int,
        activation: Activation,
        *,
        image_size: int = 224,
        patch_size: int = 16,
        width: int = 768,
        layers: int = 12,
        head_width: int = 64,
        mlp_ratio: float = 4.0,
    ) -> None:
        super().__init__()
        side = image_size // patch_size
        self.patch_size, self.grid_size = (patch_size, patch_size), (side, side)
        self.conv1: Any = nn.Conv2d(3, width, patch_size, patch_size, bias=False)  # or a stem
        scale = width**-0.5
        self.class_embedding = nn.Parameter(scale * torch.randn(width))
        self.positional_embedding = nn.Parameter(scale * torch.randn(side * side + 1, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, width // head_width, layers, mlp_ratio, activation)
        torch.randn(width, embed_dim)  # the projection's, so that what is drawn later is the same

    @property
    def dtype(self) -> torch.dtype:
        """Of its weights."""
        return self.class_embedding.dtype

    def set_grad_checkpointing(self, enable: bool) -> None:
        """Whether what is between the blocks is computed again for the gradient, to save memory."""
        self.transformer.grad_checkpointing = enable


class TextTransformer(nn.Module):
    """The parts of the text tower; `context.ContextPrompt` goes through them."""

    attn_mask: Tensor

    def __init__(
        self,
        embed_dim: int,
        activation: Activation,
        *,
        context_length: int = 77,
        vocab_size: int = 49408,
        width: int = 512,
        heads: int = 8,
        layers: int = 12,
        mlp_ratio: float = 4.0,
    ) -> None:
        super().__init__()
        self.context_length, self.vocab_size = context_length, vocab_size
        self.token_embedding = nn.Embedding(vocab_size, width)
        self.positional_embedding = nn.Parameter(torch.empty(context_length, width))
        self.transformer = Transformer(width, heads, layers, mlp_ratio, activation)
        causal = torch.full((context_length, context_length), float("-inf")).triu(1)
        self.register_buffer("attn_mask", causal, persistent=False)
        nn.init.normal_(self.token_embedding.weight, std=0.02)
        nn.init.normal_(self.positional_embedding, std=0.01)
        inner, last = width**-0.5, width**-0.5 * (2 * layers) ** -0.5
        stds = {"attn.in_proj_weight": inner, "attn.out_proj.weight": last}
        stds |= {"mlp.c_fc.weight": (2 * width) ** -0.5, "mlp.c_proj.weight": last}
        for block in self.transformer.resblocks:
            for name, std in stds.items():
                nn.init.normal_(block.get_parameter(name), std=std)
        torch.randn(width, embed_dim)  # the projection's

    def read(self, x: Tensor, padding: Tensor) -> Tensor:
        """What becomes of embedded tokens, B×L×D_t. It is causal: padding, bool B×L, which comes
        last, changes no other token."""
        length = x.shape[1]
        x = x + self.positional_embedding[:length].to(x.dtype)
        found: Tensor = self.transformer(x, self.attn_mask[:length, :length])
        return found
