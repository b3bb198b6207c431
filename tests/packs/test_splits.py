from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.packs.splits import Candidate, settle
from refmatte_engine.records import Background


def candidate(name: str, digest: str, source: str = "", split: str = "") -> Candidate[Background]:
    asset = Background(name, "p", f"{name}.jpg", split, (9, 9), digest)
    return Candidate(asset, source, f"p/{name}.jpg")


drawn = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from(["", "", "s", "t", "u"])), max_size=12
).map(lambda rows: [candidate(str(i), d, s) for i, (d, s) in enumerate(rows)])


@given(drawn, st.integers(0, 9), st.randoms())
def test_neither_order_nor_company_moves_anything(candidates, seed, random):
    shuffled = list(candidates)
    random.shuffle(shuffled)
    by_digest = {a.digest: a.split for a in settle(candidates, seed, 0.5, []).values()}
    assert {a.digest: a.split for a in settle(shuffled, seed, 0.5, []).values()} == by_digest
    alone = [one for one in candidates if not one.source_asset]
    if len(alone) == len(candidates):
        for one in alone:
            (kept,) = settle([one], seed, 0.5, []).values()
            assert kept.split == by_digest[one.asset.digest]


@given(drawn, st.integers(0, 9))
def test_pixels_are_kept_once_and_sources_never_split(candidates, seed):
    problems = []
    kept = settle(candidates, seed, 0.5, problems)
    digests = [asset.digest for asset in kept.values()]
    assert len(set(digests)) == len(digests)
    assert len(kept) + len(problems) == len(candidates)
    for source in "stu":
        here = {
            kept[c.asset.id].split
            for c in candidates
            if c.source_asset == source and c.asset.id in kept
        }
        assert len(here) <= 1


def test_the_share_is_what_was_asked_for():
    many = [candidate(str(i), f"{i:032x}") for i in range(4000)]
    for share in (0.0, 0.1, 0.5, 1.0):
        kept = settle(many, 7, share, []).values()
        assert abs(sum(asset.split == "test" for asset in kept) / 4000 - share) < 0.03
    a, b = ({k: v.split for k, v in settle(many, seed, 0.5, []).items()} for seed in (0, 1))
    assert a != b


def test_a_label_decides_for_its_whole_source():
    problems = []
    kept = settle(
        [
            candidate("a", "1", "s"),
            candidate("b", "2", "s", split="test"),
            candidate("c", "3", "s", split="train"),
            candidate("d", "2", "", split="test"),
            candidate("e", "4", "", split="val"),
        ],
        0,
        0.0,
        problems,
    )
    assert {name: asset.split for name, asset in kept.items()} == {
        "a": "test",
        "b": "test",
        "e": "val",
    }
    assert [str(problem) for problem in problems] == [
        "p/c.jpg: is labelled train, but shares its source with b in test",
        "p/d.jpg: is the same picture as b",
    ]


@given(st.integers(0, 99))
def test_what_was_cut_from_one_picture_stays_together(seed):
    cut = [replace(candidate(name, name * 3), content="photo") for name in "abc"]
    kept = settle([*cut, candidate("d", "1")], seed, 0.5, [])
    assert len({kept[name].split for name in "abc"}) == 1


def test_a_copy_in_another_split_is_the_one_left_out():
    problems = []
    kept = settle(
        [candidate("a", "1", "", "train"), candidate("b", "1", "", "test")], 0, 0, problems
    )
    assert {name: asset.split for name, asset in kept.items()} == {"a": "train"}
    assert [str(problem) for problem in problems] == ["p/b.jpg: is the same picture as a"]
