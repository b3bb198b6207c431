"""MDETR on CLIP's towers, and so with the encoders and the budget that the other models have, or on
encoders such as its authors'."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from refmatte_baselines.mdetr import loss
from refmatte_baselines.mdetr.config import LOSSES, MdetrConfig
from refmatte_baselines.mdetr.mask_head import AttentionMaps, MaskHead
from refmatte_baselines.mdetr.transformer import Decoder, Encoder, positions
from refmatte_baselines.towers.context import sentence
from refmatte_baselines.towers.convolutional import ResNet
from refmatte_baselines.towers.encoders import GROUPS
from refmatte_baselines.towers.layers import as_map, resample
from refmatte_baselines.towers.network import Asked, Network, Output, Target
from refmatte_baselines.towers.presence import centres, decided
from refmatte_baselines.towers.reader import PADDING


class Mdetr(Network):
    """MDETR. The last group of the image encoder's tokens is the feature map, and the three before
    enter the mask head.

    As `Output.parts` it says `boxes` and `referent` of all queries, as the decoder has them; `box`,
    KB×4, and `score`, KB logits, of the query that answers: the one that is likeliest to be what is
    meant; and its `mask`, KB×1×H×W logits. The alpha is the mask, or 0 where that query is likelier
    to be nothing.
    """

    config: MdetrConfig
    loss_weights = LOSSES

    def __init__(self, config: MdetrConfig, *, pretrained: bool = True) -> None:
        super().__init__(config, pretrained=pretrained)
        is_resnet = isinstance(self.visual, ResNet)
        widths = ResNet.widths if is_resnet else (self.visual.conv1.out_channels,) * GROUPS
        *fine, width = widths
        # In the place of the last norm of CLIP's encoder, which is left out.
        self.norms = nn.ModuleList(() if is_resnet else map(nn.LayerNorm, widths))
        self.image = nn.Conv2d(width, config.width, 1)
        text_width = self.prompt.text.token_embedding.embedding_dim  # D_t
        self.encoder = Encoder(config, text_width)
        self.decoder = Decoder(config)
        self.attention_maps = AttentionMaps(config)
        self.mask_head = MaskHead(config, fine[::-1])
        self.begin_presence(width if is_resnet else GROUPS * width, (width, text_width))
        self.completed()

    def said(self, asked: Asked) -> Output:
        """See `Network`. `coarse`: boxes alone, and an alpha of 1 where anything is meant."""
        image, seen, groups, tokens, _, coarse = asked
        full_hw = image.shape[-2], image.shape[-1]
        levels = groups[::-1]  # a ResNet's are maps
        if self.norms:
            levels = [
                as_map(norm(group[:, 1:]), seen.grid_hw)  # B×D_v×H/P×W/P
                for norm, group in zip(self.norms, levels, strict=True)
            ]
        (height, width), (inner_height, inner_width) = seen.image.shape[-2:], seen.inner_hw
        features = self.image(levels[0])  # B×D×h×w
        features = features.repeat_interleave(tokens.shape[0] // image.shape[0], 0)  # KB×D×h×w
        places = features.flatten(2).transpose(1, 2)  # KB×N×D
        grid_hw = features.shape[-2], features.shape[-1]
        where = positions(grid_hw, (inner_height / height, inner_width / width), places)
        text, padding = self.prompt(tokens), tokens == PADDING  # KB×L×D_t, KB×L
        memory = self.encoder(places, text, padding, where)
        states, boxes, referent = self.decoder(memory)
        score, best = referent[:, -1].max(-1)  # KB, KB
        each = torch.arange(best.shape[0], device=best.device)
        parts = {"boxes": boxes, "referent": referent, "score": score}
        parts["box"] = boxes[each, -1, best]  # KB×4
        found = (score > 0).float()[:, None, None, None]
        inside = ((centres(grid_hw, features) - parts["box"][:, None, :2]).abs() * 2).lt(
            parts["box"][:, None, 2:]
        )  # KB×N×2
        last = levels[0].flatten(2).transpose(1, 2)  # B×N×D_v, as a ResNet has it
        presence = decided(  # KB
            self.presence,
            self.prompt,
            tokens,
            text,
            [group[:, 1:] for group in groups] if self.norms else [last],
            grid_hw,
            lambda: inside.all(-1) * score.sigmoid()[:, None],
            lambda: (groups[-1] if self.norms else last, sentence(text, padding)),
        )
        if coarse:
            return Output(found.expand(-1, -1, *full_hw), None, presence, parts, coarse)
        looked = self.attention_maps(states[each, -1, best], memory.tokens[:, : places.shape[1]])
        looked = as_map(looked.transpose(1, 2), grid_hw)  # KB×heads×h×w
        mask = resample(self.mask_head(features, looked, levels[1:]).float(), (height, width))
        mask = resample(mask[..., :inner_height, :inner_width], full_hw)  # KB×1×H×W
        return Output(mask.sigmoid() * found, None, presence, {**parts, "mask": mask}, coarse)

    def own_losses(self, output: Output, target: Target) -> Mapping[str, Callable[[], Tensor]]:
        """See `Network`; those of `loss`."""
        return loss.losses(output, target)


NETWORK = Mdetr
