"""The shards of a run's folder, and files that appear whole or not at all.

A shard is a fixed range of sample indices of one split: the unit of work, failure and resume. Its
files are written to a temporary folder and moved into place; they count only once the shard's
receipt (`OUT/<split>/.shards/00012.jsonl`) is in place too. Two who make the same shard at once, on
whatever machines, do not meet: each has a temporary folder of its own, and moves the same bytes.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import weakref
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from refmatte_engine.errors import InputError
from refmatte_engine.storage.files import HALF, digest, jsonl, token, write_whole
from refmatte_engine.storage.remote import Place

PLACE = ("shard", "start", "stop")  # what a receipt says of where its images stand
SKIPPED = "skipped"  # in a receipt: why images are not there, by index
Part = tuple[int, int]  # which of how many, from 1
ASIDE, BEGUN = ".part", "at"  # the end of a temporary folder's name, and a file in it
MOST_HEADER_BYTES = 50_000_000


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

    @property
    def skipped(self) -> dict[int, str]:
        """Why images of the shard are not there, by index."""
        return {int(index): why for index, why in self.header.get(SKIPPED, {}).items()}


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


def of_part(wanted: Sequence[Shard], part: Part | None) -> list[Shard]:
    """The shards of part I of N, or all of them: every N-th, so that each part has its share of
    every split.

    >>> [s.number for s in of_part(shards({"train": 5}, 1), (2, 2))]
    [1, 3]
    """
    number, parts = part or (1, 1)
    return list(wanted[number - 1 :: parts])


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


def is_finished(root: Path, shard: Shard, *, whole: bool = False) -> bool:
    """Whether the shard has a receipt, as now requested; `whole`: one that skips no image. Reads
    its first line alone, since receipts are written whole."""
    path = receipt_path(root, shard)
    if not path.is_file():
        return False
    header = read_header(path)
    same = (header["start"], header["stop"]) == (shard.start, shard.stop)
    return same and not (whole and header.get(SKIPPED))


def read_header(path: Path) -> dict[str, Any]:
    """The first line of a receipt, which says what it holds. InputError if it is none."""
    try:
        with path.open("rb") as lines:
            data = lines.readline(MOST_HEADER_BYTES)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    return parse_receipt(path, data).header


def parse_receipt(path: Path, data: bytes | None = None) -> Receipt:
    """The receipt in a file, or in the first of its lines. InputError if it is not one."""
    try:
        text = (path.read_bytes() if data is None else data).decode("utf-8")
        header, *lines = (json.loads(line) for line in text.splitlines())
        is_one = all(isinstance(header[name], int) for name in PLACE)
        is_one &= isinstance(header["rejections"], dict)
        is_one &= isinstance(header.get("made_with", {}), dict)
        counts = [header[name] for name in header.keys() - {*PLACE, SKIPPED, "run", "made_with"}]
        is_one &= all(isinstance(n, int) for each in counts for n in each.values())
        skipped = header.get(SKIPPED, {}).items()
        is_one &= all(index.isdecimal() and isinstance(why, str) for index, why in skipped)
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
    """Collects a shard's files in a temporary folder and publishes them, the receipt last: in
    `root`, or at a place, of which `root` then has the receipts alone."""

    def __init__(self, root: Path, shard: Shard, place: Place | None = None) -> None:
        self.root, self.shard, self.place = root, shard, place
        self.folder = root / shard.split
        self.aside = self.folder / ".shards" / f"{shard.number:05d}.{token()}{ASIDE}"
        self.lines: list[dict[str, Any]] = []
        self._note: FileIO | None = None
        self._folders: set[Path] = set()

    def begin(self, index: int) -> None:
        """Notes which sample is being made: if its process is killed, `last_begun` knows."""
        # Written over, in as many places: to open the file anew takes a hundred times as long.
        if self._note is None:
            self.aside.mkdir(parents=True, exist_ok=True)
            self._note = (self.aside / BEGUN).open("wb", buffering=0)
            weakref.finalize(self, self._note.close)
        self._note.seek(0)
        self._note.write(f"{index:<20}".encode())

    def add(
        self, sample: dict[str, Any], files: Mapping[str, bytes], pixels: Mapping[str, str]
    ) -> None:
        """One sample's record, its files, by path below the split's folder, and the digests of the
        pixels of those that are PNG."""
        for name, data in files.items():
            path = self._in_folder(self.aside / name)
            path.write_bytes(data)
        hashes = {name: digest(data) for name, data in files.items()}
        self.lines.append({"sample": sample, "files": hashes, "pixels": dict(pixels)})

    def publish(self, header: Mapping[str, Any]) -> None:
        """Moves the files into place, or uploads them, then the receipt."""
        names = [name for line in self.lines for name in line["files"]]
        path = receipt_path(self.root, self.shard)
        place = {"shard": self.shard.number, "start": self.shard.start, "stop": self.shard.stop}
        receipt = jsonl([{**place, **header}, *self.lines])
        if self.place is not None:
            self.place.put({f"{self.shard.split}/{name}": self.aside / name for name in names})
            self.place.put({path.relative_to(self.root).as_posix(): receipt})
            names = []
        for name in names:
            (self.aside / name).replace(self._in_folder(self.folder / name))
        write_whole(path, receipt)
        self.drop()

    def _in_folder(self, path: Path) -> Path:
        """The path, whose folder is there; each is made once."""
        if path.parent not in self._folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._folders.add(path.parent)
        return path

    def drop(self) -> None:
        """Removes the temporary folder."""
        if self._note is not None:
            self._note.close()
        shutil.rmtree(self.aside, ignore_errors=True)


def last_begun(root: Path, shard: Shard) -> int | None:
    """The sample at which the last process that had the shard, and did not end it, was killed."""
    folder, found = root / shard.split / ".shards", list[tuple[float, int]]()
    for aside in folder.glob(f"{shard.number:05d}.*{ASIDE}"):
        with contextlib.suppress(OSError, ValueError):
            at = aside / BEGUN
            found.append((at.stat().st_mtime, int(at.read_text())))
    return max(found)[1] if found else None


def clear_asides(root: Path, splits: Iterable[str], shard: Shard | None = None) -> None:
    """Removes what processes that were killed left half written, of `shard` or of all."""
    number = f"{shard.number:05d}" if shard else ""
    folders = [root / split / ".shards" for split in ([shard.split] if shard else splits)]
    folders += [] if shard else [root, root / "templates", *(root / split for split in splits)]
    for path in (path for folder in folders for path in folder.glob(f"{number}*{ASIDE}")):
        if HALF.fullmatch(path.name):
            shutil.rmtree(path, ignore_errors=True)
            with contextlib.suppress(OSError):
                path.unlink()
