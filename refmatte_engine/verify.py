"""Checks a dataset as a sceptic would: every file, every matte, every pixel, every sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import joblib
import numpy as np
from numpy.typing import NDArray

from refmatte_engine import catalog as catalogs
from refmatte_engine import image_io, layout, pipeline
from refmatte_engine.catalog import Catalog
from refmatte_engine.dataset import Dataset, seen
from refmatte_engine.errors import RefMatteError
from refmatte_engine.ground import NOT_CERTAIN, refuted
from refmatte_engine.manifest import content_digest
from refmatte_engine.records import Entity, Sample
from refmatte_engine.refmatte_layout import label_entries
from refmatte_engine.run import Run
from refmatte_engine.shards import digest

BATCH = 16


@dataclass(frozen=True, slots=True)
class Report:
    """`problems`, one line each, and a one-line `summary` of what was checked."""

    problems: tuple[str, ...]
    summary: str


def verify(
    root: str | Path,
    *,
    workers: int = 1,
    pixels: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Compares everything in the dataset `root` with everything else.

    Files against their hashes and the manifest's digest; labels against samples; mattes against
    records and against each other; sentences against two sets of facts, the recorded and those
    measured on the matte files; and, with `pixels`, images and mattes against a new rendering.
    InputError when the folder is no finished dataset.
    """
    dataset = Dataset(root)
    problems = list(_files(dataset))
    catalog = None
    run = Run.model_validate(dataset.manifest["run"])
    if pixels:
        try:
            catalog = _catalog(dataset, run)
        except RefMatteError as error:
            problems.append(f"cannot render again: {error}; --no-pixels checks without the packs")
    samples: list[Sample] = []
    try:
        samples += dataset.samples()
    except RefMatteError as error:
        problems.append(str(error))
    batches = [samples[i : i + BATCH] for i in range(0, len(samples), BATCH)]
    tasks = (joblib.delayed(_batch)(dataset.root, run, batch, catalog) for batch in batches)
    done = 0
    for batch, found in zip(
        batches, joblib.Parallel(n_jobs=workers, return_as="generator")(tasks), strict=True
    ):
        problems += found
        done += len(batch)
        if progress:
            progress(done, len(samples))
    sentences = sum(len(sample.expressions) for sample in samples)
    verdict = f"{len(problems)} problems" if problems else "all agree"
    rendered = "re-rendered" if catalog else "not re-rendered"
    summary = f"{len(samples)} images {rendered}, {sentences} sentences grounded again: {verdict}"
    return Report(tuple(problems), summary)


def _catalog(dataset: Dataset, run: Run) -> Catalog:
    catalog = catalogs.load(run.packs, split_seed=run.seed, test_share=run.test_share)
    if catalog.digest != dataset.manifest["catalog_digest"]:
        raise RefMatteError(
            ", ".join(run.packs), "the packs have changed since the dataset was made"
        )
    return catalog


def _files(dataset: Dataset) -> Iterator[str]:
    """Problems with the files as such: missing, changed, left over, or not what the labels say."""
    root = dataset.root
    hashes: dict[str, str] = {}
    for split, counts in dataset.manifest["splits"].items():
        folder = root / split
        expected: dict[str, str] = {}
        recorded: list[dict[str, Any]] = []
        for receipt in sorted((folder / ".shards").glob("*.jsonl")):
            try:
                _, *lines = (json.loads(line) for line in receipt.read_text("utf-8").splitlines())
                recorded += [line["sample"] for line in lines]
                for line in lines:
                    expected.update(line["files"])
            except (OSError, ValueError, KeyError, TypeError):
                yield f"{receipt}: is not a shard's receipt"
        labels_name = f"refmatte_{split}_label.json"
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            name = path.relative_to(folder).as_posix()
            if name.startswith(".shards/"):
                continue
            actual = digest(path.read_bytes())
            hashes[f"{split}/{name}"] = actual
            if name in ("samples.jsonl", labels_name):
                continue
            if name not in expected:
                yield f"{path}: does not belong to the dataset"
            elif expected[name] != actual:
                yield f"{path}: was changed after it was written"
        for name in sorted(expected.keys() - {h.removeprefix(f"{split}/") for h in hashes}):
            yield f"{folder / name}: is missing"
        yield from _labels(folder, labels_name, recorded, counts)
    if content_digest(hashes) != dataset.manifest.get("content_digest"):
        yield f"{root}: the files are not the ones the manifest was made for (content digest)"


def _labels(
    folder: Path, labels_name: str, recorded: list[dict[str, Any]], counts: dict[str, int]
) -> Iterator[str]:
    """Problems with one split's samples.jsonl and label file, against the shards' receipts."""
    path = folder / "samples.jsonl"
    try:
        samples = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        labels = json.loads((folder / labels_name).read_text("utf-8"))
    except (OSError, ValueError) as error:
        yield f"{folder}: samples or labels cannot be read: {error}"
        return
    for number, (ours, theirs) in enumerate(zip(samples, recorded, strict=False), 1):
        if ours != theirs:
            yield f"{path}:{number}: differs from the shard's receipt"
    if len(samples) != len(recorded) or len(samples) != counts["images"]:
        yield f"{path}: {len(samples)} samples, {counts['images']} in the manifest"
    expected = {stem: entry for sample in recorded for stem, entry in label_entries(sample)}
    for stem in sorted(expected.keys() | labels.keys()):
        if expected.get(stem) != labels.get(stem):
            yield f"{folder / labels_name}: {stem}: differs from the sample it describes"


def _batch(root: Path, run: Run, batch: list[Sample], catalog: Catalog | None) -> list[str]:
    cv2.setNumThreads(1)
    dataset = Dataset(root)
    return [problem for s in batch for problem in check_sample(dataset, run, s, catalog)]


def check_sample(
    dataset: Dataset, run: Run, sample: Sample, catalog: Catalog | None
) -> Iterator[str]:
    """Problems with one sample's mattes, sentences and (given the catalog) pixels."""
    at = f"{dataset.root / sample.split}: {sample.name}"
    try:
        image = image_io.read_rgb(dataset.image_path(sample))
        alphas = [image_io.read_alpha(dataset.alpha_path(sample, e.index)) for e in sample.entities]
    except RefMatteError as error:
        yield str(error)
        return
    if any(alpha.shape != image.shape[:2] for alpha in alphas):
        yield f"{at}: a matte is not of the image's size"
        return
    if alphas and np.sum(alphas, axis=0, dtype=np.uint16).max() > 255:
        yield f"{at}: alphas add up to more than 1"
    try:
        found = tuple(seen(e, a) for e, a in zip(sample.entities, alphas, strict=True))
    except ValueError:
        yield f"{at}: a matte is empty"
        return
    for entity, measured in zip(sample.entities, found, strict=True):
        if not _agree(entity, measured):
            yield f"{at}_{entity.index}: the matte is not where the record says"
    yield from _sentences(sample, found, at)
    if catalog is not None:
        yield from _pixels(dataset, run, sample, catalog, image, alphas, at)


def _agree(record: Entity, measured: Entity) -> bool:
    """Boxes exactly; centroids and areas within what the record rounds away."""
    numbers = zip(
        (*record.centroid_xy, record.area_px),
        (*measured.centroid_xy, measured.area_px),
        strict=True,
    )
    return record.box_xyxy == measured.box_xyxy and all(abs(a - b) <= 0.06 for a, b in numbers)


def _sentences(sample: Sample, seen: tuple[Entity, ...], at: str) -> Iterator[str]:
    """Every sentence must pick its referents, by the record and by the mattes."""
    owner: dict[str, tuple[int, ...]] = {}
    for expression in sample.expressions:
        for facts, entities in (("record", sample.entities), ("mattes", seen)):
            # A keyword names whatever may be called so; every other sentence has to be certain.
            why = refuted(expression, entities, sample.scene.canvas_hw)
            if why and not (expression.kind == "keyword" and why == NOT_CERTAIN):
                yield f"{at}: by its {facts}, {expression.text!r} {why}"
        if expression.kind != "keyword":
            other = owner.setdefault(expression.text, expression.referents)
            if other != expression.referents:
                yield f"{at}: {expression.text!r} is said of two entities"


def _pixels(
    dataset: Dataset,
    run: Run,
    sample: Sample,
    catalog: Catalog,
    image: NDArray[np.uint8],
    alphas: list[NDArray[np.uint8]],
    at: str,
) -> Iterator[str]:
    """The scene rendered, encoded and measured again must give what is on disk."""
    try:
        rendering = pipeline.render_scene(sample.scene, catalog)
    except (KeyError, layout.Rejected) as error:
        yield f"{at}: the scene cannot be rendered again ({error})"
        return
    files = pipeline.files_of(sample, rendering, run)
    image_again = files.pop(f"img/{sample.name}.{run.image.format}")
    if not np.array_equal(image_io.decode_rgb(image_again, at), image):
        yield f"{at}: the image is not what its scene renders to"
    for entity, alpha in zip(sample.entities, alphas, strict=True):
        if not np.array_equal(rendering.visible_alpha_u8(entity.index), alpha):
            yield f"{at}_{entity.index}: the matte is not what its scene renders to"
    measured = pipeline.measured(sample.entities, sample.scene, rendering, catalog)
    for entity, again in zip(sample.entities, measured, strict=True):
        if entity.attributes != again.attributes:
            yield f"{at}_{entity.index}: its attributes are not those of the picture"
