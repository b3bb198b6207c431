"""Seeded randomness: one generator per purpose, keyed by what it is for."""

from __future__ import annotations

import zlib

import numpy as np


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
