"""What each sample has to be, before any geometry: layout, number of entities, which assets.

Quotas hold in every block of consecutive samples, so a sample depends on its index alone, not on
how many samples there are or who made the ones before it; a larger run extends a smaller one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar, get_args

import numpy as np

from refmatte_engine import looks
from refmatte_engine.catalog import Catalog
from refmatte_engine.errors import InputError, listed
from refmatte_engine.records import Change, KindOfThing, Layout, Recipe
from refmatte_engine.run import Level, Run
from refmatte_engine.streams import stream

BLOCK = 20
PATIENCE = 0.5  # share of the attempts after which a level is given up
Choice = TypeVar("Choice")
Category = tuple[str, tuple[str, ...]]


class _Quotas(NamedTuple):
    layout: Layout
    level: str
    entities: int
    change: Change | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The assets of one split, sorted so that nothing depends on how they were found.

    `kinds` maps a kind to its categories, each a name and the ids of its foregrounds; `colors` maps
    an id to its labelled colours, main one first, `looks` to what can be said of its looks.
    `levels` are the levels of the layout that these assets can meet.
    """

    run: Run
    split: str
    kinds: Mapping[KindOfThing, tuple[Category, ...]]
    colors: Mapping[str, tuple[str, ...]]
    looks: Mapping[str, frozenset[tuple[str, ...]]]
    backgrounds: tuple[str, ...]
    levels: frozenset[str] = frozenset()


def make_plan(run: Run, catalog: Catalog, split: str) -> Plan:
    """The plan for `split`. InputError if the catalog lacks what the run needs."""
    found: dict[KindOfThing, dict[str, list[str]]] = {}
    colors, labelled = {}, {}
    for asset in sorted(catalog.foregrounds.values(), key=lambda f: f.id):
        if asset.split == split:
            found.setdefault(asset.kind, {}).setdefault(asset.category, []).append(asset.id)
            colors[asset.id] = looks.colors(asset)
            labelled[asset.id] = looks.labelled(asset)
    kinds = {
        kind: tuple((name, tuple(ids)) for name, ids in sorted(found[kind].items()))
        for kind in sorted(found)
    }
    backgrounds = tuple(sorted(b.id for b in catalog.backgrounds.values() if b.split == split))
    plan = Plan(run, split, kinds, colors, labelled, backgrounds)
    lack = _lack(plan)
    if lack:
        raise InputError(
            ", ".join(run.packs),
            f"{lack} for split {split!r}",
            allowed="every split of a run needs its own foregrounds and backgrounds",
            todo=f"add assets, label some `split: {split}`, or give the split 0 images",
        )
    return replace(plan, levels=_levels(plan))


def recipe(plan: Plan, index: int, attempt: int = 0) -> Recipe:
    """What sample `index` has to be. A later `attempt` keeps layout, level and number of entities,
    which are quotas, and draws other companions; every other one also another first entity. Late
    ones, and levels that the assets cannot meet, are given up for the easiest level."""
    run = plan.run
    rng = stream(run.seed, "plan", plan.split, index, attempt)
    layout, level, count, _ = _quotas(plan, index)
    if level not in plan.levels or attempt >= PATIENCE * run.layout.max_attempts:
        level = min(sorted(plan.levels), key=lambda name: run.layout.levels[name].needs)
    if run.groups is not None and index < _grouped_images(plan):
        chosen = _from_group(plan, index, count, rng)
    else:
        chosen = _from_all(plan, index, count, run.layout.levels[level], attempt, rng)
    order = rng.permutation(len(chosen))
    background = plan.backgrounds[int(rng.integers(len(plan.backgrounds)))]
    ids = tuple(chosen[i] for i in order)
    return Recipe(plan.split, index, attempt, layout, level, ids, background)


def change(plan: Plan, index: int) -> Change | None:
    """The one change that is to make samples `index` and its neighbour (2j and 2j + 1) a
    counterfactual pair; None if they are to be none."""
    quotas = _quotas(plan, index)
    return quotas.change if quotas.level in plan.levels else None


def planned_level(plan: Plan, index: int) -> str:
    """The level that the quotas give a sample; its recipe has it unless it was given up."""
    return _quotas(plan, index).level


def quota(weights: Mapping[Choice, float], size: int) -> list[Choice]:
    """`size` choices in proportion to their weights, by largest remainder.

    >>> quota({"left": 7, "top": 2, "front": 1}, 10).count("left")
    7
    """
    total = sum(weights.values())
    exact = {choice: size * weight / total for choice, weight in weights.items() if weight > 0}
    given = {choice: int(value + 1e-9) for choice, value in exact.items()}
    by_rest = sorted(exact, key=lambda choice: given[choice] - exact[choice])
    for choice in by_rest[: size - sum(given.values())]:
        given[choice] += 1
    return [choice for choice in weights for _ in range(given.get(choice, 0))]


def _quotas(plan: Plan, index: int) -> _Quotas:
    """What is fixed for one sample by its block.

    Layouts with a limit take the small numbers of the block first, and levels go where there are
    entities enough, so that each of the three keeps its quota. Front/behind always has two
    entities, as in RefMatte.
    """
    rules = plan.run.layout
    block, place = _place(plan, index)
    rng = stream(plan.run.seed, "block", plan.split, block)
    layouts = quota(rules.layouts, BLOCK)
    rng.shuffle(layouts)
    limits = {**rules.at_most, "front_behind": 2}
    numbers = sorted(quota(rules.entities, BLOCK))
    limited = [i for i in range(BLOCK) if layouts[i] in limits]
    limited.sort(key=lambda i: limits[layouts[i]])
    free = numbers[len(limited) :]
    rng.shuffle(free)
    counts = {i: min(n, limits[layouts[i]]) for i, n in zip(limited, numbers, strict=False)}
    counts |= dict(zip((i for i in range(BLOCK) if i not in counts), free, strict=True))
    counts |= {i: 2 for i in limited if layouts[i] == "front_behind"}
    levels = quota({name: level.share for name, level in rules.levels.items()}, BLOCK)
    needs = {name: level.needs for name, level in rules.levels.items()}
    rng.shuffle(levels)
    levels.sort(key=lambda name: needs[name] > 2)  # what needs three or more chooses last, ...
    by_count = sorted((int(i) for i in rng.permutation(BLOCK)), key=lambda i: counts[i] > 2)
    given = dict(zip(by_count, levels, strict=True))  # ... among the larger images
    alike = [i for i in by_count if rules.levels[given[i]].same_category]
    # Side by side, an exchange changes the most sentences and hides the least.
    alike.sort(key=lambda i: layouts[i] != "left_right")
    paired = alike[: round(rules.counterfactual * BLOCK)]
    # Objects alone are given other colours.
    kinds = _kinds(plan, block)
    paired.sort(key=lambda i: kinds[i] == "object")
    changes = quota(rules.changes, len(paired))
    rng.shuffle(changes)
    changes.sort(key=lambda name: name != "exchanged")
    twins = dict(zip(paired, changes, strict=True))
    count = max(counts[place], needs[given[place]])
    return _Quotas(layouts[place], given[place], count, twins.get(place))


def _place(plan: Plan, index: int) -> tuple[int, int]:
    """The block of a sample and its place there. Where there are counterfactuals, a place is two
    samples."""
    return divmod(index // 2 if plan.run.layout.counterfactual else index, BLOCK)


def _from_all(
    plan: Plan, index: int, count: int, level: Level, attempt: int, rng: np.random.Generator
) -> list[str]:
    """The first entity goes round all categories evenly; the others share its category or colour
    as often as the level says. Where nothing fits, the next attempt's first entity may."""
    block, at = _place(plan, index)
    kind = _kinds(plan, block)[at]
    categories = plan.kinds[kind]
    epoch, place = divmod(index + 7919 * (attempt // 2), len(categories))
    deck = stream(plan.run.seed, f"deck/{kind}", plan.split, epoch).permutation(len(categories))
    start = int(deck[place])
    for name, ids in [*categories[start:], *categories[:start], *_others(plan, kind)]:
        for first in (ids[i] for i in rng.permutation(len(ids))):
            chosen = _companions(plan, name, first, count, level, rng)
            if chosen:
                return chosen
    raise InputError(
        ", ".join(plan.run.packs),
        f"no {count} foregrounds for a level of {level.model_dump(exclude_none=True)} in "
        f"split {plan.split!r}",
        todo="add assets (same_color needs labelled colours), or change the level",
    )


def _companions(
    plan: Plan, name: str, first: str, count: int, level: Level, rng: np.random.Generator
) -> list[str]:
    """`first` and what goes with it; empty if the level cannot be met."""
    chosen, used = [first], {name}
    color = next(iter(plan.colors[first]), "")
    if level.same_color and not color:
        return []
    for place in range(count - 1):
        same_category = level.same_category is not None and place < level.same_category
        same_color = level.same_color is not None and place >= count - 1 - level.same_color
        fitting = [
            (kind, category, fits)
            for kind, categories in plan.kinds.items()
            for category, ids in categories
            if (category == name if same_category else _distinct(level, category, used))
            for fits in [[i for i in ids if _fits(plan, i, chosen, color, level, same_color)]]
            for fits in [_unlike(plan, fits, chosen) if same_category else fits]
            if fits
        ]
        if not fitting:
            return []
        weights = np.array([_kind_weights(plan)[kind] for kind, _, _ in fitting])
        for kind in {kind for kind, _, _ in fitting}:  # a kind's weight, shared by its categories
            mine = np.array([k == kind for k, _, _ in fitting])
            weights[mine] /= mine.sum()
        if weights.sum() == 0:
            return []
        _, category, fits = fitting[int(rng.choice(len(fitting), p=weights / weights.sum()))]
        used.add(category)
        chosen.append(fits[int(rng.integers(len(fits)))])
    return chosen


def _distinct(level: Level, category: str, used: set[str]) -> bool:
    return level.same_category is None or category not in used


def _fits(
    plan: Plan, asset: str, chosen: list[str], color: str, level: Level, same_color: bool
) -> bool:
    if asset in chosen:
        return False
    return level.same_color is None or (plan.colors[asset][:1] == (color,)) == same_color


def _unlike(plan: Plan, fits: list[str], chosen: list[str]) -> list[str]:
    """Those that words can tell from every chosen one: each has a look that the other lacks."""

    def differ(one: str, other: str) -> bool:
        a, b = plan.looks[one], plan.looks[other]
        mine, theirs = plan.colors[one], plan.colors[other]
        confused = bool({*mine[:1]} & {*theirs} or {*theirs[:1]} & {*mine})
        return bool(a - b and b - a) and not confused

    return [i for i in fits if all(differ(i, other) for other in chosen)]


def _others(plan: Plan, kind: KindOfThing) -> list[Category]:
    """The categories of the other kinds, for levels that this kind cannot meet."""
    weights = _kind_weights(plan)
    return [c for k in plan.kinds if k != kind and weights[k] for c in plan.kinds[k]]


def _from_group(plan: Plan, index: int, count: int, rng: np.random.Generator) -> list[str]:
    """Entities of one of RefMatte's groups (five humans, an animal, an object by default)."""
    groups = plan.run.groups
    assert groups is not None
    group = index // groups.images[plan.split]
    members: list[str] = []
    for kind in plan.kinds:
        pool = [asset for _, ids in plan.kinds[kind] for asset in ids]
        members += _dealt(plan, kind, pool, group * groups.of(kind), groups.of(kind))
    members = sorted(set(members))
    return [members[i] for i in rng.permutation(len(members))[:count]]


def _dealt(plan: Plan, kind: str, pool: Sequence[str], start: int, count: int) -> list[str]:
    """Cards `start` … of a deck that is shuffled anew each time it runs out."""
    cards = []
    for position in range(start, start + count):
        epoch, place = divmod(position, len(pool))
        order = stream(plan.run.seed, f"group/{kind}", plan.split, epoch).permutation(len(pool))
        cards.append(pool[order[place]])
    return cards


def _grouped_images(plan: Plan) -> int:
    groups = plan.run.groups
    assert groups is not None
    return groups.count[plan.split] * groups.images[plan.split]


def _kind_weights(plan: Plan) -> dict[KindOfThing, float]:
    """How often each kind is drawn: as configured, else by its number of categories."""
    if plan.run.kinds is not None:
        return {kind: plan.run.kinds.get(kind, 0.0) for kind in plan.kinds}
    return {kind: float(len(categories)) for kind, categories in plan.kinds.items()}


def _kinds(plan: Plan, block: int) -> list[KindOfThing]:
    """The kind of the first entity, for each place of a block."""
    kinds = quota(_kind_weights(plan), BLOCK)
    order = stream(plan.run.seed, "kind", plan.split, block).permutation(BLOCK)
    return [kinds[i] for i in order]


def _lack(plan: Plan) -> str:
    """What the split's assets lack for this run; empty if nothing."""
    run = plan.run
    if not plan.backgrounds:
        return "no background"
    wanted = dict(run.kinds or {})
    if run.groups is not None:
        wanted = {kind: run.groups.of(kind) for kind in get_args(KindOfThing)}
    for kind, weight in wanted.items():
        if weight and kind not in plan.kinds:
            return f"no foreground of kind {kind!r}"
    weights = _kind_weights(plan)
    usable = sum(len(ids) for kind in plan.kinds if weights[kind] for _, ids in plan.kinds[kind])
    most = max(n for n, weight in run.layout.entities.items() if weight)
    if usable < most:
        return f"{usable} usable foregrounds, and images of {most} are asked for,"
    if not _levels(plan):
        return f"no foregrounds for any level of the layout ({listed(run.layout.levels)})"
    return ""


def _levels(plan: Plan) -> frozenset[str]:
    """The levels for which there is at least one set of foregrounds."""
    run = plan.run
    rng = stream(run.seed, "levels", plan.split, 0)
    fewest = min(n for n, weight in run.layout.entities.items() if weight)
    everything = [
        (category, first) for k in plan.kinds for category, ids in plan.kinds[k] for first in ids
    ]
    return frozenset(
        name
        for name, level in run.layout.levels.items()
        if level.share
        and any(
            _companions(plan, category, first, max(fewest, level.needs), level, rng)
            for category, first in everything
        )
    )
