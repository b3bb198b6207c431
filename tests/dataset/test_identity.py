"""What tells one dataset from another."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from refmatte_engine.dataset.identity import identity
from refmatte_engine.errors import InputError
from tests.support.released import write_refmatte


def test_it_is_the_files_and_not_the_place(tmp_path: Path) -> None:
    root = write_refmatte(tmp_path / "a")
    whole = identity(root)
    assert identity(Path(shutil.copytree(root, tmp_path / "b" / "other"))) == whole
    found = {whole}
    for pattern in ("*/img/*", "*/mask/*", "*/refmatte_*_label.json"):
        changed = Path(shutil.copytree(root, tmp_path / pattern.replace("/", " ").replace("*", "")))
        (file, *_) = sorted(changed.glob(pattern))
        file.write_bytes(file.read_bytes() + b" ")
        found.add(identity(changed))
    assert len(found) == 4


def test_what_is_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a dataset folder"):
        identity(tmp_path)
