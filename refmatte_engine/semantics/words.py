"""Words that are not categories but that the lexicon knows something about (words.yaml)."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import BeforeValidator

from refmatte_engine.config import resources, strict_yaml
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.semantics import english


def _taken_apart(text: Any) -> Any:
    return tuple(text.split(", ")) if isinstance(text, str) else text


Listed = Annotated[tuple[str, ...], BeforeValidator(_taken_apart)]


class Words(Strict):
    """words.yaml: by synset, the words that surely mean it, those that any member may also be
    called, and hypernyms that WordNet lacks; and words that are no one's for a thing in sight."""

    known: dict[str, Listed]
    roles: dict[str, Listed]
    kinds_of: dict[str, Listed]
    made_of: Listed
    names: Listed
    unspoken: Listed


@cache
def read() -> Words:
    """The words of assets/lexicon/words.yaml."""
    return strict_yaml.load(Words, resources.ASSETS / "lexicon" / "words.yaml")


@cache
def _known() -> dict[str, str]:
    return {word: synset for synset, listed in read().known.items() for word in listed}


def known(word: str) -> str | None:
    """The synset that a word surely means ("almond": a nut), or None."""
    return _known().get(word) or _known().get(english.singular(word))


@cache
def roles(word: str) -> frozenset[str]:
    """The synsets whose members may all have that name: a dog may be a "pet"."""
    return frozenset(synset for synset, listed in read().roles.items() if word in listed)


@cache
def names() -> dict[str, str]:
    """Names as written, by their lower-case form: "iphone" gives "iPhone"."""
    return {name.lower(): name for name in read().names}


@cache
def made_of() -> frozenset[str]:
    """Words that turn the name of an animal or person into that of an object: "plush"."""
    return frozenset(read().made_of)
