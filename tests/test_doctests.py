"""The examples in docstrings are true."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
ENGINE = [f"refmatte_engine.{f.stem}" for f in sorted(REPOSITORY.glob("refmatte_engine/*.py"))]
BASELINES = [
    ".".join(("refmatte_engine", *file.relative_to(REPOSITORY).with_suffix("").parts))
    for file in sorted(REPOSITORY.glob("baselines/**/*.py"))
]


@pytest.mark.parametrize("name", [n for n in ENGINE if not n.endswith("__main__")])
def test_the_engines_examples(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_the_baselines_examples() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    for name in BASELINES:
        assert doctest.testmod(importlib.import_module(name)).failed == 0, name
