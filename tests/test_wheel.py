"""The wheel works outside a checkout and adds one name to site-packages."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent


@pytest.mark.slow
def test_the_wheel_generates_from_its_own_templates_and_assets(tmp_path: Path) -> None:
    source = tmp_path / "source"
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
    subprocess.run(
        [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", tmp_path, source],
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    assert {p.name.split("-")[0] for p in site.iterdir()} == {"refmatte_engine"}
    assert not list(site.rglob("studio/*.py"))
    code = (
        "import refmatte_engine, sys; from refmatte_engine.cli import main;"
        f"assert refmatte_engine.__file__.startswith({str(site)!r}), refmatte_engine.__file__;"
        "sys.argv = ['refmatte', 'generate', 'smoke', '--out', 'made', '--limit', '3', "
        "'--workers', '1']; main()"
    )
    env = {**os.environ, "PYTHONPATH": str(site)}
    subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, env=env, check=True)
    assert len(list((tmp_path / "made").glob("*/img/*.jpg"))) == 3
