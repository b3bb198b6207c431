"""The code blocks of the pages, in order, and commands that are only looked at.

A word after a block's language says why it is not run: `long`, `gpu`, `download`, `server`, or
`checkout` (it wants the repository, and changes it). Its commands are then parsed: every flag and
every file has to exist.
"""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import typer

REPOSITORY = Path(__file__).parents[2]
README = REPOSITORY / "README.md"
MARKS = ("long", "gpu", "download", "server", "checkout")
FENCE = re.compile(r"^( *)```(\w+)([^\n]*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
TOOLS = ("python", "pytest", "ruff", "mypy")


def links(page: Path) -> list[str]:
    """Where a page's links go, in order; those to other sites left out."""
    found = LINK.findall(page.read_text("utf-8"))
    return [link for link in found if not re.match(r"\w+:", link)]


def _pages() -> tuple[Path, ...]:
    """The README and the pages that it links to, in its order: a later one may use what an earlier
    one made."""
    linked = [link for link in links(README) if re.fullmatch(r"(docs/)?[\w-]+\.md", link)]
    return (README, *(REPOSITORY / link for link in dict.fromkeys(linked)))


PAGES = _pages()


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
        Block(page, text[: m.start()].count("\n") + 1, m[2], m[3].strip(), dedent(m[4]))
        for m in FENCE.finditer(text)
    ]


def headings(page: Path) -> list[str]:
    """The anchors of a page's headings of the second level and below, in order."""
    text = FENCE.sub("", page.read_text("utf-8"))
    titles = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    return [re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles]


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
    match [words[0].removeprefix(".venv/bin/"), *words[1:]]:
        case ["refmatte", *rest]:
            return _wrong_flags(rest)
        case ["make", target, *_]:
            there = re.search(
                rf"^{re.escape(target)}:", (REPOSITORY / "Makefile").read_text(), re.M
            )
            return "" if there else f"no target {target}"
        case ["pip", "install", what]:
            return _wrong_extra(what)
        case [tool, *rest] if tool in TOOLS:
            files = [word.partition("::")[0] for word in rest if "/" in word]
            gone = [file for file in files if not (REPOSITORY / file).exists()]
            return f"{gone[0]} is not there" if gone else ""
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
