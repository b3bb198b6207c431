"""From a draft to its text: words with their endings, articles, and the space between them."""

from __future__ import annotations

import random
import re
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate, count
from typing import NamedTuple, TypeVar

from refmatte_engine import lexicon
from refmatte_engine.facts import Filler
from refmatte_engine.grammar import Pattern, Slot
from refmatte_engine.templates import Template, Templates
from refmatte_engine.vocabulary import BARE, PLURAL, Vocabulary, Word

ARTICLE = re.compile(r"\ba~ (\w+)")  # "a" or "an", whichever the next word takes
SPACES = re.compile(r"\s+")
BEFORE_COMMA = re.compile(r" (?=[,.;:!?])")


class Draft(NamedTuple):
    """A template with what fills its slots, and drafts that name the things it refers to."""

    template: Template
    fillers: tuple[Filler, ...]
    targets: tuple[Draft, ...] = ()


class Said(NamedTuple):
    """A draft as text, and the `path` of the alternatives that it was made from."""

    text: str
    path: str


def say(draft: Draft, templates: Templates, dice: random.Random) -> Said:
    """The draft in words. Which of several phrases for the same thing is drawn with `dice`."""
    words, path = templates.vocabulary, list[str]()
    pieces = _pieces(draft, "", words, templates.slot_bits, dice, path)
    text = BEFORE_COMMA.sub("", SPACES.sub(" ", "".join(pieces)).strip())
    if "a~" in text:
        text = ARTICLE.sub(lambda found: f"{lexicon.a(found[1])} {found[1]}", text)
    for long, short in words.file.contractions.items():
        if long in text:
            text = re.sub(rf"\b{re.escape(long)}\b", short, text)
    return Said(text, ">".join(path))


def _pieces(
    draft: Draft, form: str, words: Vocabulary, slots: dict[str, int], dice: random.Random,
    path: list[str],
) -> list[str]:  # fmt: skip
    path.append(draft.template.pattern.path)
    fillers = dict(zip(draft.template.slots, draft.fillers, strict=True))
    main, genders = "", dict[int, str]()
    for slot, filler in reversed(fillers.items()):
        if filler.word is not None and (slot.name == "noun" or filler.part):
            gender = PLURAL if slot.form == PLURAL else filler.word.gender
            genders[slot.group] = gender
            main = gender if slot.name == "noun" else main
    found: list[str] = []
    filled, named = iter(draft.fillers), count()
    for piece in draft.template.pattern.pieces:
        if isinstance(piece, str):
            found.append(piece)
            continue
        gender, case = genders.get(piece.group, main), piece.form or form
        if piece.name not in slots:
            found.append(words.agree(piece.name, gender, case) or "")
            continue
        filler = next(filled)
        if filler.word is None and not filler.phrases:
            target = draft.targets[next(named)]
            found += _pieces(target, case, words, slots, dice, path)
        elif filler.word is None:
            found += _phrase(draft, filler.phrases, words, slots, dice, path)
        elif piece.name == "noun" or filler.part:
            found.append(_noun(filler.word, case, words))
        else:
            found.append(inflected(filler.word, gender, case, words))
    return found


def _phrase(
    draft: Draft, phrases: tuple[Pattern, ...], words: Vocabulary, slots: dict[str, int],
    dice: random.Random, path: list[str],
) -> list[str]:  # fmt: skip
    """A position or a relation, with the names of what it refers to."""
    found: list[str] = []
    phrase = draw(phrases, [p.weight for p in phrases], dice)
    path.append(phrase.path)
    for piece in phrase.pieces:
        if isinstance(piece, Slot):
            target = draft.targets[("target", "second").index(piece.name)]
            found += _pieces(target, piece.form, words, slots, dice, path)
        else:
            found.append(piece)
    return found


def _noun(word: Word, form: str, words: Vocabulary) -> str:
    if form == PLURAL:
        return word.plural or lexicon.plural(word.say)
    return (word.stem or word.say) + (words.agree("noun_ending", word.gender, form) or "")


def inflected(word: Word, gender: str, form: str, words: Vocabulary) -> str:
    """An adjective with the ending that the vocabulary's `ending` table gives it."""
    ending = "" if form == BARE else words.agree("ending", gender, form)
    return (word.stem or word.say) + ending if ending else word.say


T = TypeVar("T")


def draw(ways: Sequence[T], weights: Sequence[float], dice: random.Random) -> T:
    """One of `ways`, as often as its weight says."""
    return ways[0] if len(ways) == 1 else drawn(ways, list(accumulate(weights)), dice)


def drawn(ways: Sequence[T], sums: Sequence[float], dice: random.Random) -> T:
    """The same for weights that are summed up already."""
    return ways[bisect(sums, dice.random() * sums[-1])]
