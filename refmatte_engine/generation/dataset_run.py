"""A dataset run: makes the shards of a dataset, in any order, with any number of workers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from refmatte_engine.config.run import Run, changed
from refmatte_engine.dataset import papers
from refmatte_engine.dataset.manifest import COUNTED, FORMAT, TAKEN, finish, made_with, run_digest
from refmatte_engine.dataset.shards import (
    OnExists,
    Shard,
    ShardWriter,
    read_receipt,
    receipt_path,
    run_folder,
    shards,
)
from refmatte_engine.errors import InputError, RefMatteError, listed
from refmatte_engine.generation.compose import Composer, NoScene, counted, templates_of
from refmatte_engine.generation.sample_files import encoded
from refmatte_engine.language.templates import Templates
from refmatte_engine.packs import estimation, run_catalog
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.parallel import Progress, processors, spread
from refmatte_engine.records import to_json
from refmatte_engine.scene import lacks
from refmatte_engine.scene.plan import Plan, make_plans, sample_plan
from refmatte_engine.storage.files import digest, disk_errors, write_whole

TRIED = 2  # images of a split that have to fail before it is given up as a whole
WORTH = 16  # images for which it pays to start another process, if nobody said how many


def generate(
    run: Run,
    out: str | Path,
    *,
    workers: int = 1,
    on_exists: OnExists = "resume",
    catalog: Catalog | None = None,
    progress: Progress | None = None,
    estimating: Progress | None = None,
) -> dict[str, Any]:
    """Makes the dataset of `run` in folder `out` and returns its manifest.

    The same run gives the same bytes for any number of workers and after any interruption.
    `progress(done, total)` is called with numbers of images; before that `estimating` with numbers
    of pictures whose own colours are needed. A split for which there is nothing stays empty; the
    manifest's `lacks` says so, and what else was given up. InputError for a run that cannot start;
    RefMatteError for one that fails, or that is finished but had more than
    `max_replaced` of its images replaced; KeyboardInterrupt passes through. In all cases finished
    shards stay, and the same call resumes.
    """
    root = Path(out)
    templates = templates_of(run)
    catalog = catalog or run_catalog.of_run(run)
    plans = make_plans(run, catalog)
    drawn = _drawn(root, plans, catalog)
    catalog = estimation.estimated(catalog, drawn, workers=workers, progress=estimating)
    composers, missing = _begun(run, catalog, templates, plans)
    splits = {split: images if split in composers else 0 for split, images in run.splits.items()}
    run = changed(run, {"splits": splits})
    here = {"packs": dict(zip((info.name for info in catalog.packs), run.packs, strict=True))}
    described = describe(run, catalog, templates, missing)
    with run_folder(root, described, on_exists, here) as described:
        for name, data in template_files(templates).items():
            write_whole(root / "templates" / name, data)
        wanted = shards(run.splits, run.shard_size)
        total = sum(run.splits.values())
        todo = [shard for shard in wanted if read_receipt(root, shard) is None]
        done = total - sum(shard.stop - shard.start for shard in todo)
        if progress:
            progress(done, total)
        header: dict[str, Any] = {"run": run_digest(described)}
        if any(described[key] != value for key, value in made_with().items()):
            header |= {"made_with": made_with()}
        failed: NoScene | None = None
        for made in _run_shards(root, todo, composers, header, workers):
            if isinstance(made, NoScene):
                failed = made  # the others are made all the same
                continue
            done += made
            if progress:
                progress(done, total)
        if failed:
            raise failed
        manifest = finish(root, described, wanted)
        papers.write(root)
    _check_replaced(root, manifest, run.max_replaced)
    return manifest


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
        "lacks": {split: list(found) for split, found in lacks.items()},
        **made_with(),
    }


def template_files(templates: Templates) -> dict[str, bytes]:
    """What lies in OUT/templates, by name: the run's template file and its vocabulary."""
    return {
        "expressions.yaml": Path(templates.path).read_bytes(),
        "vocabulary.yaml": Path(templates.vocabulary_path).read_bytes(),
    }


def _drawn(root: Path, plans: Mapping[str, Plan], catalog: Catalog) -> set[str]:
    """The pairs that the first attempts at the images still to be made draw, by id."""
    pairs, drawn = estimation.pairs_of(catalog).keys(), set[str]()
    for split, plan in plans.items() if pairs else ():
        for shard in shards({split: plan.run.splits[split]}, plan.run.shard_size):
            if drawn >= pairs:
                return drawn
            if not receipt_path(root, shard).is_file():
                for index in range(shard.start, shard.stop):
                    drawn.update(pairs & set(sample_plan(plan, index).foregrounds))
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
        else:
            assert failed is not None
            missing[split] = [f"{lacks.EVERYTHING} ({failed.problem}; {failed.todo})"]
            del composers[split]
    if failed and not composers:
        raise failed
    return composers, missing


def _check_replaced(root: Path, manifest: Mapping[str, Any], most: float) -> None:
    """RefMatteError if more than the share `most` of the images is not what was planned."""
    replaced = manifest["replaced"]
    images = sum(split["images"] for split in manifest["splits"].values())
    if replaced["images"] > math.ceil(most * images):
        raise RefMatteError(
            root,
            f"{replaced['images']} of {images} images were replaced by other scenes "
            f"({counted(replaced['reasons'])})",
            allowed=f"max_replaced: {most:g} of the images",
            todo="the dataset is complete and kept; loosen the layout's limits, add more varied "
            "assets, or accept it with a larger `max_replaced` in a copy of the run file",
        )


def _run_shards(
    root: Path,
    todo: list[Shard],
    composers: Mapping[str, Composer],
    header: dict[str, Any],
    workers: int,
) -> Iterator[int | NoScene]:
    images = sum(shard.stop - shard.start for shard in todo)
    yield from spread(
        _make_shard,
        [(root, shard, composers[shard.split], header) for shard in todo],
        workers=workers or min(processors(), math.ceil(images / WORTH)) or 1,
        ordered=False,
        kept=True,
    )


def _make_shard(
    root: Path, shard: Shard, composer: Composer, header: dict[str, Any]
) -> int | NoScene:
    """Makes and publishes one shard; returns its number of images, or which one cannot be had."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
    with disk_errors(root):
        writer = ShardWriter(root, shard)
        try:
            for made in composer.samples(shard.start, shard.stop):
                counts["rejections"].update(made.rejections)
                counts["given_up"].update(made.given_up)
                if made.replaced:
                    counts["replaced"].update(("images",))
                    counts["reasons"].update(made.rejections)
                files, pixels = encoded(made.sample, made.rendering, composer.plan.run.image)
                writer.add(to_json(made.sample), files, pixels)
        except NoScene as error:
            return error
        told = {name: dict(sorted(count.items())) for name, count in counts.items()}
        writer.publish({**header, **told})
    return shard.stop - shard.start
