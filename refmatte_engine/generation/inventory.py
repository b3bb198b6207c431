"""The inventory of a dataset: whether its files are exactly those that receipts and manifest
list."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from refmatte_engine.config.run import Run
from refmatte_engine.dataset import attribution, papers
from refmatte_engine.dataset.manifest import (
    FIXED,
    Tally,
    content_digest,
    label_lines,
    own_digest,
    run_digest,
)
from refmatte_engine.dataset.reader import MANIFEST, Dataset
from refmatte_engine.dataset.shards import (
    GROWS,
    HERE,
    RUN_FILE,
    Receipt,
    flat,
    parse_receipt,
    read_run_file,
)
from refmatte_engine.errors import RefMatteError
from refmatte_engine.generation.sample_files import pixel_digest
from refmatte_engine.images import image_io
from refmatte_engine.storage.files import digest, jsonl
from refmatte_engine.storage.junk import is_junk

BEGUN = (*FIXED, *GROWS)  # what a manifest has from the run's description
# What other commands put beside the splits, and people may change.
PRODUCTS = ("gallery", "plots", attribution.FILE, *papers.FILES)
SHOWN = 20  # differences between two files that are told


class Inventory:
    """The files of a dataset. `pixels` are the digests of what its PNGs decode to, by path below
    the dataset's folder, as the receipts have them once `problems` has been gone through."""

    def __init__(self, dataset: Dataset, run: Run) -> None:
        self.root, self.manifest, self.run = dataset.root, dataset.manifest, run
        self.is_covered = self.manifest["format"] > 1
        self.tally = Tally(dataset.splits)
        self.pixels: dict[str, str] = {}
        self._counted: set[str] = set()
        self.expected: dict[str, str | None] = {MANIFEST: None, RUN_FILE: None, ".lock": None}
        if "attribution" in self.manifest:
            self.expected[attribution.FILE] = None

    def problems(self) -> Iterator[str]:
        """Everything that is missing, changed, left over, or not what something else says of it."""
        if self.is_covered:
            yield from self._manifest()
            self._templates()
        for split in self.tally.counts:
            yield from self._split(split)
        yield from self._there()
        yield from self._counts()

    def _manifest(self) -> Iterator[str]:
        """The manifest against its own digest and against what the run said when it began."""
        path = self.root / MANIFEST
        if own_digest(self.manifest) != self.manifest.get("digest"):
            yield f"{path}: digest: is not the one of the rest of the manifest: it was changed"
        told, told_of = self.manifest.get("attribution"), self.root / attribution.FILE
        if told is None and "used" in self.manifest:
            yield f"{path}: attribution: is missing"
        if told is not None and told_of.is_file() and not self._is(told_of, told):
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
        yield from _unlike(path, told, flat(begun), f"{RUN_FILE} says")

    def _templates(self) -> None:
        """The files that the sentences were made from."""
        recorded = self.manifest.get("templates")
        for name in ("expressions.yaml", "vocabulary.yaml"):
            value = recorded.get(name) if isinstance(recorded, dict) else None
            self.expected[f"templates/{name}"] = value if isinstance(value, str) else ""

    def _split(self, split: str) -> Iterator[str]:
        """The receipts of one split, and what was merged from them, line by line."""
        folder, found = self.root / split, list[str]()
        path, labels = folder / "samples.jsonl", folder / f"refmatte_{split}_label.json"
        for file in (path, labels):
            self.expected[file.relative_to(self.root).as_posix()] = None
        merged = Merged()
        recorded = self._recorded(split, merged, found)
        try:
            with path.open("rb") as lines:
                yield from _differences(path, lines, recorded)
            self.tally.hashes[f"{split}/samples.jsonl"] = digest(path.read_bytes())
        except OSError as error:
            yield f"{path}: cannot be read: {error.strerror}"
        for _ in recorded:  # what differences were not looked for in
            pass
        yield from found
        data = labels.read_bytes() if labels.is_file() else b""
        if not self.is_covered:
            self.tally.hashes[f"{split}/{labels.name}"] = digest(data)
        if digest(data) != merged.digest() and labels.is_file():
            again = self._recorded(split, Merged(), [])
            entries = b",".join(line for sample in again for line in _label_lines(sample))
            yield from _wrong_labels(labels, data, json.loads(b"{" + entries + b"}"))

    def _recorded(self, split: str, merged: Merged, found: list[str]) -> Iterator[dict[str, Any]]:
        """Every sample that a split's receipts have; what is wrong with them goes to `found`."""
        is_first, stop = split not in self._counted, 0
        self._counted.add(split)
        for path in sorted((self.root / split / ".shards").glob("[0-9]*.jsonl")):
            self.expected[path.relative_to(self.root).as_posix()] = None
            try:
                receipt = parse_receipt(path)
            except RefMatteError as error:
                found.append(str(error))
                continue
            if is_first:
                found += self._receipt(path, receipt, stop)
                self.tally.add(split, receipt)
            stop = receipt.header["stop"]
            for line in receipt.lines:
                self.expected.update({f"{split}/{name}": h for name, h in line["files"].items()})
                pixels = line.get("pixels", {})
                self.pixels.update({f"{split}/{name}": value for name, value in pixels.items()})
                for entry in _label_lines(line["sample"]):
                    merged.add(entry)
                yield line["sample"]

    def _receipt(self, path: Path, receipt: Receipt, begins: int) -> Iterator[str]:
        header, lines = receipt.header, receipt.lines
        if header["start"] != begins or len(lines) != header["stop"] - begins:
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

    def _there(self) -> Iterator[str]:
        """Every file in the folder, against those that should be there."""
        found = set()
        for path in sorted(self.root.rglob("*")):
            name = path.relative_to(self.root).as_posix()
            if path.is_dir() and not path.is_symlink():
                continue
            found.add(name)
            if name not in self.expected:
                if name.split("/")[0] not in PRODUCTS and not is_junk(name):
                    yield f"{path}: does not belong to the dataset"
                continue
            expected = self.expected[name]
            if expected is not None and not self._is(path, expected):
                same = name in self.pixels and self._shows(path, self.pixels[name])
                yield f"{path}: was changed after it was written" + (
                    " (with the same pixels)" if same else ""
                )
        for name in sorted(self.expected.keys() - found - {".lock"}):
            if self.is_covered or name != RUN_FILE:
                yield f"{self.root / name}: is missing"

    def _is(self, path: Path, expected: str) -> bool:
        try:
            return digest(path.read_bytes()) == expected
        except OSError:
            return False

    def _shows(self, path: Path, expected: str) -> bool:
        try:
            is_matte = path.parent.name == "mask"
            pixels = image_io.read_alpha(path) if is_matte else image_io.read_rgb(path)
        except RefMatteError:
            return False
        return pixel_digest(pixels) == expected

    def _counts(self) -> Iterator[str]:
        """What the manifest counts, against the receipts."""
        path, counted = self.root / MANIFEST, self.tally.counted()
        counted["content_digest"] = content_digest(self.tally.hashes)
        if not {"used", "attribution"} & self.manifest.keys():  # as earlier versions had it
            del counted["used"]
        if not self.is_covered:
            counted = {key: value for key, value in counted.items() if key in self.manifest}
        told = flat({key: self.manifest[key] for key in self.manifest if key in counted})
        yield from _unlike(path, told, flat(counted), "the receipts and files give")
        others = {*FIXED, "lacks", "attribution", "digest"}
        known = {*counted, *others} if self.is_covered else self.manifest.keys()
        for key in sorted(self.manifest.keys() - known):
            yield f"{path}: {key}: is not a manifest key"
        for split, images in self.run.splits.items():
            has = self.tally.counts[split]["images"] if split in self.tally.counts else 0
            if images != has:
                yield f"{path}: run.splits.{split}: {images}, but the receipts have {has}"


class Merged:
    """The digest of a label file that is put together entry by entry."""

    def __init__(self) -> None:
        self._hash, self._is_empty = hashlib.sha256(), True

    def add(self, entry: bytes) -> None:
        """One more entry, as `label_lines` gives it."""
        self._hash.update((b"{\n" if self._is_empty else b",\n") + entry)
        self._is_empty = False

    def digest(self) -> str:
        """SHA-256 in hex of the whole file."""
        whole = self._hash.copy()
        whole.update(b"{}\n" if self._is_empty else b"\n}\n")
        return whole.hexdigest()


def _unlike(path: Path, told: dict[str, Any], meant: dict[str, Any], by: str) -> Iterator[str]:
    """The keys of a manifest whose values are not what something else says."""
    for key in sorted(told.keys() | meant.keys()):
        if told.get(key) != meant.get(key):
            yield f"{path}: {key}: {_short(told.get(key))}, but {by} {_short(meant.get(key))}"


def _label_lines(sample: dict[str, Any]) -> list[bytes]:
    """A sample's entries in the label file; none where its record is damaged, which its own line
    in samples.jsonl shows."""
    try:
        return list(label_lines(sample))
    except (KeyError, TypeError, AttributeError):
        return []


def _indices(sample: Mapping[str, Any]) -> list[Any]:
    return [e.get("index") if isinstance(e, dict) else None for e in sample["entities"]]


def _short(value: Any) -> str:
    text = "nothing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _differences(
    path: Path, lines: Iterable[bytes], recorded: Iterable[dict[str, Any]]
) -> Iterator[str]:
    """Where samples.jsonl is not what the receipts say, line by line."""
    told = 0
    for number, (line, sample) in enumerate(zip_longest(lines, recorded), 1):
        if sample is not None and line == jsonl([sample]):
            continue
        told += 1
        if told > SHOWN:
            yield f"{path}:{number}: and more lines differ from the shards' receipts"
            return
        if line is None or sample is None:
            which = "is missing" if line is None else "is in no shard's receipt"
            yield f"{path}:{number}: {which}"
            continue
        try:
            key = _first_difference(json.loads(line), sample)
        except (ValueError, RecursionError):
            key = "the line"
        yield f"{path}:{number}: {key or 'its form'} differs from the shard's receipt"


def _first_difference(one: Any, other: Any, key: str = "") -> str:
    """The dotted key of the first value in which two JSON values differ, or ""."""
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(name, one.get(name), other.get(name)) for name in {**one, **other}]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(str(i), a, b) for i, (a, b) in enumerate(zip(one, other, strict=True))]
    else:
        return "" if one == other else key or "everything"
    for name, a, b in pairs:
        if a != b:
            return _first_difference(a, b, f"{key}.{name}" if key else name)
    return ""


def _wrong_labels(path: Path, data: bytes, expected: dict[str, Any]) -> Iterator[str]:
    """Where a label file is not what the samples say."""
    try:
        labels = json.loads(data)
    except (ValueError, RecursionError):
        labels = None
    if not isinstance(labels, dict):
        yield f"{path}: is not a label file"
        return
    different = [stem for stem in {**expected, **labels} if expected.get(stem) != labels.get(stem)]
    for stem in different[:SHOWN]:
        key = _first_difference(labels.get(stem), expected.get(stem))
        if stem not in labels or stem not in expected:
            key = "is missing" if stem not in labels else "is in no sample"
        yield f"{path}: {stem}: {key}: differs from the sample it describes"
    if len(different) > SHOWN:
        yield f"{path}: and {len(different) - SHOWN} more entries differ from their samples"
    if not different:
        yield f"{path}: was changed after it was written (it says the same)"
