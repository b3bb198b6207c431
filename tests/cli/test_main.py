"""The program around the commands."""

from __future__ import annotations

import pytest

from refmatte_engine.cli import main
from refmatte_engine.errors import InputError, RefMatteError


@pytest.mark.parametrize(
    ("surroundings", "error", "is_said"),
    [
        ({}, InputError, True),
        ({"LOCAL_RANK": "1"}, InputError, True),  # another's word, where torchrun started nothing
        ({"TORCHELASTIC_RUN_ID": "a", "LOCAL_RANK": "0"}, InputError, True),
        ({"TORCHELASTIC_RUN_ID": "a", "LOCAL_RANK": "1"}, InputError, False),
        ({"TORCHELASTIC_RUN_ID": "a", "LOCAL_RANK": "1"}, RefMatteError, True),
    ],
)
def test_of_processes_started_together_one_says_what_is_wrong(
    surroundings: dict[str, str],
    error: type[RefMatteError],
    is_said: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("TORCHELASTIC_RUN_ID", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    assert main._told(error("x", "is wrong")) == error("x", "is wrong").exit_code
    assert capsys.readouterr().err == ("error: x: is wrong\n" if is_said else "")
