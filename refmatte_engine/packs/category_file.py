"""Files of other people that name what pictures show: JSON or CSV, by the stem of the picture."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from refmatte_engine.errors import InputError, listed
from refmatte_engine.images.image_io import SUFFIXES
from refmatte_engine.packs.labels import plain, readable
from refmatte_engine.storage import files, json_file

# What a column or a key is called that holds the category, or the name of the picture.
_CATEGORY = ("category", "class", "label", "name")
_PICTURE = ("stem", "file", "filename", "file_name", "image", "image_name", "id", "name")
# AIM-500's types: salient and opaque; salient, and transparent or of fine parts; not salient. What
# may be either is left to the measure of the alpha.
TYPES: Mapping[str, Mapping[str, str]] = {
    "SO": {"salient": "true", "transparent": "false"},
    "STM": {"salient": "true"},
    "NS": {"salient": "false"},
}
MOST_BYTES = 32_000_000  # JSON may become twenty times as large in memory
_ALLOWED = (
    'JSON {"stem": "cat"} or {"stem": {"category": "cat", "type": "SO"}}, or CSV with the columns '
    "stem and category"
)


class Categories(NamedTuple):
    """What a `file` says of each picture, as keys of a label (`category`, and `attributes` where it
    gives a type of `TYPES`), by the picture's name without suffix, as `stem` has it."""

    file: Path
    said: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, file: Path) -> Categories:
        """InputError, with the line where there is one, for a file that says no such."""
        if file.is_file() and file.stat().st_size > MOST_BYTES:
            allowed = f"up to {MOST_BYTES // 1_000_000} MB"
            raise InputError(file, "is too large to be one of categories", allowed=allowed)
        if file.suffix.lower() == ".json":
            data = json_file.read(file)
            rows = data.items() if isinstance(data, dict) else _from_list(file, data)
        elif file.suffix.lower() in (".csv", ".tsv"):
            rows = _from_table(file)
        else:
            raise InputError(file, "is not read for categories", allowed=_ALLOWED)
        found: dict[str, dict[str, Any]] = {}
        for name, value in rows:
            if said := _said(value):
                found.setdefault(stem(str(name)), said)
        if not found:
            raise InputError(file, "names no category", allowed=_ALLOWED)
        return cls(file, found)

    def of(self, path: str) -> dict[str, Any]:
        """What is said of the picture at `path`, by as much of its path as the file has."""
        parts = PurePosixPath(path).parts if self.said else ()
        tails = (stem("/".join(parts[start:])) for start in range(len(parts)))
        return next((self.said[tail] for tail in tails if tail in self.said), {})


def stem(name: str) -> str:
    """The name without a picture's suffix, as the eye reads it."""
    name = plain(name.strip())
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix in SUFFIXES else name


def _said(value: Any) -> dict[str, Any]:
    category, kind = value, ""
    if isinstance(value, dict):
        category = next((value[key] for key in _CATEGORY if key in value), None)
        kind = str(value.get("type", "")).upper()
    if not isinstance(category, str) or not readable(category) or not 0 < len(category) <= 400:
        return {}
    said: dict[str, Any] = {"category": category} if category.strip() else {}
    return said | ({"attributes": dict(TYPES[kind])} if kind in TYPES else {})


def _from_list(file: Path, data: Any) -> Iterator[tuple[Any, Any]]:
    """The rows of a list of objects that name their pictures themselves."""
    rows = data if isinstance(data, list) else []
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise InputError(file, "does not name categories by stem", allowed=_ALLOWED)
    for row in rows:
        name = next((row[key] for key in _PICTURE if key in row), None)
        if isinstance(name, str):
            yield name, row


def _from_table(file: Path) -> Iterator[tuple[Any, Any]]:
    try:
        text = files.read_bytes(file).decode(json_file.TEXT)
        tab = "\t" if "\t" in text.partition("\n")[0] else ","
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=tab) if row]
    except UnicodeDecodeError:
        raise InputError(file, "is not text", todo="save it as UTF-8") from None
    except csv.Error as error:
        raise InputError(file, f"is not a table: {error}", allowed=_ALLOWED) from None
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    has_head = any(cell in _CATEGORY[:3] for cell in head)
    if not has_head and head and len(head) != 2:
        told = f"its first line names no column category ({listed(head, 6)})"
        raise InputError(f"{file}:1", told, allowed=_ALLOWED)
    keys = head if has_head else ["stem", "category"]
    # A column may be called name in either sense: here it is the picture's.
    of_picture = next((keys.index(key) for key in _PICTURE if key in keys), 0)
    for row in rows[1:] if has_head else rows:
        cells = dict(zip(keys, row, strict=False))
        yield row[min(of_picture, len(row) - 1)], {k: v for k, v in cells.items() if k != "name"}
