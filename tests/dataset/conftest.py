"""A dataset that several tests read, and the pack that it is made of."""

from __future__ import annotations

from pathlib import Path

import pytest

from refmatte_engine.generation.dataset_run import generate
from tests.conftest import make_pack
from tests.generation.test_dataset_run import run_of


@pytest.fixture(scope="session")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pack(tmp_path_factory.mktemp("pack") / "tiny")


@pytest.fixture(scope="session")
def made(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset that no test changes."""
    root = tmp_path_factory.mktemp("made") / "out"
    generate(run_of(pack), root)
    return root
