"""The pixels of cut-outs and backgrounds on disk, in several sizes: each compressed, and as a
memory map, which costs nothing to read, as far as there is room."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from refmatte_engine.errors import InputError
from refmatte_engine.images import foreground_color
from refmatte_engine.packs import cutouts
from refmatte_engine.records import U8, Foreground
from refmatte_engine.storage import files
from refmatte_engine.storage.cache_contents import Room

FOLDER = f"pixels-{cutouts.VERSION}"
BOUND = "REFMATTE_CACHE_GB"
USUAL_GB = 10.0
_MOST_WEBP_PX = 16_383

_room = Room()


def most_bytes() -> int:
    """The bound of all memory maps together: $REFMATTE_CACHE_GB, else 10 GB. InputError if that is
    no number of gigabytes."""
    said = os.environ.get(BOUND) or USUAL_GB
    try:
        gigabytes = float(said)
    except ValueError:
        gigabytes = -1.0
    if not 0 <= gigabytes < 1e6:
        allowed = "gigabytes, such as 20; 0 keeps compressed pixels only"
        raise InputError(BOUND, f"{said!r} is not a size", allowed=allowed)
    return int(gigabytes * 1e9)


def place(cache: Path, foreground: Foreground) -> Path:
    """The folder for the sizes of one cut-out. Estimated colours have a separate one."""
    folder = of_digest(cache, foreground.digest)
    if foreground.colors == "mixed":
        return folder.with_name(f"{folder.name}-{foreground.content}.{foreground_color.VERSION}")
    return folder


def of_digest(cache: Path, digest: str) -> Path:
    """The folder for the sizes of one picture, whose pixels have that digest."""
    return cache / FOLDER / digest[:2] / digest


def kept(folder: Path, steps: int, make: Callable[[], U8], channels: int = 4) -> U8:
    """The pixels of that size from the `folder` of a `place`, read-only; computed and stored there
    on first use.

    Works without the folder if it cannot be written to, and replaces a broken file.
    """
    file, packed = folder / f"{steps}.npy", folder / f"{steps}.webp"
    try:
        found = np.load(file, mmap_mode="r")
        if found.dtype == np.uint8 and found.ndim == 3:
            files.touch(file)
            return np.asarray(found)
    except (OSError, ValueError, EOFError):
        pass
    pixels = _unpacked(packed, channels)
    if pixels is None:
        pixels = make()
        if max(pixels.shape) <= _MOST_WEBP_PX:
            files.write_cache(packed, _packed(pixels))
    if _room.has(folder.parents[2], pixels.nbytes, most_bytes()):
        files.write_cache(file, pixels)
    return pixels


def _packed(pixels: U8) -> bytes:
    """Straight RGBA as WebP without loss: a fifth of the size, quick in both directions."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", lossless=True, quality=0, method=0, exact=True)
    return out.getvalue()


def _unpacked(file: Path, channels: int) -> U8 | None:
    try:
        data = file.read_bytes()
        pixels: U8 = np.array(Image.open(io.BytesIO(data), formats=["WEBP"]))
    except Exception:  # what decoders raise on broken bytes is no closed list
        return None
    files.touch(file)
    return pixels if pixels.shape[2:] == (channels,) else None
