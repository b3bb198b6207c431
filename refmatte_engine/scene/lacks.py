"""Lacks: what the assets of a split cannot provide, known before any pixel; what a run gives up,
and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple, get_args

from refmatte_engine.config.layout_rules import GIVEN_UP, Level
from refmatte_engine.config.run import Run
from refmatte_engine.errors import InputError, listed
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import Change, KindOfThing
from refmatte_engine.scene.stock import Stock, nowhere, take_stock

CHANGES = {
    "exchanged": "two things of one category that words can tell apart",
    "recoloured": "opaque things that people make",
    "traded": "two opaque things of one category that people make",
}
EVERYTHING = "any image"  # what a split lacks for which there is nothing
CUT = "cut off by their photographs at sides that no layout can lay on the picture's edge"
UNSTEADY = (
    "where things can stand is better known of others; `refmatte pack review` shows where it may "
    "be, to be accepted"
)
SOME = 20  # images; in fewer it does not tell that there is little
SELDOM = 0.05  # of the things
NAMES: Mapping[KindOfThing, str] = {"human": "people", "animal": "animals", "object": "objects"}
UNLABELLED = "one name fits all and no label says how they look; `refmatte label` proposes labels"


class Lack(NamedTuple):
    """Something that a split must do without, and why."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what} ({self.why})"


def line(split: str, found: Iterable[Lack | str]) -> str:
    """A split's lack in one line."""
    return f"split {split} does without " + "; ".join(str(lack) for lack in found)


def lacks(run: Run, catalog: Catalog) -> dict[str, tuple[Lack, ...]]:
    """What `run` gives up with these assets, by split; splits that lack nothing are left out.
    A split for which there is nothing lacks its images."""
    found: dict[str, tuple[Lack, ...]] = {}
    for split in (name for name, images in run.splits.items() if images):
        stock = take_stock(run, catalog, split)
        refused = refusal(run, catalog, stock, split)
        if refused is not None:
            found[split] = (Lack(EVERYTHING, f"{refused.problem}; {refused.todo}"),)
        elif given_up := _by_reason([*_given_up(run, stock), *_unused(run, catalog, stock, split)]):
            found[split] = given_up
    return found


def scarce(run: Run, catalog: Catalog) -> dict[str, None]:
    """Lines on what images of `run` will show all the time, as there is no other, or hardly ever,
    as there are few such categories; each line once, in order."""
    found: dict[str, None] = {}
    for split in (name for name, images in run.splits.items() if images > SOME):
        stock = take_stock(run, catalog, split)
        if len(stock.backgrounds) == 1:
            found[f"one background for {run.splits[split]:,} images of split {split}"] = None
        if run.kinds is not None or run.groups is not None:
            continue
        counts = {kind: len(categories) for kind, categories in stock.kinds.items()}
        total = sum(counts.values())
        for kind, count in counts.items():
            if count < SELDOM * total:
                said = f"{NAMES[kind]} are {count} of {total:,} categories, so about one thing in"
                found[f"{said} {round(total / count):,}: say `kinds` in the run file"] = None
    return found


def refusal(run: Run, catalog: Catalog, stock: Stock, split: str) -> InputError | None:
    """Why there can be no image of `split` at all; None if there can."""
    where = ", ".join(run.packs)
    if run.groups is not None:
        wanted = {kind: run.groups.of(kind) for kind in get_args(KindOfThing)}
        missing = [kind for kind, count in wanted.items() if count and kind not in stock.kinds]
        if missing:
            dealt = ", ".join(f"{count} {kind}" for kind, count in wanted.items() if count)
            return InputError(
                where,
                f"`groups` deals {dealt} at a time, and split {split!r} has no foreground of kind "
                + " or ".join(missing),
                todo="add packs that have some (--pack), or write `groups: null` into a copy of "
                "the run file: images then draw from all that is there",
            )
    for what, count, everything in (
        ("background", len(stock.backgrounds), catalog.backgrounds.values()),
        ("foreground", len(stock.looks), catalog.foregrounds.values()),
    ):
        if count:
            continue
        if what == "foreground" and (lost := nowhere(run, catalog, split)):
            said = (
                f"its only foreground is {CUT}"
                if lost == 1
                else f"all {lost} foregrounds are {CUT}"
            )
            todo = "say `cut_edges: []` in the labels of what is whole, or add others"
            return InputError(where, f"split {split!r}: {said}", todo=todo)
        elsewhere = Counter(asset.split for asset in everything)
        if elsewhere:
            there = ", ".join(f"{n} in {other}" for other, n in sorted(elsewhere.items()))
            without = run.without(split)
            return InputError(
                where,
                f"no {what} for split {split!r} ({there})",
                todo=f"label some `split: {split}`{', add' if without else ' or add'} pictures"
                f"{without}",
            )
        return InputError(
            where,
            f"no {what} for split {split!r}, nor for any other",
            todo=f"add {what}s to the pack, or a pack that has some (--pack studio has both)",
        )
    if not stock.usable:
        asked = ", ".join(kind for kind, weight in (run.kinds or {}).items() if weight)
        return InputError(
            where,
            f"no foreground of kind {asked!r}, which `kinds` asks for, for split {split!r}",
            todo="add some, or change `kinds` in a copy of the run file",
        )
    if stock.usable == 1 and not any(_layouts(run, 1)):
        return InputError(
            where,
            f"1 foreground for split {split!r}, and front_behind, the only layout, takes two",
            todo="add foregrounds, or give the layout left_right or top_bottom",
        )
    return None


def too_few(run: Run, catalog: Catalog, stock: Stock, split: str) -> InputError | None:
    """Why there can be no siblings in `split`, where the run has them: each is before a background
    of its own."""
    there = len(stock.backgrounds)
    if run.siblings is None or run.siblings <= there:
        return None
    lost = sum(place.split == split for place in catalog.backgrounds.values()) - there
    unused = f" ({lost} more are not used: {UNSTEADY})" if lost else ""
    fewer = f"ask for {there}, or " if there > 1 else ""
    return InputError(
        f"siblings: {run.siblings}",
        f"each is before a background of its own, and split {split!r} has {there}{unused}",
        todo=f"{fewer}add backgrounds to that split, or a pack that has some (--pack)"
        f"{run.without(split)}",
    )


def levels(run: Run, stock: Stock) -> dict[str, frozenset[int]]:
    """The possible numbers of entities in an image, per level; impossible levels are left out.
    `GIVEN_UP` is the level without rules, always possible."""
    rules = run.layout
    asked = _asked(run)
    fewest = min(2, stock.usable, *asked, *rules.at_most.values())
    most = min(stock.usable, max(2, *asked, *(level.needs for level in rules.levels.values())))
    numbers = range(fewest, most + 1)
    found = {
        name: frozenset(n for n in numbers if n >= level.needs and stock.can_be(level, n))
        for name, level in rules.levels.items()
        if level.share
    }
    return {name: can for name, can in found.items() if can} | {GIVEN_UP: frozenset(numbers)}


def changes(run: Run, stock: Stock, possible: Mapping[str, frozenset[int]]) -> frozenset[Change]:
    """The changes that can make an image's twin."""
    found: set[Change] = set()
    if any(run.layout.levels[name].same_category for name in possible if name != GIVEN_UP):
        found.add("exchanged")
    painted = Counter(stock.categories[i] for i in stock.repainted)
    if painted:
        found.add("recoloured")
    if max(painted.values(), default=0) > 1:
        found.add("traded")
    return frozenset(found)


def _by_reason(found: Iterable[tuple[str, str]]) -> tuple[Lack, ...]:
    """Lacks with the same reason, merged."""
    reasons: dict[str, list[str]] = {}
    for what, why in found:
        reasons.setdefault(why, []).append(what)
    return tuple(Lack(", ".join(whats), why) for why, whats in reasons.items())


def _given_up(run: Run, stock: Stock) -> Iterator[tuple[str, str]]:
    """What the assets of one split cannot provide, and why."""
    rules, possible = run.layout, levels(run, stock)
    count = f"{stock.usable} usable foreground{'' if stock.usable == 1 else 's'}"
    for kind, weight in (run.kinds or {}).items():
        if weight and kind not in stock.kinds:
            yield f"kind {kind}", "no such foreground"
    if stock.unsized:
        names = listed(sorted(stock.unsized), 5)
        yield (
            f"real sizes of {names}",
            "nothing tells them, so they get their kind's median; label them with `height_m`",
        )
    asked = _asked(run)
    unmet = [n for n in asked if n > stock.usable]
    for n in unmet:
        yield f"images of {n} things", count
    if stock.usable == 1 and rules.layouts.get("front_behind"):
        yield "layout front_behind", count
    for name, level in rules.levels.items():
        numbers = [n for n in asked if n >= level.needs and n not in unmet]
        if level.share and name not in possible:
            yield f"level {name}", f"takes {_needs(level, max(2, level.needs))}"
        elif level.share:
            for n in (n for n in numbers if n not in possible[name]):
                yield f"level {name} in images of {n} things", f"takes {_needs(level, n)}"
    can = changes(run, stock, possible)
    for change, weight in rules.changes.items() if rules.counterfactual else ():
        if weight and change not in can:
            yield f"pairs with {change} things", f"takes {CHANGES[change]}"
    if 1 in possible[GIVEN_UP]:
        yield "sentences of the kind relative in images of one thing", "takes another thing"
    if max(asked) > 1 and _told_by_places_alone(stock):
        if rules.layouts.get("front_behind") and _layouts(run, 1):
            yield "layout front_behind", UNLABELLED
        yield "sentences of the kinds basic and relative", UNLABELLED


def _unused(run: Run, catalog: Catalog, stock: Stock, split: str) -> Iterator[tuple[str, str]]:
    """What is there, and in no image: as it was cut off, or as nothing can stand there."""
    places = sum(b.split == split for b in catalog.backgrounds.values())
    if lost := places - len(stock.backgrounds):
        yield f"{lost} of {places} backgrounds", UNSTEADY
    if lost := nowhere(run, catalog, split):
        yield f"{lost} foreground{'s' * (lost > 1)}", CUT


def _asked(run: Run) -> list[int]:
    return sorted(n for n, weight in run.layout.entities.items() if weight)


def _layouts(run: Run, things: int) -> list[str]:
    """The possible layouts of images with that many entities."""
    weighed = (name for name, weight in run.layout.layouts.items() if weight)
    return [name for name in weighed if name != "front_behind" or things == 2]


def _needs(level: Level, things: int) -> str:
    """What an image of the level with that many entities requires, in plain words."""
    parts = []
    if level.same_category is not None:
        other = things - level.same_category
        if level.same_category:
            parts.append(f"{level.same_category + 1} of one category that words can tell apart")
        if other > 1:
            parts.append(f"things of {other} categories")
    if level.same_color:
        parts.append(f"{level.same_color + 1} with one labelled colour")
    return " and ".join(parts) or f"{things} foregrounds"


def _told_by_places_alone(stock: Stock) -> bool:
    """Whether no two of the foregrounds can be told apart by name or look."""
    ids = [i for _, _, members in stock.drawable() for i in members]
    if len(ids) < 2 or any(stock.looks[i][1] for i in ids):
        return False
    firsts = [members[0] for _, _, members in stock.drawable()]
    return all(stock.nameless([a, b]) for a, b in combinations(firsts[:30], 2))
