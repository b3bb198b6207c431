"""How a model is trained, as a person writes it: `refmatte train`'s configuration."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import ConfigDict, Field, field_validator, model_validator

from refmatte_baselines.clipmat.config import PRESETS, ClipMatConfig
from refmatte_baselines.clipmat.loss import (
    ALPHAS,
    COMPOSITION,
    ENDS,
    LOSSES,
    ON_REQUEST,
    PLACES,
)
from refmatte_baselines.data.trimaps import BAND_PX
from refmatte_engine import records
from refmatte_engine.config.strict_yaml import Lines, Strict, load, parse, read_yaml
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.records import MINIMAL, OVERSPECIFIED

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
HERE = Path(__file__).parent / "recipes"
KINDS = (
    *(kind for kind in records.KINDS if kind != records.COMBINED),
    MINIMAL,
    OVERSPECIFIED,
)


class Phase(Strict):
    """A part of the training: so many steps of so many pictures of one size."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    steps: Annotated[int, Field(ge=1)]
    batch: Annotated[int, Field(ge=1)] = 8
    """Pictures in a step, in each process."""
    size: Annotated[int, Field(ge=16, le=4096)] = 512
    """Long side, in px."""
    details: bool = True
    """False: only where things are is learnt (the trimap), which is the longer part and the cheaper
    one without the details branch."""
    background_weight: Positive = 1.0
    """Of background pixels in the trimap's loss. Most pixels are background: with equal weights a
    model without CLIP's knowledge first learns to see it everywhere, and stays there long."""
    kinds: dict[str, Annotated[float, Field(ge=0)]] | None = None
    """How often each kind of text is asked for; None: all alike."""
    windows: Count = 0
    """Of each alpha so many windows round a pixel of its unknown band are learnt from, rather than
    all of it: for details and a refiner, since edges are few. 0: all of it."""
    window_px: Annotated[int, Field(ge=32)] = 192
    """The sides of windows, in px, in steps of 16; at most the picture's."""

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


class At(NamedTuple):
    """Where a step lies: its phase, and the steps and pictures (of one process) before it."""

    phase: Phase
    first_step: int
    first_picture: int


class Recipe(Strict):
    """templates for `refmatte train`; clipmat/recipes/*.yaml."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    preset: str = "tiny"
    """What `model` changes: one of config.PRESETS."""
    model: dict[str, Any] = {}
    """Fields of ClipMatConfig."""
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    phases: Annotated[list[Phase], Field(min_length=1)]
    texts: Annotated[int, Field(ge=1, le=64)] = 4
    """K: texts asked of each picture. The image encoder and the details decoder see it once."""
    flip: Share = 0.0
    """Share of mirror images. Composed pictures need none; their things are mirrored already."""
    crop: Share = 0.3
    """Share of pictures that are cropped, where their sentences can be grounded again."""
    crop_least: Share = 0.7
    """Least part of each side that a crop leaves."""
    relight: bool = True
    band_px: tuple[Positive, Positive] = BAND_PX
    """Least and greatest width of the trimap's unknown band, at 512 px. With the authors' 25–30
    small things are nearly all unknown, and what is unknown is matted without the text."""

    rate: Positive = 1e-4
    """AdamW's, at its peak."""
    encoder_rate: Positive | None = None
    """Of CLIP's encoders; None: a tenth of `rate`."""
    weight_decay: Annotated[float, Field(ge=0)] = 0.01
    warm_up: Count = 100
    """Steps over which the rates rise; then they fall as a cosine, to 1 % at the end."""
    clip_norm: Positive = 1.0
    ema: Annotated[float, Field(ge=0, lt=1)] = 0.999
    """Decay of the moving average of the weights, which is what is kept."""
    losses: dict[str, Annotated[float, Field(ge=0)]] = {}
    """Weights that are not 1, as in the authors' earlier recipe. Two are 0 unless they are given:
    `composition` wants colours, and those are estimated, by pymatting, for each text; `alpha_iou`
    (house rule) is 1 − soft IoU, to which small things count as much as large ones."""
    aspect: Positive | None = None
    """Height to width of all pictures, which are stretched; None: a few common ones in turn."""
    remember: bool = False
    """Keep what a frozen image encoder makes of a picture in the run's folder, where it is computed
    once. For datasets on disk that come again unchanged: one aspect, no augmentation."""
    precision: Literal["auto", "no", "bf16", "fp16"] = "auto"
    """auto: bf16 where the device computes in it, else no. A CPU that only imitates bf16 takes six
    to nine times as long as without."""

    workers: Count = 1
    """Processes that make pictures."""
    validate_every: Annotated[int, Field(ge=1)] = 500
    validate_pictures: Annotated[int, Field(ge=1)] = 64
    save_every: Annotated[int, Field(ge=1)] = 500
    show_every: Annotated[int, Field(ge=1)] = 500

    @model_validator(mode="after")
    def _known(self) -> Recipe:
        if self.preset not in PRESETS:
            raise ValueError(f"preset: {self.preset!r} is none of {listed(PRESETS)}")
        if self.band_px[0] > self.band_px[1]:
            raise ValueError("band_px: the first is the least width, and is the larger one here")
        known = (*LOSSES, *ON_REQUEST)
        if unknown := self.losses.keys() - set(known):
            raise ValueError(f"losses: {min(unknown)!r} is none of {listed(known)}")
        # What is trained as a whole looks once; what comes after the trimap sees the mean of all.
        ends = "trimap" in self.frozen or self.only_refiner
        if any(phase.windows for phase in self.phases) and not ends:
            raise ValueError(
                "windows: only details and a refiner learn from them: model: {frozen: [trimap]} or "
                "{frozen: [coarse]}"
            )
        if "trimap" in self.frozen and not all(phase.details for phase in self.phases):
            raise ValueError("details: false leaves nothing to learn where the trimap is frozen")
        used = {name for phase in self.phases for name in self.names(phase)}
        idle = {name for name, weight in self.losses.items() if weight} - used
        if idle:
            learns = listed(name for name in (*LOSSES, *ON_REQUEST) if name in used)
            raise ValueError(f"losses: {min(idle)!r} changes nothing here, only {learns} do")
        changed = self.flip or self.crop or self.relight or not self.aspect
        again = ends and self.model.get("looks", PRESETS[self.preset].inference_sizes)
        if self.remember and (changed or again or "image" not in self.frozen):
            raise ValueError(
                "remember: true needs model: {frozen: [image]}, an aspect, and flip: 0, crop: 0, "
                "relight: false; and looks: [] where the trimap is frozen"
            )
        return self

    @property
    def steps(self) -> int:
        """Of all phases."""
        return sum(phase.steps for phase in self.phases)

    @property
    def frozen(self) -> tuple[str, ...]:
        """What does not learn. What is no list is refused by `architecture`."""
        written = self.model.get("frozen", PRESETS[self.preset].frozen)
        return tuple(written) if isinstance(written, list | tuple) else ()

    @property
    def only_refiner(self) -> bool:
        """Whether everything else is frozen."""
        return "coarse" in self.frozen

    def composes(self, phase: Phase) -> bool:
        """Whether the composition loss counts in a phase."""
        return phase.details and self.losses.get(COMPOSITION, 0) > 0

    def names(self, phase: Phase) -> tuple[str, ...]:
        """The losses of a phase."""
        if not phase.details and not self.only_refiner:
            return PLACES
        learnt = ALPHAS if self.only_refiner else ENDS if "trimap" in self.frozen else LOSSES
        return (*learnt, *(name for name in ON_REQUEST if self.losses.get(name, 0) > 0))

    def at(self, step: int) -> At:
        """Where step number `step` (from 0) lies."""
        first_step = first_picture = 0
        for phase in self.phases[:-1]:
            if step < first_step + phase.steps:
                return At(phase, first_step, first_picture)
            first_step += phase.steps
            first_picture += phase.steps * phase.batch
        return At(self.phases[-1], first_step, first_picture)

    def architecture(self, where: object = "model", lines: Lines | None = None) -> ClipMatConfig:
        """The preset with the changes. InputError for one that it has no place for; `where` and in
        which `lines` they were written may be given for it to say."""
        preset = PRESETS[self.preset].model_dump(by_alias=True)
        return parse(ClipMatConfig, preset | self.model, where, lines)


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
