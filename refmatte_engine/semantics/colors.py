"""Plain colour words and the colours that people call so."""

from __future__ import annotations

from functools import cache
from typing import Annotated, NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
from PIL import ImageColor
from pydantic import Field, StringConstraints

from refmatte_engine.config import resources, strict_yaml
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.records import F64

Hex = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Lightness = Annotated[float, Field(gt=0, lt=1)]

FILE = resources.ASSETS / "lexicon" / "colors.yaml"
SPREAD = 0.025  # Oklab distance within which two names compete
LIT = 0.3  # share of a surface that shows its colour, the rest being in shade
BRIGHT = 0.5  # share of a surface, the better lit, that shows which of many reds it is
SHADING_DEG = 25.0  # hues this close are one surface in light and in shade
RESEMBLES = 0.1  # Oklab distance, lightness halved, within which a label is borne out
NEUTRAL = 0.012  # Oklab chroma under which nobody sees a hue
HUELESS = frozenset({"black", "white", "gray"})
SHADE_DOUBT = 0.03  # lightness this near the limit may or may not be dark or light
FINE = 0.085  # mean Oklab distance to the surroundings from which a thing is finely patterned
ONE_HUE = 0.04  # mean Oklab distance, without lightness, within one colour of a pattern
BLURRED = 0.2  # share of a pattern that may lie between its two colours
CANCELLED = 0.02  # Oklab chroma that the mean of several colours lacks, if it is none of them
SECTORS = 8  # of the hues, by which they are told apart
DULL = 0.05  # Oklab chroma under which a pixel may be of something grey
BINS = 16
ZERO: F64 = np.zeros(3)


class Term(Strict):
    """A colour word: samples of its colours, the lightness beyond which it is dark or light, and
    the CSS names that go with it."""

    samples: Annotated[tuple[Hex, ...], Field(min_length=1)]
    css: tuple[str, ...] = ()
    dark_below: Lightness | None = None
    light_above: Lightness | None = None


class Patch(NamedTuple):
    """One colour of a surface: `share` of the whole, mean colour in Oklab, and that of the part in
    better light, where its exact shade shows."""

    share: float
    lab: F64
    bright: F64


class Palette(NamedTuple):
    """The words of `colors.yaml`, with their samples as arrays for comparison."""

    terms: dict[str, Term]
    names: tuple[str, ...]
    samples: F64
    term_of: npt.NDArray[np.int64]


@cache
def palette() -> Palette:
    """The plain vocabulary of colors.yaml."""
    data, lines = strict_yaml.read_yaml(FILE)
    terms = {
        name: strict_yaml.parse(Term, value, f"{FILE}:{lines[(name,)]}")
        for name, value in dict(data).items()
    }
    rgb = [ImageColor.getrgb(sample) for term in terms.values() for sample in term.samples]
    numbers = [i for i, term in enumerate(terms.values()) for _ in term.samples]
    return Palette(terms, tuple(terms), oklab(np.array(rgb)), np.array(numbers))


@cache
def _linear() -> F64:
    levels = np.arange(256) / 255
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def oklab(rgb: npt.NDArray[np.integer]) -> F64:
    """sRGB (…×3, 0 to 255) in Oklab (Ottosson 2020): lightness 0 to 1, and two opponent axes.

    >>> [float(v) for v in oklab(np.array([255, 255, 255])).round(3) + 0]
    [1.0, 0.0, 0.0]
    """
    to_cones = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.asarray(np.cbrt(_linear()[rgb] @ to_cones.T) @ to_lab.T)


def patches(
    rgb: npt.NDArray[np.uint8],
    weight: npt.NDArray[np.float64],
    most: int = 6,
    *,
    by_hue: bool = False,
) -> list[Patch]:
    """The colours of N pixels (N×3, weighted), largest first: k-means in Oklab over a histogram.
    `by_hue` takes apart what is grey only in the mean: a blue, green and red bird is not grey.

    Deterministic: the seeds are the most common colour, then whatever is far and common.
    """
    cell = (rgb >> 4).astype(np.int64) @ np.array([BINS * BINS, BINS, 1])
    mass = np.bincount(cell, weight, BINS**3)
    used = np.flatnonzero(mass > mass.sum() * 1e-4)
    if not len(used):
        return []
    sums = [np.bincount(cell, weight * rgb[:, c], BINS**3)[used] for c in range(3)]
    mass = mass[used] / mass[used].sum()
    mean = np.stack(sums, axis=1) / np.bincount(cell, weight, BINS**3)[used, None]
    points = oklab(mean.round().astype(np.int64))
    seeds = [points[int(mass.argmax())]]
    gap, common = ((points - seeds[0]) ** 2).sum(1), mass**0.5
    while len(seeds) < min(most, len(points)):
        best = int((gap * common).argmax())
        if gap[best] < 0.03**2:
            break
        seeds.append(points[best])
        gap = np.minimum(gap, ((points - seeds[-1]) ** 2).sum(1))
    centres, weighted = np.array(seeds), np.column_stack((points, np.ones(len(points))))
    weighted *= mass[:, None]
    numbers, owner = np.arange(len(seeds)), np.empty(0, np.intp)
    for _ in range(6):
        before = owner
        # As near as by the whole square: a point's own length is the same for all centres.
        owner = ((centres**2).sum(1) - 2 * points @ centres.T).argmin(1)
        if np.array_equal(owner, before):
            break
        moved = (owner == numbers[:, None]) @ weighted
        total = moved[:, 3]
        centres = moved[:, :3] / np.maximum(total, 1e-12)[:, None]
    if by_hue:
        owner = _by_hue(points, mass, owner, centres)
        moved = (owner == np.arange(owner.max() + 1)[:, None]) @ weighted
        total = moved[:, 3]
        centres = moved[:, :3] / np.maximum(total, 1e-12)[:, None]
    order = np.argsort(-total, kind="stable")
    return [Patch(float(total[i]), centres[i], centres[i]) for i in order if total[i] > 0.005]


def dull(rgb: npt.NDArray[np.uint8]) -> float:
    """The share of N pixels (N×3) that have hardly any hue."""
    lab = oklab(rgb)
    return float((np.hypot(lab[:, 1], lab[:, 2]) < DULL).mean()) if len(rgb) else 0.0


def _by_hue(
    points: F64, mass: F64, owner: npt.NDArray[np.intp], centres: F64
) -> npt.NDArray[np.intp]:
    """The owners of the points, with those of one hue told apart where a mean has lost it."""
    chroma = np.hypot(points[:, 1], points[:, 2])
    turn = np.degrees(np.arctan2(points[:, 2], points[:, 1])) % 360
    sector = np.where(chroma < NEUTRAL, SECTORS, turn // (360 / SECTORS)).astype(np.intp)
    found = owner.copy()
    for i, centre in enumerate(centres):
        mine = owner == i
        if not mine.any():
            continue
        lost = np.average(chroma[mine], weights=mass[mine]) - np.hypot(*centre[1:])
        if lost > CANCELLED:
            found[mine] = found.max() + 1 + sector[mine]
    return found


def surfaces(found: list[Patch]) -> list[Patch]:
    """`patches` with light and shade of one surface merged, and glints and deep shadows dropped."""
    joined: list[list[Patch]] = []
    for patch in found:
        home = next((group for group in joined if _one_surface(group[0], patch)), None)
        if home is None:
            joined.append([patch])
        else:
            home.append(patch)
    whole = [_lit(group) for group in joined]
    colored = sum(p.share for p in whole if _chroma(p) > 0.05)
    kept = [p for p in whole if not (_is_glint_or_shadow(p) and p.share < 0.35 * colored)]
    total = sum(p.share for p in kept) or 1.0
    return sorted((p._replace(share=p.share / total) for p in kept), key=lambda p: -p.share)


def fine_pattern(
    rgb: npt.NDArray[np.uint8], solid: npt.NDArray[np.bool_]
) -> tuple[Patch, ...] | None:
    """The two colours, commoner first, of a fine all-over pattern of stripes or spots (H×W×3, a few
    thousand pixels; `solid`, H×W, marks the entity); () if they are not two; None if there is no
    such pattern.

    The mean of a fine pattern is not a colour of the entity: a zebra is not gray.
    """
    if solid.sum() < 64:
        return None
    lab, weight = oklab(rgb), solid.astype(np.float64)
    reach = (max(5, round(float(solid.sum()) ** 0.5 / 6)) | 1,) * 2
    share = np.maximum(cv2.blur(weight, reach), 1e-6)
    off = lab - cv2.blur(lab * weight[..., None], reach) / share[..., None]
    if float(np.linalg.norm(off, axis=2)[solid].mean()) < FINE:
        return None
    found = []
    for side in (-1, 1):
        half = solid & (side * off[..., 0] > 0)
        # Between stripes lie pixels of both; the farther half is of one.
        far = np.median(side * off[..., 0][half]) if half.any() else 0.0
        plain = lab[half & (side * off[..., 0] >= far)]
        if not len(plain):
            return ()  # its colours are equally light
        mean = plain.mean(0)
        if np.linalg.norm(plain[:, 1:] - mean[1:], axis=1).mean() > ONE_HUE:
            return ()
        found.append(Patch(float(half.sum() / solid.sum()), mean, mean))
    dark, light = (patch.lab for patch in found)
    along = (lab[solid] - dark) @ (light - dark) / max(((light - dark) ** 2).sum(), 1e-9)
    if ((along > 0.3) & (along < 0.7)).mean() > BLURRED:
        return ()
    return tuple(sorted(found, key=lambda patch: -patch.share))


def _lit(group: list[Patch]) -> Patch:
    """A surface's colour as people name it: by its most colourful parts or, without a hue, by the
    lightness of its better lit part."""
    share = sum(patch.share for patch in group)
    weights = [patch.share * (_chroma(patch) + 1e-6) for patch in group]
    if _chroma(group[0]) < 0.045:
        weights = [patch.share for patch in group]
    lab = sum((p.lab * (w / sum(weights)) for p, w in zip(group, weights, strict=True)), ZERO)
    ranked = sorted(group, key=lambda patch: -patch.lab[0])
    above = 0.0
    for patch in ranked:
        above += patch.share / share
        if above >= LIT and _chroma(group[0]) < 0.045:
            lab = np.array([max(lab[0], patch.lab[0]), *lab[1:]])
            break
    left, bright, total = BRIGHT * share, ZERO, 0.0
    for patch in ranked:
        # What shines is paler than the surface is.
        taken, left = min(left, patch.share), max(0.0, left - patch.share)
        weight = taken * (_chroma(patch) ** 2 if _chroma(group[0]) >= 0.045 else 1)
        bright, total = bright + patch.lab * weight, total + weight
    return Patch(share, lab, bright / total)


def _one_surface(big: Patch, small: Patch) -> bool:
    if min(_chroma(big), _chroma(small)) < 0.04:
        neutral = max(_chroma(big), _chroma(small)) < 0.045
        return neutral and abs(big.lab[0] - small.lab[0]) < 0.25
    turn = np.degrees(np.angle(complex(*big.lab[1:]) / complex(*small.lab[1:])))
    # In full light, brown and orange or pink and red are different things to people.
    return bool(abs(turn) < SHADING_DEG and abs(big.lab[0] - small.lab[0]) < 0.3)


def _is_glint_or_shadow(patch: Patch) -> bool:
    return _chroma(patch) < 0.05 and not 0.3 < patch.lab[0] < 0.9


def black_and_white(one: Patch, other: Patch) -> bool:
    """Whether people would call a pattern's two colours black and white, whatever the light."""
    low, high = sorted((one.lab[0], other.lab[0]))
    return max(_chroma(one), _chroma(other)) < 0.03 and low < 0.36 and high > 0.7


def _chroma(patch: Patch) -> float:
    return float(np.hypot(patch.lab[1], patch.lab[2]))


def likely_names(lab: F64) -> dict[str, float]:
    """Plain names for an Oklab colour with the share of people who would use each (sum 1, best
    first; only names above 2 %)."""
    book = palette()
    gap = ((book.samples - lab) ** 2).sum(1)
    nearest = np.full(len(book.names), np.inf)
    np.minimum.at(nearest, book.term_of, gap)
    vote = np.exp(-(nearest - nearest.min()) / (2 * SPREAD**2))
    vote /= vote.sum()
    return {book.names[i]: float(vote[i]) for i in np.argsort(-vote) if vote[i] > 0.02}


def resembles(lab: F64, name: str) -> bool:
    """Whether a surface of that Oklab colour, in whatever light, can be what a label calls `name`.

    Lightness counts half, since shade and harmonisation change it more than hue. Without any hue it
    is black, white or gray, whatever the label.
    """
    book, plain = palette(), name.removeprefix("dark ").removeprefix("light ")
    if plain not in book.terms:
        return True
    if _chroma(Patch(1.0, lab, lab)) < NEUTRAL and plain not in HUELESS:
        return False
    gap = (book.samples[book.term_of == book.names.index(plain)] - lab) * np.array([0.5, 1, 1])
    return bool((gap**2).sum(1).min() < RESEMBLES**2)


def shade(name: str, lightness: float) -> tuple[str, bool]:
    """ "dark", "light" or "" for a colour of that Oklab lightness, and whether that is plain."""
    term = palette().terms[name]
    low, high = term.dark_below or 0.0, term.light_above or 1.0
    word = "dark" if lightness < low else "light" if lightness > high else ""
    return word, min(abs(lightness - low), abs(lightness - high)) > SHADE_DOUBT
