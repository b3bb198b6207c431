"""Other words for what is in a picture, and words for what is not; both grounded by the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from refmatte_baselines.data.pictures import Text, TrainingPicture
from refmatte_engine.records import KEYWORD, NONE, Clause, Entity
from refmatte_engine.semantics import lexicon
from refmatte_engine.semantics.ground import Grounder

REWORDED = (KEYWORD, "basic")
TRIES = 8  # names that are drawn for what is not there


def reworded(picture: TrainingPicture, share: float, rng: np.random.Generator) -> TrainingPicture:
    """The picture with the noun exchanged in `share` of its keywords and basic sentences, where
    another means the same one thing; a picture without records stays as it is."""
    grounder = _grounder(picture)
    if grounder is None:
        return picture
    texts = []
    for one in picture.texts:
        said = None
        if one.kind in REWORDED and len(one.referents) == 1 and rng.random() < share:
            said = _otherwise(one, picture.entities[one.referents[0]], grounder, rng)
        texts.append(said or one)
    return replace(picture, texts=tuple(texts))


def with_absent(
    picture: TrainingPicture, names: Sequence[str], rng: np.random.Generator
) -> TrainingPicture:
    """The picture with one more text that means nothing in it: one of `names`, which things in
    other pictures have, or another noun for such a thing. None is added where all that are drawn
    might mean something, or where nothing is recorded of what is there."""
    grounder = _grounder(picture)
    for _ in range(TRIES if grounder and names else 0):
        category = names[int(rng.integers(len(names)))]
        levels = [(lexicon.normal(category),), *lexicon.other_names(category)]
        # Mostly its own name, which is what others are mostly called.
        level = levels[int(rng.integers(len(levels))) if rng.random() < 0.5 else 0]
        noun = level[int(rng.integers(len(level)))]
        program = (Clause("category", noun),)
        assert grounder is not None
        if not grounder.ground(program).referents:
            kind = KEYWORD if rng.random() < 0.5 else NONE
            text = noun if kind == KEYWORD else f"the {noun}"
            return replace(picture, texts=(*picture.texts, Text(text, kind, (), program)))
    return picture


def _grounder(picture: TrainingPicture) -> Grounder | None:
    return Grounder(picture.entities, picture.image.shape[:2]) if picture.entities else None


def _otherwise(
    one: Text, entity: Entity, grounder: Grounder, rng: np.random.Generator
) -> Text | None:
    """The text with another noun that means `entity` alone; None if there is none."""
    noun = _noun(one, entity)
    if noun is None:
        return None
    first, last = noun.spans[0]
    before = lexicon.normal(one.text[first:last])
    levels = list(_levels(entity, before))
    for place in rng.permutation(len(levels)):
        level, is_sure = levels[place]
        name = level[int(rng.integers(len(level)))]
        rest = (clause for clause in one.program or () if not (clause is noun or clause.noun))
        program = (Clause("category", name), *(replace(each, spans=()) for each in rest))
        found = grounder.ground(program)
        if found.referents == (entity.index,) and (found.certain or not is_sure):
            text = one.text[:first] + name + one.text[last:]
            return replace(one, text=text, program=program)
    return None


def _levels(entity: Entity, before: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Nouns for an entity that are not `before`, those that are sure and those that are not."""
    own = ((lexicon.normal(entity.category),), *lexicon.other_names(entity.category))
    for is_sure, levels in ((True, own), (False, (lexicon.nicknames(entity.category),))):
        for level in levels:
            if left := tuple(name for name in level if name != before):
                yield left, is_sure


def _noun(one: Text, entity: Entity) -> Clause | None:
    """The clause of the text's noun, where one place in the text says it in a word that the lexicon
    has for the entity: it speaks English alone."""
    for clause in one.program or ():
        if clause.op == "category" and not clause.negated and len(clause.spans) == 1:
            first, last = clause.spans[0]
            said = lexicon.normal(one.text[first:last])
            return clause if lexicon.is_a(entity.category, said, entity.kind) >= 0 else None
    return None
