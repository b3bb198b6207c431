"""A small dataset with twins, groups and near misses, and the means to alter it behind its back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from refmatte_engine.config import resources
from refmatte_engine.config.layout_rules import Canvas, LayoutRules, Level
from refmatte_engine.config.run import Run
from refmatte_engine.dataset import manifest, refmatte_layout
from refmatte_engine.generation.dataset_run import generate
from refmatte_engine.images import image_io
from refmatte_engine.storage.files import digest, jsonl
from tests.conftest import BLUE, BROWN, GREEN, RED, YELLOW, disc, figure, landscape, slab, write_png

Sample = dict[str, Any]
SPLITS = {"train": 20, "test": 8}
COLORS = {"red": RED, "blue": BLUE, "green": GREEN, "yellow": YELLOW}


def make_pack(root: Path) -> Path:
    """A pack with the same kinds of things, in slightly other colours, in either split."""
    lines: list[dict[str, Any]] = []
    for number, split in enumerate(SPLITS):
        drawn = {
            f"ball/{name}": (disc(rgb, 6 + number), {"color": name}) for name, rgb in COLORS.items()
        }
        drawn |= {
            f"box/{name}": (slab(COLORS[name], (70 + number, 100)), {"color": name})
            for name in ("red", "green")
        }
        drawn |= {f"dog/{number}": (figure(BROWN, 4), {"color": ["brown"]})}
        for person, worn, name in (("woman", "sweater", "red"), ("man", "coat", "blue")):
            facts = {
                "gender": "female" if person == "woman" else "male",
                "clothes": [{"type": worn, "color": name}],
            }
            drawn[f"{person}/{name}"] = (figure(COLORS[name], 2), facts)
        for stem, (rgba, attributes) in drawn.items():
            rgba[..., :3] = np.clip(rgba[..., :3].astype(int) - 3 * number, 0, 255)
            file, category = f"foregrounds/{stem}_{split}.png", stem.split("/")[0]
            write_png(root / file, rgba)
            kind = {"dog": "animal", "woman": "human", "man": "human"}.get(category, "object")
            said = {"category": category, "kind": kind, "attributes": attributes}
            lines.append({"file": file, "split": split, "source": "recipe", **said})
        place = root / f"backgrounds/{split}.jpg"
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(image_io.encode_jpeg(landscape(number)))
        lines.append({"file": f"backgrounds/{split}.jpg", "split": split})
    (root / "labels.jsonl").write_bytes(jsonl(lines))
    (root / "pack.yaml").write_text(
        "name: forge\nlicence: CC0-1.0\nsource: drawn by the tests\ncredit: nobody\n"
    )
    return root


def make_dataset(root: Path) -> Path:
    """20 + 8 images, half of them in pairs of twins, with groups and near misses, in root/out."""
    english = resources.template("english", "expressions").read_text("utf-8")
    own = root / "own words.yaml"
    own.write_text(english.replace("\nkinds:", "\nalso: [group, none]\n\nkinds:", 1))
    rules = LayoutRules(
        canvas=Canvas(size=(120, 200)),
        entities={2: 1, 3: 1},
        levels={"plain": Level(same_category=0), "twins": Level(same_category=1)},
        counterfactual=0.5,
        changes={"exchanged": 1, "recoloured": 1},
        size=(0.25, 0.6),
        min_area=0.03,
    )
    run = Run(
        packs=[str(make_pack(root / "pack"))], splits=SPLITS, layout=rules,
        expressions=str(own), shard_size=8, seed=777,
    )  # fmt: skip
    generate(run, root / "out")
    return root / "out"


def records(root: Path) -> Iterator[tuple[str, Sample]]:
    """Every sample record, as JSON, with its split."""
    for split in SPLITS:
        for line in (root / split / "samples.jsonl").read_text("utf-8").splitlines():
            yield split, json.loads(line)


def forge(root: Path, change: Callable[[Sample], object]) -> None:
    """Lets `change` alter every sample, and then mends receipts, samples, labels and digests."""
    about = json.loads((root / "manifest.json").read_text("utf-8"))
    hashes: dict[str, str] = {}
    for split in about["splits"]:
        samples: list[Sample] = []
        for path in sorted((root / split / ".shards").glob("*.jsonl")):
            header, *lines = map(json.loads, path.read_text("utf-8").splitlines())
            for line in lines:
                change(line["sample"])
                samples.append(line["sample"])
                found = {**line["files"], **line["pixels"]}
                hashes |= {f"{split}/{name}": value for name, value in found.items()}
            path.write_bytes(jsonl([header, *lines]))
        (root / split / "samples.jsonl").write_bytes(jsonl(samples))
        hashes[f"{split}/samples.jsonl"] = digest(jsonl(samples))
        entries = (e for sample in samples for e in refmatte_layout.label_entries(sample))
        pairs = ",\n".join(
            f"{json.dumps(k)}: {json.dumps(v, ensure_ascii=False)}" for k, v in entries
        )
        label_file = root / split / f"refmatte_{split}_label.json"
        label_file.write_text(f"{{\n{pairs}\n}}\n", "utf-8")
    about["content_digest"] = content_digest(hashes)
    write_manifest(root, about)


def content_digest(hashes: dict[str, str]) -> str:
    """The content digest, as anybody would take it."""
    return digest("".join(f"{name} {hashes[name]}\n" for name in sorted(hashes)).encode())


def write_manifest(root: Path, about: dict[str, Any]) -> None:
    """A manifest whose own digest is right."""
    about["digest"] = manifest.own_digest(about)
    (root / "manifest.json").write_text(json.dumps(about, indent=1), "utf-8")


def recompressed(path: Path) -> None:
    """The same pixels in another stream."""
    pixels = image_io.read_alpha(path)
    before = path.read_bytes()
    for level in (1, 9, 0):
        assert cv2.imwrite(str(path), pixels, [cv2.IMWRITE_PNG_COMPRESSION, level])
        if path.read_bytes() != before:
            return
    raise AssertionError("no other stream")
