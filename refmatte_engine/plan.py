"""What each sample has to be, before any geometry: layout, number of entities, which assets.

Quotas hold in every block of consecutive samples, so a sample depends on its index alone, not on
how many samples there are or who made the ones before it; a larger run extends a smaller one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from refmatte_engine.catalog import Catalog
from refmatte_engine.errors import InputError
from refmatte_engine.records import KindOfThing, Layout, Recipe
from refmatte_engine.run import Run
from refmatte_engine.streams import stream

BLOCK = 20
Choice = TypeVar("Choice")
Category = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The assets of one split, sorted so that nothing depends on how they were found.

    `kinds` maps a kind to its categories, each a name and the ids of its foregrounds.
    """

    run: Run
    split: str
    kinds: Mapping[KindOfThing, tuple[Category, ...]]
    backgrounds: tuple[str, ...]


def make_plan(run: Run, catalog: Catalog, split: str) -> Plan:
    """The plan for `split`. InputError if the catalog lacks what the run needs."""
    found: dict[KindOfThing, dict[str, list[str]]] = {}
    for asset in sorted(catalog.foregrounds.values(), key=lambda f: f.id):
        if asset.split == split:
            found.setdefault(asset.kind, {}).setdefault(asset.category, []).append(asset.id)
    kinds = {
        kind: tuple((name, tuple(ids)) for name, ids in sorted(found[kind].items()))
        for kind in sorted(found)
    }
    backgrounds = tuple(sorted(b.id for b in catalog.backgrounds.values() if b.split == split))
    where = ", ".join(run.packs)
    allowed = "every split of a run needs its own foregrounds and backgrounds"
    todo = f"add assets, label some `split: {split}`, or give the split 0 images"
    if not backgrounds:
        raise InputError(where, f"no background for split {split!r}", allowed=allowed, todo=todo)
    wanted = run.kinds or {}
    if run.groups is not None:
        wanted = {"human": run.groups.human, "animal": run.groups.animal}
        wanted["object"] = run.groups.object
    for kind, weight in wanted.items():
        if weight and kind not in kinds:
            raise InputError(
                where, f"no foreground of kind {kind!r} for split {split!r}", todo=todo
            )
    most = max(n for n, weight in run.layout.entities.items() if weight)
    usable = sum(len(ids) for k in kinds if _weight(run, k) for _, ids in kinds[k])
    if usable < most:
        raise InputError(
            where,
            f"{usable} usable foregrounds for split {split!r}, and images of {most} entities "
            "are asked for",
            allowed=allowed,
            todo=todo,
        )
    return Plan(run, split, kinds, backgrounds)


def recipe(plan: Plan, index: int, attempt: int = 0) -> Recipe:
    """What sample `index` has to be. A later `attempt` keeps layout and number of entities, which
    are quotas, and draws other companions; every fourth also another first entity."""
    run = plan.run
    rng = stream(run.seed, "plan", plan.split, index, attempt)
    layout, count = _layout_and_count(plan, index)
    if run.groups is not None and index < _grouped_images(plan):
        chosen = _from_group(plan, index, count, rng)
    else:
        chosen = _from_all(plan, index, count, attempt, rng)
    order = rng.permutation(len(chosen))
    background = plan.backgrounds[int(rng.integers(len(plan.backgrounds)))]
    ids = tuple(chosen[i] for i in order)
    return Recipe(plan.split, index, attempt, layout, ids, background)


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


def _layout_and_count(plan: Plan, index: int) -> tuple[Layout, int]:
    """Layout and number of entities of one sample, from its block.

    Layouts with a limit take the small numbers of the block first, so that the numbers as a whole
    keep their quota too; front/behind always has two entities, as in RefMatte.
    """
    rules = plan.run.layout
    block, place = divmod(index, BLOCK)
    rng = stream(plan.run.seed, "block", plan.split, block)
    layouts = quota(rules.layouts, BLOCK)
    rng.shuffle(layouts)
    limits = {**rules.at_most, "front_behind": 2}
    counts = sorted(quota(rules.entities, BLOCK))
    limited = sorted(
        (i for i in range(BLOCK) if layouts[i] in limits), key=lambda i: limits[layouts[i]]
    )
    free = counts[len(limited) :]
    rng.shuffle(free)
    given = {i: min(n, limits[layouts[i]]) for i, n in zip(limited, counts, strict=False)}
    given |= dict(zip((i for i in range(BLOCK) if i not in given), free, strict=True))
    return layouts[place], 2 if layouts[place] == "front_behind" else given[place]


def _from_all(
    plan: Plan, index: int, count: int, attempt: int, rng: np.random.Generator
) -> list[str]:
    """The first entity goes round all categories evenly; companions are drawn like it, of the same
    category or of others as the quota of the block says."""
    run = plan.run
    kind = _kind(plan, index)
    same = _same_category(plan, index) and count > 1
    # A split may have no category with two assets (a small test split): then none can meet.
    if same and not any(len(ids) > 1 for cats in plan.kinds.values() for _, ids in cats):
        same = False
    categories = plan.kinds[kind]
    epoch, place = divmod(index + 7919 * (attempt // 4), len(categories))
    deck = stream(run.seed, f"deck/{kind}", plan.split, epoch).permutation(len(categories))
    name, ids = categories[deck[place]]
    if same and len(ids) < 2:
        several = [c for cats in plan.kinds.values() for c in cats if len(c[1]) > 1]
        name, ids = several[int(rng.integers(len(several)))]
    chosen = [ids[int(rng.integers(len(ids)))]]
    if same:
        others = [i for i in ids if i != chosen[0]]
        chosen.append(others[int(rng.integers(len(others)))])
    distinct = run.layout.same_category is not None
    used = {name}
    for _ in range(1000):
        if len(chosen) == count:
            break
        cats = plan.kinds[_draw_kind(plan, rng)]
        name, ids = cats[int(rng.integers(len(cats)))]
        asset = ids[int(rng.integers(len(ids)))]
        if asset in chosen or (distinct and name in used):
            continue
        used.add(name)
        chosen.append(asset)
    else:
        # Fewer categories than entities: repeat categories rather than fail.
        everything = [i for c in plan.kinds.values() for _, ids in c for i in ids]
        left = sorted(set(everything) - set(chosen))
        chosen += [left[i] for i in rng.permutation(len(left))[: count - len(chosen)]]
    return chosen


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


def _weight(run: Run, kind: KindOfThing) -> float:
    return 1.0 if run.kinds is None else run.kinds.get(kind, 0.0)


def _weights(plan: Plan) -> dict[KindOfThing, float]:
    """How often each kind is drawn: as configured, else by its number of categories."""
    if plan.run.kinds is not None:
        return {kind: plan.run.kinds.get(kind, 0.0) for kind in plan.kinds}
    return {kind: float(len(categories)) for kind, categories in plan.kinds.items()}


def _kind(plan: Plan, index: int) -> KindOfThing:
    block, place = divmod(index, BLOCK)
    kinds = quota(_weights(plan), BLOCK)
    order = stream(plan.run.seed, "kind", plan.split, block).permutation(BLOCK)
    return kinds[order[place]]


def _draw_kind(plan: Plan, rng: np.random.Generator) -> KindOfThing:
    weights = _weights(plan)
    total = sum(weights.values())
    return list(weights)[int(rng.choice(len(weights), p=[w / total for w in weights.values()]))]


def _same_category(plan: Plan, index: int) -> bool:
    share = plan.run.layout.same_category
    if not share:
        return False
    block, place = divmod(index, BLOCK)
    flags = quota({True: share, False: 1 - share}, BLOCK)
    order = stream(plan.run.seed, "same", plan.split, block).permutation(BLOCK)
    return flags[order[place]]
