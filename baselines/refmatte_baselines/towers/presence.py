"""Whether a text means anything at all in its image: a decision beside the alphas, which learn
nothing from texts that mean nothing.

Shapes as in `towers.network`; D the width at which it is decided, N places, L words, T = L + 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.towers.config import TowersConfig
from refmatte_baselines.towers.context import ContextPrompt
from refmatte_baselines.towers.reader import PADDING

WIDTH, HEADS, LAYERS = 128, 4, 3
WAVES = 32  # of the numbers that say where what was chosen lies, each pair of which has as many
KNOWN = 5  # what is known of a place beside its tokens
LATELY = 1000  # steps over which means and spreads are measured
GLANCE, GLANCES = 128, 8  # width and heads of an older kind of decision
SCALE = (WIDTH // HEADS) ** -0.5  # of attention's logits
NEVER = -1e4  # the logit of a word that is not there


class Seen(NamedTuple):
    """What there is to decide by."""

    visual: Tensor
    """B×N×W: what the image encoder makes of each place, in one or more of its blocks."""
    grid_hw: tuple[int, int]
    """Rows and columns of the places."""
    chosen: Tensor
    """KB×N in [0, 1]: how much of each place the model takes the text to mean."""
    words: Tensor
    """KB×L×2D_t: the embedding of each token, and what the text encoder makes of it."""
    silent: Tensor
    """KB×L: where there is no token."""


class Presence(nn.Module):
    """The words of a text look at all places of the image, at what was chosen for the whole text
    and at where that lies, so that each is held against what it says: a text that is untrue in one
    word is told from a true one."""

    def __init__(self, visual_width: int, text_width: int) -> None:
        super().__init__()
        self.visual = nn.Sequential(Standard(visual_width), nn.Linear(visual_width, WIDTH))
        self.standard, self.words = Standard(2 * text_width), nn.Linear(2 * text_width, WIDTH)
        self.position = nn.Linear(WIDTH, WIDTH)
        self.among = nn.TransformerEncoderLayer(
            WIDTH, HEADS, 2 * WIDTH, 0.0, "gelu", batch_first=True, norm_first=True
        )
        self.norm = nn.LayerNorm(WIDTH)
        self.what = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WIDTH))
        self.where = nn.Linear(2 * WAVES + 6, WIDTH)
        self.fits = nn.ModuleList(Product() for _ in range(2))
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.decision = nn.Sequential(nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 1))

    def forward(self, seen: Seen) -> Tensor:
        """KB logits, from which no other part of the model learns."""
        count, texts = seen.visual.shape[0], seen.words.shape[0] // seen.visual.shape[0]
        xy = centres(seen.grid_hw, seen.visual)  # N×2
        visual = self.visual(seen.visual.detach()) + self.position(waves(xy, WIDTH))
        visual = self.norm(self.among(visual))  # B×N×D
        # Of a model in half precision the choice may be in full.
        share = seen.chosen.detach().to(xy.dtype).reshape(count, texts, -1)  # B×K×N
        chosen = share / (share.sum(-1, keepdim=True) + 1e-3)
        middle = chosen @ xy  # B×K×2
        extent = (chosen @ xy**2 - middle**2).clamp(min=1e-6).sqrt()
        most = share.amax(-1, keepdim=True)
        sizes = [middle, extent, share.mean(-1, keepdim=True).sqrt(), most]
        lies = waves(torch.stack([middle, extent], 2), WAVES).flatten(2)  # B×K×2·WAVES
        what = self.what(chosen @ visual)  # B×K×D
        where = self.where(torch.cat([lies, *sizes], -1))
        words = self.words(self.standard(seen.words.detach(), seen.silent))
        words = words.reshape(count, texts, -1, WIDTH)  # B×K×L×D
        for fit, other in zip(self.fits, (what, where), strict=True):
            words = words + fit(words, other[:, :, None])
        away = xy - middle[:, :, None]  # B×K×N×2
        beside = [share, share / (most + 1e-3), torch.ones_like(share)]
        known = torch.cat([away, torch.stack(beside, -1)], -1)  # B×K×N×KNOWN
        silent = F.pad(seen.silent, (1, 0), value=False).reshape(count, texts, -1)
        x = torch.cat([(what + where)[:, :, None], words], 2)  # B×K×T×D
        for layer in self.layers:
            x = layer(x, silent, visual, known)
        decided: Tensor = self.decision(x[:, :, 0])
        return decided.flatten().float()


class Layer(nn.Module):
    """Words to words by self-attention, words to places by cross-attention, then an MLP."""

    def __init__(self) -> None:
        super().__init__()
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))
        self.own = nn.Linear(WIDTH, 3 * WIDTH)
        self.query, self.key_value = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, 2 * WIDTH)
        self.known = nn.Linear(KNOWN, 2 * WIDTH, bias=False)
        self.ends = nn.ModuleList(nn.Linear(WIDTH, WIDTH) for _ in range(2))
        self.fit = Product()
        self.mlp = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Linear(4 * WIDTH, WIDTH)
        )

    def forward(self, x: Tensor, silent: Tensor, visual: Tensor, known: Tensor) -> Tensor:
        """B×K×T×D; `known` is what each text has beside the places' tokens, which all texts
        share."""
        query, key, value = map(_heads, self.own(self.norms[0](x)).chunk(3, -1))
        logits = SCALE * query @ key.transpose(-1, -2)  # B×K×heads×T×T
        logits = logits.masked_fill(silent[:, :, None, None], NEVER)
        x = x + self.ends[0](_joined(logits.softmax(-1) @ value))
        asks = self.norms[1](x)
        query = SCALE * _heads(self.query(asks))  # B×K×heads×T×d
        key, value = map(_heads, self.key_value(visual)[:, None].chunk(2, -1))  # B×1×heads×N×d
        # Of `known` keys and values are linear, so that none are made for each text and place.
        to_key, to_value = self.known.weight.view(2, HEADS, -1, KNOWN)  # heads×d×KNOWN
        logits = query @ key.transpose(-1, -2) + (query @ to_key) @ known[:, :, None].mT
        looks = logits.softmax(-1)  # B×K×heads×T×N
        found = looks @ value + (looks @ known[:, :, None]) @ to_value.mT
        found = _joined(found)  # B×K×T×D
        x = x + self.ends[1](found) + self.fit(asks, found)
        made: Tensor = x + self.mlp(self.norms[2](x))
        return made


class Product(nn.Module):
    """How two things go together, number by number."""

    def __init__(self) -> None:
        super().__init__()
        self.other, self.end = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """…×D of …×D and …×D."""
        made: Tensor = self.end(one * self.other(other))
        return made


class Standard(nn.Module):
    """What frozen encoders say, each number by its own mean and spread, which are measured while
    the model learns: of some the mean is far larger than all that tells one word from another."""

    mean: Tensor
    spread: Tensor
    measured: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(width))
        self.register_buffer("spread", torch.ones(width))
        self.register_buffer("measured", torch.zeros(()))

    def forward(self, x: Tensor, silent: Tensor | None = None) -> Tensor:
        """…×W → …×W; what is `silent` is not measured."""
        if self.training:
            self._measure((x if silent is None else x[~silent]).detach().flatten(0, -2).float())
        return (x - self.mean) / self.spread

    @torch.no_grad()
    def _measure(self, x: Tensor) -> None:
        self.measured += 1
        step = 1 / self.measured.clamp(max=LATELY)
        self.mean.lerp_(x.mean(0), step)
        variance = (self.spread**2).lerp((x - self.mean).square().mean(0), step)
        self.spread.copy_(variance.sqrt().clamp(min=1e-4))


def centres(grid_hw: tuple[int, int], like: Tensor) -> Tensor:
    """Of places, row by row, N×2: x, y in shares of the image's sides."""
    down, across = (
        (torch.arange(side, dtype=like.dtype, device=like.device) + 0.5) / side for side in grid_hw
    )
    return torch.stack(torch.meshgrid(across, down, indexing="xy"), -1).flatten(0, 1)


def waves(xy: Tensor, width: int) -> Tensor:
    """…×2 → …×width: sines and cosines of ever shorter waves."""
    lengths = torch.linspace(0, 5, width // 4, dtype=xy.dtype, device=xy.device)
    angles = xy[..., None] * (math.pi * 2**lengths)
    return torch.cat([angles.sin(), angles.cos()], -1).flatten(-2)


def _heads(x: Tensor) -> Tensor:
    """…×T×D → …×heads×T×d."""
    return x.reshape(*x.shape[:-1], HEADS, WIDTH // HEADS).transpose(-2, -3)


def _joined(x: Tensor) -> Tensor:
    return x.transpose(-2, -3).flatten(-2)


class Glance(nn.Module):
    """A decision of an older kind: the sentence as a whole looks for itself in the image."""

    def __init__(self, visual_width: int, text_width: int) -> None:
        super().__init__()
        self.visual, self.text = (
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, GLANCE))
            for width in (visual_width, text_width)
        )
        self.decision = nn.Sequential(
            nn.LayerNorm(3 * GLANCE + GLANCES), nn.Linear(3 * GLANCE + GLANCES, GLANCE), nn.GELU(),
            nn.Linear(GLANCE, 1),
        )  # fmt: skip

    def forward(self, visual: Tensor, text: Tensor) -> Tensor:
        """Tokens of the image, B×N×W, or as a text sees it, KB×N×W, and the sentences', KB×D_t →
        KB logits, from which no other part learns."""
        visual, text = visual.detach(), text.detach()
        images, places = visual.shape[:2]
        seen = self.visual(visual).view(images, 1, places, GLANCES, -1)  # B×1×N×heads×d
        asked = self.text(text)  # KB×D
        query = asked.view(images, -1, 1, GLANCES, GLANCE // GLANCES)  # B×K×1×heads×d
        fit = (seen * query).sum(-1) / query.shape[-1] ** 0.5  # B×K×N×heads
        found = (fit.softmax(2)[..., None] * seen).sum(2).flatten(2).flatten(0, 1)  # KB×D
        best = fit.amax(2).flatten(0, 1)  # KB×heads
        decided: Tensor = self.decision(torch.cat([found, asked, found * asked, best], 1))
        return decided[:, 0].float()


def begun(
    config: TowersConfig, visual_width: int, text_width: int, glance: tuple[int, int]
) -> Presence | Glance:
    """A decision that has learnt nothing yet, for tokens of these widths."""
    return (
        Glance(*glance) if config.presence_by == "sentence" else Presence(visual_width, text_width)
    )


def decided(
    decision: Presence | Glance | None,
    prompt: ContextPrompt,
    tokens: Tensor,
    text: Tensor,
    visual: Sequence[Tensor],
    grid_hw: tuple[int, int],
    chosen: Callable[[], Tensor],
    glance: Callable[[], tuple[Tensor, Tensor]],
) -> Tensor | None:
    """KB logits, whether each text means anything, of a model that decides it. `text` is what
    `prompt` makes of `tokens`, and `visual` what the image encoder makes of all places in some of
    its blocks, B×N×D_v each. `chosen` makes what the model takes the texts to mean, KB×N in [0, 1],
    and `glance` the tokens of places and sentences that a glance wants."""
    if decision is None:
        return None
    if isinstance(decision, Glance):
        return cast(Tensor, decision(*glance()))
    words = torch.cat([prompt.embedded(tokens), text], 2)[:, 1:]  # without the start
    silent = (tokens == PADDING) | (tokens >= prompt.text.vocab_size)  # or one of V_1 … V_N
    seen = Seen(torch.cat(list(visual), 2), grid_hw, chosen(), words, silent[:, 1:])
    return cast(Tensor, decision(seen))


def loss(logits: Tensor, there: Tensor) -> Tensor:
    """Binary cross-entropy of KB logits with whether texts mean anything, bool KB."""
    return F.binary_cross_entropy_with_logits(logits, there.float())


def meaning(alpha: Tensor) -> Tensor:
    """Which of KB×1×H×W alphas have anything, bool KB."""
    return alpha.flatten(1).amax(1) > 0
