"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.support.modules import BASELINES, ENGINE


@pytest.mark.parametrize("name", ENGINE)
def test_the_engines_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_baselines_examples() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    for name in BASELINES:
        assert doctest.testmod(importlib.import_module(name)).failed == 0, name
