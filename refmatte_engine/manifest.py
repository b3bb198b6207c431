"""What a finished run says of itself: samples, labels in RefMatte's layout, and the manifest."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from refmatte_engine.errors import RefMatteError
from refmatte_engine.refmatte_layout import label_entries
from refmatte_engine.shards import (
    Shard,
    digest,
    disk_errors,
    jsonl,
    read_receipt,
    receipt_path,
    write_whole,
)


def finish(
    root: Path,
    description: Mapping[str, Any],
    splits: Iterable[str],
    wanted: Sequence[Shard],
    licences: Mapping[str, Any],
) -> dict[str, Any]:
    """Merges the receipts of the shards `wanted` into OUT/<split>/samples.jsonl, RefMatte's label
    file and OUT/manifest.json; returns the manifest. RefMatteError when a receipt is gone."""
    hashes: dict[str, str] = {}
    rejections: Counter[str] = Counter()
    counts: dict[str, Counter[str]] = {split: Counter() for split in splits}
    with disk_errors(root):
        for split in splits:
            samples, labels = io.BytesIO(), io.BytesIO()
            for shard in (s for s in wanted if s.split == split):
                receipt = read_receipt(root, shard)
                if receipt is None:
                    raise RefMatteError(
                        receipt_path(root, shard),
                        "has vanished while the run went on",
                        todo="run the same command again",
                    )
                rejections.update(receipt.header["rejections"])
                for line in receipt.lines:
                    sample = line["sample"]
                    samples.write(jsonl([sample]))
                    for stem, entry in label_entries(sample):
                        pair = f"{json.dumps(stem)}: {json.dumps(entry, ensure_ascii=False)}"
                        labels.write(((",\n" if labels.tell() else "{\n") + pair).encode())
                    hashes.update({f"{split}/{name}": h for name, h in line["files"].items()})
                    counts[split]["images"] += 1
                    counts[split]["entities"] += len(sample["entities"])
                    counts[split]["expressions"] += len(sample["expressions"])
            labels.write(b"\n}\n" if labels.tell() else b"{}\n")
            for name, data in (
                ("samples.jsonl", samples.getvalue()),
                (f"refmatte_{split}_label.json", labels.getvalue()),
            ):
                write_whole(root / split / name, data)
                hashes[f"{split}/{name}"] = digest(data)
        manifest = {
            **description,
            "engine": version("refmatte-engine"),
            "versions": {
                "numpy": np.__version__,
                "opencv": cv2.__version__,
                "pillow": version("pillow"),
            },
            "splits": {
                split: {name: counts[split][name] for name in ("images", "entities", "expressions")}
                for split in splits
            },
            "rejections": dict(sorted(rejections.items())),
            "licences": licences,
            "content_digest": content_digest(hashes),
        }
        write_whole(
            root / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False).encode()
        )
    return manifest


def content_digest(hashes: dict[str, str]) -> str:
    """One digest for a dataset: of the sorted paths and SHA-256 hashes of all its files."""
    return digest("".join(f"{name} {hashes[name]}\n" for name in sorted(hashes)).encode())
