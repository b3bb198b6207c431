"""Makes a dataset. The only module that knows the order of the stages."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from refmatte_engine import (
    attributes,
    expressions,
    layout,
    plan,
    relations,
    render,
    resources,
    twins,
)
from refmatte_engine import catalog as catalogs
from refmatte_engine.catalog import Catalog
from refmatte_engine.errors import RefMatteError
from refmatte_engine.expressions import Indescribable, Templates
from refmatte_engine.layout import Rejected
from refmatte_engine.manifest import describe, finish, made_with, run_digest, template_files
from refmatte_engine.parallel import processors, spread
from refmatte_engine.plan import Plan
from refmatte_engine.records import Change, Entity, Sample, Scene, to_json
from refmatte_engine.render import Rendering
from refmatte_engine.run import LayoutRules, Run
from refmatte_engine.sample_files import encoded
from refmatte_engine.shards import (
    OnExists,
    Shard,
    ShardWriter,
    disk_errors,
    read_receipt,
    run_folder,
    shards,
    write_whole,
)
from refmatte_engine.streams import sample_hex, stream

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Made:
    """A sample, its pixels, and the reasons why earlier attempts were dropped."""

    sample: Sample
    rendering: Rendering
    rejections: tuple[str, ...]


def make_samples(
    plan_: Plan, catalog: Catalog, templates: Templates, start: int, stop: int
) -> Iterator[Made]:
    """Samples `start` … `stop - 1` of the plan's split. What each holds depends on its index alone.

    RefMatteError when every attempt at one was rejected, with the reasons.
    """
    pair: tuple[Made, Made] | None = None
    for index in range(start, stop):
        change = plan.change(plan_, index)
        if change is None:
            yield make_sample(plan_, catalog, templates, index)
            continue
        if pair is None or index % 2 == 0:
            pair = _make_pair(plan_, catalog, templates, index - index % 2, change)
        yield pair[index % 2]


def make_sample(plan_: Plan, catalog: Catalog, templates: Templates, index: int) -> Made:
    """One sample that has no twin. RefMatteError as in `make_samples`."""
    ((sample, rendering),), reasons = _accepted(
        plan_, index, lambda attempt: (_attempt(plan_, catalog, templates, index, attempt),)
    )
    return Made(sample, rendering, reasons)


def _make_pair(
    plan_: Plan, catalog: Catalog, templates: Templates, index: int, change: Change
) -> tuple[Made, Made]:
    """Samples `index` and `index + 1`: the second has one change, by which at least one sentence of
    the first comes to mean something else."""

    def both(attempt: int) -> tuple[tuple[Sample, Rendering], ...]:
        first, rendering = _attempt(plan_, catalog, templates, index, attempt, change)
        rng = stream(plan_.run.seed, "twin", plan_.split, index, attempt)
        for scene in twins.changes(change, first, rendering, rng):
            with contextlib.suppress(Rejected, Indescribable):
                second, other = _described(
                    plan_, catalog, templates, index + 1, attempt, first.level, scene
                )
                told = twins.shared(change, first, second)
                if told is not None:
                    second = replace(second, expressions=told, twin=first.name, change=change)
                    first = replace(first, twin=second.name, change=change)
                    return (first, rendering), (second, other)
        raise Rejected("no_twin")

    try:
        (first, second), reasons = _accepted(plan_, index, both, plan.PATIENCE)
    except RefMatteError:
        # No change that changes a sentence: two images without a twin, and counted.
        first_alone, second_alone = (
            make_sample(plan_, catalog, templates, i) for i in (index, index + 1)
        )
        reasons = ("twin_given_up", *first_alone.rejections)
        return replace(first_alone, rejections=reasons), second_alone
    return Made(*first, reasons), Made(*second, ())


def _accepted(
    plan_: Plan,
    index: int,
    attempt_at: Callable[[int], tuple[tuple[Sample, Rendering], ...]],
    patience: float = 1.0,
) -> tuple[tuple[tuple[Sample, Rendering], ...], tuple[str, ...]]:
    """The first attempt that is not rejected, and the reasons why earlier ones were. Only the share
    `patience` of the layout's attempts is made."""
    reasons: list[str] = []
    attempts = math.ceil(patience * plan_.run.layout.max_attempts)
    for attempt in range(attempts):
        try:
            made = attempt_at(attempt)
        except (Rejected, Indescribable) as rejected:
            reasons.append(rejected.reason)
            continue
        if made[0][0].level != plan.planned_level(plan_, index):
            reasons.append("level_given_up")
        return made, tuple(reasons)
    counts = ", ".join(f"{reason} {n}×" for reason, n in Counter(reasons).most_common())
    raise RefMatteError(
        f"{plan_.split}/{index}",
        f"no acceptable scene in {attempts} attempts ({counts})",
        todo="loosen the layout's limits (min_visible_share, min_area, size, covered), add more "
        "varied assets, or raise max_attempts",
    )


def _attempt(
    plan_: Plan,
    catalog: Catalog,
    templates: Templates,
    index: int,
    attempt: int,
    change: Change | None = None,
) -> tuple[Sample, Rendering]:
    run, split = plan_.run, plan_.split
    recipe = plan.recipe(plan_, index, attempt)
    chosen = [catalog.foregrounds[i] for i in recipe.foregrounds]
    if change and not twins.possible(change, chosen):
        raise Rejected("no_twin")
    scene = layout.sample_scene(
        recipe,
        chosen,
        catalog.backgrounds[recipe.background],
        run.layout.at(recipe.level),
        stream(run.seed, "layout", split, index, attempt),
    )
    return _described(plan_, catalog, templates, index, attempt, recipe.level, scene)


def _described(
    plan_: Plan,
    catalog: Catalog,
    templates: Templates,
    index: int,
    attempt: int,
    level: str,
    scene: Scene,
) -> tuple[Sample, Rendering]:
    """The scene rendered, accepted, measured and put into words."""
    run, split = plan_.run, plan_.split
    rendering = render_scene(scene, catalog)
    placed = [catalog.foregrounds[p.foreground] for p in scene.placements]
    found = render.entities(rendering, scene, placed)
    accept(found, scene.layout, scene.canvas_hw, run.layout.at(level))
    found = measured(found, scene, rendering, catalog)
    said = expressions.express(
        found, scene.canvas_hw, templates, stream(run.seed, "words", split, index, attempt)
    )
    name = f"{run.name}_{split}_{sample_hex(run.seed, split, index)}"
    related = relations.between(found, scene.canvas_hw)
    sample = Sample(split, index, attempt, level, name, scene, found, related, said)
    return sample, rendering


def render_scene(scene: Scene, catalog: Catalog) -> Rendering:
    """The pixels of a scene whose assets are in `catalog`."""
    background = catalogs.background_pixels(catalog.backgrounds[scene.background], catalog)
    cutouts = []
    for placement in scene.placements:
        x0, y0, x1, y1 = placement.box_xyxy
        foreground = catalog.foregrounds[placement.foreground]
        cutouts.append(catalogs.pixels(foreground, catalog, (y1 - y0, x1 - x0)))
    return render.render(scene, background, cutouts)


def measured(
    found: tuple[Entity, ...], scene: Scene, rendering: Rendering, catalog: Catalog
) -> tuple[Entity, ...]:
    """The entities with their attributes, measured on the final picture or taken from labels."""
    told = []
    for entity, layer, placement in zip(found, rendering.layers, scene.placements, strict=True):
        foreground = catalog.foregrounds[entity.foreground]
        if placement.hue_deg:
            foreground = attributes.recoloured(foreground)
        facts = attributes.measure(rendering.image, layer.visible, layer.box_xyxy, foreground)
        told.append(replace(entity, attributes=attributes.placed(facts, placement)))
    return tuple(told)


def accept(
    found: tuple[Entity, ...], kind: str, canvas_hw: tuple[int, int], rules: LayoutRules
) -> None:
    """Rejected, with the reason, when the picture breaks the layout's rules."""
    for entity in found:
        covered = sum(share for _, share in entity.covered_by)
        if entity.visible_share < rules.min_visible_share:
            raise Rejected("too_hidden")
        if entity.area_px < rules.min_area * canvas_hw[0] * canvas_hw[1]:
            raise Rejected("too_small")
        if kind != "front_behind" and covered > rules.touch:
            raise Rejected("overlap")
    if kind == "front_behind":
        covered = sum(share for _, share in found[0].covered_by)
        if not rules.covered[0] <= covered <= rules.covered[1]:
            raise Rejected("covered_too_little" if covered < rules.covered[0] else "too_hidden")


def generate(
    run: Run,
    out: str | Path,
    *,
    workers: int = 1,
    on_exists: OnExists = "resume",
    catalog: Catalog | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Makes the dataset of `run` in folder `out` and returns its manifest.

    The same run gives the same bytes for any number of workers and after any interruption.
    `progress(done, total)` is called with numbers of images.
    InputError for a run that cannot start; RefMatteError for one that fails; KeyboardInterrupt
    passes through. In all cases finished shards stay, and the same call resumes.
    """
    root = Path(out)
    templates = expressions.load(expressions_file(run))
    catalog = catalog or catalogs.load(run.packs, split_seed=run.seed, test_share=run.test_share)
    plans = {
        split: plan.make_plan(run, catalog, split) for split, images in run.splits.items() if images
    }
    here = {"packs": dict(zip((info.name for info in catalog.packs), run.packs, strict=True))}
    with run_folder(root, describe(run, catalog, templates), on_exists, here) as described:
        for name, data in template_files(templates).items():
            write_whole(root / "templates" / name, data)
        wanted = shards(run.splits, run.shard_size)
        total = sum(run.splits.values())
        todo = [shard for shard in wanted if read_receipt(root, shard) is None]
        done = total - sum(shard.stop - shard.start for shard in todo)
        if progress:
            progress(done, total)
        header: dict[str, Any] = {"run": run_digest(described)}
        if any(described[key] != value for key, value in made_with().items()):
            header |= {"made_with": made_with()}
        for finished in _run_shards(root, todo, plans, catalog, templates, header, workers):
            done += finished
            if progress:
                progress(done, total)
        return finish(root, described, wanted)


def expressions_file(run: Run) -> Path:
    """The template file that the run's expressions come from."""
    return resources.template(run.expressions, "expressions")


def _run_shards(
    root: Path,
    todo: list[Shard],
    plans: dict[str, Plan],
    catalog: Catalog,
    templates: Templates,
    header: dict[str, Any],
    workers: int,
) -> Iterator[int]:
    yield from spread(
        _make_shard,
        ((root, shard, plans[shard.split], catalog, templates, header) for shard in todo),
        workers=min(workers or processors(), max(1, len(todo))),
        ordered=False,
        kept=True,
    )


def _make_shard(
    root: Path,
    shard: Shard,
    plan_: Plan,
    catalog: Catalog,
    templates: Templates,
    header: dict[str, Any],
) -> int:
    """Makes and publishes one shard; returns its number of images."""
    rejections: Counter[str] = Counter()
    with disk_errors(root):
        writer = ShardWriter(root, shard)
        for made in make_samples(plan_, catalog, templates, shard.start, shard.stop):
            rejections.update(made.rejections)
            files, pixels = encoded(made.sample, made.rendering, plan_.run.image)
            writer.add(to_json(made.sample), files, pixels)
        writer.publish({**header, "rejections": dict(sorted(rejections.items()))})
    return shard.stop - shard.start
