"""The plan of each sample, before any geometry: layout, number of entities, assets.

A sample depends only on its index, not on the number of samples or on who made the earlier ones; a
larger run extends a smaller one. What the assets of a split cannot provide is given up: first the
number of entities, for the nearest possible one, then the level, then the layout.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from refmatte_engine.config.layout_rules import GIVEN_UP, LENIENT, Level
from refmatte_engine.config.run import Run
from refmatte_engine.errors import InputError
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.randomness import stream
from refmatte_engine.records import Change, KindOfThing, Layout, SamplePlan
from refmatte_engine.scene import decks, lacks, places
from refmatte_engine.scene.apparent import Apparent
from refmatte_engine.scene.kept import Kept
from refmatte_engine.scene.quotas import BLOCK, Wish, quota, wished
from refmatte_engine.scene.stock import Reach, Stock, reach_of, take_stock

PATIENCE = 0.5  # share of the attempts after which a level is given up
SPEECHLESS = 16  # kinds of sentences also once so many scenes could not be put into words
REPLACING = 2  # times as many attempts are made for what replaces a sample
UNRULED = (Level(same_category=0), Level())  # what is tried for a level that is given up
REDRAWN = 8  # sets of things that are drawn to find one in which no two are told by nothing,
PASSED_OVER = 8  # and first categories that are tried for it
# Attempts with the same things, and with first ones of one category; and so where things are to be
# alike in real sizes. Few such fit: who soon gave up would mostly draw what always does.
SAME, SAME_ALIKE = (1, 2), (6, 24)

Set = tuple[Layout, str, tuple[str, ...], int]  # layout, level, things, number of the background


@dataclass(frozen=True, slots=True)
class Plan:
    """The assets of one split, and what they can provide: the numbers of entities per level, and
    the changes. `usual_m` keeps by block the extents of what is largest in its scenes, `sets` what
    scenes have; so many attempts have the same."""

    run: Run
    split: str
    stock: Stock
    apparent: Apparent
    levels: Mapping[str, frozenset[int]]
    changes: frozenset[Change]
    usual_m: Kept[list[float]] = field(default_factory=Kept, compare=False)
    sets: Kept[Set] = field(default_factory=Kept, compare=False)

    @property
    def easiest(self) -> str:
        """The possible level that needs least."""
        return _by_needs(self)[0]


def make_plan(run: Run, catalog: Catalog, split: str) -> Plan:
    """The plan for `split`. InputError if the catalog has nothing for it, or not enough for the
    siblings that the run asks for."""
    plan = _plan(run, catalog, split)
    if refused := lacks.too_few(run, catalog, plan.stock, split):
        raise refused
    return plan


def _plan(run: Run, catalog: Catalog, split: str) -> Plan:
    stock = take_stock(run, catalog, split)
    if refused := lacks.refusal(run, catalog, stock, split):
        raise refused
    levels = lacks.levels(run, stock)
    changes = lacks.changes(run, stock, levels)
    return Plan(run, split, stock, Apparent(catalog), levels, changes)


def make_plans(run: Run, catalog: Catalog) -> dict[str, Plan]:
    """The plans of all splits for which the catalog has anything. InputError if there are none, or
    if one has not enough for the siblings that the run asks for."""
    plans: dict[str, Plan] = {}
    refused: list[InputError] = []
    for split in (name for name, images in run.splits.items() if images):
        try:
            plans[split] = _plan(run, catalog, split)
        except InputError as error:
            refused.append(error)
    if refused and not plans:
        problems = "; ".join(error.problem for error in refused)
        raise InputError(refused[0].where, problems, todo=refused[0].todo)
    for split, plan in plans.items():
        if short := lacks.too_few(run, catalog, plan.stock, split):
            raise short
    return plans


def wish(plan: Plan, index: int) -> Wish:
    """What sample `index` should be by the quotas of its block, whatever the assets can provide."""
    block, place = _place(plan, index)
    kinds = quota(plan.stock.weights, BLOCK)
    order = stream(plan.run.seed, "kind", plan.split, block).permutation(BLOCK)
    kinds = [kinds[i] for i in order]
    return wished(plan.run.layout, kinds, plan.run.seed, plan.split, block, place)


def sample_plan(plan: Plan, index: int, attempt: int = 0, wanted: Wish | None = None) -> SamplePlan:
    """What sample `index` will be, as near to the wish as the assets allow. A later `attempt` keeps
    layout, level and number of entities, which are quotas, and draws other things, as `SAME` says;
    late ones give up the level for the easiest one, then the layout for one after the other.
    Attempts from `max_attempts` on replace the sample: by two things, drawn from everything."""
    made = _drawn_by_itself(plan, index, attempt, wanted or wish(plan, index))
    return replace(made, background=_suiting(plan, made)) if plan.stock.suits else made


def _drawn_by_itself(plan: Plan, index: int, attempt: int, wanted: Wish) -> SamplePlan:
    """A sample's plan without regard to others', and so before any background."""
    run = plan.run
    drawn, turns = (attempt // n for n in (SAME_ALIKE if _stays(plan, wanted) else SAME))
    beyond = attempt - run.layout.max_attempts
    grouped = beyond < 0 and run.groups is not None and index < _grouped_images(plan)
    level = wanted.level
    if level not in plan.levels or attempt >= PATIENCE * run.layout.max_attempts:
        level = plan.easiest
    if attempt >= LENIENT * run.layout.max_attempts:
        layouts = sorted(name for name, weight in run.layout.layouts.items() if weight)
        wanted = wanted._replace(layout=layouts[attempt % len(layouts)])
    if beyond >= 0:
        wanted = wanted._replace(entities=2)
    elif grouped and not _level(plan, level).is_free:
        level = GIVEN_UP  # a group's members are as they fall
    key = wanted, level, index, grouped, drawn, turns
    layout, name, chosen, number = plan.sets.get(key, lambda: _set(plan, *key))
    if drawn != attempt:
        rng = stream(run.seed, "background", plan.split, index, attempt)
        number = int(rng.integers(len(plan.stock.backgrounds)))
    return SamplePlan(
        plan.split, index, attempt, layout, name, chosen, plan.stock.backgrounds[number],
        wanted.toys, wanted.aspect,
    )  # fmt: skip


def _set(
    plan: Plan, wanted: Wish, level: str, index: int, grouped: bool, drawn: int, turns: int
) -> Set:
    """Layout, level and things of a sample as near to what is wanted, at that `level`, as can be;
    and the number of a background."""
    rng = stream(plan.run.seed, "plan", plan.split, index, drawn)
    has_others = any(w for name, w in plan.run.layout.layouts.items() if name != "front_behind")
    last: tuple[Layout, str, list[str]] | None = None
    for layout, name, count in _ways(plan, wanted._replace(level=level)):
        chosen = _from_group(plan, layout, index, count, rng) if grouped else []
        chosen = chosen or _from_all(plan, layout, wanted, index, count, name, turns, rng)
        # Of two that are told by their places alone, nothing can be said where one hides the other.
        hides = layout == "front_behind" and plan.stock.nameless(chosen)
        if chosen and not (hides and has_others):
            last = layout, name, chosen
            if plan.stock.agree(chosen, layout):
                break
    if last is None:
        raise AssertionError("whatever is usable can be drawn for no level at all")
    layout, name, chosen = last
    ordered = tuple(chosen[i] for i in rng.permutation(len(chosen)))
    return layout, name, ordered, int(rng.integers(len(plan.stock.backgrounds)))


def change(plan: Plan, wanted: Wish) -> Change | None:
    """The one change that makes a sample and its neighbour (2j and 2j + 1) a counterfactual pair;
    None if they are not to be one, or the assets cannot provide one."""
    return wanted.change if wanted.level in plan.levels and wanted.change in plan.changes else None


def attempts(plan: Plan) -> int:
    """The number of attempts at one sample, including those that replace it."""
    return (1 + REPLACING) * plan.run.layout.max_attempts


def lenient(plan: Plan, things: Sequence[str], attempt: int, speechless: int) -> bool:
    """Whether kinds of sentences that cannot be said of one of the `things` may be left out: late,
    or after so many scenes that could not be put into words; where a thing is alone; and where two
    have one name and nothing else to be told by."""
    late = attempt >= LENIENT * plan.run.layout.max_attempts or speechless >= SPEECHLESS
    return late or len(things) == 1 or plan.stock.nameless(things)


def _suiting(plan: Plan, planned: SamplePlan) -> str:
    """The background of a sample, of those dealt to its block: each is had as often as any other,
    where it suits best."""
    together, run = _together(plan), plan.run
    block, place = divmod(planned.index // together, BLOCK)
    first = ((block * BLOCK + k) * together for k in range(BLOCK))
    scenes = (_drawn_by_itself(plan, index, 0, wish(plan, index)) for index in first)
    usual = plan.usual_m.get(block, lambda: [_largest_m(plan, each) for each in scenes])
    extents = [*usual[:place], _largest_m(plan, planned), *usual[place + 1 :]]
    deck, pool = f"background/{planned.attempt}", plan.stock.backgrounds
    hand = decks.dealt(run.seed, deck, plan.split, pool, block * BLOCK, BLOCK)
    return places.matched(hand, extents, plan.stock.suits)[place]


def _largest_m(plan: Plan, planned: SamplePlan) -> float:
    return max(plan.stock.extents_m[planned.toys][i] for i in planned.foregrounds)


def _ways(plan: Plan, wanted: Wish) -> Iterator[tuple[Layout, str, int]]:
    """Layouts, levels and numbers of things that these assets can be, the nearest to the wish
    first."""
    rules = plan.run.layout
    others = sorted(name for name, weight in rules.layouts.items() if weight)
    for layout in dict.fromkeys((wanted.layout, *others)):
        for level in dict.fromkeys((wanted.level, *_by_needs(plan), GIVEN_UP)):
            most = max(rules.most(layout), wanted.entities)
            for count in _nearest(plan.levels.get(level, frozenset()), wanted.entities):
                if count == 2 if layout == "front_behind" else count <= most:
                    yield layout, level, count


def _nearest(numbers: Iterable[int], wanted: int) -> list[int]:
    """The numbers, nearest to the wanted one first, smaller before larger."""
    return sorted(numbers, key=lambda n: (n > wanted, abs(n - wanted)))


def _by_needs(plan: Plan) -> list[str]:
    """The possible levels, easiest first."""
    own = [name for name in sorted(plan.levels) if name != GIVEN_UP]
    return [*sorted(own, key=lambda name: plan.run.layout.levels[name].needs), GIVEN_UP]


def _stays(plan: Plan, wanted: Wish) -> bool:
    """Whether the same things are tried again for a sample."""
    return plan.run.layout.scale == "real" and _level(plan, wanted.level).needs > 1


def _level(plan: Plan, name: str) -> Level:
    return plan.run.layout.levels.get(name, Level())


def _place(plan: Plan, index: int) -> tuple[int, int]:
    """The block of a sample and its place there. With counterfactuals, a place is two samples; of
    siblings it is one for all."""
    return divmod(index // (2 if plan.run.layout.counterfactual else _together(plan)), BLOCK)


def _together(plan: Plan) -> int:
    """How many samples have one plan."""
    return plan.run.siblings or 1


def _from_all(
    plan: Plan,
    layout: Layout,
    wanted: Wish,
    index: int,
    count: int,
    name: str,
    turns: int,
    rng: np.random.Generator,
) -> list[str]:
    """Foregrounds for an image of the level `name`, preferably ones that words can tell apart, that
    can have the wanted change, and whose cut sides have a place there; empty if there are none at
    all."""
    chosen, stock, changed = list[str](), plan.stock.of(layout), change(plan, wanted)
    reach = reach_of(plan.run.layout, layout, wanted.toys)
    for level in (_level(plan, name),) if name != GIVEN_UP else UNRULED:
        for draw in range(REDRAWN * PASSED_OVER):
            turn = index // _together(plan) + 7919 * turns + draw // REDRAWN
            chosen = _drawn(plan, stock, wanted.kind, changed, turn, count, level, rng, reach)
            if not chosen or (
                stock.agree(chosen, layout)
                and not stock.nameless(chosen)
                and plan.apparent.suit(chosen, changed, 2 if _stays(plan, wanted) else 3)
            ):
                break
        if chosen:
            break
    return chosen


def _drawn(
    plan: Plan,
    stock: Stock,
    kind: KindOfThing,
    changed: Change | None,
    turn: int,
    count: int,
    level: Level,
    rng: np.random.Generator,
    reach: Reach | None,
) -> list[str]:
    """The first entity goes round all categories evenly, of those that can have the change, if one
    is wanted; the others share its category or colour as often as the level says. Where nothing
    fits, another category's first entity may: not one and the same, or it would be everywhere."""
    categories = stock.firsts(kind, changed)
    epoch, place = divmod(turn, max(1, len(categories)))
    deck = decks.shuffled(plan.run.seed, f"deck/{kind}", plan.split, epoch, len(categories))
    in_turn = [*deck[place : place + 1], *rng.permutation(len(categories))]
    others = [(name, ids) for other, name, ids in stock.drawable() if other != kind]
    for name, ids in [*(categories[i] for i in in_turn), *others]:
        for first in (ids[i] for i in rng.permutation(len(ids))):
            chosen = stock.companions(name, first, count, level, rng, reach)
            if chosen:
                return chosen
    return []


def _from_group(
    plan: Plan, layout: Layout, index: int, count: int, rng: np.random.Generator
) -> list[str]:
    """Entities of one of RefMatte's groups (five humans, an animal, an object by default); empty
    where a small pack's group has fewer, or has no place for what was cut off of them."""
    run, groups = plan.run, plan.run.groups
    assert groups is not None
    group = index // groups.images[plan.split]
    members: list[str] = []
    for kind, categories in plan.stock.kinds.items():
        pool = [asset for _, ids in categories for asset in ids]
        size, deck = groups.of(kind), f"group/{kind}"
        members += decks.dealt(run.seed, deck, plan.split, pool, group * size, size)
    members = sorted({each for each in members if each not in plan.stock.of(layout).homeless})
    for _ in range(REDRAWN if len(members) >= count else 0):
        chosen = [members[i] for i in rng.permutation(len(members))[:count]]
        if plan.stock.agree(chosen, layout):
            return chosen
    return []


def _grouped_images(plan: Plan) -> int:
    groups = plan.run.groups
    assert groups is not None
    return groups.count[plan.split] * groups.images[plan.split]
