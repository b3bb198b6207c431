"""The spelling of a category's name in a sentence, whatever its folder is called."""

from __future__ import annotations

import re
from functools import cache

from refmatte_engine.semantics import english, lexicon, wordnet, words

ARTICLES = re.compile(r"^((the|an?|very) )+(?=\S)", re.IGNORECASE)  # and what only stresses
# "hatched", but no "seed", "flowerbed", "sled" or "moped".
NO_PARTICIPLE = r"(?!\w*(eed|bed|bred|shed|sled|infrared|(bi|quadru|mo)ped)$)"
PARTICIPLE = re.compile(rf"(.+) {NO_PARTICIPLE}[^\W\d]{{3,}}ed", re.IGNORECASE)
MANY = re.compile(r"^(\d+|two|three|four|five|six|several|many|some|few) |&|,|\+| and ")


@cache
def spoken(category: str) -> str:
    """The category as a sentence says it: spaces for `_`, no article, and lower case except
    acronyms, names and words with capitals inside.

    >>> [spoken(c) for c in ("Teddy_Bear", "HOT DOG", "SUV", "iPhone", "T-Shirt", "Eiffel_Tower")]
    ['teddy bear', 'hot dog', 'SUV', 'iPhone', 'T-shirt', 'Eiffel Tower']
    """
    text = ARTICLES.sub("", " ".join(category.replace("_", " ").split()))
    if text.lower() in lexicon.categories() and not _has_a_letter(text):
        return text.lower()
    if written := words.names().get(text.lower()) or _written(text):
        return written
    said, tokens = list[str](), text.split()
    shouted = text.isupper() and len(tokens) > 1
    while tokens:
        # The longest name first: "Golden Gate Bridge".
        for count in range(len(tokens), 0, -1):
            some = " ".join(tokens[:count])
            one = english.singular(some)
            if name := words.names().get(some.lower()):
                said.append(name)
            elif name := words.names().get(one.lower()):
                said.append(name + some[len(one) :])
            elif count == 1:
                said.append("-".join(_cased(part, shouted) for part in some.split("-")))
            else:
                continue
            del tokens[:count]
            break
    return " ".join(said)


def thing(name: str) -> str:
    """What a name is of that ends in what was done to it, or what it did, if that is known.

    >>> [thing(name) for name in ("chick hatched", "tiger", "sunflower seed", "wug hatched")]
    ['chick', 'tiger', 'sunflower seed', 'wug hatched']
    """
    found = PARTICIPLE.fullmatch(name)
    if found is None or lexicon.meanings(name) or lexicon.meanings(name.split()[-1]):
        return name
    return found[1] if lexicon.is_usual(found[1]) else name


def _has_a_letter(text: str) -> bool:
    """Whether it contains a single-letter part: "T-shirt", "vitamin C"."""
    return any(len(part) == 1 and part.isupper() for part in text.replace("-", " ").split())


def _cased(word: str, shouted: bool) -> str:
    """A word of a category with the capitals that belong to it."""
    if len(word) == 1 or word == word.lower():
        return word
    if not word.isupper() and word[1:] != word[1:].lower():
        return word  # iPhone, MacBook, SUVs
    if written := _written(word):
        return written
    if word.isupper() and any(letter.isdecimal() for letter in word):
        return word  # X5, 3D
    acronym = word.isupper() and len(word) < 6 and not shouted and not lexicon.meanings(word)
    return word if acronym else word.lower()


def _written(text: str) -> str | None:
    """WordNet's spelling of a word that it only writes with capitals: "German shepherd"."""
    key, synsets = text.lower().replace(" ", "_"), wordnet.reader().synsets(text)
    ways = {lemma for synset in synsets for lemma in synset.lemmas if lemma.lower() == key}
    if not ways or key in ways or english.singular(text) != text:  # "Fungi", the kingdom
        return None
    # What is hidden is mostly written small: a town, which is no person of that name.
    if {synset.field for synset in synsets} == {"person", "Tops"}:
        return None
    return min(ways).replace("_", " ")


def singular(category: str) -> str:
    """The category in the singular, if it is the plural of one thing and not a category itself.

    >>> [singular(c) for c in ("Dogs", "jeans", "chips", "people", "two cats", "cats and dogs")]
    ['Dog', 'jeans', 'chips', 'person', 'two cats', 'cats and dogs']
    """
    kept = lexicon.normal(category) in lexicon.categories() or MANY.search(lexicon.normal(category))
    return category if kept else english.singular(category)
