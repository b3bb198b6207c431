"""A run's folder: its lock, its finished shards, and files that appear whole or not at all.

A shard is a fixed range of sample indices of one split: the unit of work, failure and resume. Its
files are written to a temporary folder and moved into place; they count only once the shard's
receipt (`OUT/<split>/.shards/00012.jsonl`) is in place too.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from refmatte_engine.errors import InputError, listed
from refmatte_engine.records import is_plain
from refmatte_engine.storage import junk
from refmatte_engine.storage.files import digest, disk_errors, held, jsonl, write_whole

RUN_FILE = ".run.json"
PLACE = ("shard", "start", "stop")  # what a receipt says of where its images stand
BEGUN_WITH = ("engine", "versions")  # keys of a description that a resumed run need not share
GROWS = ("lacks",)  # goes with the splits
HERE = "here"
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
    """What a finished shard holds: its header, and for each sample its record (as JSON), the
    SHA-256 of each of its files, by path below the split's folder, and of the pixels of each PNG.
    """

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


def receipt_path(root: Path, shard: Shard) -> Path:
    """The path of the receipt of `shard`, once finished."""
    return root / shard.split / ".shards" / f"{shard.number:05d}.jsonl"


def read_receipt(root: Path, shard: Shard) -> Receipt | None:
    """The receipt of a finished shard; None if the shard is not finished as now requested (the last
    shard of a split that has grown is remade, with the same samples and more)."""
    path = receipt_path(root, shard)
    if not path.is_file():
        return None
    receipt = parse_receipt(path)
    same = (receipt.header["start"], receipt.header["stop"]) == (shard.start, shard.stop)
    return receipt if same else None


def parse_receipt(path: Path) -> Receipt:
    """The receipt in a file. InputError if it is not one."""
    try:
        header, *lines = (json.loads(line) for line in path.read_text("utf-8").splitlines())
        is_one = all(isinstance(header[name], int) for name in PLACE)
        is_one &= isinstance(header["rejections"], dict)
        is_one &= isinstance(header.get("made_with", {}), dict)
        counts = [header[name] for name in header.keys() - {*PLACE, "run", "made_with"}]
        is_one &= all(isinstance(n, int) for each in counts for n in each.values())
        is_one &= all(
            isinstance(value, str)
            for line in lines
            for value in [*line["files"].values(), *line.get("pixels", {}).values()]
        )
        is_one &= all(
            isinstance(line["sample"][name], list)
            for line in lines
            for name in ("entities", "expressions")
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_one = False
    if not is_one:
        raise InputError(
            path, "is not a shard's receipt", todo="delete the file; resuming recomputes the shard"
        )
    return Receipt(header, tuple(lines))


class ShardWriter:
    """Collects a shard's files in a temporary folder and publishes them, the receipt last."""

    def __init__(self, root: Path, shard: Shard) -> None:
        self.root, self.shard = root, shard
        self.folder = root / shard.split
        self.aside = self.folder / ".shards" / f"{shard.number:05d}.part"
        shutil.rmtree(self.aside, ignore_errors=True)
        self.lines: list[dict[str, Any]] = []

    def add(
        self, sample: dict[str, Any], files: Mapping[str, bytes], pixels: Mapping[str, str]
    ) -> None:
        """One sample's record, its files, by path below the split's folder, and the digests of the
        pixels of those that are PNG."""
        for name, data in files.items():
            path = self.aside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        hashes = {name: digest(data) for name, data in files.items()}
        self.lines.append({"sample": sample, "files": hashes, "pixels": dict(pixels)})

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


@contextlib.contextmanager
def run_folder(
    root: Path, run: Mapping[str, Any], on_exists: OnExists, here: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Locks `root` for one run, whose resolved description is `run`, and yields that description
    with the versions that began the folder. `here`, known only to this machine, is stored beside it
    and never compared.

    InputError if another run is writing there, or the folder contains something other than a
    dataset, or a dataset of another run (naming what differs). RefMatteError if the disk is full.
    """
    with disk_errors(root):
        if root.exists() and not root.is_dir():
            raise InputError(root, "is not a folder")
        begun = root / RUN_FILE
        there = [p.name for p in root.iterdir()] if root.is_dir() else []
        if not begun.exists() and any(n != ".lock" and not junk.is_junk(n) for n in there):
            raise InputError(
                root, "contains files that are not a dataset's", todo="choose an empty folder"
            )
        if begun.exists() and on_exists == "fail":
            raise InputError(
                root,
                "already contains a dataset",
                todo="choose another folder, or --on-exists resume or overwrite",
            )
        root.mkdir(parents=True, exist_ok=True)
        with held(root):
            described = dict(run)
            if begun.exists():
                before = read_run_file(begun)
                if on_exists == "overwrite":
                    clear(root, before)
                else:
                    _same_run(root, before, run)
                    described |= {key: before[key] for key in BEGUN_WITH if key in before}
            data = {**described, HERE: here} if here else described
            write_whole(begun, json.dumps(data, indent=1, ensure_ascii=False).encode())
            yield described


def read_run_file(path: Path) -> dict[str, Any]:
    """A run's description as `run_folder` stores it. InputError if it is not one."""
    try:
        described = json.loads(path.read_text("utf-8"))
        splits = described["run"]["splits"]
        is_one = isinstance(splits, dict) and all(is_plain(split) for split in splits)
        is_one &= isinstance(described.get(HERE, {}).get("packs", {}), dict)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        is_one = False
    if not is_one:
        raise InputError(
            path, "is not a run's description", todo="choose another folder, or empty this one"
        )
    found: dict[str, Any] = described
    return found


def clear(root: Path, run: Mapping[str, Any]) -> None:
    """Deletes what a run wrote into `root`, and nothing else."""
    for name in ("manifest.json", "ATTRIBUTION.md"):
        (root / name).unlink(missing_ok=True)
    shutil.rmtree(root / "templates", ignore_errors=True)
    for split in run["run"]["splits"]:
        folder = root / split
        for name in ("img", "mask", ".shards"):
            shutil.rmtree(folder / name, ignore_errors=True)
        for name in ("samples.jsonl", f"refmatte_{split}_label.json"):
            (folder / name).unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()


def _same_run(root: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """InputError if `now` would not resume what is in the folder. Splits may grow, and library
    versions may change."""
    todo = "choose another folder, or --on-exists overwrite"
    if before.get("format") != now.get("format"):
        raise InputError(
            root,
            f"contains a dataset that {begun_by(before)} began in format {before.get('format')}, "
            f"and this version writes format {now.get('format')}",
            todo=f"finish it with that version, {todo}",
        )
    old, new = flat(before), flat(now)
    differs = []
    # How many images may be replaced is asked of the finished whole, and changes no image.
    for key in sorted((old.keys() | new.keys()) - {"run.max_replaced"}):
        a, b = old.get(key), new.get(key)
        grows = key.startswith("run.splits.") and (a is None or (b is not None and b >= a))
        if a != b and not grows and key.split(".")[0] not in (*BEGUN_WITH, *GROWS, HERE):
            differs.append(f"{key} was {a!r} and is now {b!r}")
    if differs:
        raise InputError(
            root,
            f"contains another run, begun by {begun_by(before)}: {listed(differs, 4)}",
            todo=todo,
        )


def begun_by(described: Mapping[str, Any]) -> str:
    """The version that began a run, in plain words."""
    if "engine" in described:
        return f"refmatte-engine {described['engine']}"
    return "an earlier version of refmatte-engine"


def flat(value: Any, key: str = "") -> dict[str, Any]:
    """All leaves of JSON data by their dotted keys; lists are leaves.

    >>> flat({"a": {"b": 1}, "c": [2]})
    {'a.b': 1, 'c': [2]}
    """
    if isinstance(value, Mapping) and value:
        return {
            k: v
            for name, item in value.items()
            for k, v in flat(item, f"{key}.{name}" if key else str(name)).items()
        }
    return {key: value}
