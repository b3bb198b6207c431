"""The wheels work outside a checkout, and add only names of ours to site-packages."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both wheels, made by `make wheels` in a copy of the checkout, by the names they add."""
    source = tmp_path_factory.mktemp("source")
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in tracked.strip("\0").split("\0"):
        if (REPOSITORY / name).is_file():
            target = source / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((REPOSITORY / name).read_bytes())
    here = Path(sys.executable).parent
    subprocess.run(
        ["make", "wheels", f"BIN={here}", "VENV=none"], cwd=source, check=True, capture_output=True
    )
    return {file.name.split("-")[0]: file for file in (source / "dist").glob("*.whl")}


def unpacked(site: Path, *files: Path) -> Path:
    for file in files:
        with zipfile.ZipFile(file) as archive:
            archive.extractall(site)
    return site


def run(site: Path, code: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(site)}
    command = [sys.executable, "-P", "-c", code]
    return subprocess.run(command, cwd=site, env=env, capture_output=True, text=True)


@pytest.mark.slow
def test_the_engine_generates_from_its_own_templates_and_assets(
    wheels: dict[str, Path], tmp_path: Path
) -> None:
    site = unpacked(tmp_path / "site", wheels["refmatte_engine"])
    names = {path.name.split("-")[0] for path in site.iterdir()}
    assert names == {"refmatte_engine", "refmatte_baselines"}
    assert not list(site.rglob("studio/**/*.py"))
    code = (
        "import refmatte_engine, sys; from refmatte_engine.cli.main import main;"
        f"assert refmatte_engine.__file__.startswith({str(site)!r}), refmatte_engine.__file__;"
        "sys.argv = ['refmatte', 'generate', 'smoke', '--out', 'made', '--limit', '3', "
        "'--workers', '1']; main()"
    )
    assert run(site, code).returncode == 0
    assert len(list((site / "made").glob("*/img/*.jpg"))) == 3


@pytest.mark.slow
def test_weights_are_a_wheel_of_their_own(wheels: dict[str, Path], tmp_path: Path) -> None:
    assert wheels["refmatte_engine"].stat().st_size < 30_000_000  # the pack is 25 MB
    code = "from refmatte_baselines.checkpoints import located; print(located('tiny'))"
    site = unpacked(tmp_path / "site", wheels["refmatte_engine"])
    assert not list(site.rglob("*.safetensors"))
    assert "run: pip install refmatte-weights" in run(site, code).stderr
    unpacked(site, wheels["refmatte_weights"])
    assert run(site, code).stdout == f"{site / 'refmatte_weights/tiny'}\n"
