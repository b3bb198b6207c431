"""A template file as written: the kinds of expression, and the slots available to templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.language.grammar import Slot
from refmatte_engine.language.vocabulary import Text, Vocabulary, Ways
from refmatte_engine.records import MINIMAL, NAMED, OVERSPECIFIED

REQUIRED = (*NAMED, MINIMAL, OVERSPECIFIED)  # what `require` may ask for, of each thing
TARGET, SEVERAL = "target", "several"
NAMES = {"one": TARGET, "other": TARGET, "several": SEVERAL}  # slots that name other things
# Slots that the engine fills itself; all others are the vocabulary's.
ORDERS = ("superlative", "comparative", "ordinal", "side")
PLACED = frozenset({"position", "relation"})  # those that say where something is
BUILT_IN = ("noun", *sorted(PLACED), "count", *ORDERS, *NAMES)


class File(Strict):
    """A template file as it is written."""

    language: Text
    vocabulary: Text
    kinds: dict[Text, Ways]
    rules: dict[Text, Ways]
    require: tuple[Text, ...] = NAMED
    also: tuple[Literal["group", "none"], ...] = ()


def known_slots(words: Vocabulary) -> tuple[str, ...]:
    """The slots that templates may use with this vocabulary."""
    return (*BUILT_IN, *words.file.slots, *words.file.any_of)


def kind_rule(kind: str) -> str:
    """The name of a kind among the rules; no slot can have it."""
    return f"kind {kind}"


def described(at: int, slots: Sequence[Slot], words: Vocabulary) -> int | None:
    """The number of the slot that names the part which slot number `at` describes: the nearest in
    the same rule, else the nearest; None if it describes no part that is named."""
    slot = words.file.slots.get(slots[at].name)
    heads = [i for i, head in enumerate(slots) if slot is not None and head.name == slot.of]
    return min(
        heads, key=lambda i: (slots[i].group != slots[at].group, abs(i - at), i < at), default=None
    )
