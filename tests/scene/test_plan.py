"""Quotas hold in every block, and a sample depends on its index alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from refmatte_engine.config.layout_rules import GIVEN_UP, LayoutRules, Level
from refmatte_engine.config.run import Groups, Run, load_run
from refmatte_engine.errors import InputError
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import Attribute, Background, Change, Foreground
from refmatte_engine.scene import cut_sides
from refmatte_engine.scene.plan import make_plan, sample_plan, wish
from refmatte_engine.scene.quotas import BLOCK, quota


def catalog(human: int = 12, animal: int = 6, thing: int = 9, per_category: int = 3) -> Catalog:
    foregrounds = {}
    for kind, count in (("human", human), ("animal", animal), ("object", thing)):
        for i in range(count):
            name = f"p/{kind}{i}"
            category = f"{kind}-{i // per_category}"
            foregrounds[name] = Foreground(
                name,
                "p",
                "",
                "",
                category,
                kind,
                "train",
                (100, 80),
                name,  # type: ignore[arg-type]
            )
    backgrounds = {
        f"p/b{i}": Background(f"p/b{i}", "p", "", "train", (100, 150), str(i)) for i in range(3)
    }
    return Catalog(foregrounds, backgrounds, (), (), "digest", Path("unused"))


def run(**changes: object) -> Run:
    return Run(**{"splits": {"train": 100}, **changes})  # type: ignore[arg-type]


@given(
    st.dictionaries(st.integers(), st.floats(0.01, 10), min_size=1, max_size=6), st.integers(0, 50)
)
def test_a_quota_is_off_by_less_than_one(weights: dict[int, float], size: int) -> None:
    found = Counter(quota(weights, size))
    assert sum(found.values()) == size
    total = sum(weights.values())
    for choice, weight in weights.items():
        assert abs(found[choice] - size * weight / total) < 1


def test_layouts_and_numbers_of_entities_are_exact_in_every_block() -> None:
    plan = make_plan(run(), catalog(), "train")
    for block in range(3):
        made = [sample_plan(plan, block * BLOCK + i) for i in range(BLOCK)]
        assert Counter(r.layout for r in made) == {
            "left_right": 14, "top_bottom": 4, "front_behind": 2,
        }  # fmt: skip
        assert Counter(len(r.foregrounds) for r in made) == {2: 10, 3: 10}
        assert all(len(r.foregrounds) == 2 for r in made if r.layout == "front_behind")


@st.composite
def layout_rules(draw: Any) -> LayoutRules:
    """Any layouts, numbers, limits and levels that do not contradict each other."""
    number, weight = st.integers(1, 6), st.integers(1, 9)
    names = st.sampled_from(["left_right", "top_bottom", "front_behind"])
    level = st.builds(Level, share=weight, same_category=st.none() | st.integers(0, 5))
    try:
        return LayoutRules(
            layouts=draw(st.dictionaries(names, weight, min_size=1)),
            entities=draw(st.dictionaries(number, weight, min_size=1)),
            at_most=draw(st.dictionaries(names, number)),
            levels=draw(st.dictionaries(st.sampled_from("abc"), level, min_size=1)),
        )
    except ValidationError:
        return reject()


@settings(max_examples=60)
@given(layout_rules(), st.integers(0, 2))
def test_no_level_makes_an_image_larger_than_its_layout(rules: LayoutRules, block: int) -> None:
    """What a level needs beyond that is given up, where no other image of the block has room."""
    plan = make_plan(run(layout=rules), catalog(), "train")
    wishes = [wish(plan, block * BLOCK + i) for i in range(BLOCK)]
    shares = {name: level.share for name, level in rules.levels.items()}
    assert Counter(w.level for w in wishes) == Counter(quota(shares, BLOCK))
    for i, wanted in enumerate(wishes):
        most, need = rules.most(wanted.layout), rules.levels[wanted.level].needs
        assert wanted.entities <= most
        made = sample_plan(plan, block * BLOCK + i)
        assert len(made.foregrounds) <= max(rules.most(made.layout), wanted.entities)
        if need > most:
            assert made.level != wanted.level or made.layout != wanted.layout
            roomy = [w for w in wishes if rules.most(w.layout) >= need]
            assert all(rules.levels[w.level].needs > most for w in roomy)


def test_portraits_that_were_cut_off_are_used_where_they_have_a_place() -> None:
    """As in packs of portraits: all are cut off below, every other one also at a side."""
    cuts = [
        ("bottom",),
        ("left", "bottom"),
        ("bottom",),
        ("right", "bottom"),
        ("top",),
        ("left", "right"),
    ]
    portraits = catalog(human=24, animal=0, thing=0, per_category=1)
    found = {
        name: replace(f, cut_edges=cuts[i % len(cuts)], flippable=i % 4 > 0)
        for i, (name, f) in enumerate(portraits.foregrounds.items())
    }
    plan = make_plan(
        run(layout=LayoutRules(ground=True)), replace(portraits, foregrounds=found), "train"
    )
    seen: Counter[tuple[str, ...]] = Counter()
    for index in range(3 * BLOCK):
        made = sample_plan(plan, index)
        chosen = [found[i] for i in made.foregrounds]
        assert made.layout != "top_bottom"  # two cannot rest on the lower edge
        assert cut_sides.agree(chosen, made.layout)
        seen.update(f.cut_edges for f in chosen)
    assert set(seen) == {("bottom",), ("left", "bottom"), ("right", "bottom")}
    assert seen[("bottom",)] < 2 * (seen[("left", "bottom")] + seen[("right", "bottom")])


def test_no_foreground_meets_itself() -> None:
    plan = make_plan(run(layout=LayoutRules(entities={6: 1})), catalog(), "train")
    for index in range(40):
        chosen = sample_plan(plan, index).foregrounds
        assert len(set(chosen)) == len(chosen)


def test_a_recipe_depends_on_nothing_but_its_index() -> None:
    small = make_plan(run(splits={"train": 10}), catalog(), "train")
    large = make_plan(run(splits={"train": 10_000}), catalog(), "train")
    assert [sample_plan(small, i) for i in (5, 3, 9)] == [sample_plan(large, i) for i in (5, 3, 9)]
    assert sample_plan(small, 5) != sample_plan(make_plan(run(seed=1), catalog(), "train"), 5)


@pytest.mark.parametrize("same", [0, 1, 2])
def test_levels_say_how_many_share_the_first_one_s_category(same: int) -> None:
    levels = {"easy": Level(share=3, same_category=0), "hard": Level(share=1, same_category=same)}
    plan = make_plan(run(layout=LayoutRules(levels=levels)), catalog(), "train")
    seen: Counter[str] = Counter()
    for index in range(5 * BLOCK):
        made = sample_plan(plan, index)
        categories = Counter(plan_category(f.rsplit("/")[-1]) for f in made.foregrounds)
        wanted = {"easy": 0, "hard": same}[made.level]
        assert max(categories.values()) == wanted + 1
        assert sum(n > 1 for n in categories.values()) <= 1
        seen[made.level] += 1
    assert seen == {"easy": 75, "hard": 25}


def test_levels_of_colour() -> None:
    assets = catalog()
    painted = {
        name: replace(f, attributes=(Attribute("color", "red" if i % 3 else "blue", "recipe"),))
        for i, (name, f) in enumerate(assets.foregrounds.items())
    }
    levels = {"hard": Level(same_color=2, same_category=0)}
    rules = LayoutRules(levels=levels, entities={4: 1}, layouts={"left_right": 1})
    plan = make_plan(run(layout=rules), replace(assets, foregrounds=painted), "train")
    for index in range(40):
        chosen = sample_plan(plan, index).foregrounds
        colors = Counter(painted[f].attributes[0].value for f in chosen)
        assert sorted(colors.values()) == [1, 3]
        assert len({painted[f].category for f in chosen}) == 4


def test_levels_that_the_assets_cannot_meet_are_given_up() -> None:
    levels = {"plain": Level(), "hard": Level(same_color=1)}  # and nothing has a labelled colour
    plan = make_plan(run(layout=LayoutRules(levels=levels)), catalog(), "train")
    assert set(plan.levels) == {"plain", GIVEN_UP}
    assert {sample_plan(plan, i).level for i in range(BLOCK)} == {"plain"}
    rules = LayoutRules(levels={"hard": Level(same_color=1)})
    plan = make_plan(run(layout=rules), catalog(), "train")
    assert {sample_plan(plan, i).level for i in range(BLOCK)} == {GIVEN_UP}


def plan_category(name: str) -> str:
    kind = name.rstrip("0123456789")
    return f"{kind}-{int(name[len(kind) :]) // 3}"


def test_every_category_comes_first_about_equally_often() -> None:
    plan = make_plan(run(kinds={"object": 1}), catalog(thing=12), "train")
    firsts = Counter(
        plan_category(f.rsplit("/")[-1])
        for i in range(80)
        for f in sample_plan(plan, i).foregrounds
    )
    assert set(firsts) == {"object-0", "object-1", "object-2", "object-3"}
    assert min(firsts.values()) > 30


@pytest.mark.parametrize(("change", "needs"), [("recoloured", 1), ("traded", 2)])
def test_where_hues_are_to_change_what_may_have_others_is_drawn(change: Change, needs: int) -> None:
    """And so it is asked for, where else many attempts come to nothing."""
    things = {
        f"p/{category}{i}": Foreground(
            f"p/{category}{i}", "p", "", "", category, "object", "train", (90, 80),
            f"{category}{i}", (Attribute("color", color, "recipe"),),
        )
        for category in ("mug", "apple", "pumpkin", "candle", "fern", "book")
        for i, color in enumerate(("red", "blue", "green"))
    }  # fmt: skip
    rules = LayoutRules(
        levels={"twins": Level(same_category=1)}, counterfactual=1, changes={change: 1}
    )
    found = replace(catalog(), foregrounds=things)
    plan = make_plan(run(layout=rules), found, "train")
    assert plan.stock.repainted < things.keys()
    firsts: Counter[str] = Counter()
    for index in range(40):
        chosen = sample_plan(plan, 2 * index).foregrounds
        painted = Counter(things[i].category for i in chosen if i in plan.stock.repainted)
        assert max(painted.values()) >= needs
        firsts.update(painted.keys())
    assert len(firsts) > 1


def test_what_stands_in_for_what_does_not_fit_is_not_always_one_and_the_same() -> None:
    """Of forty categories five have two things that can be told apart."""
    things = {
        f"p/{i}-{k}": Foreground(
            f"p/{i}-{k}", "p", "", "", f"thing {i:02}", "object", "train", (90, 80), f"{i}-{k}",
            (Attribute("color", color, "recipe"),),
        )
        for i in range(40)
        for k, color in enumerate(("red", "blue") if i % 8 == 0 else ("red",))
    }  # fmt: skip
    rules = LayoutRules(levels={"twins": Level(same_category=1)}, entities={2: 1})
    plan = make_plan(run(layout=rules), replace(catalog(), foregrounds=things), "train")
    seen = Counter(things[sample_plan(plan, i).foregrounds[0]].category for i in range(200))
    assert len(seen) == 5
    assert max(seen.values()) < 1.5 * 200 / 5


def test_groups_are_balanced_and_repeat_what_is_scarce() -> None:
    groups = Groups(images={"train": 20}, count={"train": 6})
    plan = make_plan(run(groups=groups), catalog(human=40, animal=3, thing=3), "train")
    kinds: Counter[str] = Counter()
    for group in range(6):
        members = {f for i in range(20) for f in sample_plan(plan, group * 20 + i).foregrounds}
        kinds.update(m.split("/")[1].rstrip("0123456789") for m in members)
        assert len(members) == 7
    assert kinds == {"human": 30, "animal": 6, "object": 6}
    # Past the last group, images draw from everything.
    rest = {f for i in range(120, 220) for f in sample_plan(plan, i).foregrounds}
    assert len(rest) > 30


def test_later_attempts_keep_the_quotas() -> None:
    plan = make_plan(run(), catalog(), "train")
    for index in range(BLOCK):
        first = sample_plan(plan, index)
        for attempt in range(1, 6):
            again = sample_plan(plan, index, attempt)
            assert (again.layout, len(again.foregrounds)) == (first.layout, len(first.foregrounds))
    assert len({sample_plan(plan, 0, attempt).foregrounds for attempt in range(8)}) > 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"splits": {"val": 3}}, "no background for split 'val'"),
        ({"kinds": {"animal": 1}}, "no foreground of kind 'animal'"),
        ({"splits": {"val": 3}}, r"\(3 in train\); label some `split: val`"),
        ({"groups": Groups(images={"train": 20}, count={"train": 1})}, "deals 5 human, 1 animal, 1 "
         "object at a time, and split 'train' has no foreground of kind animal or object; .* "
         "`groups: null`"),
    ],
)  # fmt: skip
def test_what_a_catalog_lacks_is_said(changes: dict[str, object], message: str) -> None:
    split = next(iter(changes.get("splits", {"train": 1})))  # type: ignore[call-overload]
    few = catalog(human=3, animal=0, thing=0)
    with pytest.raises(InputError, match=message):
        make_plan(run(**changes), few, split)


def test_a_limit_keeps_the_proportion_of_the_splits() -> None:
    made = run(splits={"train": 40, "test": 8})
    assert made.limited(60).splits == {"train": 50, "test": 10}
    assert made.limited(7).splits == {"train": 6, "test": 1}
    assert sum(made.limited(11).splits.values()) == 11


@pytest.mark.parametrize("name", ["demo", "smoke", "hard", "refmatte", "templates/runs/demo.yaml"])
def test_embedded_runs_load(name: str) -> None:
    assert load_run(name).splits


def test_the_paper_s_totals() -> None:
    paper = load_run("refmatte")
    assert paper.splits == {"train": 45_000, "test": 2_500}
    assert paper.groups is not None
    assert paper.groups.images["train"] * paper.groups.count["train"] + 2_800 == 45_000
    assert paper.groups.images["test"] * paper.groups.count["test"] + 390 == 2_500


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("splits: {train: 3}\nlayout: refmate\n", "refmate: no such file; allowed: a path, or one "
         "of clipmat, demo, hard, refmatte, smoke; did you mean 'refmatte'?"),
        ("splits: {}\n", "splits: {} is not allowed; allowed: a mapping with at least one key"),
        ("splits: {train: -1}\n", "splits.train: -1 is not allowed; allowed: a whole number from"),
        ("splits: {train: 3}\ngroups: {images: {}, count: {}}\n", "groups.images: the split "
         "'train' is missing"),
        ("splits: {../x: 3}\n", "the key 'splits.../x' is not allowed; allowed: a name of at "
         "most 41 small letters"),
        ("splits: {train: 1}\nname: ../../etc\n", "name: '../../etc' is not allowed"),
        ("splits: {train: 1}\nseed: -1\n", "seed: -1 is not allowed"),
    ],
)  # fmt: skip
def test_mistakes_in_a_run_file(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "run.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        load_run(tmp_path / "run.yaml")
    assert message in str(caught.value)
