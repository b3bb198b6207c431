"""The forecast of a run: what it will be, how much of it and how long it takes, before it is begun.

What is planned is counted by blocks; size and speed are measured on a few images, which are not
kept. So a hundred million images are foretold as soon as a hundred.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from refmatte_engine.config.run import Run, check_run
from refmatte_engine.dataset.manifest import label_lines
from refmatte_engine.generation.compose import Composer, Made, templates_of
from refmatte_engine.generation.sample_files import encoded
from refmatte_engine.packs import estimation
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.parallel import Progress, processors
from refmatte_engine.records import to_json
from refmatte_engine.scene import lacks
from refmatte_engine.scene.plan import Plan, change, make_plans, wish
from refmatte_engine.scene.quotas import BLOCK
from refmatte_engine.storage.files import digest, jsonl
from refmatte_engine.storage.remote import path_of

PAIRS = 12  # of neighbours, which may be twins, are made; or so many groups of siblings
DISK_BLOCK = 4096  # bytes: what a file takes on most disks is a multiple of it

Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Each:
    """What an image is on the average of the `tried` ones: CPU seconds of one core; files, and
    bytes with what file systems take for them; mattes, sentences, scenes that were drawn again."""

    tried: int
    cpu_s: float
    files: float
    disk_bytes: float
    mattes: float
    sentences: float
    drawn_again: float


MEASURED = ("files", "bytes", "mattes", "sentences", "drawn again")  # in the order of `Each`


@dataclass(frozen=True, slots=True)
class Forecast:
    """`splits` are the numbers of images. `planned` counts, by split, what the quotas give: images
    by ("layout", "left_right"), ("level", …), ("first thing", …) and ("pairs", …), and groups by
    ("siblings", …), before anything is given up; `lacks` says by split what is. `cores` are used;
    `free_bytes` are on the disk, if that is known."""

    splits: dict[str, int]
    planned: dict[str, Counts]
    lacks: dict[str, tuple[lacks.Lack, ...]]
    each: Each
    cores: int
    free_bytes: int | None

    @property
    def images(self) -> int:
        """Of all splits."""
        return sum(self.splits.values())


def forecast(
    run: Run,
    catalog: Catalog,
    out: str | Path | None = None,
    *,
    workers: int = 0,
    progress: Progress | None = None,
) -> Forecast:
    """What `run` will be on `workers` cores (0: all that this process may use), in the folder, or
    at the URL, `out`. Nothing is written but what caches keep. `progress` is called with (images
    made, of how many). InputError for a run that cannot start; NoScene for an image that cannot be
    had.
    """
    check_run(run)
    plans, folder = make_plans(run, catalog), path_of(out or "")
    return Forecast(
        splits={split: run.splits[split] if split in plans else 0 for split in run.splits},
        planned={split: planned(plan, run.splits[split]) for split, plan in plans.items()},
        lacks=lacks.lacks(run, catalog),
        each=_measured(run, catalog, plans, progress),
        cores=workers or processors(),
        free_bytes=shutil.disk_usage(_existing(folder)).free if folder else None,
    )


def planned(plan: Plan, images: int) -> Counts:
    """What the quotas of the first `images` samples of a split give, as `Forecast.planned`."""
    size = BLOCK * (2 if plan.run.layout.counterfactual else plan.run.siblings or 1)
    whole, rest = divmod(images, size)
    block = Counter(_wished(plan, range(size if whole else 0)))
    last = Counter(_wished(plan, range(images - rest, images)))
    return {key: whole * block[key] + last[key] for key in sorted({*block, *last})}


def _wished(plan: Plan, numbers: Sequence[int]) -> Iterator[tuple[str, str]]:
    for index in numbers:
        wanted = wish(plan, index)
        yield "layout", wanted.layout
        yield "level", wanted.level
        if plan.run.groups is None:  # which deal things of all kinds
            yield "first thing", wanted.kind
        if changed := change(plan, wanted):
            yield "pairs", changed
        if plan.run.siblings and index % plan.run.siblings == 0:
            yield "siblings", f"groups of {plan.run.siblings}"


def _measured(
    run: Run, catalog: Catalog, plans: Mapping[str, Plan], progress: Progress | None
) -> Each:
    """Of a few images from all over each split, these in proportion."""
    templates = templates_of(run)
    composers = {split: Composer(plan, catalog, templates) for split, plan in plans.items()}
    total = sum(run.splits[split] for split in plans)
    pairs: list[tuple[Composer, int, int]] = []
    each = run.siblings or 2
    for split, composer in composers.items():
        images = run.splits[split]
        there = -(-images // each)
        count = min(max(1, round(PAIRS * images / total)), there)
        starts = (each * (number * there // count) for number in range(count))
        pairs += [(composer, start, min(start + each, images)) for start in starts]
    # What is read or estimated once is no matter of each image.
    is_new = any(p.recomposition_error is None for p in estimation.pairs_of(catalog).values())
    for composer, start, stop in pairs if is_new else pairs[:1]:
        for _ in composer.samples(start, stop):
            pass
    sums: Counter[str] = Counter()
    begun = time.process_time()
    for number, (composer, start, stop) in enumerate(pairs, 1):
        for made in composer.samples(start, stop):
            sizes = list(_sizes(run, made))
            sums["images"] += 1
            sums["files"] += len(sizes) - 1
            sums["bytes"] += sum(-(-size // DISK_BLOCK) * DISK_BLOCK for size in sizes[:-1])
            sums["bytes"] += sizes[-1]
            sums["mattes"] += len(made.sample.entities)
            sums["sentences"] += len(made.sample.expressions)
            sums["drawn again"] += len(made.rejections)
        if progress is not None:
            progress(number, len(pairs))
    seconds = time.process_time() - begun
    made_of = sums.pop("images")
    return Each(made_of, seconds / made_of, *(sums[name] / made_of for name in MEASURED))


def _sizes(run: Run, made: Made) -> Iterator[int]:
    """The bytes of each file of a sample; at last of what is said of it in receipt, samples.jsonl
    and label file."""
    files, pixels = encoded(made.sample, made.rendering, run.image)
    yield from map(len, files.values())
    record = to_json(made.sample)
    hashes = {name: digest(data) for name, data in files.items()}
    told = [jsonl([record]), jsonl([{"sample": record, "files": hashes, "pixels": pixels}])]
    yield sum(map(len, (*told, *label_lines(record))))


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(each for each in (folder.resolve(), *folder.resolve().parents) if each.is_dir())
