"""Files in and out: bounded reads, atomic writes, folder locks, disk errors in plain words."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.storage import stand_in

MAX_FILE_BYTES = 500_000_000
# Errors that are still there when the same command is run again.
_LASTING = frozenset(
    (
        errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR,
        errno.EEXIST, errno.ELOOP, errno.ENAMETOOLONG, errno.EINVAL,
    )
)  # fmt: skip
_ASIDE = r"\.[0-9a-f]{12}\.part$"
HALF = re.compile(f".+{_ASIDE}")  # the name of what is being written


def read_bytes(path: Path) -> bytes:
    """The file's bytes; one that stands for a file at a URL is fetched. InputError if it cannot be
    read, exceeds MAX_FILE_BYTES, or is a pipe (its end may never come) that no shell has named."""
    stand_in.fetch(path)
    try:
        if path.is_fifo() and not str(path).startswith(("/dev/", "/proc/self/fd/")):
            raise InputError(path, "is a pipe, not a file")
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
            size = path.stat().st_size if len(data) > MAX_FILE_BYTES else 0
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    if size:
        problem = f"is {size / 1e6:,.0f} MB"
        raise InputError(path, problem, allowed=f"up to {MAX_FILE_BYTES // 1_000_000} MB")
    return data


def write_whole(path: Path, data: bytes) -> None:
    """Writes `path` atomically: no reader ever sees half of it."""
    with written_whole(path) as file:
        file.write(data)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file to write piece by piece; it appears at `path` once complete, else not at all."""
    with _aside(path) as aside, aside.open("wb") as file:
        yield file


def files_below(root: Path, below: str = "") -> Iterator[str]:
    """The paths below `root` of all files in it, in no order, and never all in memory. A link is a
    file, whatever it leads to; what is no folder has none."""
    if not (root / below).is_dir():
        return
    with os.scandir(root / below) as entries:
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                yield from files_below(root, f"{name}/")
            else:
                yield name


def link_or_copy(source: Path, target: Path) -> None:
    """`source` under another name: a hard link, or a copy where the file system has none or is
    another one. InputError if `source` does not exist."""
    stand_in.fetch(source)
    with _aside(target) as aside:
        try:
            os.link(source, aside)
        except OSError:
            if not source.is_file():
                raise InputError(source, "no such file") from None
            shutil.copyfile(source, aside)


@contextlib.contextmanager
def _aside(path: Path) -> Iterator[Path]:
    """A temporary name beside `path`, which replaces it if all goes well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{token()}.part")
    try:
        yield aside
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


def write_new(path: Path, data: bytes) -> bool:
    """Writes `path` whole, if it is not there yet; returns whether it was not. Of several that try
    at once, on whatever machines, one succeeds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{token()}.part")
    try:
        aside.write_bytes(data)
        try:
            os.link(aside, path)
        except FileExistsError:
            return False
        except OSError:  # a file system without links
            if path.exists():
                return False
            aside.replace(path)
        return True
    finally:
        aside.unlink(missing_ok=True)


def token() -> str:
    """A part of a name that no other process has, on this machine or on another."""
    return secrets.token_hex(6)


def write_cache(path: Path, content: bytes | NDArray[np.uint8]) -> None:
    """Writes the bytes, or the array as .npy, atomically. A folder that cannot be written to is not
    an error: a cache is only ever a help."""
    draft = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(prefix=".", dir=path.parent, delete=False) as out:
            draft = Path(out.name)
            if isinstance(content, bytes):
                out.write(content)
            else:
                np.save(out, content)
        draft.replace(path)
    except OSError:
        if draft is not None:
            draft.unlink(missing_ok=True)


def touch(path: Path) -> None:
    """Notes that a file of a cache was used now, as the time of its last change."""
    with contextlib.suppress(OSError):
        os.utime(path)


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def jsonl(rows: Iterable[Any]) -> bytes:
    """One compact JSON value per line."""
    return "".join(
        json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows
    ).encode()


@contextlib.contextmanager
def held(root: Path, *, shared: bool = False) -> Iterator[None]:
    """Locks the folder for this process, or for all that hold it `shared`. InputError if another
    process holds it otherwise.

    Where the file system has no locks, nothing is held: what is written has a name that nobody else
    uses until it is renamed, so that two runs of one kind only do the same work twice.
    """
    with (root / ".lock").open("a+") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                root, "another run is writing here", todo="wait for it or choose another folder"
            ) from None
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP):
                raise
        yield


@contextlib.contextmanager
def disk_errors(root: Path, elsewhere: str = "choose another folder") -> Iterator[None]:
    """Turns disk errors into RefMatteErrors that say what to do; `elsewhere`, where nothing can be
    written into `root`."""
    try:
        yield
    except OSError as error:
        where = re.sub(_ASIDE, "", str(error.filename or root))
        if error.errno in _LASTING:
            problem = f"cannot be written: {error.strerror}"
            raise RefMatteError(where, problem, todo=elsewhere) from None
        todo = "what is finished is kept: run the same command again to resume"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RefMatteError(
                stand_in.disk_of(root), "the disk is full", todo=f"free some space; {todo}"
            ) from None
        raise RefMatteError(where, error.strerror or str(error), todo=todo) from None
