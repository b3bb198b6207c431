"""The command `cache`: what is kept of pictures, and how it is made smaller."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from refmatte_engine.cli import options
from refmatte_engine.cli.output import print_json
from refmatte_engine.errors import InputError


def cache(
    prune: options.Prune = False,
    unused_for: options.UnusedFor = None,
    at_most: options.AtMost = None,
    as_json: options.Json = False,
) -> None:
    """List what is kept of packs' pictures, and prune it. Whatever is removed is made again when
    it is needed.

    --prune removes what is of other versions, or of packs that are gone. Example: refmatte cache
    --prune --unused-for 30
    """
    from refmatte_engine.packs import cache_use
    from refmatte_engine.storage import cache as caches
    from refmatte_engine.storage import cache_contents

    if not prune and (unused_for is not None or at_most is not None):
        option = "--unused-for" if unused_for is not None else "--at-most"
        raise InputError(option, "removes nothing by itself", todo="say --prune as well")
    folder = caches.folder()
    found = list(cache_contents.entries(folder))
    pruned: dict[str, int] = {}
    if prune:
        uses = cache_use.of_packs(found)
        chosen = {entry.path: entry for entry in cache_use.unneeded(found, uses)}
        if unused_for is not None:
            before = time.time() - unused_for * cache_contents.DAY_S
            chosen |= {e.path: e for e in cache_use.unused_since(found, uses, before)}
        if at_most is not None:
            left = [entry for entry in found if entry.path not in chosen]
            chosen |= {e.path: e for e in cache_use.beyond(left, int(at_most * 1e9))}
        pruned = {"files": len(chosen), "bytes": cache_contents.remove(chosen.values())}
        found = list(cache_contents.entries(folder))
    listed = _listed(found) | {"folder": str(folder)} | ({"pruned": pruned} if prune else {})
    if as_json:
        print_json(listed)
        return
    print(f"{folder}: {size(listed['bytes'])} in {listed['files']} files")
    for group in ("kinds", "packs"):
        for name, said in listed[group].items():
            gone = "" if said.get("is_there", True) else "; it is gone"
            used = f"used {time.strftime('%Y-%m-%d', time.localtime(said['used']))}"
            print(f"  {name:17} {size(said['bytes']):>8} in {said['files']} files, {used}{gone}")
    if prune:
        print(f"pruned {size(pruned['bytes'])} in {pruned['files']} files")


def size(count: int) -> str:
    """Bytes as a person reads them.

    >>> size(312), size(4_600_000), size(12_300_000_000)
    ('0 MB', '5 MB', '12.3 GB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def _listed(found: Sequence[Any]) -> dict[str, Any]:
    """Bytes, files and last use in all, by kind, and by pack."""
    from refmatte_engine.packs import cache_use

    kinds: dict[str, list[Any]] = {}
    for entry in found:
        kinds.setdefault(cache_use.what(entry), []).append(entry)
    uses = cache_use.of_packs(found)
    return {
        "bytes": sum(entry.size for entry in found),
        "files": len(found),
        "kinds": {name: _counted(kinds[name]) for name in sorted(kinds)},
        "packs": {
            use.root: _counted(use.entries) | {"used": use.used, "is_there": use.is_there}
            for use in uses
        },
    }


def _counted(found: Sequence[Any]) -> dict[str, Any]:
    used = max(entry.used for entry in found)
    return {"bytes": sum(entry.size for entry in found), "files": len(found), "used": used}
