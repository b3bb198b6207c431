"""The inventory of a dataset: whether its files are exactly those that receipts and manifest
list."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby, islice, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Any

from refmatte_engine.config.run import Run
from refmatte_engine.dataset import attribution, papers
from refmatte_engine.dataset.address import MANIFEST
from refmatte_engine.dataset.manifest import (
    FIXED,
    Tally,
    label_lines,
    own_digest,
    run_digest,
)
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.run_folder import GROWS, HERE, RUN_FILE, flat, read_run_file
from refmatte_engine.dataset.shards import Receipt, parse_receipt
from refmatte_engine.errors import RefMatteError
from refmatte_engine.generation.differences import Compared, MergedLabels, unlike, wrong_labels
from refmatte_engine.generation.sample_files import pixel_digest
from refmatte_engine.images import image_io
from refmatte_engine.storage.files import MAX_FILE_BYTES, digest
from refmatte_engine.storage.junk import is_junk
from refmatte_engine.storage.sorted_lines import SortedLines

BEGUN = (*FIXED, *GROWS)  # what a manifest has from the run's description
# What other commands put beside the splits, and people may change.
PRODUCTS = ("gallery", "plots", attribution.FILE, *papers.FILES)
PIECE = 16  # samples, or as many as whole groups are; an even number, for pairs of twins
EXPECTED, FOUND = "expected", "found"
NAME = re.compile(r"(img|mask)/[A-Za-z0-9_-]+\.(jpg|png)")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one of a few samples of `split` is compared with, from sample `start` on: its line in
    samples.jsonl; and of all of them the digest of each file and, of a PNG, of its pixels, by path
    below the dataset's folder, as the receipts have them. `problems` are those that are known;
    `form` is the dataset's format."""

    split: str
    start: int
    lines: tuple[bytes, ...]
    files: dict[str, tuple[str, str | None]]
    problems: tuple[str, ...]
    form: int

    def has(self, name: str) -> bool:
        """Whether this is a name as files of the split have; of others no path is made."""
        return bool(NAME.fullmatch(name.removeprefix(f"{self.split}/")))


class Inventory:
    """The files of a dataset. To be gone through in this order: `about`, the `pieces` of every
    split, `rest`. Nothing is held of a sample once its piece is given."""

    def __init__(self, dataset: Dataset, run: Run, names: Callable[[], Iterable[str]]) -> None:
        """`names` are those of all files that are there."""
        self.dataset, self.run, self.names = dataset, run, names
        self.root, self.manifest = dataset.root, dataset.manifest
        self.is_covered = self.manifest["format"] > 1
        self.tally = Tally(dataset.splits, self.root)
        self._names = SortedLines(self.root)
        for name in (MANIFEST, RUN_FILE, ".lock"):
            self._expect(name)
        if "attribution" in self.manifest:
            self._expect(attribution.FILE)

    def about(self) -> Iterator[str]:
        """What is wrong with the manifest and the templates."""
        if self.is_covered:
            yield from self._manifest()
            yield from self._templates()

    def _expect(self, name: str) -> None:
        with suppress(ValueError):  # no file's name: the receipt is told of
            self._names.add(f"{name}\0{EXPECTED}".encode("utf-8", "surrogatepass"))

    def _manifest(self) -> Iterator[str]:
        """The manifest against its own digest and against what the run said when it began."""
        path = self.root / MANIFEST
        if own_digest(self.manifest) != self.manifest.get("digest"):
            yield f"{path}: digest: is not the one of the rest of the manifest: it was changed"
        told, told_of = self.manifest.get("attribution"), self.root / attribution.FILE
        if told is None and "used" in self.manifest:
            yield f"{path}: attribution: is missing"
        if told is not None and told_of.is_file() and not _is(told_of, told):
            yield f"{path}: attribution: is not the digest of {told_of}: one of them was changed"
        try:
            begun = read_run_file(self.root / RUN_FILE)
        except RefMatteError as error:
            yield str(error)
            return
        begun.pop(HERE, None)
        wanted = sum(n for n in begun["run"]["splits"].values() if isinstance(n, int))
        is_same = run_digest(begun) == run_digest(self.manifest)
        if is_same and wanted > sum(self.run.splits.values()):
            yield (
                f"{self.root}: is being extended to {wanted} images and not finished; run the same "
                "generate again"
            )
            return
        told = flat({key: self.manifest[key] for key in BEGUN if key in self.manifest})
        yield from unlike(path, told, flat(begun), f"{RUN_FILE} says")

    def _templates(self) -> Iterator[str]:
        """The files that the sentences were made from."""
        recorded = self.manifest.get("templates")
        for name in ("expressions.yaml", "vocabulary.yaml"):
            value = recorded.get(name) if isinstance(recorded, dict) else None
            path = self.root / "templates" / name
            self._expect(f"templates/{name}")
            if path.is_file() and not _is(path, value if isinstance(value, str) else ""):
                yield f"{path}: was changed after it was written"

    def pieces(self, split: str) -> Iterator[Piece]:
        """The samples of one split, PIECE at a time, with what is wrong with the receipts, and with
        what was merged from them, line by line."""
        file, found, count = self.dataset.sample_file(split), list[str](), 0
        labels = file.path.with_name(f"refmatte_{split}_label.json")
        for path in (file.path, labels):
            self._expect(path.relative_to(self.root).as_posix())
        merged, content = MergedLabels(), hashlib.sha256()
        compared = Compared(file.path)
        pairs = zip_longest(compared.readable(file.lines(), found), self._recorded(split, found))
        together = self.run.siblings or 1
        piece = together * max(1, PIECE // together)
        while some := list(islice(pairs, piece)):
            found += compared.differences(some)
            lines = tuple(line for line, _ in some if line is not None)
            files: dict[str, tuple[str, str | None]] = {}
            for _, recorded in some:
                if recorded is not None:
                    pixels = recorded.get("pixels", {})
                    files |= {
                        f"{split}/{n}": (h, pixels.get(n)) for n, h in recorded["files"].items()
                    }
                    for entry in _label_lines(recorded["sample"]):
                        merged.add(entry)
            content.update(b"".join(lines))
            yield Piece(split, count, lines, files, tuple(found), self.manifest["format"])
            count += len(lines)
            found.clear()
        if not compared.is_unreadable:
            self.tally.content.add(f"{split}/{file.path.name}", content.hexdigest())
            try:
                self.dataset.check_count(split, count)
            except RefMatteError as error:
                found.append(str(error))
        found += self._labels(split, labels, merged)
        yield Piece(split, count, (), {}, tuple(found), self.manifest["format"])

    def _labels(self, split: str, path: Path, merged: MergedLabels) -> Iterator[str]:
        """RefMatte's label file, against what the receipts give."""
        there = ""
        if path.is_file():
            with path.open("rb") as file:
                there = hashlib.file_digest(file, "sha256").hexdigest()
        if not self.is_covered:
            self.tally.content.add(f"{split}/{path.name}", there or digest(b""))
        if not there or there == merged.digest():
            return
        if path.stat().st_size > MAX_FILE_BYTES:
            yield f"{path}: is not what the shards' receipts give"
            return
        again = (line["sample"] for line in self._recorded(split, [], is_first=False))
        entries = b",".join(entry for sample in again for entry in _label_lines(sample))
        yield from wrong_labels(path, path.read_bytes(), json.loads(b"{" + entries + b"}"))

    def _recorded(
        self, split: str, found: list[str], *, is_first: bool = True
    ) -> Iterator[dict[str, Any]]:
        """Every sample that a split's receipts have, with its files; what is wrong with them goes
        to `found`."""
        folder, stop = self.root / split / ".shards", 0
        names = [path.name for path in folder.glob("[0-9]*.jsonl")]
        for path in (folder / name for name in sorted(names, key=lambda n: (len(n), n))):
            try:
                receipt = parse_receipt(path)
            except RefMatteError as error:
                found.append(str(error))
                receipt = None
            if is_first:
                self._expect(path.relative_to(self.root).as_posix())
                if receipt is not None:
                    found += self._receipt(path, receipt, stop)
                    self.tally.add(split, receipt)
            if receipt is not None:
                stop = receipt.header["stop"]
                for line in receipt.lines:
                    for name in line["files"] if is_first else ():
                        self._expect(f"{split}/{name}")
                    yield line

    def _receipt(self, path: Path, receipt: Receipt, begins: int) -> Iterator[str]:
        header, lines = receipt.header, receipt.lines
        images = len(lines) + len(receipt.skipped)
        if header["start"] != begins or images != header["stop"] - begins:
            yield (
                f"{path}: holds images {header['start']} to {header['stop'] - 1} in {len(lines)} "
                f"lines; the receipt before it ends at {begins - 1}"
            )
        if self.is_covered and header.get("run") != run_digest(self.manifest):
            yield (
                f"{path}: run: its images were made for another run, packs, templates, licences or "
                "versions than the manifest's"
            )
        for number, line in enumerate(lines, 2):
            sample, form = line["sample"], self.manifest["run"]["image"]["format"]
            mattes = {f"mask/{sample.get('name')}_{k}.png" for k in _indices(sample)}
            files = mattes | {f"img/{sample.get('name')}.{form}"}
            if line["files"].keys() != files:
                yield f"{path}:{number}: files: are not {sample.get('name')} and its mattes"
            pixels = mattes if form == "jpg" else files
            if self.is_covered and line.get("pixels", {}).keys() != pixels:
                yield f"{path}:{number}: pixels: are not those of {sample.get('name')}"

    def rest(self) -> Iterator[str]:
        """What is missing, left over, or counted otherwise than the manifest has it."""
        yield from self._there()
        yield from self._counts()

    def _there(self) -> Iterator[str]:
        """Every file in the folder, against those that should be there."""
        for name in self.names():
            try:
                self._names.add(f"{name}\0{FOUND}".encode("utf-8", "surrogatepass"))
            except ValueError:
                yield from self._stray(name)
        told = (line.decode("utf-8", "surrogatepass").split("\0") for line in self._names)
        for name, marked in groupby(told, key=itemgetter(0)):
            marks = {mark for _, mark in marked}
            if EXPECTED not in marks:
                yield from self._stray(name)
            elif FOUND not in marks and name != ".lock" and (self.is_covered or name != RUN_FILE):
                yield f"{self.root / name}: is missing"

    def _stray(self, name: str) -> Iterator[str]:
        if name.split("/")[0] not in PRODUCTS and not is_junk(name):
            yield f"{self.root / name}: does not belong to the dataset"

    def _counts(self) -> Iterator[str]:
        """What the manifest counts, against the receipts."""
        path, counted = self.root / MANIFEST, self.tally.counted()
        counted["content_digest"] = self.tally.content.digest()
        if not {"used", "attribution"} & self.manifest.keys():  # as earlier versions had it
            del counted["used"]
        if not self.is_covered:
            counted = {key: value for key, value in counted.items() if key in self.manifest}
        told = flat({key: self.manifest[key] for key in self.manifest if key in counted})
        yield from unlike(path, told, flat(counted), "the receipts and files give")
        others = {*FIXED, "lacks", "attribution", "digest"}
        known = {*counted, *others} if self.is_covered else self.manifest.keys()
        for key in sorted(self.manifest.keys() - known):
            yield f"{path}: {key}: is not a manifest key"
        for split, images in self.run.splits.items():
            has = self.tally.counts[split]["images"] if split in self.tally.counts else 0
            if images != has + len(self.tally.skipped.get(split, ())):
                yield f"{path}: run.splits.{split}: {images}, but the receipts have {has}"


def changed(root: Path, piece: Piece) -> Iterator[str]:
    """The files of a piece that are not as the receipts have them; who is missing is told by
    `rest`."""
    for name, (expected, pixels) in piece.files.items():
        path = root / name
        # The receipt is told of that has another name.
        if piece.has(name) and path.exists() and not _is(path, expected):
            same = pixels is not None and _shows(path, pixels, piece.form)
            yield f"{path}: was changed after it was written" + (
                " (with the same pixels)" if same else ""
            )


def _is(path: Path, expected: str) -> bool:
    try:
        return digest(path.read_bytes()) == expected
    except OSError:
        return False


def _shows(path: Path, expected: str, form: int) -> bool:
    try:
        is_matte = path.parent.name == "mask"
        pixels = image_io.read_alpha(path) if is_matte else image_io.read_rgb(path)
    except RefMatteError:
        return False
    return pixel_digest(pixels, form) == expected


def _label_lines(sample: dict[str, Any]) -> list[bytes]:
    """A sample's entries in the label file; none where its record is damaged, which its own line
    in samples.jsonl shows."""
    try:
        return list(label_lines(sample))
    except (KeyError, TypeError, AttributeError):
        return []


def _indices(sample: Mapping[str, Any]) -> list[Any]:
    return [e.get("index") if isinstance(e, dict) else None for e in sample["entities"]]
