"""What each embedded run would have to do without if it were given certain packs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from refmatte_engine import catalog as catalogs
from refmatte_engine import lacks, resources
from refmatte_engine.run import changed, load_run


def prospects(packs: Sequence[str], cache: Path | None = None) -> dict[str, list[str]]:
    """A line for each split of each embedded run that lacks something with `packs` alone, by the
    run's name; none for a run that has all it asks for. InputError as in `catalog.load`."""
    found: dict[str, list[str]] = {}
    for file in sorted((resources.TEMPLATES / "runs").glob("*.yaml")):
        run = changed(load_run(file.stem), {"packs": list(packs)})
        # Splits are drawn by the run's seed; nothing is decoded again for it.
        catalog = catalogs.load(packs, split_seed=run.seed, test_share=run.test_share, cache=cache)
        known = lacks.lacks(run, catalog)
        found[file.stem] = [lacks.line(split, missing) for split, missing in known.items()]
    return found
