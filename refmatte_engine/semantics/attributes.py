"""Attributes of an entity as it appears in the picture: measured, or known from its labels.

Asked "is it red?", a person may answer yes, no, or "well, sort of". An attribute is a yes. A "sort
of" is an attribute too, with `_perhaps` appended to its name: no sentence rests on it, and no
sentence that it could make ambiguous is written.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from functools import cache
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from refmatte_engine.records import U8, Attribute, Box, Foreground, Placement
from refmatte_engine.semantics import colors, css_colors, lexicon, looks
from refmatte_engine.semantics.colors import Patch

MEASURED = ("color", "css_color", "transparent", "salient")  # without a label
SAMPLES = 4000  # pixels looked at
AROUND_PX = 96  # sides of what is looked at around a thing
PLAIN = 0.62  # share of the surface from which a colour is the thing's colour
PART = 0.22  # share from which a second colour belongs to it: "red and white"
HINT = 0.08  # share below which a colour is not noticed
AGREED = 0.7  # how far people have to agree on a colour's name
REMARKABLE = frozenset({("age", "child")})
# Garments that people call by each other's names.
ALIKE = (
    {"shirt", "t-shirt"}, {"shirt", "blouse"}, {"coat", "jacket"}, {"hat", "cap"},
    {"hat", "beanie"}, {"cap", "beanie"}, {"glasses", "sunglasses"}, {"sweater", "hoodie"},
    {"jacket", "denim jacket"}, {"trousers", "jeans"},
)  # fmt: skip
# Of these one has several, and labels by hand rarely all: who wears a scarf may wear a jacket, too.
SEVERAL = frozenset({"clothes", "hair", "facial_hair", "material"})
YOUNG = frozenset({"baby.n.01", "child.n.01", "male_child.n.01", "girl.n.01"})
UNTOLD = frozenset({"color", "css_color", "transparent", "salient", "facing"})
MIRRORED = {"left": "right", "right": "left"}
UPRIGHT_DEG = 30  # turned further than this, nothing faces left any more
BACKED = 0.3  # share of the surface that must bear a labelled colour out

PERHAPS = "_perhaps"  # ends the name of what people do not agree on

Truth = Literal[-1, 0, 1]  # no, perhaps, yes


def holds(attributes: tuple[Attribute, ...], name: str, value: str, part: str = "") -> Truth:
    """Whether an entity with these attributes has `name` = `value`: 1 yes, -1 no, 0 perhaps.

    What is not labelled may be so: a person without a labelled age may be a child. But a recipe
    labels everything about what it made, except what is `UNTOLD`.

    >>> facts = (Attribute("color", "dark red", "measured"),)
    >>> [holds(facts, "color", word) for word in ("dark red", "red", "blue")]
    [1, 1, -1]
    """
    return Told(attributes).holds(name, value, part)


class Told:
    """An entity's attributes, indexed by name: answers `holds` many times."""

    def __init__(self, attributes: tuple[Attribute, ...]) -> None:
        self._closed = any(fact.source == "recipe" for fact in attributes)
        self._named: dict[str, list[Attribute]] = {}
        self._perhaps: dict[str, list[Attribute]] = {}
        for fact in attributes:
            self._named.setdefault(fact.name, []).append(fact)
            if fact.name.endswith(PERHAPS):
                named = fact.name.removesuffix(PERHAPS)
                self._perhaps.setdefault(named, []).append(fact)

    def named(self, name: str) -> Sequence[Attribute]:
        """The attributes of that name, in order."""
        return self._named.get(name, ())

    def holds(self, name: str, value: str, part: str = "") -> Truth:
        """See the function."""
        best: Truth = -1
        known = False
        most: Truth
        for most, facts in ((1, self.named(name)), (0, self._perhaps.get(name, ()))):
            for fact in facts:
                if fact.part == part:
                    known, best = True, max(best, min(most, _fits(fact.value, value)))
                elif part and fact.part and {fact.part, part} in ALIKE:
                    known, best = True, max(best, min(0, _fits(fact.value, value)))
        if not known and (name, value) in REMARKABLE:
            # Whoever labels a child's gender labels the child.
            known = "gender" in self._named
        return best if known or (self._closed and name not in UNTOLD) else 0

    def lacks(self, name: str, value: str, part: str = "") -> Truth:
        """Whether a sentence may say of it that it has no such attribute: 1 yes, -1 no, 0 perhaps.

        >>> labelled = Told((Attribute("clothes", "scarf", "labelled"),))
        >>> labelled.holds("clothes", "jacket"), labelled.lacks("clothes", "jacket")
        (-1, 0)
        """
        has = self.holds(name, value, part)
        return 0 if has == -1 and name in SEVERAL and not self._closed else -has


def _fits(has: str, asked: str) -> Truth:
    if has == asked or base(has) == asked:
        return 1
    if "/" in has or "/" in asked:
        mine, wanted = set(has.split("/")), set(asked.split("/"))
        return 1 if mine == wanted else 0 if mine & wanted and len(wanted) == 1 else -1
    return 0 if base(asked) == has or {has, asked} in ALIKE else -1


def base(color: str) -> str:
    """The colour without "dark" or "light": dark red is red."""
    return color.removeprefix("dark ").removeprefix("light ")


def measure(
    image: U8,
    visible_alpha: U8,
    entity_box_xyxy: Box,
    foreground: Foreground,
    only: Container[str] = MEASURED,
) -> tuple[Attribute, ...]:
    """The attributes of one entity; of those that have to be measured `only` these.

    `image` is the finished picture (uint8 H×W×3), `visible_alpha` (uint8 h×w) covers
    `entity_box_xyxy` of it. Names: those of the labels; color (plain words, "red/white" for two),
    css_color, transparent, salient ("true" or "false"). House rules; the kinds of attribute are
    those of the paper (section 3).
    """
    x0, y0, x1, y1 = entity_box_xyxy
    step = max(1, round(float(np.sqrt(visible_alpha.size / SAMPLES))))
    alpha = visible_alpha[::step, ::step]
    pixels = image[y0:y1:step, x0:x1:step][: alpha.shape[0], : alpha.shape[1]]
    labels = foreground.attributes
    told = {a.name for a in labels if not a.part}
    found = [a for a in labels if a.part or a.name != "color"]
    if foreground.kind != "human" and ("color" in only or "css_color" in only):
        found += _colors(pixels, alpha, foreground, only)
    if "age" not in told and lexicon.sense(foreground.category) in YOUNG:
        found.append(Attribute("age", "child", "labelled"))  # a male baby is no man
    if "transparent" not in told and "transparent" in only:
        found += _transparency(foreground)
    if "salient" not in told and "salient" in only:
        found += _salience(image, pixels, alpha, entity_box_xyxy)
    return tuple(dict.fromkeys(found))


def placed(facts: tuple[Attribute, ...], placement: Placement) -> tuple[Attribute, ...]:
    """Labelled facts as they are in the picture: what faces left (the attribute `facing`) faces
    right when mirrored; beyond a rotation of `UPRIGHT_DEG`, facing is unknown.

    >>> fox = (Attribute("facing", "left", "labelled"),)
    >>> [fact.value for fact in placed(fox, Placement("p/fox", (0, 0, 9, 9), flip=True))]
    ['right']
    """
    turned = abs((placement.rotation_deg + 180) % 360 - 180) > UPRIGHT_DEG
    found = []
    for fact in facts:
        if fact.name == "facing":
            if turned:
                continue
            if placement.flip:
                fact = replace(fact, value=MIRRORED.get(fact.value, fact.value))
        found.append(fact)
    return tuple(found)


def recoloured(foreground: Foreground) -> Foreground:
    """The foreground without its labelled colours, which no longer hold once its hue is turned."""
    kept = tuple(a for a in foreground.attributes if a.name not in {"color", "css_color"})
    return replace(foreground, attributes=kept)


def _values(labels: tuple[Attribute, ...], name: str) -> set[str]:
    return {a.value for a in labels if a.name == name and not a.part}


def _colors(pixels: U8, alpha: U8, foreground: Foreground, only: Container[str]) -> list[Attribute]:
    labelled = [a for a in foreground.attributes if a.name == "color" and not a.part]
    if looks.see_through(foreground):
        # Through glass one sees the background's colour; only a label knows its own.
        return _trusted(labelled)
    solid = alpha >= min(192, int(alpha.max(initial=0)))
    weight = alpha[solid].astype(np.float64)
    patches = colors.surfaces(colors.patches(pixels[solid], weight, by_hue=not labelled))
    fine = None if labelled else colors.fine_pattern(pixels, solid)
    patterned = bool(_values(foreground.attributes, "pattern") - {"plain"})
    dull = 1.0 if labelled else colors.dull(pixels[solid])
    found = _plain_colors(patches, labelled, patterned, fine, dull)
    if "css_color" not in only:
        return found
    said = [a.value for a in found if a.name == "color"]
    if not said and fine is None and patches and patches[0].share >= PLAIN:
        said = list(colors.likely_names(patches[0].lab))  # teal is blue and green
    return [*found, *_css_colors(patches, said)]


def _trusted(labelled: list[Attribute]) -> list[Attribute]:
    # What is clear is called transparent, not white; but what is tinted shines, and passes for it.
    said = [a for a in labelled[:1] if a.value != "white"]
    rest = [a for a in labelled if a not in said]
    rest += [replace(a, value="white") for a in said]
    return [*said, *(replace(a, name="color_perhaps") for a in rest)]


def _plain_colors(
    patches: list[Patch],
    labelled: list[Attribute],
    patterned: bool,
    fine: tuple[Patch, ...] | None,
    dull: float,
) -> list[Attribute]:
    """What is said, and what may be; no more than the share `dull` is surely without a hue."""
    sure: dict[str, float] = {}
    hints: dict[str, float] = {}
    for patch in patches:
        names = colors.likely_names(patch.lab)
        for name, vote in names.items():
            word, plain = colors.shade(name, float(patch.lab[0]))
            shaded = f"{word} {name}".strip()
            if vote >= AGREED and plain:
                sure[shaded] = sure.get(shaded, 0) + patch.share
            hints[shaded] = hints.get(shaded, 0) + patch.share
            if word or not plain:
                hints[name] = max(hints.get(name, 0), hints[shaded])
            if not plain:
                if vote >= AGREED:
                    sure[name] = sure.get(name, 0) + patch.share
                for other in ("dark", "light"):
                    hints[f"{other} {name}"] = hints.get(f"{other} {name}", 0) + patch.share
        for name in colors.likely_names(patch.bright).keys() - names.keys():
            hints[name] = hints.get(name, 0) + patch.share
    if labelled:
        said = _agreed(patches, labelled, patterned)
    else:
        said = _seen(sure, dull) if fine is None else _pair(fine)
    spoken = {word for a in said if "/" in a.value for word in a.value.split("/")}
    found = [
        Attribute("color_perhaps", name, "measured", score=round(share, 3))
        for name, share in sorted(hints.items())
        if share >= HINT and name not in {a.value for a in said}
    ]
    missing = [Attribute("color_perhaps", name, "measured") for name in sorted(spoken)]
    taken = {a.value for a in (*said, *found)}
    return [*said, *found, *(a for a in missing if a.value not in taken)]


def _seen(sure: dict[str, float], dull: float) -> list[Attribute]:
    capped = {n: min(s, dull) if base(n) in colors.HUELESS else s for n, s in sure.items()}
    ranked = sorted(capped.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return []
    (name, share), rest = ranked[0], ranked[1:]
    second = rest[0][1] if rest else 0.0
    if share >= PLAIN and second < PART:
        return [Attribute("color", name, "measured", score=round(share, 3))]
    if rest and min(share, second) >= PART and share + second >= 0.8:
        pair = f"{name}/{rest[0][0]}"
        if base(name) != base(rest[0][0]):
            return [Attribute("color", pair, "measured", score=round(share + second, 3))]
    return []


def _pair(fine: tuple[Patch, ...]) -> list[Attribute]:
    """The two colours of a fine pattern, if people would agree on both."""
    names = [next(iter(colors.likely_names(patch.lab).items())) for patch in fine]
    words = [name for name, vote in names if vote >= AGREED]
    if fine and colors.black_and_white(*fine):
        words = ["black", "white"]
    if len(set(words)) < 2:
        return []
    return [Attribute("color", "/".join(words), "measured")]


def _agreed(patches: list[Patch], labelled: list[Attribute], patterned: bool) -> list[Attribute]:
    """The labelled colours that the finished picture confirms: the first, which is the main one, or
    two for a pattern."""
    shares = [
        round(sum(p.share for p in patches if colors.resembles(p.lab, label.value)), 3)
        for label in labelled
    ]
    main, source = labelled[0].value, labelled[0].source
    if patterned and len(labelled) == 2 and min(shares) >= PART / 2:
        pair = f"{main}/{labelled[1].value}"
        return [Attribute("color", pair, source, score=min(sum(shares), 1.0))]
    if shares[0] >= BACKED and not (patterned and len(labelled) > 1):
        return [Attribute("color", main, source, score=min(shares[0], 1.0))]
    return []


def _css_colors(patches: list[Patch], said: list[str]) -> list[Attribute]:
    """The CSS name of the largest part, if its plain colour is the entity's: for two colours, or
    none, a single name would be half true."""
    if not patches:
        return []
    share, _, bright = patches[0]
    plain = [base(value) for value in said if "/" not in value]
    name = css_colors.nearest(bright, plain)
    found = [Attribute("css_color", name, "measured", score=round(share, 3))] if name else []
    others = set(css_colors.rivals(bright, plain))
    for patch in patches[1:]:
        others |= set(css_colors.rivals(patch.bright) if patch.share >= HINT else ())
    hints = sorted(others - {name})
    return [*found, *(Attribute("css_color_perhaps", hint, "measured") for hint in hints)]


def _transparency(foreground: Foreground) -> list[Attribute]:
    if foreground.opacity >= 0.93:
        return [Attribute("transparent", "false", "measured", score=foreground.opacity)]
    # Fur, lace and feathers let light through between threads; to people that is not transparent.
    if foreground.opacity < 0.6 and foreground.softness > 0.8:
        return [Attribute("transparent", "true", "measured", score=1 - foreground.opacity)]
    return [Attribute("transparent_perhaps", value, "measured") for value in ("true", "false")]


def _salience(image: U8, pixels: U8, alpha: U8, box: Box) -> list[Attribute]:
    """Salient if large, unlike its surroundings and away from the edges; not salient if the reverse
    in all three."""
    height, width = image.shape[:2]
    area = float(alpha.mean()) / 255 * (box[2] - box[0]) * (box[3] - box[1]) / (height * width)
    shares = alpha.reshape(-1)[::4] + 1e-6
    own = shares @ colors.oklab(pixels.reshape(-1, 3)[::4]) / shares.sum()
    pad_x, pad_y = (box[2] - box[0]) // 5 + 4, (box[3] - box[1]) // 5 + 4
    x0, y0 = max(0, box[0] - pad_x), max(0, box[1] - pad_y)
    around = image[y0 : box[3] + pad_y, x0 : box[2] + pad_x]
    around = cv2.resize(around, (AROUND_PX, AROUND_PX), interpolation=cv2.INTER_NEAREST)
    around = cv2.resize(around, (24, 24), interpolation=cv2.INTER_AREA)
    outside = colors.oklab(around[_ring()]).mean(0)
    contrast = float(np.linalg.norm(own - outside))
    centre = ((box[0] + box[2]) / 2 / width, (box[1] + box[3]) / 2 / height)
    off = max(abs(centre[0] - 0.5), abs(centre[1] - 0.5))
    score = min(area / 0.10, 1.0) * 0.45 + min(contrast / 0.25, 1.0) * 0.4 + (0.5 - off) * 0.3
    score = round(max(0.0, min(score, 1.0)), 3)
    if score >= 0.5:
        return [Attribute("salient", "true", "measured", score=score)]
    if score <= 0.3:
        return [Attribute("salient", "false", "measured", score=round(1 - score, 3))]
    return [Attribute("salient_perhaps", value, "measured") for value in ("true", "false")]


@cache
def _ring() -> npt.NDArray[np.bool_]:
    ring = np.ones((24, 24), bool)
    ring[3:21, 3:21] = False
    return ring
