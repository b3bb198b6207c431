"""The stock: the assets of one split, and which of them can share an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import NamedTuple

import numpy as np

from refmatte_engine.config.layout_rules import LayoutRules, Level
from refmatte_engine.config.run import Run
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.randomness import stream
from refmatte_engine.records import Background, Change, Foreground, KindOfThing, Layout
from refmatte_engine.scene import cut_sides, places, scale, standing
from refmatte_engine.scene.places import Suited
from refmatte_engine.semantics import lexicon, looks

TRIED = 8  # first things of a category that are tried before a level counts as impossible
# Colours whose hue, if they have one, cannot be changed for another.
GRAYS = frozenset({"white", "black", "gray", "silver"})
HUELESS = {"recoloured": GRAYS, "traded": GRAYS | {"brown", "beige", "orange", "yellow", "gold"}}
Category = tuple[str, tuple[str, ...]]
Look = tuple[tuple[str, ...], frozenset[tuple[str, ...]]]


class Reach(NamedTuple):
    """How many times larger than another a thing of one scene may be, and whether it is one of
    `toys`."""

    toys: bool
    most: float


@dataclass(frozen=True, slots=True)
class Stock:
    """The assets of one split, sorted so that nothing depends on the order they were found in.

    `kinds` maps a kind to its categories, each a name and the ids of its foregrounds; `weights` how
    often each kind is drawn; `looks` maps an id to its labelled colours, main one first, and to
    what can be said of its looks; `repainted` are those whose hue may be changed; `cut` those that
    a photograph cut off, and `layouts` what is left of the stock in layouts that have no place for
    some of them, the `homeless`. Where sizes are real, `extents_m` are the usual sizes in metres by
    id, in scenes of toys and in others, `unsized` the categories of which no size is known, and
    `suits` what backgrounds suit, as far as that is known.
    """

    kinds: Mapping[KindOfThing, tuple[Category, ...]]
    weights: Mapping[KindOfThing, float]
    looks: Mapping[str, Look]
    backgrounds: tuple[str, ...]
    repainted: frozenset[str]
    categories: Mapping[str, str]
    cut: Mapping[str, Foreground] = field(default_factory=dict)
    layouts: Mapping[Layout, Stock] = field(default_factory=dict)
    homeless: frozenset[str] = frozenset()
    extents_m: Mapping[bool, Mapping[str, float]] = field(default_factory=dict)
    unsized: frozenset[str] = frozenset()
    suits: Mapping[str, Suited] = field(default_factory=dict)
    _partners: dict[tuple[bool, float], dict[str, float]] = field(
        default_factory=dict, compare=False
    )
    _firsts: dict[tuple[str, str], tuple[Category, ...]] = field(
        default_factory=dict, compare=False
    )
    _paired: dict[str, dict[Look, bool]] = field(default_factory=dict, compare=False)

    def of(self, layout: Layout) -> Stock:
        """What may be drawn for images of that layout."""
        return self.layouts.get(layout, self)

    def agree(self, chosen: Sequence[str], layout: Layout) -> bool:
        """Whether what was cut off of these has its place in one image."""
        return cut_sides.agree([self.cut[i] for i in chosen if i in self.cut], layout)

    def changeable(self, chosen: Sequence[str], change: Change | None) -> bool:
        """Whether labels leave it possible that these have such a change of hues."""
        if change not in HUELESS:
            return True
        hues: dict[str, list[str]] = {}
        for asset in (i for i in chosen if self._has_hue(i, change)):
            hues.setdefault(self.categories[asset], []).append(self.color(asset))
        if change == "recoloured":
            return bool(hues)
        # Two of no labelled colour may have different ones.
        return any(len(set(found)) > 1 or found.count("") > 1 for found in hues.values())

    def firsts(self, kind: KindOfThing, change: Change | None) -> tuple[Category, ...]:
        """The categories of a kind, and what of them may come first in an image: where hues are to
        change, what may have another; of any kind, if this has no such things."""
        mine = self.kinds.get(kind, ())
        if change not in HUELESS:
            return mine
        if (kind, change) not in self._firsts:
            every = tuple((name, ids) for _, name, ids in self.drawable())
            some = self._with_hues(mine, change) or self._with_hues(every, change) or mine
            self._firsts[kind, change] = some
        return self._firsts[kind, change]

    def _with_hues(self, categories: Sequence[Category], change: Change) -> tuple[Category, ...]:
        """What of these may have other hues, in categories where that leaves the change
        possible."""
        left = [
            (name, tuple(i for i in ids if self._has_hue(i, change))) for name, ids in categories
        ]
        return tuple((name, ids) for name, ids in left if self.changeable(ids, change))

    def _has_hue(self, asset: str, change: Change) -> bool:
        """Whether it may have another hue, and its labelled colour, if it has one, is such as a
        change of hues needs: with less light yellow is brown or beige, and cannot be traded."""
        return asset in self.repainted and not {*self.color(asset).split()} & HUELESS[change]

    @property
    def usable(self) -> int:
        """How many foregrounds may be drawn."""
        return sum(len(ids) for _, _, ids in self.drawable())

    def drawable(self) -> Iterator[tuple[KindOfThing, str, tuple[str, ...]]]:
        """Kind, name and foregrounds of every category that may be drawn."""
        for kind, categories in self.kinds.items():
            for name, ids in categories if self.weights[kind] else ():
                yield kind, name, ids

    def color(self, asset: str) -> str:
        """The main labelled colour, or nothing."""
        return next(iter(self.looks[asset][0]), "")

    def nameless(self, chosen: Sequence[str]) -> bool:
        """Whether two of these share a name and nothing in their looks tells them apart."""
        plain = [i for i in chosen if not self.looks[i][1]]
        names = [self.categories[i] for i in plain]
        return any(_one_name(a, b) for k, a in enumerate(names) for b in names[:k])

    def has_like(self, first: str, ids: tuple[str, ...]) -> bool:
        """Whether words can tell `first` from another foreground of its category, out of `ids`.
        Asked once for each look, however many things have it."""
        known = self._paired.setdefault(self.categories[first], {})
        look = self.looks[first]
        if look not in known:
            known[look] = any(_differ(look, self.looks[i]) for i in ids if i != first)
        return known[look]

    def companions(
        self,
        name: str,
        first: str,
        count: int,
        level: Level,
        rng: np.random.Generator,
        reach: Reach | None = None,
    ) -> list[str]:
        """`first` and its companions; empty if the level cannot be met. None is larger or smaller
        than the others by more than `reach` says, if there are such."""
        chosen, used, color = [first], {name}, self.color(first)
        if level.same_color and not color:
            return []
        for place in range(count - 1):
            alike = level.same_category is not None and place < level.same_category
            tinted = level.same_color is not None and place >= count - 1 - level.same_color
            fitting = []
            for kind, categories in self.kinds.items():
                for category, ids in categories:
                    if alike:
                        if category != name or not self.has_like(first, ids):
                            continue
                    elif level.same_category is not None and category in used:
                        continue
                    fits = [i for i in ids if i not in chosen]
                    if level.same_color is not None:
                        fits = [i for i in fits if (self.color(i) == color) == tinted]
                    if alike:
                        fits = self._unlike(fits, chosen)
                    if fits:
                        fitting.append((kind, category, fits))
            if not fitting:
                return []
            fitting = self._in_reach(fitting, chosen, reach)
            weights = np.array([self.weights[kind] for kind, _, _ in fitting])
            for kind in {kind for kind, _, _ in fitting}:  # a kind's weight, shared by categories
                mine = np.array([k == kind for k, _, _ in fitting])
                weights[mine] /= mine.sum()
            if weights.sum() == 0:
                return []
            if reach is not None:
                weights *= [self._partner(category, reach) for _, category, _ in fitting]
            _, category, fits = fitting[int(rng.choice(len(fitting), p=weights / weights.sum()))]
            used.add(category)
            chosen.append(fits[int(rng.integers(len(fits)))])
        return chosen

    def _in_reach(
        self,
        fitting: list[tuple[KindOfThing, str, list[str]]],
        chosen: Sequence[str],
        reach: Reach | None,
    ) -> list[tuple[KindOfThing, str, list[str]]]:
        """Those of about the size of what is chosen; all if there are none."""
        if reach is None:
            return fitting
        extents = self.extents_m[reach.toys]
        least = max(extents[i] for i in chosen) / reach.most
        most = min(extents[i] for i in chosen) * reach.most
        near = [(k, c, [i for i in ids if least <= extents[i] <= most]) for k, c, ids in fitting]
        near = [each for each in near if each[2]]
        # A kind that is never drawn is no choice.
        return near if any(self.weights[kind] for kind, _, _ in near) else fitting

    def _partner(self, category: str, reach: Reach) -> float:
        """How much oftener a category is drawn where it fits, as it fits fewer others."""
        if reach not in self._partners:
            extents, shares = {}, {}
            for kind, categories in self.kinds.items():
                for name, ids in categories:
                    extents[name] = float(np.median([self.extents_m[reach.toys][i] for i in ids]))
                    shares[name] = self.weights[kind] / len(categories)
            usual = scale.partners(extents, shares, reach.most)
            self._partners[reach] = {
                name: float(weight / shares[name]) if shares[name] else 1.0
                for name, weight in zip(extents, usual, strict=True)
            }
        return self._partners[reach][category]

    def _unlike(self, fits: list[str], chosen: list[str]) -> list[str]:
        """Those that words can tell apart from every chosen one."""
        wanted = [self.looks[other] for other in chosen]
        return [i for i in fits if all(_differ(self.looks[i], other) for other in wanted)]

    def can_be(self, level: Level, count: int) -> bool:
        """Whether there are `count` foregrounds for an image of the level."""
        alike = level.same_category
        names = sum(1 for _ in self.drawable())
        if count > self.usable or (alike is not None and names < count - alike):
            return False
        rng = stream(0, "can be", "", count)
        return any(
            self.companions(name, first, count, level, rng)
            for _, name, ids in self.drawable()
            for first in ids[:TRIED]
        )


def reach_of(rules: LayoutRules, layout: Layout, toys: bool) -> Reach | None:
    """How far the sizes of what shares a picture may lie apart; None where sizes are free."""
    return Reach(toys, scale.widest(rules, layout)) if rules.scale == "real" else None


def take_stock(run: Run, catalog: Catalog, split: str) -> Stock:
    """What `run` may draw from in `split`."""
    found: dict[KindOfThing, dict[str, list[str]]] = {}
    mine = [f for _, f in sorted(catalog.foregrounds.items()) if f.split == split]
    backgrounds = [b for _, b in sorted(catalog.backgrounds.items()) if b.split == split]
    homeless = _homeless(run, mine, backgrounds)
    everywhere = frozenset.intersection(*homeless.values())
    mine = standing.held([f for f in mine if f.id not in everywhere], run.layout)
    mine = standing.posed(mine, run.layout)
    for asset in mine:
        found.setdefault(asset.kind, {}).setdefault(asset.category, []).append(asset.id)
    kinds = {
        kind: tuple((name, tuple(ids)) for name, ids in sorted(found[kind].items()))
        for kind in sorted(found)
    }
    if run.kinds is not None:
        weights = {kind: run.kinds.get(kind, 0.0) for kind in kinds}
    else:
        weights = {kind: float(len(categories)) for kind, categories in kinds.items()}
    grounds = standing.best(backgrounds) if run.layout.ground else backgrounds
    is_real = run.layout.scale == "real"
    whole = Stock(
        kinds,
        weights,
        {f.id: (looks.colors(f), looks.labelled(f)) for f in mine},
        tuple(b.id for b in grounds),
        frozenset(f.id for f in mine if weights[f.kind] and looks.repainted(f)),
        {f.id: f.category for f in mine},
        {f.id: f for f in mine if f.cut_edges},
        extents_m={toys: {f.id: scale.extent_m(f, toys) for f in mine} for toys in (False, True)}
        if is_real
        else {},
        unsized=frozenset(f.category for f in mine if is_real and scale.is_guess(f)),
        suits={b.id: s for b in grounds if is_real and (s := places.suited(b, run.layout))},
    )
    parts = {
        layout: replace(
            whole, kinds=_without(kinds, lost), homeless=lost, _firsts={}, _paired={}, _partners={}
        )
        for layout, lost in homeless.items()
        if lost - everywhere
    }
    return replace(whole, layouts=parts)


def nowhere(run: Run, catalog: Catalog, split: str) -> int:
    """How many foregrounds of a split none of the run's layouts has a place for, as they were cut
    off."""
    mine = [f for f in catalog.foregrounds.values() if f.split == split]
    backgrounds = [b for b in catalog.backgrounds.values() if b.split == split]
    return len(frozenset.intersection(*_homeless(run, mine, backgrounds).values()))


def _homeless(
    run: Run, things: Sequence[Foreground], backgrounds: Sequence[Background]
) -> dict[Layout, frozenset[str]]:
    """By each of the run's layouts, the foregrounds that it has no place for, as they were cut."""
    canvas = run.layout.canvas
    sizes = [canvas.size] if canvas.size != "background" else []
    sizes = sizes or [each.size_hw for each in backgrounds] or [(1, 1)]
    shapes = [shape for shape, share in canvas.shapes.items() if shape and share]
    aspects = [width / height for width, height in shapes or [(w, h) for h, w in sizes]]
    between = min(aspects), max(aspects)
    return {
        layout: frozenset(
            thing.id
            for thing in things
            if thing.cut_edges and not cut_sides.fits(thing, layout, run.layout.ground, between)
        )
        for layout, weight in run.layout.layouts.items()
        if weight
    }


def _without(
    kinds: Mapping[KindOfThing, tuple[Category, ...]], lost: frozenset[str]
) -> dict[KindOfThing, tuple[Category, ...]]:
    """The same without what is lost; without categories and kinds of which nothing is left."""
    found: dict[KindOfThing, tuple[Category, ...]] = {}
    for kind, categories in kinds.items():
        left = [(name, tuple(i for i in ids if i not in lost)) for name, ids in categories]
        if some := tuple((name, ids) for name, ids in left if ids):
            found[kind] = some
    return found


def _differ(one: Look, other: Look) -> bool:
    """Whether words can tell two foregrounds of a category apart: each has a look that the other
    lacks."""
    (mine, a), (theirs, b) = one, other
    confused = bool({*mine[:1]} & {*theirs} or {*theirs[:1]} & {*mine})
    return bool(a - b and b - a) and not confused


@cache
def _one_name(one: str, other: str) -> bool:
    """Whether one of two categories is also a name for the other: a man is a person."""
    if one == other:
        return True
    a, b = lexicon.sense(one), lexicon.sense(other)
    return bool((b and lexicon.is_a(one, b) != -1) or (a and lexicon.is_a(other, a) != -1))
