"""Words → numbers, as CLIP's tokenizer has them. Nothing here needs torch, nor loads open_clip."""

from __future__ import annotations

import gzip
import html
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from refmatte_engine.errors import MissingExtra, needs

MERGES = 49152 - 256 - 2  # so many of a longer list are CLIP's
START, END = "<start_of_text>", "<end_of_text>"
PATTERN = rf"""{START}|{END}|'s|'t|'re|'ve|'m|'ll|'d|[\p{{L}}]+|[\p{{N}}]|[^\s\p{{L}}\p{{N}}]+"""


class Tokenizer:
    """Byte pair encoding by a list of merges, the commonest first, each two pieces and a space
    between them. MissingExtra without ftfy and regex."""

    def __init__(self, merges: Sequence[str]) -> None:
        with needs("onnx", "read texts"):
            import ftfy
            import regex
        self.merges = tuple(merges)
        letters = list(_letters().values())
        pairs = [tuple(merge.split()) for merge in merges]
        pieces = [*letters, *(letter + "</w>" for letter in letters), *map("".join, pairs)]
        self.numbers = {piece: i for i, piece in enumerate([*pieces, START, END])}
        self.start, self.end = self.numbers[START], self.numbers[END]
        self._ranks = {pair: rank for rank, pair in enumerate(pairs)}
        self._fixed = ftfy.fix_text
        self._found = regex.compile(PATTERN, regex.IGNORECASE).findall

    def encode(self, text: str) -> tuple[int, ...]:
        """The numbers of a text's pieces, without a start and an end."""
        return _encoded(self, text)

    def pieces(self, text: str) -> list[str]:
        """The pieces of a text; `</w>` ends a word."""
        text = html.unescape(html.unescape(self._fixed(text)))
        letters = _letters()
        found: list[str] = []
        for word in self._found(" ".join(text.split()).lower()):
            known = word in (START, END)
            spelt = "".join(letters[byte] for byte in word.encode())
            found += [word] if known else self._merged([*spelt[:-1], spelt[-1] + "</w>"])
        return found

    def _merged(self, parts: list[str]) -> list[str]:
        never = len(self._ranks)
        while len(parts) > 1:
            best = min(pairwise(parts), key=lambda pair: self._ranks.get(pair, never))
            if best not in self._ranks:
                break
            at, joined = 0, []
            while at < len(parts):
                is_best = tuple(parts[at : at + 2]) == best
                joined.append("".join(best) if is_best else parts[at])
                at += 1 + is_best
            parts = joined
        return parts


@lru_cache(4096)  # a text is asked about more than once: whether it fits, and what it says
def _encoded(tokenizer: Tokenizer, text: str) -> tuple[int, ...]:
    return tuple(tokenizer.numbers[piece] for piece in tokenizer.pieces(text))


@cache
def _letters() -> dict[int, str]:
    """A letter for each byte: its own where that can be seen, else one from 256 on."""
    seen = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in seen]
    return {byte: chr(byte) for byte in seen} | {b: chr(256 + i) for i, b in enumerate(others)}


@cache
def clip_tokenizer() -> Tokenizer:
    """CLIP's, whose merges are a file of open_clip. MissingExtra without that."""
    lines = gzip.decompress((open_clip_folder() / "bpe_simple_vocab_16e6.txt.gz").read_bytes())
    return Tokenizer(lines.decode().split("\n")[1 : MERGES + 1])


def open_clip_folder() -> Path:
    """Where open_clip lies, which is not loaded for it. MissingExtra if it is not installed."""
    found = find_spec("open_clip")
    if found is None or not found.submodule_search_locations:
        raise MissingExtra("open_clip", "clipmat", "run a model")
    return Path(found.submodule_search_locations[0])
