"""A second opinion on what sentences mean, from masks, categories and attributes alone.

It shares no geometry with the engine: centres and boxes are measured on the mask files, spatial
words are plain comparisons without margins, and where several things fit it asks whether the
referent fits clearly best. Run it on a dataset: python -m tests.checker out/demo
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from refmatte_engine import lexicon

Point = tuple[float, float]
CLEARLY = 0.01  # of the canvas: by so much the referent fits better than the next
PLAINLY = 0.15  # of the canvas: what fits by so much is meant without being looked for


class Seen(NamedTuple):
    """An entity as its mask shows it, in fractions of the picture."""

    category: str
    attributes: list[dict[str, Any]]
    x: float
    y: float
    x0: float
    y0: float
    x1: float
    y1: float
    area: float


def seen(entity: dict[str, Any], mask: Path) -> Seen:
    with Image.open(mask) as image:
        alpha = np.asarray(image).astype(np.float64)
    height, width = alpha.shape
    rows, columns = np.nonzero(alpha >= (128 if (alpha >= 128).any() else 1))
    total = alpha.sum()
    x = (alpha.sum(0) * (np.arange(width) + 0.5)).sum() / total / width
    y = (alpha.sum(1) * (np.arange(height) + 0.5)).sum() / total / height
    return Seen(
        entity["category"], entity.get("attributes", []), x, y,
        columns.min() / width, rows.min() / height,
        (columns.max() + 1) / width, (rows.max() + 1) / height, total / alpha.size / 255,
    )  # fmt: skip


def gap(a: Seen, b: Seen) -> float:
    """How far apart two boxes are; below 0 where they overlap."""
    across = max(a.x0 - b.x1, b.x0 - a.x1)
    down = max(a.y0 - b.y1, b.y0 - a.y1)
    return max(across, down)


# How well a word fits: above 0 it is true, and more is better.
PLACES: dict[str, Callable[[Seen], float]] = {
    "left": lambda e: 0.5 - e.x,
    "far_left": lambda e: 0.5 - e.x,
    "right": lambda e: e.x - 0.5,
    "far_right": lambda e: e.x - 0.5,
    "left_edge": lambda e: 0.1 - e.x0,
    "right_edge": lambda e: e.x1 - 0.9,
    "top_edge": lambda e: 0.1 - e.y0,
    "bottom_edge": lambda e: e.y1 - 0.9,
    "top": lambda e: 0.55 - e.y,
    "bottom": lambda e: e.y - 0.45,
    "center": lambda e: 0.25 - max(abs(e.x - 0.5), abs(e.y - 0.5)),
    "top_left": lambda e: min(0.5 - e.x, 0.55 - e.y),
    "top_right": lambda e: min(e.x - 0.5, 0.55 - e.y),
    "bottom_left": lambda e: min(0.5 - e.x, e.y - 0.45),
    "bottom_right": lambda e: min(e.x - 0.5, e.y - 0.45),
}
SIDES: dict[str, Callable[[Seen, Seen], float]] = {
    "left_of": lambda a, b: b.x - a.x,
    "right_of": lambda a, b: a.x - b.x,
    "above": lambda a, b: b.y - a.y,
    "below": lambda a, b: a.y - b.y,
    # Nobody calls a third of the picture near, however well the other words fit.
    "near": lambda a, b: 0.3 - gap(a, b),
    "next_to": lambda a, b: 0.3 - gap(a, b),
}
FAR: dict[str, Callable[[Seen], float]] = {
    "far_left": lambda e: -e.x,
    "far_right": lambda e: e.x,
}
ORDERS: dict[str, Callable[[Seen], float]] = {
    "left": lambda e: -e.x,
    "right": lambda e: e.x,
    "top": lambda e: -e.y,
    "bottom": lambda e: e.y,
    "large": lambda e: e.area,
    "small": lambda e: -e.area,
}


def has(entity: Seen, clause: dict[str, Any]) -> bool:
    """Whether the attribute is recorded as sure."""
    for fact in entity.attributes:
        if fact["name"] == clause["name"] and fact.get("part", "") == clause.get("part", ""):
            value, asked = fact["value"], clause["value"]
            if value == asked or value.removeprefix("dark ").removeprefix("light ") == asked:
                return True
            if "/" in asked and set(value.split("/")) == set(asked.split("/")):
                return True
    return False


def may_have(entity: Seen, clause: dict[str, Any]) -> bool:
    """The same, or nobody said which way the entity faces."""
    unknown = all(fact["name"] != "facing" for fact in entity.attributes)
    return (clause["name"] == "facing" and unknown) or has(entity, clause)


def fits(
    entities: dict[int, Seen], program: list[dict[str, Any]], covers: set[tuple[int, int]]
) -> dict[int, float]:
    """The entities that the program may mean, and how well each fits (above 0)."""
    found = dict.fromkeys(entities, 9.0)
    for clause in program:
        op, name = clause["op"], clause["name"]
        if op == "order":
            ranked = sorted(found, key=lambda k: -ORDERS[name](entities[k]))
            found = {k: found[k] for k in ranked[int(clause["value"]) - 1 :][:1]}
            continue
        if op == "any":
            either = {k for p in clause["targets"] for k in best(fits(entities, p, covers))}
            found = {k: v for k, v in found.items() if k in either}
            continue
        if op == "count":
            found = found if str(len(found)) == clause["value"] else {}
            continue
        kept = {}
        for k, so_far in found.items():
            score = 9.0
            if op == "category":
                score = 9.0 if lexicon.is_a(entities[k].category, name) == 1 else -1.0
            elif op == "attribute":
                # A negated attribute must not be there; the writer saw to it that it cannot be.
                check = has if clause.get("negated", False) else may_have
                right = check(entities[k], clause) != clause.get("negated", False)
                score = 9.0 if right else -1.0
            elif op == "position":
                score = PLACES[name](entities[k])
                if name in FAR and any(
                    FAR[name](other) - FAR[name](entities[k]) > CLEARLY
                    for other in entities.values()
                ):
                    score = -1.0
            elif op == "relation":
                score = related(entities, k, name, clause["targets"], covers)
            if score > 0:
                kept[k] = min(so_far, score)
        found = kept
    return found


def amid(me: Point, a: Point, b: Point) -> float:
    """How far inside the ends, less half of how far beside the line between them."""
    (x0, y0), (x1, y1) = sorted((a, b))
    line = y0 + (y1 - y0) * (me[0] - x0) / max(x1 - x0, 1e-6)
    return min(me[0] - x0, x1 - me[0]) - 0.5 * abs(me[1] - line)


def related(
    entities: dict[int, Seen],
    k: int,
    name: str,
    targets: list[list[dict[str, Any]]],
    covers: set[tuple[int, int]],
) -> float:
    others = [best(fits(entities, target, covers)) for target in targets]
    if any(len(found) != 1 or found == {k} for found in others):
        return -1.0
    ends = [next(iter(found)) for found in others]
    if name == "between":
        a, b, me = entities[ends[0]], entities[ends[1]], entities[k]
        across = amid((me.x, me.y), (a.x, a.y), (b.x, b.y))
        return max(across, amid((me.y, me.x), (a.y, a.x), (b.y, b.x)))
    if name in ("in_front_of", "behind"):
        pair = (ends[0], k) if name == "in_front_of" else (k, ends[0])
        return 9.0 if pair in covers else -1.0
    return SIDES[name](entities[k], entities[ends[0]])


def best(scores: dict[int, float]) -> set[int]:
    """The entities that fit, or the one that fits clearly better than all others."""
    if len(scores) > 1 and min(scores.values()) < 9.0:
        first, second, *_ = sorted(scores.values(), reverse=True)
        if first - second > CLEARLY:
            return {max(scores, key=lambda k: scores[k])}
    return set(scores)


def meaning(kind: str, scores: dict[int, float]) -> set[int]:
    """What a sentence of a kind means. Who speaks of "the mugs on the left" means all that fit,
    less those that fit clearly worse than the first two; a near miss means only what cannot be
    missed."""
    if kind == "none":
        return {k for k, score in scores.items() if score > PLAINLY}
    if kind != "group" or len(scores) < 3:
        return set(scores) if kind == "group" else best(scores)
    ranked = sorted(scores, key=lambda k: -scores[k])
    steps = [scores[a] - scores[b] for a, b in pairwise(ranked[1:])]
    widest = max(range(len(steps)), key=steps.__getitem__)
    return set(ranked[: widest + 2]) if steps[widest] > CLEARLY else set(ranked)


def failures(split: Path) -> Iterator[tuple[str, str]]:
    """(kind, complaint) of every sentence of a split; an empty complaint for a good one."""
    with (split / "samples.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            sample = json.loads(line)
            entities = {
                e["index"]: seen(e, split / "mask" / f"{sample['name']}_{e['index']}.png")
                for e in sample["entities"]
            }
            covers = {
                (e["index"], j) for e in sample["entities"] for j, _ in e.get("covered_by", [])
            }
            for expression in sample["expressions"]:
                if expression["kind"] == "keyword":
                    continue
                scores = fits(entities, expression["program"], covers)
                meant = meaning(expression["kind"], scores)
                good = meant == set(expression["referents"])
                text = f"{sample['name']}: {expression['text']!r}"
                wrong = f"{text} means {sorted(meant)}, not {expression['referents']}"
                yield expression["kind"], "" if good else wrong
                spare = any(not c.get("necessary", True) for c in expression["program"])
                if spare and expression["kind"] == "minimal":
                    yield "claims", f"{text} says more than is needed"
                elif not spare and expression["kind"] == "overspecified":
                    yield "claims", f"{text} says no more than is needed"


def main() -> int:
    total: Counter[str] = Counter()
    wrong = 0
    for split in sorted(p.parent for p in Path(sys.argv[1]).glob("*/samples.jsonl")):
        for kind, complaint in failures(split):
            total[kind] += 1
            if complaint:
                wrong += 1
                print(complaint)
    kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(total.items()))
    print(f"{sum(total.values())} sentences ({kinds}): {wrong} failures")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
