"""Seeded randomness: one generator per purpose, keyed by what it is for."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray


def stream(seed: int, stage: str, split: str, index: int, attempt: int = 0) -> np.random.Generator:
    """A generator that depends only on its arguments.

    Same arguments, same numbers, in any process and in any order of calls (house rule: what a
    sample contains must not depend on the number of workers).

    >>> int(stream(0, "layout", "train", 7).integers(1000)) == int(
    ...     stream(0, "layout", "train", 7).integers(1000))
    True
    """
    key = (zlib.crc32(stage.encode()), zlib.crc32(split.encode()), index, attempt)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def of_pixels(seed: int, stage: str, pixels: NDArray[np.uint8]) -> np.random.Generator:
    """A generator that depends only on the seed, the stage and the pixels (uint8 H×W): what is
    drawn for a matte can be drawn again by whoever has the matte, whatever it is called."""
    key = zlib.crc32(pixels.tobytes(), pixels.shape[1])
    return stream(seed, stage, "", key)


def sample_hex(seed: int, split: str, index: int) -> str:
    """Eight hex digits that name sample `index`; no two indices of a split share them.

    RefMatte names its images by eight hex digits. Each step below is a bijection on 32 bits, so
    distinct indices stay distinct.
    """
    mask = 0xFFFFFFFF
    x = (index * 0x9E3779B1 + zlib.crc32(f"{seed}/{split}".encode())) & mask
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = ((x ^ (x >> shift)) * factor) & mask
    return f"{x ^ (x >> 16):08x}"
