"""Names of things out of short descriptions in English, such as come with cut-outs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from refmatte_engine.errors import InputError
from refmatte_engine.images.image_io import SUFFIXES
from refmatte_engine.semantics import spelling
from refmatte_engine.storage import files, json_file

_LONGEST = 4_000  # bytes of a description; the first line is read
_ONE = re.compile(
    r"(?:(?:a|the)\s+(?:photo|photograph|picture|image|drawing)\s+of\s+)?(?:an?|the)\s+(.+)",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"[.,;:(!?\u2014]|\s(?:with|in|on|that|which|from|for|wearing|holding)\s", re.IGNORECASE
)


def thing(text: str) -> str:
    """The one thing that a description names, or "" if it names none, or several.

    >>> [thing(t) for t in ("A frog.", "An albino peahen (a female peafowl).", "Two cherries.")]
    ['frog', 'albino peahen', '']
    """
    found = _ONE.fullmatch(" ".join(text.split()))
    name = _ENDS.split(found[1])[0].strip(" '\u2019\"") if found else ""
    name = spelling.thing(spelling.spoken(name))
    words = name.split()
    known = (
        0 < len(words) <= 3
        and not {"and", "of"} & {*words}
        and all(word.replace("-", "").isalpha() for word in words)
    )
    return name if known and spelling.singular(name) == name else ""


def labels(root: Path) -> Iterator[Mapping[str, Any]]:
    """A label for each picture below `root` whose description names one thing: `x.txt` beside
    `x.png`, whose first line is English, or descriptions.json or captions.json by path."""
    said: dict[str, str] = {}
    for name in ("descriptions.json", "captions.json"):
        if (root / name).is_file():
            data = json_file.read(root / name)
            if not isinstance(data, dict):
                raise InputError(root / name, "does not give a description for each path")
            said |= {str(path): text for path, text in data.items() if isinstance(text, str)}
    for picture in sorted(root.rglob("*")):
        if picture.suffix.lower() not in SUFFIXES:
            continue
        path = picture.relative_to(root)
        text = said.get(path.as_posix()) or said.get(path.with_suffix("").as_posix())
        beside = picture.with_suffix(".txt")
        if text is None and beside.is_file() and beside.stat().st_size <= _LONGEST:
            text = files.read_bytes(beside).decode("utf-8", "replace").partition("\n")[0]
        if category := thing(text or ""):
            yield {"file": path.as_posix(), "category": category}
