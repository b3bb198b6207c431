"""CSV as people write it: a header that names the columns, in any order, and lines below it."""

from __future__ import annotations

import contextlib
import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.storage import files
from refmatte_engine.storage.json_file import TEXT


class Line(NamedTuple):
    """A line: where it is, for messages, and what its columns say, without space around it."""

    where: str
    cells: dict[str, str]


def is_csv(path: Path) -> bool:
    """Whether a name can only be that of a CSV."""
    return path.suffix.lower() == ".csv" and not path.is_dir()


def file_at(where: str, path: Path, cell: str, what: str) -> Path:
    """The file that a cell of the CSV `path` names, seen from its folder. InputError, calling it
    `what`, if there is none."""
    file = path.parent / cell
    with contextlib.suppress(OSError):  # a name that can be no file's
        if file.is_file():
            return file
    todo = f"paths are seen from {path.parent}, the folder of the CSV"
    if "\\" in cell and os.sep != "\\":
        todo = "write / between folders, not \\"
    raise InputError(where, f"no such {what}: {file}", todo=todo)


def read(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> list[Line]:
    """The lines below the header, with a cell for each of `columns` and `optional`, "" where there
    is none. Other columns and empty lines are passed over.

    InputError, with the line, for what is not UTF-8, no CSV, without one of `columns`, or empty.
    """
    header = f"a first line with {','.join(columns)}"
    header += f", and {' or '.join(optional)} if wanted" if optional else ""
    try:
        text = files.read_bytes(path).decode(TEXT)
    except UnicodeDecodeError as error:
        bad = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{bad}", "is not UTF-8", todo="save it as UTF-8") from None
    table = csv.reader(io.StringIO(text, newline=""), strict=True, skipinitialspace=True)
    found, names, last = [], list[str](), 0
    try:
        for cells in table:
            last = table.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not names:
                names = [cell.strip().lower() for cell in cells]
                _check(f"{path}:{table.line_num}", names, columns, header)
                continue
            where = f"{path}:{table.line_num}"
            if len(cells) > len(names):
                problem = f"has {len(cells)} cells under {len(names)} columns"
                todo = 'put what holds a comma between "quotation marks"'
                raise InputError(where, problem, todo=todo)
            said = dict(zip(names, map(str.strip, cells), strict=False))
            found.append(Line(where, {key: said.get(key, "") for key in (*columns, *optional)}))
    except csv.Error as error:
        if "end of data" in str(error):
            todo = 'close it, or write "" for a mark within quotation marks'
            problem = "opens a quotation mark that nothing closes"
            raise InputError(f"{path}:{last + 1}", problem, todo=todo) from None
        raise InputError(f"{path}:{table.line_num}", f"is not CSV: {error}") from None
    if not names:
        raise InputError(path, "is empty", allowed=header)
    if not found:
        raise InputError(path, "has nothing under its header", todo="add a line")
    return found


def _check(where: str, names: Sequence[str], columns: Sequence[str], header: str) -> None:
    missing = [column for column in columns if column not in names]
    if missing:
        problem = f"has no column {' and '.join(missing)}, but {listed(names, 6)}"
        todo = nearest(missing[0], names)
        if len(names) == 1 and any(sign in names[0] for sign in ";\t"):
            todo = "put commas between the columns"
        raise InputError(where, problem, allowed=header, todo=todo)
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise InputError(where, f"has the column {twice} twice")
