"""Remaking a dataset: finds its packs, then plans, renders and measures every scene again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from refmatte_engine import errors
from refmatte_engine.config.resources import STUDIO, pack_file
from refmatte_engine.config.run import Run
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.run_folder import HERE, RUN_FILE, read_run_file
from refmatte_engine.errors import InputError, RefMatteError, listed
from refmatte_engine.generation import compose
from refmatte_engine.generation.sample_files import encoded
from refmatte_engine.images import image_io
from refmatte_engine.packs import run_catalog
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.packs.pack import read as read_pack
from refmatte_engine.randomness import stream
from refmatte_engine.records import Entity, Sample, Scene
from refmatte_engine.scene import backdrop, layout, outcomes, plan, relight, render
from refmatte_engine.scene.plan import Plan
from refmatte_engine.storage.remote import is_url

FACTS = tuple(sorted(field.name for field in fields(Entity)))


@dataclass(frozen=True)
class Assets:
    """What is needed to recompute a dataset's pixels."""

    catalog: Catalog
    plans: Mapping[str, Plan]


def assets(dataset: Dataset, run: Run, given: Mapping[str, str]) -> Assets:
    """The run's packs as they are now. RefMatteError if they are not those it was made of."""
    manifest = dataset.manifest
    folders = _folders(dataset, run, given)
    catalog = run_catalog.of_run(run, list(folders.values()))
    recorded = manifest.get("packs", {})
    for name, digest in catalog.pack_digests.items():
        if name in recorded and recorded[name] != digest:
            raise RefMatteError(
                folders[name], f"the pack {name!r} has changed since the dataset was made"
            )
    if catalog.digest != manifest["catalog_digest"]:
        raise RefMatteError(
            listed(folders.values()), "the packs have changed since the dataset was made"
        )
    if catalog.licences != manifest["licences"]:
        raise RefMatteError(dataset.root / "manifest.json", "licences: are not those of the packs")
    for key, found in (("terms", catalog.own_terms), ("selection", catalog.selection)):
        if key in manifest and found != manifest[key]:
            raise RefMatteError(
                dataset.root / "manifest.json", f"{key}: is not what the packs and the run give"
            )
    wanted = [split for split, images in run.splits.items() if images]
    return Assets(catalog, {split: plan.make_plan(run, catalog, split) for split in wanted})


def _names(dataset: Dataset, run: Run) -> list[str]:
    """The names of the run's packs. Format 1 has paths, in the order of the licences."""
    return list(run.packs if dataset.manifest["format"] > 1 else dataset.manifest["licences"])


def folders_by_name(dataset: Dataset, run: Run, packs: Sequence[str | Path]) -> dict[str, str]:
    """The folders of packs by their names. InputError if the dataset is made of no such pack."""
    given = {read_pack(pack).about.name: str(pack) for pack in packs}
    for name, folder in given.items():
        if name not in _names(dataset, run):
            raise InputError(
                folder, f"is the pack {name!r}, which the dataset is not made from",
                allowed=listed(_names(dataset, run)),
            )  # fmt: skip
    return given


def _folders(dataset: Dataset, run: Run, given: Mapping[str, str]) -> dict[str, str]:
    """Where each of the run's packs lies: as given, else where it lay when the run began."""
    names, known = _names(dataset, run), {STUDIO: STUDIO}
    here = read_run_file(dataset.root / RUN_FILE).get(HERE, {}).get("packs", {})
    known |= {str(name): str(folder) for name, folder in here.items()}
    known |= given
    for name in names:
        folder = known.get(name)
        is_there = folder and (is_url(folder) or pack_file(folder).is_file())
        if not is_there:
            raise RefMatteError(
                folder or dataset.root, f"the pack {name!r} was not found",
                todo="give its folder with --pack",
            )  # fmt: skip
    return {name: known[name] for name in names}


def problems(
    run: Run,
    sample: Sample,
    assets: Assets,
    image: NDArray[np.uint8],
    alphas: list[NDArray[np.uint8]],
    at: str,
) -> Iterator[str]:
    """What was planned, and the scene rendered, encoded and measured again, must give what is on
    disk."""
    catalog = assets.catalog
    if sample.split in assets.plans:
        yield from _plan(sample, assets.plans[sample.split], catalog, at)
    try:
        rendering = compose.render_scene(sample.scene, catalog, run.relight)
        placed = [catalog.foregrounds[p.foreground] for p in sample.scene.placements]
        found = render.entities(rendering.layers, sample.scene, placed, run.layout)
    except (KeyError, errors.Rejected, relight.Unfit) as error:
        yield f"{at}: the scene cannot be rendered again ({error})"
        return
    files, _ = encoded(sample, rendering, run.image)
    image_again = files[f"img/{sample.name}.{run.image.format}"]
    if not np.array_equal(image_io.decode_rgb(image_again, at), image):
        yield f"{at}: the image is not what its scene renders to{_at_random(run, sample, assets)}"
    for entity, alpha in zip(sample.entities, alphas, strict=True):
        if not np.array_equal(rendering.visible_alpha_u8(entity.index), alpha):
            yield f"{at}_{entity.index}: the matte is not what its scene renders to"
    measured = compose.measured(found, sample.scene, rendering, catalog)
    for entity, again in zip(sample.entities, measured, strict=True):
        for name in FACTS:
            if not _same(getattr(entity, name), getattr(again, name)):
                yield f"{at}_{entity.index}: {name}: is not that of the picture"


def _at_random(run: Run, sample: Sample, assets: Assets) -> str:
    """The end of a line on an image that is not as rendered again: whether a function of the user's
    own gives other colours each time."""
    if not run.relight:
        return ""
    one, two = (
        compose.render_scene(sample.scene, assets.catalog, run.relight).image for _ in range(2)
    )
    each_time = not np.array_equal(one, two)
    return f": {run.relight} gives other colours each time it is asked" if each_time else ""


def relit(dataset: Dataset, run: Run, given: str | None) -> None:
    """InputError unless the function that relit the dataset's things is `given`, and what it
    was."""
    recorded = dataset.manifest.get("relight", {})
    if given and given != run.relight:
        said = run.relight or "no function"
        raise InputError("--relight", f"{given!r} is not what relit the dataset", allowed=said)
    if given and relight.described(given) != recorded:
        before = recorded.get("version") or f"file digest {str(recorded.get('digest'))[:12]}"
        raise InputError(
            f"relight {given}", f"has changed since the dataset was made ({before})",
            todo="install the version that it was made with",
        )  # fmt: skip


def _same(one: Any, other: Any) -> bool:
    """Equality, but for the last digit of what is rounded."""
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        return all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= (0.0002 if abs(one) <= 1 else 0.11)
    return bool(one == other)


def _plan(sample: Sample, plan_: Plan, catalog: Catalog, at: str) -> Iterator[str]:
    """What the plan asks of the sample. Twins and siblings are planned as their first."""
    index = outcomes.planned_as(sample)
    planned = plan.sample_plan(plan_, index, sample.attempt)
    placed = sorted(p.foreground for p in sample.scene.placements)
    for name, is_value, wanted in (
        ("level", sample.level, planned.level),
        ("scene.layout", sample.scene.layout, planned.layout),
        ("scene.placements", placed, sorted(planned.foregrounds)),
        ("asked", sample.asked, outcomes.asked(plan_, sample)),
    ):
        if is_value != wanted:
            yield f"{at}: {name}: {is_value!r}, but the run plans {wanted!r}"
    if sample.sibling < 2 and sample.scene.background != planned.background:
        is_value = sample.scene.background
        yield f"{at}: scene.background: {is_value!r}, but the run plans {planned.background!r}"
    if sample.twin and index != sample.index:  # its scene is its twin's, changed
        return
    try:
        scene = layout.sample_scene(
            planned,
            [catalog.foregrounds[i] for i in planned.foregrounds],
            catalog.backgrounds[planned.background],
            plan_.run.layout.at(planned.level),
            stream(plan_.run.seed, "layout", sample.split, index, sample.attempt),
        )
    except errors.Rejected as error:
        yield f"{at}: scene: cannot be planned again ({error})"
        return
    if sample.siblings:
        scene = backdrop.plain(scene)
    if sample.sibling > 1:
        place = sample.scene.background
        moved = backdrop.before(plan_, catalog, scene, place, index, sample.attempt)
        if moved is None:
            yield f"{at}: scene: cannot be before {place!r}, which has no ground there"
            return
        scene = moved
    for field in fields(Scene):
        if getattr(scene, field.name) != getattr(sample.scene, field.name):
            yield f"{at}: scene.{field.name}: is not what the run draws"
