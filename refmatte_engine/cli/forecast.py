"""How the forecast of a run is shown."""

from __future__ import annotations

from collections.abc import Iterator

from refmatte_engine.generation.forecast import Forecast
from refmatte_engine.scene.lacks import line

# The largest unit that a number reaches is told.
SIZES = {"TB": 1e12, "GB": 1e9, "MB": 1e6, "kB": 1e3}
TIMES = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}


def text(found: Forecast, name: str) -> str:
    """A small table for a person: what is planned, what it takes, and what must be done without."""
    each, images = found.each, found.images
    heads = "".join(f"{split:>16}" for split in found.splits)
    lines = [f"{name}: {images:,} images; nothing is written", f"{'':<28}{heads}"]
    lines += _rows(found)
    mattes, said, files = (
        f"{round(images * mean):,}" for mean in (each.mattes, each.sentences, each.files)
    )
    disk, free = images * each.disk_bytes, ""
    if found.free_bytes is not None:
        free = f"; {_in(SIZES, found.free_bytes)} are free"
        free += ": not enough" if disk > found.free_bytes else ""
    lines += [
        f"about {mattes} mattes and {said} sentences",
        f"on disk: about {_in(SIZES, disk)} in {files} files, {_in(SIZES, each.disk_bytes)} an "
        f"image{free}",
        f"time: about {_in(TIMES, images * each.cpu_s / found.cores)} on {found.cores} "
        f"core{'s' * (found.cores > 1)}, {1000 * each.cpu_s:.0f} ms an image and core, as measured "
        f"here on {each.tried} images; for each {each.drawn_again:.1f} scenes are drawn again",
    ]
    return "\n".join([*lines, *(line(split, lacking) for split, lacking in found.lacks.items())])


def _rows(found: Forecast) -> Iterator[str]:
    yield _row("images", list(found.splits.values()))
    keys = dict.fromkeys(key for counts in found.planned.values() for key in counts)
    for what, value in sorted(keys, key=lambda key: key[0]):
        counts = [found.planned.get(split, {}).get((what, value), 0) for split in found.splits]
        yield _row(f"  {what}: {value.replace('_', ' ')}", counts)


def _row(head: str, counts: list[int]) -> str:
    return f"{head:<28}" + "".join(f"{count:>16,}" for count in counts)


def _in(units: dict[str, float], amount: float) -> str:
    """An amount in the largest unit that it reaches.

    >>> _in(SIZES, 98_400_000_000), _in(TIMES, 5400), _in(TIMES, 0.2)
    ('98 GB', '1.5 hours', '0.2 seconds')
    """
    unit = next((unit for unit, size in units.items() if amount >= size), list(units)[-1])
    number = amount / units[unit]
    return f"{number:.{0 if number >= 10 else 1}f} {unit}"
