"""Levels of an image encoder and tokens of a text → alphas, whatever encoders these are of."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from refmatte_baselines.mdetr.boxes import painted
from refmatte_baselines.mdetr.config import MdetrConfig
from refmatte_baselines.mdetr.decoder import Decoder
from refmatte_baselines.mdetr.encoder import JoinedEncoder, positions
from refmatte_baselines.mdetr.mask_head import AttentionMaps, MaskHead
from refmatte_baselines.towers.layers import as_map, resample
from refmatte_baselines.towers.network import Output, Prepared


class Detector(nn.Module):
    """MDETR between its encoders and its answer.

    As `Output.parts` it says `boxes` and `referent` of all queries, as `decoder.Guesses` has them;
    `box`, KB×4, and `score`, KB logits, of the query that answers: the one that is likeliest to be
    what is meant; and its `mask`, KB×1×H×W logits. The alpha is the mask, or 0 where that query is
    likelier to be nothing.
    """

    def __init__(self, config: MdetrConfig, level_widths: Sequence[int], text_width: int) -> None:
        super().__init__()
        self.image = nn.Conv2d(level_widths[0], config.width, 1)
        self.encoder = JoinedEncoder(config, text_width)
        self.decoder = Decoder(config)
        self.attention_maps = AttentionMaps(config)
        self.mask_head = MaskHead(config, level_widths[1:])

    def forward(
        self,
        levels: Sequence[Tensor],
        text: Tensor,
        padding: Tensor,
        seen: Prepared,
        full_hw: tuple[int, int],
        *,
        coarse: bool = False,
    ) -> Output:
        """Four `levels` of the image as `seen`, B×C×h×w, coarse to fine; `text` KB×L×D_t and its
        `padding`, bool KB×L. Maps are made for an image of `full_hw` px; `coarse`: boxes alone."""
        (height, width), (inner_height, inner_width) = seen.image.shape[-2:], seen.inner_hw
        features = self.image(levels[0])  # B×D×h×w
        features = features.repeat_interleave(text.shape[0] // features.shape[0], 0)  # KB×D×h×w
        tokens = features.flatten(2).transpose(1, 2)  # KB×N×D
        grid_hw = (features.shape[-2], features.shape[-1])
        extent_hw = inner_height / height, inner_width / width
        memory = self.encoder(tokens, text, padding, positions(grid_hw, extent_hw, tokens))
        guesses = self.decoder(memory)
        score, best = guesses.referent[:, -1].max(-1)  # KB, KB
        each = torch.arange(best.shape[0], device=best.device)
        box = guesses.boxes[each, -1, best]  # KB×4
        parts = {"boxes": guesses.boxes, "referent": guesses.referent, "box": box, "score": score}
        found = (score > 0).float()[:, None, None, None]
        if coarse:
            return Output(painted(box, *full_hw) * found, parts=parts, coarse=coarse)
        image = memory.tokens[:, : tokens.shape[1]]  # KB×N×D
        maps = self.attention_maps(guesses.states[each, best], image)  # KB×heads×N
        maps = as_map(maps.transpose(1, 2), grid_hw)  # KB×heads×h×w
        mask = resample(self.mask_head(features, maps, levels[1:]).float(), (height, width))
        mask = resample(mask[..., :inner_height, :inner_width], full_hw)  # KB×1×H×W
        return Output(mask.sigmoid() * found, parts={**parts, "mask": mask}, coarse=coarse)
