"""The variety of texts: which share of their words, pairs of words and sentences is distinct."""

from __future__ import annotations

import hashlib
from itertools import pairwise

from refmatte_engine.storage.sorted_lines import SortedLines


class Variety:
    """The words of texts, whatever their number: what grammar and vocabulary bound is held, and
    sentences lie on disk as digests."""

    def __init__(self) -> None:
        self._words: set[str] = set()
        self._pairs: set[str] = set()
        self._sentences = SortedLines()
        self.texts = self._said = self._paired = 0

    def add(self, text: str) -> None:
        """One more text."""
        words = text.lower().split()
        self._words.update(words)
        self._pairs.update(map(" ".join, pairwise(words)))
        told = hashlib.blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=12)
        self._sentences.add(told.hexdigest().encode())
        self.texts += 1
        self._said += len(words)
        self._paired += max(0, len(words) - 1)

    def shares(self) -> dict[str, float]:
        """The shares of distinct words (distinct-1), word pairs (distinct-2, both Li et al. 2016)
        and whole sentences."""
        return {
            "distinct words": len(self._words) / max(1, self._said),
            "distinct word pairs": len(self._pairs) / max(1, self._paired),
            "distinct sentences": self._sentences.distinct() / max(1, self.texts),
        }
