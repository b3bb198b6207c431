"""Layout rules as a person writes them: sizes, places, levels and effects."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.records import Change, Layout

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1_000_000)]  # of which no sum overflows
Count = Annotated[int, Field(ge=0, le=100_000_000)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]

Aspect = Annotated[str, Field(pattern=r"^[1-9][0-9]?:[1-9][0-9]?$")]


def _ordered(value: tuple[float, float] | None) -> tuple[float, float] | None:
    if value is not None and value[0] > value[1]:
        raise ValueError("the first number must not be larger than the second")
    return value


class Canvas(Strict):
    """`size: background` keeps the background's aspect ratio and brings its long side within
    `long_side_px`; so do `aspects`, width to height with their shares, of a crop of it;
    `size: [height, width]` crops the background to cover that."""

    size: Annotated[
        Literal["background"]
        | tuple[Annotated[int, Field(ge=32, le=8192)], Annotated[int, Field(ge=32, le=8192)]],
        Field(
            json_schema_extra={"allowed": "background, or [height, width] of 32 to 8192 px each"}
        ),
    ] = "background"
    aspects: dict[Aspect, Weight] = {}
    long_side_px: tuple[Annotated[int, Field(ge=64)], Annotated[int, Field(le=8192)]] = (640, 2048)

    _order = field_validator("long_side_px")(_ordered)

    @model_validator(mode="after")
    def _possible(self) -> Canvas:
        if self.aspects and not any(self.aspects.values()):
            raise ValueError("aspects need a share above 0")
        if self.aspects and self.size != "background":
            raise ValueError("aspects and a size in pixels contradict each other: leave one out")
        return self

    @property
    def shapes(self) -> dict[tuple[int, int] | None, float]:
        """The shares of the aspects, width and height; None stands for the background's own."""
        found: dict[tuple[int, int] | None, float] = {}
        for text, share in self.aspects.items():
            width, height = map(int, text.split(":"))
            found[width, height] = share
        return found or {None: 1.0}


class EffectRanges(Strict):
    """Ranges from which a scene's effects are drawn; see `records.Effects`."""

    harmonise: tuple[Share, Share] = (0.0, 0.0)
    sharpness: tuple[Share, Share] = (0.0, 0.0)
    noise: tuple[Share, Share] = (0.0, 0.0)
    shadow: tuple[Share, Share] = (0.0, 0.0)
    reflection: tuple[Share, Share] = (0.0, 0.0)
    tone: tuple[Share, Share] = (0.0, 0.0)
    defocus: tuple[Share, Share] = (0.0, 0.0)

    _order = field_validator("*")(_ordered)


GIVEN_UP = "given up"  # the level of an image that could be of none; no level can have this name
# Share of the attempts after which real sizes, the layout, and kinds of sentences that cannot be
# said are given up.
LENIENT = 0.75


class Level(Strict):
    """A level of difficulty: how many of an image's entities share the first one's category, how
    many its labelled colour (None: left to chance), and the rules that it overrides."""

    share: Weight = 1.0
    same_category: Annotated[int, Field(ge=0, le=5)] | None = None
    same_color: Annotated[int, Field(ge=0, le=5)] | None = None
    gap: tuple[Share, Share] | None = None
    overlap: tuple[Share, Share] | None = None
    covered: tuple[Share, Share] | None = None

    _order = field_validator("gap", "overlap", "covered")(_ordered)

    @property
    def needs(self) -> int:
        """The least number of entities in an image of this level."""
        return 1 + max(self.same_category or 0, self.same_color or 0)

    @property
    def is_free(self) -> bool:
        """Whether it leaves to chance what an image's entities have in common."""
        return self.same_category is None and self.same_color is None


class LayoutRules(Strict):
    """templates/layouts/*.yaml; the comments there say what each number does."""

    canvas: Canvas = Canvas()
    layouts: dict[Layout, Weight] = {"left_right": 7, "top_bottom": 2, "front_behind": 1}
    entities: dict[Annotated[int, Field(ge=1, le=6)], Weight] = {2: 1, 3: 1}
    at_most: dict[Layout, Annotated[int, Field(ge=1, le=6)]] = {}
    levels: Annotated[dict[Name, Level], Field(min_length=1)] = {"plain": Level()}
    counterfactual: Share = 0.0
    changes: dict[Change, Weight] = {"exchanged": 1}
    size: tuple[Share, Share] = (0.35, 0.8)
    scale: Literal["real", "free"] = "free"
    widest: Annotated[float, Field(ge=2, le=100)] = 8.0
    compress: Share = 0.5
    toys: Share = 0.2
    margin: Share = 0.02
    gap: tuple[Share, Share] = (0.02, 0.12)
    overlap: tuple[Share, Share] = (0.15, 0.5)
    rotation_deg: Annotated[float, Field(ge=0, le=180)] = 0.0
    flip: Share = 0.5
    beyond_canvas: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    max_upscale: Annotated[float, Field(ge=0.1, le=8)] = 1.5
    min_visible_share: Share = 0.35
    min_area: Share = 0.003
    min_contrast: Annotated[float, Field(ge=0, le=30)] = 5.0
    covered: tuple[Share, Share] = (0.03, 0.6)
    touch: Share = 0.02
    ground: bool = False
    effects: EffectRanges = EffectRanges()
    max_attempts: Annotated[int, Field(ge=1, le=1000)] = 100

    _order = field_validator("size", "gap", "overlap", "covered")(_ordered)

    @model_validator(mode="after")
    def _possible(self) -> LayoutRules:
        if not any(self.layouts.values()) or not any(self.entities.values()):
            raise ValueError("layouts and entities each need a weight above 0")
        if not any(self.changes.values()):
            raise ValueError("changes need a weight above 0")
        if not any(level.share for level in self.levels.values()):
            raise ValueError("levels need a share above 0")
        total = sum(level.share for level in self.levels.values())
        alike = sum(level.share for level in self.levels.values() if level.same_category)
        if self.counterfactual > alike / total + 1e-9:
            raise ValueError(
                "counterfactual: images with a twin need two things of one category, so levels "
                "with same_category of 1 or more must have at least that share"
            )
        most = max(self.most(name) for name, weight in self.layouts.items() if weight)
        for name, level in self.levels.items():
            if level.share and level.needs > most:
                raise ValueError(
                    f"levels: {name} needs {level.needs} entities, and layouts, entities and "
                    f"at_most allow {most} at most"
                )
        if self.size[1] <= 0:
            raise ValueError("size: the largest height must be above 0")
        return self

    def most(self, layout: Layout) -> int:
        """The largest number of entities in an image of the layout; front_behind always has 2."""
        if layout == "front_behind":
            return 2
        asked = max(number for number, weight in self.entities.items() if weight)
        return min(asked, self.at_most.get(layout, asked))

    def at(self, level: str) -> LayoutRules:
        """These rules with the overrides of `level`; a level that was given up has none."""
        changed = self.levels.get(level, Level()).model_dump(include={"gap", "overlap", "covered"})
        return self.model_copy(update={k: v for k, v in changed.items() if v is not None})
