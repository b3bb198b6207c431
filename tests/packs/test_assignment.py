"""Split rules: laws over random catalogs, and what is refused."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from refmatte_engine.config.split_rules import SplitRules
from refmatte_engine.errors import InputError
from refmatte_engine.packs.assignment import Assignment
from refmatte_engine.packs.splits import Candidate, settle
from refmatte_engine.records import Background, Foreground

CATEGORIES = ("cat", "dog", "mug", "chair")
PACKS = ("one", "two")
SPLITS = ("train", "val", "test")


def thing(number: int, category: str, pack: str = "one", **more: Any) -> Candidate[Foreground]:
    """A foreground of pixels of its own."""
    name, split = f"{category}_{number:02d}", more.pop("split", "")
    asset = Foreground(
        f"{pack}/{name}", pack, f"all/{name}.png", "", category, "object", split, (9, 9),
        digest=more.pop("digest", f"{pack}{number}"),
    )  # fmt: skip
    return Candidate(asset, more.pop("source", ""), asset.path, **more, named=asset.path)


@st.composite
def catalogs(draw: st.DrawFn) -> list[Candidate[Foreground]]:
    """Things of some categories in two packs; some of one alpha, source or picture."""
    some = st.sampled_from(["", "", "", "a", "b"])
    return [
        thing(
            number,
            draw(st.sampled_from(CATEGORIES)),
            draw(st.sampled_from(PACKS)),
            split=draw(st.sampled_from(["", "", *SPLITS])),
            source=draw(some),
            alpha=draw(some),
            content=draw(some),
        )
        for number in range(draw(st.integers(2, 24)))
    ]


@st.composite
def rules(draw: st.DrawFn, candidates: list[Candidate[Foreground]]) -> SplitRules:
    """Any rules that speak of what there is."""
    there = sorted({one.asset.category for one in candidates})
    said: dict[str, Any] = {}
    if draw(st.booleans()):
        one = st.lists(st.sampled_from(there), min_size=1, max_size=2, unique=True)
        said["unseen"] = draw(st.one_of(one, st.just(1), st.just(0.4)))
    if draw(st.booleans()):
        each = st.dictionaries(st.sampled_from(there), st.integers(1, 2), min_size=1, max_size=2)
        said["shots"] = draw(st.one_of(st.integers(1, 3), each))
    if draw(st.booleans()):
        packs = st.lists(st.sampled_from(PACKS), min_size=1, unique=True)
        said["packs"] = draw(st.dictionaries(st.sampled_from(SPLITS), packs, min_size=1))
    if draw(st.booleans()):
        names = [one.asset.id for one in candidates] + [f"category:{name}" for name in there]
        said["file"] = draw(
            st.dictionaries(st.sampled_from(names), st.sampled_from(SPLITS), min_size=1, max_size=4)
        )
    return SplitRules.model_validate(said)


def settled(
    candidates: list[Candidate[Foreground]], asked: SplitRules, seed: int = 0, share: float = 0.3
) -> tuple[dict[str, Foreground], Assignment, int]:
    """What each thing is in, by its id; the rules; and how many were problems."""
    assets = [(one.asset, one.named) for one in candidates]
    made = Assignment(asked, assets, PACKS, seed)
    problems: list[Any] = []
    kept = settle(candidates, seed, share, problems, made)
    return kept, made, len(problems)


@given(st.data(), st.integers(0, 9), st.randoms())
def test_whatever_the_rules_nothing_is_on_both_sides(
    data: st.DataObject, seed: int, random: Any
) -> None:
    candidates = data.draw(catalogs())
    asked = data.draw(rules(candidates))
    try:
        kept, made, problems = settled(candidates, asked, seed)
    except InputError:
        assume(False)
    # Each is kept in one split, or counted.
    assert len(kept) + problems + sum(made.aside.values()) == len(candidates)
    by_id = {one.asset.id: one for one in candidates}
    for link in ("source_asset", "alpha", "content"):
        places: dict[str, set[str]] = {}
        for name, asset in kept.items():
            if shared := getattr(by_id[name], link):
                places.setdefault(shared, set()).add(asset.split)
        assert all(len(splits) == 1 for splits in places.values())
    # Unseen is unseen.
    assert all(a.split == "test" for a in kept.values() if a.category in made.unseen)
    if isinstance(asked.unseen, (int, float)):
        wanted = asked.unseen if isinstance(asked.unseen, int) else None
        assert len(made.unseen) == (
            wanted or max(1, round(0.4 * len({a.asset.category for a in candidates})))
        )
    # Exactly k, of every category that train has, or of those named.
    train = Counter(a.category for a in kept.values() if a.split == "train")
    if isinstance(asked.shots, int):
        assert set(train.values()) <= {asked.shots}
    for category, wanted in asked.shots.items() if isinstance(asked.shots, dict) else ():
        assert train[category] == wanted
    # A pack is in no split that is not its own, unless the file says so picture by picture.
    for asset in kept.values():
        assert asset.id in (asked.file or {}) or made.allows(asset, asset.split) or asked.file
    # What the file says of a picture holds, or the picture is left out.
    for name, split in (asked.file or {}).items():
        assert name not in kept or kept[name].split == split
    # Neither the order nor the worker that asks matters.
    shuffled = list(candidates)
    random.shuffle(shuffled)
    linked = any(one.source_asset or one.alpha or one.content for one in candidates)
    if not (linked and any(one.asset.split for one in candidates)):  # the first of several labels
        again, _, _ = settled(shuffled, asked, seed)
        assert {i: a.split for i, a in again.items()} == {i: a.split for i, a in kept.items()}


@given(catalogs(), st.integers(0, 9))
def test_without_rules_nothing_changes(candidates: list[Candidate[Foreground]], seed: int) -> None:
    kept, _, _ = settled(candidates, SplitRules(), seed)
    assert kept == settle(candidates, seed, 0.3, [])


def test_shots_are_of_different_things_as_far_as_there_are_any() -> None:
    candidates = [thing(n, "cat", alpha="same") for n in range(10)]
    candidates += [thing(n, "cat") for n in range(10, 12)]
    kept, made, _ = settled(candidates, SplitRules(shots=4), share=0)
    alone = [name for name in kept if name in ("one/cat_10", "one/cat_11")]
    assert (len(kept), len(alone), made.aside.total()) == (4, 2, 8)
    told = made.record(kept.values())
    assert told["shots"] == {"cat": sorted(kept)}
    assert told["foregrounds"] == {"train": {"cat": 4}}
    seeds = {frozenset(settled(candidates, SplitRules(shots=4), s, 0)[0]) for s in range(5)}
    assert len(seeds) > 1


def test_packs_feed_the_splits_that_name_them() -> None:
    candidates = [thing(n, "cat", PACKS[n % 2]) for n in range(20)]
    places = [
        Candidate(Background(f"{p}/b{n}", p, f"b{n}.jpg", "", (9, 9), f"{p}b{n}"), "", "")
        for p in PACKS
        for n in range(9)
    ]
    asked = SplitRules(packs={"test": ["two"]})
    assert {(a.pack, a.split) for a in settled(candidates, asked)[0].values()} == {
        ("one", "train"),
        ("two", "test"),
    }
    made = Assignment(asked, [(one.asset, "") for one in places], PACKS, 0)
    found = settle(places, 0, 0.3, [], made).values()
    assert {(a.pack, a.split) for a in found} == {
        ("one", "train"),
        ("one", "test"),
        ("two", "test"),
    }
    labelled = [thing(0, "cat", split="test"), thing(1, "cat"), thing(2, "cat", split="val")]
    kept, made, _ = settled(labelled, SplitRules(packs={"train": ["one"]}))
    assert {name: a.split for name, a in kept.items()} == {
        "one/cat_01": "train",
        "one/cat_02": "train",
    }
    assert made.aside == {"of pack one, which is not for test": 1}


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ({"unseen": ["cta"]}, "split_by.unseen: there is no category 'cta'.*did you mean 'cat'"),
        ({"unseen": 2}, "2 of 2 categories leaves none to train on; allowed: at most 1"),
        ({"shots": 4}, r"train has 2 of 'dog' \(1 in test\), and 4 are asked for; .*: at most 2"),
        ({"shots": 9}, "too few also of cat; allowed: at most 2; add pictures"),
        ({"shots": {"pig": 1}}, "split_by.shots: there is no category 'pig'"),
        ({"shots": {"cat": 1}, "unseen": ["Cats"]}, "'cat' is unseen, so train has none of it"),
        ({"packs": {"train": ["tow"]}}, "there is no pack 'tow'; allowed: one, two; did you mean"),
        ({"file": {"x": "train", "y": "test"}}, r"names nothing that is there: x, y; allowed: "),
        ({"file": {"category:cow": "test"}}, "there is no category 'cow'"),
        ({"file": {"cat_01": "test", "cat": "train"}}, None),
        ({"file": {"cat": "train"}, "unseen": ["cat"]}, "but 'cat' is unseen: test alone has it"),
        ({"file": {"cat": "val"}, "packs": {"val": ["two"]}}, "split_by.packs keeps one out of it"),
    ],
)  # fmt: skip
def test_what_is_refused(said: dict[str, Any], wrong: str | None) -> None:
    candidates = [thing(n, "cat") for n in range(5)]
    candidates += [thing(n, "dog", split="test" if n == 5 else "train") for n in range(5, 8)]
    asked = SplitRules.model_validate(said)
    if wrong is None:
        kept, _, _ = settled(candidates, asked, share=0)
        assert [i for i, a in kept.items() if a.split == "test"] == ["one/cat_01", "one/dog_05"]
        return
    with pytest.raises(InputError, match=wrong):
        settled(candidates, asked, share=0)


def test_a_name_that_may_be_two_things_is_refused() -> None:
    twice = [thing(1, "cat"), thing(1, "cat", "two")]
    with pytest.raises(
        InputError, match=r"'cat_01' may be all/cat_01.png of one, .* of two; write"
    ):
        settled(twice, SplitRules(file={"cat_01": "test"}))
    kept, made, _ = settled(twice, SplitRules(file={"two/cat_01.png": "test", "gone": "train"}))
    assert kept["two/cat_01"].split == "test"
    assert made.names_of_nothing == ("gone",)
    assert "1 of 2 names are of nothing that is there: gone" in made.notes()[0].message


def test_what_may_be_unseen_only_in_name_is_noted() -> None:
    candidates = [thing(1, "bird"), thing(2, "duck"), thing(3, "mug")]
    (note,) = settled(candidates, SplitRules(unseen=["bird"]))[1].notes()
    assert note.message == "'bird' is unseen, and duck, which may be one, is not"
