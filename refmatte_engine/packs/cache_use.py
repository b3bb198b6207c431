"""Which packs the contents of the cache are of, and what of it nobody needs."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from refmatte_engine.packs import own_colors, pixel_cache, scan
from refmatte_engine.storage import stand_in
from refmatte_engine.storage.cache_contents import DAY_S, Entry

CURRENT = frozenset(
    (scan.STAMPS, scan.SCANS, own_colors.FOLDER, pixel_cache.FOLDER, stand_in.FOLDER)
)
# What goes first where something has to: what is soonest made again.
_ORDER = ("of URLs", "plain pixels", "packed pixels", "stamps", "scans", "own colours")


@dataclass
class Use:
    """What the cache holds of the pictures in the folder `root`, and when that was last read.
    Pictures of several packs count in each."""

    root: str
    is_there: bool
    used: float
    pictures: int
    entries: list[Entry] = field(default_factory=list)

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(entry.size for entry in self.entries)


def of_packs(found: Sequence[Entry]) -> list[Use]:
    """The packs that the cache knows, the largest first."""
    uses: list[Use] = []
    by_content: dict[str, list[Use]] = defaultdict(list)
    by_digest: dict[str, list[Use]] = defaultdict(list)
    current = [entry for entry in found if entry.folder in CURRENT and not entry.is_draft]
    for entry in current:
        if entry.kind != "stamps":
            continue
        said = _json(entry.path)
        root, known = said.get("root"), said.get("files")
        if isinstance(root, str) and isinstance(known, dict):
            hashes = {
                each[1] for each in known.values() if isinstance(each, list) and len(each) > 1
            }
            uses.append(Use(root, _is_folder(root), entry.used, len(known), [entry]))
            for content in hashes:
                by_content[str(content)].append(uses[-1])
    for entry in current:
        if entry.kind == "scans" and (users := by_content.get(entry.path.stem.split("-")[1])):
            digest = str(_json(entry.path).get("digest"))
            by_digest[digest] += [use for use in users if use not in by_digest[digest]]
            for use in users:
                use.entries.append(entry)
    by_mirror = {Path(use.root).parent: use for use in uses}
    for entry in current:
        above = entry.path.parents[entry.name.count("/") - 1]
        if entry.kind == "remote" and above in by_mirror:
            by_mirror[above].entries.append(entry)
    for entry in current:
        if entry.kind in ("colors", "pixels"):
            for use in by_digest.get(entry.name.split("/")[1][:32], ()):
                use.entries.append(entry)
    return sorted(uses, key=lambda use: -use.size)


def what(entry: Entry) -> str:
    """What a person calls the contents of a file."""
    if entry.is_draft:
        return "unfinished"
    if entry.folder not in CURRENT:
        return "of other versions"
    if entry.kind == "remote":
        return "of URLs"
    if entry.kind == "pixels":
        return "plain pixels" if entry.path.suffix == ".npy" else "packed pixels"
    return "own colours" if entry.kind == "colors" else entry.kind


def unneeded(found: Sequence[Entry], uses: Iterable[Use]) -> list[Entry]:
    """What is of other versions, of packs that are gone, or unfinished; and what is of no pack, or
    of none any more, and was not used for a day."""
    before = time.time() - DAY_S
    needed = {entry.path for use in uses if use.is_there for entry in use.entries}
    gone = {entry.path for use in uses if not use.is_there for entry in use.entries} - needed
    return [
        entry
        for entry in found
        if (entry.folder not in CURRENT and not entry.is_draft)
        or entry.path in gone
        or (entry.path not in needed and entry.used < before)
    ]


def unused_since(found: Sequence[Entry], uses: Iterable[Use], before: float) -> list[Entry]:
    """What was not used since that time. Scans and colours are as long in use as their pack: they
    are not read again for every picture."""
    used = {entry.path: entry.used for entry in found}
    for use in uses:
        for entry in use.entries:
            if entry.kind != "pixels":
                used[entry.path] = max(used[entry.path], use.used)
    return [entry for entry in found if used[entry.path] < before]


def beyond(found: Sequence[Entry], most: int) -> list[Entry]:
    """What has to go until the rest takes at most that many bytes: first what is soonest made
    again, and of that what was not used for the longest time."""
    order = {name: number for number, name in enumerate(_ORDER)}
    total, chosen = sum(entry.size for entry in found), []
    for entry in sorted(found, key=lambda each: (order.get(what(each), -1), each.used)):
        if total <= most:
            break
        total -= entry.size
        chosen.append(entry)
    return chosen


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def _json(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
