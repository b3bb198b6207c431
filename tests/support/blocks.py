"""The code blocks of the README and docs, in order, and commands that are only looked at.

A word after a block's language says why it is not run: `long`, `gpu`, `download` or `server`. Its
commands are then parsed: every flag has to exist.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from typing import NamedTuple

import typer

REPOSITORY = Path(__file__).parents[2]
MARKS = ("long", "gpu", "download", "server")
PAGES = (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md")))
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """One fenced block: where it begins, its language, its mark ("" for one that is run)."""

    page: Path
    line: int
    language: str
    mark: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a Markdown file."""
    text = page.read_text("utf-8")
    return [
        Block(page, text[: m.start()].count("\n") + 1, m[1], m[2].strip(), m[3])
        for m in FENCE.finditer(text)
    ]


def commands(block: Block) -> list[list[str]]:
    """The commands of a shell block as words, comments left out and pipes taken apart."""
    text = block.text.replace("\\\n", " ")
    lines = (shlex.split(line, comments=True) for line in text.splitlines())
    found: list[list[str]] = []
    for words in filter(None, lines):
        part: list[str] = []
        for word in [*words, "|"]:
            if word in ("|", "&&", ";"):
                found.append(part)
                part = []
            else:
                part.append(word)
    return found


def wrong(words: list[str]) -> str:
    """What is wrong with a command that is not run, or ""."""
    while words and "=" in words[0]:  # a variable for this command
        words = words[1:]
    if "refmatte_engine" in words:  # python -m, or torchrun -m
        words = ["refmatte", *words[words.index("refmatte_engine") + 1 :]]
    if "<" in words or ">" in words:
        words = words[: min(words.index(sign) for sign in "<>" if sign in words)]
    match words:
        case ["refmatte", *rest]:
            return _wrong_flags(rest)
        case ["make", target, *_]:
            there = re.search(
                rf"^{re.escape(target)}:", (REPOSITORY / "Makefile").read_text(), re.M
            )
            return "" if there else f"no target {target}"
        case ["pip", "install", what]:
            return _wrong_extra(what)
    return f"{words[0]} is no command that can be looked at"


def _wrong_flags(words: list[str]) -> str:
    from refmatte_engine.cli.app import app

    group = typer.main.get_command(app)
    try:
        context = group.make_context("refmatte", list(words))
        while (inner := getattr(context.command, "commands", None)) is not None:
            name, *rest = [*context._protected_args, *context.args]
            context = inner[name].make_context(name, rest, parent=context)
    except Exception as error:
        return f"{' '.join(words)}: {error}"
    return ""


def _wrong_extra(what: str) -> str:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    name, _, extras = what.rstrip("]").partition("[")
    unknown = set(filter(None, extras.split(","))) - project["optional-dependencies"].keys()
    known = {project["name"], "refmatte-weights", "."}
    return "" if name in known and not unknown else f"{what}: no such package or extra"
