"""What lies in the cache folder. Only files that are named as the engine names them are seen or
removed: the folder may be somebody's home. Links are never followed."""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

DAY_S = 86_400
_HASH = "[0-9a-f]{32}"
# By kind, below a folder whose name begins with it and goes on with the version of its content.
_SHAPES = {
    "stamps": re.compile(rf"{_HASH}\.json"),
    "scans": re.compile(rf"[0-9a-f]{{2}}/[a-z](-{_HASH})+(-[a-z]+)*\.json"),
    "colors": re.compile(rf"[0-9a-f]{{2}}/{_HASH}-{_HASH}\.z"),
    "pixels": re.compile(rf"[0-9a-f]{{2}}/{_HASH}[-.0-9a-f]*/\d+\.(npy|webp)"),
    "remote": re.compile(rf"{_HASH}/(url|mirror\.json|[^/]+/.+)"),  # as deep as at the URL
}
_URLS = re.compile(rf"{_HASH}(/.+)?")
KINDS = tuple(_SHAPES)
_FOLDER = re.compile(rf"({'|'.join(KINDS)})-[-+.\w]+")
_DRAFT = re.compile(r"([0-9a-f]{2}/([-.0-9a-f]{32,}/)?)?\.\w{8}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the cache. `folder` is the one of its kind and version, `name` its path below that,
    `used` when it was last used, in seconds since 1970. `is_draft` if it was never finished."""

    path: Path
    kind: str
    folder: str
    name: str
    size: int
    used: float
    is_draft: bool = False


def entries(cache: Path, kinds: Collection[str] = KINDS) -> Iterator[Entry]:
    """The engine's files in the cache, of these kinds."""
    for top in _scanned(cache):
        named = _FOLDER.fullmatch(top.name)
        if named and named[1] in kinds and top.is_dir(follow_symlinks=False):
            yield from _below(Path(top.path), named[1], "")


def _below(top: Path, kind: str, inner: str) -> Iterator[Entry]:
    for entry in _scanned(top / inner):
        name = f"{inner}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            if _URLS.fullmatch(name) if kind == "remote" else name.count("/") < 2:
                yield from _below(top, kind, f"{name}/")
            continue
        is_draft = bool(_DRAFT.fullmatch(name))
        if is_draft or _SHAPES[kind].fullmatch(name):
            try:
                state = entry.stat(follow_symlinks=False)
            except OSError:  # another process has removed it
                continue
            if stat.S_ISREG(state.st_mode):
                size, used = state.st_size, state.st_mtime
                yield Entry(top / name, kind, top.name, name, size, used, is_draft)


def _scanned(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:
        return []


def remove(chosen: Iterable[Entry]) -> int:
    """Removes the files, and the folders that this leaves empty; returns the bytes that are free
    then. Who has one of them open reads on, and makes it again next time."""
    freed, left = 0, set()
    for entry in chosen:
        try:
            entry.path.unlink()
        except OSError:
            continue
        freed += entry.size
        above = len(PurePosixPath(entry.name).parts)
        left.update(list(entry.path.parents)[:above])
    for folder in sorted(left, key=lambda each: len(each.parts), reverse=True):
        try:
            folder.rmdir()
        except OSError:  # not empty
            continue
    return freed


class Room:
    """How much may still be written into `pixels` as plain arrays, of a bound in bytes that all
    processes share. What was not used for a day makes room for the new; what was is never removed:
    where all of it is in use, nothing is added."""

    def __init__(self) -> None:
        self._granted, self._asked = 0, 0.0

    def has(self, cache: Path, size: int, most: int) -> bool:
        """Whether `size` bytes fit; they are then taken as written."""
        if self._granted < size and time.monotonic() >= self._asked:
            self._granted = self._ask(cache, most)
            # Where there is no room, not every picture asks for it again.
            self._asked = 0.0 if self._granted else time.monotonic() + 60
        fits = self._granted >= size
        self._granted -= size if fits else 0
        return fits

    def _ask(self, cache: Path, most: int) -> int:
        held = [e for e in entries(cache, ("pixels",)) if e.path.suffix == ".npy"]
        free = most - sum(entry.size for entry in held)
        if free < most // 10:
            before = time.time() - DAY_S
            old = sorted((e for e in held if e.used < before), key=lambda e: e.used)
            while old and free < most // 5:
                free += remove([old.pop(0)])
        # Others ask at the same time: a part for each.
        return free // 8 if free > most // 50 else 0
