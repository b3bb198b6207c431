"""Quotas: shares that hold exactly in every block of consecutive samples, for layouts, numbers of
entities, levels and changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.randomness import stream
from refmatte_engine.records import Change, KindOfThing, Layout

BLOCK = 20
Choice = TypeVar("Choice")


class Wish(NamedTuple):
    """What one sample should be; `kind` is that of its first entity. `toys` and `aspect` are as in
    `records.SamplePlan`."""

    kind: KindOfThing
    layout: Layout
    level: str
    entities: int
    change: Change | None
    toys: bool = False
    aspect: tuple[int, int] | None = None


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


def wished(
    rules: LayoutRules, kinds: list[KindOfThing], seed: int, split: str, block: int, place: int
) -> Wish:
    """What the sample at `place` of a block should be; `kinds` are those of the block's first
    entities.

    Layouts with a limit take the small numbers of the block first, and levels go where there are
    enough entities, so that each of the three keeps its quota. An image with too few for its level
    gets more, as far as its layout may have them. Front/behind always has two, as in RefMatte.
    """
    rng = stream(seed, "block", split, block)
    layouts = quota(rules.layouts, BLOCK)
    rng.shuffle(layouts)
    limits = {**rules.at_most, "front_behind": 2}
    numbers = sorted(quota(rules.entities, BLOCK))
    order = sorted(range(BLOCK), key=lambda i: limits.get(layouts[i], BLOCK))
    few = sum(layout in limits for layout in layouts)
    free = numbers[few:]
    rng.shuffle(free)
    counts = {
        i: 2 if layouts[i] == "front_behind" else min(n, limits.get(layouts[i], n))
        for i, n in zip(order, numbers[:few] + free, strict=True)
    }
    levels = quota({name: level.share for name, level in rules.levels.items()}, BLOCK)
    needs = {name: level.needs for name, level in rules.levels.items()}
    steps = {3, *(need for need in needs.values() if need > 3)}
    rng.shuffle(levels)
    # What needs three or more chooses last, ...
    levels.sort(key=lambda name: sum(needs[name] >= step for step in steps))
    by_count = [int(i) for i in rng.permutation(BLOCK)]
    by_count.sort(key=lambda i: sum(counts[i] >= step for step in steps))
    given = dict(zip(by_count, levels, strict=True))  # ... among the larger images
    most = [rules.most(layout) for layout in layouts]
    for i in by_count:  # what a layout has no room for goes to an image that can be made larger
        fits = (j for j in by_count if most[j] >= needs[given[i]] and most[i] >= needs[given[j]])
        if needs[given[i]] > most[i] and (j := next(fits, None)) is not None:
            given[i], given[j] = given[j], given[i]
    alike = [i for i in by_count if rules.levels[given[i]].same_category]
    # Side by side, an exchange changes the most sentences and hides the least.
    alike.sort(key=lambda i: layouts[i] != "left_right")
    paired = alike[: round(rules.counterfactual * BLOCK)]
    # Objects alone are given other colours.
    paired.sort(key=lambda i: kinds[i] == "object")
    changes = quota(rules.changes, len(paired))
    rng.shuffle(changes)
    changes.sort(key=lambda name: name != "exchanged")
    twins = dict(zip(paired, changes, strict=True))
    count = min(max(counts[place], needs[given[place]]), most[place])
    toys = {True: rules.toys, False: 1 - rules.toys} if rules.scale == "real" else {False: 1}
    return Wish(
        kinds[place],
        layouts[place],
        given[place],
        count,
        twins.get(place),
        _dealt(toys, seed, "toys", split, block)[place],
        _dealt(rules.canvas.shapes, seed, "aspect", split, block)[place],
    )


def _dealt(
    shares: Mapping[Choice, float], seed: int, what: str, split: str, block: int
) -> list[Choice]:
    """A block's quota of one thing, shuffled by a key of its own."""
    if len(shares) == 1:
        return [*shares] * BLOCK
    choices = quota(shares, BLOCK)
    return [choices[i] for i in stream(seed, what, split, block).permutation(BLOCK)]
