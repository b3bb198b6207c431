"""The writer of expressions: sentences from templates, kept only if they mean exactly their
referents."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np

from refmatte_engine.errors import Indescribable
from refmatte_engine.language import programs, wording
from refmatte_engine.language.drafts import Claim, Drafter
from refmatte_engine.language.templates import Asked, Templates
from refmatte_engine.language.wording import Wording
from refmatte_engine.records import (
    COMBINED,
    GROUP,
    KEYWORD,
    MINIMAL,
    NONE,
    OVERSPECIFIED,
    Clause,
    Entity,
    Expression,
)
from refmatte_engine.semantics import ground

TRIES = 60  # drafts of one sentence before it is given up
FEW = 16  # drafts before the other of two kinds that will do is tried
PLAINLY = 0.04  # of the picture: the margin by which each of several is where a sentence says
COMPARED = 8  # drafts among which the shortest is looked for
RANKED = 0.5  # share of the combined sentences about one of three that tell it by its order
ALIKE = 0.8  # share of words that two sentences of an image may have in common


def express(
    entities: Sequence[Entity],
    canvas_hw: tuple[int, int],
    templates: Templates,
    rng: np.random.Generator,
    lenient: bool = False,
) -> tuple[Expression, ...]:
    """The expressions of an image: for each entity its keyword, then the kinds that the templates
    require, in their order ("combined" gives one that is minimal or one that is overspecified);
    then, where `also` asks for them, one about several entities and a near miss that means none.
    All are certified by `ground`; no two have the same text.

    A keyword's referents are all entities that might be called so. Indescribable if a required
    kind cannot be said truly and uniquely; if `lenient`, only if none can: other kinds then stand
    in for it, as far as there are any. Where the templates say what is `asked`, that alone is
    written and certified, as far as it can be said; Indescribable if nothing of it can.
    """
    writer = Writer(entities, canvas_hw, templates, random.Random(int(rng.integers(2**62))))
    written: list[Expression] = []
    if templates.asked is not None:
        written = writer.asked(templates.asked)
    else:
        for place in range(len(entities)):
            written.append(writer.keyword(place))
            written += writer.required(place, lenient)
    extra = (writer.besides(kind) for kind in templates.also)
    return (*written, *(expression for expression in extra if expression is not None))


class Writer:
    """The writer for one scene."""

    def __init__(
        self,
        entities: Sequence[Entity],
        canvas_hw: tuple[int, int],
        templates: Templates,
        dice: random.Random,
    ) -> None:
        self.entities, self.templates, self.dice = entities, templates, dice
        self.drafter = Drafter(entities, canvas_hw, templates, dice)
        self.scene = ground.Grounder(entities, canvas_hw)
        self.said: dict[str, frozenset[str]] = {}

    def keyword(self, place: int) -> Expression:
        """The name of the entity; its referents are all that might be called so."""
        claim = self.drafter.draft(place, KEYWORD)
        if claim is None:
            raise Indescribable("no_name")
        return self._expression(KEYWORD, claim, self._grounded(claim)[1], self._said(claim))

    def required(self, place: int, lenient: bool) -> list[Expression]:
        """The sentences that the templates require of the entity; see `express`."""
        written: list[Expression] = []
        missing: list[Indescribable] = []
        for kind in self.templates.require:
            try:
                written.append(self.about(place, kind))
            except Indescribable as reason:
                if not lenient:
                    raise
                missing.append(reason)
        if missing and not written:
            raise missing[0]
        for _ in missing:
            for kind in [expression.kind for expression in written]:
                with contextlib.suppress(Indescribable):
                    written.append(self.about(place, kind))
                    break
        return written

    def asked(self, asked: Asked) -> list[Expression]:
        """Of what is asked, as much as can be said; no text twice."""
        written: list[Expression] = []
        places = self.dice.sample(range(len(self.entities)), len(self.entities))
        left = [dict(asked.kinds) for _ in places]
        while len(written) < asked.most and any(left):
            for place, kinds in zip(places, left, strict=True):
                while kinds and len(written) < asked.most:
                    kind = wording.draw(list(kinds), list(kinds.values()), self.dice)
                    del kinds[kind]
                    made = self._of_kind(place, kind)
                    if made is not None and all(made.text != one.text for one in written):
                        written.append(made)
                        break
        if not written:
            raise Indescribable("nothing_asked")
        return written

    def _of_kind(self, place: int, kind: str) -> Expression | None:
        """A keyword or sentence of `kind`, about the entity where it is about one."""
        if kind in (GROUP, NONE):
            return self.besides(kind)
        with contextlib.suppress(Indescribable):
            return self.keyword(place) if kind == KEYWORD else self.about(place, kind)
        return None

    def about(self, place: int, kind: str) -> Expression:
        """A sentence of `kind` that means the entity at `place` and no other."""
        if kind == COMBINED and self._one_of_three(place) and self.dice.random() < RANKED:
            for wanted in (MINIMAL, OVERSPECIFIED):
                ranked = (c for c in self._unique(place, wanted, TRIES) if _ranks(c))
                made = self._first_certified(ranked, wanted, (self.entities[place].index,))
                if made is not None:
                    return made
        ways = [(kind, TRIES)]
        if kind == COMBINED:
            one, other = self.dice.sample((MINIMAL, OVERSPECIFIED), 2)
            ways = [(one, FEW), (other, TRIES), (one, TRIES)]
        for wanted, tries in ways:
            drafts = self._unique(place, wanted, tries)
            made = self._first_certified(drafts, wanted, (self.entities[place].index,))
            if made is not None:
                return made
        raise Indescribable(f"no_{kind}_expression")

    def _one_of_three(self, place: int) -> bool:
        """Whether there are three or more of the entity's category, to be told by their order."""
        category = self.entities[place].category
        return sum(entity.category == category for entity in self.entities) >= 3

    def _unique(self, place: int, kind: str, tries: int) -> Iterator[Claim]:
        """Drafts that mean the entity at `place` alone and seem to say as much as `kind` asks."""
        if kind == MINIMAL:
            return self._shortest_first(self._combined(place, tries, (False, None)))
        if kind == OVERSPECIFIED:
            # "The duck that is not green" says that there is a green one.
            spare = self._combined(place, tries, (True, None))
            return (claim for claim in spare if not claim.denies)
        return self._meaning(place, kind, tries)

    def _meaning(self, place: int, kind: str, tries: int) -> Iterator[Claim]:
        """Drafts that mean the entity at `place` alone."""
        draft, meant = self.drafter.draft, (1 << place, 1 << place)
        for _ in range(tries):
            claim = draft(place, kind)
            if claim is not None and claim.masks == meant:
                yield claim

    def _combined(self, place: int, tries: int, spare: tuple[bool | None, ...]) -> Iterator[Claim]:
        for claim in self._meaning(place, COMBINED, tries):
            if self.drafter.spare(claim) in spare:
                yield claim

    def besides(self, kind: str) -> Expression | None:
        """A sentence about several entities, or a near miss about none; None if none was found."""
        places = self.dice.choices(range(len(self.entities)), k=TRIES)
        if kind == NONE:
            drafts = (self.drafter.near_miss(place, kind) for place in places)
            return self._first_certified((c for c in drafts if c and not c.masks.possible), kind)
        drafts = (self.drafter.draft(place, GROUP) for place in places)
        found = (c for c in drafts if c and c.masks.possible.bit_count() > 1)
        return self._first_certified(found, kind)

    def _shortest_first(self, claims: Iterator[Claim]) -> Iterator[Claim]:
        """The same claims, the shortest of the first few moved to the front."""
        few = [claim for claim, _ in zip(claims, range(COMPARED), strict=False)]
        yield from sorted(few, key=lambda claim: len(claim.draft.fillers))
        yield from claims

    def _first_certified(
        self, claims: Iterator[Claim], kind: str, meant: tuple[int, ...] | None = None
    ) -> Expression | None:
        """The first claim that ground confirms and that is not much like what was said before; or,
        if there is none, the first that ground confirms."""
        alike: Expression | None = None
        for claim in claims:
            said = self._said(claim)
            text = said.text
            if text in self.said or (alike is not None and text == alike.text):
                continue
            program, found = self._grounded(claim)
            if not found.certain or found.referents != (
                self._indices(claim.masks.sure) if meant is None else meant
            ):
                continue
            if not self.scene.is_of(kind, program, found):
                continue
            if kind == GROUP and not self._plainly(program, found):
                continue
            made = self._expression(kind, claim, found, said)
            words = frozenset(text.split())
            if self._is_new(words):
                self.said[text] = words
                return made
            alike = alike or made
        if alike is not None:
            self.said[alike.text] = frozenset(alike.text.split())
        return alike

    def _plainly(self, program: Sequence[Clause], found: ground.Grounding) -> bool:
        """Whether each of several is plainly where the sentence says, also where it names one part
        of them after the other."""
        parts = (part for clause in program if clause.op == "any" for part in clause.targets)
        margins = chain(found.margins, *(self.scene.ground(part).margins for part in parts))
        return all(margin is None or margin >= PLAINLY for margin in margins)

    def _said(self, claim: Claim) -> Wording:
        return wording.say(claim.draft, self.templates, self.dice)

    def _grounded(self, claim: Claim) -> tuple[tuple[Clause, ...], ground.Grounding]:
        program = programs.program(claim.draft)
        return program, self.scene.ground(program)

    def _indices(self, mask: int) -> tuple[int, ...]:
        found = (e.index for place, e in enumerate(self.entities) if mask >> place & 1)
        return tuple(sorted(found))

    def _is_new(self, words: frozenset[str]) -> bool:
        for old in self.said.values():
            common = len(words & old)
            if common > ALIKE * (len(words) + len(old) - common):
                return False
        return True

    def _expression(
        self, kind: str, claim: Claim, found: ground.Grounding, said: Wording
    ) -> Expression:
        proof = list(zip(found.left_after, found.margins, found.necessary, strict=True))
        program = programs.proved(claim.draft, said.spans, proof)
        return Expression(said.text, kind, program, found.referents, said.path)


def _ranks(claim: Claim) -> bool:
    """Whether it says which of several in an order: the largest, the second from the left."""
    return any(clause.op == "order" for f in claim.draft.fillers for clause in f.clauses)
