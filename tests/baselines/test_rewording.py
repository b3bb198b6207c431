"""Other words for what is there, and words for what is not, as laws over composed pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from refmatte_baselines.data import rewording
from refmatte_baselines.data.batches import Batches
from refmatte_baselines.data.pictures import Composed, TrainingPicture, source
from refmatte_baselines.ranks import Place
from refmatte_baselines.towers.reader import Reader
from refmatte_baselines.training.recipe import Recipe
from refmatte_engine.semantics import lexicon
from refmatte_engine.semantics.ground import ground

PICTURES = 8


@pytest.fixture(scope="module")
def stream() -> Composed:
    made = source("demo", 5)
    assert isinstance(made, Composed)
    return made


@pytest.fixture(scope="module")
def pictures(stream: Composed) -> Sequence[TrainingPicture]:
    return [stream.picture(number, 192) for number in range(PICTURES)]


def test_other_words_mean_the_same(pictures: Sequence[TrainingPicture]) -> None:
    changed = 0
    for picture in pictures:
        found = rewording.reworded(picture, 1.0, np.random.default_rng(4))
        for before, after in zip(picture.texts, found.texts, strict=True):
            assert after.referents == before.referents
            assert after.kind == before.kind
            if after.text == before.text:
                assert after == before
                continue
            changed += 1
            assert after.program is not None
            said = ground(after.program, picture.entities, picture.image.shape[:2])
            assert said.referents == tuple(picture.entities[p].index for p in after.referents)
            noun, entity = after.program[0].name, picture.entities[after.referents[0]]
            assert noun in after.text
            assert lexicon.is_a(entity.category, noun, entity.kind) >= 0
    assert changed > PICTURES


def test_no_share_changes_nothing(pictures: Sequence[TrainingPicture]) -> None:
    for picture in pictures:
        assert rewording.reworded(picture, 0.0, np.random.default_rng(4)) == picture
        without = replace(picture, entities=())
        assert rewording.reworded(without, 1.0, np.random.default_rng(4)) == without
        assert rewording.with_absent(without, ["cat"], np.random.default_rng(4)) == without


def test_what_is_absent_is_not_there_by_any_name(
    stream: Composed, pictures: Sequence[TrainingPicture]
) -> None:
    said = set()
    for picture in pictures:
        for seed in range(10):
            rng = np.random.default_rng(seed)
            found = rewording.with_absent(picture, stream.categories, rng)
            for text in found.texts[len(picture.texts) :]:
                assert not text.referents
                assert not found.alpha(text).any()
                noun = text.text.removeprefix("the ")
                said.add(noun)
                for entity in picture.entities:
                    assert lexicon.is_a(entity.category, noun, entity.kind) == -1
    assert len(said) > 8


def test_a_picture_of_everything_has_nothing_absent(pictures: Sequence[TrainingPicture]) -> None:
    picture = pictures[0]
    names = [entity.category for entity in picture.entities]
    for seed in range(20):
        found = rewording.with_absent(picture, names, np.random.default_rng(seed))
        assert found == picture


def test_batches_have_their_share_of_absent_texts(
    stream: Composed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """About as many as asked, the same whenever they are made; the others mean something."""
    drawn = {number: stream.picture(number, 192) for number in range(PICTURES)}
    monkeypatch.setattr(stream, "picture", lambda number, *_: drawn[number % PICTURES])

    def batches(**more: float) -> Batches:
        recipe = Recipe.model_validate(
            {"preset": "minimal", "model": {"presence": True}, "texts": 8, "crop": 0.3}
            | {"phases": [{"steps": 12, "batch": 4, "size": 64}], "synonyms": 0.5, **more}
        )
        return Batches([stream], recipe, Place(), 16, Reader("the {}", 2, 77, 49408))

    made = batches(absent=0.25)
    found = [made[number] for number in range(12)]
    nothing = [not alpha.any() for batch in found for alpha in batch.alpha]
    assert 0.17 < np.mean(nothing) < 0.33
    assert made[3].texts == batches(absent=0.25)[3].texts
    assert all(alpha.any() for alpha in batches(absent=0)[2].alpha)
