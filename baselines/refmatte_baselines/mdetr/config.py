"""What an MDETR is made of. Sizes are the paper's by default; the presets use CLIP's towers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from refmatte_baselines.towers.config import ALPHA_LOSSES, Part, TowersConfig, Width, presets

Layers = Annotated[int, Field(ge=1, le=24)]

# Where things are; then the alpha inside.
PLACES = ("box_l1", "box_giou", "referent")
LOSSES: Mapping[str, float] = {
    "box_l1": 5.0,
    "box_giou": 2.0,
    "referent": 1.0,
    "mask_focal": 1.0,
    "mask_dice": 1.0,
    **dict.fromkeys(ALPHA_LOSSES, 0.0),
    "alpha_l1": 1.0,
}
"""The losses, and their weights where a recipe says nothing; those of boxes and masks as in
DETR."""


class MdetrConfig(TowersConfig):
    """Architecture of one model, and where its encoders' first weights come from."""

    kind: ClassVar[str] = "mdetr"

    frozen: tuple[Part, ...] = ()
    template: str = "{}"
    width: Width = 256
    """D, of tokens and queries: a multiple of 16, and of `heads`."""
    heads: Width = 8
    encoder_layers: Layers = 6
    """Of the encoder in which image and text are one sequence."""
    decoder_layers: Layers = 6
    feedforward: Width = 2048
    queries: Annotated[int, Field(ge=1, le=1000)] = 100
    """Q: guesses at where what is meant is. One is the answer, so few suffice."""
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1

    @model_validator(mode="after")
    def _width_divides(self) -> MdetrConfig:
        for name, by in (("heads", self.heads), ("16", 16)):
            if self.width % by:
                raise ValueError(f"width must be a multiple of {name}")
        return self

    @classmethod
    def learnt(cls, frozen: Collection[str], *, coarse: bool) -> tuple[str, ...] | None:
        """See `TowersConfig`."""
        return super().learnt(frozen, coarse=coarse) or (PLACES if coarse else None)


PRESETS = presets(MdetrConfig)
CONFIG = MdetrConfig
