"""CSS colour names, and how different two colours look."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from PIL import ImageColor

from refmatte_engine.records import F64
from refmatte_engine.semantics import colors

SAID = 10.0  # CIEDE2000 within which a name is said of a colour
RIVAL = 3.0  # what is farther than the nearest name by no more is as good a name to somebody,
ALIKE = 5.0  # and so is whatever is as near as this
MOST = 12  # names that compete at one colour
OKLAB_TO_CONES = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
CONES_TO_XYZ = np.array(
    [
        [1.2270138511, -0.5577999807, 0.2812561490],
        [-0.0405801784, 1.1122568696, -0.0716766787],
        [-0.0763812845, -0.4214819784, 1.5861632204],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65


class Names(NamedTuple):
    """The names, their colours (N×3, CIELAB), and the plain colour words that each goes with."""

    names: tuple[str, ...]
    values: F64
    families: tuple[frozenset[str], ...]


@cache
def names() -> Names:
    """The CSS names that colors.yaml puts under a plain colour."""
    families: dict[str, set[str]] = {}
    for word, term in colors.palette().terms.items():
        for name in term.css:
            families.setdefault(name, set()).add(word)
    rgb = np.array([ImageColor.getrgb(name) for name in families])
    return Names(
        tuple(families), cielab(colors.oklab(rgb)), tuple(map(frozenset, families.values()))
    )


def nearest(lab: F64, plain: Iterable[str]) -> str | None:
    """The CSS name for an Oklab colour that the plain words `plain` describe; None if no name that
    goes with all of them is near enough."""
    gaps = _gaps(lab)
    best = min(_going_with(plain), key=lambda i: gaps[i], default=None)
    return names().names[best] if best is not None and gaps[best] <= SAID else None


def rivals(lab: F64, plain: Iterable[str] = ()) -> list[str]:
    """The CSS names that somebody might use for an Oklab colour: those about as near as the
    nearest, among all names and among those that go with its plain words."""
    gaps = _gaps(lab)
    reach = max(ALIKE, float(gaps.min()) + RIVAL)
    found = {i for i in range(len(gaps)) if gaps[i] <= reach}
    fit = [i for i in _going_with(plain) if gaps[i] <= SAID + RIVAL]
    found |= {i for i in fit if gaps[i] <= min(gaps[fit]) + RIVAL}
    ranked = sorted(found, key=lambda i: (i not in fit, gaps[i], i))
    return [names().names[i] for i in ranked[:MOST]]


def _going_with(plain: Iterable[str]) -> list[int]:
    wanted = frozenset(plain)
    return [i for i, family in enumerate(names().families) if wanted and wanted <= family]


def _gaps(lab: F64) -> F64:
    return _gaps_of(tuple(map(float, lab)))


@lru_cache(maxsize=64)
def _gaps_of(lab: tuple[float, ...]) -> F64:
    # A surface is asked for its nearest name and for its rivals.
    gaps = difference(cielab(np.array(lab)), names().values)
    gaps.flags.writeable = False
    return gaps


def cielab(oklab: F64) -> F64:
    """Oklab (…×3) as CIELAB for D65: lightness 0 to 100, and two opponent axes.

    >>> [float(v) for v in cielab(np.array([1.0, 0, 0])).round(1) + 0]
    [100.0, 0.0, 0.0]
    """
    xyz = np.asarray((oklab @ OKLAB_TO_CONES.T) ** 3 @ CONES_TO_XYZ.T) / WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack(
        [116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1
    )


def difference(one: F64, other: F64) -> F64:
    """CIEDE2000 between CIELAB colours (…×3, broadcast): about 1 is just visible, 5 is obvious.

    After Sharma, Wu and Dalal 2005.
    """
    c1, c2 = np.hypot(one[..., 1], one[..., 2]), np.hypot(other[..., 1], other[..., 2])
    g = 0.5 * (1 - _saturation((c1 + c2) / 2))
    a1, a2 = (1 + g) * one[..., 1], (1 + g) * other[..., 1]
    c1, c2 = np.hypot(a1, one[..., 2]), np.hypot(a2, other[..., 2])
    h1 = np.degrees(np.arctan2(one[..., 2], a1)) % 360
    h2 = np.degrees(np.arctan2(other[..., 2], a2)) % 360
    hueless = c1 * c2 == 0
    turn = np.where(hueless, 0.0, (h2 - h1 + 180) % 360 - 180)
    # Opposite hues: half a turn either way, and the reference's sign.
    turn = np.where((turn == -180) & (h2 > h1), 180.0, turn)
    light = other[..., 0] - one[..., 0]
    chroma = c2 - c1
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    mean_l, mean_c = (one[..., 0] + other[..., 0]) / 2, (c1 + c2) / 2
    wide = np.abs(h1 - h2) > 180
    mean_h = np.where(
        hueless, h1 + h2, (h1 + h2) / 2 + np.where(wide, np.where(h1 + h2 < 360, 180, -180), 0)
    )
    t = _hue_weight(np.radians(mean_h))
    off = (mean_l - 50) ** 2
    light = light / (1 + 0.015 * off / np.sqrt(20 + off))
    chroma = chroma / (1 + 0.045 * mean_c)
    hue = hue / (1 + 0.015 * mean_c * t)
    bend = np.radians(60 * np.exp(-(((mean_h - 275) / 25) ** 2)))
    rotation = -np.sin(bend) * 2 * _saturation(mean_c)
    return np.asarray(np.sqrt(light**2 + chroma**2 + hue**2 + rotation * chroma * hue))


def _hue_weight(h: F64) -> F64:
    """1 − 0.17 cos(h − 30°) + 0.24 cos(2h) + 0.32 cos(3h + 6°) − 0.20 cos(4h − 63°), for h in
    radians, from one cosine and one sine."""
    c1, s1 = np.cos(h), np.sin(h)
    total = 1 - 0.17 * (c1 * _at(30)[0] + s1 * _at(30)[1])
    c2, s2 = 2 * c1 * c1 - 1, 2 * s1 * c1
    total += 0.24 * c2 + 0.32 * ((c2 * c1 - s2 * s1) * _at(6)[0] - (s2 * c1 + c2 * s1) * _at(6)[1])
    return np.asarray(total - 0.20 * ((2 * c2 * c2 - 1) * _at(63)[0] + 2 * s2 * c2 * _at(63)[1]))


@cache
def _at(degrees: int) -> tuple[float, float]:
    return math.cos(math.radians(degrees)), math.sin(math.radians(degrees))


def _saturation(chroma: F64) -> F64:
    cubed = chroma * chroma * chroma  # powers take forty times as long
    seventh = cubed * cubed * chroma
    return np.asarray(np.sqrt(seventh / (seventh + 25.0**7)))
