"""A run's folder: who may write in it, which shards are done, and files that appear whole.

A shard is a fixed range of sample indices of one split and the unit of work, failure and resume.
Its files are written aside, moved into place, and counted as there only once its receipt
(`OUT/<split>/.shards/00012.jsonl`) has been moved into place too.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from refmatte_engine.errors import InputError, RefMatteError, listed

RUN_FILE = ".run.json"
OnExists = Literal["resume", "overwrite", "fail"]


@dataclass(frozen=True, slots=True)
class Shard:
    """Samples `start` … `stop - 1` of `split`."""

    split: str
    number: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a finished shard holds: its header, and for each sample its record (as JSON) and the
    SHA-256 of each of its files, by path below the split's folder."""

    header: dict[str, Any]
    lines: tuple[dict[str, Any], ...]


def shards(splits: Mapping[str, int], size: int) -> list[Shard]:
    """Every shard of a run, in order.

    >>> [(s.number, s.start, s.stop) for s in shards({"train": 5}, 2)]
    [(0, 0, 2), (1, 2, 4), (2, 4, 5)]
    """
    return [
        Shard(split, number, start, min(start + size, images))
        for split, images in splits.items()
        for number, start in enumerate(range(0, images, size))
    ]


def digest(data: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(data).hexdigest()


def receipt_path(root: Path, shard: Shard) -> Path:
    """Where the receipt of `shard` is, once it is finished."""
    return root / shard.split / ".shards" / f"{shard.number:05d}.jsonl"


def read_receipt(root: Path, shard: Shard) -> Receipt | None:
    """The receipt of a finished shard; None when the shard is not finished as it is now wanted
    (the last shard of a split that has grown is made again, with the same samples and more)."""
    path = receipt_path(root, shard)
    try:
        header, *lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    except FileNotFoundError:
        return None
    except ValueError:
        raise InputError(
            path, "is not a shard's receipt", todo="delete the file; resuming makes the shard again"
        ) from None
    if (header["start"], header["stop"]) != (shard.start, shard.stop):
        return None
    return Receipt(header, tuple(lines))


class ShardWriter:
    """Collects a shard's files aside and publishes them, with the receipt last."""

    def __init__(self, root: Path, shard: Shard) -> None:
        self.root, self.shard = root, shard
        self.folder = root / shard.split
        self.aside = self.folder / ".shards" / f"{shard.number:05d}.part"
        shutil.rmtree(self.aside, ignore_errors=True)
        self.lines: list[dict[str, Any]] = []

    def add(self, sample: dict[str, Any], files: Mapping[str, bytes]) -> None:
        """One sample's record and its files, by path below the split's folder."""
        for name, data in files.items():
            path = self.aside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        hashes = {name: digest(data) for name, data in files.items()}
        self.lines.append({"sample": sample, "files": hashes})

    def publish(self, header: Mapping[str, Any]) -> None:
        """Moves the files into place, then the receipt."""
        for line in self.lines:
            for name in line["files"]:
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                (self.aside / name).replace(target)
        place = {"shard": self.shard.number, "start": self.shard.start, "stop": self.shard.stop}
        rows = [{**place, **header}, *self.lines]
        write_whole(receipt_path(self.root, self.shard), jsonl(rows))
        shutil.rmtree(self.aside, ignore_errors=True)


def jsonl(rows: Iterator[Any] | list[Any]) -> bytes:
    """One compact JSON value a line."""
    return "".join(
        json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows
    ).encode()


def write_whole(path: Path, data: bytes) -> None:
    """Writes `path` so that nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        aside.write_bytes(data)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)


@contextlib.contextmanager
def run_folder(root: Path, run: Mapping[str, Any], on_exists: OnExists) -> Iterator[None]:
    """Holds `root` for one run, whose resolved description is `run`.

    InputError when another run is writing there, when the folder holds something that is not a
    dataset, or a dataset of another run (naming what differs). RefMatteError when the disk is full.
    """
    with disk_errors(root):
        if root.exists() and not root.is_dir():
            raise InputError(root, "is not a folder")
        begun = root / RUN_FILE
        strangers = root.is_dir() and not begun.exists() and any(root.iterdir())
        if strangers and [p.name for p in root.iterdir()] != [".lock"]:
            raise InputError(
                root, "holds files that are not a dataset's", todo="choose an empty folder"
            )
        if begun.exists() and on_exists == "fail":
            raise InputError(
                root,
                "already holds a dataset",
                todo="choose another folder, or --on-exists resume or overwrite",
            )
        root.mkdir(parents=True, exist_ok=True)
        with held(root):
            if begun.exists():
                before = json.loads(begun.read_text("utf-8"))
                if on_exists == "overwrite":
                    clear(root, before)
                else:
                    _same_run(root, before, run)
            write_whole(begun, json.dumps(run, indent=1, ensure_ascii=False).encode())
            yield


@contextlib.contextmanager
def held(root: Path) -> Iterator[None]:
    """Holds the folder for one process. InputError when another has it."""
    with (root / ".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                root, "another run is writing here", todo="wait for it or choose another folder"
            ) from None
        yield


def clear(root: Path, run: Mapping[str, Any]) -> None:
    """Removes what a run wrote into `root`, and nothing else."""
    (root / "manifest.json").unlink(missing_ok=True)
    for split in run["run"]["splits"]:
        folder = root / split
        for name in ("img", "mask", ".shards"):
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in ("samples.jsonl", f"refmatte_{split}_label.json"):
            (folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()


@contextlib.contextmanager
def disk_errors(root: Path) -> Iterator[None]:
    """Turns the disk's refusals into errors that say what to do."""
    try:
        yield
    except OSError as error:
        todo = "what is finished is kept: run the same command again to resume"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise RefMatteError(root, "the disk is full", todo=f"free some space; {todo}") from None
        raise RefMatteError(
            error.filename or root, error.strerror or str(error), todo=todo
        ) from None


def _same_run(root: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """InputError if `now` would not continue what is in the folder. Splits may grow."""
    old, new = _flat(before), _flat(now)
    differs = []
    for key in sorted(old.keys() | new.keys()):
        a, b = old.get(key), new.get(key)
        grows = key.startswith("run.splits.") and (a is None or (b is not None and b >= a))
        if a != b and not grows:
            differs.append(f"{key} was {a!r} and is now {b!r}")
    if differs:
        raise InputError(
            root,
            f"holds another run: {listed(differs, 4)}",
            todo="choose another folder, or --on-exists overwrite",
        )


def _flat(value: Any, key: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {
            k: v
            for name, item in value.items()
            for k, v in _flat(item, f"{key}.{name}" if key else str(name)).items()
        }
    return {key: value}
