"""What comes of a piece of one text in another, as laws over composed pictures."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from refmatte_baselines.data import near_misses
from refmatte_baselines.data.pictures import TrainingPicture, source
from refmatte_engine.records import NONE
from refmatte_engine.semantics.ground import ground

PICTURES = 8


@pytest.fixture(scope="module")
def pictures() -> list[TrainingPicture]:
    stream = source("demo", 5)
    return [stream.picture(number, 192) for number in range(PICTURES)]


def exchanged(picture: TrainingPicture, seed: int = 0) -> TrainingPicture:
    return near_misses.exchanged(picture, 60, np.random.default_rng(seed))


def test_new_texts_mean_what_is_said_of_them(pictures: list[TrainingPicture]) -> None:
    """Nothing for certain, or one thing for certain."""
    for picture in pictures:
        new = exchanged(picture).texts[len(picture.texts) :]
        for text in new:
            assert text.program is not None
            found = ground(text.program, picture.entities, picture.image.shape[:2])
            assert found.referents == tuple(picture.entities[p].index for p in text.referents)
            assert found.certain
            assert (text.kind == NONE) == (not text.referents)
        said = {text.text for text in new}
        assert len(said) == len(new)
        assert not said & {text.text for text in picture.texts}


def test_no_word_gives_it_away(pictures: list[TrainingPicture]) -> None:
    """Both sorts are made of the words of the picture's own texts, and there are many of each."""
    count: Counter[bool] = Counter()
    for picture in pictures:
        own = {word.rstrip(",") for text in picture.texts for word in text.text.split()}
        for text in exchanged(picture).texts[len(picture.texts) :]:
            assert {word.rstrip(",") for word in text.text.split()} <= own
            count[bool(text.referents)] += 1
    assert min(count.values()) > 2 * PICTURES


def test_what_cannot_be_grounded_stays(pictures: list[TrainingPicture]) -> None:
    one = replace(pictures[0], entities=())
    assert exchanged(one) == one
    for change in ({"program": None}, {"text": "ж" * 99}):
        texts = tuple(replace(text, **change) for text in pictures[0].texts)  # type: ignore[arg-type]
        other = replace(pictures[0], texts=texts)
        assert exchanged(other) == other


def test_the_same_draw_makes_the_same_texts(pictures: list[TrainingPicture]) -> None:
    assert exchanged(pictures[1]).texts == exchanged(pictures[1]).texts
    assert exchanged(pictures[1]).texts != exchanged(pictures[1], 1).texts
