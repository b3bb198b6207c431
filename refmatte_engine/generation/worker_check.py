"""The check of a worker on another machine: the same engine, the same packs, the same folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from refmatte_engine.config.resources import ASSETS
from refmatte_engine.dataset.manifest import made_with
from refmatte_engine.dataset.run_folder import RUN_FILE
from refmatte_engine.errors import listed
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.storage.files import digest

PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a worker has to have: the versions that determine bytes, the engine's own code, the
    run's folder with the digest of its description (nothing where the run writes elsewhere), and of
    each pack, by the path of its root, the files that are used and a digest of their names and
    sizes."""

    versions: Mapping[str, str]
    code: str
    root: str
    run: str
    packs: Mapping[str, tuple[str, tuple[str, ...]]]


def expected(root: Path | None, catalog: Catalog) -> Expected:
    """What this process has, once the run's folder, if workers write into one, is begun."""
    packs = {}
    for info in catalog.packs:
        names = tuple(sorted(_used(catalog, info.name)))
        packs[info.root] = _digest(info.root, names), names
    here = "" if root is None else str(root.resolve())
    return Expected(_versions(), code(), here, _run(Path(here)) if here else "", packs)


def problem(wanted: Expected) -> str:
    """What this process lacks of that, in words; nothing if it is fit."""
    here = _versions()
    differs = [
        f"{n} {here.get(n)}, not {v}" for n, v in wanted.versions.items() if here.get(n) != v
    ]
    if differs:
        return f"has other versions: {listed(differs)}"
    if code() != wanted.code:
        return f"has another refmatte-engine {here['engine']}: its files are not the same"
    if wanted.root and _run(Path(wanted.root)) != wanted.run:
        return f"does not see the folder {wanted.root}; choose one that all machines share"
    for at, (told, names) in wanted.packs.items():
        if _digest(at, names) != told:
            return f"has another pack at {at}, or none: its files are not the same"
    return ""


@cache
def code() -> str:
    """A digest of the engine's own code, and of the words it knows."""
    whole = hashlib.sha256()
    for top, pattern in ((PACKAGE, "*.py"), (ASSETS / "lexicon", "*")):
        for file in sorted(file for file in top.rglob(pattern) if file.is_file()):
            if "__pycache__" not in file.parts:
                whole.update(f"{file.relative_to(top).as_posix()}\n".encode())
                whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _versions() -> dict[str, str]:
    made = made_with()
    return {"engine": version("refmatte-engine"), **made["versions"]}


def _run(root: Path) -> str:
    try:
        return digest((root / RUN_FILE).read_bytes())
    except OSError:
        return ""


def _used(catalog: Catalog, pack: str) -> Iterator[str]:
    """The files of a pack that the catalog uses, below its root."""
    for thing in catalog.foregrounds.values():
        if thing.pack == pack:
            yield from filter(None, (thing.path, thing.alpha_path))
    yield from (place.path for place in catalog.backgrounds.values() if place.pack == pack)


def _digest(root: str, names: Iterable[str]) -> str:
    """A digest of the files' names and of their sizes as they are here."""
    return digest("".join(f"{name} {_size(Path(root, name))}\n" for name in names).encode())


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1
