"""The merge of a dataset whose parts several jobs have made: in one folder, or in one each."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from refmatte_engine.config.run import Run, from_manifest
from refmatte_engine.dataset import address, papers
from refmatte_engine.dataset.manifest import finish, run_digest
from refmatte_engine.dataset.output import Output, output
from refmatte_engine.dataset.run_folder import (
    HERE,
    RUN_FILE,
    differences,
    read_run_file,
)
from refmatte_engine.dataset.shards import (
    Shard,
    is_finished,
    parse_receipt,
    read_header,
    receipt_path,
    shards,
)
from refmatte_engine.errors import InputError, listed
from refmatte_engine.generation.dataset_run import check_replaced
from refmatte_engine.parallel import Progress
from refmatte_engine.storage import remote
from refmatte_engine.storage.files import disk_errors, held, link_or_copy

SHOWN = 8  # shards that are named
_RECEIPT = re.compile(r"\d{5,}\.jsonl")


class _Found(NamedTuple):
    """The folder that each shard is in, and what is wrong, in words."""

    places: dict[Shard, Path]
    doubled: list[str]
    foreign: list[str]


def merge(
    out: str | Path,
    parts: Sequence[str | Path] = (),
    *,
    progress: Progress | None = None,
    fetching: Progress | None = None,
    finishing: Progress | None = None,
) -> dict[str, Any]:
    """Finishes the dataset in the folder, or at the URL, `out` that jobs have made in parts, and
    returns its manifest. Parts that have folders of their own are brought into `out`, a folder, by
    links where the file system has them; the folders stay as they are. `progress(done, total)`
    counts images of these, `fetching` receipts at a URL, `finishing` all images, as in `generate`.

    The bytes are those of one run that made all. InputError, by name, for shards that are missing,
    or in two of the folders, or of another run; RefMatteError as in `generate`. An interrupted
    merge goes on.
    """
    if parts and remote.path_of(out) is None:
        todo = "have all jobs write there, and give it alone"
        raise InputError(out, "is a URL, to which no parts are brought", todo=todo)
    with output(out, "resume") as to:
        folders = [address.folder_of(part, "a part") for part in parts] or [to.root]
        run, manifest = _merged(to, folders, progress, fetching, finishing)
    check_replaced(out, manifest, run.max_replaced)
    return manifest


def _merged(
    to: Output,
    folders: Sequence[Path],
    progress: Progress | None,
    fetching: Progress | None,
    finishing: Progress | None,
) -> tuple[Run, dict[str, Any]]:
    root, described = to.root, _described(folders)
    here = described.pop(HERE, None)
    run = from_manifest(described["run"], root / RUN_FILE)
    wanted = shards(run.splits, run.shard_images)
    to.fetch_receipts(run.splits, progress=fetching)
    for folder in folders:  # nobody writes there any more
        with contextlib.suppress(OSError), held(folder):  # which may only be read
            pass
    found = _found(folders, described, wanted)
    _check(root, found, wanted)
    with to.begun(described, "resume", here) as described:
        if to.place is None and folders != [root]:
            total, done = sum(run.splits.values()), 0
            for name in described["templates"]:
                link_or_copy(folders[0] / "templates" / name, root / "templates" / name)
            for shard in wanted:
                _bring(found.places[shard], root, shard)
                done += shard.stop - shard.start
                if progress:
                    progress(done, total)
        manifest = finish(root, described, wanted, finishing)
        papers.write(root, progress=finishing)
        to.finish()
    return run, manifest


def _described(folders: Sequence[Path]) -> dict[str, Any]:
    """What all folders say of their run. InputError if one is no run's, or of another run."""
    first: dict[str, Any] | None = None
    for folder in folders:
        path = folder / RUN_FILE
        if not path.is_file():
            raise InputError(
                folder,
                "holds no part of a dataset",
                allowed="what `refmatte generate --shards I/N` made",
                todo="give the folder that all jobs wrote into, or a new one and the parts' own",
            )
        described = read_run_file(path)
        first = first or described
        if differs := differences(first, described, strictly=True):
            told = f"is a part of another run than {folders[0]}: {listed(differs, 4)}"
            raise InputError(folder, told, todo="leave it out, or make it again")
    assert first is not None
    return first


def _found(folders: Sequence[Path], described: Mapping[str, Any], wanted: list[Shard]) -> _Found:
    """Where the shards are, by the receipts in the folders."""
    known = {(shard.split, shard.number): shard for shard in wanted}
    found, its_digest = _Found({}, [], []), run_digest(described)
    for folder in folders:
        for split, path in _receipts(folder, described["run"]["splits"]):
            header = read_header(path)
            shard = known.get((split, header["shard"]))
            fits = shard and (shard.start, shard.stop) == (header["start"], header["stop"])
            if not shard or not fits or receipt_path(folder, shard) != path:
                images = f"images {header['start']} to {header['stop'] - 1}"
                found.foreign.append(f"{path} ({images} of {split}, no shard of this run)")
            elif header.get("run") != its_digest:
                found.foreign.append(f"{path} (made for another run, packs or versions)")
            elif shard in found.places:
                found.doubled.append(f"{_named(shard)} in {found.places[shard]} and {folder}")
            else:
                found.places[shard] = folder
    return found


def _receipts(folder: Path, splits: Mapping[str, int]) -> Iterator[tuple[str, Path]]:
    for split in splits:
        for path in sorted((folder / split / ".shards").glob("*.jsonl")):
            if _RECEIPT.fullmatch(path.name):
                yield split, path


def _check(root: Path, found: _Found, wanted: Sequence[Shard]) -> None:
    """InputError for what keeps the parts from being one dataset."""
    if found.foreign:
        told = f"there are foreign shards: {listed(found.foreign, SHOWN)}"
        raise InputError(root, told, todo="delete these receipts, and have the shards made again")
    if found.doubled:
        told = f"there are shards twice: {listed(found.doubled, SHOWN)}"
        raise InputError(root, told, todo="leave one of the folders out")
    if missing := [_named(shard) for shard in wanted if shard not in found.places]:
        raise InputError(
            root,
            f"{len(missing)} of {len(wanted)} shards are missing: {listed(missing, SHOWN)}",
            todo="run the jobs of these parts again, which make only what is missing; or "
            "`refmatte generate` without --shards, which makes all that are",
        )


def _named(shard: Shard) -> str:
    return f"{shard.split}/{shard.number:05d} (images {shard.start} to {shard.stop - 1})"


def _bring(folder: Path, root: Path, shard: Shard) -> None:
    """Brings a shard from the folder of its part, its receipt last."""
    source, target = receipt_path(folder, shard), receipt_path(root, shard)
    if source == target or is_finished(root, shard):
        return
    with disk_errors(root):
        receipt = parse_receipt(source)
        for line in receipt.lines:
            for name in line["files"]:
                try:
                    link_or_copy(folder / shard.split / name, root / shard.split / name)
                except InputError as error:
                    todo = f"delete {source}, and have the shard made again"
                    raise InputError(error.where, error.problem, todo=todo) from None
        link_or_copy(source, target)
