"""Prospects: what each bundled run would lack with the given packs alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from refmatte_engine.config import resources
from refmatte_engine.config.run import changed, load_run
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.scene import lacks
from refmatte_engine.scene.lacks import EVERYTHING, Lack


def prospects(packs: Sequence[str], cache: Path | None = None) -> dict[str, list[str]]:
    """By each bundled run's name, a short line per split that lacks something: `generate` says it
    in full. InputError as in `catalog.load`."""
    found: dict[str, list[str]] = {}
    loaded: dict[tuple[int, float], Catalog] = {}
    for file in sorted((resources.TEMPLATES / "runs").glob("*.yaml")):
        run = changed(load_run(file.stem), {"packs": list(packs)})
        # Splits are drawn by the run's seed; nothing is decoded again for it.
        drawn = (run.seed, run.test_share)
        if drawn not in loaded:
            seed, share = drawn
            loaded[drawn] = catalogs.load(packs, split_seed=seed, test_share=share, cache=cache)
        known = lacks.lacks(run, loaded[drawn])
        found[file.stem] = [_line(split, missing) for split, missing in known.items()]
    return found


def _line(split: str, missing: Iterable[Lack]) -> str:
    told = (
        f"{lack.what}: {lack.why.split('; ')[0]}" if lack.what == EVERYTHING else lack.what
        for lack in missing
    )
    return f"{split} without " + ", ".join(told)
