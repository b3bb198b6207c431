"""The variety of texts is a share, whatever lies on disk of it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.dataset.variety import Variety
from refmatte_engine.storage import sorted_lines

WORDS = st.lists(st.sampled_from(["the", "red", "mug", "ball", "left"]), min_size=1, max_size=6)


def variety(texts: Iterable[str]) -> dict[str, float]:
    found = Variety()
    for text in texts:
        found.add(text)
    return found.shares()


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=12))
def test_variety_is_a_share_and_repeating_everything_halves_it(texts: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sorted_lines, "HELD", 3)
        once, twice = variety(texts), variety(texts * 2)
    assert once["distinct sentences"] == len(set(texts)) / len(texts)
    for name, share in once.items():
        assert 0 <= share <= 1
        assert twice[name] == pytest.approx(share / 2)


def test_sentences_are_the_same_in_capitals_and_nothing_has_no_variety() -> None:
    assert variety(["A mug", "a  mug"])["distinct sentences"] == 0.5
    assert set(variety([]).values()) == {0}
