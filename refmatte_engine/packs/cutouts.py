"""Cut-outs: the cropped pixels of foregrounds, in several sizes."""

from __future__ import annotations

import hashlib
from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import cv2
import numpy as np

from refmatte_engine.errors import InputError
from refmatte_engine.images import alphas, foreground_color, image_io, matte_faults, mattes
from refmatte_engine.records import U8, U16, Foreground
from refmatte_engine.storage.files import read_bytes

SEEN = mattes.SEEN
SMALLEST_PX = 24
VERSION = 7


@dataclass(frozen=True, slots=True)
class Cutout:
    """A decoded foreground: straight RGBA (uint8 H×W×4) cropped to its alpha's box, 0 where alpha
    is 0; the digest of these pixels; the sides where the picture cut it off; doubts about it, or
    what was cleaned. `mixed` is the picture that a pair is cut from; `touches` says in words where
    the thing meets the edge of its picture."""

    rgba: U8
    digest: str
    cut_edges: tuple[str, ...]
    notes: tuple[str, ...] = ()
    mixed: Mixed | None = None
    touches: str = ""


class Mixed(NamedTuple):
    """The picture (uint8 H×W×3) and the alpha (uint8 H×W) of a pair around the thing, and the rows
    and columns of the thing in them."""

    picture: U8
    alpha: U8
    thing: tuple[slice, slice]


def decode(
    data: bytes,
    alpha_data: bytes | None,
    fix: Container[str] = (),
    *,
    examine: Literal["", "alpha", "photograph"] = "",
) -> Cutout:
    """The cut-out in an encoded picture with alpha, or in a picture and its alpha. What `fix` names
    is cured where it is found: "dust", "invert", "scale". To `examine` the alpha, or it and the
    photograph behind, finds more doubts and takes as long again.

    The colours of a pair are still mixed with its background's. InputError, without a file name, if
    either is broken, the sizes differ, or the alpha is empty, full, inverted, or not a matte at
    all.
    """
    notes: list[str] = []
    if alpha_data is None:
        rgba = image_io.decode_rgba(data, "", doubts=notes)
        levels: U8 | U16 = rgba[..., 3]
    else:
        image = image_io.decode_rgb(data, "", doubts=notes)
        doubts: list[str] = []
        levels = image_io.decode_levels(alpha_data, "its alpha", doubts=doubts)
        notes += [f"its alpha: {doubt}" for doubt in doubts]
        if "scale" in fix and image.shape[:2] != levels.shape:
            image, levels, told = _of_one_size(image, levels)
            notes += told
        if image.shape[:2] != levels.shape:
            raise _of_other_size(data, image, alpha_data, levels)
        turned, exchanges = _turned_alone(data, alpha_data)
        # An alpha of pictures that stand upright has their size only if it was made upright.
        if turned and not (exchanges and levels.shape[0] != levels.shape[1]):
            notes.append(f"{turned}: do they fit?")
    stretched, told_of = mattes.rescaled(levels)
    if told_of and "scale" in fix:
        levels = stretched
        notes.append(told_of)
    if (error := mattes.misread(levels)) is not None:
        hint = ", or write `fix: [scale]` in pack.yaml" if told_of else ""
        raise InputError("", error.problem, todo=f"{error.todo}{hint}")
    alpha = image_io.rounded(levels)
    if "invert" in fix and mattes.is_inverted(alpha) and alpha.min() < mattes.OPAQUE:
        alpha = np.asarray(255 - alpha, np.uint8)
        notes.append("its alpha is opaque along most of its border: inverted")
    if alpha.min() >= mattes.OPAQUE:
        raise InputError("", "is opaque everywhere, so nothing is cut out")
    if alpha.min() > mattes.FLOOR_MOST:
        problem = f"is nowhere fully transparent: its alpha is at least {alpha.min()} of 255"
        raise InputError("", problem, todo="stretch it to 0 … 255, or leave a transparent border")
    if mattes.is_inside_out(alpha):
        problem = "is opaque along all borders and clear inside: is its alpha inverted?"
        todo = (
            "invert it, or write `fix: [invert]` in pack.yaml; if it is a frame, leave a "
            "transparent border around it"
        )
        raise InputError("", problem, todo=todo)
    alpha, said = mattes.cleaned(alpha, fix)
    suspicions = mattes.suspicions(alpha)
    notes += [*said, *suspicions]
    touches = ""
    if examine and not suspicions:  # what may be no alpha has no holes in it
        notes += matte_faults.faults(alpha, image if examine == "photograph" else None)
        touches = matte_faults.touches(alpha, is_photograph=alpha_data is not None)
    around = alphas.box(alpha, at_least=mattes.FAINT)
    assert around is not None
    x0, y0, x1, y1 = around
    if max(x1 - x0, y1 - y0) < SMALLEST_PX:
        problem = f"is only {x1 - x0}×{y1 - y0} pixels"
        raise InputError("", problem, allowed=f"{SMALLEST_PX} or more in height or width")
    if alpha_data is None and mattes.is_premultiplied(rgba):
        notes.append("has edges as dark as premultiplied colours: save straight colours")
    colors = image if alpha_data is not None else rgba[..., :3]
    crop = np.dstack((colors[y0:y1, x0:x1], alpha[y0:y1, x0:x1]))
    crop[crop[..., 3] == 0] = 0
    mixed = None
    if alpha_data is not None:
        rows, columns = foreground_color.widened(around, alpha.shape)
        y, x = y0 - rows.start, x0 - columns.start
        thing = slice(y, y + y1 - y0), slice(x, x + x1 - x0)
        mixed = Mixed(image[rows, columns], alpha[rows, columns], thing)
    cut = alphas.cut_edges(alpha, is_photograph=alpha_data is not None)
    return Cutout(crop, pixel_digest(crop), cut, tuple(notes), mixed, touches)


def of_file(root: Path, foreground: Foreground) -> Cutout:
    """The cut-out of a catalog's foreground, whose files lie in `root`. InputError if they cannot
    be read or have changed since the catalog was loaded."""
    path = root / foreground.path
    data = read_bytes(path)
    alpha = read_bytes(root / foreground.alpha_path) if foreground.alpha_path else None
    try:
        cutout = decode(data, alpha, foreground.fix)
    except InputError as error:
        raise InputError(path, str(error)) from None
    if cutout.digest != foreground.digest:
        raise InputError(path, "has changed since the catalog was loaded", todo="start again")
    return cutout


def _factor(image: U8, levels: U8 | U16) -> float:
    """By which factor the larger of the two is larger; 0 if height and width disagree."""
    large, small = sorted((image.shape[:2], levels.shape), reverse=True)
    factor = float(np.sqrt(large[0] * large[1] / (small[0] * small[1])))
    return factor if max(abs(a / factor - b) for a, b in zip(large, small, strict=True)) < 1 else 0


def _of_one_size(image: U8, levels: U8 | U16) -> tuple[U8, U8 | U16, list[str]]:
    """The two with the larger shrunk to the smaller, so that no pixel is made up; and that in
    plain words. As they are if their sizes differ by more than a factor."""
    if not (factor := _factor(image, levels)):
        return image, levels, []
    (h, w), (ah, aw) = image.shape[:2], levels.shape
    told = f"has {w}×{h} pixels, its alpha {aw}×{ah}: the larger is shrunk by {factor:.4g}"
    smaller = (min(w, aw), min(h, ah))
    if w * h > aw * ah:
        image = cv2.resize(image, smaller, interpolation=cv2.INTER_AREA)
    else:
        levels = cv2.resize(levels, smaller, interpolation=cv2.INTER_AREA)
    return image, levels, [told]


def _of_other_size(data: bytes, image: U8, alpha_data: bytes, levels: U8 | U16) -> InputError:
    """The error for an alpha whose size is not its picture's."""
    (h, w), (ah, aw) = image.shape[:2], levels.shape
    problem, todo = f"has {w}×{h} pixels, its alpha {aw}×{ah}", "make both the same size"
    if factor := _factor(image, levels):
        problem = f"{problem}, which differ by a factor of {factor:.4g}"
        todo = f"{todo}, or write `fix: [scale]` in pack.yaml"
    if (h, w) == (aw, ah):
        todo = "rotate one of them"
        if turned := _turned_alone(data, alpha_data)[0]:
            problem, todo = f"{problem}: {turned}", "save both upright, without EXIF"
    return InputError("", problem, todo=todo)


def _turned_alone(data: bytes, alpha_data: bytes) -> tuple[str, bool]:
    """In plain words, that EXIF turns only one of the two; and whether that swaps width and
    height."""
    turn, of_alpha = image_io.orientation(data), image_io.orientation(alpha_data)
    if turn == of_alpha:
        return "", False
    one, other = ("the picture", "its alpha") if turn != 1 else ("its alpha", "the picture")
    said = f"EXIF turns {one} (orientation {turn if turn != 1 else of_alpha}) and not {other}"
    return said, (turn >= 5) != (of_alpha >= 5)


def pixel_digest(pixels: U8) -> str:
    """A digest of the pixels and their size: 32 hex digits, independent of how they were stored."""
    digest = hashlib.blake2b(repr(pixels.shape).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def own_colors(cutout: Cutout) -> tuple[U8, float]:
    """A pair's straight RGBA with the foreground's own colours, and the recomposition error
    (`foreground_color.own_color`)."""
    assert cutout.mixed is not None
    color, error = foreground_color.own_color(cutout.mixed.picture, cutout.mixed.alpha)
    return np.dstack((color[cutout.mixed.thing], cutout.rgba[..., 3])), error


def level(size_hw: tuple[int, int], at_least_hw: tuple[float, float]) -> int:
    """The number of √2 steps by which a picture of `size_hw` can shrink and still cover
    `at_least_hw`.

    Steps of 2 would save space but slow the last resize, from up to twice the size.

    >>> level((800, 600), (390, 290)), level((800, 600), (900, 10))
    (2, 0)
    """
    steps = 0
    while all(
        side >= max(want, 1)
        for side, want in zip(stepped(size_hw, steps + 1), at_least_hw, strict=True)
    ):
        steps += 1
    return steps


def stepped(size_hw: tuple[int, int], steps: int) -> tuple[int, int]:
    """Height and width after that many steps."""
    height, width = (round(side / 2 ** (steps / 2)) for side in size_hw)
    return height, width


def shrunk(rgba: U8, steps: int) -> U8:
    """Straight RGBA shrunk by that many √2 steps (rounded to whole pixels), area-filtered on
    premultiplied colours in float and rounded once."""
    if steps == 0:
        return rgba
    height, width = stepped((rgba.shape[0], rgba.shape[1]), steps)
    alpha = rgba[..., 3:].astype(np.float32)
    mixed: Any = np.dstack((rgba[..., :3] * (alpha / 255), alpha))
    small: Any = cv2.resize(mixed, (width, height), interpolation=cv2.INTER_AREA)
    small[..., :3] /= np.maximum(small[..., 3:], 1e-6) / 255
    result: U8 = np.rint(np.clip(small, 0, 255)).astype(np.uint8)
    result[result[..., 3] == 0] = 0
    return result
