"""A frozen catalog: what packs are, found out once and kept in a file, which many jobs read instead
of walking through the packs and decoding their pictures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from refmatte_engine.config.resources import pack_file
from refmatte_engine.errors import InputError, listed
from refmatte_engine.packs import labels, mirror, pack, scan
from refmatte_engine.packs.labels import BackgroundLabel, Label, Remark
from refmatte_engine.packs.pack import AssetFile, Pack
from refmatte_engine.packs.pack_file import PackFile
from refmatte_engine.packs.scan import Scan
from refmatte_engine.parallel import Progress, spread
from refmatte_engine.records import from_json, to_json
from refmatte_engine.storage import files, json_file

FORMAT = 1
SHOWN = 3  # files that are named
READERS = 16  # threads that ask for the state of files, over a network perhaps
PIECE = 500  # files that one asks for at a time

Stamp = tuple[int, int, str]  # a file's size in bytes, time of change in ns, and content's hash


@dataclass(frozen=True)
class Frozen:
    """Packs as they were when the file at `path` was written, and the scans of their pictures."""

    path: Path
    packs: tuple[Pack, ...]
    scans: Mapping[tuple[str, bool, str], Scan]

    def of(self, wanted: Sequence[str | Path]) -> list[Pack]:
        """The packs `wanted`, in this order. InputError if one is not here."""
        here = {each.file.resolve(): each for each in self.packs}
        found = [here.get(pack_file(mirror.here(each)).resolve()) for each in wanted]
        if None in found:
            raise InputError(
                self.path,
                f"does not hold the pack {wanted[found.index(None)]}",
                allowed=listed(str(each.file) for each in self.packs),
                todo="freeze the catalog of the run's packs, from where they lie now",
            )
        return [each for each in found if each is not None]

    def scanned(self, source: Pack) -> list[Scan]:
        """The scans of a pack's pictures, in order."""
        return [self.scans[_key(source, picture)] for picture in source.pictures]


def write(
    path: Path, packs: Sequence[str | Path], cache: Path, *, progress: Progress | None = None
) -> int:
    """Freezes the catalog of `packs`, whatever rules a run will have, in a file; returns the number
    of pictures. Scans come from `cache`. InputError as in `catalog.load`; OSError if the file
    cannot be written."""
    sources = [pack.read(where) for where in packs]
    scans = scan.scan(sources, cache, progress)
    rows: list[dict[str, Any]] = [_header(sources)]
    for number, (source, found) in enumerate(zip(sources, scans, strict=True)):
        for picture, scanned in zip(source.pictures, found, strict=True):
            told = {
                key: value for key, value in asdict(picture).items() if key != "label" and value
            }
            label = picture.label.model_dump(mode="json", exclude_unset=True)
            rows.append(
                {"pack": number, "foreground": isinstance(picture.label, Label), "picture": told}
                | {"label": label, "scan": to_json(scanned)}
                | {"files": {each: _stamp(source.root / each) for each in scan.paths(picture)}}
            )
    files.write_whole(path, files.jsonl(rows))
    return len(rows) - 1


def read(path: Path) -> Frozen:
    """The frozen catalog in a file. InputError if it is none, or another version's, or, by name, if
    pictures or labels have changed since."""
    header, rows = _rows(path)
    if header.get("format") != FORMAT or header.get("scans") != scan.SCANS:
        raise InputError(
            path,
            "was frozen by a version that reads pictures otherwise",
            todo="freeze it again: refmatte catalog PACKS --freeze FILE",
        )
    try:
        bare = [_bare(told) for told in header["packs"]]
        pictures: list[list[AssetFile]] = [[] for _ in bare]
        scans, stamps = {}, dict[Path, Stamp]()
        for told in header["packs"]:
            stamps |= {Path(file): tuple(stamp) for file, stamp in told["labels"].items()}
        for row in rows:
            source, kind = bare[row["pack"]], Label if row["foreground"] else BackgroundLabel
            given = {**row["picture"], "fix": tuple(row["picture"].get("fix", ()))}
            label = kind.model_validate(row["label"])
            picture = AssetFile(**{"alpha_path": "", **given}, label=label)
            pictures[row["pack"]].append(picture)
            scans[_key(source, picture)] = from_json(Scan, row["scan"])
            stamps |= {source.root / file: tuple(stamp) for file, stamp in row["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, ValidationError) as error:
        raise _no_catalog(path) from error
    _check(path, stamps)
    packs = tuple(
        Pack(
            source.file, source.root, source.about,
            tuple(p for p in each if isinstance(p.label, Label)),
            tuple(p for p in each if isinstance(p.label, BackgroundLabel)),
            source.problems, source.notes, source.counts,
        )
        for source, each in zip(bare, pictures, strict=True)
    )  # fmt: skip
    return Frozen(path, packs, scans)


def _header(sources: Sequence[Pack]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "scans": scan.SCANS,
        "packs": [
            {
                "file": str(source.file.resolve()),
                "root": str(source.root.resolve()),
                "about": source.about.model_dump(mode="json", exclude_unset=True),
                "problems": [[remark.file, remark.message] for remark in source.problems],
                "notes": [[remark.file, remark.message] for remark in source.notes],
                "counts": dict(source.counts),
                "labels": {str(each): _stamp(each) for each in _words(source)},
            }
            for source in sources
        ],
    }


def _bare(told: Mapping[str, Any]) -> Pack:
    """The pack without its pictures."""
    return Pack(
        Path(told["file"]),
        Path(told["root"]),
        PackFile.model_validate(told["about"]),
        (),
        (),
        tuple(Remark(*remark) for remark in told["problems"]),
        tuple(Remark(*remark) for remark in told["notes"]),
        told["counts"],
    )


def _words(source: Pack) -> Iterator[Path]:
    """What people wrote into the pack, as far as it is there."""
    for file in (source.file, *(source.home / name for name in labels.FILES)):
        if file.is_file():
            yield file.resolve()


def _rows(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    try:
        with path.open(encoding=json_file.TEXT) as lines:
            header, *rows = (json.loads(line) for line in lines)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        raise _no_catalog(path) from None
    if not isinstance(header, dict) or "scans" not in header:
        raise _no_catalog(path)
    return header, rows


def _no_catalog(path: Path) -> InputError:
    allowed = "what `refmatte catalog PACKS --freeze FILE` writes"
    return InputError(path, "is not a frozen catalog", allowed=allowed)


def _key(source: Pack, picture: AssetFile) -> tuple[str, bool, str]:
    return source.about.name, isinstance(picture.label, Label), picture.id


def _stamp(file: Path) -> Stamp:
    try:
        state = file.stat()
    except OSError:  # its scan says why it cannot be used
        return 0, 0, ""
    return state.st_size, state.st_mtime_ns, _hash(file)


def _hash(file: Path) -> str:
    try:
        return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""


def _check(path: Path, stamps: Mapping[Path, Stamp]) -> None:
    """InputError, by name, if files are not what they were. One whose time alone has changed is
    read, since copies have times of their own."""
    every = list(stamps.items())
    tasks = [(every[at : at + PIECE],) for at in range(0, len(every), PIECE)]
    changed = [
        file for found in spread(_changed, tasks, workers=READERS, threads=True) for file in found
    ]
    if changed:
        names = [str(file) if file.exists() else f"{file} (gone)" for file in changed[:SHOWN]]
        more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
        verb = "has" if len(changed) == 1 else "have"
        raise InputError(
            path,
            f"{listed(names)}{more} {verb} changed since it was frozen",
            todo="freeze it again, and make the whole dataset of what it is then",
        )


def _changed(files_then: Sequence[tuple[Path, Stamp]]) -> list[Path]:
    found = []
    for file, (size, changed_ns, content) in files_then:
        try:
            state = file.stat()
        except OSError:
            if content:
                found.append(file)
            continue
        is_same = state.st_size == size and state.st_mtime_ns == changed_ns
        if not is_same and _hash(file) != content:
            found.append(file)
    return found
