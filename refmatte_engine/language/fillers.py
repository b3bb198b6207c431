"""Fillers: for every slot of a vocabulary, the words that are true of a picture's entities, each
with the sets of entities that it surely and possibly applies to.

Sets of entities are bit masks (bit p is the entity at position p), so that whether a handful of
words picks out one entity is a handful of ANDs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from refmatte_engine.language.grammar import Condition, Pattern
from refmatte_engine.language.vocabulary import SlotWords, Vocabulary, Word
from refmatte_engine.records import Clause, Entity, Op
from refmatte_engine.semantics import attributes, lexicon, relations, verdicts
from refmatte_engine.semantics.verdicts import Held


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


class Facts:
    """The facts of one scene, computed on first use."""

    def __init__(
        self, entities: Sequence[Entity], canvas_hw: tuple[int, int], words: Vocabulary
    ) -> None:
        self.entities, self.words = entities, words
        self.spatial = verdicts.on(relations.shapes(entities, canvas_hw))
        self.told = [attributes.Told(entity.attributes) for entity in entities]
        self.everyone = (1 << len(entities)) - 1
        self._masks: dict[tuple[str, ...], Masks] = {}
        self._phrases: dict[str, list[Filler]] | None = None
        self._lacked: dict[str, list[Filler]] = {}

    def kind(self, kind: str) -> Masks:
        """Who is of a kind (a synset or a category)."""
        key = ("category", kind)
        found = self._masks.get(key)
        if found is None:
            truths = (lexicon.is_a(e.category, kind, e.kind) for e in self.entities)
            found = self._masks[key] = _masks(truths)
        return found

    def attribute(self, name: str, value: str, part: str = "") -> Masks:
        """Who has an attribute."""
        key = ("attribute", name, value, part)
        found = self._masks.get(key)
        if found is None:
            found = self._masks[key] = _masks([told.holds(name, value, part) for told in self.told])
        return found

    def without(self, name: str, value: str) -> Masks:
        """Who lacks an attribute."""
        key = ("without", name, value)
        found = self._masks.get(key)
        if found is None:
            found = self._masks[key] = _masks([told.lacks(name, value) for told in self.told])
        return found

    def true(self, place: int, condition: Condition) -> bool:
        """Whether a template's condition is surely met by the entity at `place`."""
        if condition.name == "is":
            masks = self.kind(condition.value)
            sure = self.everyone & ~masks.possible if condition.negated else masks.sure
        else:
            where = self.without if condition.negated else self.attribute
            sure = where(condition.name, condition.value).sure
        return bool(sure >> place & 1)

    def options(self, place: int) -> Options:
        """What may fill each slot when the entity at `place` is spoken of, but for `PLACED`. Slots
        that describe a part are keyed "slot/part"."""
        told, file = self.told[place], self.words.file
        found: Options = {"noun": self._nouns(place)}
        own_name = self.entities[place].category.lower().split()
        for name, slot in file.slots.items():
            if slot.negated:
                self._add(found, name, self._lacking(place, name, slot))
            elif not told.named(slot.attribute):
                continue
            elif slot.of is None:
                self._add(found, name, self._having(place, slot, "", own_name))
            else:
                for head in told.named(file.slots[slot.of].attribute):
                    fillers = self._having(place, slot, head.value, ())
                    self._add(found, f"{name}/{head.value}", fillers)
                    self._add(found, name, fillers)
        for name, slots in file.any_of.items():
            self._add(found, name, [f for slot_name in slots for f in found.get(slot_name, ())])
        return found

    def places(self, place: int) -> Options:
        """The same for the slots that say where the entity is."""
        here, found = 1 << place, Options()
        for name, fillers in self._placed().items():
            self._add(
                found, name, [f for f in fillers if f.masks.sure & here and place not in f.targets]
            )
        return found

    @staticmethod
    def _add(found: Options, name: str, fillers: list[Filler]) -> None:
        if fillers:
            found[name] = found[name] + fillers if name in found else fillers

    def _nouns(self, place: int) -> list[Filler]:
        found = []
        for name in self.words.names(self.entities[place].category):
            masks = self.kind(name.kind)
            if not masks.sure >> place & 1:
                continue
            clauses = [clause_of("category", name.kind)]
            for attribute, value, negated in name.where:
                where = self.without if negated else self.attribute
                masks = both(masks, where(attribute, value))
                clauses.append(clause_of("attribute", attribute, value, "", negated, True))
            if masks.sure >> place & 1:
                found.append(Filler(tuple(clauses), masks, name.word, name.weight))
        return found

    def _having(
        self, place: int, slot: SlotWords, part: str, own_name: Sequence[str]
    ) -> list[Filler]:
        """What the entity has, or a part of it; nobody says "the green green pepper"."""
        found: list[Filler] = []
        name, here = slot.attribute, 1 << place
        for fact in self.told[place].named(name):
            if fact.part != part:
                continue
            base, values = attributes.base(fact.value), [fact.value]
            if base in own_name:
                continue
            if "color" in name and base != fact.value:
                values.append(base)
            for value in values:
                if words := self.words.words_for(slot, value):
                    masks = self.attribute(name, value, part)
                    if masks.sure & here:
                        clauses = (clause_of("attribute", name, value, part),)
                        head = value if slot.head else ""
                        found += [Filler(clauses, masks, w, w.weight, head) for w in words]
        return found

    def said_of(self, part: str, filler: Filler) -> Filler:
        """A filler that describes a part, said of another part."""
        clauses = tuple(replace(clause, part=part) for clause in filler.clauses)
        masks = Masks(self.everyone, self.everyone)
        for clause in clauses:
            masks = both(masks, self.attribute(clause.name, clause.value, part))
        return filler._replace(clauses=clauses, masks=masks)

    def _lacking(self, place: int, name: str, slot: SlotWords) -> list[Filler]:
        """What others have and this entity surely has not."""
        if name not in self._lacked:
            facts = (fact for told in self.told for fact in told.named(slot.attribute))
            self._lacked[name] = [
                filler
                for value in sorted({fact.value for fact in facts if not fact.part})
                for filler in self._without(slot, value)
            ]
        return [filler for filler in self._lacked[name] if filler.masks.sure >> place & 1]

    def _without(self, slot: SlotWords, value: str) -> list[Filler]:
        words = self.words.words_for(slot, value)
        if not words:
            return []
        lacks = self.without(slot.attribute, value)
        clauses = (clause_of("attribute", slot.attribute, value, "", True),)
        return [Filler(clauses, lacks, word, word.weight) for word in words]

    def _placed(self) -> dict[str, list[Filler]]:
        """All positions and relations that somebody in the picture has."""
        if self._phrases is None:
            positions = []
            for name, phrases in self.words.positions.items():
                held = self.spatial.position(name)
                if held.sure:
                    clauses = (clause_of("position", name),)
                    masks = Masks(held.sure, held.possible)
                    positions.append(Filler(clauses, masks, phrases=phrases))
            self._phrases = {"position": positions, "relation": self._related()}
        return self._phrases

    def _related(self) -> list[Filler]:
        found = []
        for name, phrases in self.words.relations.items():
            clauses = (clause_of("relation", name),)
            related = self._amid(name) if name in relations.AMID else self._of_two(name)
            for targets, held in related:
                if held.sure:
                    masks = Masks(held.sure, held.possible)
                    found.append(Filler(clauses, masks, phrases=phrases, targets=targets))
        return found

    def _of_two(self, name: str) -> Iterator[tuple[tuple[int, ...], Held]]:
        for target, held in enumerate(self.spatial.relation(name)):
            yield (target,), held

    def _amid(self, name: str) -> Iterator[tuple[tuple[int, ...], Held]]:
        """In either order of the two: what lies between them is the same, the words are not."""
        for t, s in combinations(range(len(self.entities)), 2):
            held = self.spatial.amid(name, t, s)
            yield (t, s), held
            yield (s, t), held


@lru_cache(4096)
def clause_of(
    op: Op, name: str, value: str = "", part: str = "", negated: bool = False, noun: bool = False
) -> Clause:
    """A clause that no scene has proved yet: the same in all of them."""
    return Clause(op, name, value, part, negated, noun=noun)


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
