"""Drafts of expressions: templates filled with what is true, not yet proven unique."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from itertools import accumulate
from typing import NamedTuple, TypeVar

from refmatte_engine.language import wording
from refmatte_engine.language.fillers import Facts, Filler, Masks, clause_of
from refmatte_engine.language.template_file import NAMES, ORDERS, TARGET
from refmatte_engine.language.templates import Template, Templates
from refmatte_engine.language.vocabulary import Word
from refmatte_engine.language.wording import Draft
from refmatte_engine.records import Entity

TARGETS_TRIED = 8
# A position and a relation that say the same: "on the left, to the left of".
SAME = {("left", "left_of"), ("right", "right_of"), ("top", "above"), ("bottom", "below")}

Known = TypeVar("Known")


class Claim(NamedTuple):
    """A draft, and the entities of which all that it says is true."""

    draft: Draft
    masks: Masks

    @property
    def denies(self) -> bool:
        """Whether it tells what something is not, beyond what its noun does."""
        clauses = (clause for filler in self.draft.fillers for clause in filler.clauses)
        return any(clause.negated and not clause.noun for clause in clauses)


class Once(dict[int, Known]):
    """What is known of an entity, by its place, worked out when it is first asked for: who asks for
    one sentence does not pay for what could be said of everything."""

    def __init__(self, work: Callable[[int], Known]) -> None:
        self._work = work

    def __missing__(self, place: int) -> Known:
        found = self[place] = self._work(place)
        return found


class Drafter:
    """Fills templates with the facts of one scene."""

    def __init__(
        self,
        entities: Sequence[Entity],
        canvas_hw: tuple[int, int],
        templates: Templates,
        dice: random.Random,
    ) -> None:
        self.templates, self.dice = templates, dice
        self.facts = Facts(entities, canvas_hw, templates.vocabulary)
        self.places = range(len(entities))
        self.options = Once(self.facts.options)
        self.where = Once(self.facts.places)
        self._sums: list[dict[str, list[float]]] = [{} for _ in self.places]
        self._placing = templates.placing
        self._filled = Once(self._slots_named), Once(self._slots_filled)
        self._true = Once(self._conditions_met)
        self._names: dict[tuple[str, int], list[Claim]] = {}
        self._ranks: dict[tuple[str, int, int], int | None] = {}

    def draft(self, place: int, kind: str) -> Claim | None:
        """A draft of `kind` about the entity at `place`; None if the draw led nowhere."""
        filled = self._filled[kind in self._placing][place]
        fit, sums = self.templates.usable(kind, filled, self._true[place])
        return self.fill(place, wording.drawn(fit, sums, self.dice)) if fit else None

    def near_miss(self, place: int, kind: str) -> Claim | None:
        """A draft about the entity with one word replaced by what is true of another; None if it
        would describe what it refers to: "the mug near the mug"."""
        claim = self.draft(place, kind)
        if claim is None or len(self.places) < 2:
            return None
        template, fillers = claim.draft.template, list(claim.draft.fillers)
        steps = {step.at: step for step in template.steps}
        at = self.dice.randrange(len(template.slots))
        other = self.dice.choice([p for p in self.places if p != place])
        mentioned = any(other in filler.targets for filler in fillers)
        name = template.slots[at].name
        if name == "noun" and (template.when & ~self._true[other] or mentioned):
            return None
        if at not in steps or fillers[at].targets:
            return None
        ways = self.options[other].get(name) or self.where[other].get(name, [])
        head = steps[at].head
        if head is not None:
            # What colour the other's shoes are is said of the sweater that this sentence names.
            ways = [self.facts.said_of(fillers[head].part, way) for way in ways]
        said = {filler.clauses for filler in fillers}
        ways = [way for way in ways if way.clauses not in said and not way.targets]
        if template.counts and name == "noun":
            ways = self._countable(template, ways)
        if not ways:
            return None
        fillers[at] = wording.draw(ways, [way.weight for way in ways], self.dice)
        for step in template.steps:
            if step.head == at:
                fillers[step.at] = self.facts.said_of(fillers[at].part, fillers[step.at])
        miss = self._claim(claim.draft._replace(fillers=tuple(fillers)))
        return None if self._of_itself(miss) else miss

    def _of_itself(self, claim: Claim) -> bool:
        """Whether a draft could only be about what it refers to."""
        fillers = claim.draft.fillers
        targets = sum(1 << p for p in {p for filler in fillers for p in filler.targets})
        about = self._masks(filler for filler in fillers if not filler.targets).possible
        return bool(targets and about) and not about & ~targets

    def _slots_named(self, place: int) -> int:
        """The slots that can be filled for the entity, as a bit mask, but for `PLACED`."""
        bits, orders = self.templates.slot_bits, self.templates.vocabulary.file.orders
        names = {name for name in self.options[place] if name in bits}
        if len(self.places) > 1:
            names |= {name for name in (*ORDERS, "count") if getattr(orders, name)}
            names |= set(NAMES)
        return sum(bits[name] for name in names)

    def _slots_filled(self, place: int) -> int:
        """All the slots that can be filled for the entity, as a bit mask."""
        bits = self.templates.slot_bits
        return self._filled[False][place] | sum(bits[name] for name in self.where[place])

    def _conditions_met(self, place: int) -> int:
        """Which of the templates' conditions are true of the entity, as a bit mask."""
        conditions = enumerate(self.templates.conditions)
        return sum(1 << i for i, condition in conditions if self.facts.true(place, condition))

    def fill(self, place: int, template: Template) -> Claim | None:
        """The template filled with what is true of the entity; None if that failed."""
        options, sums = self.options[place], self._sums[place]
        chosen: dict[int, Filler] = {}
        targets: list[Draft] = []
        sure = possible = self.facts.everyone
        for at, name, does, head, unlike in template.steps:
            if does == "name":
                taken = reduce(int.__or__, (f.masks.possible for f in chosen.values()), 0)
                named = self._another(place, NAMES[name], first=name != "other", taken=taken)
                if named is None:
                    return None
                filler, draft = named
                targets.append(draft)
                chosen[at] = filler
                sure, possible = sure & filler.masks.sure, possible & filler.masks.possible
                continue
            if head is not None:
                name = f"{name}/{chosen[head].part}"
            every = options.get(name) or self.where[place].get(name)
            if every is None:
                return None
            ways = every
            if unlike:
                used = [filler.clauses for filler in chosen.values()]
                ways = [way for way in ways if way.clauses not in used]
            if name == "noun":
                if template.ranks and len(self.places) > 2:
                    # "The second woman" needs three women; where there are none, three people.
                    ways = [way for way in ways if way.masks.possible.bit_count() > 2] or ways
                if template.counts:
                    ways = self._countable(template, ways)
            if not ways:
                return None
            if len(ways) == 1:
                filler = ways[0]
            elif len(ways) == len(every):  # as they all are: their weights are summed up once
                if name not in sums:
                    sums[name] = list(accumulate(way.weight for way in every))
                filler = wording.drawn(ways, sums[name], self.dice)
            else:
                filler = wording.draw(ways, [way.weight for way in ways], self.dice)
            for target in filler.targets:
                claim = self._name(target, TARGET)
                if claim is None:
                    return None
                targets.append(claim.draft)
            chosen[at] = filler
            sure, possible = sure & filler.masks.sure, possible & filler.masks.possible
        if template.repeats and _same_said_twice(chosen.values()):
            return None
        if len(chosen) < len(template.slots):
            counted = self._counted(place, template, chosen)
            if counted is None:
                return None
            for filler in counted.values():
                sure, possible = sure & filler.masks.sure, possible & filler.masks.possible
            chosen.update(counted)
        fillers = tuple([chosen[i] for i in range(len(template.slots))])
        if targets and fillers[0].clauses[0].op == "any":
            return self._claim(Draft(template, fillers, tuple(targets)))
        return Claim(Draft(template, fillers, tuple(targets)), Masks(sure, possible))

    def _claim(self, draft: Draft) -> Claim:
        masks = self._masks(draft.fillers)
        if draft.fillers[0].clauses[0].op == "any":
            masks = Masks(
                reduce(int.__or__, (f.masks.sure for f in draft.fillers)),
                reduce(int.__or__, (f.masks.possible for f in draft.fillers)),
            )
        return Claim(draft, masks)

    def spare(self, claim: Claim) -> bool | None:
        """Whether a part of a unique draft, other than its noun, could be omitted; None if that
        requires counting."""
        template, fillers, _ = claim.draft
        if template.ordered:
            return None
        for filler in fillers:
            if filler.clauses[0].op == "category":
                continue
            # Without the sweater there is no "red" for it either.
            hangs_on = filler.part or None
            sure = possible = self.facts.everyone
            for other in fillers:
                if other is not filler and other.clauses[0].part != hangs_on:
                    sure, possible = sure & other.masks.sure, possible & other.masks.possible
            if (sure, possible) == claim.masks:
                return True
        return False

    def _masks(self, fillers: Iterable[Filler]) -> Masks:
        sure = possible = self.facts.everyone
        for filler in fillers:
            sure &= filler.masks.sure
            possible &= filler.masks.possible
        return Masks(sure, possible)

    def _name(self, place: int, kind: str) -> Claim | None:
        """A name that means the entity (or, of `several`, all that it fits) without doubt."""
        if (kind, place) not in self._names:
            drafts = (self.draft(place, kind) for _ in range(TARGETS_TRIED))
            wanted = (1 << place, 1 << place)
            self._names[kind, place] = [
                claim
                for claim in drafts
                if claim is not None
                and (
                    claim.masks == wanted
                    if kind == TARGET
                    else claim.masks.sure == claim.masks.possible
                    and claim.masks.sure.bit_count() > 1
                )
            ]
        found = self._names[kind, place]
        return self.dice.choice(found) if found else None

    def _another(
        self, place: int, kind: str, first: bool, taken: int
    ) -> tuple[Filler, Draft] | None:
        """A filler that names the entity itself or, if not `first`, another one; None where it
        might mean something that is `taken`: named already."""
        if not first or taken:
            place = self.dice.choice([p for p in self.places if p != place])
        claim = self._name(place, kind)
        if claim is None or claim.masks.possible & taken:
            return None
        return Filler((clause_of("any", ""),), claim.masks, targets=(place,)), claim.draft

    def _countable(self, template: Template, ways: Sequence[Filler]) -> list[Filler]:
        """The names of what has a number; without one in the template, "the sheep on the left" may
        be one or two, as nothing in English tells."""
        untold = self.templates.vocabulary.is_english and not template.ordered
        words = [(way, way.word) for way in ways if way.word is not None and way.word.counted]
        return [way for way, word in words if not untold or word.plural != word.say]

    def _counted(
        self, place: int, template: Template, chosen: dict[int, Filler]
    ) -> dict[int, Filler] | None:
        """Fillers for "the two", "the largest", "the second … from the left": what has to know
        how many, and which, the rest of the draft fits."""
        masks = self._masks(chosen.values())
        count = masks.possible.bit_count()
        if masks.sure != masks.possible or count < 2 or not masks.possible >> place & 1:
            return None
        everyone = Masks(self.facts.everyone, self.facts.everyone)
        rest = Filler((), everyone)
        slots = {s.name: i for i, s in enumerate(template.slots) if i not in chosen}
        orders = self.templates.vocabulary.file.orders
        if "count" in slots:
            claim = Filler((clause_of("count", "", str(count)),), everyone)
            worded = self._worded(claim, orders.count.get(str(count), ()))
            return {slots["count"]: worded} if worded else None
        known = orders.side if "side" in slots else getattr(orders, next(iter(slots)))
        for name in self.dice.sample(list(known), len(known)):
            rank = self._rank(name, place, masks.possible)
            if rank is None or not _countable(slots, rank, count):
                continue
            claim = Filler((clause_of("order", name, str(rank)),), Masks(1 << place, 1 << place))
            found = {}
            for slot, i in slots.items():
                words = getattr(orders, slot).get(str(rank) if slot == "ordinal" else name, ())
                worded = self._worded(claim if i == min(slots.values()) else rest, words)
                if worded is None:
                    break
                found[i] = worded
            else:
                return found
        return None

    def _worded(self, filler: Filler, ways: tuple[Word, ...]) -> Filler | None:
        """The filler with a word; None where the vocabulary does not count so far."""
        if not ways:
            return None
        return filler._replace(word=wording.draw(ways, [way.weight for way in ways], self.dice))

    def _rank(self, order: str, place: int, counted: int) -> int | None:
        """The place in the sequence of those counted (a bit mask), from 1, if it is clear who comes
        before and who after."""
        key = (order, place, counted)
        if key not in self._ranks:
            self._ranks[key] = self._new_rank(order, place, counted)
        return self._ranks[key]

    def _new_rank(self, order: str, place: int, counted: int) -> int | None:
        ahead, before = self.facts.spatial.ahead, 0
        for other in self.places:
            if other == place or not counted >> other & 1:
                continue
            if ahead(order, other, place).margin > 0:
                before += 1
            elif ahead(order, place, other).margin <= 0:
                return None
        return before + 1


def _countable(slots: Iterable[str], rank: int, count: int) -> bool:
    """The larger of two, the largest of three, the second of three: nothing else is said."""
    if "comparative" in slots:
        return rank == 1 and count == 2
    if "superlative" in slots:
        return rank == 1 and count > 2
    return 1 < rank <= 5 and count > 2


def _same_said_twice(fillers: Iterable[Filler]) -> bool:
    names = [filler.clauses[0].name for filler in fillers if filler.phrases]
    return any(side in names[0] and names[-1] == relation for side, relation in SAME)
