"""Wording: a draft's text, with endings, articles and spacing."""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate, count
from typing import NamedTuple, TypeVar

from refmatte_engine.language.fillers import Filler
from refmatte_engine.language.grammar import Pattern, Slot
from refmatte_engine.language.templates import Template, Templates
from refmatte_engine.language.vocabulary import BARE, PLURAL, Vocabulary, Word
from refmatte_engine.records import Span
from refmatte_engine.semantics import english

ARTICLE = re.compile(r"\ba~ (?=(\w+))")  # "a" or "an", whichever the next word takes
SPACES = re.compile(r"\s+")
ENDS = re.compile(r"^ | $")
BEFORE_COMMA = re.compile(r" (?=[,.;:!?])")


# A filler of a draft: the numbers of the targets on the way to the draft, then the filler's own.
Owner = tuple[int, ...]
Piece = tuple[str, Owner | None]


class Draft(NamedTuple):
    """A template with what fills its slots, and drafts that name the things it refers to."""

    template: Template
    fillers: tuple[Filler, ...]
    targets: tuple[Draft, ...] = ()


class Wording(NamedTuple):
    """A draft as text, the `path` of the alternatives that it was made from, and the pieces it was
    put together from: what each says, and which filler it stands for."""

    text: str
    path: str
    pieces: tuple[Piece, ...]


def say(draft: Draft, templates: Templates, dice: random.Random) -> Wording:
    """The draft in words. Which of several phrases for the same thing is drawn with `dice`."""
    words, path = templates.vocabulary, list[str]()
    pieces = _pieces(draft, "", words, templates.slot_bits, dice, path, ())
    text = _polished("".join(piece for piece, _ in pieces), words, [])
    return Wording(text, ">".join(path), tuple(pieces))


def spans(said: Wording, words: Vocabulary) -> dict[Owner, tuple[Span, ...]]:
    """Where in its text each filler of a draft is said: half-open ranges of characters."""
    marks, at = list[list[int]](), 0
    for piece, _ in said.pieces:
        marks.append([at, at + len(piece)])
        at += len(piece)
    _polished("".join(piece for piece, _ in said.pieces), words, marks)
    found: dict[Owner, tuple[Span, ...]] = {}
    for (_, owner), (start, stop) in zip(said.pieces, marks, strict=True):
        part = said.text[start:stop]
        start, stop = stop - len(part.lstrip()), start + len(part.rstrip())
        if owner is not None and start < stop:
            found[owner] = (*found.get(owner, ()), (start, stop))
    return found


def _polished(text: str, words: Vocabulary, marks: list[list[int]]) -> str:
    """The text with single spaces, articles and contractions; `marks` (starts and stops) move with
    what they mark."""
    text = _edited(text, SPACES, " ", marks)
    text = _edited(text, ENDS, "", marks)
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

    for found in reversed(list(pattern.finditer(text)) if marks else ()):
        (start, stop), length = found.span(), len(put(found))
        for mark in marks:
            # What begins or ends within the words that are replaced has all of the new ones.
            for side, inside in enumerate((start, start + length)):
                if mark[side] >= stop:
                    mark[side] += length - (stop - start)
                elif mark[side] > start:
                    mark[side] = inside
    return pattern.sub(put, text)


def _pieces(
    draft: Draft, form: str, words: Vocabulary, slots: dict[str, int], dice: random.Random,
    path: list[str], way: Owner,
) -> list[Piece]:  # fmt: skip
    path.append(draft.template.pattern.path)
    fillers = dict(zip(draft.template.slots, draft.fillers, strict=True))
    main, genders, heads = "", dict[int, str](), dict[str, str]()
    for slot, filler in reversed(fillers.items()):
        if filler.word is not None and (slot.name == "noun" or filler.part):
            gender = filler.word.gender
            if slot.form == PLURAL and gender != PLURAL:
                gender = f"{PLURAL}_{gender}" if gender else PLURAL
            genders[slot.group] = heads[slot.name] = gender
            main = gender if slot.name == "noun" else main
    found: list[Piece] = []
    filled, named, before = enumerate(draft.fillers), count(), Slot("")
    pieces = draft.template.pattern.pieces
    for piece, after in zip(pieces, (*pieces[1:], ""), strict=True):
        if isinstance(piece, str):
            agrees = before.name == "noun" or (before.name and before.name not in slots)
            if words.is_english and agrees and genders.get(before.group, main).startswith(PLURAL):
                piece = english.plural_verb(piece, found[-1][0] if found else "")
            if words.is_english and isinstance(after, Slot):
                piece = english.article(piece, genders.get(after.group, main) == PLURAL)
            found.append((piece, None))
            before = Slot("")
            continue
        before = piece
        gender, case = genders.get(piece.group, main), piece.form or form
        if piece.name not in slots:
            found.append((words.agree(piece.name, gender, case) or "", None))
            continue
        # What is said of a part agrees with it, whatever else its rule is about.
        described = words.file.slots.get(piece.name)
        if described is not None and described.of is not None:
            gender = heads.get(described.of, gender)
        number, filler = next(filled)
        owner = (*way, number)
        if filler.word is None and not filler.phrases:
            target = next(named)
            inner = (*way, target)
            found += _pieces(draft.targets[target], case, words, slots, dice, path, inner)
        elif filler.word is None:
            found += _phrase(draft, filler.phrases, words, slots, dice, path, owner)
        elif piece.name == "noun" or filler.part:
            found.append((_noun(filler.word, case, words), owner))
        else:
            found.append((inflected(filler.word, gender, case, words), owner))
    return found


def _phrase(
    draft: Draft, phrases: tuple[Pattern, ...], words: Vocabulary, slots: dict[str, int],
    dice: random.Random, path: list[str], owner: Owner,
) -> list[Piece]:  # fmt: skip
    """A position or a relation, with the names of what it refers to."""
    found: list[Piece] = []
    phrase = draw(phrases, [p.weight for p in phrases], dice)
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
