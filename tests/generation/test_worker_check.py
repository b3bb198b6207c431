"""A worker elsewhere has to have the same engine, packs and folder; each that differs is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from refmatte_engine.generation import worker_check
from refmatte_engine.packs import catalog


def test_what_differs_is_named(tiny_pack: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/.run.json").write_text("{}")
    loaded = catalog.load([tiny_pack])
    wanted = worker_check.expected(tmp_path / "out", loaded)
    assert worker_check.problem(wanted) == ""
    other = replace(wanted, versions={**wanted.versions, "numpy": "0.1"})
    assert "has other versions: numpy " in worker_check.problem(other)
    other = replace(wanted, code="0")
    assert "its files are not the same" in worker_check.problem(other)
    other = replace(wanted, root=str(tmp_path))
    assert f"does not see the folder {tmp_path};" in worker_check.problem(other)
    assert worker_check.problem(worker_check.expected(None, loaded)) == ""  # of a run at a URL


@pytest.mark.parametrize("name", ["foregrounds/dog/dog.png", "backgrounds/land_0.jpg"])
@pytest.mark.parametrize("is_gone", [True, False])
def test_another_pack_is_named(tiny_pack: Path, tmp_path: Path, name: str, is_gone: bool) -> None:
    wanted = worker_check.expected(tmp_path, catalog.load([tiny_pack]))
    file = tiny_pack / name
    data = file.read_bytes()
    file.unlink()
    if not is_gone:
        file.write_bytes(data + b"\0")
    assert worker_check.problem(wanted).startswith(f"has another pack at {tiny_pack}, or none")
