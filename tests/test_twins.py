"""Counterfactual pairs: one exchange, and a sentence that follows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from refmatte_engine import catalog as catalogs
from refmatte_engine import expressions, resources
from refmatte_engine.ground import refuted
from refmatte_engine.pipeline import make_samples
from refmatte_engine.plan import has_twin, make_plan
from refmatte_engine.run import Canvas, LayoutRules, Level, Run
from tests.conftest import make_pack


def rules(**changes: object) -> LayoutRules:
    return LayoutRules(
        canvas=Canvas(size=(160, 240)),
        layouts={"left_right": 1},
        levels={"twins": Level(same_category=1)},
        **changes,  # type: ignore[arg-type]
    )


def test_pairs_differ_by_one_exchange_and_a_sentence_follows(tmp_path: Path) -> None:
    pack = make_pack(tmp_path / "tiny")
    run = Run(packs=[str(pack)], splits={"train": 6}, layout=rules(counterfactual=1.0))
    catalog = catalogs.load(run.packs)
    plan = make_plan(run, catalog, "train")
    templates = expressions.load(resources.template("english", "expressions"))
    made = list(make_samples(plan, catalog, templates, 0, 6))
    for first, second in zip(made[::2], made[1::2], strict=True):
        a, b = first.sample, second.sample
        assert (a.twin, b.twin) == (b.name, a.name)
        assert sorted(p.foreground for p in a.scene.placements) == sorted(
            p.foreground for p in b.scene.placements
        )
        assert a.scene.background == b.scene.background
        assert (first.rendering.image != second.rendering.image).any()
        means = {e.text: a.entities[e.referents[0] - 1].foreground for e in a.expressions}
        follows = [
            e.text
            for e in b.expressions
            if e.kind != "keyword"
            and e.text in means
            and means[e.text] != b.entities[e.referents[0] - 1].foreground
        ]
        assert follows
        for sample in (a, b):
            assert all(not refuted(e, sample.entities, (160, 240)) for e in sample.expressions)
    # Any part of a run makes the same samples.
    (alone,) = make_samples(plan, catalog, templates, 3, 4)
    assert alone.sample == made[3].sample
    assert np.array_equal(alone.rendering.image, made[3].rendering.image)


def test_the_share_of_pairs_is_exact_in_every_forty_images(tmp_path: Path) -> None:
    pack = make_pack(tmp_path / "tiny")
    levels = {"plain": Level(), "twins": Level(same_category=1)}
    layout = rules(counterfactual=0.3).model_copy(update={"levels": levels})
    plan = make_plan(
        Run(packs=[str(pack)], splits={"train": 80}, layout=layout), catalogs.load([pack]), "train"
    )
    flags = [has_twin(plan, i) for i in range(80)]
    assert flags[::2] == flags[1::2]
    assert sum(flags[:40]) == sum(flags[40:]) == 12


def test_pairs_need_things_of_one_category() -> None:
    with pytest.raises(ValueError, match="images with a twin need two things of one category"):
        LayoutRules(counterfactual=0.5)
