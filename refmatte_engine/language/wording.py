"""Wording: a draft's text, with endings, articles and spacing."""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeVar

from refmatte_engine.language.fillers import Filler
from refmatte_engine.language.grammar import Pattern, Slot
from refmatte_engine.language.templates import Template, Templates
from refmatte_engine.language.vocabulary import BARE, PLURAL, Vocabulary, Word
from refmatte_engine.records import Span
from refmatte_engine.semantics import english

ARTICLE = re.compile(r"\ba~ (?=(\w+))")  # "a" or "an", whichever the next word takes
BEFORE_COMMA = re.compile(r" (?=[,.;:!?])")


NO_SLOT = Slot("")

# A filler of a draft: the numbers of the targets on the way to the draft, then the filler's own.
Owner = tuple[int, ...]
Piece = tuple[str, Owner | None]


class Draft(NamedTuple):
    """A template with what fills its slots, and drafts that name the things it refers to."""

    template: Template
    fillers: tuple[Filler, ...]
    targets: tuple[Draft, ...] = ()


class Wording(NamedTuple):
    """A draft as text, the `path` of the alternatives that it was made from, and where in the text
    each filler is said: half-open ranges of characters."""

    text: str
    path: str
    spans: dict[Owner, tuple[Span, ...]]


def say(draft: Draft, templates: Templates, dice: random.Random) -> Wording:
    """The draft in words. Which of several phrases for the same thing is drawn with `dice`."""
    words, path = templates.vocabulary, list[str]()
    pieces = _pieces(draft, "", words, templates.slot_bits, dice, path, ())
    text, spans = joined(pieces, words)
    return Wording(text, ">".join(path), spans)


def joined(pieces: Iterable[Piece], words: Vocabulary) -> tuple[str, dict[Owner, tuple[Span, ...]]]:
    """The pieces as one text with single spaces, articles and contractions, and where in it each
    owner's are."""
    parts: list[str] = []
    owners: list[Owner] = []
    marks: list[list[int]] = []  # start and stop of what each owner says
    length, is_apart = 0, False
    for piece, owner in pieces:
        core = " ".join(piece.split())
        if not core:
            is_apart = is_apart or piece != ""
            continue
        if length and (is_apart or piece[0].isspace()) and core[0] not in ",.;:!?":
            parts.append(" ")
            length += 1
        parts.append(core)
        if owner is not None:
            owners.append(owner)
            marks.append([length, length + len(core)])
        length += len(core)
        is_apart = piece[-1].isspace()
    text = _polished("".join(parts), words, marks)
    found: dict[Owner, tuple[Span, ...]] = {}
    for owner, (start, stop) in zip(owners, marks, strict=True):
        said = text[start:stop]
        start, stop = stop - len(said.lstrip()), start + len(said.rstrip())
        if start < stop:
            found[owner] = (*found.get(owner, ()), (start, stop))
    return text, found


def _polished(text: str, words: Vocabulary, marks: list[list[int]]) -> str:
    """The text with its articles and contractions; `marks` move with what they mark."""
    text = _edited(text, BEFORE_COMMA, "", marks)
    if "a~" in text:
        text = _edited(text, ARTICLE, lambda found: f"{english.a(found[1])} ", marks)
    for long, short in words.file.contractions.items():
        if long in text:
            whole = re.compile(rf"\b{re.escape(long)}\b")
            text = _edited(text, whole, short, marks)
    return text


def _edited(
    text: str, pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str],
    marks: list[list[int]],
) -> str:  # fmt: skip
    def put(found: re.Match[str]) -> str:
        return new if isinstance(new, str) else new(found)

    everywhere = list(pattern.finditer(text))
    for found in reversed(everywhere):
        (start, stop), length = found.span(), len(put(found))
        for mark in marks:
            # What begins or ends within the words that are replaced has all of the new ones.
            for side, inside in enumerate((start, start + length)):
                if mark[side] >= stop:
                    mark[side] += length - (stop - start)
                elif mark[side] > start:
                    mark[side] = inside
    return pattern.sub(put, text) if everywhere else text


def _pieces(
    draft: Draft, form: str, words: Vocabulary, slots: dict[str, int], dice: random.Random,
    path: list[str], way: Owner,
) -> list[Piece]:  # fmt: skip
    pattern = draft.template.pattern
    path.append(pattern.path)
    fillers = dict(zip(draft.template.slots, draft.fillers, strict=True))
    main, genders, heads, many = "", dict[int, str](), dict[str, str](), False
    for slot, filler in reversed(fillers.items()):
        word = filler.word
        if word is not None and (slot.name == "noun" or filler.part):
            gender = word.gender
            if slot.form == PLURAL and gender != PLURAL:
                gender = f"{PLURAL}_{gender}" if gender else PLURAL
            genders[slot.group] = heads[slot.name] = gender
            main = gender if slot.name == "noun" else main
            many = many or gender.startswith(PLURAL)
    found: list[Piece] = []
    named, number, before, last = 0, 0, NO_SLOT, len(pattern.pieces) - 1
    for at, piece in enumerate(pattern.pieces):
        if isinstance(piece, str):
            if words.is_english:
                after = pattern.pieces[at + 1] if at < last else ""
                piece = _english(piece, before, after, found, slots, genders, main, many)
            found.append((piece, None))
            before = NO_SLOT
            continue
        before = piece
        gender, case = genders.get(piece.group, main), piece.form or form
        if piece.name not in slots:
            found.append((words.agree(piece.name, gender, case) or "", None))
            continue
        filler = draft.fillers[number]
        owner = (*way, number)
        number += 1
        if filler.word is None:
            if filler.phrases:
                found += _phrase(draft, filler.phrases, words, slots, dice, path, owner)
            else:
                inner = draft.targets[named]
                found += _pieces(inner, case, words, slots, dice, path, (*way, named))
                named += 1
        elif piece.name == "noun" or filler.part:
            found.append((_noun(filler.word, case, words), owner))
        else:
            # What is said of a part agrees with it, whatever else its rule is about.
            described = words.file.slots.get(piece.name)
            if described is not None and described.of is not None:
                gender = heads.get(described.of, gender)
            found.append((inflected(filler.word, gender, case, words), owner))
    return found


def _english(
    text: str, before: Slot, after: str | Slot, said: Sequence[Piece], slots: dict[str, int],
    genders: dict[int, str], main: str, many: bool,
) -> str:  # fmt: skip
    """The text between two slots, its verb and its article as English wants them; `many` if
    anything is in the plural."""
    agrees = many and (before.name == "noun" or (before.name and before.name not in slots))
    if agrees and genders.get(before.group, main).startswith(PLURAL):
        text = english.plural_verb(text, said[-1][0] if said else "")
    if isinstance(after, str):
        return text
    return english.article(text, many and genders.get(after.group, main) == PLURAL)


def _phrase(
    draft: Draft, phrases: tuple[Pattern, ...], words: Vocabulary, slots: dict[str, int],
    dice: random.Random, path: list[str], owner: Owner,
) -> list[Piece]:  # fmt: skip
    """A position or a relation, with the names of what it refers to."""
    found: list[Piece] = []
    phrase = phrases[0] if len(phrases) == 1 else draw(phrases, [p.weight for p in phrases], dice)
    path.append(phrase.path)
    for piece in phrase.pieces:
        if isinstance(piece, Slot):
            target = ("target", "second").index(piece.name)
            inner = (*owner[:-1], target)
            found += _pieces(draft.targets[target], piece.form, words, slots, dice, path, inner)
        else:
            found.append((piece, owner))
    return found


def _noun(word: Word, form: str, words: Vocabulary) -> str:
    if form == PLURAL:
        return word.plural or word.say
    if "noun_ending" not in words.file.agreement:
        return word.stem or word.say
    return (word.stem or word.say) + (words.agree("noun_ending", word.gender, form) or "")


def inflected(word: Word, gender: str, form: str, words: Vocabulary) -> str:
    """An adjective with the ending that the vocabulary's `ending` table gives it; one that has a
    `plural` and no `stem` has no others: azul, azules."""
    if word.plural is not None and word.stem is None:
        return word.plural if gender.startswith(PLURAL) and form != BARE else word.say
    ending = "" if form == BARE else words.agree("ending", gender, form)
    return (word.stem or word.say) + ending if ending else word.say


T = TypeVar("T")


def draw(ways: Sequence[T], weights: Sequence[float], dice: random.Random) -> T:
    """One of `ways`, as often as its weight says."""
    return ways[0] if len(ways) == 1 else drawn(ways, list(accumulate(weights)), dice)


def drawn(ways: Sequence[T], sums: Sequence[float], dice: random.Random) -> T:
    """The same for weights that are summed up already."""
    return ways[bisect(sums, dice.random() * sums[-1], hi=len(ways) - 1)]
