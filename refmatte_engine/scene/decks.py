"""Decks: cards in an order that is drawn anew each time they run out, dealt by position."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from refmatte_engine.randomness import stream


def dealt(
    seed: int, deck: str, split: str, pool: Sequence[str], start: int, count: int
) -> list[str]:
    """Cards `start` … `start + count - 1` of a deck of the `pool`."""
    cards = []
    for position in range(start, start + count):
        epoch, place = divmod(position, len(pool))
        cards.append(pool[shuffled(seed, deck, split, epoch, len(pool))[place]])
    return cards


@lru_cache(maxsize=16)
def shuffled(seed: int, deck: str, split: str, epoch: int, cards: int) -> NDArray[np.int64]:
    """The order of a deck of so many cards, which neighbouring images deal from."""
    return stream(seed, deck, split, epoch).permutation(cards)
