"""Two checkouts and one environment: models come from the checkout that the engine comes from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.blocks import REPOSITORY


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that is not installed, with a recipe of its own."""
    root = tmp_path_factory.mktemp("second")
    for folder in ("refmatte_engine", "baselines/refmatte_baselines", "templates"):
        unwanted = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / folder, root / folder, ignore=unwanted)
    (root / "baselines/weights").mkdir()
    recipe = root / "baselines/refmatte_baselines/recipes/mine.yaml"
    recipe.write_text("# Only here.\n")
    return root


def run(second: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=second,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
    )


def test_the_console_is_that_of_the_checkout(second: Path) -> None:
    done = run(second, "-m", "refmatte_engine", "list", "recipes")
    assert done.returncode == 0, done.stderr
    assert "mine          Only here\n" in done.stdout
    assert str(second) in run(second, "-m", "refmatte_engine", "doctor").stdout


def test_halves_of_two_checkouts_are_refused(second: Path) -> None:
    both = "import refmatte_engine, refmatte_baselines; print(refmatte_baselines.__file__)"
    first = {"PYTHONPATH": str(REPOSITORY / "baselines")}
    done = run(second, "-c", both, **first)
    assert done.returncode == 1
    assert f"refmatte_baselines is that of {REPOSITORY}, refmatte_engine that of" in done.stderr
    done = run(second, "-c", both, PYTHONPATH=str(second / "baselines"))
    assert done.stdout.startswith(str(second))
