"""Postures: how things rest where they have a ground (`postures.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from refmatte_engine.config import strict_yaml
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.errors import InputError
from refmatte_engine.records import Posture
from refmatte_engine.semantics import english, lexicon


class Postures(Strict):
    """postures.yaml: by posture, categories and synsets."""

    lying: tuple[str, ...]
    flat: tuple[str, ...]
    hanging: tuple[str, ...]
    standing: tuple[str, ...]


@cache
def of(category: str) -> Posture:
    """The posture of a category's things: its own, or that of the nearest listed kind that it is
    of; of what the lexicon does not know, that of its last word; else they stand or float.

    >>> [of(name) for name in ("umbrella", "tin spoon", "curtain", "mug", "balloon")]
    ['lying', 'flat', 'hanging', 'standing', 'standing']
    """
    name = lexicon.normal(category)
    known = name if lexicon.meanings(name) else english.parts(name)[1]
    meant = lexicon.meanings(known)[: lexicon.is_usual(known)]
    above = lexicon.above(meant[0]) if meant else ()
    return next((_listed()[synset] for synset in above if synset in _listed()), "standing")


def labelled(category: str, lies: bool | Literal["flat"] | None, hangs: bool | None) -> Posture:
    """The posture of a thing by its label, else that of its category.

    >>> labelled("umbrella", False, None), labelled("leaf", None, None)
    ('standing', 'flat')
    """
    if hangs:
        return "hanging"
    if lies is not None:
        return "flat" if lies == "flat" else "lying" if lies else "standing"
    usual = of(category)
    return "standing" if usual == "hanging" and hangs is False else usual


@cache
def _listed() -> Mapping[str, Posture]:
    """Postures by synset. InputError for what is neither a category nor a synset of WordNet."""
    path = lexicon.FOLDER / "postures.yaml"
    postures = strict_yaml.load(Postures, path)
    lists: Mapping[Posture, tuple[str, ...]] = {
        "lying": postures.lying,
        "flat": postures.flat,
        "hanging": postures.hanging,
        "standing": postures.standing,
    }
    found: dict[str, Posture] = {}
    for posture, names in lists.items():
        for each in names:
            name = lexicon.entry(each)
            if name is None and not (".n." in each and lexicon.exists(each)):
                raise InputError(path, f"{each!r} is neither a category nor a synset of WordNet")
            found[lexicon.categories()[name].sense if name else each] = posture
    return found
