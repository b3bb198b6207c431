"""Postures: what lies on a ground, as it neither stands there nor floats (`lying.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from refmatte_engine.config import strict_yaml
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.errors import InputError
from refmatte_engine.semantics import english, lexicon


class Postures(Strict):
    """lying.yaml: categories and synsets that lie, and those among their kinds that do not."""

    lying: tuple[str, ...]
    standing: tuple[str, ...]


@cache
def lies(category: str) -> bool:
    """Whether things of a category lie: it, or the nearest listed kind that it is of, does; of what
    the lexicon does not know, its last word.

    >>> [lies(name) for name in ("umbrella", "tin spoon", "bread knife", "mug", "balloon")]
    [True, True, True, False, False]
    """
    name = lexicon.normal(category)
    known = name if lexicon.meanings(name) else english.parts(name)[1]
    meant = lexicon.meanings(known)[: lexicon.is_usual(known)]
    above = lexicon.above(meant[0]) if meant else ()
    return next((_listed()[synset] for synset in above if synset in _listed()), False)


@cache
def _listed() -> Mapping[str, bool]:
    """By synset, whether such things lie. InputError for what is neither a category nor a synset of
    WordNet."""
    path = lexicon.FOLDER / "lying.yaml"
    found, postures = {}, strict_yaml.load(Postures, path)
    for each in (*postures.lying, *postures.standing):
        name = lexicon.entry(each)
        if name is None and not (".n." in each and lexicon.exists(each)):
            raise InputError(path, f"{each!r} is neither a category nor a synset of WordNet")
        found[lexicon.categories()[name].sense if name else each] = each in postures.lying
    return found
