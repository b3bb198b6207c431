"""What English nouns may name, by WordNet's own files and the embedded list of senses.

Nothing of the engine is imported: the files are read here, and plurals are undone by rules of their
own. A noun fits a thing if one of its senses is the thing's or lies above it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

LEXICON = Path(__file__).parents[2] / "assets" / "lexicon"
PRUNED = "00000000"
IRREGULAR = {"men": "man", "women": "woman", "people": "person", "children": "child",
             "mice": "mouse", "geese": "goose", "feet": "foot", "teeth": "tooth", "dice": "die",
             "oxen": "ox", "cacti": "cactus", "calves": "calf"}  # fmt: skip
HISSES = ("s", "x", "z", "ch", "sh", "o")  # only after these is "es" a plural: no orang is oranges
ENDINGS = (("ies", "y"), ("ves", "f"), ("ves", "fe"), *((f"{h}es", h) for h in HISSES),
           ("s", ""), ("", ""))  # fmt: skip
ALIVE = {"animal": "animal.n.01", "human": "person.n.01"}
PEOPLE: dict[str, dict[str, Any]] = {
    "man": {"gender": "male", "child": False}, "woman": {"gender": "female", "child": False},
    "boy": {"gender": "male", "child": True}, "girl": {"gender": "female", "child": True},
    "child": {"child": True}, "person": {}, "human": {},
}  # fmt: skip


@cache
def singulars(noun: str) -> tuple[str, ...]:
    """What the noun may be the plural of; itself last."""
    *before, last = noun.split()
    words = [IRREGULAR[last]] if last in IRREGULAR else []
    words += [last[: len(last) - len(end)] + to for end, to in ENDINGS if last.endswith(end)]
    return tuple(" ".join((*before, word)) for word in words)


def is_plural(noun: str) -> bool:
    """Whether the noun looks like several things."""
    last = noun.split()[-1]
    return last in IRREGULAR or (last.endswith("s") and not last.endswith(("ss", "us")))


@cache
def _index() -> dict[str, list[str]]:
    found = {}
    for line in (LEXICON / "wordnet" / "index.noun").read_text("utf-8").splitlines():
        if not line.startswith(" "):
            parts = line.split()
            found[parts[0]] = parts[-int(parts[2]) :]
    return found


@cache
def _above() -> dict[str, tuple[str, ...]]:
    """The synsets directly above each, by offset."""
    found = {}
    for line in (LEXICON / "wordnet" / "data.noun").read_text("utf-8").splitlines():
        if not line.startswith(" "):
            head, _, _, words, *parts = line.split("|")[0].split()
            rest = parts[2 * int(words, 16) + 1 :]  # mark, offset, part of speech, …
            found[head] = tuple(
                b for a, b in zip(rest[::4], rest[1::4], strict=True) if a[0] == "@"
            )
    return found


@cache
def _closure(offset: str) -> frozenset[str]:
    return frozenset((offset,)).union(*map(_closure, _above()[offset]))


@cache
def _listed() -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """categories.yaml with short entries written out, and words.yaml: word → what it surely is."""
    categories = yaml.safe_load((LEXICON / "categories.yaml").read_text("utf-8"))
    words = yaml.safe_load((LEXICON / "words.yaml").read_text("utf-8"))["known"]
    return (
        {k: v if isinstance(v, dict) else {"is": v} for k, v in categories.items()},
        {word.strip(): sense for sense, said in words.items() for word in said.split(",")},
    )


def _sense(name: str) -> list[str]:
    """The offset that "mug.n.04" stands for."""
    word, _, number = name.split(".")
    return _index().get(word, [])[int(number) - 1 :][:1]


@cache
def _senses(word: str) -> frozenset[str]:
    return frozenset(_index().get(word.lower().replace(" ", "_"), ())) - {PRUNED}


@cache
def _kinds(category: str) -> frozenset[str]:
    """All that things of a category are, as offsets."""
    categories, words = _listed()
    entry = categories.get(category, {})
    if "is" in entry or category in words:
        found = set(_sense(entry.get("is", words.get(category, ""))))
    elif _senses(category) or " " not in category:
        found = set(_senses(category))
    else:  # a European bear is what a bear is, and no investor
        return _kinds(category.split()[-1])
    also = [_kinds(other) for other in entry.get("also", ()) if other != category]
    return frozenset().union(*map(_closure, found), *also)


@cache
def names(noun: str, category: str, kind: str = "") -> int:
    """Whether things of a category are called so: 1, 0 (somebody might) or -1. Their kind (human,
    animal or object) tells what things of a category are that WordNet does not have."""
    entry = _listed()[0].get(category, {})
    words = {word.lower() for word in singulars(noun)}
    if category.lower() in words or words & set(entry.get("also", ())):
        return 1
    known = "is" in entry or _senses(category)  # a sea lion is no lion
    if not known and any(category.lower().endswith(f" {word}") for word in words):
        return 1
    things = _kinds(category)
    if not things and kind in ALIVE:
        things = _closure(*_sense(ALIVE[kind]))
    meant = frozenset().union(*map(_senses, words)) & things
    if meant:  # nobody counts a dog among the objects
        is_alive = any(_sense(top)[0] in things for top in ALIVE.values())
        return 0 if is_alive and meant <= _closure(*_sense("artifact.n.01")) else 1
    return 0 if words & set(entry.get("or", ())) else -1


def says(noun: str, kind: str) -> bool:
    """Whether the noun is a word for a recorded kind: a synset or a category."""
    words = [word.lower() for word in singulars(noun)]
    if ".n." not in kind:
        return kind.lower() in words
    if kind == "person.n.01" and any(word in PEOPLE for word in words):
        return True
    return any(_senses(word) & set(_sense(kind)) for word in words)
