"""Recipes: what is learnt, from how much, and how fast; YAML, checked as strictly as runs are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import ConfigDict, Field, field_validator, model_validator

from refmatte_baselines import kinds
from refmatte_baselines.data.trimaps import BAND_PX
from refmatte_baselines.looks import ONCE, Looks
from refmatte_baselines.towers.config import PRESENCE, TowersConfig
from refmatte_engine import records
from refmatte_engine.config.layout_rules import Weight
from refmatte_engine.config.strict_yaml import Lines, Strict, load, parse, read_yaml
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.records import MINIMAL, OVERSPECIFIED

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
Steps = Annotated[int, Field(ge=1)]
HERE = Path(__file__).parents[1] / "recipes"
KINDS = (
    *(kind for kind in records.KINDS if kind != records.COMBINED),
    MINIMAL,
    OVERSPECIFIED,
)


class Phase(Strict):
    """A part of the training: so many steps of so many pictures of one size."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    steps: Steps | None = None
    epochs: Steps | None = None
    """In the place of `steps`: how often each picture of a dataset on disk is seen."""
    batch: Annotated[int, Field(ge=1)] = 8
    """Pictures in a step, of all processes together."""
    at_once: Steps | None = None
    """Pictures that each process works on at a time, where memory does not hold its share of a
    batch; gradients of a step's pictures are summed. None: its whole share."""
    pictures: Steps | None = None
    """So many of a stream's pictures over and over, in the same batches, which come in another
    order each time; None: new ones always. Where the decision on presence alone learns, all else
    is computed once for each, and kept in the run's folder."""
    size: Annotated[int, Field(ge=16, le=4096)] = 512
    """Long side, in px."""
    details: bool = True
    """False: only where things are is learnt (the trimap), which is the longer part and the cheaper
    one without the details branch."""
    background_weight: Positive = 1.0
    """Of background pixels in the trimap's loss. Most pixels are background: with equal weights a
    model without CLIP's knowledge first learns to see it everywhere, and stays there long."""
    kinds: dict[str, Weight] | None = None
    """How often each kind of text is asked for; None: all alike."""
    rate: Positive | None = None
    """A rate of its own, at which the optimiser begins anew. None: it goes on."""
    frozen: tuple[str, ...] | None = None
    """What does not learn from here on, in the place of the model's; the optimiser begins anew."""

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, kinds: dict[str, float] | None) -> dict[str, float] | None:
        for kind in kinds or ():
            if kind not in KINDS and not re.fullmatch(r"expression_\d+", kind):
                released = "expression_0, expression_1 … in a released dataset"
                hint = nearest(kind, KINDS)
                known = f"{kind!r} is none of {listed(KINDS)}, or {released}"
                raise ValueError(f"{known}; {hint}" if hint else known)
        return kinds

    @model_validator(mode="after")
    def _long_enough(self) -> Phase:
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("say either steps or epochs")
        if self.pictures and self.pictures % self.batch:
            raise ValueError(f"pictures: {self.pictures} is no multiple of a batch of {self.batch}")
        if self.at_once and self.batch % self.at_once:
            raise ValueError(f"at_once: a batch of {self.batch} is no multiple of {self.at_once}")
        return self

    @property
    def begins_anew(self) -> bool:
        """Whether the optimiser does, with the rate and what is frozen."""
        return self.rate is not None or self.frozen is not None


class At(NamedTuple):
    """Where a step lies: its phase, and the steps and pictures before that."""

    phase: Phase
    first_step: int
    first_picture: int


class Stretch(NamedTuple):
    """Steps `first` to `end` (exclusive) of one optimiser."""

    first: int
    end: int
    rate: float
    frozen: tuple[str, ...] | None
    """None: as the model's config has it."""


class Recipe(Strict):
    """What `refmatte train` does; recipes/*.yaml."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    preset: str = "tiny"
    """What `model` changes: a preset of any of the models; `refmatte list presets`."""
    model: dict[str, Any] = {}
    """Fields of the model's config, as the preset is: ClipMatConfig, ClipSegConfig, MdetrConfig."""
    answering: Looks = ONCE
    """How the trained model looks at an image where it is measured (`--looks as-trained`)."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    phases: Annotated[list[Phase], Field(min_length=1)]
    texts: Annotated[int, Field(ge=1, le=64)] = 4
    """K: texts asked of each picture. The image encoder and the details decoder see it once."""
    absent: Share = 0.0
    """Share of texts that mean nothing in their picture, as a model with `presence` wants them: the
    dataset's own, of the kind none, and names of things in its other pictures, grounded anew."""
    exchanges: Count = 0
    """Tries, for each picture, to exchange a word or phrase of one of its texts for another's: what
    means nothing then is absent, too, and what means one thing is asked like the other texts."""
    synonyms: Share = 0.0
    """Share of keywords and basic sentences whose noun is exchanged for another that the lexicon
    has for the thing, or for what it is a kind of, where that means one alone (grounded anew)."""
    word_steps: Count = 0
    """Steps before the first one in which the text encoder alone learns, without pictures, to read
    the lexicon's other names for the data's things as the words that it knows for these."""
    flip: Share = 0.0
    """Share of mirror images. Composed pictures need none; their things are mirrored already."""
    crop: Share = 0.3
    """Share of pictures that are cropped, to `aspect` if there is one, where no thing is cut and
    what is said stays true."""
    crop_least: Share = 0.7
    """Least part of each side that a crop leaves."""
    relight: bool = True
    band_px: tuple[Positive, Positive] = BAND_PX
    """Least and greatest width of the trimap's unknown band, at 512 px. With the authors' 25–30
    small things are nearly all unknown, and what is unknown is matted without the text."""

    rate: Positive = 1e-4
    """AdamW's, at its peak."""
    encoder_rate: Positive | None = None
    """Of CLIP's encoders; None: a tenth of `rate`. A phase's own rate changes it in proportion."""
    schedule: Literal["cosine", "constant"] = "cosine"
    """How rates go on after `warm_up`: they fall as a cosine, to 1 % at the end, or stay."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    warm_up: Count = 100
    """Steps over which the rates rise."""
    clip_norm: Positive = 1.0
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.999
    """Decay of the moving average of the weights, which is what is kept."""
    losses: dict[str, Annotated[float, Field(ge=0)]] = {}
    """Weights in the place of the model's own. CLIPMat's are 1 and as in the authors' earlier
    recipe; two are 0: `composition` wants colours, which a stream knows; of datasets on disk they
    are estimated once, by pymatting, and kept in the cache; `alpha_iou` (house rule) is 1 − soft
    IoU, to which small things count as much as large ones."""
    aspect: Positive | None = None
    """Height to width of all pictures, which are stretched; None: a few common ones in turn."""
    remember: bool = False
    """Keep what a frozen image encoder makes of a picture in the run's folder, where it is computed
    once. For datasets on disk that come again unchanged: one aspect, no augmentation."""
    save_memory: bool = False
    """The encoders' activations are computed again for the gradient rather than kept: half as fast,
    for less memory."""
    precision: Literal["auto", "no", "bf16", "fp16"] = "auto"
    """auto: bf16 where the device is faster in it, else no. A CPU that only imitates bf16 takes six
    to nine times as long as without."""

    workers: Count = 1
    """Processes that make pictures."""
    validate_every: Annotated[int, Field(ge=1)] = 500
    validate_pictures: Annotated[int, Field(ge=1)] = 64
    save_every: Annotated[int, Field(ge=1)] = 500
    show_every: Annotated[int, Field(ge=1)] = 500

    @model_validator(mode="after")
    def _known(self) -> Recipe:
        presets = kinds.presets()
        if self.preset not in presets:
            hint = nearest(self.preset, presets)
            known = f"preset: {self.preset!r} is none of {listed(presets)}"
            raise ValueError(f"{known}; {hint}" if hint else known)
        if self.band_px[0] > self.band_px[1]:
            raise ValueError("band_px: the first is the least width, and is the larger one here")
        kind = kinds.described(presets[self.preset].kind)
        losses = self.weights()
        if unknown := self.losses.keys() - {*kind.LOSSES, PRESENCE}:
            known = listed([*kind.LOSSES, PRESENCE])
            raise ValueError(f"losses: {min(unknown)!r} is none of {known}")
        decides = self.model.get("presence", presets[self.preset].presence)
        if self.absent and not decides:
            raise ValueError("absent: wants `model: {presence: true}`; nothing else learns from it")
        used: set[str] = {PRESENCE} if decides else set()
        for phase in self.phases:
            names = kind.CONFIG.learnt(self.frozen_in(phase), coarse=not phase.details)
            used |= set(kind.LOSSES if names is None else names)
            if "trimap" in self.frozen_in(phase) and not phase.details:
                problem = "details: false leaves nothing to learn where the trimap is frozen"
                raise ValueError(problem)
        if idle := {name for name, weight in self.losses.items() if weight} - used:
            those = listed(name for name in losses if name in used)
            raise ValueError(f"losses: {min(idle)!r} changes nothing here, only {those} do")
        changed = self.flip or self.crop or self.relight or not self.aspect
        learns = not all("image" in self.frozen_in(phase) for phase in self.phases)
        if self.remember and (changed or learns):
            raise ValueError(
                "remember: true needs model: {frozen: [image]}, an aspect, and flip: 0, crop: 0, "
                "relight: false"
            )
        return self

    @property
    def steps(self) -> int:
        """Of all phases, where none says epochs."""
        return sum(phase.steps or 0 for phase in self.phases)

    def frozen_in(self, phase: Phase) -> tuple[str, ...]:
        """What does not learn in a phase. What is no list is refused by `architecture`."""
        if phase.frozen is not None:
            return phase.frozen
        written = self.model.get("frozen", kinds.presets()[self.preset].frozen)
        return tuple(written) if isinstance(written, list | tuple) else ()

    def decides_alone(self, phase: Phase) -> bool:
        """Whether nothing but the decision on presence learns in a phase."""
        kind = kinds.described(kinds.presets()[self.preset].kind)
        names = kind.CONFIG.learnt(self.frozen_in(phase), coarse=not phase.details)
        weights, others = self.weights(), kind.LOSSES if names is None else names
        return self.absent > 0 and not any(weights[name] for name in others)

    def weights(self) -> Mapping[str, float]:
        """Of all losses."""
        own = kinds.described(kinds.presets()[self.preset].kind).LOSSES
        return {**own, PRESENCE: 1.0, **self.losses}

    def at(self, step: int) -> At:
        """Where step number `step` (from 0) lies."""
        first_step = first_picture = 0
        for phase in self.phases[:-1]:
            steps = phase.steps or 0
            if step < first_step + steps:
                return At(phase, first_step, first_picture)
            first_step += steps
            first_picture += steps * phase.batch
        return At(self.phases[-1], first_step, first_picture)

    def stretch(self, step: int) -> Stretch:
        """The steps of the optimiser that takes step number `step`."""
        found, first = Stretch(0, 0, self.rate, None), 0
        for phase in self.phases:
            if phase.begins_anew and first:
                if step < first:
                    break
                found = Stretch(first, first, self.rate, None)
            if phase.begins_anew:
                found = found._replace(rate=phase.rate or self.rate, frozen=phase.frozen)
            first += phase.steps or 0
            found = found._replace(end=first)
        return found

    def with_steps(self, pictures: int | None) -> Recipe:
        """The recipe with steps for epochs of a dataset of so many pictures; None: it has no end.
        InputError for epochs of that."""
        if all(phase.epochs is None for phase in self.phases):
            return self
        if pictures is None:
            raise InputError(
                "epochs", "need datasets on disk; a stream has no end", todo="say steps instead"
            )
        counted = [
            phase.model_copy(
                update={"steps": -(-phase.epochs * pictures // phase.batch), "epochs": None}
            )
            if phase.epochs
            else phase
            for phase in self.phases
        ]
        return self.model_copy(update={"phases": counted})

    def architecture(self, where: object = "model", lines: Lines | None = None) -> TowersConfig:
        """The preset with the changes. InputError for one that it has no place for; `where` and in
        which `lines` they were written may be given for it to say."""
        preset = kinds.presets()[self.preset]
        made = parse(type(preset), preset.model_dump() | self.model, where, lines)
        for phase in self.phases:
            if phase.frozen is not None:
                parse(type(preset), made.model_dump() | {"frozen": phase.frozen}, "phases")
        return made


def load_recipe(path: str | Path) -> Recipe:
    """The recipe in a YAML file, or an embedded one by its name, such as "tiny".

    InputError names file:line, the value and what is allowed.
    """
    file = Path(path)
    if not file.exists() and file.suffix not in (".yaml", ".yml"):
        named = {each.stem: each for each in sorted(HERE.glob("*.yaml"))}
        if str(path) not in named:
            raise InputError(
                path,
                "is neither a file nor an embedded recipe",
                allowed=f"a YAML file, or {listed(named)}",
                todo=nearest(str(path), named),
            )
        file = named[str(path)]
    recipe, lines = load(Recipe, file), read_yaml(file)[1]
    recipe.architecture(file, {k[1:]: line for k, line in lines.items() if k[:1] == ("model",)})
    return recipe
