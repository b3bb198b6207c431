"""MDETR on CLIP's towers: the same encoders, and so the same budget, as the other models have."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn

from refmatte_baselines.mdetr import loss
from refmatte_baselines.mdetr.config import MdetrConfig
from refmatte_baselines.mdetr.detector import Detector
from refmatte_baselines.towers.context import sentence
from refmatte_baselines.towers.encoders import GROUPS
from refmatte_baselines.towers.layers import as_map
from refmatte_baselines.towers.network import Network, Output, Target
from refmatte_baselines.towers.reader import PADDING


class Mdetr(Network):
    """MDETR; `Output.parts` as `detector.Detector` has them. The last group of the image encoder's
    tokens is the feature map, and the three before enter the mask head."""

    config: MdetrConfig

    def __init__(self, config: MdetrConfig, *, pretrained: bool = True) -> None:
        super().__init__(config, pretrained=pretrained)
        width = self.visual.conv1.out_channels  # D_v
        # In the place of the encoder's last norm, which is left out.
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(GROUPS))
        text_width = self.prompt.text.token_embedding.embedding_dim
        self.detector = Detector(config, [width] * GROUPS, text_width)
        self.begin_presence(width, text_width)
        self.completed()

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
        """See `Network`. `coarse` paints the box, without a mask."""
        seen = self.prepared(image, long_side)
        groups = visual or self.encode(image, long_side=long_side)  # four of B×(N+1)×D_v
        levels = [
            as_map(norm(group[:, 1:]), seen.grid_hw)  # B×D_v×H/P×W/P
            for norm, group in zip(self.norms, reversed(groups), strict=True)
        ]
        full_hw = (image.shape[-2], image.shape[-1])
        padding = tokens == PADDING
        text = self.prompt(tokens)
        said: Output = self.detector(levels, text, padding, seen, full_hw, coarse=coarse)
        if self.presence is None:
            return said
        return said._replace(presence=self.presence(groups[-1], sentence(text, padding)))

    def alpha_losses(
        self, output: Output, target: Target, weights: Mapping[str, float]
    ) -> dict[str, Tensor]:
        """See `Network`; those of `loss`."""
        return loss.losses(output, target, weights)


NETWORK = Mdetr
