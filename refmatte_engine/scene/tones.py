"""Tones: how colourful, light and dark things are, beside the picture that they come to.

A thing from a grey or a flat photograph is told among coloured ones at once. Both sides meet: a
pale thing becomes more colourful and the picture around it paler, a colourful one paler, and a flat
thing gets that picture's black and white. Nothing moves by more than a bound. No thing is tinted:
white stays white, and as white and black have no colour in any photograph, they tell of none. What
is hardly told from its surroundings gets no nearer to them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from refmatte_engine.records import U8, U16, Box

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
ONES = np.ones((1, 3), np.float32)
ENDS = 0.02, 0.98  # the shares of a surface that are darker than its black and its white
SAMPLED_PX = 64  # tones are those of so many rows and columns
AROUND = 0.15  # of a box's diagonal: its surroundings
FLAT = 0.8  # a thing is flat that has less than so much of their range from black to white
# Things of photographs are as colourful as what is around them, or more: they meet where theirs is
# so many times the other chroma.
VIVID = 1.3
# Bounds, as factors: of a thing's chroma, of its range, and of the picture's chroma.
SATURATION, STRETCH, PALER = (0.6, 1.6), 1.5, 0.5
# White and black are what is pale beyond these levels of luma; pale is what is so near to grey.
DARK, LIGHT, PALE = 30, 190, 36
APART = 30.0  # levels between the mean colours of a thing and its surroundings, that are kept

Pixels = TypeVar("Pixels", U8, U16)
Rgb = NDArray[np.float32]


class Tones(NamedTuple):
    """`black` and `white`, the luma of its ends; `chroma`: mean distance from grey;
    `told` the same with 0 for what is white or black, and `untold` the share of that; `mean`
    colour, R, G, B; all but the share in levels."""

    black: float
    white: float
    chroma: float
    told: float
    untold: float
    mean: Rgb

    def beside(self, chroma: float) -> float:
        """The thing's chroma beside that of its surroundings, which white and black things fit."""
        return max(1.0, self.told + self.untold * chroma)


def meet(
    canvas: U8,
    colors: Sequence[U16],
    turned: Sequence[U16],
    alphas: Sequence[U8],
    boxes: Sequence[Box],
    strength: float,
) -> list[U16]:
    """Things (premultiplied colours, uint16 H×W×3) and the picture that they come to, which changes
    in place, each as far as `strength`, in [0, 1], on the way to where they meet. Of `colors` tones
    are measured, so that all else is the same for the things as `turned` to other hues, which are
    returned."""
    pairs = [
        (_own(color, alpha), _tones(_around(canvas, box)))
        for color, alpha, box in zip(colors, alphas, boxes, strict=True)
    ]
    known = [(own, there) for own, there in pairs if own is not None]
    if not known:
        return list(turned)
    paler = _paler(known, strength)
    if paler < 1:
        _saturate(canvas, paler, canvas)
    return [
        color if own is None else _toned(color, alpha, own, there, paler, strength)
        for color, alpha, (own, there) in zip(turned, alphas, pairs, strict=True)
    ]


def _paler(pairs: Sequence[tuple[Tones, Tones]], strength: float) -> float:
    """The factor of the picture's chroma: below 1 where things are paler than what surrounds
    them."""
    ours = float(np.mean([own.beside(VIVID * there.chroma) for own, there in pairs]))
    theirs = float(np.mean([there.chroma for _, there in pairs]))
    factor: float = max(PALER, min(1.0, ours / max(VIVID * theirs, 1.0))) ** strength
    return factor


def _toned(color: U16, alpha: U8, own: Tones, there: Tones, paler: float, strength: float) -> U16:
    chroma = VIVID * paler * there.chroma
    saturation = float(np.clip(chroma / own.beside(chroma), *SATURATION)) ** strength
    apart = _apart(own, there, saturation, paler)
    if apart < min(APART, _apart(own, there, 1.0, paler)):
        saturation = 1.0
    span, wanted = max(8.0, own.white - own.black), FLAT * (there.white - there.black)
    gain = min(STRETCH, max(1.0, wanted / span)) ** strength
    middle = (own.white + own.black) / 2
    if gain > 1:  # about the middle; what is bright would be beyond 16 bits if first made brighter
        dark = cv2.convertScaleAbs(alpha, alpha=(1 - 1 / gain) * middle / 255)
        wide = np.multiply(dark, 255, dtype=np.uint16)
        color = cv2.subtract(color, cv2.cvtColor(wide, cv2.COLOR_GRAY2RGB))
    changed = _saturate(color, saturation, gain=gain)
    white = np.multiply(alpha, 255, dtype=np.uint16)
    return cv2.min(changed, cv2.cvtColor(white, cv2.COLOR_GRAY2RGB))


def _apart(own: Tones, there: Tones, saturation: float, paler: float) -> float:
    """How far the mean colours are apart once both have met."""
    ours, theirs = (
        tones.mean @ LUMA + factor * (tones.mean - tones.mean @ LUMA)
        for tones, factor in ((own, saturation), (there, paler))
    )
    return float(np.linalg.norm(ours - theirs))


def _saturate(rgb: Pixels, factor: float, out: Pixels | None = None, gain: float = 1) -> Pixels:
    """Colours moved away from grey of the same lightness, or towards it, and all of them times
    `gain`."""
    moved = gain * (factor * np.eye(3, dtype=np.float32) + (1 - factor) * LUMA)
    made: Pixels = cv2.transform(rgb, moved, dst=out)
    return made


def _own(color: U16, alpha: U8) -> Tones | None:
    """The tones of a thing where it is dense; None where it is nowhere."""
    step = max(1, max(alpha.shape) // SAMPLED_PX)
    dense = alpha[::step, ::step]
    inside = dense >= max(1, min(128, int(dense.max())))
    if not inside.any():
        return None
    weight = dense[inside].astype(np.float32)[:, None]
    return _tones(color[::step, ::step][inside].astype(np.float32) / weight)


def _around(canvas: U8, box: Box) -> Rgb:
    x0, y0, x1, y1 = box
    far = round(AROUND * math.hypot(x1 - x0, y1 - y0))
    window = canvas[max(0, y0 - far) : y1 + far, max(0, x0 - far) : x1 + far]
    step = max(1, max(window.shape) // SAMPLED_PX)
    return window[::step, ::step].reshape(-1, 3).astype(np.float32)


def _tones(rgb: Rgb) -> Tones:
    luma = rgb @ LUMA
    ends = [round(share * (len(luma) - 1)) for share in ENDS]
    black, white = np.partition(luma, ends)[ends]
    chroma = cv2.sqrt(cv2.transform(np.square(rgb - luma[:, None])[None], ONES))[0]
    untold = ((luma < DARK) | (luma > LIGHT)) & (chroma < PALE)
    told = float(chroma[~untold].sum()) / len(luma)
    levels = float(black), float(white), float(chroma.mean()), told
    return Tones(*levels, untold=float(untold.mean()), mean=rgb.mean(axis=0))
