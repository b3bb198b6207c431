"""The manifest of a run: what is fixed when it begins, what is counted when it ends; and RefMatte's
label file."""

from __future__ import annotations

import io
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
from refmatte_engine.storage.files import digest, disk_errors, jsonl, write_whole

FORMAT = 2  # of a dataset on disk; in format 1 nothing covers the manifest, and packs are paths
TAKEN = ("templates", "gallery")  # folders beside the splits, so no names of splits
# What a manifest says is fixed when a run begins, but for the sizes of its splits, which may grow.
FIXED = (
    "format", "run", "packs", "catalog_digest", "templates", "templates_digest", "licences",
    "terms", "selection", "engine", "versions",
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
    """The counts over a run's receipts, in order."""

    def __init__(self, splits: Iterable[str]) -> None:
        self.counts: dict[str, Counter[str]] = {split: Counter() for split in splits}
        self.totals: dict[str, Counter[str]] = {name: Counter() for name in COUNTED}
        self.others: dict[str, int] = {}
        self.hashes: dict[str, str] = {}
        self.used: dict[str, set[str]] = {kind: set() for kind in attribution.KINDS}

    def add(self, split: str, receipt: Receipt) -> None:
        """Counts one receipt."""
        for name, total in self.totals.items():
            total.update(receipt.header.get(name, {}))
        if "made_with" in receipt.header:
            key = json.dumps(receipt.header["made_with"], sort_keys=True)
            self.others[key] = self.others.get(key, 0) + len(receipt.lines)
        for line in receipt.lines:
            sample, found = line["sample"], {**line["files"], **line.get("pixels", {})}
            self.hashes.update({f"{split}/{name}": value for name, value in found.items()})
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
            **({"also_made_with": others} if others else {}),
        }


def finish(root: Path, described: Mapping[str, Any], wanted: Sequence[Shard]) -> dict[str, Any]:
    """Merges the receipts of the shards `wanted` into OUT/<split>/samples.jsonl, RefMatte's label
    file, OUT/ATTRIBUTION.md and OUT/manifest.json; returns the manifest. RefMatteError if a
    receipt is missing."""
    tally = Tally(described["run"]["splits"])
    with disk_errors(root):
        for split in tally.counts:
            samples, labels = io.BytesIO(), io.BytesIO()
            for shard in (s for s in wanted if s.split == split):
                receipt = read_receipt(root, shard)
                if receipt is None:
                    raise RefMatteError(
                        receipt_path(root, shard),
                        "disappeared during the run",
                        todo="run the same command again",
                    )
                tally.add(split, receipt)
                for line in receipt.lines:
                    samples.write(jsonl([line["sample"]]))
                    for entry in label_lines(line["sample"]):
                        labels.write(b",\n" + entry if labels.tell() else b"{\n" + entry)
            labels.write(b"\n}\n" if labels.tell() else b"{}\n")
            tally.hashes[f"{split}/samples.jsonl"] = digest(samples.getvalue())
            write_whole(root / split / "samples.jsonl", samples.getvalue())
            write_whole(root / split / f"refmatte_{split}_label.json", labels.getvalue())
        manifest = {
            **described,
            **tally.counted(),
            "content_digest": content_digest(tally.hashes),
        }
        told = attribution.text(attribution.terms(manifest, tally.used)).encode()
        write_whole(root / attribution.FILE, told)
        manifest["attribution"] = digest(told)
        manifest["digest"] = own_digest(manifest)
        write_whole(
            root / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        )
    return manifest


def label_lines(sample: dict[str, Any]) -> Iterator[bytes]:
    """The lines of one sample in RefMatte's label file, without the commas between them."""
    for stem, entry in label_entries(sample):
        yield f"{json.dumps(stem)}: {json.dumps(entry, ensure_ascii=False)}".encode()


def content_digest(hashes: Mapping[str, str]) -> str:
    """One digest per dataset: of the sorted paths of its files and their contents. For a PNG that
    is the decoded pixels, since no library guarantees its compression; else the bytes."""
    return digest("".join(f"{name} {hashes[name]}\n" for name in sorted(hashes)).encode())
