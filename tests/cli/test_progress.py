"""How the command line shows that long work goes on, where nobody has a terminal."""

from __future__ import annotations

import pytest

from refmatte_engine.cli import progress
from refmatte_engine.cli.progress import Bar


def test_rates_are_of_the_work_at_hand(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = 0.0
    monkeypatch.setattr(progress.time, "monotonic", lambda: now)
    with Bar("training", "step") as bar:
        for begun in (0.0, 1000.0):  # a second training counts from nothing again
            for step in range(1, 5):
                now = begun + 20 * step
                bar.update(step, 10)
    lines = capsys.readouterr().err.splitlines()
    assert [line.split("/")[0] for line in lines] == [
        *(f"training: {step}" for step in (1, 2, 3, 4)),
        *(f"training: {step}" for step in (2, 3, 4)),
    ]
    assert lines[3] == "training: 4/10 steps, 27 s each, 160 s left"
    assert lines[-1] == "training: 4/10 steps, 20 s each, 120 s left"
