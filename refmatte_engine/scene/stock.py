"""The stock: the assets of one split, and which of them can share an image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from refmatte_engine.config.layout_rules import Level
from refmatte_engine.config.run import Run
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.randomness import stream
from refmatte_engine.records import KindOfThing
from refmatte_engine.semantics import lexicon, looks

TRIED = 8  # first things of a category that are tried before a level counts as impossible
Category = tuple[str, tuple[str, ...]]
Look = tuple[tuple[str, ...], frozenset[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Stock:
    """The assets of one split, sorted so that nothing depends on the order they were found in.

    `kinds` maps a kind to its categories, each a name and the ids of its foregrounds; `weights` how
    often each kind is drawn; `looks` maps an id to its labelled colours, main one first, and to
    what can be said of its looks; `repainted` are those whose hue may be changed.
    """

    kinds: Mapping[KindOfThing, tuple[Category, ...]]
    weights: Mapping[KindOfThing, float]
    looks: Mapping[str, Look]
    backgrounds: tuple[str, ...]
    repainted: frozenset[str]
    categories: Mapping[str, str]
    _paired: dict[str, dict[Look, bool]] = field(default_factory=dict, compare=False)

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
        self, name: str, first: str, count: int, level: Level, rng: np.random.Generator
    ) -> list[str]:
        """`first` and its companions; empty if the level cannot be met."""
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
            weights = np.array([self.weights[kind] for kind, _, _ in fitting])
            for kind in {kind for kind, _, _ in fitting}:  # a kind's weight, shared by categories
                mine = np.array([k == kind for k, _, _ in fitting])
                weights[mine] /= mine.sum()
            if weights.sum() == 0:
                return []
            _, category, fits = fitting[int(rng.choice(len(fitting), p=weights / weights.sum()))]
            used.add(category)
            chosen.append(fits[int(rng.integers(len(fits)))])
        return chosen

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


def take_stock(run: Run, catalog: Catalog, split: str) -> Stock:
    """What `run` may draw from in `split`."""
    found: dict[KindOfThing, dict[str, list[str]]] = {}
    mine = [f for _, f in sorted(catalog.foregrounds.items()) if f.split == split]
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
    return Stock(
        kinds,
        weights,
        {f.id: (looks.colors(f), looks.labelled(f)) for f in mine},
        tuple(sorted(b.id for b in catalog.backgrounds.values() if b.split == split)),
        frozenset(f.id for f in mine if weights[f.kind] and looks.repainted(f)),
        {f.id: f.category for f in mine},
    )


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
