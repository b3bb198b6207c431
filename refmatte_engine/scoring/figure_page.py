"""Pages of figures: one look for scores and audits, and what folders take them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from refmatte_engine.errors import InputError

STYLE = Path(__file__).with_suffix(".css")


def check(folder: Path, template: Path, name: str) -> None:
    """InputError if `folder` cannot take the page of a `template`, of which the name is told: it is
    a file, or contains some other page."""
    if folder.exists() and not folder.is_dir():
        raise InputError(folder, "is not a folder")
    page = folder / "index.html"
    if page.exists() and _made_by(template.read_bytes()) not in page.read_bytes():
        raise InputError(page, f"exists and is not {name}", todo="choose another folder")


def write(folder: Path, template: Path, parts: Mapping[str, str]) -> Path:
    """Writes FOLDER/index.html: the template with its style and the parts for its @NAMES@. OSError
    if it cannot be written."""
    style = {"STYLE": STYLE.read_text("utf-8")}
    # One pass, so that nothing in a text is taken for a place to fill.
    text = re.sub("@([A-Z]+)@", lambda at: {**style, **parts}[at[1]], template.read_text("utf-8"))
    page = folder / "index.html"
    page.write_text(text.encode("utf-8", "replace").decode(), encoding="utf-8")
    return page


def _made_by(page: bytes) -> bytes:
    """The element of a page that says what made it."""
    found = re.search(rb'<meta name="generator" content="[^"]*">', page)
    assert found
    return found[0]
