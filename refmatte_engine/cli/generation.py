"""The commands `generate` and `verify`: a dataset is made, and checked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from refmatte_engine.cli import options
from refmatte_engine.cli.output import command, remark
from refmatte_engine.cli.progress import Bar, resumable
from refmatte_engine.errors import InputError
from refmatte_engine.storage import remote, stand_in

if TYPE_CHECKING:
    from refmatte_engine.config.run import Run
    from refmatte_engine.packs.catalog import Catalog

SHOWN = 50  # problems that `verify` prints


def generate(
    run: options.Run,
    out: options.DatasetOut = None,
    limit: options.Limit = None,
    seed: options.RunSeed = None,
    workers: options.Workers = 0,
    shard_size: options.ShardSize = None,
    siblings: options.Siblings = None,
    on_exists: options.OnExists = "resume",
    on_error: options.OnError = "stop",
    part: options.Part = None,
    frozen: options.FrozenCatalog = None,
    backend: options.Backend = "loky",
    scheduler: options.Scheduler = "",
    pack: options.RunPacks = None,
    unseen: options.Unseen = None,
    shots: options.Shots = None,
    split_file: options.SplitFile = None,
    allow_licence: options.AllowedLicences = None,
    relight: options.Relight = None,
    strict: options.StopAtFirst = False,
    dry_run: options.DryRun = False,
) -> None:
    """Make a dataset from a run file.

    With --unseen, --shots and --split-file you say what is in which split; a run file says it under
    split_by. --dry-run tells what a run will be, take and lack. With --siblings 4, four images at a
    time show the same things in the same places, with the same mattes and sentences.
    Example: refmatte generate demo --out out/demo --limit 60 --seed 4711 --workers 2
    """
    from refmatte_engine.config import resources
    from refmatte_engine.config.run import changed, load_run
    from refmatte_engine.dataset import output
    from refmatte_engine.generation import dataset_run
    from refmatte_engine.packs import estimation, listing, run_catalog
    from refmatte_engine.scene import lacks

    packs = [resources.pack_name(each) for each in pack or ()]
    given: dict[str, object] = {"seed": seed, "shard_size": shard_size, "packs": packs or None}
    given |= {"allow_licences": allow_licence or None, "relight": relight}
    given |= {"siblings": siblings}
    chosen = _ruled(load_run(run), unseen, shots, split_file)
    chosen = changed(chosen, {key: value for key, value in given.items() if value is not None})
    if limit is not None:
        chosen = chosen.limited(limit)
    for line in _uneven(chosen):
        remark(line)
    mine = _part(part, on_exists)
    if mine and dry_run:
        todo = f"leave --shards out: each of {mine[1]} jobs takes about that part of the time"
        raise InputError("--dry-run", "tells of the whole run", todo=todo)
    if out is None and not dry_run:
        raise InputError("--out", "is not given", todo="say in which folder the dataset is to be")
    if scheduler and backend not in ("dask", "ray"):
        raise InputError("--scheduler", f"{backend} has none", allowed="--backend dask, or ray")
    if out is not None and remote.path_of(out) is None and not dry_run:
        output.look(remote.Place(out))  # before anything that may take long
    with resumable("pictures already read"), Bar("reading packs", "file") as bar:
        catalog = run_catalog.of_run(
            chosen, strict=strict, workers=workers, progress=bar.update, frozen=frozen
        )
    for line in listing.remarks(catalog.problems):
        remark(f"left out:{line[1:]}")
    if catalog.notes:
        remark(f"notes on what is used: {len(catalog.notes)} (`refmatte catalog` shows them)")
    for line in listing.remarks(catalog.alike, 5):
        remark(f"note:{line[1:]}")
    for line in listing.selected(catalog):
        remark(line)
    for line in lacks.scarce(chosen, catalog):
        remark(f"note: {line}")
    if dry_run:
        _foretell(Path(run).stem, chosen, catalog, out, workers)
        return
    assert out is not None
    known = lacks.lacks(chosen, catalog)
    empty = [split for split, lacking in known.items() if lacking[0].what == lacks.EVERYTHING]
    if len(empty) < sum(images > 0 for images in chosen.splits.values()):
        for split, lacking in known.items():
            remark(f"note: {lacks.line(split, lacking)}")
    kept = "finished shards"
    if estimation.pairs_of(catalog):
        kept = f"estimated colours and {kept}"
    with (
        resumable(kept),
        Bar("estimating colours", "picture") as colors,
        Bar("fetching receipts", "shard") as receipts,
        Bar("composing", "image") as bar,
    ):
        shared: dict[str, Any] = {
            "workers": workers,
            "on_error": on_error,
            "backend": backend,
            "scheduler": scheduler,
            "catalog": catalog,
            "progress": bar.update,
            "estimating": colors.update,
            "fetching": receipts.update,
        }
        if mine:
            images = dataset_run.generate_part(chosen, out, mine, **shared)
        else:
            with Bar("finishing", "image") as end:
                manifest = dataset_run.generate(
                    chosen, out, on_exists=on_exists, finishing=end.update, **shared
                )
    if mine:
        print(f"{images} images, which are part {part}, in {out}")
        print(f"once all parts are made: {command('merge', out)}")
        return
    for split, missing in manifest["lacks"].items():
        if missing != [str(lack) for lack in known.get(split, ())]:
            remark(f"note: {lacks.line(split, missing)}")
    _print_counts(manifest, out)


def _uneven(run: Run) -> Iterator[str]:
    """The splits whose last group of siblings has fewer."""
    each = run.siblings or 1
    for split, images in run.splits.items():
        if rest := images % each:
            yield (
                f"note: split {split}: of the last group of {each} siblings {rest} will be there; "
                f"{images} images are no multiple of {each}"
            )


def _foretell(name: str, run: Run, catalog: Catalog, out: str | None, workers: int) -> None:
    from refmatte_engine.cli import forecast as shown
    from refmatte_engine.generation import forecast

    with Bar("trying", "group" if run.siblings else "pair") as bar:
        found = forecast.forecast(run, catalog, out, workers=workers, progress=bar.update)
    print(shown.text(found, name))


def merge(out: options.MergedOut, parts: options.Parts = None) -> None:
    """Finish a dataset that jobs made in parts.

    The jobs are of generate --shards. Names what is missing, there twice, or of another run.
    Example: refmatte merge out/big
    """
    from refmatte_engine.generation import merge as merging

    with (
        resumable("parts that were brought here"),
        Bar("merging", "image") as bar,
        Bar("fetching receipts", "shard") as receipts,
        Bar("finishing", "image") as end,
    ):
        manifest = merging.merge(
            out,
            parts or (),
            progress=bar.update,
            fetching=receipts.update,
            finishing=end.update,
        )
    _print_counts(manifest, out)


def _part(said: str | None, on_exists: str) -> tuple[int, int] | None:
    """Which of how many parts are to be made; None for all of it."""
    if said is None:
        return None
    number, _, parts = said.partition("/")
    allowed = "I/N, such as 3/16"
    if not (number.isdecimal() and parts.isdecimal() and number.isascii() and parts.isascii()):
        raise InputError("--shards", f"{said!r} is not which part of how many", allowed=allowed)
    if not 1 <= int(number) <= int(parts):
        allowed = f"1/{parts} to {parts}/{parts}" if int(parts) else allowed
        todo = "have the jobs counted from 1: sbatch --array=1-4" if number == "0" else ""
        raise InputError("--shards", f"there is no part {said}", allowed=allowed, todo=todo)
    if on_exists != "resume":
        told = f"{on_exists!r} would be about what other jobs make"
        raise InputError("--on-exists", told, allowed="resume, where there is --shards")
    return int(number), int(parts)


def _ruled(
    run: Run, unseen: list[str] | None, shots: list[str] | None, split_file: Path | None
) -> Run:
    """The run with the split rules of the command line in place of its own."""
    from refmatte_engine.config.run import changed, rules_with
    from refmatte_engine.config.split_rules import SplitRules

    said: dict[str, Any] = run.split_by.model_dump(exclude_none=True) if run.split_by else {}
    if unseen:
        one = _number(unseen[0]) if len(unseen) == 1 else None
        said["unseen"] = unseen if one is None else one
    if shots:
        each = {name.strip(): _number(k) for name, _, k in (one.rpartition("=") for one in shots)}
        wrong = [one for one in shots if not isinstance(_number(one.rpartition("=")[2]), int)]
        if wrong or (len(each) > 1 and "" in each):
            told = f"{(wrong or shots)[0]!r} is not how many foregrounds a category has"
            raise InputError("--shots", told, allowed="one number, or cat=5 for each of some")
        said["shots"] = each.get("", each)
    made = changed(run, {"split_by": said or None})
    if split_file is None:
        return made
    rules = rules_with(made.split_by or SplitRules(), split_file, run.splits)
    return changed(made, {"split_by": rules.model_dump(exclude_none=True)})


def _number(text: str) -> int | float | None:
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(text)
    return None


def _print_counts(manifest: Mapping[str, Any], out: str) -> None:
    counts = manifest["splits"].values()
    print(
        f"{sum(c['images'] for c in counts)} images, {sum(c['entities'] for c in counts)} mattes, "
        f"{sum(c['expressions'] for c in counts)} expressions in {out}"
    )
    for what, counted in (
        ("scenes drawn again", manifest["rejections"]),
        ("given up", manifest["given_up"]),
        ("replaced by other scenes", manifest["replaced"]["reasons"]),
    ):
        if counted:
            print(f"{what}: " + ", ".join(f"{reason} {n}" for reason, n in counted.items()))
    skipped = manifest.get("skipped", {}).items()
    for at, why in [(f"{split}/{n}", why) for split, each in skipped for n, why in each.items()]:
        remark(f"skipped: {at}: {why}")
    for other in manifest.get("also_made_with", ()):
        libraries = ", ".join(f"{name} {number}" for name, number in other["versions"].items())
        remark(
            f"note: begun with refmatte-engine {manifest['engine']}; {other['images']} images are "
            f"made with {other['engine']} ({libraries})"
        )


def verify(
    folder: options.DatasetFolder,
    workers: options.Workers = 0,
    pixels: options.Pixels = True,
    pack: options.MovedPacks = None,
    relight: options.Relight = None,
) -> None:
    """Check a dataset: files, mattes, pixels, sentences.

    Exit code 1 if anything disagrees. Example: refmatte verify out/demo
    """
    from refmatte_engine.generation import verify as verifier

    with Bar("fetching", "file") as files, Bar("verifying", "image") as bar:
        report = verifier.verify(
            folder,
            workers=workers,
            pixels=pixels,
            packs=pack or (),
            relight=relight,
            progress=bar.update,
            fetching=files.update,
        )
    for line in report.problems[:SHOWN]:
        print(stand_in.in_words(line))
    if (more := report.count - SHOWN) > 0:
        print(f"… and {more} more")
    print(report.summary)
    if report.problems:
        raise typer.Exit(1)
