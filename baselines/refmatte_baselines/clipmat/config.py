"""What a CLIPMat is made of. Defaults are the paper's; what goes beyond it is off and says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from refmatte_baselines.towers.config import (
    ALPHA_LOSSES,
    TEMPLATES,
    Part,
    TowersConfig,
    Width,
    presets,
)

# Where things are; then how they end.
PLACES = ("affinity", "vocabulary", "trimap")
DETAILS = ("details_l1", "details_laplacian")
LOSSES: Mapping[str, float] = {**dict.fromkeys((*PLACES, *DETAILS), 1.0), **ALPHA_LOSSES}
"""The losses, and their weights where a recipe says nothing."""

# The wiring of checkpoints that were stored before the options for it: format 1.
FORMAT_1: Mapping[str, Any] = {
    "drawn_templates": (),
    "popup_residual": True,
    "details_image": "pixels",
    "details_end": "full",
}


class ClipMatConfig(TowersConfig):
    """Architecture of one model, and where its encoders' first weights come from."""

    kind: ClassVar[str] = "clipmat"

    frozen: tuple[Part | Literal["trimap"], ...] = ()
    """Also `trimap`: all that says where things are, so that details learn, and the refiner if
    there is one."""
    drawn_templates: tuple[str, ...] = TEMPLATES
    context_tokens: Annotated[int, Field(ge=0, le=32)] = 8
    """CP: N, the learnable tokens V_1 … V_N after the words."""
    popup: bool = True
    """TSP; False (ablation): the sentence's last token scales the visual tokens."""
    popup_width: Width = 512
    """TSP: D, the common width of visual and text tokens."""
    popup_heads: Width = 8
    popup_residual: bool = False
    """Beyond the paper: LN and MLP add to what goes into them; in the figure no arrow leads round
    them."""
    semantic_widths: tuple[Width, Width] = (256, 128)
    """Channels of the semantic decoder's two blocks."""
    details: bool = True
    """MDE; False (ablation): alpha in the unknown band is read from the trimap's probabilities."""
    detail_widths: tuple[Width, Width, Width, Width] = (32, 64, 128, 256)
    """MDE: D_1 … D_4, at 1/2 … 1/16 of the input size."""
    details_image: Literal["normed", "pixels"] = "normed"
    """MDE: what of the image enters a level: its norm to as many channels as the features have
    (D_v/2), pooled; or, not the figure's but far cheaper, its three channels, pooled."""
    details_end: Literal["half", "full"] = "half"
    """The details decoder: four blocks with a level in each, the last at H/2; or, not the figure's,
    three of these from level 4 on, and a block at H×W that no level enters."""

    popup_blocks: Annotated[int, Field(ge=1, le=12)] = 1
    """Beyond the paper if more than 1: the pop-up is repeated."""
    visual_residual: bool = False
    """Beyond the paper: F = visual tokens + cross-attention; the paper has the latter only."""
    affinity: bool = False
    """Beyond the paper: each visual token is told how well it matches the sentence's last token,
    which is trained directly, as text and pixels are in CRIS (Wang et al., CVPR 2022). It stands in
    for CLIP's own training, where the encoders have none."""
    guided_details: bool = False
    """Beyond the paper: the details decoder sees the pop-up and, at each of its levels, what the
    trimap says. So details depend on the text, and only edges are left to find."""

    @model_validator(mode="after")
    def _heads_divide(self) -> ClipMatConfig:
        if self.popup_width % self.popup_heads:
            raise ValueError("popup_width must be a multiple of popup_heads")
        if "trimap" in self.frozen and not (self.details or self.refiner):
            raise ValueError("frozen: trimap leaves nothing that learns without `details: true`")
        return self

    @classmethod
    def of_format(cls, number: int, stored: dict[str, Any]) -> dict[str, Any]:
        """See `TowersConfig`. How the trained model answered stood among its parts then."""
        stored = super().of_format(number, stored)
        if number > 1:
            return stored
        answered = {"looks", "mirrored", "least_piece", "enlarged"}
        return {**FORMAT_1, **{key: x for key, x in stored.items() if key not in answered}}

    @classmethod
    def learnt(cls, frozen: Collection[str], *, coarse: bool) -> tuple[str, ...] | None:
        """See `TowersConfig`."""
        if found := super().learnt(frozen, coarse=coarse):
            return found
        if "trimap" in frozen:
            return (*DETAILS, *ALPHA_LOSSES)
        return PLACES if coarse else None

    @property
    def coarse_frozen(self) -> bool:
        """See `TowersConfig`."""
        return "trimap" in self.frozen or super().coarse_frozen


PRESETS = presets(ClipMatConfig)
CONFIG = ClipMatConfig
