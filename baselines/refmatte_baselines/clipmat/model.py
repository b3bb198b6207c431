"""CLIPMat: the network of the paper's figure, at one size.

Shapes as in `towers.network`; L text tokens; D the pop-up's width, D' of what it hands to the
semantic decoder, D_i of the four levels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from refmatte_baselines.clipmat.config import LOSSES, ClipMatConfig
from refmatte_baselines.clipmat.details import DetailsDecoder, DetailsExtractor
from refmatte_baselines.clipmat.loss import losses
from refmatte_baselines.clipmat.popup import SemanticDecoder, SemanticPopUp, TextGate
from refmatte_baselines.data.trimaps import FOREGROUND, UNKNOWN
from refmatte_baselines.towers.context import sentence
from refmatte_baselines.towers.encoders import GROUPS
from refmatte_baselines.towers.layers import as_map, for_texts, resample
from refmatte_baselines.towers.network import Asked, Network, Output, Target
from refmatte_baselines.towers.presence import decided
from refmatte_baselines.towers.reader import PADDING


def fuse(trimap: Tensor, details: Tensor) -> Tensor:
    """Trimap-guided fusion: where the trimap says unknown, the details; else 0 or 1."""
    said = trimap.argmax(1, keepdim=True)  # B×3×H×W → B×1×H×W
    return torch.where(said == UNKNOWN, details, (said == FOREGROUND).float())


class ClipMat(Network):
    """CLIPMat. Beside `Output.alpha` it says a trimap, and as parts `details`, KB×1×H×W in [0, 1],
    meant for the unknown band; `affinity`, KB×1×H/P×W/P logits: how well each place matches the
    sentence, where the config has it; `vocabulary`, B×U×H/P×W/P logits: how well each place of an
    image matches each of U names, where asked."""

    config: ClipMatConfig
    loss_weights = LOSSES
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
        self.begin_presence(GROUPS * visual_width, (config.popup_width, config.popup_width))
        self.completed()

    def said(self, asked: Asked) -> Output:
        """See `Network`. `coarse` leaves out the details branch, as an ablation does."""
        _, seen, groups, tokens, names, coarse = asked
        text, padding = self.prompt(tokens), tokens == PADDING  # CP: KB×L×D_t, KB×L
        projected = self.popup.visual(groups[-1])  # B×(N+1)×D_v → B×(N+1)×D
        count = tokens.shape[0]  # KB; len() would fix it in an export
        popped, affinity = self.popup(for_texts(projected, count), text, padding)  # KB×N×D'
        places = as_map(popped, seen.grid_hw)  # KB×D'×H/P×W/P
        logits = self.semantic_decoder(places, seen.image.shape[-2:])  # with the padding
        presence = decided(
            self.presence,
            self.prompt,
            tokens,
            text,
            [group[:, 1:] for group in groups],
            seen.grid_hw,
            lambda: F.avg_pool2d(_likely(logits), self.patch).flatten(1),
            lambda: (popped, self.popup.text(sentence(text, padding))),
        )
        trimap = _given(logits, asked)  # KB×3×H×W
        if coarse or not self.config.details:
            details = _likely(trimap)  # KB×1×H×W
        else:
            levels = self.extractor(seen.image, groups, seen.grid_hw)
            guides = (places, logits.detach().softmax(1)) if self.config.guided_details else ()
            found = self.details_decoder(seen.image, levels, *guides)
            details = for_texts(_given(found, asked), count)
        parts = {"details": details}
        if affinity is not None:
            parts["affinity"] = as_map(affinity, seen.grid_hw).float()
        if names is not None and isinstance(self.popup, SemanticPopUp):
            fit = self.popup.matches(projected, self.prompt(names), names == PADDING).float()
            parts["vocabulary"] = fit.reshape(*fit.shape[:2], *seen.grid_hw)  # B×U×H/P×W/P
        return Output(fuse(trimap, details), trimap, presence, parts, coarse)

    def own_losses(self, output: Output, target: Target) -> Mapping[str, Callable[[], Tensor]]:
        """See `Network`; those of `loss`."""
        return losses(output, target)

    @property
    def asks_for_names(self) -> bool:
        """See `Network`."""
        return self.config.affinity and self.config.popup

    def parts(self) -> dict[str, Sequence[nn.Module]]:
        """See `Network`."""
        where = [self.visual, self.prompt, self.popup, self.semantic_decoder]
        return {**super().parts(), "trimap": where}


def _likely(trimap: Tensor) -> Tensor:
    """An alpha, B×1×H×W, from a trimap's logits alone."""
    likely = trimap.softmax(1)
    return likely[:, FOREGROUND:] + likely[:, UNKNOWN:FOREGROUND] / 2


def _given(maps: Tensor, asked: Asked) -> Tensor:
    """Maps of the prepared image as maps of the one that was given."""
    height, width = asked.seen.inner_hw
    return resample(maps[..., :height, :width], asked.image.shape[-2:])


NETWORK = ClipMat
