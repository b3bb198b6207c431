"""Verification of a dataset, as a sceptic would: every file, every matte, every pixel, every
sentence.

It cannot detect a dataset that somebody remade as a whole, with this engine or one like it: for
that, keep the manifest's digest elsewhere.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from refmatte_engine.config.run import Run
from refmatte_engine.config.strict_yaml import read_text
from refmatte_engine.dataset import address
from refmatte_engine.dataset.manifest import FORMAT
from refmatte_engine.dataset.reader import Dataset, seen
from refmatte_engine.errors import RefMatteError
from refmatte_engine.generation import remaking, statements
from refmatte_engine.generation.inventory import Inventory, Piece, changed
from refmatte_engine.generation.remaking import Assets
from refmatte_engine.generation.sample_files import pixel_digest
from refmatte_engine.images import image_io
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.parallel import Progress, spread
from refmatte_engine.records import Entity, Sample
from refmatte_engine.storage import stand_in

KEPT = 1000  # problems in a report


@dataclass(frozen=True, slots=True)
class Report:
    """The first KEPT `problems`, one line each, `count` of all, and a one-line `summary` of what
    was checked."""

    problems: tuple[str, ...]
    count: int
    summary: str


def verify(
    root: str | Path,
    *,
    workers: int = 1,
    pixels: bool = True,
    packs: Sequence[str | Path] = (),
    relight: str | None = None,
    progress: Progress | None = None,
    fetching: Progress | None = None,
) -> Report:
    """Compares everything in the dataset at `root`, a folder or a URL, with everything else.

    Files against their hashes, receipts and the manifest; labels against samples; mattes against
    records and against each other; texts against their programs, told again from the recorded
    templates; programs against two sets of facts, the recorded and those measured on the matte
    files; and, with `pixels`, images, mattes and levels against a new rendering. `packs` are
    folders of packs that no longer lie where they lay. What relit a dataset is code of whoever made
    it: it is run only if `relight` names it, else nothing is rendered again.

    Of a dataset of an earlier format what there is: its scenes were drawn otherwise, and in format
    1 nothing covers the manifest and no templates lie beside it. InputError when the folder is no
    finished dataset. `progress` is called with (images, of how many), `fetching` with numbers of
    files of a URL.
    """
    with address.inspected(root, fetching) as found:
        return _report(found, workers, pixels, packs, relight, progress)


def _report(
    inspected: address.Inspected,
    workers: int,
    pixels: bool,
    packs: Sequence[str | Path],
    relight: str | None,
    progress: Progress | None,
) -> Report:
    dataset = Dataset(inspected.root)
    run = dataset.run
    given = remaking.folders_by_name(dataset, run, packs)
    inventory = Inventory(dataset, run, inspected.names)
    problems, count = list[str](), 0

    def note(found: Iterable[str]) -> None:
        nonlocal count
        for problem in found:
            count += 1
            if count <= KEPT:
                problems.append(problem)

    note(inventory.about())
    assets = None
    known = not run.relight or relight is not None
    if pixels and known and dataset.manifest["format"] == FORMAT:
        try:
            remaking.relit(dataset, run, relight)
            assets = remaking.assets(dataset, run, given)
        except RefMatteError as error:
            note([f"cannot render again: {error}; --no-pixels checks without the packs"])
    words = None
    try:
        words = _templates(dataset)
    except RefMatteError as error:
        note([str(error)])
    images = sentences = 0
    pieces = (piece for split in dataset.splits for piece in inventory.pieces(split))
    tasks = ((dataset.root, run, piece, assets) for piece in pieces)
    for checked, said, more in spread(_piece, tasks, workers=workers):
        images, sentences = images + checked, sentences + said
        note(more)
        if progress:
            progress(images, len(dataset))
    note(inventory.rest())
    verdict = f"{count} problem{'s' * (count > 1)}" if count else "all agree"
    how = "re-rendered" if assets else "not re-rendered"
    told = "grounded and told again" if words else "grounded again"
    summary = f"{images} images {how}, {sentences} sentences {told}: {verdict}"
    reservations = "; ".join(_reservations(dataset.manifest, words, "" if known else run.relight))
    told_of = f"{summary} ({reservations})" if reservations else summary
    return Report(tuple(problems), count, told_of)


def _reservations(
    manifest: Mapping[str, Any], words: Templates | None, unknown: str | None
) -> Iterator[str]:
    """What the verdict cannot mean, in words."""
    if manifest["format"] == 1:
        yield (
            "format 1: words are judged by this version's rules, texts are not told again, and "
            "nothing covers the manifest"
        )
    if manifest["format"] < FORMAT:
        yield (
            f"format {manifest['format']}: its scenes were drawn as earlier versions draw them, so "
            "they are not rendered again"
        )
    if unknown:
        yield f"its things were relit by {unknown}, code that runs only with --relight {unknown}"
    if skipped := sum(map(len, manifest.get("skipped", {}).values())):
        yield f"{skipped} images were skipped when it was made"
    made, now = manifest.get("engine"), version("refmatte-engine")
    if made != now:
        yield f"made with refmatte-engine {made}, judged by {now}"
    elif words is not None and words.digest != manifest.get("templates_digest"):
        yield "the engine's own words are not those it was made with"


def _templates(dataset: Dataset) -> Templates | None:
    """The dataset's own templates; None in format 1. InputError if they cannot be read."""
    files = dataset.template_files
    return None if files is None else _loaded(*files, *(read_text(file) for file in files))


@lru_cache(maxsize=2)
def _loaded(file: Path, words: Path, *_texts: str) -> Templates:
    """Once a process, as long as the files stay as they are."""
    return load_templates(file, words)


def _piece(root: Path, run: Run, piece: Piece, assets: Assets | None) -> tuple[int, int, list[str]]:
    """How many images and sentences were checked, and what is wrong with them."""
    with stand_in.brought(root, filter(piece.has, piece.files)):
        return _checked(root, run, piece, assets)


def _checked(
    root: Path, run: Run, piece: Piece, assets: Assets | None
) -> tuple[int, int, list[str]]:
    dataset, words = Dataset(root), None
    with contextlib.suppress(RefMatteError):  # said already
        words = _templates(dataset)
    found = [*piece.problems, *changed(root, piece)]
    digests = {name: pixels for name, (_, pixels) in piece.files.items() if pixels is not None}
    images = sentences = 0
    before: Sample | None = None
    group: list[Sample] = []
    together, of_group = run.siblings or 1, -1
    gaps = sorted(dataset.skipped(piece.split))
    for number, line in enumerate(piece.lines, piece.start):
        place = _place(number, gaps)
        before = before if _place(number - 1, gaps) == place - 1 else None
        try:
            sample = dataset.sample_file(piece.split).parsed(line, number)
        except RefMatteError as error:
            found.append(str(error))
            before = None
            continue
        found += statements.misplaced(dataset, run, sample, place, before)
        group = group if place // together == of_group else []
        of_group = place // together
        found += statements.unlike(sample, group, digests, _at(dataset, sample))
        group.append(sample)
        found += check_sample(dataset, run, sample, words, digests, assets)
        images, sentences, before = images + 1, sentences + len(sample.expressions), sample
    return images, sentences, found


def _at(dataset: Dataset, sample: Sample) -> str:
    return f"{dataset.root / sample.split / 'samples.jsonl'}: {sample.name}"


def _place(number: int, gaps: Sequence[int]) -> int:
    """The index of sample `number` of a split without those at `gaps`."""
    for gap in gaps:
        number += gap <= number
    return number


def check_sample(
    dataset: Dataset,
    run: Run,
    sample: Sample,
    words: Templates | None,
    digests: Mapping[str, str],
    assets: Assets | None,
) -> Iterator[str]:
    """Problems with one sample's mattes, sentences and (given the assets) pixels. `digests` are
    those of the pixels of its PNGs, by path, as far as they are recorded."""
    at = _at(dataset, sample)
    try:
        image = image_io.read_rgb(dataset.image_path(sample))
        alphas = [image_io.read_alpha(dataset.alpha_path(sample, e.index)) for e in sample.entities]
    except RefMatteError as error:
        yield str(error)
        return
    files, form = {dataset.image_path(sample): image}, dataset.manifest["format"]
    files |= {
        dataset.alpha_path(sample, e.index): alpha
        for e, alpha in zip(sample.entities, alphas, strict=True)
    }
    for file, pixels in files.items():
        name = file.relative_to(dataset.root).as_posix()
        if name in digests and digests[name] != pixel_digest(pixels, form):
            yield f"{file}: its pixels are not those that its shard's receipt has"
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
    judged = tuple(map(_judged, sample.entities, found))
    for entity, by in zip(sample.entities, judged, strict=True):
        if by is not entity:
            yield f"{at}_{entity.index}: the matte is not where the record says (box_xyxy, …)"
    yield from statements.problems(sample, judged, words, at)
    if assets is not None:
        yield from remaking.problems(run, sample, assets, image, alphas, at)


def _judged(record: Entity, measured: Entity) -> Entity:
    """By what sentences are judged: the record, where its matte differs by no more than what the
    record rounds away, which one near a limit must not be judged by; else what was measured."""
    xy = zip(record.centroid_xy, measured.centroid_xy, strict=True)
    agree = (
        record.box_xyxy == measured.box_xyxy
        and all(abs(a - b) < 0.006 for a, b in xy)
        and abs(record.area_px - measured.area_px) < 0.06
    )
    return record if agree else measured
