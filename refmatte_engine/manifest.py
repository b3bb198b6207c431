"""What a finished run says of itself: samples, labels in RefMatte's layout, and the manifest."""

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

from refmatte_engine.errors import RefMatteError
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


def label_entries(sample: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """RefMatte's label entries, by mask stem, of one sample record given as JSON.

    Existing loaders read `image_name` and `expressions`; everything else is ours.
    """
    for entity in sample["entities"]:
        k = entity["index"]
        own = [e for e in sample["expressions"] if e["referents"] == [k]]
        said = [e for e in own if e["kind"] != "keyword"]
        keyword = next(
            (e for e in sample["expressions"] if e["kind"] == "keyword" and k in e["referents"]),
            None,
        )
        is_unique = bool(keyword and keyword["referents"] == [k])
        settings = (("keyword", is_unique), ("expression", bool(said)))
        yield (
            f"{sample['name']}_{k}",
            {
                "image_name": sample["name"],
                "expressions": [e["text"] for e in said],
                "kinds": [e["kind"] for e in said],
                "keyword": keyword["text"] if keyword else entity["category"],
                "keyword_unique": is_unique,
                "settings": [setting for setting, is_possible in settings if is_possible],
                "category": entity["category"],
                "kind_of_thing": entity["kind"],
                "attributes": [
                    {key: a[key] for key in ("name", "value", "part", "source") if key in a}
                    for a in entity.get("attributes", [])
                ],
                "bbox_xyxy": entity["box_xyxy"],
                "relation": sample["scene"]["layout"],
            },
        )


def content_digest(hashes: dict[str, str]) -> str:
    """One digest for a dataset: of the sorted paths and SHA-256 hashes of all its files."""
    return digest("".join(f"{name} {hashes[name]}\n" for name in sorted(hashes)).encode())
