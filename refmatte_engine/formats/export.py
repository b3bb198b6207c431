"""An export: who may write in its folder, what is done, and the work on a dataset piece by piece.

A format is a module with three functions (`Format`). `write` makes the files of a few samples and
returns rows; `join` makes what needs the whole, from these rows. Rows wait in a file per chunk, the
unit of work and of resuming, so that no more than a chunk is ever in memory.
"""

from __future__ import annotations

import importlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from refmatte_engine.dataset.reader import MANIFEST, Dataset
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.parallel import Progress, processors, spread
from refmatte_engine.records import Sample
from refmatte_engine.storage import json_file
from refmatte_engine.storage.files import (
    digest,
    disk_errors,
    held,
    jsonl,
    read_bytes,
    write_whole,
    written_whole,
)
from refmatte_engine.storage.junk import is_junk

# What `--to` may say, in the order of what people ask for. Each is a module of this wing, but for
# the layouts of `folders`.
FORMATS = {
    "coco": "COCO instances with sentences, masks as compressed RLE",
    "refer": "RefCOCO's refs(unc).p and gRefCOCO's grefs(unc).json with their instances.json",
    "folders": "the folders of all trainers below, each under its name",
    "mam": "Matting Anything: img_full, mask",
    "rw100": "RefMatte-RW100: image, image_all, mask, labels and an index of sentences",
    "birefnet": "BiRefNet: im, gt with everything in the picture",
    "him": "HIM2K, MaGGIe: images, alphas with a folder an image",
    "composition1k": "Composition-1k: merged, alpha_copy, trimaps",
    "sdmatte": "SDMatte: img, mask, labels and its two lists",
    "mdetr": "MDETR: an image entry per sentence, with the characters that name the thing",
    "odvg": "ODVG JSONL of Grounding DINO: a sentence a line, with boxes and phrases",
    "webdataset": "WebDataset: tar files, a sample per thing",
    "hf": "Parquet for the Hugging Face Hub, with pictures in it and a dataset card",
    "croissant": "Croissant 1.1: a description for dataset platforms, and a table of sentences",
}
LAYOUTS = ("mam", "rw100", "birefnet", "him", "composition1k", "sdmatte")
CHUNK = 100  # images
RECEIPT = ".export.json"
ROWS = ".export"
VERSION = 1  # of the exports; an older one is not gone on with


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive samples of one split; chunks of a split are numbered from 0."""

    split: str
    number: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A dataset, the folder that it is exported to, and the name of the format."""

    dataset: Dataset
    out: Path
    to: str

    def rows(self, split: str) -> Iterator[Any]:
        """What `write` returned for the chunks of `split`, in order."""
        for number in range(self.chunks(split)):
            with self.rows_path(split, number).open("rb") as lines:
                yield from map(json.loads, lines)

    def rows_path(self, split: str, number: int) -> Path:
        """Where the rows of a chunk wait; the chunk is done once they are there."""
        return self.out / ROWS / f"{split}_{number:05d}.jsonl"

    def images(self, split: str) -> int:
        """How many images the split has."""
        return int(self.dataset.manifest["splits"][split]["images"])

    def name(self) -> str:
        """What people call the dataset: its folder's name."""
        return self.dataset.root.resolve().name

    def chunks(self, split: str) -> int:
        """How many chunks the split has."""
        return -(-self.images(split) // CHUNK)

    def licences(self) -> dict[str, dict[str, str]]:
        """Licence, source and credit by pack, as the manifest has them."""
        return dict(self.dataset.manifest.get("licences", {}))


class Format(Protocol):
    """What a module of a format has."""

    def check(self, dataset: Dataset) -> None:
        """InputError if this dataset cannot be written in the format; before anything is."""

    def write(self, job: Job, chunk: Chunk) -> Iterable[Any]:
        """Makes the files of these samples, each whole, and returns rows of JSON for `join`. May
        run in any process and again after an interruption."""

    def join(self, job: Job) -> None:
        """Makes the files that need all rows, each whole."""


def run(
    root: str | Path,
    to: str,
    out: str | Path,
    *,
    workers: int = 0,
    progress: Progress | None = None,
) -> Dataset:
    """Writes the dataset at `root` into the folder `out` in the format `to` (of `FORMATS`), from
    its records and mattes alone. What an interrupted export has finished is kept; an export that is
    there already is left as it is. Returns the dataset.

    InputError if the format is unknown or cannot hold the dataset, if a file of the dataset is
    missing, or if `out` holds something else. `progress` is called with (images done, of how many).
    """
    if to not in FORMATS:
        todo = nearest(to, FORMATS)
        raise InputError("--to", f"{to!r} is not a format", allowed=listed(FORMATS, 20), todo=todo)
    job = Job(Dataset(root), Path(out), to)
    if job.dataset.root.resolve() in job.out.resolve().parents:
        allowed = "a folder outside of it"
        raise InputError(out, "lies in the dataset's own folder", allowed=allowed)
    _module(to).check(job.dataset)
    receipt = {
        "format": to,
        "version": VERSION,
        "dataset": job.name(),  # for people: the folder may be called otherwise later
        "manifest": digest(read_bytes(job.dataset.root / MANIFEST)),
    }
    if _is_finished(job.out, receipt):
        return job.dataset
    with disk_errors(job.out):
        job.out.mkdir(parents=True, exist_ok=True)
        with held(job.out):
            write_whole(job.out / RECEIPT, json.dumps({**receipt, "finished": False}).encode())
            _write_all(job, workers, progress)
            _module(to).join(job)
            licences = json.dumps(job.licences(), indent=1, ensure_ascii=False)
            write_whole(job.out / "LICENSES.json", licences.encode())
            write_whole(job.out / RECEIPT, json.dumps({**receipt, "finished": True}).encode())
            shutil.rmtree(job.out / ROWS, ignore_errors=True)
            (job.out / ".lock").unlink(missing_ok=True)  # nobody writes here any more
    return job.dataset


def _module(to: str) -> Format:
    module = "folders" if to in LAYOUTS else to
    return cast(Format, importlib.import_module(f"refmatte_engine.formats.{module}"))


def _is_finished(out: Path, receipt: Mapping[str, Any]) -> bool:
    """Whether this very export is in `out` already. InputError if something else is."""
    if out.exists() and not out.is_dir():
        raise InputError(out, "is not a folder")
    todo = "choose another folder"
    if (path := out / RECEIPT).is_file():
        there = json_file.read(path)
        if not isinstance(there, dict) or any(
            there.get(key) != receipt[key] for key in ("format", "version", "manifest")
        ):
            told = there if isinstance(there, dict) else {}
            what = f"holds an export of {told.get('dataset')!r} to {told.get('format')}"
            if told.get("format") == receipt["format"]:
                what += " from another dataset, or from this one before it changed"
            allowed = f"the export of {receipt['dataset']!r} to {receipt['format']}, or nothing"
            raise InputError(out, what, allowed=allowed, todo=todo)
        return bool(there.get("finished"))
    others = sorted(p.name for p in out.iterdir() if not is_junk(p.name)) if out.exists() else ()
    if others := [name for name in others if name != ".lock"]:
        allowed = "a new or empty folder, or an export to go on with"
        raise InputError(out, f"holds other files: {listed(others, 3)}", allowed=allowed, todo=todo)
    return False


def _write_all(job: Job, workers: int, progress: Progress | None) -> None:
    total = len(job.dataset)
    wanted = sum(map(job.chunks, job.dataset.splits))
    done = 0
    # Two chunks are written sooner than processes are started.
    count = min(workers or (processors() if wanted > 2 else 1), max(1, wanted))
    tasks = ((job, chunk) for chunk in _chunks(job.dataset))
    for images in spread(_write, tasks, workers=count, ordered=False, kept=True):
        done += images
        if progress is not None:
            progress(done, total)


def _chunks(dataset: Dataset) -> Iterator[Chunk]:
    for split in dataset.splits:
        samples, number = dataset.samples(split), 0
        while some := tuple(islice(samples, CHUNK)):
            yield Chunk(split, number, some)
            number += 1


def _write(job: Job, chunk: Chunk) -> int:
    """How many images the chunk has, once it is done."""
    path = job.rows_path(chunk.split, chunk.number)
    if not path.is_file():
        with disk_errors(job.out):
            write_whole(path, jsonl(_module(job.to).write(job, chunk)))
    return len(chunk.samples)


def write_json(path: Path, lists: Mapping[str, Iterable[Any]], **head: Any) -> None:
    """A JSON object written whole: `head`, then `lists` a value a line, never all in memory."""
    with written_whole(path) as file:
        told = [f"{json.dumps(k)}: {_json(value)}".encode() for k, value in head.items()]
        file.write(b"{" + b",\n".join(told))
        for number, (key, values) in enumerate(lists.items(), len(told)):
            file.write((b",\n" if number else b"") + f"{json.dumps(key)}: ".encode())
            _write_values(file, values)
        file.write(b"}\n")


def write_list(path: Path, values: Iterable[Any]) -> None:
    """A JSON list written whole, a value a line, never all in memory."""
    with written_whole(path) as file:
        _write_values(file, values)


def _write_values(file: BinaryIO, values: Iterable[Any]) -> None:
    before = b"[\n"
    for value in values:
        file.write(before + _json(value).encode())
        before = b",\n"
    file.write(b"[]" if before == b"[\n" else b"\n]")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
