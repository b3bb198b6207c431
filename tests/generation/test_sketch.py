"""What a sketch refuses, the picture itself would be refused for."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from refmatte_engine.config.layout_rules import Canvas, LayoutRules, Level
from refmatte_engine.config.run import Run, load_run
from refmatte_engine.errors import Indescribable, Rejected
from refmatte_engine.generation import acceptance, compose, sketch
from refmatte_engine.generation.compose import Composer
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.packs import run_catalog
from refmatte_engine.randomness import stream
from refmatte_engine.records import Scene
from refmatte_engine.scene import layout, plan, render
from tests.conftest import make_pack

# Tight enough for every reason to occur.
RULES = LayoutRules(
    canvas=Canvas(size=(480, 640)),
    layouts={"left_right": 1, "top_bottom": 1, "front_behind": 2},
    levels={"any": Level()},
    size=(0.1, 0.9),
    min_area=0.012,
    covered=(0.1, 0.16),
    rotation_deg=20,
    max_upscale=8,
)


@pytest.fixture(scope="module")
def composer(tmp_path_factory: pytest.TempPathFactory) -> Composer:
    pack = make_pack(tmp_path_factory.mktemp("packs") / "tiny")
    run = Run(seed=5, packs=[str(pack)], splits={"train": 40}, layout=RULES, test_share=0)
    cache = tmp_path_factory.mktemp("cache")
    catalog = catalogs.load(run.packs, split_seed=5, test_share=0.0, cache=cache)
    return Composer(plan.make_plan(run, catalog, "train"), catalog, compose.templates_of(run))


def scenes(composer: Composer, count: int) -> list[Scene]:
    found = []
    for index in range(count):
        planned = plan.sample_plan(composer.plan, index)
        try:
            found.append(
                layout.sample_scene(
                    planned,
                    [composer.catalog.foregrounds[i] for i in planned.foregrounds],
                    composer.catalog.backgrounds[planned.background],
                    RULES,
                    stream(5, "layout", "train", index),
                )
            )
        except Rejected:
            continue
    return found


def test_a_sketch_refuses_only_what_the_picture_is_refused_for(composer: Composer) -> None:
    refused: Counter[str] = Counter()
    for scene in scenes(composer, 80):
        # An effect blurs edges, and so changes alphas.
        scene = replace(scene, effects=replace(scene.effects, sharpness=1.0))
        try:
            drawn = sketch.sketch(scene, composer.catalog, LayoutRules())
            acceptance.accept(drawn, scene.layout, scene.canvas_hw, sketch.loosened(RULES))
            sketch.speakable(drawn, scene.canvas_hw, composer.templates)
        except (Rejected, Indescribable) as why:
            refused[why.reason] += 1
            with pytest.raises((Rejected, Indescribable)):
                composer._told(0, (0, 0), "any", scene, composer._seen("any", scene)[0])
    assert {"too_small", "covered_too_little", "too_hidden"} <= refused.keys(), refused


def test_a_sketch_is_the_picture_without_effects(composer: Composer) -> None:
    for scene in scenes(composer, 16):
        drawn = sketch.sketch(scene, composer.catalog, LayoutRules())
        rendering = compose.render_scene(scene, composer.catalog)
        placed = [composer.catalog.foregrounds[p.foreground] for p in scene.placements]
        assert drawn == render.entities(rendering.layers, scene, placed, LayoutRules())


@pytest.mark.parametrize("ground", [False, True])
def test_things_stand_where_there_is_ground(composer: Composer, ground: bool) -> None:
    for scene in scenes(composer, 8):
        for entity in sketch.sketch(scene, composer.catalog, LayoutRules(ground=ground)):
            known = composer.catalog.foregrounds[entity.foreground]
            assert entity.stands == (ground and known.stands)


@pytest.mark.slow  # the whole bundled pack is read
def test_things_of_the_paper_s_preset_are_as_large_as_in_its_figures() -> None:
    run = load_run("refmatte")
    catalog = run_catalog.of_run(run)
    preset = Composer(plan.make_plan(run, catalog, "train"), catalog, compose.templates_of(run))
    shares = []
    for index in range(480):
        scene = _accepted(preset, index)
        height, width = scene.canvas_hw
        drawn = sketch.sketch(scene, catalog, run.layout)
        shares += [entity.area_px / (height * width) for entity in drawn]
    assert 0.11 <= np.median(shares) <= 0.15
    assert np.min(shares) > 0.005


def _accepted(composer: Composer, index: int) -> Scene:
    """The first scene of a sample that its sketch is not refused for."""
    for attempt in range(composer.plan.run.layout.max_attempts):
        with contextlib.suppress(Rejected, Indescribable):
            return composer._planned(index, plan.wish(composer.plan, index), (attempt, 0))[1]
    raise AssertionError(index)
