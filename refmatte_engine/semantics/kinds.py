"""Human, animal or object: the kind of a category by the lexicon, for assets whose label gives
none."""

from __future__ import annotations

from refmatte_engine.records import KindOfThing
from refmatte_engine.semantics import english, lexicon, wordnet, words
from refmatte_engine.semantics.lexicon import LABELLED


def kind_of(category: str) -> KindOfThing:
    """The kind by the category's meaning or, if unknown, by its head noun; an animal or person made
    of something is an object.

    >>> [kind_of(c) for c in ("bride", "polar bear", "teddy bear", "plush rabbit", "hot dog")]
    ['human', 'animal', 'object', 'object', 'object']
    """
    name = lexicon.normal(category)
    if lexicon.entry(name) or words.known(name):
        return _kind(name)
    front, head, _ = english.parts(name)
    if not words.made_of().isdisjoint(front.split()):
        return "object"
    if _kind(head) == "human" or (not lexicon.meanings(head) and _ends_human(head)):
        return "human"  # the "old man" may be the boss, but is human
    return _kind(name if lexicon.is_usual(name) else head)


def _ends_human(word: str) -> bool:
    one = english.singular(word)
    ends = one.endswith(("man", "woman", "person", "boy", "girl", "lady"))
    return ends and not one.endswith(english.nouns().no_men)


def _kind(name: str) -> KindOfThing:
    """Human only if nothing else has the name ("ruler"); animal if the commonest meaning of the
    name is one, food aside ("crab")."""
    meant = lexicon.meanings(name) if lexicon.is_usual(name) else ()
    if meant and all(LABELLED["human"] in lexicon.above(each) for each in meant):
        return "human"
    alive = [each for each in meant if len(meant) == 1 or wordnet.field(each) != "food"]
    return "animal" if alive and LABELLED["animal"] in lexicon.above(alive[0]) else "object"
