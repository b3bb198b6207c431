"""The manifest of a run: what is fixed when it begins, what is counted when it ends; and RefMatte's
label file."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from refmatte_engine.dataset import attribution
from refmatte_engine.dataset.refmatte_layout import label_entries
from refmatte_engine.dataset.shards import Receipt, Shard, read_receipt, receipt_path
from refmatte_engine.errors import RefMatteError
from refmatte_engine.parallel import Progress
from refmatte_engine.storage.files import digest, disk_errors, jsonl, write_whole, written_whole
from refmatte_engine.storage.sorted_lines import SortedLines

# Of a dataset on disk. In format 1 nothing covers the manifest, and packs are paths; in every later
# one scenes are laid out or drawn otherwise than before.
FORMAT = 9
TAKEN = ("templates", "gallery")  # folders beside the splits, so no names of splits
# What a manifest says is fixed when a run begins, but for the sizes of its splits, which may grow.
FIXED = (
    "format", "run", "packs", "catalog_digest", "templates", "templates_digest", "licences",
    "terms", "selection", "relight", "engine", "versions",
)  # fmt: skip
FREE = ("splits", "max_replaced")  # keys of a run that change nothing in an image
# What every receipt counts: reasons why scenes were drawn again; what of the plan was given up;
# images that were replaced, and the reasons of those.
COUNTED = ("rejections", "given_up", "replaced", "reasons")


def made_with() -> dict[str, Any]:
    """The versions of the engine and of the libraries that determine its pixels."""
    return {
        "engine": version("refmatte-engine"),
        "versions": {
            "numpy": np.__version__,
            "opencv": cv2.__version__,
            "pillow": version("pillow"),
        },
    }


def run_digest(described: Mapping[str, Any]) -> str:
    """A digest of the fixed part of a manifest or a run's description; every receipt carries it."""
    fixed = {key: described[key] for key in FIXED if key in described}
    fixed["run"] = {key: value for key, value in fixed["run"].items() if key not in FREE}
    return digest(json.dumps(fixed, sort_keys=True).encode())


def own_digest(manifest: Mapping[str, Any]) -> str:
    """A digest of the whole manifest except the digest itself."""
    rest = {key: value for key, value in manifest.items() if key != "digest"}
    return digest(json.dumps(rest, sort_keys=True).encode())


class Tally:
    """The counts over a run's receipts, in order, and the content that they list; as large as what
    the packs hold, however many receipts there are. `folder` is where other files may lie aside."""

    def __init__(self, splits: Iterable[str], folder: Path) -> None:
        self.counts: dict[str, Counter[str]] = {split: Counter() for split in splits}
        self.totals: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
        self.others: dict[str, int] = {}
        self.content = Content(folder)
        self.skipped: dict[str, dict[str, str]] = {}
        self.used: dict[str, set[str]] = {kind: set() for kind in attribution.KINDS}

    def add(self, split: str, receipt: Receipt) -> None:
        """Counts one receipt."""
        for name, total in self.totals.items():
            total.update(receipt.header.get(name, {}))
        for index, why in receipt.skipped.items():
            self.skipped.setdefault(split, {})[str(index)] = why
        if "made_with" in receipt.header:
            key = json.dumps(receipt.header["made_with"], sort_keys=True)
            self.others[key] = self.others.get(key, 0) + len(receipt.lines)
        for line in receipt.lines:
            sample, found = line["sample"], {**line["files"], **line.get("pixels", {})}
            for name, value in found.items():
                self.content.add(f"{split}/{name}", value)
            self._use(sample)
            self.counts[split]["images"] += 1
            self.counts[split]["entities"] += len(sample["entities"])
            self.counts[split]["expressions"] += len(sample["expressions"])

    def _use(self, sample: dict[str, Any]) -> None:
        """Notes whose pictures a record shows; a damaged record is for others to tell."""
        scene = sample.get("scene")
        background = scene.get("background") if isinstance(scene, dict) else None
        things = [e.get("foreground") for e in sample["entities"] if isinstance(e, dict)]
        for kind, names in (("foregrounds", things), ("backgrounds", [background])):
            self.used[kind].update(name for name in names if isinstance(name, str))

    def counted(self) -> dict[str, Any]:
        """The counts as the manifest has them, without the content digest."""
        others = [{**json.loads(key), "images": images} for key, images in self.others.items()]
        return {
            "splits": {
                split: {name: counts[name] for name in ("images", "entities", "expressions")}
                for split, counts in self.counts.items()
            },
            "rejections": dict(sorted(self.totals["rejections"].items())),
            "given_up": dict(sorted(self.totals["given_up"].items())),
            "replaced": {
                "images": self.totals["replaced"]["images"],
                "reasons": dict(sorted(self.totals["reasons"].items())),
            },
            "used": attribution.counted(self.used),
            **({"skipped": self.skipped} if self.skipped else {}),
            **({"also_made_with": others} if others else {}),
        }


class Content:
    """The files of a dataset by path, each with its digest: of a PNG that of the decoded pixels,
    since no library guarantees its compression; else of the bytes. Any number of them."""

    def __init__(self, folder: Path) -> None:
        self._lines = SortedLines(folder)

    def add(self, name: str, value: str) -> None:
        """One more file. ValueError for a name that no file of a dataset has."""
        if "\0" in name:
            raise ValueError("a name with NUL")
        self._lines.add(f"{name}\0{value}".encode("utf-8", "surrogatepass"))

    def digest(self) -> str:
        """One digest of all, in the order of their paths."""
        whole = hashlib.sha256()
        for line in self._lines:
            whole.update(line.replace(b"\0", b" ", 1) + b"\n")
        return whole.hexdigest()


def finish(
    root: Path,
    described: Mapping[str, Any],
    wanted: Sequence[Shard],
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Merges the receipts of the shards `wanted` into OUT/<split>/samples.jsonl, RefMatte's label
    file, OUT/ATTRIBUTION.md and OUT/manifest.json; returns the manifest. No more than one receipt
    is ever in memory. `progress` is called with (images merged, images in total). RefMatteError if
    a receipt is missing."""
    tally, total = Tally(described["run"]["splits"], root), sum(s.stop - s.start for s in wanted)
    with disk_errors(root):
        done = 0
        if progress:
            progress(done, total)
        for split in tally.counts:
            own = [shard for shard in wanted if shard.split == split]
            for images in _merged(root, split, own, tally):
                done += images
                if progress:
                    progress(done, total)
        manifest = {
            **described,
            **tally.counted(),
            "content_digest": tally.content.digest(),
        }
        told = attribution.text(attribution.terms(manifest, tally.used)).encode()
        write_whole(root / attribution.FILE, told)
        manifest["attribution"] = digest(told)
        manifest["digest"] = own_digest(manifest)
        write_whole(
            root / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        )
    return manifest


def _merged(root: Path, split: str, wanted: Iterable[Shard], tally: Tally) -> Iterator[int]:
    """Writes the files of one split from its receipts, one after the other; of each, how many
    images it stands for."""
    folder, content, before = root / split, hashlib.sha256(), b"{\n"
    with (
        written_whole(folder / "samples.jsonl") as samples,
        written_whole(folder / f"refmatte_{split}_label.json") as labels,
    ):
        for shard in wanted:
            receipt = read_receipt(root, shard)
            if receipt is None:
                raise RefMatteError(
                    receipt_path(root, shard),
                    "disappeared during the run",
                    todo="run the same command again",
                )
            tally.add(split, receipt)
            for line in receipt.lines:
                record = jsonl([line["sample"]])
                samples.write(record)
                content.update(record)
                for entry in label_lines(line["sample"]):
                    labels.write(before + entry)
                    before = b",\n"
            yield shard.stop - shard.start
        labels.write(b"{}\n" if before == b"{\n" else b"\n}\n")
    tally.content.add(f"{split}/samples.jsonl", content.hexdigest())


def label_lines(sample: dict[str, Any]) -> Iterator[bytes]:
    """The lines of one sample in RefMatte's label file, without the commas between them."""
    for stem, entry in label_entries(sample):
        yield f"{json.dumps(stem)}: {json.dumps(entry, ensure_ascii=False)}".encode()
