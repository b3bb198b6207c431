"""What things are: every opinion of human, animal and object, and of what is a what, is the
lexicon's."""

from __future__ import annotations

from pathlib import Path

import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.semantics import lexicon, wordnet, words
from refmatte_engine.semantics.kinds import kind_of

HUMANS = (
    "human portrait person man woman boy girl ballerina bride child baby people fireman chef nurse "
    "businesswoman milkman old_man young_woman man_in_suit person_on_bikes boy_with_a_kite women "
    "policewomen woman_smiling football_player police chess_king"
)
ANIMALS = (
    "chimpanzee goldfish golden_retriever polar_bear german_shepherd dogs lobster king_crab "
    "toy_poodle baby_elephant bear_cub dog_on_a_skateboard fishes salmon puma lionfish guinea_pig "
    "viper ram black_sheep black_cat red_fox capybaras corgis dodo boar "
    "mongoose hornbill prawn amphibians primates"
)
OBJECTS = (
    "hot_dog teddy_bear plush_rabbit ceramic_cat toy_dog rubber_duck paper_crane dog_toy bird_cage "
    "gingerbread_man snowman walkman talisman statue_of_a_man bags_of_chips cat_food ruler almond "
    "horse_carriage model_train computer_mouse DVD_player "
    "record_player coffee_maker pacifier drone beef iPad_Pro wug кошка 物体 number_7 SUV"
)
NOT_SAID_OF_LIFE = {"object", "physical object", "whole", "unit", "entity", "physical entity"}


@pytest.mark.parametrize(
    ("kind", "named"), [("human", HUMANS), ("animal", ANIMALS), ("object", OBJECTS)]
)
def test_human_animal_or_object(kind: str, named: str) -> None:
    assert {name: kind_of(name) for name in named.split() if kind_of(name) != kind} == {}


def test_the_kind_of_a_category_follows_from_its_sense() -> None:
    for name, category in lexicon.categories().items():
        above = lexicon.above(category.sense)
        tops = [kind for kind, top in lexicon.LABELLED.items() if top in above]
        assert kind_of(name) == (tops[0] if tops else "object"), name


def test_everything_is_what_it_is_a_kind_of() -> None:
    """By every name of every synset above it, and by each of its synonyms."""
    wrong = set()
    for name, category in lexicon.categories().items():
        called = set(lexicon.synonyms(name))
        for synset in lexicon.above(category.sense):
            found = wordnet.reader().synset(synset)
            assert found is not None
            called |= {lemma.replace("_", " ").lower() for lemma in found.lemmas}
        for other in called:
            # A "cat" is no lion, although WordNet calls a big cat so, but somebody may mean it; so
            # it is with a dog among the "objects".
            alive = kind_of(name) != "object" and other in NOT_SAID_OF_LIFE
            least = 0 if lexicon.entry(other) or alive else 1
            if lexicon.is_a(name, other) < least:
                wrong.add((name, other))
    assert wrong == set()


def test_nothing_is_what_it_is_no_kind_of() -> None:
    """A word of WordNet that is surely said of a thing names a synset above it."""
    unlisted = [word for word in wordnet.reader().words() if lexicon.entry(word) is None]
    for name in ("mug", "goat", "man", "rose"):
        above = lexicon.kinds(name).sure
        for word in unlisted:
            if lexicon.is_a(name, word) == 1 and word != lexicon.THING:
                found = [s for s in wordnet.reader().synsets(word) if s.name in above]
                lemmas = {lemma.lower() for s in found for lemma in s.lemmas}
                assert word.replace(" ", "_") in lemmas, (name, word)


@pytest.mark.parametrize(
    ("category", "kind", "truth"),
    [
        *(((one, "human", 1)) for one in ("man", "woman", "boy", "bride", "baby", "person")),
        *(((one, "human", 1)) for one in ("fireman", "chef", "people", "children")),
        ("woman", "people", 1),
        ("person", "man", 0),
        ("man", "adult", 1),
        ("person", "adult", 0),
        ("person", "chef", 0),
        ("chef", "woman", 0),
        ("bride", "woman", 1),
        ("woman", "bride", 0),
        ("woman", "ballerina", 0),
        ("boy", "child", 1),
        ("child", "boy", 0),
        ("girl", "baby", 0),
        ("man", "woman", -1),
        ("mug", "human", -1),
        ("statue", "human", -1),
        ("dog", "canine", 1),
        ("bus", "vehicle.n.01", 1),
        ("school bus", "vehicle.n.01", 1),
        ("train", "vehicle.n.01", 1),
        ("dog", "pet", 0),
        ("viper", "pet", 0),
        ("mug", "pet", -1),
        ("border collie", "dog", 1),
        ("dog", "border collie", 0),
        ("python", "viper", -1),
        ("wine", "drink", 1),
        ("diamond", "gem", 1),
        ("grapes", "grape", 1),
        ("Dogs", "dog", 1),
        ("king", "queen", -1),
        ("goat", "kid", -1),
        ("bunny", "rabbit", 1),
        ("rabbit", "bunny", 0),
        ("polar bear", "bear", 1),
        ("mallard", "duck", 1),
        ("prairie dog", "dog", 0),
        ("old man", "man", 0),
        ("hot dog", "dog", -1),
        ("child", "kid", 1),
        ("mug", "act", -1),
        ("mug", "object", 1),
        ("object", "object", 1),
        *((one, "object", 0) for one in ("zebra", "man", "fish", "Border Collie", "people")),
        ("zebra", "object.n.01", 0),
        *((one, "living thing", 1) for one in ("zebra", "man")),
    ],
)  # fmt: skip
def test_people_pets_and_plurals(category: str, kind: str, truth: int) -> None:
    assert lexicon.is_a(category, kind) == truth


FOOD = (
    "almond mandarin apple olive orange lemon fig date walnut coconut clove mint hazelnut "
    "pistachio "
    "cashew apricot cherry basil rosemary thyme chili pepper pumpkin plantain avocado lychee "
    "ginger cinnamon vanilla cacao soy lentil nutmeg tangerine grapefruit chestnut cranberry "
    "potato tomato carrot banana mango peach corn bean garlic leek radish asparagus artichoke"
)


@pytest.mark.parametrize("word", FOOD.split())
def test_what_is_eaten_is_not_the_plant_it_grows_on(word: str) -> None:
    for kind in ("plant.n.02", "tree.n.01", "plant", "tree"):
        assert lexicon.is_a(word, kind) < 1, kind


def test_what_wordnet_knows_as_a_plant_alone_may_be_its_fruit() -> None:
    """Two apples and a mandarin orange, which WordNet has as a tree, are no two fruits."""
    reader = wordnet.reader()
    plants = [
        word
        for word in reader.words()
        if (found := reader.synsets(word)) and all(each.field == "plant" for each in found)
    ]
    assert len(plants) > 1000
    for word in plants[::7]:
        if lexicon.entry(word) is None and not words.known(word):
            for grown in ("fruit.n.01", "vegetable.n.01", "flower.n.01"):
                assert lexicon.is_a(word, grown) >= 0, (word, grown)


def test_an_unlisted_word_is_never_surely_a_plant_unless_it_says_so() -> None:
    unlisted = [word for word in wordnet.reader().words() if lexicon.entry(word) is None]
    assert len(unlisted) > 10_000
    for word in unlisted[::7]:
        if lexicon.is_a(word, "plant.n.02") == 1:
            found = [synset.name for synset in wordnet.reader().synsets(word)]
            assert len(found) > 1 or words.known(word), word


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("seal", "animal.n.01"), ("crane", "animal.n.01"), ("mouse", "animal.n.01"),
        ("bat", "animal.n.01"), ("jaguar", "animal.n.01"), ("turkey", "animal.n.01"),
        ("duck", "animal.n.01"), ("chicken", "animal.n.01"), ("salmon", "animal.n.01"),
        ("almond", "nut.n.01"), ("mandarin", "fruit.n.01"), ("date", "fruit.n.01"),
        ("clove", "food.n.01"), ("olive", "fruit.n.01"), ("husky", "dog.n.01"),
    ],
)  # fmt: skip
def test_the_sense_is_that_of_a_thing_one_cuts_out(word: str, kind: str) -> None:
    assert lexicon.is_a(word, kind) == 1


def test_every_synset_of_the_words_is_there() -> None:
    for synset in (*words.read().known, *words.read().roles):
        assert lexicon.exists(synset), synset
    twice = [w for listed in words.read().known.values() for w in listed]
    assert len(twice) == len(set(twice))
    assert not set(twice) & set(lexicon.categories())


def test_a_sense_that_the_tables_lack_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("categories.yaml", "kinds.tsv"):
        (tmp_path / file).write_bytes((lexicon.FOLDER / file).read_bytes())
    with (tmp_path / "categories.yaml").open("a") as file:
        file.write("wombat: wombat.n.01\n")
    monkeypatch.setattr(lexicon, "FOLDER", tmp_path)
    with pytest.raises(InputError, match=r"yaml:\d+: 'wombat.n.01' is not.*lexicon/build"):
        lexicon.categories.__wrapped__()


# WordNet shows no more of a letter than who lets a house, and of a poster than a horse.
UNUSUAL = "letter poster skate charger boxer dragon flyer double grade owner-letter printer stapler"


def test_a_sense_that_is_not_the_most_usual_proves_nothing() -> None:
    for word in UNUSUAL.split():
        assert kind_of(word) == "object", word
        for kind in lexicon.LABELLED.values():
            assert lexicon.is_a(word, kind) < 1, word
