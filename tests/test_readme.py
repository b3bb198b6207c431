"""What the README and the docs say is typed: every block, in order, as a first-time user would."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer

from refmatte_engine.cli.app import app
from refmatte_engine.config import strict_yaml
from refmatte_engine.images import image_io
from tests.conftest import BLUE, GREEN, RED, YELLOW, disc, figure, landscape, slab, write_png
from tests.support.blocks import (
    MARKS,
    PAGES,
    README,
    REPOSITORY,
    Block,
    blocks,
    commands,
    headings,
    links,
    wrong,
)
from tests.test_architecture import ORDER

Cli = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a first-time user has: six things, three places and a photograph."""
    root = tmp_path_factory.mktemp("stranger")
    pack = root / "my-pack"
    for stem, rgba in {
        "mug/red": slab(RED, (80, 70)),
        "mug/blue": slab(BLUE, (80, 70)),
        "ball/beach": disc(YELLOW),
        "bottle/green": slab(GREEN, (110, 40)),
        "people/ann": figure(RED, 2),
        "people/bob": figure(BLUE, 2),
    }.items():
        write_png(pack / f"foregrounds/{stem}.png", rgba)
    for seed, name in enumerate(("table", "garden", "street")):
        (pack / "backgrounds").mkdir(exist_ok=True)
        picture = image_io.encode_jpeg(landscape(seed, (320, 480)))
        (pack / f"backgrounds/{name}.jpg").write_bytes(picture)
    for number, rgba in enumerate((figure(RED, 4), figure(BLUE, 4), disc(GREEN))):
        around = landscape(9 + number, rgba.shape[:2])
        share = rgba[..., 3:] / 255
        photograph = (rgba[..., :3] * share + around * (1 - share)).round().astype("uint8")
        write_png(root / f"am2k/train/original/m_{number}.png", photograph)
        write_png(root / f"am2k/train/mask/m_{number}.png", rgba[..., 3])
    return root


# Much is drawn and measured there. `make test` only looks at these pages' commands; `make test-all`
# types them, too.
LONG = ("exports.md", "scoring.md", "layouts.md")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_can_be_read(page: Path) -> None:
    for block in blocks(page):
        assert block.mark in ("", *MARKS), f"{block}: {block.mark} is not a mark"
        if block.language in ("sh", "bash"):
            for words in commands(block):
                assert not (said := wrong(words)), f"{block}: {said}"
        elif block.language == "python":
            compile(block.text, str(block), "exec")
        elif block.language == "yaml":
            assert strict_yaml.parse_yaml(block.text, block)[0]
        else:
            assert block.language in ("text", "json", "csv"), f"{block}: {block.language}"


@pytest.mark.parametrize(
    "page",
    [pytest.param(p, marks=pytest.mark.slow if p.name in LONG else ()) for p in PAGES],
    ids=lambda page: page.name,
)
def test_every_block_works_as_it_stands(
    page: Path, folder: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of the page: the README in a shell, the other pages here, where everything is
    loaded already, and after it. A YAML block is written to the file that its first line names, and
    is an excerpt if that names none."""
    monkeypatch.chdir(folder)
    if page != README and not (folder / "out/demo").exists():
        _type(README, folder, cli)
    _type(page, folder, cli)


def _type(page: Path, folder: Path, cli: Cli) -> None:
    for block in blocks(page):
        if block.mark:
            continue
        if block.language in ("sh", "bash") and page == README:
            _run(block, folder)
        elif block.language in ("sh", "bash"):
            for words in commands(block):
                _here(words, block, cli)
        elif block.language == "python" and page == README:
            _done([sys.executable, "-c", block.text], block, folder)
        elif block.language == "python":
            exec(compile(block.text, str(block), "exec"), {})
        elif block.language == "yaml" and (
            named := re.match(r"#\s*([\w./-]+\.ya?ml)\b", block.text)
        ):
            file = folder / named[1]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block.text, "utf-8")


def _here(words: list[str], block: Block, cli: Cli) -> None:
    """A command in this process."""
    *words, sign, file = words if ">" in words else [*words, "", ""]
    assert words[0] == "refmatte", f"{block}: {words[0]} cannot be run here"
    code, out, err = cli(*words[1:])
    if sign:
        Path(file).write_text(out, "utf-8")
    if not _is_left_out(code, err):
        assert code == 0, f"{block}: exit {code}\n{out}\n{err}"


def _is_left_out(code: int, said: str) -> bool:
    """A model's command, where only the engine is installed."""
    return code == 2 and find_spec("torch") is None and "is needed to" in said


def _run(block: Block, folder: Path) -> None:
    script = "set -euo pipefail\nmake() { " + _MAKE + ' "$@"; }\n' + block.text
    _done(["bash", "-c", script], block, folder)


# What is installed already is not installed again, and tests do not run themselves.
_MAKE = (
    f'[ "$1" = test ] && return 0; command make --silent -f {REPOSITORY}/Makefile '
    f"VENV={Path(sys.executable).parent.parent} "
    f"-o {Path(sys.executable).parent.parent}/.engine -o {Path(sys.executable).parent.parent}/.dev"
)


def _done(command: list[str], block: Block, folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    if not _is_left_out(done.returncode, done.stderr):
        said = f"{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, f"{block}: exit {done.returncode}\n{said}"


def test_the_first_commands_are_run_and_are_what_ci_runs() -> None:
    first = blocks(README)[0]
    assert first.mark == ""
    text = README.read_text("utf-8")
    assert text.index("```") < text.index("\n## ")
    ci = (REPOSITORY / ".ci/run").read_text("utf-8")
    for words in commands(first):
        assert re.search(rf"^{' '.join(words)}$", ci, re.MULTILINE), words


def test_every_command_is_explained() -> None:
    pages = "".join(page.read_text("utf-8") for page in PAGES)
    for name in _commands(typer.main.get_command(app), "refmatte"):
        assert name in pages, name


def _commands(command: Any, name: str) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name
    for word, one in (inner or {}).items():
        yield from _commands(one, f"{name} {word}")


def test_the_readme_is_a_front_door() -> None:
    """Short, with a table of contents, and a way to every other page."""
    lines = README.read_text("utf-8").splitlines()
    assert len(lines) <= 120
    assert max(len(line) for line in lines if not line.startswith(("|", "!"))) <= 120
    contents = links(README)[: len(headings(README)) + 1]
    assert {f"#{heading}" for heading in headings(README)} <= set(contents)
    assert set(PAGES) >= {*(REPOSITORY / "docs").glob("*.md"), *REPOSITORY.glob("*.md")}


def test_every_link_leads_somewhere() -> None:
    others = (REPOSITORY / "assets/studio/README.md", *(REPOSITORY / "baselines").glob("*.md"))
    for page in (*PAGES, *others):
        for link in links(page):
            path, _, anchor = link.partition("#")
            there = (page.parent / path) if path else page
            assert there.exists(), f"{page.name}: {link}"
            assert not anchor or anchor in headings(there), f"{page.name}: {link}"


def test_every_wing_is_in_the_reading_order() -> None:
    page = (REPOSITORY / "docs/architecture.md").read_text("utf-8")
    wings = re.findall(r"^\*\*`(\w+)`\*\* — ", page, re.MULTILINE)
    assert wings == list(ORDER)
    folders = {file.parent.name for file in (REPOSITORY / "refmatte_engine").glob("*/__init__.py")}
    assert folders <= set(wings)


def test_the_citation_is_of_this_version() -> None:
    cited, _ = strict_yaml.read_mapping(REPOSITORY / "CITATION.cff")
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    assert (cited["version"], cited["license"]) == (project["version"], project["license"])
    assert f"## {project['version']}" in (REPOSITORY / "CHANGELOG.md").read_text("utf-8")
