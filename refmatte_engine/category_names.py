"""What a picture shows, in words: from its label, or from the folder that it lies in."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple

from refmatte_engine import english, lexicon, wordnet
from refmatte_engine.folders import shown
from refmatte_engine.labels import Remark
from refmatte_engine.pack import Pack


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say how files are kept, not what they show.
_LAYOUT = _words("""
    alpha alphas batch bg class clip com data dataset fg fgr fgs folder foreground foregrounds
    frame id image images img imgs item jpg jpeg merged misc new no nr object original originals
    other others part pha photo photos picture pictures png rgba scene seq sequence set shot subset
    test tmp training unknown unlabeled unlabelled untitled val validation video webp
""")
# 0000, n02084071, 3f2504e0-4f89
_SERIAL = re.compile(r"[a-z]{0,2}[ -]?\d{4,}|(?=.*\d)[0-9a-f]{6,}(-[0-9a-f]+)*", re.IGNORECASE)
# Marks of direction, breaks that join nothing, a byte order mark.
_INVISIBLE = (0x00AD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, 0xFEFF)
_VOWEL = re.compile("[aeiouy]", re.IGNORECASE)  # TV and DVD have none
_ADJECTIVE = re.compile(r"(en|ed|y|ing|al|ic|ous|ful|less|ish|ive|ese|ern|able|ible|ate|ted)$")
_ADJECTIVES = _words("""
    a an and big black blue brown clean closed cold cute dark dead dry electric elder empty fat
    flat fresh full giant good gray great green grey half hard high hot huge large light little
    live long low male mini modern narrow new nude old open other pale pink plain polar purple raw
    real red retro rich round sharp short single slim small smart soft square straight strong tall
    the thick thin tiny tropical two vintage warm wet white wide wild yellow young
""")
_TODO = (
    "put it in a folder named after what it shows, label it, or say `defaults: {category: …}` in "
    "pack.yaml"
)


class Named(NamedTuple):
    """A category, or else the `problem`: why a folder's name is none. `several` if the name was in
    the plural."""

    category: str
    problem: str = ""
    several: bool = False


def of_pack(source: Pack, problems: list[Remark], notes: list[Remark]) -> dict[str, str]:
    """What each foreground shows, by its path; those that nothing says it of are problems, and
    a folder that is named in the plural is noted."""
    found: dict[str, str] = {}
    several: dict[PurePosixPath, list[str]] = {}
    for picture in source.foregrounds:
        label = picture.label.category
        if label and (category := spoken_of(label)):
            found[picture.path] = category
            continue
        named = of_folder(picture.path, source.about.foregrounds)
        if named.problem:
            problems.append(Remark(shown(source.root, picture.path), named.problem))
            continue
        found[picture.path] = named.category
        if named.several:
            several.setdefault(PurePosixPath(picture.path).parent, []).append(named.category)
    for folder, ones in several.items():
        each = "its picture" if len(ones) == 1 else f"each of its {len(ones)} pictures"
        told = f"is named in the plural: {each} is taken for one {ones[0]}; label those of more"
        notes.append(Remark(shown(source.root, str(folder)), told))
    return found


def of_folder(path: str, foregrounds: str) -> Named:
    """The category that a picture's innermost folder below `foregrounds` stands for. In a folder
    named in the plural each picture shows one of these things."""
    name = PurePosixPath(path).relative_to(PurePosixPath(foregrounds)).parent.name
    return _of_name(name) if name else Named("", f"has no category; {_TODO}")


@cache
def _of_name(name: str) -> Named:
    spoken = spoken_of(name)
    words = re.sub(r"\d+", " ", spoken.lower()).split()
    if _SERIAL.fullmatch(spoken) or all(
        w in _LAYOUT or not any(c.isalpha() for c in w) for w in words
    ):
        return Named("", f"has no category: the name of its folder is none; {_TODO}")
    if lexicon.normal(spoken) in lexicon.categories():
        return Named(spoken)
    listed = (one for one in (spoken[:-1], spoken[:-2]) if spoken.endswith("s"))
    one = next((one for one in listed if one in lexicon.categories()), english.singular(spoken))
    return Named(one, several=one != spoken)


@cache
def spoken_of(category: str) -> str:
    """The category as one writes it: blanks for `_`, capitals only where a name or an acronym has
    them.

    >>> [spoken_of(c) for c in ("Teddy_Bear", "SUV", "eiffel tower", "iPhone", "Wooden Chair")]
    ['teddy bear', 'SUV', 'eiffel tower', 'iPhone', 'wooden chair']
    """
    text = unicodedata.normalize("NFC", category).translate(dict.fromkeys(_INVISIBLE))
    text = " ".join(text.replace("_", " ").split())
    if text == text.lower():
        return text
    if known := _known(text):
        return known
    words = text.split(" ")
    ordinary = _known(words[-1]).islower()  # "Wooden Chair", not "Darth Vader"
    if len(words) == 1 or not ordinary:
        return text
    spoken: list[str] = []
    for i, word in enumerate(words):
        if _is_name(word):
            return " ".join([*spoken, *words[i:]])  # "Eiffel Tower"
        title = word[1:] == word[1:].lower() or text.isupper()
        spoken.append(_known(word) or (word.lower() if title else word))
    return " ".join(spoken)


def _is_name(word: str) -> bool:
    """Whether a word begins with a capital that it always has, as far as one can tell: it is no
    noun, and not made like an adjective."""
    lower = word.lower()
    return (
        word.isalpha()
        and word == word.title()
        and not _known(word)
        and not _ADJECTIVE.search(lower)
        and lower not in _ADJECTIVES
        and lower not in english.nouns().prepositions
    )


def _known(text: str) -> str:
    """The noun, or plural of one, as WordNet writes it: in small letters if that is one way. An
    acronym that cannot be a word stays. Empty for what it does not know."""
    lower = text.lower()
    if text.removesuffix("s").isupper() and not _VOWEL.search(text):
        return text
    if lower in english.nouns().plural_only or lower in english.nouns().mass:
        return lower
    one = english.singular(lower)
    return _as_in_wordnet(lower) or (lower if _as_in_wordnet(one).islower() else "")


def _as_in_wordnet(lower: str) -> str:
    lemmas = {
        lemma.replace("_", " ")
        for synset in wordnet.reader().synsets(lower)
        if synset.field
        for lemma in synset.lemmas
        if lemma.replace("_", " ").lower() == lower
    }
    return lower if lower in lemmas else min(lemmas, default="")
