"""CLIPMat: the network of the paper's figure, at one size.

Shapes as in `towers.network`; L text tokens; D the pop-up's width, D' of what it hands to the
semantic decoder, D_i of the four levels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from refmatte_baselines.clipmat import loss
from refmatte_baselines.clipmat.config import ClipMatConfig
from refmatte_baselines.clipmat.details import DetailsDecoder, DetailsExtractor, Levels
from refmatte_baselines.clipmat.popup import SemanticDecoder, SemanticPopUp, TextGate
from refmatte_baselines.clipmat.refiner import Refiner, perturbed
from refmatte_baselines.clipmat.windows import SIDE_PX, Window, touched
from refmatte_baselines.data.trimaps import FOREGROUND, UNKNOWN
from refmatte_baselines.towers.config import TowersConfig
from refmatte_baselines.towers.context import sentence
from refmatte_baselines.towers.layers import as_map, resample
from refmatte_baselines.towers.network import Asked, Network, Output, Prepared, Target
from refmatte_baselines.towers.reader import PADDING


def fuse(trimap: Tensor, details: Tensor) -> Tensor:
    """Trimap-guided fusion: where the trimap says unknown, the details; else 0 or 1."""
    return _fused(trimap.argmax(1, keepdim=True), details)  # B×3×H×W → B×1×H×W


def _fused(said: Tensor, details: Tensor) -> Tensor:
    return torch.where(said == UNKNOWN, details, (said == FOREGROUND).to(details.dtype))


class _Places(NamedTuple):
    """Where in prepared images is what texts mean."""

    projected: Tensor
    """B×(N+1)×D: the visual tokens, for all texts."""
    popped: Tensor
    """KB×D'×H/P×W/P."""
    trimap: Tensor
    """KB×3×H×W logits, with the padding."""
    affinity: Tensor | None
    """KB×N×1 logits."""
    presence: Tensor | None
    """KB logits."""


class ClipMat(Network):
    """CLIPMat. Beside `Output.alpha` it says a trimap, and as parts `details`, KB×1×H×W in [0, 1],
    meant for the unknown band; `affinity`, KB×1×H/P×W/P logits: how well each place matches the
    sentence, where the config has it; `vocabulary`, B×U×H/P×W/P logits: how well each place of an
    image matches each of U names, where asked."""

    config: ClipMatConfig
    of_images = ("vocabulary",)

    def __init__(self, config: ClipMatConfig, *, pretrained: bool = True) -> None:
        super().__init__(config, pretrained=pretrained)
        visual_width = self.visual.conv1.out_channels  # D_v
        popup = SemanticPopUp if config.popup else TextGate
        self.popup = popup(config, visual_width, self.prompt.text.token_embedding.embedding_dim)
        self.semantic_decoder = SemanticDecoder(config.popup_width, config.semantic_widths)
        if config.details:
            self.extractor = DetailsExtractor(config, visual_width)
            self.details_decoder = DetailsDecoder(config)
        self.refiner = Refiner() if config.refiner else None
        self.begin_presence(config.popup_width, config.popup_width)
        self.completed()

    def said(self, asked: Asked) -> Output:
        """See `Network`. `coarse` leaves out the details branch, as an ablation does."""
        image, seen, groups, tokens, names, coarse = asked
        full_hw, texts = image.shape[-2:], tokens.shape[0] // image.shape[0]
        place = self._placed(seen, groups, tokens)
        trimap = _given(place.trimap, seen, full_hw)  # KB×3×H×W
        if coarse or not self.config.details:
            likely = trimap.softmax(1)
            fine = likely[:, FOREGROUND:] + likely[:, UNKNOWN:FOREGROUND] / 2  # KB×1×H×W
        else:
            levels = self.extractor(seen.image, groups, seen.grid_hw)
            fine = _given(self._details(levels, place.popped, place.trimap), seen, full_hw)
            fine = fine.repeat_interleave(tokens.shape[0] // fine.shape[0], 0)
        parts = {"details": fine}
        if place.affinity is not None:
            parts["affinity"] = as_map(place.affinity, seen.grid_hw).float()
        if names is not None and isinstance(self.popup, SemanticPopUp):
            found = self.popup.matches(
                place.projected, self.prompt(names), names == PADDING
            ).float()
            parts["vocabulary"] = found.reshape(*found.shape[:2], *seen.grid_hw)  # B×U×H/P×W/P
        alpha = fuse(trimap, fine)
        if self._refines and not coarse:
            alpha = self._refined(image.repeat_interleave(texts, 0), alpha)
        return Output(alpha, trimap, place.presence, parts, coarse)

    def answer(
        self, image: Tensor, tokens: Tensor, visual: list[Tensor], *, long_side: int | None = None
    ) -> Output:
        """See `Network`: the details are found where the trimap says unknown, text by text."""
        if not self.config.details:
            found = self(image, tokens, visual, coarse=True, long_side=long_side)
            return found._replace(parts={}, coarse=False)
        seen = self.prepared(image, long_side)
        place = self._placed(seen, visual, tokens)
        levels = self.extractor(seen.image, visual, seen.grid_hw)
        trimap = _given(place.trimap, seen, image.shape[-2:])  # K×3×H×W
        alpha = torch.empty_like(trimap[:, :1])
        for k in range(len(tokens)):
            each = slice(k, k + 1)
            said = trimap[each].argmax(1, keepdim=True)  # 1×1×H×W
            windows = touched((said == UNKNOWN)[0, 0], seen.inner_hw, _side_px(image))
            fine = self._details(levels, place.popped[each], place.trimap[each], windows)
            alpha[each] = _fused(said, _given(fine, seen, image.shape[-2:]))
        return Output(alpha, trimap, place.presence)

    def finished(self, image: Tensor, alpha: Tensor) -> Tensor:
        """See `Network`: refined."""
        return self._refined(image, alpha, _side_px(image)) if self._refines else alpha

    def _placed(self, seen: Prepared, groups: list[Tensor], tokens: Tensor) -> _Places:
        text, padding = self.prompt(tokens), tokens == PADDING  # KB×L×D_t, KB×L
        projected = self.popup.visual(groups[-1])  # B×(N+1)×D_v → B×(N+1)×D
        texts = tokens.shape[0] // projected.shape[0]
        asked = projected.repeat_interleave(texts, 0)  # KB×(N+1)×D
        popped, affinity = self.popup(asked, text, padding)  # KB×N×D'
        presence = None
        if self.presence is not None:
            presence = self.presence(popped, self.popup.text(sentence(text, padding)))  # KB
        popped = as_map(popped, seen.grid_hw)
        trimap = self.semantic_decoder(popped, seen.image.shape[-2:])
        return _Places(projected, popped, trimap, affinity, presence)

    def _details(
        self,
        levels: Levels,
        popped: Tensor,
        trimap: Tensor,
        windows: Sequence[Window] | None = None,
    ) -> Tensor:
        """The end of MDE: B×1×h×w; KB×1×h×w where details are guided, by what popped up and by
        what the trimap says."""
        if not self.config.guided_details:
            return self.details_decoder(levels, windows=windows)
        return self.details_decoder(levels, popped, trimap.detach().softmax(1), windows)

    @property
    def _refines(self) -> bool:
        return self.refiner is not None and "refiner" not in self.config.frozen

    def _refined(self, image: Tensor, alpha: Tensor, side_px: int | None = None) -> Tensor:
        assert self.refiner is not None
        if self.training and self.config.coarse_frozen:
            alpha = perturbed(alpha, image)
        refined = self.refiner(image, alpha, side_px)
        mean = self.config.refiner_mean and not self.training
        return (alpha * refined).sqrt() if mean else refined

    def alpha_losses(
        self, output: Output, target: Target, weights: Mapping[str, float]
    ) -> dict[str, Tensor]:
        """See `Network`; those of `loss`."""
        return loss.losses(output, target, weights, frozen=self.config.frozen)

    @property
    def asks_for_names(self) -> bool:
        """See `Network`."""
        return self.config.affinity and self.config.popup

    def parts(self) -> dict[str, Sequence[nn.Module]]:
        """See `Network`."""
        return {
            **super().parts(),
            "trimap": [self.visual, self.prompt, self.popup, self.semantic_decoder],
            "coarse": [each for name, each in self.named_children() if name != "refiner"],
            "refiner": [self.refiner] if self.refiner else [],
            "alphas": self._alphas(),
        }

    def _alphas(self) -> list[nn.Module]:
        """All that makes alphas of the encoders' tokens."""
        encoders = {"visual", "prompt", "presence"}
        return [each for name, each in self.named_children() if name not in encoders]

    def train(self, mode: bool = True) -> ClipMat:
        """As in any module; but where the trimap is frozen all statistics are, but the refiner's:
        what remains is learnt from few pictures at a time. So are those of frozen alphas."""
        super().train(mode)
        if "alphas" in self.config.frozen:
            for part in self._alphas():
                part.train(False)
        if self.config.coarse_frozen:
            for name, part in self.named_children():
                part.train(mode and name == "refiner")
        return self

    def restart(self, config: TowersConfig) -> None:
        """See `Network`. A refiner that is there stays, and one that is lacking begins."""
        assert isinstance(config, ClipMatConfig)
        if config.refiner and not self.refiner:
            self.refiner = Refiner().to(memory_format=torch.channels_last)
        super().restart(config.model_copy(update={"refiner": self.refiner is not None}))


def _side_px(image: Tensor) -> int:
    """Of the windows that are worth having: a GPU has the whole sooner than many parts."""
    return SIDE_PX if image.device.type == "cpu" else max(image.shape[-2:])


def _given(maps: Tensor, seen: Prepared, size_hw: Sequence[int]) -> Tensor:
    """Maps of a prepared image as maps of the one that was given."""
    height, width = seen.inner_hw
    return resample(maps[..., :height, :width], size_hw)


NETWORK = ClipMat
