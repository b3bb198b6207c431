"""What a CLIPSeg is made of. Defaults are those of the weights that its authors released last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from refmatte_baselines.towers.config import ALPHA_LOSSES, Part, TowersConfig, Width, presets

LOSSES: Mapping[str, float] = {
    "alpha_bce": 1.0,
    **dict.fromkeys(ALPHA_LOSSES, 0.0),
    "alpha_l1": 1.0,
}
"""The losses, and their weights where a recipe says nothing."""

Block = Annotated[int, Field(ge=0)]


class ClipSegConfig(TowersConfig):
    """Architecture of one model, and where its encoders' first weights come from."""

    kind: ClassVar[str] = "clipseg"

    frozen: tuple[Part, ...] = ()
    """The text encoder has CLIP's projection with it. In the paper both encoders are frozen."""
    blocks: tuple[Block, Block, Block] | None = None
    """After which blocks of the image encoder, from 0, tokens are taken; those after the last of
    them are not used. None: 3, 6 and 9 of 12, as in the released code, and in proportion; the paper
    says 3, 7 and 9."""
    width: Width = 64
    """To which these tokens are reduced."""
    heads: Width = 4
    hidden: Width = 2048
    """Width of the MLPs in the decoder's blocks."""
    upsampling: Literal["single", "refined"] = "refined"
    """How places become px: by one transposed convolution, as in the paper, or by a convolution and
    two of these, as in the weights that were released last."""

    @model_validator(mode="after")
    def _fits(self) -> ClipSegConfig:
        if self.width % self.heads:
            raise ValueError("width must be a multiple of heads")
        if self.upsampling == "refined" and self.width % 2:
            raise ValueError("width must be even for upsampling: refined")
        if self.blocks and not self.blocks[0] < self.blocks[1] < self.blocks[2]:
            raise ValueError("blocks must rise, as in [3, 7, 9]")
        return self


PRESETS = presets(ClipSegConfig)
CONFIG = ClipSegConfig
