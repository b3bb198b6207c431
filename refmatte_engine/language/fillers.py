"""Fillers: for every slot of a vocabulary, the words that are true of a picture's entities, each
with the sets of entities that it surely and possibly applies to.

Sets of entities are bit masks (bit p is the entity at position p), so that whether a handful of
words picks out one entity is a handful of ANDs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

from refmatte_engine.language.grammar import Condition, Pattern
from refmatte_engine.language.vocabulary import SlotWords, Vocabulary, Word
from refmatte_engine.records import Clause, Entity
from refmatte_engine.semantics import attributes, lexicon, relations
from refmatte_engine.semantics.relations import Verdict


class Masks(NamedTuple):
    """The entities of which something is surely true, and those of which it might be."""

    sure: int
    possible: int


class Filler(NamedTuple):
    """Something true that can stand in a slot: what it claims, of whom that holds, its words."""

    clauses: tuple[Clause, ...]
    masks: Masks
    word: Word | None = None
    weight: float = 1.0
    part: str = ""
    phrases: tuple[Pattern, ...] = ()
    targets: tuple[int, ...] = ()


Options = dict[str, list[Filler]]
NO = Verdict(-1.0, False)


class Facts:
    """The facts of one scene, computed on first use."""

    def __init__(
        self, entities: Sequence[Entity], canvas_hw: tuple[int, int], words: Vocabulary
    ) -> None:
        self.entities, self.words = entities, words
        self.shapes = relations.shapes(entities, canvas_hw)
        self.told = [attributes.Told(entity.attributes) for entity in entities]
        self.everyone = (1 << len(entities)) - 1
        self._masks: dict[tuple[str, ...], Masks] = {}
        self._phrases: dict[str, list[Filler]] | None = None

    def kind(self, kind: str) -> Masks:
        """Who is of a kind (a synset or a category)."""
        key = ("category", kind)
        if key not in self._masks:
            self._masks[key] = _masks(lexicon.is_a(e.category, kind, e.kind) for e in self.entities)
        return self._masks[key]

    def attribute(self, name: str, value: str, part: str = "") -> Masks:
        """Who has an attribute."""
        key = ("attribute", name, value, part)
        if key not in self._masks:
            self._masks[key] = _masks([told.holds(name, value, part) for told in self.told])
        return self._masks[key]

    def true(self, place: int, condition: Condition) -> bool:
        """Whether a template's condition is surely met by the entity at `place`."""
        if condition.name == "is":
            masks = self.kind(condition.value)
        else:
            masks = self.attribute(condition.name, condition.value)
        if condition.negated:
            return not masks.possible >> place & 1
        return bool(masks.sure >> place & 1)

    def options(self, place: int) -> Options:
        """What may fill each slot when the entity at `place` is spoken of. Slots that describe a
        part are keyed "slot/part"."""
        found: Options = {"noun": self._nouns(place)}
        for name, slot in self.words.file.slots.items():
            if slot.negated:
                self._add(found, name, self._lacking(place, slot))
            elif slot.of is None:
                self._add(found, name, self._having(place, slot, ""))
            else:
                head = self.words.file.slots[slot.of]
                for part in (a.value for a in self.told[place].named(head.attribute)):
                    fillers = self._having(place, slot, part)
                    self._add(found, f"{name}/{part}", fillers)
                    self._add(found, name, fillers)
        for name, slots in self.words.file.any_of.items():
            self._add(found, name, [f for slot_name in slots for f in found.get(slot_name, ())])
        here = 1 << place
        for name, fillers in self._placed().items():
            self._add(
                found, name, [f for f in fillers if f.masks.sure & here and place not in f.targets]
            )
        return found

    @staticmethod
    def _add(found: Options, name: str, fillers: Iterable[Filler]) -> None:
        if more := list(fillers):
            found.setdefault(name, []).extend(more)

    def _nouns(self, place: int) -> list[Filler]:
        found = []
        for name in self.words.names(self.entities[place].category):
            masks, clauses = self.kind(name.kind), [Clause("category", name.kind)]
            for attribute, value, negated in name.where:
                fits = self.attribute(attribute, value)
                masks = both(masks, self._opposite(fits) if negated else fits)
                clauses.append(Clause("attribute", attribute, value, negated=negated, noun=True))
            if masks.sure >> place & 1:
                found.append(Filler(tuple(clauses), masks, name.word, name.weight))
        return found

    def _having(self, place: int, slot: SlotWords, part: str) -> list[Filler]:
        found, named = [], self.entities[place].category.lower().split()
        for fact in self.told[place].named(slot.attribute):
            if fact.part != part:
                continue
            values = [fact.value]
            if "color" in slot.attribute and attributes.base(fact.value) != fact.value:
                values.append(attributes.base(fact.value))
            for value in values:
                if not part and attributes.base(value) in named:
                    continue  # nobody says "the green green pepper"
                masks = self.attribute(slot.attribute, value, part)
                clauses = (Clause("attribute", slot.attribute, value, part),)
                if masks.sure >> place & 1:
                    found += [
                        Filler(clauses, masks, word, word.weight, value if slot.head else "")
                        for word in self.words.words_for(slot, value)
                    ]
        return found

    def said_of(self, part: str, filler: Filler) -> Filler:
        """A filler that describes a part, said of another part."""
        clauses = tuple(replace(clause, part=part) for clause in filler.clauses)
        masks = Masks(self.everyone, self.everyone)
        for clause in clauses:
            masks = both(masks, self.attribute(clause.name, clause.value, part))
        return filler._replace(clauses=clauses, masks=masks)

    def _lacking(self, place: int, slot: SlotWords) -> list[Filler]:
        """What others have and this entity surely has not."""
        found = []
        values = {
            fact.value
            for other in self.told
            for fact in other.named(slot.attribute)
            if not fact.part
        }
        for value in sorted(values):
            has = self.attribute(slot.attribute, value)
            lacks = self._opposite(has)
            clauses = (Clause("attribute", slot.attribute, value, negated=True),)
            if lacks.sure >> place & 1:
                found += [
                    Filler(clauses, lacks, word, word.weight)
                    for word in self.words.words_for(slot, value)
                ]
        return found

    def _opposite(self, masks: Masks) -> Masks:
        return Masks(self.everyone & ~masks.possible, self.everyone & ~masks.sure)

    def _placed(self) -> dict[str, list[Filler]]:
        """All positions and relations that somebody in the picture has."""
        if self._phrases is None:
            positions = [
                Filler(
                    (Clause("position", name),),
                    self._verdicts(
                        relations.POSITIONS[name](a, [b for b in self.shapes if b is not a])
                        for a in self.shapes
                    ),
                    phrases=phrases,
                )
                for name, phrases in self.words.positions.items()
            ]
            self._phrases = {"position": positions, "relation": self._related()}
        return self._phrases

    def _related(self) -> list[Filler]:
        found = []
        for name, phrases in self.words.relations.items():
            clauses = (Clause("relation", name),)
            related = self._amid(name) if name in relations.AMID else self._of_two(name)
            for targets, masks in related:
                if masks.sure:
                    found.append(Filler(clauses, masks, phrases=phrases, targets=targets))
        return found

    def _of_two(self, name: str) -> Iterator[tuple[tuple[int, ...], Masks]]:
        holds = relations.RELATIONS[name]
        for t, b in enumerate(self.shapes):
            yield (t,), self._verdicts(NO if a is b else holds(a, b) for a in self.shapes)

    def _amid(self, name: str) -> Iterator[tuple[tuple[int, ...], Masks]]:
        """In either order of the two: what lies between them is the same, the words are not."""
        holds = relations.AMID[name]
        for (t, b), (s, c) in combinations(enumerate(self.shapes), 2):
            masks = self._verdicts(NO if a in (b, c) else holds(a, b, c) for a in self.shapes)
            yield (t, s), masks
            yield (s, t), masks

    @staticmethod
    def _verdicts(verdicts: Iterable[Verdict]) -> Masks:
        return _masks(1 if v.margin > 0 else 0 if v.possible else -1 for v in verdicts)


def both(one: Masks, other: Masks) -> Masks:
    """Who both are true of."""
    return Masks(one.sure & other.sure, one.possible & other.possible)


def _masks(truths: Iterable[int]) -> Masks:
    sure = possible = 0
    for place, truth in enumerate(truths):
        if truth >= 0:
            possible |= 1 << place
            if truth:
                sure |= 1 << place
    return Masks(sure, possible)
