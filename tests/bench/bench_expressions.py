"""Certified expressions a second on one core, beside a naive enumerator: same scenes, one run.

    python -m tests.bench.bench_expressions
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable

import numpy as np

from refmatte_engine import expressions, ground, resources
from refmatte_engine.drafts import Drafter
from refmatte_engine.expressions import Indescribable, Templates
from refmatte_engine.records import Clause, Entity
from tests import cast

Scenes = list[tuple[Entity, ...]]
KINDS = ("basic", "absolute", "relative", "combined")


def three_of_a_scene(count: int, templates: Templates) -> Scenes:
    """Scenes of three entities that can be described."""
    found: Scenes = []
    for seed in itertools.count():
        entities = cast.scene(random.Random(seed), same=0.2)
        if len(entities) != 3:
            continue
        try:
            rng = np.random.default_rng(seed)
            expressions.express(entities, cast.CANVAS_HW, templates, rng)
        except Indescribable:
            continue
        found.append(entities)
        if len(found) == count:
            return found
    return found


def ours(scenes: Scenes, templates: Templates) -> int:
    made = 0
    for seed, entities in enumerate(scenes):
        try:
            rng = np.random.default_rng(seed)
            said = expressions.express(entities, cast.CANVAS_HW, templates, rng)
        except Indescribable:
            continue
        made += sum(expression.kind != "keyword" for expression in said)
    return made


def naive(scenes: Scenes, templates: Templates) -> int:
    """Every subset of what is true, shortest first, until one is unique; no words yet."""
    made = 0
    for seed, entities in enumerate(scenes):
        drafter = Drafter(entities, cast.CANVAS_HW, templates, random.Random(seed))
        for place, entity in enumerate(entities):
            clauses = [
                clause
                for name, fillers in drafter.options[place].items()
                if name != "relation"
                for filler in fillers
                for clause in filler.clauses
            ]
            made += len(KINDS) * _found(list(dict.fromkeys(clauses)), entity, entities)
    return made


def _found(clauses: list[Clause], entity: Entity, entities: tuple[Entity, ...]) -> bool:
    for size in (1, 2, 3):
        for program in itertools.combinations(clauses, size):
            # Every kind of sentence would repeat this search; four are counted for each.
            for _ in KINDS:
                found = ground.ground(program, entities, cast.CANVAS_HW)
            if found.certain and found.referents == (entity.index,):
                return True
    return False


def rate(run: Callable[[Scenes, Templates], int], scenes: Scenes, templates: Templates) -> float:
    run(scenes[:5], templates)
    began = time.process_time()
    return run(scenes, templates) / (time.process_time() - began)


def main() -> None:
    templates = expressions.load(resources.template("english", "expressions"))
    scenes = three_of_a_scene(150, templates)
    best = max(rate(ours, scenes, templates) for _ in range(3))
    print(f"ours:  {best:8.0f} certified expressions/s, one core, three entities")
    print(f"naive: {rate(naive, scenes[:40], templates):8.0f} (content only, without text)")


if __name__ == "__main__":
    main()
