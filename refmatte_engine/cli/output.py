"""What commands print: results on stdout, remarks about them on stderr."""

from __future__ import annotations

import json
import shlex
import sys


def remark(line: str) -> None:
    """A line beside the result, which a pipe does not get."""
    print(line, file=sys.stderr)


def command(*words: object) -> str:
    """A command of ours to paste into a shell.

    >>> command("catalog", "my pack")
    "refmatte catalog 'my pack'"
    """
    return shlex.join(["refmatte", *map(str, words)])


def print_json(value: object) -> None:
    """JSON with every script's letters, where the terminal has them."""
    spoken = (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(value, indent=1, ensure_ascii=not spoken))
