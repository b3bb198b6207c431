"""What a CLIPMat is made of. Defaults are the paper's; what goes beyond it is off and says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from refmatte_engine.config.strict_yaml import Strict

Part = Literal["image", "text", "trimap", "coarse"]
Width = Annotated[int, Field(ge=1, le=8192)]

# The paper's four, for a keyword. An expression is a sentence already and goes in as it is.
TEMPLATES = ("{}", "the foreground of the {}", "the mask of the {}", "to extract the {}")


class TextTower(Strict):
    """A text encoder of another size than the one that belongs to the image encoder."""

    width: Width
    heads: Width
    layers: Width


class ClipMatConfig(Strict):
    """Architecture of one model, and where its encoders' first weights come from."""

    encoder: str = "ViT-B-16-quickgelu"
    """`tiny`, `minimal`, or a ViT of open_clip. OpenAI's weights want the -quickgelu variants."""
    pretrained: str | None = None
    """A tag that open_clip knows for the encoder, a local open_clip checkpoint file, or a CLIPMat
    whose encoders to begin with: its folder, or `tiny`, which comes along."""
    text: TextTower | None = None
    """None: the encoder's own. Otherwise a text encoder with random first weights."""
    frozen: tuple[Part, ...] = ()
    """What does not learn: an encoder; `trimap`: all that says where things are, so that details
    learn, and the refiner if there is one; or `coarse`: everything but the refiner."""
    stem: Literal["patch", "convolutions"] = "patch"
    """How the image becomes tokens. Beyond the paper if not `patch`; not with CLIP's weights."""
    size: Annotated[int, Field(ge=16, le=4096)] = 512
    """Long side, in px, at which encoders and decoders work; larger images are made smaller."""
    inference_sizes: tuple[Annotated[int, Field(ge=16, le=4096)], ...] = Field(
        default=(), alias="looks"
    )
    """`looks` in files. Beyond the paper: other long sides at which a trained model works on an
    image again. The trimap is the mean of all; details are found at the largest, as in the test of
    the authors' GFM (Li et al., Bridging composite and real, IJCV 2022: hybrid resolutions)."""

    mirrored: bool = False
    """Beyond the paper: a trained model looks at the mirror image as well, with left and right
    exchanged in the text, and answers with the mean."""

    enlarged: Annotated[float, Field(ge=1, le=4)] = 1.0
    """Beyond the paper: a trained model works on an image that is larger by this factor, as far as
    its largest size reaches, and makes its answer smaller again: what is thin is wider there."""

    least_piece: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Beyond the paper: a trained model's matte is without the pieces that lie apart and have less
    than this share of the largest one's alpha (see `pieces`)."""

    template: str = "the foreground of the {}"
    """CP: the words round a keyword."""
    drawn_templates: tuple[str, ...] = TEMPLATES
    """CP: while the model learns, one of these is drawn for each keyword. None: always `template`,
    which a trained model is asked with."""
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

    @field_validator("template", "drawn_templates")
    @classmethod
    def _one_place(cls, templates: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for each in (templates,) if isinstance(templates, str) else templates:
            if each.count("{}") != 1 or set("{}") & set(each.replace("{}", "")):
                raise ValueError("write {} once, where the keyword goes")
        return templates

    @model_validator(mode="after")
    def _heads_divide(self) -> ClipMatConfig:
        if self.popup_width % self.popup_heads:
            raise ValueError("popup_width must be a multiple of popup_heads")
        if self.text and self.text.width % self.text.heads:
            raise ValueError("the text tower's width must be a multiple of its heads")
        if "coarse" in self.frozen and not self.refiner:
            raise ValueError("frozen: coarse leaves nothing that learns without `refiner: true`")
        if "trimap" in self.frozen and not (self.details or self.refiner):
            raise ValueError("frozen: trimap leaves nothing that learns without `details: true`")
        if self.refiner_mean and not self.refiner:
            raise ValueError("refiner_mean: there is no refined alpha without `refiner: true`")
        return self

    @property
    def trimap_frozen(self) -> bool:
        """Whether it is known where things are, and only how they end is learnt."""
        return not {"trimap", "coarse"}.isdisjoint(self.frozen)


# The wiring of checkpoints that were stored before the options for it: format 1.
FORMAT_1: Mapping[str, Any] = {
    "drawn_templates": (),
    "popup_residual": True,
    "details_image": "pixels",
    "details_end": "full",
}

PRESETS = {
    # Under 15 million parameters, nearly half of them the vocabulary: trains on two cores, though
    # edges come far sooner on a GPU.
    "tiny": ClipMatConfig(
        encoder="tiny",
        stem="convolutions",
        size=448,
        looks=(320, 800),
        mirrored=True,
        enlarged=1.25,
        least_piece=0.5,
        popup_width=128,
        popup_heads=4,
        popup_blocks=2,
        visual_residual=True,
        semantic_widths=(64, 32),
        detail_widths=(32, 48, 64, 96),
        guided_details=True,
        **FORMAT_1,
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
