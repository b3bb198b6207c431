"""Reads English sentences back: from a text to the clauses that it tells, by the words of the
vocabulary file alone. Nothing of how sentences are made is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

Told = tuple[str, str, str, str, bool]  # op, name, value, part, negated
FILE = Path(__file__).parents[2] / "templates" / "vocabulary" / "english.yaml"
WORN = ("garment", "legwear", "accessory")
COLOR = (
    "(?:(?:dark|light) )?(?:red|orange|yellow|green|blue|purple|pink|brown|beige|white|gray|black)"
)


class Read(NamedTuple):
    """What a text tells: a noun, clauses, and by relation what the other things are."""

    noun: str
    clauses: frozenset[Told]
    related: tuple[tuple[str, tuple[Read, ...]], ...] = ()


@cache
def vocabulary() -> dict[str, Any]:
    return dict(yaml.safe_load(FILE.read_text("utf-8")))


def said(entry: Any) -> list[str]:
    if isinstance(entry, list):
        return [text for each in entry for text in said(each)]
    return [entry["say"]] if isinstance(entry, dict) else [entry]


@cache
def words(slot: str) -> dict[str, str]:
    """The values of a slot's attribute by the words for them."""
    found = vocabulary()["slots"][slot]
    listed = found.get("words") or vocabulary()["slots"].get(found.get("like"), {}).get("words", {})
    return {word: value for value, entry in listed.items() for word in said(entry)}


@cache
def phrases(section: str) -> list[tuple[str, re.Pattern[str]]]:
    """The wordings of positions or relations as regular expressions that match a whole tail."""
    picture = "(?:" + "|".join(vocabulary()["words"]["picture"]) + ")"
    found = []
    for name, entry in vocabulary()[section].items():
        for text in said(entry):
            pattern = re.sub(r" ?\[([^]]+)\]", r"(?: \1)?", text)
            pattern = re.sub(r"\((\w+) \| (\w+)\)", r"(?:\1|\2)", pattern)
            pattern = pattern.replace("{picture}", picture)
            pattern = re.sub(r"\{(target|second)\}", r"(?P<\1>the .+)", pattern)
            found.append((name, re.compile(pattern)))
    return found


def read(text: str, nouns: frozenset[str]) -> set[Read]:
    """All that `text` may tell; `nouns` are the names that things may have. ValueError if it is no
    sentence of this English."""
    ways = set(_read(text, nouns))
    if not ways:
        raise ValueError(f"{text!r} cannot be read")
    return ways


def _read(text: str, nouns: frozenset[str]) -> Iterator[Read]:
    for head, clauses in _thing(text, nouns):
        yield Read(head, frozenset(clauses))
    for cut in (found.start() for found in re.finditer(" ", text)):
        front, tail = text[:cut], text[cut + 1 :]
        front = re.sub(r"(,| who is| that is)$", "", front)
        for head, clauses in _thing(front, nouns):
            yield from _placed(head, clauses, tail, nouns)


def _placed(noun: str, clauses: list[Told], tail: str, nouns: frozenset[str]) -> Iterator[Read]:
    for name, pattern in phrases("positions"):
        found = pattern.match(tail)
        if not found:
            continue
        here = frozenset([*clauses, ("position", name, "", "", False)])
        if found.end() == len(tail):
            yield Read(noun, here)
        elif tail[found.end() :].startswith(", "):
            rest = _placed(noun, list(here), tail[found.end() + 2 :], nouns)
            yield from (way for way in rest if way.related)
    for name, pattern in phrases("relations"):
        found = pattern.fullmatch(tail)
        if found:
            for others in _all([found[key] for key in pattern.groupindex], nouns):
                yield Read(noun, frozenset(clauses), ((name, others),))


def _all(texts: list[str], nouns: frozenset[str]) -> Iterator[tuple[Read, ...]]:
    if not texts:
        yield ()
        return
    for head, clauses in _thing(texts[0], nouns):
        for rest in _all(texts[1:], nouns):
            yield (Read(head, frozenset(clauses)), *rest)


def _thing(text: str, nouns: frozenset[str]) -> Iterator[tuple[str, list[Told]]]:
    """ "the [adjectives] noun [in clothes | with hair | facing left]"."""
    if not text.startswith("the "):
        return
    yield from _name(text[4:], nouns)
    for mark in (" in the ", " wearing ", " with ", " facing ", " who is ", " that is "):
        for found in re.finditer(re.escape(mark), text):
            for noun, clauses in _name(text[4 : found.start()], nouns):
                for more in _described(mark.strip(), text[found.end() :]):
                    yield noun, [*clauses, *more]


def _name(text: str, nouns: frozenset[str]) -> Iterator[tuple[str, list[Told]]]:
    """ "red mug": the adjectives before a noun."""
    tokens = text.split(" ")
    for i in range(len(tokens)):
        noun = " ".join(tokens[i:])
        if noun in nouns:
            for clauses in _adjectives(tokens[:i], ""):
                yield noun, clauses


def _adjectives(tokens: list[str], part: str) -> Iterator[list[Told]]:
    found: list[Told] = []
    rest = list(tokens)
    names = {"see_through": "transparent", "old": "age", "bald": "hair"}
    slots = ("pattern",) if part else ("pattern", "material", *names)
    for slot in slots:
        if rest and rest[-1] in words(slot):
            value = words(slot)[rest.pop()]
            found.append(("attribute", names.get(slot, slot), value, part, False))
    color = " ".join(rest).replace(" and ", "/")
    if color and re.fullmatch(f"{COLOR}(/{COLOR})?", color):
        found.append(("attribute", "color", color, part, False))
        yield found
    elif not color:
        yield found


def _described(mark: str, text: str) -> Iterator[list[Told]]:
    if mark == "with" and " and " in text:
        front, _, back = text.partition(" and ")
        for one in _described(mark, front):
            for other in _worn(re.sub("^an? ", "", back)):
                yield [*one, *other]
    if mark == "facing" or (mark.endswith("is") and text.startswith("facing")):
        value = words("facing").get(f"facing {text.removeprefix('facing ')}")
        if value:
            yield [("attribute", "facing", value, "", False)]
    elif mark.endswith("is"):
        if text.startswith("not wearing ") and text[12:] in words("missing"):
            yield [("attribute", "clothes", words("missing")[text[12:]], "", True)]
        elif text.startswith("not "):
            yield [("attribute", "color", text[4:].replace(" and ", "/"), "", True)]
        elif not text.startswith("wearing "):
            yield [("attribute", "color", text.replace(" and ", "/"), "", False)]
    else:
        hair = re.fullmatch(r"(?:(\w+) )?(?:(\w+) )?hair", text)
        if hair and mark == "with":
            yield from _hair([word for word in hair.groups() if word])
        for slot, name in (("hairdo", "hair"), ("beard", "facial_hair")):
            if mark == "with" and text in words(slot):
                yield [("attribute", name, words(slot)[text], "", False)]
        yield from _worn(re.sub("^(an?|the) ", "", text))


def _hair(said: list[str]) -> Iterator[list[Told]]:
    known = (("hair", words("hair")), ("hair_color", words("hair_color")))
    slots = known if len(said) == 2 else known[:1] if said[0] in words("hair") else known[1:]
    if len(slots) == len(said) and all(
        w in known for w, (_, known) in zip(said, slots, strict=True)
    ):
        yield [("attribute", name, known[w], "", False)
               for w, (name, known) in zip(said, slots, strict=True)]  # fmt: skip


def _worn(text: str) -> Iterator[list[Told]]:
    """ "red striped sweater": a garment, and what is said of it alone."""
    tokens = text.split(" ")
    for slot in WORN:
        for i in range(len(tokens)):
            value = words(slot).get(" ".join(tokens[i:]))
            if value is not None:
                for clauses in _adjectives(tokens[:i], value):
                    yield [("attribute", "clothes", value, "", False), *clauses]
