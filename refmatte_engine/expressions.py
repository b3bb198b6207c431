"""Writes expressions: sentences from templates, kept only if they mean exactly one entity."""

from __future__ import annotations

import random
from bisect import bisect
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from refmatte_engine import ground, relations, wording
from refmatte_engine.facts import Facts, Filler, Masks, Options, both
from refmatte_engine.records import Clause, Entity, Expression
from refmatte_engine.templates import KEYWORD, TARGET, Template, Templates, load
from refmatte_engine.vocabulary import as_words

__all__ = ["Indescribable", "Templates", "express", "load"]

TRIES = 40  # random drafts before everything is tried in turn
ALIKE = 0.8  # share of words that two sentences of an image may have in common
PRIORITY = {"category": 0, "attribute": 1, "position": 2, "relation": 3, "order": 4, "count": 5}


class Indescribable(Exception):
    """No sentence of a required kind is true and unique; `reason` is counted, in snake_case."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Draft(NamedTuple):
    """A template with what fills its slots, and a ready target for each thing it refers to."""

    template: Template
    fillers: tuple[Filler, ...]
    targets: tuple[Draft, ...] = ()


def express(
    entities: Sequence[Entity],
    canvas_hw: tuple[int, int],
    templates: Templates,
    rng: np.random.Generator,
) -> tuple[Expression, ...]:
    """The expressions of an image: for each entity its keyword, then the kinds that the templates
    require, in their order; each certified by `ground` and no text for two entities.

    A keyword's referents are all entities that might be called so. Indescribable if a required
    kind cannot be said truly and uniquely.
    """
    writer = Writer(entities, canvas_hw, templates, random.Random(int(rng.integers(2**62))))
    return tuple(e for place in range(len(entities)) for e in writer.write(place))


class Writer:
    """Writes about one scene."""

    def __init__(
        self,
        entities: Sequence[Entity],
        canvas_hw: tuple[int, int],
        templates: Templates,
        dice: random.Random,
    ) -> None:
        self.entities, self.templates, self.dice = entities, templates, dice
        self.facts = Facts(entities, canvas_hw, templates.vocabulary)
        self.scene = ground.Scene(entities, canvas_hw)
        self.options = [self.facts.options(place) for place in range(len(entities))]
        self.filled = [self._filled(options) for options in self.options]
        self.true = [
            sum(
                1 << i
                for i, condition in enumerate(templates.conditions)
                if self.facts.true(place, condition)
            )
            for place in range(len(entities))
        ]
        self.said: dict[str, int] = {}
        self._targets: dict[int, list[Draft]] = {}

    def write(self, place: int) -> list[Expression]:
        """The keyword and the required kinds for the entity at `place`."""
        written = [self.keyword(place)]
        for kind in self.templates.require:
            written.append(self.expression(place, kind))
        return written

    def keyword(self, place: int) -> Expression:
        """The name of the entity; its referents are all that might be called so."""
        if not self.options[place]["noun"]:
            raise Indescribable("no_noun")
        draft = self._draft(place, KEYWORD)
        if draft is None:
            raise Indescribable("no_keyword")
        text = wording.say(draft, self.templates, self.dice)
        found = self.scene.ground(self._clauses(draft))
        return self._expression(text, KEYWORD, draft, found)

    def expression(self, place: int, kind: str) -> Expression:
        """A sentence of `kind` that means the entity at `place` and no other."""
        target = 1 << place
        fallback: Expression | None = None
        for draft in self._drafts(place, kind):
            masks = self._masks(draft)
            if masks.possible != target or masks.sure != target:
                continue
            text = wording.say(draft, self.templates, self.dice)
            if text in self.said:
                continue
            found = self.scene.ground(self._clauses(draft))
            if not found.certain or found.referents != (self.entities[place].index,):
                continue
            made = self._expression(text, kind, draft, found)
            if not self._is_like_another(text):
                self.said[text] = place
                return made
            fallback = fallback or made
        if fallback is None:
            raise Indescribable(f"no_{kind}_expression")
        self.said[fallback.text] = place
        return fallback

    def _is_like_another(self, text: str) -> bool:
        words = set(text.split())
        return any(
            len(words & other) > ALIKE * len(words | other)
            for other in (set(said.split()) for said in self.said)
        )

    def _expression(
        self, text: str, kind: str, draft: Draft, found: ground.Grounding
    ) -> Expression:
        program = tuple(
            replace(clause, left_after=left, margin=margin, necessary=needed)
            for clause, left, margin, needed in zip(
                self._clauses(draft), found.left_after, found.margins, found.necessary, strict=True
            )
        )
        return Expression(text, kind, program, found.referents, draft.template.pattern.path)

    def _drafts(self, place: int, kind: str) -> Iterator[Draft]:
        for _ in range(TRIES):
            draft = self._draft(place, kind)
            if draft is not None:
                yield draft

    def _filled(self, options: Options) -> int:
        bits = self.templates.slot_bits
        found = sum(bits[name] for name in options if name in bits)
        if len(self.entities) > 1:
            orders = self.templates.vocabulary.file.orders
            for name in ("superlative", "comparative", "side", "ordinal"):
                if getattr(orders, name):
                    found |= bits[name]
        return found

    def _draft(self, place: int, kind: str) -> Draft | None:
        fit, sums = self.templates.usable(kind, self.filled[place], self.true[place])
        if not fit:
            return None
        template = fit[bisect(sums, self.dice.random() * sums[-1])]
        return self.fill(place, template)

    def fill(self, place: int, template: Template) -> Draft | None:
        """The template filled with what is true of the entity; None where that did not work."""
        options, part = self.options[place], ""
        chosen: dict[int, Filler] = {}
        targets: tuple[Draft, ...] = ()
        used: set[tuple[Clause, ...]] = set()
        for i in template.order:
            slot = template.slots[i]
            if slot.name in ORDER_SLOTS:
                continue
            words = self.templates.vocabulary.file.slots.get(slot.name)
            key = f"{slot.name}/{part}" if words is not None and words.of else slot.name
            ways = [f for f in options.get(key, ()) if f.clauses not in used]
            if not ways:
                return None
            filler = self._pick(ways)
            used.add(filler.clauses)
            part = filler.part or part
            if filler.targets:
                named = [self._target(t) for t in filler.targets]
                if any(draft is None for draft in named):
                    return None
                targets = tuple(draft for draft in named if draft is not None)
            chosen[i] = filler
        if _repeats(chosen.values()):
            return None
        if len(chosen) < len(template.slots):
            ordered = self._order(place, template, Draft(template, tuple(chosen.values()), targets))
            if ordered is None:
                return None
            chosen.update(ordered)
        fillers = tuple(chosen[i] for i in range(len(template.slots)))
        return Draft(template, fillers, targets)

    def _pick(self, ways: list[Filler]) -> Filler:
        return wording.draw(ways, [way.weight for way in ways], self.dice)

    def _target(self, place: int) -> Draft | None:
        """A short unique name for the other thing of a relation."""
        if place not in self._targets:
            found: list[Draft] = []
            for _ in range(8):
                draft = self._draft(place, TARGET)
                if draft is not None and self._masks(draft) == (1 << place, 1 << place):
                    found.append(draft)
            self._targets[place] = found
        found = self._targets[place]
        return self.dice.choice(found) if found else None

    def _order(self, place: int, template: Template, draft: Draft) -> dict[int, Filler] | None:
        """Fillers for "the largest", "the second … from the left" among those the rest fits."""
        masks = self._masks(draft)
        counted = [p for p in range(len(self.entities)) if masks.possible >> p & 1]
        if masks.sure != masks.possible or len(counted) < 2 or place not in counted:
            return None
        orders = self.templates.vocabulary.file.orders
        slots = {slot.name: i for i, slot in enumerate(template.slots) if slot.name in ORDER_SLOTS}
        known = orders.side if "side" in slots else getattr(orders, next(iter(slots)))
        names = list(known)
        self.dice.shuffle(names)
        for name in names:
            rank = self._rank(name, place, counted)
            if rank is None:
                continue
            if "comparative" in slots and len(counted) != 2:
                continue
            if "superlative" in slots and len(counted) < 3:
                continue
            if "ordinal" in slots and (len(counted) < 3 or str(rank) not in orders.ordinal):
                continue
            if "ordinal" not in slots and rank != 1:
                continue
            claim = Filler((Clause("order", name, str(rank)),), Masks(1 << place, 1 << place))
            silent = Filler((), Masks(self.facts.everyone, self.facts.everyone))
            found = {}
            for slot, i in slots.items():
                table = orders.ordinal if slot == "ordinal" else getattr(orders, slot)
                ways = as_words(table[str(rank) if slot == "ordinal" else name])
                word = wording.draw(ways, [way.weight for way in ways], self.dice)
                found[i] = (claim if i == min(slots.values()) else silent)._replace(word=word)
            return found
        return None

    def _rank(self, order: str, place: int, counted: list[int]) -> int | None:
        """The place in the sequence, from 1, if the sequence is clear around it."""
        shapes, before = self.facts.shapes, 0
        for other in counted:
            if other == place:
                continue
            if relations.ahead(order, shapes[other], shapes[place]).margin > 0:
                before += 1
            elif relations.ahead(order, shapes[place], shapes[other]).margin <= 0:
                return None
        return before + 1

    def _masks(self, draft: Draft) -> Masks:
        masks = Masks(self.facts.everyone, self.facts.everyone)
        for filler in draft.fillers:
            masks = both(masks, filler.masks)
        return masks

    def _clauses(self, draft: Draft) -> tuple[Clause, ...]:
        """What a draft claims, as a program: kinds first, counting last."""
        found: list[Clause] = []
        for filler in draft.fillers:
            for clause in filler.clauses:
                if clause.op == "relation":
                    programs = tuple(self._clauses(target) for target in draft.targets)
                    clause = replace(clause, targets=programs)
                found.append(clause)
        return tuple(sorted(found, key=lambda clause: PRIORITY[clause.op]))


def _repeats(fillers: Iterable[Filler]) -> bool:
    """Whether a position and a relation say the same: "on the left, to the left of"."""
    names = [f.clauses[0].name for f in fillers if f.phrases]
    return len(names) == 2 and any(
        side in names[0] and word in names[1]
        for side, word in (("left", "left"), ("right", "right"), ("top", "abo"), ("bottom", "bel"))
    )


ORDER_SLOTS = ("superlative", "comparative", "ordinal", "side")
