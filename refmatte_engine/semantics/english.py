"""English inflection by rule: plurals, singulars, "a" or "an". No rule touches another script.

`assets/lexicon/nouns.yaml` lists what the rules get wrong. WordNet is consulted only for unlisted
words that look like plurals: "lens" is not the plural of "len".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from string import ascii_uppercase

from refmatte_engine.config import resources, strict_yaml
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.semantics import wordnet

LETTERS = "a-zA-ZÀ-ÖØ-öø-ɏ"
LATIN = re.compile(rf"[{LETTERS}][{LETTERS}\d_'’.-]*|[\w'’.-]*\d[\w'’.-]*", re.ASCII)
# How words end that are no plurals for all their s, though "corgis" and "zucchinis" are.
SINGULAR = re.compile(r"(us|(?<!in)(?<![gjk])is|ss)$")
# Plurals in "es" whose nouns end in no e: "viruses" and "brooches", not "blouses" or "purses".
NO_E = re.compile(r"(ss|[^ao]us|[^aeiou]is|[lmv]as|mos|x|[^aeiou]z|ch|sh)es$")
# Plurals that Latin and French words have, and how their nouns end.
BORROWED = {"i": "us", "ae": "a", "eaux": "eau"}
HARD_CH = re.compile(r"(stomach|monarch|triarch|oligarch|epoch|eunuch|loch|tech)$")
# Vowels that are spoken as consonants, and the other way round.
LIKE_YOU = re.compile(r"eu|ew|onc?e\b|onetime|uni([^nmd]|mo)|u[bcfgjkqrst][aeiou]|usb", re.I)
AS_VOWEL = re.compile(
    r"[aeiou]|hour(?!i)|heir|honest|hono|xray|y(b[lor]|cl[ea]|fere|gg|p[ios]|rou|tt)", re.I
)
VOWEL_LETTERS = "AEFHILMNORSX"  # whose names begin with a vowel


class Nouns(Strict):
    """nouns.yaml: the words that the rules get wrong."""

    mass: tuple[str, ...]
    plural_only: tuple[str, ...]
    singular_only: tuple[str, ...]
    unchanged: tuple[str, ...]
    plurals: dict[str, str]
    no_men: tuple[str, ...]
    acronyms: tuple[str, ...]
    prepositions: tuple[str, ...]


@cache
def nouns() -> Nouns:
    """The nouns of assets/lexicon/nouns.yaml."""
    return strict_yaml.load(Nouns, resources.ASSETS / "lexicon" / "nouns.yaml")


def parts(noun: str) -> tuple[str, str, str]:
    """What precedes a noun phrase's head, the head, and what follows it.

    >>> parts("red wine glass"), parts("bag of potato chips")
    (('red wine ', 'glass', ''), ('', 'bag', ' of potato chips'))
    """
    words = noun.split(" ")
    ends = [i for i, word in enumerate(words) if i and word in nouns().prepositions]
    at = (ends[0] if ends else len(words)) - 1
    return (
        "".join(f"{w} " for w in words[:at]),
        words[at],
        "".join(f" {w}" for w in words[at + 1 :]),
    )


def plural(noun: str) -> str:
    """The plural of an English noun phrase; plurals and mass nouns are unchanged.

    >>> [plural(n) for n in ("teddy bear", "sheep", "glass of wine", "child", "smoke", "scissors")]
    ['teddy bears', 'sheep', 'glasses of wine', 'children', 'smoke', 'scissors']
    """
    if is_mass(noun) or is_plural(noun):
        return noun
    front, head, rest = parts(noun)
    return front + _plural(head) + rest


def _plural(word: str) -> str:
    lower = word.lower()
    if one := _covered(lower, nouns().plurals):
        return word[: len(word) - len(one)] + nouns().plurals[one]
    if _covered(lower, nouns().unchanged) or not LATIN.fullmatch(word):
        return word
    if word.isupper() or lower[-1].isdecimal():
        return f"{word}s"
    if lower.endswith("man") and not lower.endswith(nouns().no_men):
        return f"{word[:-2]}en"
    if lower.endswith(("sis", "xis")):
        return f"{word[:-2]}es"
    if lower.endswith(("s", "x", "z", "sh")) or (
        lower.endswith("ch") and not HARD_CH.search(lower)
    ):
        return f"{word}es"
    if re.search(r"([^aeiou]|qu)y$", lower):
        return f"{word[:-1]}ies"
    return f"{word}s"


def _covered(word: str, listed: Iterable[str]) -> str:
    """The longest listed word that `word` equals or ends in; empty if there is none."""
    fit = (one for one in listed if word == one or (len(one) > 3 and word.endswith(one)))
    return max(fit, key=len, default="")


def singular(noun: str) -> str:
    """The singular of the noun phrase `noun`, or `noun` itself if it is not a plural.

    >>> [singular(n) for n in ("teddy bears", "glasses of wine", "lens", "scissors", "wugs")]
    ['teddy bear', 'glass of wine', 'lens', 'scissors', 'wug']
    """
    front, head, rest = parts(noun)
    one = _singular(head)
    if head.lower() == "glasses":
        # Eyes have glasses; wine glasses and glasses of wine are several.
        whole, knows = f"{front}glass", wordnet.reader().knows
        if rest.startswith(" of ") or (front and (knows(whole) or knows(whole.replace(" ", "")))):
            one = head[:-2]
    return front + one + rest


@cache
def _singular(word: str) -> str:
    lower, listed, knows = word.lower(), nouns(), wordnet.reader().knows
    several = {plural: one for one, plural in listed.plurals.items()}
    if lower in listed.plural_only or lower in listed.mass or _covered(lower, listed.unchanged):
        return word
    if lower in several:
        return several[lower].title() if word.istitle() else several[lower]
    for one in (word[:-1], word[:-2]):  # "mangos", "persons", "fishes"
        known = one.lower() in listed.plurals or _covered(one.lower(), listed.unchanged)
        if known and word in (f"{one}s", f"{one}es"):
            return one
    fit = [one for one in _guesses(word) if _plural(one) == word]
    if named := [one for one in fit if knows(one)]:
        return named[0]
    # WordNet lists plurals only where they are words of their own.
    if knows(word):
        return word
    found = _covered(lower, several)
    if found and (not found.endswith("ice") or knows(lower.removesuffix(found) + several[found])):
        return word[: len(word) - len(found)] + several[found]
    for ending, its in BORROWED.items():
        one = word.removesuffix(ending) + its
        if lower.endswith(ending) and knows(one):
            return one
    is_one = SINGULAR.search(lower) or lower in listed.singular_only
    if not fit or (is_one and not word[:-1].isupper()):
        return word
    # Of unknown words, those in "ies" have lost a y.
    return fit[-1] if lower.endswith("ies") or NO_E.search(lower) else fit[0]


def _guesses(word: str) -> tuple[str, ...]:
    """What the word may be the plural of by the rules, likeliest first."""
    lower = word.lower()
    if lower.endswith("women"):
        return (f"{word[:-2]}an",)
    if lower.endswith("men"):  # "firemen", but no "specimen"
        knows, stem = wordnet.reader().knows, lower[:-3]
        known = knows(f"{stem}man") or (len(stem) > 1 and knows(stem))
        return (f"{word[:-2]}an",) if known else ()
    if not lower.endswith("s") or lower.endswith("ss") or len(word) < 3:
        return ()
    return word[:-1], f"{word[:-2]}is", word[:-2], f"{word[:-3]}y"


def written_as(noun: str) -> tuple[str, ...]:
    """What else the noun phrase, or its plural, may name by its form: several of something.

    >>> written_as("glasses"), written_as("axe"), written_as("orange")
    (('glasse', 'glassis', 'glass'), ('axes', 'axis', 'ax'), ('oranges',))
    """
    several = plural(noun)
    front, head, rest = parts(several)
    ones = (front + one + rest for one in _guesses(head) if _plural(one) == head)
    return tuple(each for each in (several, *ones) if each != noun)


def is_mass(noun: str) -> bool:
    """Whether it is a mass noun: no "a", no plural, "it"."""
    return parts(noun)[1].lower() in nouns().mass


def is_counted(noun: str) -> bool:
    """Whether it can be counted: neither a mass noun nor already plural, and with a known
    plural."""
    several = plural(noun) != noun or bool(_covered(parts(noun)[1].lower(), nouns().unchanged))
    return several and not is_mass(noun) and not is_plural(noun)


@cache
def is_plural(noun: str) -> bool:
    """Whether the noun is plural although it names one entity: "scissors", or a category "oranges".

    >>> [is_plural(n) for n in ("scissors", "paper wings", "lens", "octopus", "clematis")]
    [True, True, False, False, False]
    """
    only = nouns().plural_only
    return noun.lower() in only or parts(noun)[1].lower() in only or singular(noun) != noun


@cache
def a(word: str) -> str:
    """The indefinite article before a word.

    >>> [a(w) for w in ("umbrella", "unicycle", "hourglass", "SUV", "UFO", "8-bit", "iPhone")]
    ['an', 'a', 'an', 'an', 'a', 'an', 'an']
    """
    first = re.split(r"[\s-]", word, maxsplit=1)[0]
    if re.match(r"8|(11|18)(\D|$|\d{3}(\D|$))", word):
        return "an"
    capitals = len(first) - len(first.lstrip(ascii_uppercase))
    spelt = re.match(r"[A-Z][\d.&]", first) or (
        capitals > 1
        and first not in nouns().acronyms
        and (capitals < 4 or not re.match(r"[^AEIOU]?[AEIOU]", first))
    )
    if spelt or len(first) == 1:
        return "an" if first[0].upper() in VOWEL_LETTERS else "a"
    if LIKE_YOU.match(word):
        return "a"
    return "an" if AS_VOWEL.match(unicodedata.normalize("NFD", word)) else "a"


LAST_ARTICLE = re.compile(r"(?<!\S)an? $")


def article(text: str, several: bool) -> str:
    """The text before a word, its last "a" or "an" left open (`a~`) until the word is known, or
    dropped if `several`."""
    if not text.endswith(("a ", "an ")):
        return text
    return LAST_ARTICLE.sub("" if several else "a~ ", text)


VERBS = {"is": "are", "isn't": "aren't", "was": "were", "has": "have", "does": "do"}
VERB = re.compile(r"(\s+)([\w']+)(?=\s|$)")
NO_VERBS = ("always", "sometimes", "perhaps", "besides")


def plural_verb(text: str, after: str) -> str:
    """The text that follows a plural noun, or a pronoun for one, with its verb in agreement.

    >>> plural_verb(" is on the left", "jeans"), plural_verb(" stands there", "that")
    (' are on the left', ' stand there')
    """
    found = VERB.match(text)
    if not found:
        return text
    verb = VERBS.get(found[2])
    third = re.search(r"[^sui]s$", found[2]) and found[2] not in NO_VERBS
    if verb is None and after in ("who", "that", "which") and third:
        verb = re.sub(r"(?<=ch|sh|ss|.x)es$|s$", "", found[2])
    return text if verb is None else f"{found[1]}{verb}{text[found.end() :]}"
