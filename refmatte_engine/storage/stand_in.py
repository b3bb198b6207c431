"""Folders in the cache that stand for folders at URLs. A file comes when it is read: whoever reads
one by `files` sees no difference."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from refmatte_engine.storage import cache
from refmatte_engine.storage.remote import Place

FOLDER = "remote-1"
MOST_BYTES = 10_000_000_000  # of pictures of datasets; then those longest unread go
KEPT = "mirror.json"  # beside a folder none of whose pictures may go
_PICTURES = (".jpg", ".jpeg", ".png", ".webp")
_URL_FILE = "url"
_places: dict[str, Place] = {}  # by the folder above the one that stands for it
_since_swept = 0  # bytes that this process has fetched


def home() -> Path:
    """The folder of all of them: in the cache, or, where that cannot be written to, among the
    temporary files."""
    return _home(cache.folder())


@lru_cache
def _home(folder: Path) -> Path:
    if not cache.writable(folder):
        folder = Path(tempfile.gettempdir()) / f"refmatte-{os.getuid()}"
    return folder.resolve() / FOLDER


def make(place: Place, key: str) -> Path:
    """The folder that stands for `place`, created if needed; `key`, 32 hexadecimal digits, says
    for which content of it."""
    above = home() / key
    root = above / place.name
    root.mkdir(parents=True, exist_ok=True)
    (above / _URL_FILE).write_text(place.url, "utf-8")
    _places[str(above)] = place  # for messages about what is dropped by then
    _sweep()
    return root


def drop(root: Path) -> None:
    """Removes such a folder with all that is in it."""
    shutil.rmtree(root.parent, ignore_errors=True)


def place_of(path: Path) -> tuple[Place, str] | None:
    """The place that a path, or a folder around it, stands for, and the name there; None of all
    other paths."""
    top, text = f"{home()}{os.sep}", str(path)
    if not text.startswith(top):
        return None
    key, _, rest = text[len(top) :].partition(os.sep)
    place = _place(f"{top}{key}")
    return None if place is None else (place, rest.partition(os.sep)[2].replace(os.sep, "/"))


def fetch(path: Path) -> None:
    """Brings the file at `path`, if it stands for one elsewhere and is not here yet. Errors as
    `Place` has them; if it is not there either, none."""
    global _since_swept
    found = place_of(path)
    if found is None:
        return
    if path.exists():
        with contextlib.suppress(OSError):
            os.utime(path)
        return
    place, name = found
    if place.fetch(name, path):
        _since_swept += path.stat().st_size
        if _since_swept > MOST_BYTES // 16:
            _sweep()


@contextlib.contextmanager
def brought(root: Path, names: Iterable[str]) -> Iterator[None]:
    """Has files below `root`, if it stands for a place, here for a while, all fetched at once."""
    found = place_of(root)
    wanted = [name for name in names if not (root / name).exists()] if found else []
    try:
        if found is not None:
            for _ in found[0].fetch_all(wanted, root):
                pass
        yield
    finally:
        for name in wanted:
            (root / name).unlink(missing_ok=True)


def in_words(text: str) -> str:
    """A text for people, in which folders are called by the URLs they stand for."""
    top = f"{home()}{os.sep}"
    if top not in text:
        return text
    for key in set(re.findall(re.escape(top) + "([0-9a-f]{32})", text)):
        if place := _place(f"{top}{key}"):
            text = text.replace(f"{top}{key}{os.sep}{place.name}", place.url)
    return text


def disk_of(path: Path) -> Path:
    """The folder to name where the disk below `path` is full: the cache's, of one in it."""
    return home() if str(path).startswith(str(home())) else path


def _place(above: str) -> Place | None:
    if above not in _places:
        with contextlib.suppress(OSError):
            _places[above] = Place(Path(above, _URL_FILE).read_text("utf-8"))
    return _places.get(above)


def _sweep() -> None:
    """Removes pictures, those first that were not read for the longest time, until the rest takes
    no more than `MOST_BYTES`."""
    global _since_swept
    _since_swept = 0
    found = [state for above in _folders() for state in _pictures(above)]
    total = sum(size for _, size, _ in found)
    if total <= MOST_BYTES:
        return
    for _, size, path in sorted(found):
        with contextlib.suppress(OSError):
            Path(path).unlink()
        total -= size
        if total <= MOST_BYTES * 4 // 5:
            return


def _folders() -> Iterator[str]:
    with contextlib.suppress(OSError), os.scandir(home()) as above:
        for each in above:
            if not Path(each.path, KEPT).exists():
                yield each.path


def _pictures(folder: str) -> Iterator[tuple[int, int, str]]:
    """When each picture was read last, its size and its path."""
    for above, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if not each.endswith(".part")]  # being written
        for name in names:
            path = os.path.join(above, name)  # noqa: PTH118 - a hundred thousand of them
            if name.lower().endswith(_PICTURES):
                with contextlib.suppress(OSError):
                    state = os.stat(path)  # noqa: PTH116
                    yield state.st_mtime_ns, state.st_size, path
