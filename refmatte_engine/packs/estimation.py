"""The own colours of a catalog's pairs, estimated ahead of use: hours for thousands of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from itertools import chain

from refmatte_engine.errors import InputError
from refmatte_engine.packs import own_colors
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.parallel import Progress, spread
from refmatte_engine.records import Foreground


def estimated(
    catalog: Catalog,
    ids: Collection[str] | None = None,
    *,
    workers: int = 0,
    progress: Progress | None = None,
) -> Catalog:
    """The catalog with the recomposition errors of its pairs, or of those among `ids`, after
    estimating the colours that its cache does not hold yet, on `workers` workers (0: one per
    processor). Each is kept as soon as it is done, so that an interrupted call goes on where it
    was; and nobody has to call this: what is not estimated is when it is first drawn.

    `progress(done, total)` counts pairs. MissingExtra without pymatting. InputError if pictures
    have changed since the catalog was loaded, once all others are done.
    """
    pairs = pairs_of(catalog)
    chosen = pairs if ids is None else [name for name in pairs if name in ids]
    todo = [name for name in chosen if pairs[name].recomposition_error is None]
    done, failed = len(chosen) - len(todo), None
    if progress is not None and todo:
        progress(done, len(chosen))
    tasks = [(catalog.root(pairs[i].pack), pairs[i], catalog.cache) for i in todo]
    known: dict[str, float] = {}
    # The first one here: what numba compiles for it takes seconds, is cached, and serves all. It
    # has one caller of a process at a time, so that only processes work side by side.
    first = spread(own_colors.estimate, tasks[:1], workers=1)
    rest = spread(own_colors.estimate, tasks[1:], workers=workers, kept=True)
    for name, result in zip(todo, chain(first, rest), strict=True):
        if isinstance(result, InputError):
            failed = failed or result
        else:
            known[name] = result
        done += 1
        if progress is not None:
            progress(done, len(chosen))
    if failed is not None:
        raise failed
    errors = {name: replace(pairs[name], recomposition_error=known[name]) for name in known}
    return replace(catalog, foregrounds={**catalog.foregrounds, **errors})


def pairs_of(catalog: Catalog) -> dict[str, Foreground]:
    """The foregrounds whose colours have to be estimated, by id."""
    return {name: each for name, each in catalog.foregrounds.items() if each.colors == "mixed"}
