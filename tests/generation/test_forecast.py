"""A forecast counts what a run plans without going through it, and weighs what a run writes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from refmatte_engine.config.layout_rules import Canvas, LayoutRules, Level
from refmatte_engine.config.run import Run, changed
from refmatte_engine.generation import forecast as forecasts
from refmatte_engine.generation.dataset_run import generate
from refmatte_engine.generation.forecast import forecast, planned
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.scene.plan import change, make_plan, wish
from tests.conftest import make_pack


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return catalogs.load([str(make_pack(tmp_path_factory.mktemp("forecast") / "tiny"))])


def run_of(catalog: Catalog, images: int, share: float) -> Run:
    rules = LayoutRules(
        canvas=Canvas(size=(96, 128)),
        levels={"plain": Level(share=3), "twins": Level(share=1, same_category=1)},
        counterfactual=share,
    )
    packs = [str(catalog.root(info.name)) for info in catalog.packs]
    return Run(packs=packs, splits={"train": images}, layout=rules, kinds={"object": 3, "human": 1})


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_what_is_planned_is_what_every_sample_wishes(catalog: Catalog, share: float) -> None:
    for images in (0, 1, 19, 20, 41, 87):
        plan = make_plan(run_of(catalog, images or 1, share), catalog, "train")
        found = planned(plan, images)
        wishes = [wish(plan, index) for index in range(images)]
        for what, values in (
            ("layout", [each.layout for each in wishes]),
            ("level", [each.level for each in wishes]),
            ("first thing", [each.kind for each in wishes]),
            ("pairs", [made for each in wishes if (made := change(plan, each))]),
        ):
            told = {value: n for (name, value), n in found.items() if name == what and n}
            assert told == Counter(values), (what, images)


def test_a_hundred_million_images_are_as_soon_foretold(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(forecasts, "wish", lambda p, index: asked.append(index) or wish(p, index))
    monkeypatch.setattr(forecasts, "PAIRS", 2)
    run = run_of(catalog, 100_000_000, 0.2)
    found = forecast(run, catalog, workers=64)
    assert len(asked) < 100
    assert (found.images, found.cores, found.each.tried) == (100_000_000, 64, 4)
    assert found.planned["train"]["level", "plain"] == 75_000_000


def test_sizes_are_those_of_what_is_written(catalog: Catalog, tmp_path: Path) -> None:
    """Of a run of which every image is tried."""
    run = run_of(catalog, 8, 0.0)
    found = forecast(run, catalog, tmp_path / "none" / "such")
    assert not (tmp_path / "none").exists()
    manifest = generate(run, tmp_path / "out", catalog=catalog)
    written = [
        path for folder in ("img", "mask") for path in (tmp_path / "out/train" / folder).iterdir()
    ]
    counts = manifest["splits"]["train"]
    assert found.each.tried == counts["images"] == 8
    assert 8 * found.each.mattes == counts["entities"]
    assert 8 * found.each.sentences == counts["expressions"]
    assert 8 * found.each.files == len(written)
    assert 8 * found.each.drawn_again == sum(manifest["rejections"].values())
    blocks = sum(-(-path.stat().st_size // 4096) * 4096 for path in written)
    told = [*(tmp_path / "out/train").glob("*.json*"), *(tmp_path / "out/train/.shards").iterdir()]
    said = sum(path.stat().st_size for path in told)
    assert 8 * found.each.disk_bytes == pytest.approx(blocks + said, rel=0.01)


def test_a_split_for_which_there_is_nothing_has_no_images(catalog: Catalog) -> None:
    run = changed(run_of(catalog, 3, 0.0), {"splits": {"train": 3, "test": 5}})
    found = forecast(run, catalog)
    assert found.splits == {"train": 3, "test": 0}
    assert "any image" in str(found.lacks["test"][0])
