"""Where a finished dataset is: in a folder, or at a URL, for which a folder here stands."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from refmatte_engine.errors import InputError
from refmatte_engine.parallel import Progress
from refmatte_engine.records import is_plain
from refmatte_engine.storage import remote, stand_in
from refmatte_engine.storage.files import digest, files_below, token, write_whole
from refmatte_engine.storage.remote import Place

MANIFEST = "manifest.json"
# Of each dataset, and of each split: what is read otherwise than picture by picture.
_ALWAYS = (".run.json", "ATTRIBUTION.md", "templates/expressions.yaml", "templates/vocabulary.yaml")
UNFINISHED = (
    "if the run was interrupted, run the same command again to finish it; if jobs made parts, "
    "`refmatte merge` does"
)
_SAMPLES = "samples.jsonl"
_PICTURES = ("img", "mask")


def opened(where: str | Path) -> Path:
    """The folder of the dataset at `where`. Of one at a URL its manifest is fetched, and with it,
    where that is not known here already, what is said of its samples; pictures come when they are
    read. InputError if there is none at a URL, or as `Place` has it.
    """
    path = remote.path_of(where)
    if path is not None:
        return path
    place = Place(str(where))
    root = stand_in.make(place, digest(place.url.encode() + (said := _manifest(place)))[:32])
    wanted = [*_ALWAYS, *(f"{split}/{_SAMPLES}" for split in _splits(said))]
    for _ in place.fetch_all([name for name in wanted if not (root / name).exists()], root):
        pass
    write_whole(root / MANIFEST, said)
    return root


@dataclass(frozen=True, slots=True)
class Inspected:
    """A dataset as it is: its folder, and the names of all files that are there, as often as
    wanted."""

    root: Path
    names: Callable[[], Iterable[str]]


@contextlib.contextmanager
def inspected(where: str | Path, progress: Progress | None = None) -> Iterator[Inspected]:
    """The dataset at `where`, nothing of which is known from before. Of one at a URL all but
    pictures is fetched, with `progress` by files. Errors as in `opened`."""
    path = remote.path_of(where)
    if path is not None:
        yield Inspected(path, partial(files_below, path))
        return
    place = Place(str(where))
    _manifest(place)
    names = list(place.files())
    root = stand_in.make(place, (token() * 3)[:32])
    try:
        told = [
            name for name in names if name.split("/")[1:2] not in ([each] for each in _PICTURES)
        ]
        for _ in place.fetch_all(told, root, progress):
            pass
        yield Inspected(root, lambda: names)
    finally:
        stand_in.drop(root)


def folder_of(where: str | Path, what: str, todo: str = "") -> Path:
    """The folder `where`. InputError if it is a URL, where `what` cannot be."""
    path = remote.path_of(where)
    if path is None:
        raise InputError(where, f"is a URL, where {what} cannot be", allowed="a folder", todo=todo)
    return path


def _manifest(place: Place) -> bytes:
    data = place.read(MANIFEST)
    if data is None:
        raise InputError(
            place.url,
            "holds no finished dataset",
            allowed="what `refmatte generate` wrote there",
            todo=UNFINISHED,
        )
    return data


def _splits(manifest: bytes) -> list[str]:
    """The names of the splits; a damaged manifest is told of when it is read."""
    with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
        return [split for split in json.loads(manifest)["splits"] if is_plain(split)]
    return []
