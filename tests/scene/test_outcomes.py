"""What was asked of a sample is its first attempt's; what differs from the wish was given up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from refmatte_engine.config.run import load_run
from refmatte_engine.generation import compose
from refmatte_engine.generation.compose import Composer
from refmatte_engine.packs import run_catalog
from refmatte_engine.records import Sample
from refmatte_engine.scene.outcomes import asked, given_up, planned_as
from refmatte_engine.scene.plan import Plan, make_plan, sample_plan, wish


@pytest.fixture(scope="module")
def made() -> tuple[Plan, Sample]:
    run = load_run("smoke")
    catalog = run_catalog.of_run(run)
    plan = make_plan(run, catalog, "train")
    composer = Composer(plan, catalog, compose.templates_of(run))
    return plan, composer.sample(0).sample


def test_a_first_attempt_is_what_was_asked_for(made: tuple[Plan, Sample]) -> None:
    plan, sample = made
    first = replace(sample, attempt=0)
    assert asked(plan, first) == ()
    things = sample_plan(plan, 0).foregrounds
    strange = replace(sample.scene.placements[0], foreground="p/strange")
    other = replace(sample, attempt=1, scene=replace(sample.scene, placements=(strange,)))
    assert asked(plan, other) == tuple(sorted(things))


def test_what_differs_from_the_wish_was_given_up(made: tuple[Plan, Sample]) -> None:
    plan, sample = made
    assert sample.scene.layout
    wanted = wish(plan, 0)._replace(
        layout=sample.scene.layout, level=sample.level, entities=len(sample.entities), change=None
    )
    assert given_up(plan, wanted, sample) == ()
    assert given_up(plan, wanted._replace(entities=9), sample) == ("entities",)
    assert given_up(plan, wanted._replace(level="other", change="exchanged"), sample) == (
        "level", "twin",
    )  # fmt: skip


def test_twins_and_siblings_have_the_plan_of_the_first(made: tuple[Plan, Sample]) -> None:
    sample = made[1]
    assert planned_as(replace(sample, index=7)) == 7
    assert planned_as(replace(sample, index=7, twin="x")) == 6
    assert planned_as(replace(sample, index=7, siblings="x", sibling=3)) == 5
