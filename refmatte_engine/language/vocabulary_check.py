"""Faults in a vocabulary: unknown names, and words that would say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from refmatte_engine.language.faults import Faults, Key
from refmatte_engine.language.grammar import Pattern
from refmatte_engine.language.vocabulary import File, Vocabulary
from refmatte_engine.semantics.relations import AMID, ORDERS, POSITIONS, RELATIONS

SECTIONS = ("words", "nouns", "slots", "positions", "relations", "orders")
SAID = {"say", "plural", "stem", "pair", "words", "superlative", "comparative", "side", "ordinal",
        "count"}  # fmt: skip
NAME = re.compile(r"[a-z_0-9]+")  # what {slots} are called
# Slots that the engine fills, so that no vocabulary can.
OURS = ("noun", "position", "relation", "count", "superlative", "comparative", "ordinal", "side",
        "one", "other", "several", "target", "second")  # fmt: skip


def examine(words: Vocabulary, faults: Faults) -> None:
    """Notes all faults of a vocabulary by itself."""
    file = words.file
    for section, known in (("positions", POSITIONS), ("relations", {**RELATIONS, **AMID})):
        for name in getattr(file, section):
            faults.one_of(name, known, (section, name), f"one of the {section}")
    for section in ("superlative", "comparative", "side"):
        for name in getattr(file.orders, section):
            faults.one_of(name, ORDERS, ("orders", section, name), "an order")
    for section, most in (("ordinal", 5), ("count", 99)):
        for name in getattr(file.orders, section):
            if name not in map(str, range(2, most + 1)):
                problem = f"{name!r} is not a number that can be said"
                allowed = f'"2" to "{most}", in digits'
                faults.note(("orders", section, name), problem, allowed=allowed)
    _check_slots(file, faults)
    for key, text in _texts(file, ()):
        if not text.strip():
            faults.note(key, "is blank, so that it says nothing", todo="write a word")
        elif key[0] in ("nouns", "slots", "orders") and key[-1] != "pair" and "{" in text:
            faults.note(key, f"{text!r} is a word, in which {{slots}} are not filled")
    for section in ("words", "positions", "relations"):
        for name, ways in getattr(file, section).items():
            for i, way in enumerate(ways):
                if way.conditions:
                    todo = "put `when` and `unless` into the template file"
                    faults.note((section, name, i), f"{name!r} has conditions", todo=todo)
    for section, phrases in (("positions", words.positions), ("relations", words.relations)):
        for name, patterns in phrases.items():
            _check_phrase((section, name), patterns, file, faults)


def examine_plurals(file: File, faults: Faults) -> None:
    """Notes the first noun whose plural the templates say and nobody knows."""
    missing = [
        (("nouns", i, "say", k), word.say)
        for i, noun in enumerate(file.nouns)
        for k, word in enumerate(noun.say)
        if word.plural is None and word.counted
    ]
    if missing and file.plurals is None:
        key, say = missing[0]
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        todo = f"write {{say: {say}, plural: …}}, or for all nouns `plurals: none` at the top"
        faults.note(
            key, f"{say!r} has no plural{more}, and templates say {{noun:plural}}", todo=todo
        )


def _check_slots(file: File, faults: Faults) -> None:
    sections = ("slots", "any_of", "agreement", "words")
    owner: dict[str, str] = dict.fromkeys(OURS, "the engine's")
    for section in sections:
        for name in getattr(file, section):
            if not NAME.fullmatch(name):
                problem = f"{name!r} cannot be written as {{{name}}}"
                faults.note((section, name), problem, allowed="a to z, 0 to 9 and _")
            elif name in owner:
                faults.note((section, name), f"{name!r} is {owner[name]} already", todo="rename it")
            owner.setdefault(name, f"one of the {section}")
    for name, slot in file.slots.items():
        key: Key = ("slots", name)
        heads = [other for other, found in file.slots.items() if found.head and found.of is None]
        if slot.of is not None:
            faults.one_of(slot.of, heads, (*key, "of"), "a slot with `head: true`")
        if slot.of is not None and (slot.head or slot.negated):
            faults.note(key, f"{name!r} describes a part and can be neither `head` nor `negated`")
        if slot.like is not None:
            faults.one_of(slot.like, file.slots, (*key, "like"), "a slot")
            if name in _likes(name, file):
                faults.note((*key, "like"), f"{name!r} is like itself", todo="name another slot")
        if slot.pair is not None and sorted(re.findall(r"\{.*?\}", slot.pair)) != [
            "{first}", "{second}"
        ]:  # fmt: skip
            faults.note((*key, "pair"), f"{slot.pair!r} does not say both",
                        allowed="{first} and {second}, once each")  # fmt: skip
    for name, parts in file.any_of.items():
        for i, part in enumerate(parts):
            key = ("any_of", name, i)
            faults.one_of(part, file.slots, key, "a slot")
            if part in file.slots and (file.slots[part].of or file.slots[part].head):
                faults.note(key, f"{part!r} describes a part and must stand by itself",
                            todo="use the slot in the templates")  # fmt: skip


def _likes(name: str, file: File) -> list[str]:
    """The slots that a slot is like, one after the other."""
    found: list[str] = []
    at = file.slots[name].like
    while at in file.slots and at not in found:
        found.append(at)
        at = file.slots[at].like
    return found


def _texts(value: Any, key: Key) -> Iterator[tuple[Key, str]]:
    """All texts below a value of the file that are said, and where they stand."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            if not key or name in SAID:
                yield from _texts(getattr(value, name), (*key, name))
    elif isinstance(value, dict) and key[0] in SECTIONS:
        for name, item in value.items():
            yield from _texts(item, (*key, name))
    elif isinstance(value, tuple) and key[0] in SECTIONS:
        for i, item in enumerate(value):
            yield from _texts(item, (*key, i))
    elif isinstance(value, str) and len(key) > 1:
        yield key, value


def _check_phrase(key: Key, patterns: tuple[Pattern, ...], file: File, faults: Faults) -> None:
    """Notes a phrase that does not name exactly the things that it is about, says nothing else, or
    asks for a form that no table of the vocabulary knows."""
    section, name = key
    wanted = [] if section == "positions" else ["second", "target"] if name in AMID else ["target"]
    for pattern in patterns:
        slots = [slot.name for slot in pattern.slots]
        if sorted(slots) != wanted:
            allowed = " and ".join(f"{{{slot}}}" for slot in sorted(wanted)) or "no slot"
            odd = f"{{{slots[0]}}}" if slots else "no slot"
            faults.note(key, f"{name!r} has {odd}", allowed=f"{allowed}, once")
            return
        if not any(isinstance(piece, str) and piece.strip() for piece in pattern.pieces):
            faults.note(key, f"{name!r} can be said without a word", todo="leave nothing empty")
            return
        for slot in pattern.slots:
            if slot.form:
                what = "a form of the vocabulary's `agreement`"
                faults.one_of(slot.form, file.forms, key, what)
