"""Small packs, whatever they hold, work with every embedded run, and what they lack is said."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import GIVEN_UP
from refmatte_engine.config.run import Run, changed, load_run
from refmatte_engine.errors import InputError
from refmatte_engine.generation.dataset_run import generate
from refmatte_engine.generation.verify import verify
from refmatte_engine.images import image_io
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import Attribute, Background, Foreground, SamplePlan
from refmatte_engine.scene.lacks import lacks, line, scarce
from refmatte_engine.scene.plan import attempts, change, make_plan, make_plans, sample_plan, wish
from refmatte_engine.scene.stock import nowhere
from tests import conftest
from tests.conftest import BLUE, BROWN, GRAY, RED, YELLOW, disc, figure, slab, write_png

RUNS = ("demo", "hard", "refmatte", "smoke", "benchmark", "clipmat")
CATEGORIES = {
    "human": ("person", "woman", "man"),
    "animal": ("dog", "cat"),
    "object": ("mug", "lamp", "smoke", "gizmo"),
}
SIDES = ("left", "top", "right", "bottom")
CUTS = ((), (), (), ("bottom",), ("left",), ("left", "right"), SIDES)
kinds = st.sampled_from(sorted(CATEGORIES))
labels = st.dictionaries(
    st.sampled_from(["color", "pattern", "hair", "transparent"]),
    st.sampled_from(["red", "blue", "striped", "true"]),
    max_size=2,
)


@st.composite
def foregrounds(draw: Any, number: int) -> Foreground:
    kind = draw(kinds)
    facts = tuple(Attribute(name, value, "labelled") for name, value in draw(labels).items())
    name = f"p/{number}"
    return Foreground(
        name, "p", "", "", draw(st.sampled_from(CATEGORIES[kind])), kind,
        draw(st.sampled_from(["train", "train", "test"])), (100, 80), name, facts,
        opacity=draw(st.sampled_from([1.0, 1.0, 0.4])),
        cut_edges=draw(st.sampled_from(CUTS)),
    )  # fmt: skip


@st.composite
def small_catalogs(draw: Any) -> Catalog:
    """One to eight foregrounds and one to three backgrounds, of any kinds, labels and splits."""
    things = [draw(foregrounds(i)) for i in range(draw(st.integers(1, 8)))]
    one_kind = draw(st.booleans())
    if one_kind:
        things = [f for f in things if f.category == things[0].category]
    places = [
        Background(f"p/b{i}", "p", "", draw(st.sampled_from(["train", "test"])), (90, 150), f"b{i}")
        for i in range(draw(st.integers(1, 3)))
    ]
    return Catalog(
        {f.id: f for f in things}, {b.id: b for b in places}, (), (), "digest", Path("unused")
    )


@settings(max_examples=120)
@given(small_catalogs(), st.sampled_from(RUNS))
def test_no_small_pack_makes_a_plan_raise(found: Catalog, name: str) -> None:
    """But for groups of kinds that are not there, and where there is nothing at all."""
    run = load_run(name)
    missing = lacks(run, found)
    for split in run.splits:
        mine = [f for f in found.foregrounds.values() if f.split == split]
        empty = nowhere(run, found, split) == len(mine)
        empty |= all(b.split != split for b in found.backgrounds.values())
        if run.kinds is None and run.groups is None:
            assert empty == (missing.get(split, [("", "")])[0][0] == "any image")
        if split in missing:
            assert "\n" not in line(split, missing[split])
        if lack := next(
            (each for each in missing.get(split, ()) if each.what == "any image"), None
        ):
            with pytest.raises(InputError) as refused:
                make_plan(run, found, split)
            assert refused.value.todo
            assert refused.value.problem in lack.why
            continue
        plan = make_plan(run, found, split)
        for index in (0, 1, 7, 41):
            for attempt in (0, 3, 60, 99, 100, attempts(plan) - 1):
                made = sample_plan(plan, index, attempt)
                assert made == sample_plan(plan, index, attempt)
                keeps_its_promises(run, found, made)
            change(plan, wish(plan, index))
    if all(missing.get(split, [("", "")])[0][0] == "any image" for split in run.splits):
        with pytest.raises(InputError):
            make_plans(run, found)
    else:
        assert make_plans(run, found)


def keeps_its_promises(run: Run, found: Catalog, made: SamplePlan) -> None:
    """What a recipe is made of is there, and is of the level that it says."""
    things = [found.foregrounds[i] for i in made.foregrounds]
    assert len(set(made.foregrounds)) == len(things) >= 1
    assert {f.split for f in things} == {found.backgrounds[made.background].split} == {made.split}
    assert len(things) == 2 or made.layout != "front_behind"
    assert len(things) <= max(
        2, *run.layout.entities, *(v.needs for v in run.layout.levels.values())
    )
    if made.level == GIVEN_UP:
        return
    level = run.layout.levels[made.level]
    same = max(Counter(f.category for f in things).values())
    assert level.same_category is None or same == level.same_category + 1
    if level.same_color is not None:
        colors = Counter(
            next((a.value for a in f.attributes if a.name == "color"), "") for f in things
        )
        del colors[""]
        assert max(colors.values()) == level.same_color + 1


def test_what_is_given_up_is_said_by_name_and_reason() -> None:
    """Two dogs and a background, all for training."""
    dogs = {
        f"p/{i}": Foreground(f"p/{i}", "p", "", "", "dog", "animal", "train", (9, 9), str(i))
        for i in range(2)
    }
    place = {"p/b": Background("p/b", "p", "", "train", (90, 150), "b")}
    found = Catalog(dogs, place, (), (), "digest", Path("unused"))
    said = {split: line(split, each) for split, each in lacks(load_run("demo"), found).items()}
    assert said == {
        "train": "split train does without kind human, kind object (no such foreground); images "
        "of 3 things (2 usable foregrounds); level distinct (takes things of 2 categories)",
        "test": "split test does without any image (no background for split 'test' (1 in train); "
        "label some `split: test`, add pictures, or write `splits: {test: 0}` into a copy of the "
        "run file)",
    }
    hard = line("train", lacks(load_run("hard"), found)["train"])
    assert "images of 3 things, images of 4 things (2 usable foregrounds)" in hard
    assert "level three (takes 3 of one category that words can tell apart)" in hard
    assert "pairs with recoloured things (takes opaque things that people make)" in hard
    with pytest.raises(
        InputError, match=r"`groups` deals 5 human, 1 animal, 1 object .*null"
    ) as no:
        make_plans(load_run("refmatte"), found)
    assert no.value.exit_code == 2


@pytest.mark.parametrize("others", [{}, {"val": 0}, {"val": 3}, {"val": 0, "dev": 1}])
@pytest.mark.parametrize("siblings", [None, 2])
def test_a_split_is_to_be_left_out_only_where_another_has_images(
    others: dict[str, int], siblings: int | None
) -> None:
    """What was done by advice that was given is never refused for it."""
    split = "train" if siblings else "test"  # where there is one background; where there is none
    place = {"p/b": Background("p/b", "p", "", "train", (90, 150), "b")}
    found = Catalog(of_kinds(object=3), place, (), (), "digest", Path("unused"))
    run = Run(splits={split: 4, **others}, siblings=siblings)
    with pytest.raises(InputError) as refused:
        make_plan(run, found, split)
    is_said = f"`splits: {{{split}: 0}}`" in refused.value.todo
    assert is_said == any(others.values())
    assert "add" in refused.value.todo
    if not is_said:
        with pytest.raises(InputError, match="splits need a number of images above 0"):
            changed(run, {"splits": {**run.splits, split: 0}})


def of_kinds(**counts: int) -> dict[str, Foreground]:
    """So many categories of each kind, all for training."""
    return {
        f"p/{kind}{i}": Foreground(
            f"p/{kind}{i}", "p", "", "", f"{kind}{i}", kind, "train", (9, 9), f"{kind}{i}"  # type: ignore[arg-type]
        )
        for kind, count in counts.items()
        for i in range(count)
    }  # fmt: skip


def test_the_only_background_of_many_images_is_said() -> None:
    places = {f"p/{i}": Background(f"p/{i}", "p", "", "train", (90, 150), str(i)) for i in "ab"}
    run = Run(splits={"train": 21, "test": 0})
    for count, said in ((1, ["one background for 21 images of split train"]), (2, [])):
        some = dict(list(places.items())[:count])
        found = Catalog(of_kinds(object=3), some, (), (), "digest", Path("unused"))
        assert list(scarce(run, found)) == said
        assert not scarce(changed(run, {"splits": {"train": 20}}), found)


def test_a_kind_that_is_hardly_ever_drawn_is_said_where_the_run_does_not_weigh_kinds() -> None:
    places = {f"p/{i}": Background(f"p/{i}", "p", "", "train", (90, 150), str(i)) for i in "ab"}
    run = Run(splits={"train": 500})
    for objects, said in (
        (
            20,
            "people are 1 of 21 categories, so about one thing in 21: say `kinds` in the run file",
        ),
        (19, ""),
    ):
        found = Catalog(of_kinds(human=1, object=objects), places, (), (), "digest", Path("unused"))
        assert "".join(scarce(run, found)) == said
        assert not scarce(changed(run, {"kinds": {"human": 1, "object": 2}}), found)


def test_what_was_cut_off_where_no_image_can_show_it_is_said() -> None:
    place = {"p/b": Background("p/b", "p", "", "train", (90, 150), "b")}
    dogs = [
        Foreground(f"p/{i}", "p", "", "", "dog", "animal", "train", (90, 90), str(i))
        for i in range(3)
    ]
    whole = Catalog({f.id: f for f in dogs}, place, (), (), "digest", Path("unused"))
    run = changed(load_run("demo"), {"splits": {"train": 4}})
    cut = replace(dogs[0], cut_edges=SIDES)
    found = replace(whole, foregrounds={f.id: f for f in (cut, *dogs[1:])})
    told = line("train", lacks(run, found)["train"])
    assert "1 foreground (cut off by their photographs at sides that no layout" in told
    alone = replace(whole, foregrounds={cut.id: cut})
    with pytest.raises(InputError, match=r"its only foreground is cut off .* `cut_edges: \[\]`"):
        make_plan(run, alone, "train")


def made_pack(root: Path, things: dict[str, Any], backgrounds: int = 1, **labels: Any) -> Path:
    """A pack of drawn things by path, each with its pixels; all for training."""
    lines = []
    for name, pixels in things.items():
        write_png(root / f"foregrounds/{name}.png", pixels)
        lines.append({"file": f"foregrounds/{name}.png", "split": "train", **labels})
    for i in range(backgrounds):
        file = root / f"backgrounds/{i}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(image_io.encode_jpeg(conftest.landscape(i)))
        lines.append({"file": f"backgrounds/{i}.jpg", "split": "train"})
    (root / "labels.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    terms = "name: p\nlicence: CC0-1.0\nsource: drawn by the tests\ncredit: nobody\n"
    (root / "pack.yaml").write_text(terms)
    return root


COLORS = (RED, BLUE, BROWN, GRAY, YELLOW)
PACKS: dict[str, dict[str, Any]] = {
    "portraits alone": {f"person/{i}": figure(c, 2) for i, c in enumerate(COLORS)},
    "men and women": {f"{n}/{i}": figure(c, legs) for n, legs in (("man", 2), ("woman", 4))
                      for i, c in enumerate(COLORS)},
    "dogs alone": {f"dog/{i}": figure(c, 4) for i, c in enumerate(COLORS)},
    "six things": {f"{name}/0": disc(COLORS[i % 5]) for i, name in enumerate(
        ("mug", "lamp", "vase", "book", "ball", "candle"))},
    "three pictures": {"mug/0": disc(RED), "dog/0": figure(BROWN, 4), "person/0": figure(BLUE, 2)},
    "one thing": {"mug/0": disc(RED)},
    "two alike": {"mug/0": disc(RED), "mug/1": disc(RED, 3.0)},
    "smoke alone": {f"smoke/{i}": slab(GRAY, (60 + 5 * i, 40), 0.4) for i in range(3)},
    "all of glass": {f"{n}/0": slab(c, (70, 40), 0.4) for n, c in zip(
        ("bottle", "vase", "bowl"), COLORS, strict=False)},
}  # fmt: skip


@pytest.mark.parametrize(("number", "name"), list(enumerate(PACKS)))
def test_a_small_pack_works_with_embedded_runs(number: int, name: str, tmp_path: Path) -> None:
    """One of the runs for each pack, and a pack for each of the runs."""
    works(PACKS[name], [RUNS[number % len(RUNS)]], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKS)
def test_a_small_pack_works_with_every_embedded_run(name: str, tmp_path: Path) -> None:
    works(PACKS[name], RUNS, tmp_path)


def works(things: dict[str, Any], runs: Sequence[str], root: Path) -> None:
    """Images of the size of a stamp: all are made, told of what they show, and verified."""
    pack = made_pack(root / "p", things)
    for name in runs:
        run = load_run(name)
        layout = {**run.layout.model_dump(), "canvas": {"size": (160, 240)}, "max_upscale": 3}
        values = {"packs": [str(pack)], "layout": layout, "groups": None}
        run = changed(run, {**values, "splits": {"train": 4, "test": 2}, "shard_size": 3})
        manifest = generate(run, root / name)
        assert [counts["images"] for counts in manifest["splits"].values()] == [4, 0]
        # Nobody said of these backgrounds where things can stand.
        guessed = {key for key in manifest["given_up"] if key.startswith("ground_")}
        assert guessed == ({"ground_unknown"} if run.layout.ground else set())
        assert manifest["lacks"]["test"][0].startswith("any image (no background for split 'test'")
        assert verify(root / name).problems == (), name
