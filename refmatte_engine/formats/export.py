"""An export: who may write in its folder, what is done, and the work on a dataset piece by piece.

A format is a module with three functions (`Format`). `write` makes the files of a few samples and
returns rows; `join` makes what needs the whole, from these rows. Rows wait in a file per chunk, the
unit of work and of resuming, so that no more than a chunk is ever in memory.
"""

from __future__ import annotations

import importlib
import json
import shutil
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from refmatte_engine.dataset import attribution
from refmatte_engine.dataset.identity import identity
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.formats import export_folder
from refmatte_engine.formats.export_folder import RECEIPT, ROWS, WEAK_FOLDER
from refmatte_engine.parallel import Progress, processors, spread
from refmatte_engine.records import Sample
from refmatte_engine.storage.files import (
    disk_errors,
    held,
    jsonl,
    link_or_copy,
    write_whole,
    written_whole,
)

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
    "reasonseg": "ReasonSeg JSON of LISA: a picture per thing, masks as polygons",
    "hf": "Parquet for the Hugging Face Hub, with pictures in it and a dataset card",
    "croissant": "Croissant 1.1: a description for dataset platforms, and a table of sentences",
}
LAYOUTS = ("mam", "rw100", "birefnet", "him", "composition1k", "sdmatte")
# What `--also` may say.
WEAK = ("trimap", "box", "point", "scribble", "coarse")
CHUNK = 100  # images
VERSION = 2  # of the exports; an older one is not gone on with


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive samples of one split; chunks of a split are numbered from 0."""

    split: str
    number: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A dataset, the folder that it is exported to, and the name of the format; for weak labels,
    which and by which seed."""

    dataset: Dataset
    out: Path
    to: str
    also: tuple[str, ...] = ()
    seed: int = 0

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

    def todo(self, split: str) -> list[int]:
        """The numbers of the chunks that are not done."""
        numbers = range(self.chunks(split))
        return [n for n in numbers if not self.rows_path(split, n).is_file()]

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

    def join(self, job: Job) -> str | None:
        """Makes the files that need all rows, each whole. Returns what people should be told."""


@dataclass(frozen=True, slots=True)
class Exported:
    """An export that is done: of how many images, and what people should be told of it."""

    images: int
    notes: tuple[str, ...]


def run(
    root: str | Path,
    to: str,
    out: str | Path,
    *,
    also: Collection[str] = (),
    seed: int | None = None,
    workers: int = 0,
    progress: Progress | None = None,
) -> Exported:
    """Writes the dataset at `root` into the folder `out` in the format `to` (of `FORMATS`), from
    its records and mattes alone, and `also` weak labels (of `WEAK`), by the run's seed or this one,
    into a folder of it. What an interrupted export has finished is kept; an export that is there
    already and lacks nothing is left as it is.

    InputError if a format is unknown or cannot hold the dataset, if a file of the dataset is
    missing, or if `out` holds something else. `progress` is called with (images done, of how many).
    """
    _check_names("--to", [to], FORMATS)
    _check_names("--also", also, WEAK)
    job = Job(Dataset(root), Path(out), to)
    if job.dataset.root.resolve() in job.out.resolve().parents:
        allowed = "a folder outside of it"
        raise InputError(out, "lies in the dataset's own folder", allowed=allowed)
    _module(to).check(job.dataset)
    jobs = [job]
    if also:
        weak = tuple(kind for kind in WEAK if kind in also)
        seed = seed_of(job.dataset) if seed is None else seed
        jobs.append(replace(job, to=WEAK_FOLDER, out=job.out / WEAK_FOLDER, also=weak, seed=seed))
    for each in jobs:
        export_folder.check(each.out, _receipt(each))
    notes = [_made(each, workers, progress) for each in jobs]
    return Exported(len(job.dataset), tuple(filter(None, notes)))


def seed_of(dataset: Dataset) -> int:
    """The seed of the run that made the dataset."""
    return int(dataset.manifest["run"].get("seed", 0))


def _check_names(option: str, names: Collection[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            todo, allowed = nearest(name, known), listed(known, 20)
            what = "format" if option == "--to" else "weak label"
            raise InputError(option, f"{name!r} is not a {what}", allowed=allowed, todo=todo)


def _receipt(job: Job) -> dict[str, Any]:
    """What tells this export from others."""
    weak = {"also": list(job.also), "seed": job.seed} if job.also else {}
    return {
        "format": job.to,
        "version": VERSION,
        "dataset": job.name(),  # for people: the folder may be called otherwise later
        "manifest": identity(job.dataset.root),
        **weak,
    }


def _made(job: Job, workers: int, progress: Progress | None) -> str:
    """Makes what is not there; what people should be told of it."""
    receipt = _receipt(job)
    if (said := export_folder.finished(job.out)) is not None:
        return said
    with disk_errors(job.out):
        job.out.mkdir(parents=True, exist_ok=True)
        with held(job.out):
            export_folder.sweep(job.out)
            write_whole(job.out / RECEIPT, json.dumps({**receipt, "finished": False}).encode())
            _write_all(job, workers, progress)
            said = _module(job.to).join(job) or ""
            licences = json.dumps(job.licences(), indent=1, ensure_ascii=False)
            write_whole(job.out / "LICENSES.json", licences.encode())
            # Of a dataset that an earlier version made, LICENSES.json is all there is.
            if (there := job.dataset.root / attribution.FILE).is_file():
                link_or_copy(there, job.out / attribution.FILE)
            shutil.rmtree(job.out / ROWS, ignore_errors=True)
            export_folder.finish(job.out, receipt, said)
            (job.out / ".lock").unlink(missing_ok=True)  # nobody writes here any more
    return said


def _module(to: str) -> Format:
    module = "folders" if to in LAYOUTS else to
    return cast(Format, importlib.import_module(f"refmatte_engine.formats.{module}"))


def _write_all(job: Job, workers: int, progress: Progress | None) -> None:
    total = len(job.dataset)
    todo = {split: job.todo(split) for split in job.dataset.splits}
    wanted = sum(map(len, todo.values()))
    images = sum(min(CHUNK, job.images(s) - n * CHUNK) for s, some in todo.items() for n in some)
    done = total - images
    # Two chunks are written sooner than processes are started.
    count = min(workers or (processors() if wanted > 2 else 1), max(1, wanted))
    tasks = ((job, chunk) for chunk in _chunks(job.dataset, todo))
    for made in spread(_write, tasks, workers=count, ordered=False, kept=True):
        done += made
        if progress is not None:
            progress(done, total)


def _chunks(dataset: Dataset, todo: Mapping[str, Collection[int]]) -> Iterator[Chunk]:
    """The chunks of these numbers; records of the others are not even parsed."""
    for split, numbers in todo.items():
        if numbers:
            samples = dataset.samples(split, partial(_is_in, frozenset(numbers)))
            for number in numbers:
                yield Chunk(split, number, tuple(islice(samples, CHUNK)))
            deque(samples, 0)  # which counts them


def _is_in(chunks: Collection[int], number: int) -> bool:
    return number // CHUNK in chunks


def _write(job: Job, chunk: Chunk) -> int:
    """How many images the chunk has, once it is done."""
    with disk_errors(job.out):
        rows = jsonl(_module(job.to).write(job, chunk))
        write_whole(job.rows_path(chunk.split, chunk.number), rows)
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
