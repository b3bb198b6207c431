"""The folder of an export: whose it is, and whether all that was made is still there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from refmatte_engine.errors import InputError, listed
from refmatte_engine.storage import json_file
from refmatte_engine.storage.files import HALF, files_below, write_whole
from refmatte_engine.storage.junk import is_junk

RECEIPT = ".export.json"
ROWS = ".export"  # where rows wait until all are there
WEAK_FOLDER = "weak_labels"  # an export in another's folder


def check(out: Path, receipt: Mapping[str, Any]) -> None:
    """InputError if `out` holds something other than the export of this receipt."""
    if out.exists() and not out.is_dir():
        raise InputError(out, "is not a folder")
    there = _read(out)
    if there is not None and (differs := _difference(there, receipt)):
        allowed = f"the export of {receipt['dataset']!r} to {receipt['format']}, or nothing"
        if "also" in receipt:
            allowed = f"{_weak(receipt)}, or nothing"
        todo = "choose another folder" + (", or remove that one" if "also" in receipt else "")
        raise InputError(out, f"holds {differs}", allowed=allowed, todo=todo)
    if there is None and out.exists():
        others = sorted(p.name for p in out.iterdir() if not is_junk(p.name) and p.name != ".lock")
        if others:
            what = f"holds other files: {listed(others, 3)}"
            allowed = "a new or empty folder, or an export to go on with"
            raise InputError(out, what, allowed=allowed, todo="choose another folder")


def sweep(out: Path) -> None:
    """Removes the halves of files that a killed export left; loaders that pair sorted folders would
    take them for pictures. The folder must be held."""
    for name in files_below(out):
        folder, _, last = name.rpartition("/")
        if HALF.fullmatch(last) and folder.split("/")[0] != WEAK_FOLDER:
            (out / name).unlink()


def finished(out: Path) -> str | None:
    """What was said of the finished export in `out`; None if it is not there, or not all of it."""
    there = _read(out) or {}
    files, size = _extent(out)
    is_whole = files >= there.get("files", 0) and size >= there.get("bytes", 0)
    return str(there.get("said", "")) if there.get("finished") and is_whole else None


def finish(out: Path, receipt: Mapping[str, Any], said: str) -> None:
    """Writes down that all is there, how much that is, and what is said of it."""
    files, size = _extent(out)
    told = {**receipt, "finished": True, "files": files, "bytes": size, "said": said}
    write_whole(out / RECEIPT, json.dumps(told, ensure_ascii=False).encode())


def _read(out: Path) -> dict[str, Any] | None:
    path = out / RECEIPT
    if not path.is_file():
        return None
    there = json_file.read(path)
    return there if isinstance(there, dict) else {}


def _difference(there: Mapping[str, Any], receipt: Mapping[str, Any]) -> str:
    """What the folder holds instead; nothing if it is the export of the receipt."""
    same = [there.get(key) == value for key, value in receipt.items() if key != "dataset"]
    if all(same):
        return ""
    alike = all(there.get(key) == receipt[key] for key in ("format", "version", "manifest"))
    if alike:
        return _weak(there)
    what = f"an export of {there.get('dataset')!r} to {there.get('format')}"
    if there.get("format") == receipt["format"]:
        what += " from another dataset, or from this one before it changed"
    return what


def _weak(receipt: Mapping[str, Any]) -> str:
    return f"{', '.join(receipt.get('also', ()))} by the seed {receipt.get('seed')}"


def _extent(out: Path) -> tuple[int, int]:
    """How many files the export has and how many bytes these have, without what is no part of it.
    A file that is lost afterwards shows in this."""
    files = size = 0
    for name in files_below(out):
        first, _, last = name.partition("/")
        is_part = first not in (WEAK_FOLDER, ROWS) if last else name not in (RECEIPT, ".lock")
        if is_part and not is_junk(name.rpartition("/")[2]):
            files += 1
            size += (out / name).lstat().st_size
    return files, size
