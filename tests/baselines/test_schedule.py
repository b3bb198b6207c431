"""The learning rate over a training: up, then down, and never gone."""

from __future__ import annotations

import pytest

from refmatte_baselines.training.schedule import rate_at


@pytest.mark.parametrize(("steps", "warm_up"), [(1, 0), (2, 1), (100, 10), (7, 7), (500, 0)])
def test_it_rises_then_falls(steps: int, warm_up: int) -> None:
    rates = [rate_at(step, steps, warm_up) for step in range(steps)]
    assert rates[:warm_up] == sorted(rates[:warm_up])
    assert rates[warm_up:] == sorted(rates[warm_up:], reverse=True)
    assert max(rates) == 1
    assert min(rates) > 0
    assert rate_at(steps, steps, warm_up) == pytest.approx(0.01 if steps > warm_up else 1)
