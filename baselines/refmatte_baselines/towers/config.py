"""What every model here is made of: CLIP's towers, and how a text goes into them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import Field, field_validator, model_validator

from refmatte_engine.config.strict_yaml import Strict, parse, read_yaml

Width = Annotated[int, Field(ge=1, le=8192)]
C = TypeVar("C", bound="TowersConfig")

# The paper's four, for a keyword. An expression is a sentence already and goes in as it is.
TEMPLATES = ("{}", "the foreground of the {}", "the mask of the {}", "to extract the {}")


PRESENCE = "presence"  # the loss of a model that decides on it
ALPHA_LOSSES: Mapping[str, float] = {
    "alpha_l1": 1.0,
    "alpha_laplacian": 1.0,
    "composition": 0.0,
    "alpha_iou": 0.0,
}
"""Of the alpha that is answered, of any model; and their weights where they are all it has."""
HERE = Path(__file__).parents[1] / "presets"
Part = Literal["image", "text", "alphas", "coarse", "refiner"]


class TextTower(Strict):
    """A text encoder of another size than the one that belongs to the image encoder."""

    width: Width
    heads: Width
    layers: Width


class TowersConfig(Strict):
    """The part of a model's config that all models share."""

    kind: ClassVar[str]
    """The model that it is of; see `kinds`."""

    encoder: str = "ViT-B-16-quickgelu"
    """`tiny`, `minimal`, or a ViT of open_clip. OpenAI's weights want the -quickgelu variants. For
    MDETR also `resnet101`, with RoBERTa for the text."""
    pretrained: str | None = None
    """A tag that open_clip knows for the encoder, a local checkpoint file or folder, or a model of
    ours whose encoders to begin with: its folder, or `tiny`, which comes along."""
    text: TextTower | None = None
    """None: the encoder's own. Otherwise a text encoder with random first weights."""
    frozen: tuple[str, ...] = ()
    """What does not learn: an encoder; `alphas`: all that makes alphas of the encoders' tokens, so
    that only words are learnt; `coarse`: everything but the refiner; or `refiner`, which does not
    answer then either: it waits for its turn."""
    stem: Literal["patch", "convolutions"] = "patch"
    """How the image becomes tokens. Beyond CLIP if not `patch`; not with CLIP's weights."""
    size: Annotated[int, Field(ge=16, le=4096)] = 512
    """Long side, in px, at which encoders and decoders work; larger images are made smaller."""
    template: str = "the foreground of the {}"
    """The words round a keyword."""
    drawn_templates: tuple[str, ...] = ()
    """While the model learns, one of these is drawn for each keyword. None: always `template`,
    which a trained model is asked with."""
    context_tokens: Annotated[int, Field(ge=0, le=32)] = 0
    """Learnable tokens after the words."""
    presence: bool = False
    """Beyond the papers: it says of each text whether it means anything in the image, which it
    learns from texts that do not (a recipe's `absent`); its alphas learn nothing from these."""
    presence_by: Literal["words", "sentence"] = "words"
    """What of a text is held against the image for that: each word, or, as checkpoints of formats
    1 and 2 have it, the sentence as a whole."""

    refiner: bool = False
    """Beyond the papers: a small U-Net at full resolution behind the alpha; see `refiner`."""
    refiner_mean: bool = False
    """A trained model's alpha is the geometric mean of its own and the refined one, so that nothing
    is there that only one of them sees; else it is the refined one."""

    @classmethod
    def of_format(cls, number: int, stored: dict[str, Any]) -> dict[str, Any]:
        """What a checkpoint of an older format says of its model, in today's words."""
        return stored if number > 2 else {"presence_by": "sentence", **stored}

    @classmethod
    def learnt(cls, frozen: Collection[str], *, coarse: bool) -> tuple[str, ...] | None:
        """The names of the losses that something learns from where `frozen` does not, and, where an
        answer is `coarse`, from that. None: all of them."""
        return tuple(ALPHA_LOSSES) if "coarse" in frozen else None

    @property
    def coarse_frozen(self) -> bool:
        """Whether it is known where things are, and only how they end is learnt."""
        return "coarse" in self.frozen

    @field_validator("template", "drawn_templates")
    @classmethod
    def _one_place(cls, templates: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for each in (templates,) if isinstance(templates, str) else templates:
            if each.count("{}") != 1 or set("{}") & set(each.replace("{}", "")):
                raise ValueError("write {} once, where the keyword goes")
        return templates

    @model_validator(mode="after")
    def _fits_together(self) -> TowersConfig:
        if self.text and self.text.width % self.text.heads:
            raise ValueError("the text tower's width must be a multiple of its heads")
        if "coarse" in self.frozen and not self.refiner:
            raise ValueError("frozen: coarse leaves nothing that learns without `refiner: true`")
        if self.refiner_mean and not self.refiner:
            raise ValueError("refiner_mean: there is no refined alpha without `refiner: true`")
        return self


def presets(config: type[C]) -> dict[str, C]:
    """The models of a kind that recipes begin with, by name: presets/KIND.yaml."""
    file = HERE / f"{config.kind}.yaml"
    return {name: parse(config, made, file) for name, made in read_yaml(file)[0].items()}
