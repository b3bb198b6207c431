"""An image and texts → alphas: what a model is for training, checkpoints and answering.

Shapes: B images of H×W px and K texts for each, so KB alphas; patch P, N = H/P · W/P; D_v and D_t
the widths of CLIP's encoders.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.towers.clip import VisionTransformer
from refmatte_baselines.towers.config import PRESENCE, TowersConfig
from refmatte_baselines.towers.context import ContextPrompt
from refmatte_baselines.towers.encoders import build, encode_image, fill, read_weights
from refmatte_baselines.towers.layers import for_texts
from refmatte_baselines.towers.losses import alpha_losses
from refmatte_baselines.towers.presence import Glance, Presence, begun, loss, meaning
from refmatte_baselines.towers.reader import Reader
from refmatte_baselines.towers.refiner import Refiner, perturbed
from refmatte_baselines.towers.windows import lazy
from refmatte_engine.errors import InputError
from refmatte_engine.records import F32, U8, Setting

MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)  # CLIP's


class Output(NamedTuple):
    """float32; maps have the size of the image that was given."""

    alpha: Tensor
    """KB×1×H×W in [0, 1]."""
    trimap: Tensor | None = None
    """KB×3×H×W logits, background, unknown, foreground, of a model that has them."""
    presence: Tensor | None = None
    """KB logits, whether the text means anything in its image, of a model that decides it."""
    parts: Mapping[str, Tensor] = {}
    """What else the model says; its losses know it by name."""
    coarse: bool = False
    """Whether it was asked for no more than where things are."""


class Target(NamedTuple):
    """What an answer is measured with while a model learns; maps are KB."""

    image: Tensor
    """KB×3×H×W in [0, 1]."""
    alpha: Tensor
    """KB×1×H×W in [0, 1]."""
    trimap: Tensor
    """int64 KB×H×W as `trimap_truth` has it."""
    shares: Tensor | None = None
    """B×U×H/P×W/P: how much of each place belongs to things of each of U names."""
    colors: Tensor | None = None
    """KB×6×H×W in [0, 1]: straight colours of what is meant, and of what is behind it."""
    background_weight: float = 1.0
    """Of background pixels where classes are weighed."""

    def of_texts(self, which: Tensor) -> Target:
        """What is true of some of the texts, bool KB."""
        colors = None if self.colors is None else self.colors[which]
        image, alpha, trimap = self.image[which], self.alpha[which], self.trimap[which]
        return self._replace(image=image, alpha=alpha, trimap=trimap, colors=colors)


class Prepared(NamedTuple):
    """An image as encoders get it."""

    image: Tensor
    """B×3×h×w, normalised, in the network's dtype, padded to multiples of the patch."""
    inner_hw: tuple[int, int]
    """Its size before padding, which is below and to the right."""
    grid_hw: tuple[int, int]
    """Its size in patches."""


class Asked(NamedTuple):
    """What a model is asked, as `Network.forward` prepares it."""

    image: Tensor
    """B×3×H×W, as it was given."""
    seen: Prepared
    groups: list[Tensor]
    """What `encode` makes of the image: tokens of each of `blocks`, B×(N+1)×D_v."""
    tokens: Tensor
    """int64 KB×L."""
    names: Tensor | None
    """int64 U×L."""
    coarse: bool


class Network(nn.Module):
    """A model on CLIP's towers. InputError for an encoder or first weights that cannot be had.

    A model adds its parts in `__init__`, `begin_presence` among them, and calls `completed` at its
    end.
    """

    config: TowersConfig
    blocks: Sequence[int] | None = None
    """After which of the image encoder's blocks a model wants the tokens; see `encode_image`."""
    of_images: Collection[str] = ()
    """Which of `Output.parts` are said of images, and not of texts."""
    loss_weights: Mapping[str, float]
    """The names of its losses, and their weights where a recipe says nothing."""
    presence: Presence | Glance | None
    refiner: Refiner | None
    first: Mapping[str, Tensor]
    """What the encoders begin with, by name, until the model is `completed`."""
    mean: Tensor
    std: Tensor

    def __init__(self, config: TowersConfig, *, pretrained: bool = True) -> None:
        super().__init__()
        self.config = config
        self.visual, text = build(config)
        self.first = {}
        if pretrained and config.pretrained:
            self.first = read_weights(config.encoder, config.pretrained)
            fill(self.visual, self.first, "visual.", config.pretrained)
            if not config.text:
                fill(text, self.first, "text.", config.pretrained)
        self.prompt = ContextPrompt(text, config.context_tokens)
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(3, 1, 1), persistent=False)

    def begin_presence(self, visual_width: int, glance: tuple[int, int]) -> None:
        """The decision on presence, if the model has one, from tokens of an image's places of this
        width; a glance, from tokens of places and sentences of the widths `glance`."""
        self._widths = visual_width, self.prompt.text.token_embedding.embedding_dim, glance
        self.presence = begun(self.config, *self._widths) if self.config.presence else None

    def completed(self) -> None:
        """Adds the refiner, if the model has one, and freezes what does not learn."""
        self.first = {}
        self.refiner = Refiner() if self.config.refiner else None
        self.freeze(self.config.frozen)
        self.to(memory_format=torch.channels_last)  # in which convolutions are faster

    def forward(
        self,
        image: Tensor,
        tokens: Tensor,
        visual: list[Tensor] | None = None,
        names: Tensor | None = None,
        *,
        coarse: bool = False,
        long_side: int | None = None,
    ) -> Output:
        """`image` float32 B×3×H×W in [0, 1] of any size, `tokens` int64 KB×L of `reader.tokens`: K
        texts for the first image, then K for the second, …

        `visual` may hand in `self.encode(image)`, where one image is asked about more than once.
        `names` are the tokens, U×L, of what a model that `asks_for_names` is to look for
        everywhere. `coarse` leaves out what a model finds last. `long_side` replaces the config's
        `size`.
        """
        seen = self.prepared(image, long_side)
        groups = visual or encode_image(self.visual, seen.image, self.blocks)
        found = self.said(Asked(image, seen, groups, tokens, names, coarse))
        if not self.refines or coarse:
            return found
        refined = self.refined(for_texts(image, tokens.shape[0]), found.alpha)
        return found._replace(alpha=refined)

    def said(self, asked: Asked) -> Output:
        """As `forward`, before anything is refined."""
        raise NotImplementedError

    def answer(
        self, image: Tensor, tokens: Tensor, visual: list[Tensor], *, long_side: int | None = None
    ) -> Output:
        """What `forward` says of K texts of one image (1×3×H×W), but for rounding, `parts` and what
        `finished` does: sooner and in less memory, and nothing is learnt."""
        seen = self.prepared(image, long_side)
        if image.device.type == "cpu":  # a GPU has the whole sooner than many windows
            seen = seen._replace(image=lazy(seen.image))
        found = self.said(Asked(image, seen, visual, tokens, None, False))
        return Output(found.alpha, found.trimap, found.presence)

    def finished(self, image: Tensor, alpha: Tensor) -> Tensor:
        """The alphas (K×1×H×W) that a model answers, or the means of several looks' alphas,
        refined."""
        if not self.refines:
            return alpha
        in_windows = image.device.type == "cpu"
        return torch.cat([self.refined(image, each[None], in_windows) for each in alpha])

    @property
    def refines(self) -> bool:
        """Whether there is a refiner whose turn has come."""
        return self.refiner is not None and "refiner" not in self.config.frozen

    def refined(self, image: Tensor, alpha: Tensor, in_windows: bool = False) -> Tensor:
        """KB×3×H×W and KB×1×H×W → KB×1×H×W, by the refiner."""
        assert self.refiner is not None
        if self.training and self.config.coarse_frozen:
            alpha = perturbed(alpha, image)
        refined: Tensor = self.refiner(image, alpha, in_windows=in_windows)
        mean = self.config.refiner_mean and not self.training
        return (alpha * refined).sqrt() if mean else refined

    def losses(
        self, output: Output, target: Target, weights: Mapping[str, float]
    ) -> dict[str, Tensor]:
        """The model's losses by name, unweighted scalars in float32: those that something learns
        from and whose weight is not 0. A model that decides on presence learns its alphas from
        texts that mean something alone."""
        if output.presence is None:
            return self._learnt(output, target, weights)
        there = meaning(target.alpha)
        found = {PRESENCE: loss(output.presence, there)} if weights.get(PRESENCE, 1) else {}
        if there.any():
            chosen = self._of_texts(output, there)
            found |= self._learnt(chosen, target.of_texts(there), weights)
        return found

    def _learnt(
        self, output: Output, target: Target, weights: Mapping[str, float]
    ) -> dict[str, Tensor]:
        made = {**alpha_losses(output.alpha, target.alpha, target.image, target.colors)}
        if "coarse" not in self.config.frozen:
            made |= self.own_losses(output, target)
        names = self.config.learnt(self.config.frozen, coarse=output.coarse)
        return {
            name: made[name]()
            for name in names or self.loss_weights
            if weights.get(name, self.loss_weights[name])
        }

    def _of_texts(self, output: Output, which: Tensor) -> Output:
        parts = {
            name: x if name in self.of_images else x[which] for name, x in output.parts.items()
        }
        trimap = None if output.trimap is None else output.trimap[which]
        return output._replace(alpha=output.alpha[which], trimap=trimap, parts=parts)

    def own_losses(self, output: Output, target: Target) -> Mapping[str, Callable[[], Tensor]]:
        """A model's own losses by name, beside those of presence and of any alpha: what computes
        each, an unweighted scalar in float32."""
        raise NotImplementedError

    @property
    def asks_for_names(self) -> bool:
        """Whether it learns from what else there is in a picture."""
        return False

    @property
    def reader(self) -> Reader:
        """Makes the tokens of texts."""
        return self.prompt.reader(self.config.template)

    @property
    def patch(self) -> int:
        """P, in px."""
        return int(self.visual.patch_size[0])

    def parts(self) -> dict[str, Sequence[nn.Module]]:
        """The parts that may be frozen, by name."""
        encoders = {"visual", "prompt", "presence"}
        return {
            "image": [self.visual],
            "text": [self.prompt.text],
            "alphas": [each for name, each in self.named_children() if name not in encoders],
            "coarse": [each for name, each in self.named_children() if name != "refiner"],
            "refiner": [self.refiner] if self.refiner else [],
        }

    def train(self, mode: bool = True) -> Self:
        """As in any module; but where alphas are frozen their statistics are, and where only edges
        are learnt all but the refiner's: that is learnt from few pictures at a time."""
        super().train(mode)
        part = "coarse" if self.config.coarse_frozen else "alphas"
        if self.config.coarse_frozen or "alphas" in self.config.frozen:
            for each in self.parts()[part]:
                each.train(False)
        return self

    def freeze(self, parts: Sequence[str]) -> None:
        """From here on these parts do not learn, and the others do."""
        self.config = self.config.model_copy(update={"frozen": tuple(parts)})
        self.requires_grad_(True)
        for part in parts:
            for module in self.parts()[part]:
                module.requires_grad_(False)

    def restart(self, config: TowersConfig) -> None:
        """From here on a model of `config`, which differs in how it learns and answers. A refiner
        and a decision on presence that are there stay; those that are lacking begin, as does a
        decision of another kind."""
        by = self.config.presence_by
        if config.presence and not (self.presence and by == config.presence_by):
            self.presence, by = begun(config, *self._widths), config.presence_by
        if config.refiner and not self.refiner:
            self.refiner = Refiner().to(memory_format=torch.channels_last)
        has = {"presence": self.presence is not None, "refiner": self.refiner is not None}
        self.config = config.model_copy(update={**has, "presence_by": by})
        self.freeze(config.frozen)

    def prepared(self, image: Tensor, long_side: int | None = None) -> Prepared:
        """`image`, float32 B×3×H×W in [0, 1], as the encoders get it; what is smaller than the
        size at which they work stays as it is."""
        height, width = image.shape[-2:]
        scale = min(1.0, (long_side or self.config.size) / max(height, width))
        inner_hw = max(1, round(height * scale)), max(1, round(width * scale))
        if scale < 1:
            image = F.interpolate(image, inner_hw, mode="bilinear", antialias=True)
        image = ((image - self.mean) / self.std).to(self.visual.dtype)
        patch = self.patch
        image = F.pad(image, (0, -inner_hw[1] % patch, 0, -inner_hw[0] % patch))  # the mean colour
        return Prepared(image, inner_hw, (image.shape[-2] // patch, image.shape[-1] // patch))

    def encode(
        self,
        image: Tensor,
        tower: VisionTransformer | None = None,
        *,
        long_side: int | None = None,
    ) -> list[Tensor]:
        """What the image encoder, or a copy of it, makes of float32 B×3×H×W in [0, 1]: tokens of
        each of `blocks`, B×(N+1)×D_v."""
        used = self.visual if tower is None else tower
        small = self.prepared(image, long_side).image
        return encode_image(used, small.to(used.dtype), self.blocks)

    @torch.inference_mode()
    def matte(self, image: U8, text: str, form: Setting = "expression") -> F32:
        """The alpha (float32 H×W in [0, 1]) of what `text` names in `image` (uint8 H×W×3 RGB).

        InputError for another kind of array and for a text that is empty or too long.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or not image.size:
            raise InputError(
                f"image {image.dtype} {'×'.join(map(str, image.shape))}",
                "cannot be matted",
                allowed="uint8 H×W×3, RGB",
            )
        device, training = self.mean.device, self.training
        pixels = torch.from_numpy(np.ascontiguousarray(image)).to(device)
        tokens = self.reader.tokens([text], form).to(device)
        self.eval()
        seen = pixels.permute(2, 0, 1)[None].float() / 255
        alpha = self.finished(seen, self.answer(seen, tokens, self.encode(seen)).alpha)
        self.train(training)
        return np.asarray(alpha[0, 0].cpu().numpy())
