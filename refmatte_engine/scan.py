"""What decoding a pack's pictures once tells about them, remembered by their content."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import joblib
from pydantic import ValidationError

from refmatte_engine import alphas, cutouts, decontaminate, image_io
from refmatte_engine.errors import InputError, MissingExtra
from refmatte_engine.records import from_json, to_json

Progress = Callable[[int, int], None]
Stamp = tuple[int, int, int]

# Changes whenever a measurement does.
_VERSION = f"1.{decontaminate.VERSION}"
# A file may change again within the clock's grain; only older ones are trusted by their stamp.
_SETTLED_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Scan:
    """What one picture is: as in `Foreground`, or size and digest only for a background; or the
    `problem` that makes it unusable."""

    size_hw: tuple[int, int] = (0, 0)
    digest: str = ""
    softness: float = 0.0
    opacity: float = 1.0
    cut_edges: tuple[str, ...] = ()
    recomposition_error: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """A picture to scan; paths relative to the pack, `alpha_path` empty unless it is a pair."""

    kind: Literal["foreground", "background"]
    path: str
    alpha_path: str = ""


def scan(root: Path, jobs: Iterable[Job], cache: Path, progress: Progress | None) -> list[Scan]:
    """One Scan a job, in order. What is already known from `cache` is not decoded again; the rest
    is, on all cores, with `progress(done, total)` called after each."""
    jobs = list(jobs)
    book = cache / f"stamps-{_VERSION}" / f"{_hash(str(root.resolve()).encode())}.json"
    stamps = _read_stamps(book)
    scans: list[Scan | None] = []
    for job in jobs:
        key = _key(job, [_known(root, path, stamps) for path in _paths(job)])
        scans.append(_recall(cache, key) if key else None)
    todo = [i for i, found in enumerate(scans) if found is None]
    # numba's own threads serve one caller at a time, so pairs are spread over processes.
    pairs = sum(bool(jobs[i].alpha_path) for i in todo)
    backend = "loky" if pairs > 8 else "threading"
    workers = min(len(os.sched_getaffinity(0)), len(todo)) or 1
    run = joblib.Parallel(n_jobs=workers, backend=backend, return_as="generator")
    results = run(joblib.delayed(_look)(root, jobs[i], cache) for i in todo)
    done = len(jobs) - len(todo)
    for i, (hashes, found) in zip(todo, results, strict=True):
        scans[i] = found
        stamps.update(hashes)
        done += 1
        if progress is not None:
            progress(done, len(jobs))
    if todo:
        before = time.time_ns() - _SETTLED_NS
        settled = {path: entry for path, entry in stamps.items() if entry[0][2] < before}
        cutouts.write_whole(book, lambda draft: draft.write_text(json.dumps(settled)))
    return [found for found in scans if found is not None]


def _look(root: Path, job: Job, cache: Path) -> tuple[dict[str, tuple[Stamp, str]], Scan]:
    """The scan of a job, from the cache by its files' content or by decoding; and the content
    hashes of its files with the stamps they had before reading."""
    hashes = {}
    try:
        contents = []
        for path in _paths(job):
            stamp = _stamp(root / path)
            contents.append(image_io.read_bytes(root / path))
            hashes[path] = (stamp, _hash(contents[-1]))
        key = _key(job, [known for _, known in hashes.values()])
        assert key is not None
        if (known := _recall(cache, key)) is not None:
            return hashes, known
        found = _measure(job, contents, cache)
    except MissingExtra:
        raise
    except InputError as error:
        return hashes, Scan(problem=str(error).removeprefix(f"{root / job.path}: "))
    text = json.dumps(to_json(found))
    cutouts.write_whole(_scan_file(cache, key), lambda draft: draft.write_text(text))
    return hashes, found


def _measure(job: Job, contents: list[bytes], cache: Path) -> Scan:
    if job.kind == "background":
        pixels = image_io.decode_rgb(contents[0], "")
        height, width = pixels.shape[:2]
        if min(height, width) < cutouts.SMALLEST_PX:
            raise InputError("", f"is only {width}×{height} pixels large")
        return Scan((height, width), cutouts.pixel_digest(pixels))
    cutout = cutouts.decode(contents[0], contents[1] if job.alpha_path else None)
    error = None
    if job.alpha_path:
        rgba, error = cutouts.own_colours(cutout)
        cutouts.keep(cutouts.place(cache, cutout.digest, pair=True), 0, rgba)
    alpha = cutout.rgba[..., 3]
    return Scan(
        size_hw=(alpha.shape[0], alpha.shape[1]),
        digest=cutout.digest,
        softness=round(alphas.softness(alpha), 4),
        opacity=round(alphas.opacity(alpha), 4),
        cut_edges=cutout.cut_edges,
        recomposition_error=None if error is None else round(error, 2),
    )


def _paths(job: Job) -> list[str]:
    return [job.path, job.alpha_path] if job.alpha_path else [job.path]


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def _stamp(path: Path) -> Stamp:
    try:
        state = path.stat()
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    # The time of the last change of any kind cannot be set back by a user, the other can.
    return state.st_size, state.st_mtime_ns, state.st_ctime_ns


def _known(root: Path, path: str, stamps: dict[str, tuple[Stamp, str]]) -> str | None:
    """The content hash of a file that has not been touched since it was last read."""
    entry = stamps.get(path)
    try:
        return entry[1] if entry and tuple(entry[0]) == _stamp(root / path) else None
    except InputError:
        return None


def _read_stamps(book: Path) -> dict[str, tuple[Stamp, str]]:
    try:
        data: Any = json.loads(book.read_bytes())
        return {str(path): (tuple(stamp), str(known)) for path, (stamp, known) in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _key(job: Job, hashes: list[str | None]) -> str | None:
    known = [found for found in hashes if found is not None]
    return "-".join([job.kind[0], *known]) if len(known) == len(hashes) else None


def _scan_file(cache: Path, key: str) -> Path:
    return cache / f"scans-{_VERSION}" / key[2:4] / f"{key}.json"


def _recall(cache: Path, key: str) -> Scan | None:
    try:
        return from_json(Scan, json.loads(_scan_file(cache, key).read_bytes()))
    except (OSError, ValueError, ValidationError):
        return None
