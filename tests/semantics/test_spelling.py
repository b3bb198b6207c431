"""Names of categories as sentences write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.semantics import lexicon, spelling

# How a folder is called, and what a sentence says.
SPOKEN = {
    "Teddy_Bear": "teddy bear", "Teddy_Bears": "teddy bears", "HOT DOG": "hot dog", "DOG": "dog",
    "Red Mug": "red mug", "BLUE_WIDGET": "blue widget", "GOLDFISH": "goldfish", "Turkey": "turkey",
    "SUV": "SUV", "suv": "SUV", "SUVs": "SUVs", "TV": "TV", "TVs": "TVs", "UFO": "UFO",
    "BMW": "BMW", "BMW_X5": "BMW X5", "LED lamp": "LED lamp", "usb stick": "USB stick",
    "3D_printer": "3D printer", "iPhone": "iPhone", "IPHONE": "iPhone", "MacBook": "MacBook",
    "T-shirt": "T-shirt", "T-Shirts": "T-shirts", "t-shirt": "t-shirt", "X-ray": "X-ray",
    "Eiffel_Tower": "Eiffel Tower", "EIFFEL TOWER": "Eiffel Tower",
    "German_Shepherd": "German shepherd", "Persian_Cat": "Persian cat",
    "Hot-Air_Balloon": "hot-air balloon", "Coca-Cola Can": "Coca-Cola can", "7up": "7up",
    "christmas tree": "Christmas tree", "number 7": "number 7",
    "sumatran_tiger": "Sumatran tiger", "uk post box": "UK post box", "vw_beetle": "VW Beetle",
    "very_poisonous lionfish": "poisonous lionfish", "vehicle": "vehicle", "animal": "animal",
    "the_dog": "dog", "A Cat": "cat", "Кошка": "кошка", "物体": "物体",
}  # fmt: skip


@pytest.mark.parametrize("name", SPOKEN)
def test_capitals_are_kept_where_english_has_them(name: str) -> None:
    assert spelling.spoken(name) == SPOKEN[name]
    assert spelling.spoken(SPOKEN[name]) == SPOKEN[name]
    assert lexicon.normal(name).endswith(lexicon.normal(SPOKEN[name]))


@given(text=st.text(max_size=20) | st.text("aA _-thenTVx1é物", max_size=20))
def test_what_is_spoken_is_spoken_as_it_is(text: str) -> None:
    said = spelling.spoken(text)
    assert spelling.spoken(said) == said
    assert spelling.singular(spelling.singular(said)) == spelling.singular(said)
    assert lexicon.normal(text).endswith(lexicon.normal(said))


def test_categories_are_spoken_as_they_are_listed() -> None:
    for name in lexicon.categories():
        for written in (name, name.replace(" ", "_"), name.title().replace("'S", "'s")):
            assert spelling.spoken(written).lower() == name
        assert spelling.spoken(name) == name
        assert spelling.singular(name) == name


@given(
    st.sampled_from([*lexicon.categories()]),
    st.sampled_from(("hatched", "curled", "painted", "striped", "opened", "Peeled")),
)
def test_what_was_done_to_a_thing_is_not_in_its_name(name: str, done: str) -> None:
    assert spelling.thing(f"{name} {done}") == name
    assert spelling.thing(name) == name
    assert spelling.spoken(f"very {name}") == spelling.spoken(name)


@pytest.mark.parametrize("noun", ["seed", "flowerbed", "sled", "moped", "toolshed", "crossbreed"])
def test_a_noun_that_ends_as_a_participle_is_kept(noun: str) -> None:
    assert spelling.thing(f"dog {noun}") == f"dog {noun}"


@pytest.mark.parametrize(
    ("folder", "category"),
    [
        ("Dogs", "dog"), ("cats", "cat"), ("Teddy_Bears", "teddy bear"), ("Women", "woman"),
        ("people", "person"), ("mice", "mouse"), ("knives", "knife"), ("Fishes", "fish"),
        ("wine_glasses", "wine glass"), ("glasses", "glasses"), ("Jeans", "jeans"),
        ("scissors", "scissors"), ("chips", "chips"), ("stairs", "stairs"), ("clothes", "clothes"),
        ("SUVs", "SUV"), ("T-shirts", "T-shirt"), ("bags of chips", "bag of chips"),
        ("men in suits", "man in suits"), ("wugs", "wug"), ("bus", "bus"), ("lens", "lens"),
        ("grapes", "grapes"), ("Кошки", "кошки"), ("Dress", "dress"), ("cattle", "cattle"),
        ("2 cats", "2 cats"), ("Dogs & Cats", "dogs & cats"), ("three_mice", "three mice"),
        ("cats and dogs", "cats and dogs"), ("3D_printers", "3D printer"),
        ("octopus", "octopus"), ("Christmas_Trees", "Christmas tree"), ("sheep", "sheep"),
    ],
)  # fmt: skip
def test_a_folder_in_the_plural_holds_single_things(folder: str, category: str) -> None:
    assert spelling.singular(spelling.spoken(folder)) == category
