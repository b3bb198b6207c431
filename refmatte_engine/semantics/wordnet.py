"""WordNet 3.0's nouns, read from its own files: the senses of a noun, and their hypernyms.

Bundled are the nouns that a picture can show. A synset is named by its first word and the number of
its sense: "mug.n.04".
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import NamedTuple

from refmatte_engine.config import resources
from refmatte_engine.errors import InputError

EMBEDDED = resources.ASSETS / "lexicon" / "wordnet"
# Lexicographer files by their number whose nouns a picture can show.
VISIBLE = {
    3: "Tops", 5: "animal", 6: "artifact", 8: "body", 13: "food", 17: "object", 18: "person",
    19: "phenomenon", 20: "plant", 25: "shape", 27: "substance",
}  # fmt: skip
ROOT = "entity.n.01"


class Synset(NamedTuple):
    """A sense: its name, its lexicographer file ("food"; empty for what cannot be seen), its words
    as written, and its direct hypernyms, by name."""

    name: str
    field: str
    lemmas: tuple[str, ...]
    hypernyms: tuple[str, ...]


def own() -> Path | None:
    """$REFMATTE_WORDNET: a folder of the user's with WordNet's files, such as nltk_data's, which
    has more than the bundled nouns. InputError if the files are missing."""
    chosen = os.environ.get("REFMATTE_WORDNET")
    if chosen and not all((Path(chosen) / f"{part}.noun").is_file() for part in ("data", "index")):
        todo = "name a folder like nltk_data/corpora/wordnet, or unset REFMATTE_WORDNET"
        raise InputError(chosen, "has no data.noun and index.noun of WordNet", todo=todo)
    return Path(chosen) if chosen else None


class Reader:
    """The nouns in a folder that holds `data.noun` and `index.noun`."""

    def __init__(self, folder: Path) -> None:
        self._data = (folder / "data.noun").read_bytes()
        self._senses: dict[str, tuple[int, ...]] = {}
        for line in (folder / "index.noun").read_text("ascii").splitlines():
            if not line.startswith(" "):  # the licence
                lemma, *fields = line.split()
                # The offsets stand last; the third field says how many there are.
                self._senses[lemma] = tuple(int(o) for o in fields[-int(fields[1]) :])
        self._read: dict[int, Synset] = {}

    def synsets(self, word: str) -> tuple[Synset, ...]:
        """The senses of the word as given, commonest first."""
        offsets = self._senses.get(word.replace(" ", "_").lower(), ())
        return tuple(self._at(offset) for offset in offsets)

    def words(self) -> tuple[str, ...]:
        """All nouns, in lower case."""
        return tuple(word.replace("_", " ") for word in self._senses)

    def knows(self, word: str) -> bool:
        """Whether the word, as given, is one of the nouns."""
        return word.replace(" ", "_").lower() in self._senses

    def synset(self, name: str) -> Synset | None:
        """The synset of that name."""
        lemma, _, number = name.partition(".n.")
        offsets = self._senses.get(lemma, ())
        if not number.isdecimal() or not 0 < int(number) <= len(offsets):
            return None
        found = self._at(offsets[int(number) - 1])
        return found if found.name == name else None

    def _at(self, offset: int) -> Synset:
        if offset not in self._read:
            field = self._line(offset)
            count = int(field[3], 16)
            pointers = field[5 + 2 * count :]
            above = [int(o) for kind, o in zip(pointers[::4], pointers[1::4], strict=False)
                     if kind == "@"]  # fmt: skip
            self._read[offset] = Synset(
                self._name(offset, field),
                VISIBLE.get(int(field[1]), ""),
                tuple(field[4 : 4 + 2 * count : 2]),
                tuple(self._name(o, self._line(o)) for o in above),
            )
        return self._read[offset]

    def _line(self, offset: int) -> list[str]:
        line = self._data[offset : self._data.index(b"\n", offset)]
        return line.partition(b"|")[0].decode("ascii").split()

    def _name(self, offset: int, field: list[str]) -> str:
        lemma = field[4].lower()
        return f"{lemma}.n.{self._senses[lemma].index(offset) + 1:02d}"


@cache
def reader() -> Reader:
    """The reader of the user's own files if set, else of the bundled ones."""
    return Reader(own() or EMBEDDED)


def field(synset: str) -> str:
    """The lexicographer file of a synset, such as "plant"; empty for what cannot be seen."""
    found = reader().synset(synset)
    return found.field if found else ""
