"""Every category has a sane size, sizes are in the order that everybody knows, and a file with an
impossible one is refused by its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.errors import InputError
from refmatte_engine.semantics import lexicon, sizes, wordnet

# Each is smaller than the next, in one line of a chain.
CHAINS = (
    "bee < apple < cat < chair < man < horse < elephant < house < lighthouse",
    "ladybug < beetle < mouse < rat < rabbit < sheep < cow < rhinoceros < whale",
    "mosquito < dragonfly < sparrow < pigeon < goose < ostrich < giraffe",
    "blueberry < strawberry < lemon < mango < melon < watermelon < bush < tree",
    "dice < key < mug < bottle < suitcase < armchair < car < bus < train",
    "pearl < ring < glasses < hat < coat < ladder < tower",
    "baby < child < woman < camel < helicopter < ship",
    "kitten < cat < fox < wolf < tiger < horse < bull < hippopotamus",
    "tennis ball < basketball < bicycle wheel < bicycle < motorcycle < van < fire truck",
    "cupcake < cake < stool < table < sofa < boat",
    "comb < fork < broom",
    "goldfish < trout < salmon < dolphin < shark < airplane",
    "dew < ice cube < snowman < fog < cloud < moon",
    "chick < hen < turkey < emu",
)


@pytest.mark.parametrize("chain", CHAINS)
def test_sizes_are_in_the_order_that_everybody_knows(chain: str) -> None:
    extents = [(sizes.listed()[name].extent_m, name) for name in chain.split(" < ")]
    assert extents == sorted(extents)
    assert len({extent for extent, _ in extents}) == len(extents)


def test_every_category_has_a_size_and_no_spread_is_absurd() -> None:
    assert sizes.listed().keys() == lexicon.categories().keys()
    for name, size in sizes.listed().items():
        assert sizes.of(name) == size
        assert 0.003 <= size.extent_m <= 2e7, name
        assert 0.1 <= size.height_m / size.length_m <= 1.5, name
        assert 1.03 <= size.spread <= 2, name


def test_a_kind_of_thing_is_as_large_as_those_of_its_kind() -> None:
    assert sizes.of("poodle") == sizes.of("dog")
    assert sizes.of("policeman") == sizes.of("person")
    for toy in ("plush rabbit", "toy car", "wooden horse"):
        assert sizes.of(toy) == sizes.of("toy")
    assert sizes.of("widget") is None
    assert sizes.of("object") is None  # from an ant to a cloud
    small, large = sizes.usual("object"), sizes.usual("human")
    assert small.extent_m < 1 < large.extent_m
    for synset in {s for c in lexicon.categories().values() for s in lexicon.above(c.sense)}:
        found = sizes._of_synset(synset)
        assert found is None or 1 < found.spread <= 2


def test_further_sizes_are_of_what_is_no_category() -> None:
    for name, size in sizes.further().items():
        if ".n." in name:
            assert lexicon.exists(name), name
            assert name not in {each.sense for each in lexicon.categories().values()}
        else:
            assert lexicon.entry(name) is None, name
            assert name == lexicon.normal(name)
            assert sizes.of(name) == size
        assert 0.005 <= size.extent_m <= 50, name
        assert 1.03 <= size.spread <= 2, name


def test_what_is_named_for_what_grows_is_as_large_as_that() -> None:
    """WordNet knows the Seville orange as a tree, the bell pepper as a bush."""
    found = dict[str, str]()
    for name in wordnet.reader().words():
        front, _, head = name.rpartition(" ")
        own = lexicon.entry(head) if front and not lexicon.entry(name) else None
        if own is None or name in sizes.further():
            continue
        fields = {wordnet.field(each) for each in lexicon.meanings(name)}
        if fields == {"plant"} and wordnet.field(lexicon.categories()[own].sense) == "food":
            found[name] = own
    assert len(found) > 100
    for name, own in found.items():
        assert sizes.of(name) == sizes.of(own), name


@given(
    st.lists(st.sampled_from(("big", "Zorbian", "rusted", "pale", "quickly")), min_size=1),
    st.sampled_from((*sizes.listed(), *(each for each in sizes.further() if ".n." not in each))),
)
def test_an_unknown_word_before_a_name_changes_no_size(front: list[str], name: str) -> None:
    said = " ".join((*front, name))
    if not {*front[-1:]} & {"big"}:  # a big cat is a lion
        assert sizes.of(said) == sizes.of(name)


@pytest.mark.parametrize(
    ("name", "extent_m"),
    [
        *(
            ("Seville orange", 0.08),
            ("bell pepper", 0.11),
            ("killer whale", 6),
            ("toy poodle", 0.22),
        ),
        *(("London post box", 1.6), ("silver garbage can", 0.85), ("key ring", 0.07)),
        *(("albino peahen", 0.95), ("monkey puzzle", 8), ("sea lily", 0.12), ("musk ox", 2.6)),
        *(("dry erase marker", 0.14), ("bassoons", 1.34), ("front door", 2.05)),
    ],
)
def test_a_name_of_several_words_is_of_the_right_kind(name: str, extent_m: float) -> None:
    found = sizes.of(name)
    assert found is not None
    assert found.extent_m == pytest.approx(extent_m)


@given(st.floats(1, 999), st.floats(1, 999), st.integers(1, 900), st.integers(1, 900))
def test_a_picture_keeps_within_height_and_length_and_fills_one_of_them(
    height: float, length: float, tall: int, wide: int
) -> None:
    size = sizes.parse(f"{height:.3f} x {length:.3f} m ± 10 %", "here")
    metres = size.metres((tall, wide))
    shares = metres * tall / size.height_m, metres * wide / size.length_m
    assert max(shares) == pytest.approx(1)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("mug: 10 inch ± 5 %", "the unit 'inch' is not known; allowed: such as 23 cm ± 20 %"),
        ("mug: 10 ± 5 %", "'10 ± 5 %' has no unit"),
        ("mug: 10 cm", "has no spread; allowed: ± 1 % to ± 100 %"),
        ("mug: 10 cm ± 300 %", "a spread of 300 % is impossible; allowed: ± 1 % to ± 100 %"),
        ("mug: 10 cm ± 0 %", "a spread of 0 % is impossible"),
        ("mug: 0 cm ± 5 %", "a size of 0 is impossible"),
        ("mug: 1.2.3 cm ± 5 %", "has a number that is none"),
        ("mug: -1 cm ± 5 %", "'-1 cm ± 5 %' is no size"),
        ("mug: large", "'large' is no size"),
        ("mugg: 10 cm ± 5 %", "'mugg' is not a category; did you mean 'mug'?"),
    ],
)
def test_mistakes_in_a_file_of_sizes(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "sizes.yaml"
    file.write_text(f"cat: 35 x 50 cm ± 20 %\n{line}\n", "utf-8")
    with pytest.raises(InputError) as caught:
        sizes.read(file)
    assert message in str(caught.value)
    assert f"{file}:2" in str(caught.value)
