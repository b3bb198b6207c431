"""Siblings: the same mattes and sentences before several backgrounds, in groups that hold together
however they are made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import Canvas, EffectRanges, LayoutRules, Level
from refmatte_engine.config.run import Run, changed, load_run
from refmatte_engine.dataset import gallery, stats
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.errors import InputError, Rejected
from refmatte_engine.formats import export
from refmatte_engine.generation import siblings
from refmatte_engine.generation.compose import Composer, templates_of
from refmatte_engine.generation.dataset_run import generate
from refmatte_engine.generation.forecast import planned
from refmatte_engine.generation.stream import Stream
from refmatte_engine.generation.verify import verify
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.records import Attribute, Sample
from refmatte_engine.scene import backdrop
from refmatte_engine.scene.plan import make_plan, make_plans, wish
from refmatte_engine.semantics import attributes
from refmatte_engine.semantics.ground import Grounder
from tests.conftest import make_pack
from tests.support import cast
from tests.support.forged import forge

EFFECTS = EffectRanges(
    shadow=(0.4, 0.6), harmonise=(0.3, 0.6), sharpness=(0.5, 1), noise=(0.3, 0.6)
)
RULES = LayoutRules(
    canvas=Canvas(size=(120, 200)),
    layouts={"left_right": 2, "top_bottom": 1, "front_behind": 1},
    levels={"plain": Level(share=2), "twins": Level(share=1, same_category=1)},
    ground=True,
    effects=EFFECTS,
    min_contrast=2,
)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pack(tmp_path_factory.mktemp("siblings") / "tiny")


def run_of(pack: Path, images: int = 8, **changes: Any) -> Run:
    given: dict[str, Any] = {"siblings": 3, "shard_size": 5, "seed": 3, "also": ["group", "none"]}
    return Run(packs=[str(pack)], splits={"train": images}, layout=RULES, **{**given, **changes})


def composer_of(run: Run) -> Composer:
    catalog = catalogs.load(run.packs)
    return Composer(make_plan(run, catalog, "train"), catalog, templates_of(run))


@pytest.fixture(scope="module")
def made(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two groups, and two of a third."""
    root = tmp_path_factory.mktemp("made") / "out"
    generate(run_of(pack), root)
    return root


def test_a_group_shares_all_but_its_backgrounds(pack: Path) -> None:
    composer = composer_of(run_of(pack))
    every = list(composer.samples(0, 9))
    for first, *others in zip(*[iter(every)] * 3, strict=True):
        a = first.sample
        assert (a.siblings, a.sibling) == (a.name, 1)
        backgrounds = {made.sample.scene.background for made in (first, *others)}
        assert backgrounds == set(composer.plan.stock.backgrounds)
        for number, other in enumerate(others, 2):
            b = other.sample
            assert (b.siblings, b.sibling, b.index) == (a.name, number, a.index + number - 1)
            assert b.scene.placements == a.scene.placements
            assert (b.level, b.attempt, b.relations) == (a.level, a.attempt, a.relations)
            assert said(b) == said(a)
            for entity in a.entities:
                one, two = (m.rendering.visible_alpha_u8(entity.index) for m in (first, other))
                assert np.array_equal(one, two)
            assert (other.rendering.image != first.rendering.image).any()
        for made in (first, *others):
            sample = made.sample
            scene = Grounder(sample.entities, sample.scene.canvas_hw)
            for each in sample.expressions:
                assert each.kind == "keyword" or scene.refuted(each) == ""
                proof = scene.ground(each.program)
                assert [clause.left_after for clause in each.program] == list(proof.left_after)
    # Any part of a run makes the same samples; a stream does, too.
    (alone,) = composer.samples(7, 8)
    assert alone.sample == every[7].sample
    stream = Stream(run_of(pack))
    assert [stream[i].sample for i in (8, 4, 3)] == [every[i].sample for i in (8, 4, 3)]


def said(sample: Sample) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(each.kind, each.text, each.referents) for each in sample.expressions]


@pytest.mark.parametrize("each", [2, 3])
def test_quotas_count_a_group_once(pack: Path, each: int) -> None:
    catalog = catalogs.load([pack])
    alone, together = (make_plan(run_of(pack, siblings=k), catalog, "train") for k in (None, each))
    wishes = [wish(together, index) for index in range(20 * each)]
    assert wishes[::each] == [wish(alone, index) for index in range(20)]
    assert all(wishes[i] == wishes[i - i % each] for i in range(len(wishes)))
    found = planned(together, 20 * each + 1)
    assert found["siblings", f"groups of {each}"] == 21
    assert sum(n for (what, _), n in found.items() if what == "layout") == 20 * each + 1


def test_whole_groups_are_in_a_shard_and_a_larger_run_extends_a_smaller(
    pack: Path, made: Path, tmp_path: Path
) -> None:
    assert [run_of(pack, shard_size=n).shard_images for n in (1, 3, 5, 6, 7)] == [3, 3, 3, 6, 6]
    for images in (4, 8):
        generate(run_of(pack, images), tmp_path / "grown")
    generate(run_of(pack, shard_size=6), tmp_path / "others", workers=2, backend="threads")
    expected = Dataset(made).manifest["content_digest"]
    for name in ("grown", "others"):
        assert Dataset(tmp_path / name).manifest["content_digest"] == expected
    assert len(list((made / "train" / ".shards").iterdir())) == 3


def test_a_dataset_has_its_groups(made: Path, tmp_path: Path) -> None:
    assert verify(made).problems == ()
    dataset = Dataset(made)
    groups = list(dataset.siblings())
    assert [len(group) for group in groups] == [3, 3, 2]
    assert all({s.siblings for s in group} == {group[0].name} for group in groups)
    assert [s for group in groups for s in group] == list(dataset.samples())
    assert stats.collect(made).tables["number among siblings"] == {"1": 3, "2": 3, "3": 2}
    page = gallery.build(made)
    told = (page.parent / "parts" / "images_00000.js").read_text("ascii")
    assert told.count(f'"siblings":"{groups[0][0].name}"') == 3
    export.run(made, "coco", tmp_path / "coco")
    assert (tmp_path / "coco").is_dir()


def renamed(sample: dict[str, Any]) -> None:
    sample["siblings"] = sample["siblings"][:-1] + "x"


def untold(sample: dict[str, Any]) -> None:
    if sample["sibling"] == 2:
        sample["expressions"].pop()


def moved(sample: dict[str, Any]) -> None:
    if sample["sibling"] == 2:
        sample["scene"]["placements"][0]["box_xyxy"][0] += 1


def elsewhere(sample: dict[str, Any]) -> None:
    sample["scene"]["background"] = "tiny/land_0"


def alone(sample: dict[str, Any]) -> None:
    if sample["sibling"] == 3:
        del sample["siblings"], sample["sibling"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (renamed, "but the run calls their first"),
        (lambda s: s.update(sibling=s["sibling"] % 3 + 1), "but it is number"),
        (alone, "siblings: '', and those of"),
        (untold, "expressions: differs from that of its sibling"),
        (moved, "scene: differs from that of its sibling"),
        (elsewhere, "is that of a sibling, too"),
    ],
)
def test_what_is_no_group_is_found(
    change: Callable[[dict[str, Any]], object], told: str, made: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in made.rglob("*"):
        if file.is_file() and "gallery" not in file.parts:
            target = copy / file.relative_to(made)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    forge(copy, change)
    assert any(told in problem for problem in verify(copy, pixels=False).problems)


def test_where_no_group_is_found_images_are_alone_and_counted(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_: object) -> None:
        raise Rejected("siblings_ground")

    monkeypatch.setattr(backdrop, "others", none)
    found = list(composer_of(run_of(pack)).samples(0, 6))
    assert {made.sample.siblings for made in found} == {""}
    assert len({made.sample.scene.placements for made in found}) == 6
    lost = Counter(reason for made in found for reason in made.given_up)
    assert lost["siblings"] == 2


def test_too_many_siblings_are_refused_in_words(pack: Path, tmp_path: Path) -> None:
    catalog = catalogs.load([pack])
    told = r"siblings: 4: each is before a background .* split 'train' has 3; ask for 3, or add"
    with pytest.raises(InputError, match=told):
        make_plans(run_of(pack, siblings=4), catalog)
    with pytest.raises(InputError, match=told):
        generate(run_of(pack, siblings=4), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("k", [0, 1, -3, True, 2.5, "two", 1001])
def test_other_numbers_of_siblings_are_refused_in_words(k: object) -> None:
    with pytest.raises(InputError, match="siblings"):
        changed(load_run("smoke"), {"siblings": k})


def test_siblings_are_no_twins(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no image can be both; .*counterfactual: 0"):
        changed(load_run("hard"), {"siblings": 2})
    file = tmp_path / "run.yaml"
    file.write_text("splits: {train: 2}\nsiblings: 2\nlayout: hard\n")
    with pytest.raises(InputError, match=r"run.yaml:2: siblings: .*counterfactual: 0"):
        load_run(file)


WORDS = ("red", "dark red", "blue", "red/white")
facts = st.lists(
    st.builds(
        Attribute,
        st.sampled_from(("color", "color_perhaps", "css_color")),
        st.sampled_from(WORDS),
        st.just("measured"),
    ),
    max_size=4,
).map(tuple)


@given(st.lists(facts, min_size=1, max_size=4))
def test_what_is_sure_of_all_pictures_is_sure_in_each(each: list[tuple[Attribute, ...]]) -> None:
    thing = cast.entity(1, "ball", (0, 0, 9, 9))
    agreed = siblings.agreed([replace(thing, attributes=found) for found in each]).attributes
    for word in WORDS:
        if attributes.holds(agreed, "color", word) == 1:
            assert all(attributes.holds(found, "color", word) == 1 for found in each)
