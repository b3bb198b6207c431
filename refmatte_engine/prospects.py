"""What each embedded run would have to do without if it were given certain packs alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from refmatte_engine import catalog as catalogs
from refmatte_engine import lacks, resources
from refmatte_engine.lacks import EVERYTHING, Lack
from refmatte_engine.run import changed, load_run


def prospects(packs: Sequence[str], cache: Path | None = None) -> dict[str, list[str]]:
    """By each embedded run's name a line for every split that lacks something, in short: `generate`
    says all of it. InputError as in `catalog.load`."""
    found: dict[str, list[str]] = {}
    for file in sorted((resources.TEMPLATES / "runs").glob("*.yaml")):
        run = changed(load_run(file.stem), {"packs": list(packs)})
        # Splits are drawn by the run's seed; nothing is decoded again for it.
        catalog = catalogs.load(packs, split_seed=run.seed, test_share=run.test_share, cache=cache)
        known = lacks.lacks(run, catalog)
        found[file.stem] = [_line(split, missing) for split, missing in known.items()]
    return found


def _line(split: str, missing: Iterable[Lack]) -> str:
    told = (
        f"{lack.what}: {lack.why.split('; ')[0]}" if lack.what == EVERYTHING else lack.what
        for lack in missing
    )
    return f"{split} without " + ", ".join(told)
