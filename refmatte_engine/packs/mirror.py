"""A pack at a URL, mirrored into the cache before it is read: its pictures are drawn again and
again."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path, PurePosixPath

from refmatte_engine.errors import InputError
from refmatte_engine.parallel import Progress
from refmatte_engine.storage import remote, stand_in
from refmatte_engine.storage.files import digest, disk_errors, files_below, write_whole
from refmatte_engine.storage.remote import Place


def here(where: str | Path, progress: Progress | None = None) -> str | Path:
    """`where` a pack is, on this machine: as given, or, of a URL, its mirror, in which only what
    has another size or version than before is fetched. `progress` is called with (files here,
    files in all). InputError if there is nothing, or as `Place` has it."""
    if not remote.is_url(where):
        return where
    path = remote.path_of(where)
    if path is not None:
        return path
    url, file = str(where), ""
    if PurePosixPath(url).suffix.lower() in (".yaml", ".yml"):
        url, _, file = url.rpartition("/")
    place = Place(url)
    there = place.files()
    if not there:
        allowed = "a folder with a pack.yaml, or such a file"
        raise InputError(place.url, "is not a pack: there is nothing", allowed=allowed)
    root = stand_in.make(place, digest(place.url.encode())[:32])
    with disk_errors(root):
        _fetch(place, there, root, progress)
    return root / file


def _fetch(place: Place, there: dict[str, str], root: Path, progress: Progress | None) -> None:
    """Makes the folder what the place is. What has come is known, also if the rest does not."""
    book, known = root.parent / stand_in.KEPT, dict[str, str]()
    with suppress(OSError, ValueError):
        known = json.loads(book.read_bytes())
    for name in [name for name in files_below(root) if name not in there]:
        (root / name).unlink()
    known = {name: known[name] for name in known.keys() & there.keys() if (root / name).is_file()}
    changed = sorted(name for name, stamp in there.items() if known.get(name) != stamp)
    try:
        for name in place.fetch_all(changed, root, progress if changed else None):
            known[name] = there[name]
    finally:
        write_whole(book, json.dumps(known).encode())
