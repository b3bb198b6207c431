"""What the README says is run: its Python example and its templates, as they stand there."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from refmatte_engine import review

README = (Path(__file__).parent.parent / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_the_library_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = blocks("python")
    assert len(example.strip().splitlines()) <= 10
    monkeypatch.chdir(tmp_path)
    exec(compile(example, "README.md", "exec"), {})
    said = capsys.readouterr().out
    assert said.count("  absolute: ") >= 4


def test_the_example_templates_have_nothing_wrong(tmp_path: Path) -> None:
    (example,) = [block for block in blocks("yaml") if "kinds:" in block]
    (tmp_path / "mine.yaml").write_text(example)
    assert review.check(tmp_path / "mine.yaml") == []


def test_every_command_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    from refmatte_engine.cli import app

    monkeypatch.setattr(sys, "argv", ["refmatte"])
    for command in app.registered_commands:
        assert command.callback is not None
        assert f"refmatte {command.name or command.callback.__name__}" in README


def test_the_files_it_names_are_there() -> None:
    root = Path(__file__).parent.parent
    for path in re.findall(r"\]\(([\w./-]+)\)", README):
        assert (root / path).exists(), path


def test_every_module_is_in_the_reading_order() -> None:
    order = README.split("## Reading order")[1].split("##")[0]
    for file in (Path(__file__).parent.parent / "refmatte_engine").glob("*.py"):
        if not file.stem.startswith(("__", "cli_")):
            assert f"`{file.stem}`" in order, file.stem
