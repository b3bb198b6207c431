"""Values are counted exactly up to a bound, and drawn fairly beyond it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.dataset import values
from refmatte_engine.dataset.values import Values


@given(st.lists(st.floats(0, 1) | st.integers(0, 3), min_size=1, max_size=30))
def test_a_summary_is_that_of_all_values(given_: list[float]) -> None:
    found = Values(given_)
    assert list(found) == sorted(given_)
    summary = found.summary()
    assert summary["mean"] == pytest.approx(np.mean(given_))
    wanted = np.quantile(given_, list(values.QUARTILES.values()))
    assert [summary[name] for name in values.QUARTILES] == pytest.approx(wanted.tolist())


def test_of_many_values_a_fair_part_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where they come in an order, and where most of them are the same."""
    monkeypatch.setattr(values, "MOST", 500)
    everything = [number / 20_000 for number in range(20_000)]
    found = Values(everything)
    assert (len(found), len(list(found))) == (20_000, 500)
    summary = found.summary()
    assert (summary["least"], summary["most"]) == (0, everything[-1])
    assert summary["mean"] == pytest.approx(np.mean(everything))
    assert summary["median"] == pytest.approx(0.5, abs=0.1)
    mostly = [1.0 if number % 3 else number / 20_000 for number in range(20_000)]
    assert np.mean(np.array(list(Values(mostly))) == 1) == pytest.approx(2 / 3, abs=0.1)


def test_no_values_have_no_summary() -> None:
    assert not Values()
    assert Values().summary() == {}
