"""Templates for expressions as people write them, checked and expanded, ready to be drawn from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from refmatte_engine import config, resources, vocabulary
from refmatte_engine.config import Strict
from refmatte_engine.errors import InputError
from refmatte_engine.grammar import Condition, Node, Pattern, Rules, Slot
from refmatte_engine.vocabulary import Places, Text, Vocabulary, Ways

KEYWORD = "keyword"
NAMED = ("basic", "absolute", "relative", "combined")  # the four of a label file, in its order
KINDS = (KEYWORD, *NAMED, "group", "none")
TARGET = "target"
# Slots that the engine fills itself; all others are the vocabulary's.
BUILT_IN = ("noun", "position", "relation", "superlative", "comparative", "ordinal", "side")
FORMS = ("plural", "bare")


class File(Strict):
    """A template file as it is written."""

    language: Text
    vocabulary: Text
    kinds: dict[Text, Ways]
    rules: dict[Text, Ways]
    require: tuple[Text, ...] = NAMED


class Template(NamedTuple):
    """A pattern with what it needs worked out: the `slots` to fill and in which
    `order`, and bit masks of the slots
    and conditions that must be there."""

    pattern: Pattern
    slots: tuple[Slot, ...]
    order: tuple[int, ...]
    needs: int
    when: int


@dataclass(frozen=True)
class Templates:
    """A checked template file with its vocabulary. `digest` changes with either."""

    path: str
    digest: str
    language: str
    vocabulary: Vocabulary
    require: tuple[str, ...]
    kinds: dict[str, tuple[Template, ...]]
    slot_bits: dict[str, int]
    conditions: tuple[Condition, ...]
    drawn: dict[tuple[str, int, int], tuple[tuple[Template, ...], tuple[float, ...]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def usable(
        self, kind: str, filled: int, true: int
    ) -> tuple[tuple[Template, ...], tuple[float, ...]]:
        """The templates of `kind` whose slots can be filled and whose conditions are true (bit
        masks), with their cumulative weights."""
        key = (kind, filled, true)
        if key not in self.drawn:
            fit = [
                t for t in self.kinds.get(kind, ()) if not t.needs & ~filled and not t.when & ~true
            ]
            total, sums = 0.0, []
            for template in fit:
                total += template.pattern.weight
                sums.append(total)
            self.drawn[key] = (tuple(fit), tuple(sums))
        return self.drawn[key]


def load(path: str | Path) -> Templates:
    """The template file at `path` with the vocabulary it names.

    InputError (file:line, what is allowed, the nearest valid name) if something is wrong.
    """
    path = Path(path)
    data, lines = config.read_yaml(path)
    if not isinstance(data, dict):
        raise InputError(f"{path}:1", "must be a mapping of keys to values")
    file = config.parse(File, data, path, lines)
    places = Places(path, lines)
    found = resources.template(file.vocabulary, "vocabulary", beside=path.parent)
    words = vocabulary.load(found)
    if words.file.language != file.language:
        raise InputError(
            places.at(("language",)),
            f"{file.language!r} is not the language of {found}, which is {words.file.language!r}",
        )
    for kind in file.kinds:
        places.one_of(kind, KINDS, ("kinds", kind), "a kind of expression")
    for i, kind in enumerate(file.require):
        places.one_of(kind, file.kinds, ("require", i), "one of the kinds of this file")
    if TARGET not in file.rules:
        raise InputError(
            places.at(("rules",)), f"there is no rule {TARGET!r}",
            todo="write how the other thing in a relation is named, such as: the {noun}",
        )  # fmt: skip
    rules = dict(words.rules)
    for name, ways in file.rules.items():
        rules[name] = vocabulary.entries(ways, places, ("rules", name), name)
    starts = {**file.kinds, TARGET: file.rules[TARGET]}
    for kind, ways in file.kinds.items():
        rules[f"kind {kind}"] = vocabulary.entries(ways, places, ("kinds", kind), kind)
    known = known_slots(words)
    _check_slots(rules, words, file, places)
    slot_bits = {name: 1 << i for i, name in enumerate(known)}
    patterns = {
        kind: places.expanded(
            rules,
            TARGET if kind == TARGET else f"kind {kind}",
            ("rules", kind) if kind == TARGET else ("kinds", kind),
        )
        for kind in starts
    }
    conditions = tuple(dict.fromkeys(c for made in patterns.values() for p in made for c in p.when))
    kinds = {
        kind: tuple(_template(p, words, slot_bits, conditions) for p in made)
        for kind, made in patterns.items()
    }
    digest = hashlib.sha256(path.read_bytes() + found.read_bytes()).hexdigest()[:16]
    return Templates(
        str(path), digest, file.language, words, file.require, kinds, slot_bits, conditions
    )


def known_slots(words: Vocabulary) -> tuple[str, ...]:
    """The slots that templates may use with this vocabulary."""
    return (*BUILT_IN, *words.file.slots, *words.file.any_of)


def _check_slots(rules: Rules, words: Vocabulary, file: File, places: Places) -> None:
    allowed = {*known_slots(words), *words.file.agreement, *rules}
    for section in ("kinds", "rules"):
        for name in getattr(file, section):
            for i, entry in enumerate(rules[f"kind {name}" if section == "kinds" else name]):
                for slot in slots_in(entry.nodes):
                    named = sorted(n for n in allowed if not n.startswith("kind "))
                    places.one_of(slot.name, named, (section, name, i), "a slot or a rule")


def slots_in(nodes: Sequence[Node]) -> list[Slot]:
    """All slots of a parsed text, also those in alternatives and optional parts."""
    found: list[Slot] = []
    for node in nodes:
        if isinstance(node, Slot):
            found.append(node)
        elif isinstance(node, tuple):
            found += [slot for choice in node[1] for slot in slots_in(choice)]
    return found


def _template(
    pattern: Pattern, words: Vocabulary, bits: dict[str, int], conditions: tuple[Condition, ...]
) -> Template:
    slots = tuple(s for s in pattern.slots if s.name in bits)
    needs = 0
    for slot in slots:
        needs |= bits[slot.name]
    when = sum(1 << conditions.index(c) for c in dict.fromkeys(pattern.when))
    # Which garment it is has to be known before its colour.
    order = sorted(range(len(slots)), key=lambda i: _describes_a_part(slots[i], words))
    return Template(pattern, slots, tuple(order), needs, when)


def _describes_a_part(slot: Slot, words: Vocabulary) -> bool:
    found = words.file.slots.get(slot.name)
    return found is not None and found.of is not None
