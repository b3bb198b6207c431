"""The work on shards: one is made by a worker; what kills workers, or raises, is named, and the
rest is made all the same."""

from __future__ import annotations

import contextlib
import logging
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypeAlias

from refmatte_engine.dataset.manifest import COUNTED
from refmatte_engine.dataset.shards import (
    SKIPPED,
    Shard,
    ShardWriter,
    clear_asides,
    is_finished,
    last_begun,
)
from refmatte_engine.errors import RefMatteError, listed
from refmatte_engine.generation.compose import Composer, Made, NoScene
from refmatte_engine.generation.sample_files import encoded
from refmatte_engine.parallel import WorkerLost
from refmatte_engine.records import to_json
from refmatte_engine.storage.files import disk_errors
from refmatte_engine.storage.remote import Place

OnError = Literal["stop", "skip"]
TRIES = 3  # of a sample that raises, or that kills its worker
LOG = logging.getLogger(__name__)
REPLACED = (
    "note: a worker was killed, most likely for lack of memory; its images are made again, what is "
    "finished is kept; fewer --workers need less"
)
DEADLY = f"killed its worker {TRIES} times, most likely for lack of memory"
Spreading: TypeAlias = Callable[["Work", Sequence[Shard], bool], Iterator["Done"]]
"""Has the shards made, in any order; each in a process of its own if that is asked for."""


@dataclass(frozen=True)
class Work:
    """What all shards of a run in the folder `root` need, or of one at a `place`, for which that
    folder stands. `header` begins every receipt; `deadly` are samples, by split and index, that
    killed their workers and are not tried again."""

    root: Path
    composers: Mapping[str, Composer]
    header: Mapping[str, Any]
    on_error: OnError = "stop"
    deadly: frozenset[tuple[str, int]] = frozenset()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a sample was not made. `todo` is what may help."""

    split: str
    index: int
    reason: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a shard: it `is_kept` unless samples failed that may not be skipped."""

    shard: Shard
    is_kept: bool
    failures: tuple[Failure, ...] = ()

    @property
    def images(self) -> int:
        """How many images of the run are done with."""
        return self.shard.stop - self.shard.start if self.is_kept else 0


def make(work: Work, shard: Shard) -> Done:
    """Makes and publishes a shard. RefMatteError if the disk, or the place, does not take it."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
    composer, failures = work.composers[shard.split], list[Failure]()
    with _folder(work) as root, disk_errors(root):
        writer = ShardWriter(root, shard, work.place)
        for made in _samples(work, composer, shard, writer):
            if isinstance(made, Failure):
                failures.append(made)
                continue
            counts["rejections"].update(made.rejections)
            counts["given_up"].update(made.given_up)
            if made.replaced:
                counts["replaced"].update(("images",))
                counts["reasons"].update(made.rejections)
            files, pixels = encoded(made.sample, made.rendering, composer.plan.run.image)
            writer.add(to_json(made.sample), files, pixels)
            writer.begin(made.sample.index + 1)
        if failures and work.on_error == "stop":
            writer.drop()
            return Done(shard, False, tuple(failures))
        told = {name: dict(sorted(count.items())) for name, count in counts.items()}
        skipped = {str(each.index): each.reason for each in failures}
        writer.publish({**work.header, **told, **({SKIPPED: skipped} if skipped else {})})
    return Done(shard, True, tuple(failures))


@contextlib.contextmanager
def _folder(work: Work) -> Iterator[Path]:
    """Where a shard is made: the run's folder; for a run at a place, on a machine that does not see
    the folder that stands for it, a temporary one."""
    if work.place is None or work.root.is_dir():
        yield work.root
        return
    with TemporaryDirectory(prefix="refmatte-") as folder:
        yield Path(folder)


def _samples(
    work: Work, composer: Composer, shard: Shard, writer: ShardWriter
) -> Iterator[Made | Failure]:
    """The samples of a shard, in order, or why one cannot be had; what raises is tried again: a
    file may only be slow to come."""
    index, tries = shard.start, 0
    while index < shard.stop:
        if (shard.split, index) in work.deadly:
            yield Failure(shard.split, index, DEADLY)
            index, tries = index + 1, 0
            continue
        stop = next(
            (i for i in range(index, shard.stop) if (shard.split, i) in work.deadly), shard.stop
        )
        writer.begin(index)
        try:
            for made in composer.samples(index, stop):
                yield made
                index, tries = index + 1, 0
        except NoScene as error:
            yield Failure(shard.split, index, error.problem, error.todo)
            index, tries = index + 1, 0
        except Exception as error:  # whatever it is, the other samples may be well
            tries += 1
            if tries == TRIES:
                yield Failure(shard.split, index, *_told(error))
                index, tries = index + 1, 0


def _told(error: Exception) -> tuple[str, str]:
    """What was raised, in a line, and what may help; of a bug, where it was."""
    if isinstance(error, RefMatteError):
        allowed = f"; allowed: {error.allowed}" if error.allowed else ""
        return f"{error.where}: {error.problem}{allowed}", error.todo
    place = traceback.extract_tb(error.__traceback__)[-1]
    told = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{told} ({'/'.join(Path(place.filename).parts[-2:])}:{place.lineno})", ""


def spread(work: Work, todo: Sequence[Shard], spreading: Spreading) -> Iterator[Done]:
    """Has the shards made, by `spreading`. Where a worker is lost, what it had at hand is made
    again in a process of its own, and the rest goes on; a sample that has killed its worker
    `TRIES` times is a failure. WorkerLost if workers are lost at nothing in particular."""
    left, losses = {(shard.split, shard.number): shard for shard in todo}, 0
    whole = work.on_error == "stop"
    while left:
        before = len(left)
        try:
            for done in spreading(work, list(left.values()), False):
                left.pop((done.shard.split, done.shard.number), None)
                yield done
            return
        except WorkerLost as lost:
            LOG.warning(REPLACED)
            losses = losses + 1 if len(left) == before else 1
            for shard in [s for s in left.values() if is_finished(work.root, s, whole=whole)]:
                del left[shard.split, shard.number]  # made, and could not say so any more
                yield Done(shard, True)
            suspects = [s for s in left.values() if last_begun(work.root, s) is not None]
            suspects = [s for s in suspects if lost.at in (None, (s,))]
            if losses >= TRIES and not suspects:
                raise
        for shard in suspects:
            del left[shard.split, shard.number]
            yield _alone(work, shard, spreading)


def _alone(work: Work, shard: Shard, spreading: Spreading) -> Done:
    """What becomes of a shard whose worker was lost."""
    lost: Counter[int | None] = Counter([last_begun(work.root, shard)])
    while True:
        clear_asides(work.root, (), shard)
        try:
            return next(iter(spreading(work, [shard], True)))
        except WorkerLost:
            index = last_begun(work.root, shard)
            lost[index] += 1
            if lost[index] < TRIES:
                continue
            if index is None:
                raise
            if work.on_error == "stop":
                return Done(shard, False, (Failure(shard.split, index, DEADLY),))
            work = replace(work, deadly=work.deadly | {(shard.split, index)})


def failed(root: Path, failures: Sequence[Failure]) -> RefMatteError:
    """The error that ends a run of which these samples are missing."""
    first = failures[0]
    if len(failures) == 1:
        where, problem = f"{first.split}/{first.index}", first.reason
    else:
        where = str(root)
        told = listed((f"{each.split}/{each.index}: {each.reason}" for each in failures), 5)
        problem = f"{len(failures)} images could not be made: {told}"
    todo = f"{first.todo}; " if first.todo else ""
    todo += "what else there is to make is made and kept: mend it and run the same command again, "
    return RefMatteError(where, problem, todo=f"{todo}or leave them out with --on-error skip")
