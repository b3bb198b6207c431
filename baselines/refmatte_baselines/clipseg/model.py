"""CLIPSeg on the shared towers: a small decoder of CLIP's tokens, conditioned by the sentence.

Source: Lüddecke and Ecker, Image segmentation using text and image prompts, CVPR 2022; the authors'
code where the paper is silent. Ours, so that it answers with alphas and compares with other models:

- What it says of a pixel is its alpha. It learns by binary cross-entropy with the alpha itself as a
  soft target, where the paper has a mask, and by L1.
- The encoders are those that all models here share, and may learn; the paper's are CLIP's, frozen.
  What the shared text encoder leaves out, CLIP's last norm and projection, is put back, as
  `condition`: with CLIP's weights where these come along, else from random ones.
- Images keep their aspect, and are normalised as for CLIP. Prompts are texts alone.

Shapes as in `towers.network`; L text tokens; E the width of CLIP's common space; D of the decoder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.clipseg.config import LOSSES, ClipSegConfig
from refmatte_baselines.towers.context import sentence
from refmatte_baselines.towers.encoders import embedding_width
from refmatte_baselines.towers.layers import as_map, resample
from refmatte_baselines.towers.network import Asked, Network, Output, Target
from refmatte_baselines.towers.presence import decided
from refmatte_baselines.towers.reader import PADDING
from refmatte_engine.errors import InputError

DEPTH, LAST_STEP = 3, 4  # blocks; px of the last of two steps to the full size


class ClipSeg(Network):
    """CLIPSeg. Beside `Output.alpha` it says as a part its `logits`, KB×1×H×W. It has no trimap,
    and answers the same when asked coarsely."""

    config: ClipSegConfig
    loss_weights = LOSSES

    def __init__(self, config: ClipSegConfig, *, pretrained: bool = True) -> None:
        super().__init__(config, pretrained=pretrained)
        self.blocks = taken(config, self.visual.transformer.layers)
        visual_width = self.visual.conv1.out_channels  # D_v
        text_width = self.prompt.text.token_embedding.embedding_dim  # D_t
        common = embedding_width(config)  # E
        self.condition = nn.Sequential(
            nn.LayerNorm(text_width), nn.Linear(text_width, common, bias=False)
        )
        self._begin_condition()
        self.decoder = Decoder(config, visual_width, common, self.patch)
        self.begin_presence(len(self.blocks) * visual_width, (visual_width, common))
        self.completed()

    def _begin_condition(self) -> None:
        """CLIP's own last norm and projection, where they come with the text encoder's weights;
        those of a model of ours have none."""
        if self.config.text or "text.text_projection" not in self.first:
            return
        projection = self.first["text.text_projection"]  # D_t×E
        norm = {name: self.first[f"text.ln_final.{name}"] for name in ("weight", "bias")}
        self.condition[0].load_state_dict(norm)
        self.condition[1].load_state_dict({"weight": projection.T})

    def said(self, asked: Asked) -> Output:
        """See `Network`; `names` are not looked for."""
        image, seen, taken_from, tokens, _, coarse = asked
        words = self.prompt(tokens)  # KB×L×D_t
        text = self.condition(sentence(words, tokens == PADDING))  # KB×E
        whole = self.decoder(taken_from, text, seen.grid_hw)  # KB×1×h×w, with the padding
        presence = decided(  # KB
            self.presence,
            self.prompt,
            tokens,
            words,
            [each[:, 1:] for each in taken_from],
            seen.grid_hw,
            lambda: F.avg_pool2d(whole.sigmoid(), self.patch).flatten(1),
            lambda: (taken_from[-1], text),
        )
        height, width = seen.inner_hw
        logits = resample(whole.float()[..., :height, :width], image.shape[-2:])
        return Output(logits.sigmoid(), None, presence, {"logits": logits}, coarse)

    def own_losses(self, output: Output, target: Target) -> Mapping[str, Callable[[], Tensor]]:
        """See `Network`: binary cross-entropy with the alpha as a soft target, in which background
        weighs `Target.background_weight`."""
        return {"alpha_bce": lambda: self._bce(output.parts["logits"], target)}

    def _bce(self, logits: Tensor, target: Target) -> Tensor:
        each = F.binary_cross_entropy_with_logits(logits, target.alpha, reduction="none")
        weight = target.alpha + (1 - target.alpha) * target.background_weight
        return (each * weight).sum() / weight.sum().clamp(min=1e-4)

    def parts(self) -> dict[str, Sequence[nn.Module]]:
        """See `Network`."""
        return {**super().parts(), "text": [self.prompt.text, self.condition]}


class Decoder(nn.Module):
    """Three blocks of a transformer, from the deepest tokens to the shallowest; the first is told
    the text, by FiLM."""

    def __init__(self, config: ClipSegConfig, inputs: int, common: int, patch: int) -> None:
        super().__init__()
        width = config.width
        self.film_mul, self.film_add = nn.Linear(common, width), nn.Linear(common, width)
        self.reduces = nn.ModuleList(nn.Linear(inputs, width) for _ in range(DEPTH))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, config.heads, config.hidden, dropout=0.0, batch_first=True
            )
            for _ in range(DEPTH)
        )
        self.upsampling = upsampling(config, patch)

    def forward(self, visual: Sequence[Tensor], text: Tensor, grid_hw: tuple[int, int]) -> Tensor:
        """Three of B×(N+1)×D_v, shallowest first, and KB×E → logits, KB×1×H×W."""
        texts = text.shape[0] // visual[0].shape[0]
        x: Tensor | None = None
        for tokens, reduce, layer in zip(reversed(visual), self.reduces, self.layers, strict=True):
            reduced = reduce(tokens).repeat_interleave(texts, 0)  # KB×(N+1)×D
            if x is None:
                x = self.film_mul(text)[:, None] * reduced + self.film_add(text)[:, None]
            else:
                x = x + reduced
            x = layer(x)
        assert x is not None
        places: Tensor = self.upsampling(as_map(x[:, 1:], grid_hw))  # without the class token
        return places


def upsampling(config: ClipSegConfig, patch: int) -> nn.Module:
    """B×D×H/P×W/P → B×1×H×W. InputError for a patch that cannot be taken in two steps."""
    width = config.width
    if config.upsampling == "single":
        return nn.ConvTranspose2d(width, 1, patch, stride=patch)
    if patch % LAST_STEP:
        raise InputError(
            f"upsampling: refined for a patch of {patch} px",
            f"wants a multiple of {LAST_STEP} px",
            todo="upsampling: single",
        )
    first = patch // LAST_STEP  # 4 and 4 of a patch of 16 px, as in the released weights
    return nn.Sequential(
        *(nn.Conv2d(width, width, 3, padding=1), nn.ReLU()),
        *(nn.ConvTranspose2d(width, width // 2, first, stride=first), nn.ReLU()),
        nn.ConvTranspose2d(width // 2, 1, LAST_STEP, stride=LAST_STEP),
    )


def taken(config: ClipSegConfig, layers: int) -> tuple[int, ...]:
    """The blocks, of so many, after which tokens are taken. InputError if there are too few.

    >>> taken(ClipSegConfig(), 12), taken(ClipSegConfig(), 24)
    ((3, 6, 9), (6, 12, 18))
    """
    blocks = config.blocks or tuple(layers * quarter // 4 for quarter in (1, 2, 3))
    if len(set(blocks)) < DEPTH or blocks[-1] >= layers:
        raise InputError(
            f"blocks: {list(blocks)}",
            f"are not in {config.encoder}, whose image encoder has {layers}",
            allowed=f"three of 0 to {layers - 1}",
        )
    return blocks


NETWORK = ClipSeg
