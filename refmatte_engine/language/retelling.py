"""Retelling: whether a recorded text is what its template makes of its program.

From the program and the vocabulary alone it derives what each slot must contain. It shares with the
writer how words are joined (`wording`), but neither facts nor drafts: what a word claims is decided
here a second time.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import islice, product
from typing import NamedTuple

from refmatte_engine.language import wording
from refmatte_engine.language.fillers import Filler, Masks
from refmatte_engine.language.grammar import Condition, Pattern
from refmatte_engine.language.template_file import NAMES, ORDERS, TARGET
from refmatte_engine.language.templates import Template, Templates
from refmatte_engine.language.vocabulary import SlotWords, Word
from refmatte_engine.language.wording import Draft, Owner
from refmatte_engine.records import COMBINED, MINIMAL, NONE, OVERSPECIFIED, Clause, Expression, Span

ARGUMENTS = {
    "category": {"name"},
    "attribute": {"name", "value", "part", "negated"},
    "position": {"name"},
    "relation": {"name", "targets"},
    "order": {"name", "value"},
    "count": {"value"},
    "any": {"targets"},
}
NOUNS = {"name", "value", "negated"}  # of an attribute that a noun implies
MOST = 4000  # ways to say one program that are tried
NOBODY = Masks(0, 0)
WRITTEN_AS = {MINIMAL: COMBINED, OVERSPECIFIED: COMBINED}


class Teller:
    """Retells what is said of one picture, whose entities have these `categories`."""

    def __init__(self, templates: Templates, categories: Iterable[str]) -> None:
        self.templates, self.words = templates, templates.vocabulary
        self.names = [name for c in dict.fromkeys(categories) for name in self.words.names(c)]

    def refuted(self, expression: Expression, is_twin: bool = False) -> str:
        """Why the text is not what its template says of its program, or why its clauses are not
        said where they say, or "". In a twin, what means nothing may be of another kind."""
        kind = expression.template.split(">")[0].rpartition(".")[0]
        if kind != WRITTEN_AS.get(expression.kind, expression.kind) and not (
            is_twin and expression.kind == NONE
        ):
            return f"is {expression.kind}, and its template {kind or 'nothing'}"
        told = self._told(expression, kind, expression.text)
        matching = [way for way in told if way[1].text == expression.text]
        if not matching:
            # What a contraction took a letter from was not looked for.
            told = self._told(expression, kind, None)
            matching = [way for way in told if way[1].text == expression.text]
        if not matching:
            return self._instead(expression, [said.text for _, said in told])
        if not any(self._is_marked(draft, said) for draft, said in matching):
            return "has clauses that are said elsewhere than they say (spans)"
        return ""

    def _told(
        self, expression: Expression, kind: str, text: str | None
    ) -> list[tuple[Draft, wording.Wording]]:
        """What the recorded template can say of the program, as far as its words are in `text`."""
        steps = tuple(expression.template.split(">"))
        drafts = self._drafts(kind, expression.program, steps, text)
        told = ((draft, wording.say(draft, self.templates, random.Random(0))) for draft in drafts)
        return [(d, said) for d, said in islice(told, MOST) if said.path == expression.template]

    def _instead(self, expression: Expression, texts: Sequence[str]) -> str:
        if not texts:
            return f"has a program that its template, {expression.template}, does not say"
        best = max(texts, key=lambda text: SequenceMatcher(None, text, expression.text).ratio())
        return f"is not what its template says of its program: {best!r}"

    def _is_marked(self, draft: Draft, said: wording.Wording) -> bool:
        """Whether all its clauses are said where they say."""
        return all(clause.spans == found for clause, found in _places(draft, said.spans))

    def _drafts(
        self, rule: str, program: Sequence[Clause], steps: tuple[str, ...], text: str | None
    ) -> Iterator[Draft]:
        """Drafts of the rule's templates that claim the program, by ways among `steps`."""
        for template in self.templates.kinds.get(rule, ()):
            if not _among(template.pattern, steps):
                continue
            ways = self._ways(template, program, steps, text)
            if ways is None:
                continue
            targets = [self._drafts(r, p, steps, text) for r, p in ways.targets]
            for named in product(*targets):
                for fillers in product(*ways.fillers):
                    yield Draft(template, fillers, named)

    def _ways(
        self, template: Template, program: Sequence[Clause], steps: tuple[str, ...],
        text: str | None,
    ) -> _Ways | None:  # fmt: skip
        """What may stand in each slot so that all of the program is said; None if nothing may.

        Within one kind of clause, a program keeps the order of the slots.
        """
        if not all(map(_says_only_what_it_can, program)):
            return None
        if [clause.op for clause in program] == ["any"]:
            return _named(template, program[0])
        left = _Left(program)
        fillers: list[list[Filler]] = []
        heads = {step.at: step.head for step in template.steps if step.head is not None}
        parts: dict[int, str] = {}
        described: dict[int, str] = {}
        targets: tuple[tuple[Clause, ...], ...] = ()
        orders = [slot.name for slot in template.slots if slot.name in ORDERS]
        for at, slot in enumerate(template.slots):
            if slot.name == "noun":
                ways = self._nouns(left)
            elif slot.name in ("position", "relation"):
                clause = left.next(slot.name)
                known = self.words.positions if slot.name == "position" else self.words.relations
                phrases = known.get(clause.name, ()) if clause else ()
                ways = [
                    Filler((clause,), NOBODY, phrases=(phrase,))
                    for phrase in phrases
                    if clause and _among(phrase, steps)
                ]
                targets = targets or (clause.targets if clause else ())
            elif slot.name == "count" or slot.name in ORDERS:
                ways = self._counted(slot.name, slot.name in orders[:1], left)
            elif slot.name in NAMES:
                return None
            else:
                ways = []
                clause = left.next("attribute")
                for name in self.words.file.any_of.get(slot.name, (slot.name,)) if clause else ():
                    slot_words = self.words.file.slots[name]
                    if clause and _fits(slot_words, clause):
                        ways += [
                            Filler((clause,), NOBODY, word, 1.0, clause.value * slot_words.head)
                            for word in self.words.words_for(slot_words, clause.value)
                        ]
                        if slot_words.head:
                            parts[at] = clause.value
                        if slot_words.of is not None:
                            described[at] = clause.part
            ways = [way for way in ways if way.word is None or _spoken(way.word, text)]
            if not ways:
                return None
            fillers.append(ways)
        # Of a red sweater and white shoes, "white" describes what is called shoes beside it.
        if left or any(parts.get(heads.get(at, -1)) != part for at, part in described.items()):
            return None
        return _Ways(fillers, [(TARGET, target) for target in targets])

    def _nouns(self, left: _Left) -> list[Filler]:
        clause = left.next("category")
        if clause is None:
            return []
        implied = left.implied()
        where = tuple(Condition(c.name, c.value, c.negated) for c in implied)
        return [
            Filler((clause, *implied), NOBODY, name.word)
            for name in self.names
            if name.kind == clause.name and name.where == where
        ]

    def _counted(self, slot: str, is_first: bool, left: _Left) -> list[Filler]:
        """Words that count; of the two for an order, the first stands for its clause."""
        if slot == "count":
            clause = left.next("count")
            words = self.words.file.orders.count.get(clause.value, ()) if clause else ()
        else:
            clause = left.next("order") if is_first else left.order
            key = "" if clause is None else clause.value if slot == "ordinal" else clause.name
            if slot in ("comparative", "superlative") and clause and clause.value != "1":
                return []  # the larger and the largest are the first
            words = getattr(self.words.file.orders, slot).get(key, ())
        claimed = (clause,) if clause and (is_first or slot == "count") else ()
        return [Filler(claimed, NOBODY, word) for word in words]


class _Ways(NamedTuple):
    """For every slot what may stand there, and the rules and programs of the targets."""

    fillers: list[list[Filler]]
    targets: list[tuple[str, tuple[Clause, ...]]]


class _Left:
    """The clauses of a program that no slot has said yet."""

    def __init__(self, program: Sequence[Clause]) -> None:
        self.clauses = list(program)
        self.order: Clause | None = None  # said in two slots, with others between them

    def next(self, op: str) -> Clause | None:
        """The next clause that is no noun's."""
        found = next((c for c in self.clauses if c.op == op and not c.noun), None)
        if found is not None:
            self.clauses.remove(found)
            if op == "order":
                self.order = found
        return found

    def implied(self) -> list[Clause]:
        """What a noun implies: the attributes that are marked so."""
        found = [clause for clause in self.clauses if clause.noun]
        self.clauses = [clause for clause in self.clauses if not clause.noun]
        return found

    def __bool__(self) -> bool:
        return bool(self.clauses)


def _named(template: Template, clause: Clause) -> _Ways | None:
    """The ways of "{one} and {other}"."""
    names = [slot.name for slot in template.slots]
    if len(names) != len(clause.targets) or any(name not in NAMES for name in names):
        return None
    fillers = [[Filler((clause,), NOBODY, targets=(i,))] for i, _ in enumerate(names)]
    rules = [NAMES[name] for name in names]
    return _Ways(fillers, list(zip(rules, clause.targets, strict=True)))


def _says_only_what_it_can(clause: Clause) -> bool:
    """Whether a clause has no arguments but those that its op has."""
    used = NOUNS if clause.noun else ARGUMENTS[clause.op]
    plain = Clause(clause.op, "", noun=clause.noun)
    return all(
        getattr(clause, name) == getattr(plain, name)
        for name in ("name", "value", "part", "negated", "targets")
        if name not in used
    )


def _among(pattern: Pattern, steps: tuple[str, ...]) -> bool:
    """Whether the pattern's path is a part of the recorded one."""
    return f">{pattern.path}>" in f">{'>'.join(steps)}>"


def _fits(slot: SlotWords, clause: Clause) -> bool:
    """Whether a slot says such a thing at all."""
    return (slot.attribute, slot.negated, slot.of is not None) == (
        clause.name, clause.negated, bool(clause.part),
    )  # fmt: skip


def _spoken(word: Word, text: str | None) -> bool:
    """Whether a word, in any of its forms, can be in the text."""
    return text is None or any(
        form is not None and form in text for form in (word.say, word.stem, word.plural)
    )


def _places(draft: Draft, spans: Mapping[Owner, tuple[Span, ...]], way: Owner = ()) -> Iterator[
    tuple[Clause, tuple[Span, ...]]
]:  # fmt: skip
    """Every clause that a draft claims, and where it is said."""
    beside = [spans.get((*way, n), ()) for n, f in enumerate(draft.fillers) if not f.clauses]
    for number, filler in enumerate(draft.fillers):
        for clause in filler.clauses:
            found = spans.get((*way, number), ())
            yield clause, sum(beside, found) if clause.op == "order" else found
    for number, target in enumerate(draft.targets):
        yield from _places(target, spans, (*way, number))
