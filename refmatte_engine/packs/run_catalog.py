"""The catalog that a run draws from, by the run's own rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from refmatte_engine.config.run import Run
from refmatte_engine.errors import InputError, listed
from refmatte_engine.packs import catalog, pixel_cache
from refmatte_engine.packs import frozen as frozen_catalog
from refmatte_engine.parallel import Progress


def of_run(
    run: Run,
    packs: Sequence[str | Path] = (),
    *,
    strict: bool = False,
    workers: int = 0,
    progress: Progress | None = None,
    frozen: Path | None = None,
) -> catalog.Catalog:
    """The catalog that `run` draws from; `packs` says where its packs lie now, if elsewhere;
    `frozen` is a file with the frozen catalog of these packs.

    InputError as in `catalog.load` and `frozen.read`, and if the run's rules leave no foreground,
    or no background, for a split of which it wants images. What the surroundings say of the cache
    is read here, once, as workers would take it for a fault of each image.
    """
    pixel_cache.most_bytes()
    made = catalog.load(
        packs or run.packs,
        split_seed=run.seed,
        test_share=run.test_share,
        split_by=run.split_by,
        allow_licences=run.allow_licences,
        strict=strict,
        workers=workers,
        progress=progress,
        frozen=frozen_catalog.read(frozen) if frozen else None,
    )
    if run.split_by is None:
        return made
    for what in ("foregrounds", "backgrounds"):
        here = Counter(asset.split for asset in getattr(made, what).values())
        for split in (name for name, images in run.splits.items() if images and not here[name]):
            there = listed(f"{n} in {other}" for other, n in sorted(here.items()))
            aside = listed(f"{n} {why}" for why, n in made.selection["left_out"].items())
            told = f"leaves no {what} for the split {split!r} ({there or 'none in any'}"
            told += f"; left out: {aside})" if aside else ")"
            todo = f"put some into it{run.without(split)}"
            raise InputError("split_by", told, todo=todo)
    return made
