"""Frozen records passed from stage to stage; no behaviour beyond geometry.

Units are in the names: `_px` pixels, `_xyxy` half-open boxes (x0, y0, x1, y1), `_hw` (height,
width), `_deg` degrees, `_norm` a fraction of the canvas. Array aliases name the dtype.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
Box = tuple[int, int, int, int]
Span = tuple[int, int]
KindOfThing = Literal["human", "animal", "object"]
Layout = Literal["left_right", "top_bottom", "front_behind"]
Change = Literal["exchanged", "recoloured", "traded"]
Op = Literal["category", "attribute", "position", "relation", "order", "any", "count"]
Source = Literal["measured", "labelled", "recipe", "predicted"]
GroundFrom = Literal["labelled", "accepted", "estimated", "unknown", "refused"]  # best first
Light = Literal[
    "left", "right", "front", "back", "low left", "low right", "low front", "low back",
    "above", "overcast", "none",
]  # fmt: skip
Surface = Literal["matt", "wet", "polished"]
Posture = Literal["standing", "lying", "flat", "hanging"]  # the first may float, too
Setting = Literal["keyword", "expression"]  # of an evaluation: a mere name, or a sentence

# Kinds of expression.
KEYWORD = "keyword"
COMBINED = "combined"  # written as one of the next two, which claim how much they say
MINIMAL, OVERSPECIFIED = "minimal", "overspecified"
NAMED = ("basic", "absolute", "relative", COMBINED)  # the four of a label file, in its order
GROUP, NONE = "group", "none"  # several things at once; nothing that is there
KINDS = (KEYWORD, *NAMED, GROUP, NONE)


@dataclass(frozen=True, slots=True)
class Attribute:
    """One fact about an entity, and how it is known.

    `part` names what the fact is about when that is not the whole entity: a red sweater gives
    ("clothes", "sweater") and ("color", "red", part="sweater"). `score` is the share of the
    surface for a measured colour, the probability for a predicted label, else 1.
    """

    name: str
    value: str
    source: Source
    part: str = ""
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Foreground:
    """One asset that can be placed: straight RGB and alpha, cropped to its alpha's box.

    `id` is "<pack>/<path without suffix>" and unique in a catalog. `digest` identifies the decoded
    pixels, so that one picture in two packs is recognised. `cut_edges` are the sides ("left",
    "top", "right", "bottom") where the photograph itself cut the thing off. `softness` is the share
    of the visible pixels with 0 < alpha < 1; `opacity` the mean alpha inside the outline, `fill` in
    the box. `colors` mixed with an old background's at the edges are estimated before use; then
    `content` identifies the picture's file. A "predicted" `matte` is what a net took for the thing.
    `credit` and `source` are empty where they are the pack's. `fix` names what is cured in the
    alpha when it is read. `height_m` is the real height, in metres, of what is seen, None when not
    labelled; a `toy` shows what its category names in small. `light` is where it is lit from, ""
    when not labelled; `posture` how it rests on a ground.
    """

    id: str
    pack: str
    path: str
    alpha_path: str
    category: str
    kind: KindOfThing
    split: str
    size_hw: tuple[int, int]
    digest: str
    attributes: tuple[Attribute, ...] = ()
    flippable: bool = True
    stands: bool = True
    sheds_shadow: bool = True
    cut_edges: tuple[str, ...] = ()
    softness: float = 0.0
    opacity: float = 1.0
    fill: float = 1.0
    recomposition_error: float | None = None
    licence: str = ""
    credit: str = ""
    source: str = ""
    colors: Literal["own", "mixed"] = "own"
    matte: Literal["given", "predicted"] = "given"
    content: str = ""
    fix: tuple[str, ...] = ()
    height_m: float | None = None
    toy: bool = False
    light: Light | Literal[""] = ""
    posture: Posture = "standing"


@dataclass(frozen=True, slots=True)
class Background:
    """A photograph to place foregrounds on. `horizon_norm` and `ground_norm` (top and bottom of the
    part where feet may stand) are fractions of its height, None when not labelled; `light` is where
    its light comes from, "" when not labelled. A `surface` mirrors what stands on it, if not matt.
    `ground_from` says who knows where feet may stand: a label, whoever accepted an estimate, an
    estimate alone, or nobody; a picture of sky or water, a close-up, or one with a subject is
    refused. Its camera was `camera_m` above it. `credit` and `source` are empty for the pack's."""

    id: str
    pack: str
    path: str
    split: str
    size_hw: tuple[int, int]
    digest: str
    horizon_norm: float | None = None
    ground_norm: tuple[float, float] | None = None
    ground_from: GroundFrom = "unknown"
    light: Light | Literal[""] = ""
    surface: Surface = "matt"
    licence: str = ""
    credit: str = ""
    source: str = ""
    camera_m: float | None = None


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """What sample `index` of `split` must be; drawn before any geometry. In a scene of `toys` those
    have a toy's size, in others that of what they show; `aspect` is the canvas's width to height,
    None where the background's own is kept."""

    split: str
    index: int
    attempt: int
    layout: Layout
    level: str
    foregrounds: tuple[str, ...]
    background: str
    toys: bool = False
    aspect: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one foreground goes: its (unrotated) crop is resized to `box_xyxy`, mirrored if `flip`,
    then turned by `rotation_deg` counter-clockwise about its centre, and there made lower by the
    factor `foreshortening`. The box may extend beyond the canvas. `hue_deg` turns the hue of all
    its colours (red, yellow, green: 0, 60, 120). `sheds_shadow` is false for smoke and the like."""

    foreground: str
    box_xyxy: Box
    flip: bool = False
    rotation_deg: float = 0.0
    hue_deg: float = 0.0
    sheds_shadow: bool = True
    foreshortening: float = 1.0


@dataclass(frozen=True, slots=True)
class Effects:
    """What makes a paste look less like one; all zero is the paper's plain composition.

    `harmonise`, `sharpness`, `noise` in [0, 1]: how far the entity's colour, blur and grain move
    towards the background's; `tone`: how far the tones of both meet. The others in [0, 1]: their
    strengths on the background, whose light and surface are `light` and `surface`.
    """

    harmonise: float = 0.0
    sharpness: float = 0.0
    noise: float = 0.0
    shadow: float = 0.0
    reflection: float = 0.0
    tone: float = 0.0
    defocus: float = 0.0
    light: Light = "left"
    surface: Surface = "matt"


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is needed to render the pixels again: background, its crop, and placements, far to
    near. Of other people's datasets only the canvas is known; the rest is empty."""

    canvas_hw: tuple[int, int]
    background: str
    background_box_xyxy: Box
    background_flip: bool
    layout: Layout | Literal[""]
    placements: tuple[Placement, ...]
    effects: Effects = field(default_factory=Effects)
    noise_seed: int = 0


@dataclass(frozen=True, slots=True)
class Entity:
    """A foreground as it appears in a rendering.

    `index` is the k of the mask file's name (1-based, far to near). `box_xyxy` bounds visible alpha
    >= 0.5 (or > 0 if no pixel reaches 0.5); `centroid_xy` is alpha-weighted; `area_px` the sum of
    visible alpha; `visible_share` that sum over the sum of the unoccluded alpha, including what
    lies beyond the canvas. `covered_by` lists (index of a nearer entity, share of this entity's
    on-canvas alpha that it covers), where the share is above zero. `stands` as its foreground
    does, in a layout with ground: people look for it where its feet are. Of other people's datasets
    neither the foreground nor the kind is known; both are empty.
    """

    index: int
    foreground: str
    category: str
    kind: KindOfThing | Literal[""]
    box_xyxy: Box
    centroid_xy: tuple[float, float]
    area_px: float
    visible_share: float
    covered_by: tuple[tuple[int, float], ...] = ()
    attributes: tuple[Attribute, ...] = ()
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that holds: `subject` `predicate` `object` (entity indices); `margin` > 0 says how
    clearly, as a fraction of the canvas."""

    subject: int
    predicate: str
    object: int
    margin: float


@dataclass(frozen=True, slots=True)
class Clause:
    """One step of the program behind a sentence. `op` is "category", "attribute", "position" or
    "relation"; the other fields are its arguments. `left_after` are the entities that remain once
    this and all earlier clauses have been applied; `margin` is how clearly a spatial clause holds
    for the referents; `necessary` says that without it, and without what describes its part, others
    would remain. What the noun says (a category, and attributes marked `noun`: a girl is a child)
    is always necessary: nothing can be said without a noun. A relation's `targets` are the programs
    of the entities referred to, without proofs of their own. `spans` are the parts of the text, as
    half-open character ranges, that say the clause, including in the clauses of a target. Articles
    belong to none; a noun's spans also serve what it implies.
    """

    op: Op
    name: str
    value: str = ""
    part: str = ""
    negated: bool = False
    targets: tuple[tuple[Clause, ...], ...] = ()
    left_after: tuple[int, ...] = ()
    margin: float | None = None
    necessary: bool = True
    noun: bool = False
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Expression:
    """A sentence with its proof: `program` grounds to exactly `referents` (entity indices).

    All clauses of a sentence of the kind "minimal" are necessary, also in how it names other
    things; one of the kind "overspecified" has a clause that is not. `template` names the
    alternatives of the template file, and of its vocabulary's phrases, that made it."""

    text: str
    kind: str
    program: tuple[Clause, ...]
    referents: tuple[int, ...]
    template: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One image with everything said about it. `name` is the image's stem; the mask of entity k is
    `<name>_<k>`; `level` is the level of difficulty it was planned as. `asked` are the foregrounds
    of the first attempt, where these are others. `twin` names the image, if any, that shows the
    same entities with one `change`: two have "exchanged" places or "traded" hues, or one is
    "recoloured". `siblings` names the first of the images, if any, that show the same entities in
    the same places with the same sentences before different backgrounds; of these it is number
    `sibling`, from 1."""

    split: str
    index: int
    attempt: int
    level: str
    name: str
    scene: Scene
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]
    expressions: tuple[Expression, ...]
    twin: str = ""
    change: Change | Literal[""] = ""
    asked: tuple[str, ...] = ()
    siblings: str = ""
    sibling: int = 0


Record = TypeVar("Record")
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,200}")
_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}


def _adapter(kind: Any) -> TypeAdapter[Any]:
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_json(record: object) -> Any:
    """The record as plain JSON values; fields at their defaults are omitted.

    >>> to_json(Placement("studio/mug", (0, 0, 4, 4)))
    {'foreground': 'studio/mug', 'box_xyxy': [0, 0, 4, 4]}
    """
    return _adapter(type(record)).dump_python(record, mode="json", exclude_defaults=True)


def from_json(kind: type[Record], data: object) -> Record:
    """The record of type `kind` that `to_json` wrote. pydantic.ValidationError if the data are not
    one."""
    record: Record = _adapter(kind).validate_python(data)
    return record


def is_file_name(name: str) -> bool:
    """Whether a name, without its suffix, can only mean a file in the current folder: what is
    accepted from other people's label files.

    >>> [is_file_name(name) for name in ("p_0a", "été 1.2", "../x", "a/b", "c:\\\\x", "..", "")]
    [True, True, False, False, False, False, False]
    """
    return name not in ("", ".", "..") and not set(name) & {"/", "\\", "\0"}


def is_plain(name: object) -> bool:
    """Whether a value may name an image or a split: no path is built from anything else.

    >>> [is_plain(name) for name in ("rim_train_0a", "../x", "a/b", "", "a.b", 7)]
    [True, False, False, False, False, False]
    """
    return isinstance(name, str) and PLAIN.fullmatch(name) is not None
