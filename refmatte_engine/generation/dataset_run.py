"""A dataset run: makes the shards of a dataset, in any order, with any number of workers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

from refmatte_engine import cluster
from refmatte_engine.config.run import Run, changed, check_run
from refmatte_engine.dataset import papers
from refmatte_engine.dataset.manifest import FORMAT, TAKEN, finish, made_with, run_digest
from refmatte_engine.dataset.output import Output, output
from refmatte_engine.dataset.run_folder import OnExists
from refmatte_engine.dataset.shards import (
    Part,
    Shard,
    clear_asides,
    is_finished,
    of_part,
    receipt_path,
    shards,
)
from refmatte_engine.errors import InputError, RefMatteError, listed
from refmatte_engine.generation import shard_work, worker_check
from refmatte_engine.generation.acceptance import advice
from refmatte_engine.generation.compose import Composer, NoScene, counted, templates_of
from refmatte_engine.generation.shard_work import Failure, OnError
from refmatte_engine.language.templates import Templates
from refmatte_engine.packs import estimation, run_catalog
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.parallel import Progress, processors, spread
from refmatte_engine.scene import lacks, relight
from refmatte_engine.scene.plan import Plan, make_plans, sample_plan
from refmatte_engine.storage.files import digest, write_whole

Backend = Literal["loky", "threads", "dask", "ray"]
TRIED = 2  # images of a split that have to fail before it is given up as a whole
WORTH = 16  # images for which it pays to start another process, if nobody said how many
FUTILE = 50  # shards that have to fail, and no other end, before a run is given up


def generate(
    run: Run,
    out: str | Path,
    *,
    workers: int = 1,
    on_exists: OnExists = "resume",
    on_error: OnError = "stop",
    backend: Backend = "loky",
    scheduler: str = "",
    catalog: Catalog | None = None,
    progress: Progress | None = None,
    estimating: Progress | None = None,
    fetching: Progress | None = None,
    finishing: Progress | None = None,
) -> dict[str, Any]:
    """Makes the dataset of `run` in the folder, or at the URL, `out` and returns its manifest.

    The same run gives the same bytes for any number of workers and after any interruption.
    `progress(done, total)` is called with numbers of images; before that `estimating` with numbers
    of pictures whose own colours are needed, and `fetching` with numbers of receipts that a URL
    has already; after it `finishing` with numbers of images, as their records are merged and again
    as they are counted for the card. A split for which there is nothing stays empty; the
    manifest's `lacks` says so, and what else was given up. Samples that raise, again and again, end
    the run once all else is made, or are skipped and listed under `skipped`, as `on_error` says.
    Workers are processes or `threads` of this machine, or those of Dask or Ray, here or, with the
    address of a `scheduler`, elsewhere.

    InputError for a run that cannot start; RefMatteError for one that fails, or that is finished
    but had more than `max_replaced` of its images replaced, or all skipped; KeyboardInterrupt
    passes through. In all cases finished shards stay, and the same call resumes.
    """
    check_run(run)
    hands = _Hands(workers, backend, scheduler)
    with output(out, on_exists) as to:
        root = to.root
        job = _begin(run, to, None, catalog, hands, estimating)
        with to.begun(job.described, on_exists, job.here) as described:
            wanted = shards(job.run.splits, job.run.shard_images)
            to.fetch_receipts(job.run.splits, progress=fetching)
            _make(job, described, on_error, hands, progress)
            to.fetch_receipts(job.run.splits, progress=fetching)  # of workers elsewhere
            clear_asides(root, job.run.splits)  # of workers that were lost, and replaced elsewhere
            manifest = finish(root, described, wanted, finishing)
            papers.write(root, progress=finishing)
            to.finish()
    check_replaced(out, manifest, run.max_replaced)
    return manifest


def generate_part(
    run: Run,
    out: str | Path,
    part: Part,
    *,
    workers: int = 1,
    on_error: OnError = "stop",
    backend: Backend = "loky",
    scheduler: str = "",
    catalog: Catalog | None = None,
    progress: Progress | None = None,
    estimating: Progress | None = None,
    fetching: Progress | None = None,
) -> int:
    """Makes the shards of one part of the dataset of `run`, where the other parts may write too,
    and returns how many images these are. `merge` finishes the dataset once all parts are made.
    Everything else is as in `generate`."""
    check_run(run)
    hands = _Hands(workers, backend, scheduler)
    with output(out, "resume", shared=True) as to:
        job = _begin(run, to, part, catalog, hands, estimating)
        with to.begun(job.described, "resume", job.here, shared=True) as described:
            to.fetch_receipts(job.run.splits, job.mine, fetching)
            return _make(job, described, on_error, hands, progress)


class _Job(NamedTuple):
    """A run that is known to be possible: the shards of it that are to be here, who composes the
    samples of each split, its description, and what only this machine knows of it."""

    to: Output
    run: Run
    mine: list[Shard]
    catalog: Catalog
    composers: dict[str, Composer]
    templates: Templates
    described: dict[str, Any]
    here: dict[str, Any]


class _Hands(NamedTuple):
    """Who does the work."""

    workers: int
    backend: Backend
    scheduler: str


def _begin(
    run: Run,
    to: Output,
    part: Part | None,
    catalog: Catalog | None,
    hands: _Hands,
    estimating: Progress | None,
) -> _Job:
    if to.place and to.place.is_memory and hands.workers != 1 and hands.backend != "threads":
        problem = "lies in the memory of this process, which workers do not see"
        raise InputError(to.place.url, problem, allowed="one worker, or --backend threads")
    templates = templates_of(run)
    catalog = catalog or run_catalog.of_run(run)
    plans = make_plans(run, catalog)
    drawn = _drawn(to.root, plans, catalog, of_part(shards(run.splits, run.shard_images), part))
    catalog = estimation.estimated(catalog, drawn, workers=hands.workers, progress=estimating)
    composers, missing = _begun(run, catalog, templates, plans)
    splits = {split: images if split in composers else 0 for split, images in run.splits.items()}
    run = changed(run, {"splits": splits})
    here = {"packs": dict(zip((info.name for info in catalog.packs), run.packs, strict=True))}
    mine = of_part(shards(run.splits, run.shard_images), part)
    described = describe(run, catalog, templates, missing)
    return _Job(to, run, mine, catalog, composers, templates, described, here)


def _make(
    job: _Job,
    described: dict[str, Any],
    on_error: OnError,
    hands: _Hands,
    progress: Progress | None,
) -> int:
    """Makes what there is to make in a folder that is held, and returns the number of all images
    that are to be here. RefMatteError if samples failed that may not be skipped."""
    root, whole = job.to.root, on_error == "stop"
    for name, data in template_files(job.templates).items():
        write_whole(root / "templates" / name, data)
    job.to.put("templates")
    total = sum(shard.stop - shard.start for shard in job.mine)
    todo = [shard for shard in job.mine if not is_finished(root, shard, whole=whole)]
    done = total - sum(shard.stop - shard.start for shard in todo)
    if progress:
        progress(done, total)
    header: dict[str, Any] = {"run": run_digest(described)}
    if any(described[key] != value for key, value in made_with().items()):
        header |= {"made_with": made_with()}
    work = shard_work.Work(root, job.composers, header, on_error, place=job.to.place)
    failures = list[Failure]()
    spreading = partial(_spread, hands, job.catalog)
    for tried, made in enumerate(shard_work.spread(work, todo, spreading), 1):
        done += made.images
        failures += () if made.is_kept else made.failures
        if progress and made.is_kept:
            progress(done, total)
        if len(failures) >= tried >= FUTILE:  # nobody is to wait for thousands to fail
            break
    if failures:
        raise shard_work.failed(root, failures)
    return total


def _spread(
    hands: _Hands, catalog: Catalog, work: shard_work.Work, todo: Sequence[Shard], apart: bool
) -> Iterator[shard_work.Done]:
    tasks = [(shard,) for shard in todo]
    if hands.backend in ("dask", "ray"):
        yield from cluster.spread(
            shard_work.make,
            tasks,
            backend=hands.backend,
            scheduler=hands.scheduler,
            workers=hands.workers,
            shared=replace(work, root=work.root.resolve()),
            probe=worker_check.problem,
            expected=worker_check.expected(None if work.place else work.root, catalog),
        )
        return
    images = sum(shard.stop - shard.start for shard in todo)
    yield from spread(
        shard_work.make,
        tasks,
        workers=hands.workers or min(processors(), math.ceil(images / WORTH)) or 1,
        ordered=False,
        threads=hands.backend == "threads",
        kept=True,
        shared=work,
        apart=apart,
    )


def describe(
    run: Run, catalog: Catalog, templates: Templates, lacks: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """What is fixed when `run` begins; `lacks` says what each split cannot be. Packs and templates
    go by names and digests: where they lie on this machine is nobody else's business.
    InputError if a split has the name of a folder."""
    if taken := [split for split in run.splits if split in TAKEN]:
        raise InputError(
            f"splits.{taken[0]}", f"{taken[0]!r} is not a split name",
            allowed=f"any but {listed(TAKEN)}, which are folders beside the splits",
        )  # fmt: skip
    packs = [info.name for info in catalog.packs]
    named = {"packs": packs, "expressions": Path(run.expressions).stem}
    return {
        "format": FORMAT,
        "run": {**run.described(), **named},
        "packs": catalog.pack_digests,
        "catalog_digest": catalog.digest,
        "templates": {name: digest(data) for name, data in template_files(templates).items()},
        "templates_digest": templates.digest,
        "licences": catalog.licences,
        **({"terms": catalog.own_terms} if catalog.own_terms else {}),
        **({"selection": catalog.selection} if catalog.selection else {}),
        **({"relight": relight.described(run.relight)} if run.relight else {}),
        "lacks": {split: list(found) for split, found in lacks.items()},
        **made_with(),
    }


def template_files(templates: Templates) -> dict[str, bytes]:
    """What lies in OUT/templates, by name: the run's template file and its vocabulary."""
    return {
        "expressions.yaml": Path(templates.path).read_bytes(),
        "vocabulary.yaml": Path(templates.vocabulary_path).read_bytes(),
    }


def _drawn(
    root: Path, plans: Mapping[str, Plan], catalog: Catalog, wanted: Iterable[Shard]
) -> set[str]:
    """The pairs that the first attempts at the images still to be made draw, by id."""
    pairs, drawn = estimation.pairs_of(catalog).keys(), set[str]()
    for shard in wanted if pairs else ():
        if drawn >= pairs:
            return drawn
        if shard.split in plans and not receipt_path(root, shard).is_file():
            for index in range(shard.start, shard.stop, plans[shard.split].run.siblings or 1):
                drawn.update(pairs & set(sample_plan(plans[shard.split], index).foregrounds))
    return drawn


def _begun(
    run: Run, catalog: Catalog, templates: Templates, plans: Mapping[str, Plan]
) -> tuple[dict[str, Composer], dict[str, list[str]]]:
    """The composers of the splits that can be made, and what cannot be, by split. A split of which
    the first images cannot be had is given up at once: nobody is to wait for thousands to fail.
    RefMatteError if there is no other."""
    composers = {split: Composer(plan, catalog, templates) for split, plan in plans.items()}
    found = lacks.lacks(run, catalog)
    missing = {split: [str(lack) for lack in given_up] for split, given_up in found.items()}
    failed: NoScene | None = None
    for split, composer in list(composers.items()):
        for index in range(min(TRIED, run.splits[split])):
            try:
                composer.sample(index)
                break
            except NoScene as error:
                failed = failed or error
            except relight.Unfit:  # for this image, and so for the next
                raise
            except Exception:  # of this image; its shard will tell
                break
        else:
            assert failed is not None
            missing[split] = [f"{lacks.EVERYTHING} ({failed.problem}; {failed.todo})"]
            del composers[split]
    if failed and not composers:
        raise failed
    return composers, missing


def check_replaced(out: str | Path, manifest: Mapping[str, Any], most: float) -> None:
    """RefMatteError if more than the share `most` of the images is not what was planned, or if all
    were skipped."""
    replaced = manifest["replaced"]
    images = sum(split["images"] for split in manifest["splits"].values())
    reasons = Counter(why for each in manifest.get("skipped", {}).values() for why in each.values())
    if reasons and not images:
        told = listed((why for why, _ in reasons.most_common()), 3)
        raise RefMatteError(
            out,
            f"all {reasons.total()} images were skipped: {told}",
            todo="mend it and run the command again without --on-error skip",
        )
    if replaced["images"] > math.ceil(most * images):
        raise RefMatteError(
            out,
            f"{replaced['images']} of {images} images were replaced by other scenes "
            f"({counted(replaced['reasons'])})",
            allowed=f"max_replaced: {most:g} of the images",
            todo=f"the dataset is complete and kept; {advice(replaced['reasons'])}; or accept it "
            "with a larger `max_replaced` in a copy of the run file",
        )
