"""The validated index of all packs of a run, and the way from its records to pixels."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from statistics import median
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from refmatte_engine import cutouts, image_io, labels, pack, scan
from refmatte_engine.errors import InputError, listed
from refmatte_engine.labels import Problem
from refmatte_engine.pack import Pack
from refmatte_engine.records import Background, Foreground, KindOfThing, to_json
from refmatte_engine.scan import Job, Progress, Scan

Bytes = npt.NDArray[np.uint8]
Asset = TypeVar("Asset", Foreground, Background)


@dataclass(frozen=True, slots=True)
class PackInfo:
    """Whose pictures these are, and where they lie."""

    name: str
    licence: str
    source: str
    credit: str
    path: str


@dataclass(frozen=True)
class Catalog:
    """Everything a run may use, by id, and everything that was left out, and why.

    `digest` depends on the pixels, labels and splits alone: not on where a pack lies, nor on the
    order or the times of its files. `cache` is where decoded pixels are kept.
    """

    foregrounds: Mapping[str, Foreground]
    backgrounds: Mapping[str, Background]
    packs: tuple[PackInfo, ...]
    problems: tuple[Problem, ...]
    digest: str
    cache: Path


def load(
    packs: Sequence[str | Path],
    *,
    split_seed: int = 0,
    test_share: float = 0.1,
    strict: bool = False,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Catalog:
    """The catalog of `packs`: folders, or "studio" for the embedded one.

    A picture whose label gives no split falls into "test" with probability `test_share`, drawn from
    `split_seed` and its content, whatever pack it is in. `progress(done, total)` follows the first
    scan; later ones are remembered in `cache` (default: `default_cache()`).

    InputError if a pack as a whole cannot be used, or anything is wrong at all and `strict`;
    MissingExtra if there are image + alpha pairs and pymatting is absent.
    """
    cache = cache or default_cache()
    sources = [pack.read(where) for where in packs]
    names = Counter(source.about.name for source in sources)
    if twice := [name for name, count in names.items() if count > 1]:
        raise InputError(listed(packs), f"two packs have the name {twice[0]!r}", todo="rename one")
    problems = [problem for source in sources for problem in source.problems]
    foregrounds: list[tuple[Foreground, str, str]] = []
    backgrounds: list[tuple[Background, str, str]] = []
    for source in sources:
        jobs = [Job("foreground", p.path, p.alpha_path) for p in source.foregrounds]
        jobs += [Job("background", p.path) for p in source.backgrounds]
        scans = iter(scan.scan(source.root, jobs, cache, progress))
        for thing in source.foregrounds:
            found = next(scans)
            file = pack.shown(source.root, thing.path)
            category = thing.label.category or _folder_name(source, thing.path)
            if not found.problem and not category:
                found = Scan(problem="has no category: label it, or put it in a folder so named")
            if found.problem:
                problems.append(Problem(file, found.problem))
                continue
            record = _foreground(source, thing, category, found)
            foregrounds.append((record, thing.label.source_asset or "", file))
        for ground in source.backgrounds:
            found = next(scans)
            file = pack.shown(source.root, ground.path)
            if found.problem:
                problems.append(Problem(file, found.problem))
                continue
            place = _background(source, ground, found)
            backgrounds.append((place, ground.label.source_asset or "", file))
    things = _split(foregrounds, split_seed, test_share, problems)
    grounds = _split(backgrounds, split_seed, test_share, problems)
    if strict and problems:
        more = f" (and {len(problems) - 1} more problems)" if len(problems) > 1 else ""
        raise InputError(problems[0].file, problems[0].message + more)
    infos = tuple(
        PackInfo(a.name, a.licence, a.source, a.credit, str(source.root.resolve()))
        for source in sources
        for a in [source.about]
    )
    return Catalog(things, grounds, infos, tuple(problems), _digest(things, grounds), cache)


def default_cache() -> Path:
    """$REFMATTE_CACHE, else refmatte in the user's cache folder."""
    if chosen := os.environ.get("REFMATTE_CACHE"):
        return Path(chosen)
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(home).expanduser() / "refmatte"
