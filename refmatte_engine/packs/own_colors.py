"""The own colours of image + alpha pairs: estimated once, kept compressed in the cache."""

from __future__ import annotations

import hashlib
import struct
import zlib
from pathlib import Path

import numpy as np
from isal import isal_zlib

from refmatte_engine.errors import InputError
from refmatte_engine.images import foreground_color
from refmatte_engine.packs import cutouts
from refmatte_engine.packs.cutouts import Cutout
from refmatte_engine.records import U8, Foreground
from refmatte_engine.storage import files

FOLDER = f"colors-{cutouts.VERSION}.{foreground_color.VERSION}"
# Before the compressed colours: the recomposition error, and how many colours there are.
_HEAD = struct.Struct("<fI")


def of(cutout: Cutout, foreground: Foreground, cache: Path) -> U8:
    """Straight RGBA of the pair in its own colours, as in `cutouts.own_colors`: from the cache, or
    estimated and kept there."""
    soft = _soft(cutout.rgba[..., 3])
    found = _read(_file(cache, foreground), int(np.count_nonzero(soft)))
    if found is None:
        return _estimated(cutout, foreground, cache)[0]
    rgba = cutout.rgba.copy()
    rgba[soft, :3] = found
    return rgba


def of_thing(image: U8, alpha: U8, cache: Path) -> U8:
    """The straight colours, uint8 H×W×3, of what an alpha (uint8 H×W) means in an image, as in
    `foreground_color.own_color`: from the cache, or estimated and kept there."""
    content = hashlib.blake2b(repr(image.shape).encode(), digest_size=16)
    for pixels in (image, alpha):
        content.update(np.ascontiguousarray(pixels).data)
    digest, soft = content.hexdigest(), _soft(alpha)
    file = cache / FOLDER / digest[:2] / f"{digest}.z"
    found = _read(file, int(np.count_nonzero(soft)))
    if found is None:
        color, wrong = foreground_color.own_color(image, alpha)
        _keep(file, color[soft], wrong)
        return color
    color = np.where(alpha[..., None] == 255, image, np.uint8(0))
    color[soft] = found
    return color


def error(foreground: Foreground, cache: Path) -> float | None:
    """The recomposition error of what the cache holds of the pair; None if that is nothing."""
    try:
        with _file(cache, foreground).open("rb") as file:
            return round(float(_HEAD.unpack(file.read(_HEAD.size))[0]), 2)
    except (OSError, struct.error):
        return None


def estimate(root: Path, foreground: Foreground, cache: Path) -> float | InputError:
    """Estimates the colours of a pair that lies in `root`, keeps them, and returns the error of the
    recomposition; or why its files cannot be used any more."""
    try:
        cutout = cutouts.of_file(root, foreground)
        return round(_estimated(cutout, foreground, cache)[1], 2)
    except InputError as problem:
        return problem


def _estimated(cutout: Cutout, foreground: Foreground, cache: Path) -> tuple[U8, float]:
    rgba, wrong = cutouts.own_colors(cutout)
    wrong = float(np.float32(wrong))  # as it is read again
    _keep(_file(cache, foreground), rgba[_soft(rgba[..., 3]), :3], wrong)
    return rgba, wrong


def _keep(file: Path, colors: U8, wrong: float) -> None:
    # Of each colour, in the order of the rows, its difference to the one before: half the size.
    steps = np.diff(colors, axis=0, prepend=np.zeros((1, 3), np.uint8))
    packed = isal_zlib.compress(np.ascontiguousarray(steps.T), 1)
    files.write_cache(file, _HEAD.pack(wrong, len(colors)) + packed)


def _read(file: Path, count: int) -> U8 | None:
    """The `count` colours in the file; None if it is not there, or broken."""
    try:
        data = file.read_bytes()
        files.touch(file)
        if _HEAD.unpack_from(data)[1] != count:
            return None
        unpacking = zlib.decompressobj()
        plain = unpacking.decompress(data[_HEAD.size :], max(1, 3 * count))
        if len(plain) != 3 * count or not unpacking.eof:
            return None
    except (OSError, struct.error, zlib.error):
        return None
    steps = np.frombuffer(plain, np.uint8).reshape(3, count)
    colors: U8 = np.cumsum(steps, axis=1, dtype=np.uint8).T
    return colors


def _soft(alpha: U8) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    soft: np.ndarray[tuple[int, int], np.dtype[np.bool_]] = (alpha > 0) & (alpha < 255)
    return soft


def _file(cache: Path, foreground: Foreground) -> Path:
    """By the cut-out, and by the picture: what lies around the thing counts as well."""
    digest = foreground.digest
    name = f"{digest}-{foreground.content}.z"
    return cache / FOLDER / digest[:2] / name
