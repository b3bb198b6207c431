"""Texts made of a picture's own: a word or a phrase of one stands in another. Most then mean
nothing in the picture, and only who looks can tell; those that do mean something are kept as well,
so that no word gives it away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from refmatte_baselines.data.pictures import Text, TrainingPicture
from refmatte_engine.records import KEYWORD, NONE, Clause
from refmatte_engine.semantics import lexicon
from refmatte_engine.semantics.ground import Grounder

Program = tuple[Clause, ...]
Path = tuple[tuple[int, int], ...]  # clause and target, down to the program that a piece is of
NOUN, CLOTHES = "noun", "clothes"


class Piece(NamedTuple):
    """A part of a text that another text's part may stand for: the clauses that it says."""

    text: Text
    path: Path
    span: tuple[int, int]
    clauses: Program

    @property
    def said(self) -> str:
        """The words."""
        return self.text.text[slice(*self.span)]


def exchanged(picture: TrainingPicture, tries: int, rng: np.random.Generator) -> TrainingPicture:
    """The picture with what comes of so many tries to exchange a piece of a text for another's:
    texts that mean nothing for certain, of the kind none, and texts that for certain mean one
    thing, of the kind that they were. A picture without records stays as it is, and so do texts
    that are not in English."""
    if not picture.entities:
        return picture
    grounder = Grounder(picture.entities, picture.image.shape[:2])
    places = {entity.index: place for place, entity in enumerate(picture.entities)}
    pieces: dict[str, list[Piece]] = defaultdict(list)
    for one in picture.texts:
        if one.kind != KEYWORD and _is_english(one, picture):
            for sort, piece in _pieces(one):
                pieces[sort].append(piece)
    sorts, said, found = list(pieces), {one.text for one in picture.texts}, list(picture.texts)
    for _ in range(tries if sorts else 0):
        sort = sorts[int(rng.integers(len(sorts)))]
        piece, other = (pieces[sort][i] for i in rng.integers(len(pieces[sort]), size=2))
        made = _exchanged(piece, other, sort)
        if made is None or made.text in said or made.program is None:
            continue
        meant = _meant(made.program, grounder)
        if meant is not None:
            said.add(made.text)
            kind = made.kind if meant else NONE
            found.append(replace(made, kind=kind, referents=tuple(places[r] for r in meant)))
    return replace(picture, texts=tuple(found))


def _is_english(one: Text, picture: TrainingPicture) -> bool:
    """Whether its noun is one that the lexicon, which knows English alone, has for its thing."""
    if len(one.referents) != 1:
        return False
    entity = picture.entities[one.referents[0]]
    return any(
        lexicon.is_a(entity.category, lexicon.normal(one.text[slice(*span)]), entity.kind) >= 0
        for clause in one.program or ()
        for span in clause.spans
        if clause.op == "category"
    )


def _pieces(one: Text) -> Iterator[tuple[str, Piece]]:
    """All pieces of a text, each with its sort; only pieces of one sort are exchanged."""
    for path, program in _programs(one.program or (), ()):
        by_span: dict[tuple[int, int], list[Clause]] = defaultdict(list)
        for clause in program:
            if len(clause.spans) == 1:
                by_span[clause.spans[0]].append(clause)
        for span, clauses in by_span.items():
            sort: str = clauses[0].op
            if any(clause.op == "category" for clause in clauses):
                sort = NOUN
            elif len(clauses) > 1 or clauses[0].negated:
                continue
            elif sort == "attribute":
                sort = clauses[0].name
            yield sort, Piece(one, path, span, tuple(clauses))


def _programs(program: Program, path: Path) -> Iterator[tuple[Path, Program]]:
    """A program and those of what it refers to."""
    yield path, program
    for number, clause in enumerate(program):
        for place, target in enumerate(clause.targets):
            yield from _programs(target, (*path, (number, place)))


def _exchanged(piece: Piece, other: Piece, sort: str) -> Text | None:
    """The piece's text with the other piece in its place; None where that is no sentence."""
    first, last = piece.span
    before = piece.text.text[:first].split()[-1:]
    was, new = _main(piece), _main(other)
    if piece.said == other.said or len(was.targets) != len(new.targets):
        return None
    if before in (["a"], ["an"]) and (before == ["an"]) != (other.said[0] in "aeiou"):
        return None
    if sort == NOUN and _is_person(was) != _is_person(new):
        return None  # what colour a person is, nobody asks
    if sort == CLOTHES and piece.said.endswith("s") != other.said.endswith("s"):
        return None  # "wearing a trousers"

    def changed(program: Program) -> Program:
        rest = tuple(clause for clause in program if clause not in piece.clauses)
        if sort == NOUN:
            return (*other.clauses, *rest)
        if sort == CLOTHES:  # their colour is said, too
            rest = tuple(
                replace(clause, part=new.value) if clause.part == was.value else clause
                for clause in rest
            )
        return (*rest, replace(new, part=was.part, targets=was.targets))

    program = _unproved(_put(piece.text.program or (), piece.path, changed))
    text = piece.text.text[:first] + other.said + piece.text.text[last:]
    return replace(piece.text, text=text, program=program)


def _main(piece: Piece) -> Clause:
    """What it says before all; what else it says of a person follows from the noun."""
    found = [clause for clause in piece.clauses if clause.op == "category"]
    return (found or piece.clauses)[0]


def _is_person(noun: Clause) -> bool:
    return lexicon.is_a(noun.name, "person") == 1


def _put(program: Program, path: Path, change: Callable[[Program], Program]) -> Program:
    """The program with the one at the end of the path changed."""
    if not path:
        return change(program)
    (number, place), rest = path[0], path[1:]
    clause = program[number]
    targets = list(clause.targets)
    targets[place] = _put(targets[place], rest, change)
    return (*program[:number], replace(clause, targets=tuple(targets)), *program[number + 1 :])


def _unproved(program: Program) -> Program:
    """Without what was true of another text."""
    return tuple(
        Clause(
            *(clause.op, clause.name, clause.value, clause.part, clause.negated),
            tuple(map(_unproved, clause.targets)),
            noun=clause.noun,
        )
        for clause in program
    )


def _meant(program: Program, grounder: Grounder) -> tuple[int, ...] | None:
    """Whom a program means: one thing for certain, or nothing; None if it is neither, or could only
    be about what it refers to ("the mug near the mug")."""
    targets = [target for clause in program for target in clause.targets]
    referred = [grounder.ground(target) for target in targets]
    if any(len(each.referents) != 1 or not each.certain for each in referred):
        return None
    alone = grounder.ground(tuple(clause for clause in program if not clause.targets)).referents
    if targets and alone and set(alone) <= {each.referents[0] for each in referred}:
        return None
    found = grounder.ground(program)
    is_clear = not found.referents or (len(found.referents) == 1 and found.certain)
    return found.referents if is_clear else None
