"""The categories of RefMatte and of the sets it is made of, as far as they are published.

RefMatte's 230 names are in its label files alone. What can be known without them is listed here, by
source; each has to have the right sense, plural, article and other names.
"""

from __future__ import annotations

import json

import pytest

from refmatte_engine.config import resources
from refmatte_engine.config.resources import STUDIO_PACK
from refmatte_engine.language import vocabulary
from refmatte_engine.semantics import english, lexicon

# By source, with commas between the names.
LISTS = {
    # The figures and examples of the paper (arXiv 2206.05149) and of its authors' repository.
    "RefMatte": "human, alpaca, smog, smoke, flower, plant, cat",
    # Its twenty animals, as recalled from its paper (arXiv 2010.16188): not read again.
    "AM-2k": (
        "alpaca, antelope, bear, camel, cat, cattle, deer, dog, elephant, giraffe, horse, "
        "kangaroo, leopard, lion, monkey, rabbit, rhinoceros, sheep, tiger, zebra"
    ),
    # AIM_500_CATEGORY_LIST of core/config.py in JizhiziLi/AIM; its seventh, "transparent", is no
    # noun.
    "AIM-500": "animal, fruit, furniture, plant, portrait, toy",
    # The classes of dataset/generate_testset.py in nowsyn/SIM that name a thing, taken apart
    # ("plant_tree", "smoke_cloud"). The others name a look (defocus, motion, sharp, a texture).
    "SIM's classes": (
        "fire, fur, glass, ice, hair, insect, net, flower, leaf, tree, plastic bag, smoke, "
        "cloud, spider web, water drop, water spray"
    ),
    # What the file names of SIM's test foregrounds say, in singular: the third column of
    # dataset/SIMD_composition_test_filelist.txt is the background, the second is this.
    "SIM's files": (
        "dahlia, flower, gull, flame, cat, dog, golden retriever, horse, lion, puppy, retriever, "
        "rhea, sheep, teddy bear, brandy, drinking glass, crystal, light bulb, girl, boy, woman, "
        "man, bathrobe, dragonfly, bird, sieve, cactus, dandelion, branch, jacket, cobweb, lace, "
        "wedding dress, dress, dew drop, cocktail, drink, bubble"
    ),
    # What the file names of Adobe's matting set say (training_fg_names.txt); SIM took some of it.
    "Adobe's files": (
        "alpaca, kitten, apple, goat, ballerina, bonsai, caterpillar, cherry blossom, "
        "cherry tree, clematis, fern, fishnet, fly, jumping spider, milkweed, mountain goat, "
        "orange, palm frond, spider, squirrel, tree fern"
    ),
}
SOURCES = {source: names.split(", ") for source, names in LISTS.items()}
ALL = sorted({name for names in SOURCES.values() for name in names})

ANIMALS = {
    *SOURCES["AM-2k"], "insect", "gull", "golden retriever", "puppy", "retriever", "rhea",
    "dragonfly", "bird", "kitten", "goat", "caterpillar", "fly", "jumping spider", "mountain goat",
    "spider", "squirrel", "animal",
}  # fmt: skip
PLANTS = {
    "plant", "flower", "tree", "dahlia", "cactus", "dandelion", "bonsai", "cherry tree", "clematis",
    "fern", "milkweed", "tree fern", "cherry blossom",
}  # fmt: skip
PEOPLE = {"human", "portrait", "girl", "boy", "woman", "man", "ballerina"}
MASSES = {"smog", "smoke", "fire", "fur", "ice", "hair", "water spray", "lace", "brandy"}
UNCHANGED = {"cattle", "deer", "sheep", "clematis", "furniture"}
IRREGULAR = {
    "leaf": "leaves", "woman": "women", "man": "men", "cactus": "cacti", "fly": "flies",
    "puppy": "puppies", "wedding dress": "wedding dresses",
    "drinking glass": "drinking glasses", "dragonfly": "dragonflies", "branch": "branches",
    "dress": "dresses", "glass": "glasses", "rhinoceros": "rhinoceroses",
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_is_known(source: str) -> None:
    assert [name for name in SOURCES[source] if name not in lexicon.categories()] == []


def test_how_many_are_known() -> None:
    # docs/limits.md says these numbers.
    assert len(ALL) == 96
    assert len(lexicon.categories()) == 623


@pytest.mark.parametrize("name", ALL)
def test_has_the_right_sense(name: str) -> None:
    for kind, members in (
        ("animal.n.01", ANIMALS), ("plant.n.02", PLANTS), ("person.n.01", PEOPLE),
    ):  # fmt: skip
        assert (lexicon.is_a(name, kind) == 1) == (name in members), kind


@pytest.mark.parametrize("name", ALL)
def test_has_a_plural(name: str) -> None:
    assert english.is_mass(name) == (name in MASSES | {"furniture"})
    same = name in MASSES | UNCHANGED
    assert english.plural(name) == (name if same else IRREGULAR.get(name, f"{name}s"))


@pytest.mark.parametrize("name", ALL)
def test_has_an_article(name: str) -> None:
    assert english.a(name) == ("an" if name[0] in "aeio" else "a")


def test_other_names_read_well() -> None:
    # All of them, for an editor to read: what else is said of these things.
    assert {name: lexicon.synonyms(name) for name in ALL if lexicon.synonyms(name)} == {
        "cherry blossom": ("blossom",),
        "dew drop": ("drop",),
        "fire": ("flame",),
        "gull": ("seagull",),
        "human": ("person",),
        "jumping spider": ("spider",),
        "plastic bag": ("bag",),
        "portrait": ("person",),
        "rhinoceros": ("rhino",),
        "teddy bear": ("teddy",),
        "water drop": ("drop",),
        "wedding dress": ("gown",),
    }


@pytest.mark.parametrize(
    ("category", "kind", "truth"),
    [
        ("snowflake", "bird.n.01", -1),
        ("pineapple", "fruit", 1),
        ("pineapple", "plant.n.02", -1),
        ("ribbon", "net", -1),
        ("teddy bear", "toy", 1),
        ("stuffed animal", "toy", 1),
        ("splash", "event.n.01", -1),
        ("ice", "water", -1),
        ("smog", "smoke", 0),
        ("mesh", "net", 1),
        ("armchair", "furniture", 1),
        ("leopard", "cheetah", 0),
        ("handbag", "bag", 0),
        ("crystal ball", "ball", 0),
        ("fire", "flame", 1),
        ("portrait", "person.n.01", 1),
    ],
)
def test_senses_that_are_easily_got_wrong(category: str, kind: str, truth: int) -> None:
    assert lexicon.is_a(category, kind) == truth


@pytest.mark.parametrize("name", ["Blue_Widget", "wugs", "xylo 3000", "Kaffeemühle"])
def test_an_unknown_category_is_said_as_it_is(name: str) -> None:
    english = vocabulary.load(resources.template("english", "vocabulary"))
    said = [n.word.say for n in english.names(name)]
    assert said == [lexicon.normal(name)]
    assert lexicon.synonyms(name) == ()


@pytest.mark.parametrize(
    ("name", "plural"),
    [("wugs", "wugs"), ("oranges", "oranges"), ("paper wings", "paper wings"), ("wug", "wugs")],
)
def test_an_unknown_category_may_be_a_plural(name: str, plural: str) -> None:
    assert english.plural(name) == plural
    assert english.is_plural(name) == (name == plural)


def test_german_has_a_noun_of_its_own_for_every_category() -> None:
    german = vocabulary.load(resources.template("german", "vocabulary"))
    wide = {"animal.n.01", "plant.n.02", "bird.n.01", "vehicle.n.01", "insect.n.01", "fish.n.01"}
    rows = (STUDIO_PACK / "labels.jsonl").read_text("utf-8").splitlines()
    pack = {row["category"] for row in map(json.loads, rows) if "category" in row}
    assert len(pack) > 30
    for category in (
        pack | set(SOURCES["AM-2k"]) | {"human", "man", "woman", "boy", "girl", "child", "baby"}
    ):
        assert {name.kind for name in german.names(category)} - wide, category
    assert [c for c in lexicon.categories() if not german.names(c)] == []


def test_german_nouns_are_whole() -> None:
    german = vocabulary.load(resources.template("german", "vocabulary"))
    words = [word for noun in german.file.nouns for word in noun.say]
    assert len(words) > 500
    for word in words:
        assert word.plural, word.say
        assert word.gender in {"m", "mw", "mb", "f", "n", "p"}, word.say
        assert (word.say[0] + word.plural[0]).isupper(), word.say
        # Weak masculine nouns form their plural with the ending that the dative has.
        if word.gender in {"mw", "mb"}:
            assert word.plural == word.say + {"mw": "n", "mb": "en"}[word.gender]
