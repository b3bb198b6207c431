"""Rules of a run for its splits: unseen categories, few shots, packs, and files of other people."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from refmatte_engine.config import strict_yaml
from refmatte_engine.config.layout_rules import Name
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.errors import InputError, listed
from refmatte_engine.storage import json_file

Word = Annotated[str, Field(min_length=1, max_length=400)]
Some = Annotated[int, Field(ge=1)]
Part = Annotated[float, Field(gt=0, lt=1)]

CATEGORY = "category:"  # before a name that can only be a category's
# What a column, or a key of a row, is called that names a picture.
_PICTURE = ("file", "path", "stem", "filename", "file_name", "image", "image_name", "id", "name")
_ALLOWED = (
    'JSON or YAML {"train": ["stem", …], "test": […]} or {"stem": "train"}, or CSV with the '
    "columns stem (or category) and split"
)


class SplitRules(Strict):
    """What a run says of its splits. It goes before labels, and before `test_share`, by which the
    rest is drawn.

    `unseen` categories are in "test" alone: named, or that many (or that share of all) drawn by the
    run's seed. `shots` is how many foregrounds "train" has of each category, or of those named.
    `packs` says by name which packs a split is made from. `file` puts pictures or categories into
    splits; here it is a path, or what stands in the file.
    """

    unseen: list[Word] | Some | Part | None = None
    shots: Some | dict[Word, Some] | None = None
    packs: dict[Name, Annotated[list[Word], Field(min_length=1)]] | None = None
    file: Word | dict[Word, Name] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> SplitRules:
        if self.unseen == [] or self.shots == {} or self.packs == {} or self.file == {}:
            raise ValueError("it names nothing; leave it out")
        return self

    def problem(self, splits: Mapping[str, int]) -> str:
        """What these rules ask of a run that has no such split; empty if they fit."""
        for key, split in (("shots", "train"), ("unseen", "test")):
            if getattr(self, key) is not None and split not in splits:
                return f"split_by.{key} is about the split {split!r}, which splits does not have"
        known = {*splits, "train", "val", "test"}
        asked = self.file.items() if isinstance(self.file, dict) else ()
        named = [(f"packs.{split}", split) for split in self.packs or ()]
        named += [(f"file: {name}", split) for name, split in asked]
        for key, split in named:
            if split not in known:
                return f"split_by.{key}: {split!r} is no split; allowed: {listed(sorted(known))}"
        return ""


def read(file: Path) -> dict[str, str]:
    """The split of each picture or category that a split file names; a category where it is a
    column of its own begins with `CATEGORY`.

    InputError, with the line where there is one, for a file that says no such, or one thing twice.
    """
    suffix = file.suffix.lower()
    if suffix in (".csv", ".tsv"):
        found = _from_table(file)
    elif suffix == ".json":
        found = _from_values(file, json_file.read(file))
    elif suffix in (".yaml", ".yml"):
        found = _from_values(file, strict_yaml.read_yaml(file)[0])
    else:
        raise InputError(file, "is not read for splits", allowed=_ALLOWED)
    splits: dict[str, str] = {}
    for where, name, split in found:
        if splits.setdefault(name, split.lower()) != split.lower():
            raise InputError(where, f"{name!r} is in {splits[name]} and in {split}")
    if not splits:
        raise InputError(file, "names nothing", allowed=_ALLOWED)
    return splits


def _from_values(file: Path, data: Any) -> Iterator[tuple[object, str, str]]:
    if isinstance(data, dict) and all(isinstance(names, list) for names in data.values()):
        for split, names in data.items():
            for name in names:
                if isinstance(name, (dict, list)) or name is None:
                    raise InputError(file, f"{split}: {name!r} is no name", allowed=_ALLOWED)
                yield file, str(name).strip(), split.strip()
    elif isinstance(data, dict) and all(isinstance(split, str) for split in data.values()):
        yield from ((file, name.strip(), split.strip()) for name, split in data.items())
    elif isinstance(data, list) and all(isinstance(row, dict) for row in data):
        yield from _from_rows(file, ((file, row) for row in data))
    else:
        raise InputError(file, "does not put names into splits", allowed=_ALLOWED)


def _from_table(file: Path) -> Iterator[tuple[object, str, str]]:
    text = strict_yaml.read_text(file)
    tab = "\t" if "\t" in text.partition("\n")[0] else ","
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=tab) if row]
    except csv.Error as error:
        raise InputError(file, f"is not a table: {error}", allowed=_ALLOWED) from None
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "split" not in head:
        told = f"its first line names no column split ({listed(head, 6)})"
        raise InputError(f"{file}:1", told, allowed=_ALLOWED)
    cells = (dict(zip(head, row, strict=False)) for row in rows[1:])
    yield from _from_rows(file, ((f"{file}:{n}", row) for n, row in enumerate(cells, 2)))


def _from_rows(
    file: Path, rows: Iterable[tuple[object, dict[str, Any]]]
) -> Iterator[tuple[object, str, str]]:
    """Rows with a column for the split and one for the picture, or else for the category."""
    for where, row in rows:
        picture = next((row[key] for key in _PICTURE if row.get(key)), None)
        name = picture if picture is not None else row.get("category")
        split = row.get("split")
        if name is None or not isinstance(split, str) or not split.strip():
            allowed = f"a split, and one of {listed((*_PICTURE, 'category'), 20)}"
            raise InputError(where, "does not say what is in which split", allowed=allowed)
        said = str(name).strip()
        yield where, said if picture is not None else f"{CATEGORY}{said}", split.strip()
