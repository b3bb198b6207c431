"""What a CLIPMat is made of. Defaults are the paper's; what goes beyond it is off and says so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from refmatte_baselines.towers.config import TEMPLATES, TextTower, TowersConfig, Width

Part = Literal["image", "text", "alphas", "trimap", "coarse", "refiner"]

# Where things are; then how they end.
PLACES = ("affinity", "vocabulary", "trimap")
ALPHAS = ("alpha_l1", "alpha_laplacian")
ENDS = ("details_l1", "details_laplacian", *ALPHAS)
COMPOSITION, ALPHA_IOU = "composition", "alpha_iou"
LOSSES: Mapping[str, float] = {
    **dict.fromkeys((*PLACES, *ENDS), 1.0),
    **dict.fromkeys((COMPOSITION, ALPHA_IOU), 0.0),
}
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

    frozen: tuple[Part, ...] = ()
    """What does not learn: an encoder; `trimap`: all that says where things are, so that details
    learn, and the refiner if there is one; `alphas`: all that makes alphas of the encoders' tokens,
    so that only words are learnt; `coarse`: everything but the refiner; or `refiner`, which does
    not answer then either: it waits for its turn."""
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
    refiner: bool = False
    """A small U-Net at full resolution after the fusion."""
    refiner_mean: bool = False
    """A trained model's alpha is the geometric mean of the fused and the refined one, so that
    nothing is there that only one of them sees; else it is the refined one."""

    @model_validator(mode="after")
    def _heads_divide(self) -> ClipMatConfig:
        if self.popup_width % self.popup_heads:
            raise ValueError("popup_width must be a multiple of popup_heads")
        if "coarse" in self.frozen and not self.refiner:
            raise ValueError("frozen: coarse leaves nothing that learns without `refiner: true`")
        if "trimap" in self.frozen and not (self.details or self.refiner):
            raise ValueError("frozen: trimap leaves nothing that learns without `details: true`")
        if self.refiner_mean and not self.refiner:
            raise ValueError("refiner_mean: there is no refined alpha without `refiner: true`")
        return self

    @classmethod
    def of_format(cls, number: int, stored: dict[str, Any]) -> dict[str, Any]:
        """See `TowersConfig`. How the trained model answered stood among its parts then."""
        if number > 1:
            return stored
        answered = {"looks", "mirrored", "least_piece", "enlarged"}
        return {**FORMAT_1, **{key: x for key, x in stored.items() if key not in answered}}

    @classmethod
    def learnt(cls, frozen: Collection[str], *, coarse: bool) -> tuple[str, ...]:
        """See `TowersConfig`."""
        if "coarse" in frozen:
            return (*ALPHAS, COMPOSITION, ALPHA_IOU)
        if "trimap" in frozen:
            return (*ENDS, COMPOSITION, ALPHA_IOU)
        return PLACES if coarse else tuple(LOSSES)

    @property
    def coarse_frozen(self) -> bool:
        """See `TowersConfig`."""
        return not {"trimap", "coarse"}.isdisjoint(self.frozen)


PRESETS = {
    # Under 15 million parameters, nearly half of them the vocabulary: trains on two cores, though
    # edges come far sooner on a GPU.
    "tiny": ClipMatConfig(
        encoder="tiny",
        stem="convolutions",
        size=448,
        popup_width=128,
        popup_heads=4,
        popup_blocks=2,
        visual_residual=True,
        semantic_widths=(64, 32),
        detail_widths=(32, 48, 64, 96),
        guided_details=True,
        **FORMAT_1,
    ),
    # The figure's model on tiny's encoders: to compare models at a budget that a CPU has.
    "clipmat_tiny": ClipMatConfig(
        encoder="tiny",
        stem="convolutions",
        size=448,
        popup_width=128,
        popup_heads=4,
        semantic_widths=(64, 32),
        detail_widths=(16, 24, 32, 48),
    ),
    # Learns little, in seconds: for tests and the smoke run.
    "minimal": ClipMatConfig(
        encoder="minimal",
        size=64,
        context_tokens=2,
        popup_width=32,
        popup_heads=2,
        semantic_widths=(16, 16),
        detail_widths=(8, 8, 8, 8),
        drawn_templates=(),
    ),
    # CLIP's image encoder, frozen, and a small text encoder from scratch: trains on a CPU.
    "b16_small_text": ClipMatConfig(
        encoder="ViT-B-16-quickgelu",
        pretrained="openai",
        frozen=("image",),
        text=TextTower(width=128, heads=4, layers=4),
        size=336,
        popup_width=192,
        popup_heads=6,
        popup_blocks=2,
        visual_residual=True,
        semantic_widths=(64, 32),
        detail_widths=(16, 24, 32, 48),
        guided_details=True,
        **FORMAT_1,
    ),
    # The paper's two, as its figure has them.
    "b16": ClipMatConfig(encoder="ViT-B-16-quickgelu", pretrained="openai"),
    "l14": ClipMatConfig(
        encoder="ViT-L-14-quickgelu",
        pretrained="openai",
        size=518,  # 37 patches; 512 is no multiple of 14
        popup_width=768,
        popup_heads=12,
    ),
}
CONFIG = ClipMatConfig
