"""The folder of an export: what is refused and left alone, and what is noticed to be lost."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.formats import export, export_folder
from tests.support.drawn import drawn_dataset

pytestmark = pytest.mark.usefixtures("samples")


def _tree(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@pytest.mark.parametrize("to", [to for to in export.FORMATS if to != "hf"])
def test_a_lost_file_comes_back(to: str, tmp_path: Path) -> None:
    """Whatever is deleted from a finished export, or cut, the same command brings back."""
    out = tmp_path / "out"
    export.run(tmp_path / "data", to, out, also=["scribble"], workers=1)
    whole = _tree(out)
    for name in [*sorted(whole)[::29], "weak_labels/test.json"]:
        if name.endswith(export_folder.RECEIPT):
            continue
        (out / name).unlink()
        (out / "mine.txt").touch()
        (out / ".DS_Store").touch()
        (out / "mine.txt").unlink()
        export.run(tmp_path / "data", to, out, also=["scribble"], workers=1)
        (out / ".DS_Store").unlink()
        assert _tree(out) == whole, name


def test_other_content_is_refused_and_left_alone(tmp_path: Path) -> None:
    data, foreign = tmp_path / "data", tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    with pytest.raises(
        InputError, match=r"holds other files: thesis\.txt; allowed: a new or empty"
    ):
        export.run(data, "coco", foreign, workers=1)
    assert [p.name for p in foreign.iterdir()] == ["thesis.txt"]
    with pytest.raises(InputError, match="holds other files"):
        export.run(data, "coco", data, workers=1)
    with pytest.raises(InputError, match="lies in the dataset's own folder"):
        export.run(data, "coco", data / "coco", workers=1)
    with pytest.raises(InputError, match="is not a folder"):
        export.run(data, "coco", foreign / "thesis.txt", workers=1)
    junk = tmp_path / "junk"
    junk.mkdir()
    (junk / ".DS_Store").touch()
    export.run(data, "coco", junk, workers=1)


def test_another_export_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    export.run(tmp_path / "data", "coco", out, workers=1)
    before = _tree(out)
    drawn_dataset(tmp_path / "other", {"train": 1})
    with pytest.raises(InputError, match=r"holds an export of 'data' to coco from another dataset"):
        export.run(tmp_path / "other", "coco", out, workers=1)
    receipt = json.loads((out / export_folder.RECEIPT).read_text())
    (out / export_folder.RECEIPT).write_text(json.dumps({**receipt, "format": "kitti"}))
    with pytest.raises(InputError, match=r"holds an export of 'data' to kitti; allowed: "):
        export.run(tmp_path / "data", "coco", out, workers=1)
    (out / export_folder.RECEIPT).write_text("[]")
    with pytest.raises(InputError, match="holds an export of None"):
        export.run(tmp_path / "data", "coco", out, workers=1)
    assert {**_tree(out), export_folder.RECEIPT: b""} == {**before, export_folder.RECEIPT: b""}


KILLED = """
import os, signal, sys
from refmatte_engine.formats import export
from refmatte_engine.storage import files
export.CHUNK = 1
real, links = os.link, []
def link(source, target):
    real(source, target)
    links.append(target)
    if len(links) == 7:
        os.kill(os.getpid(), signal.SIGKILL)
os.link = link
export.run(*sys.argv[1:], also=["box"], workers=1)
"""


@pytest.mark.parametrize("to", ["mam", "coco"])
def test_killed_and_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str) -> None:
    """By a signal that nobody can catch, between a file's two names."""
    words = [str(tmp_path / "data"), to, str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", KILLED, *words], capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert list((tmp_path / "out").rglob("*.part"))
    monkeypatch.setattr(export, "CHUNK", 1)
    export.run(tmp_path / "data", to, tmp_path / "out", also=["box"], workers=1)
    export.run(tmp_path / "data", to, tmp_path / "whole", also=["box"], workers=1)
    assert _tree(tmp_path / "out") == _tree(tmp_path / "whole")
