"""Folders as people name them: what is a category, what is the plural of one, what is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.packs import catalog, category_names
from tests.conftest import disc, write_png

NONE = [
    *("0000", "00001", "001_002", "2024-01-01", "n02084071", "img_001", "class 1", "batch-12"),
    *("3f2504e0-4f89-11d3", "a94a8fe5ccb1", "images", "Image", "fg", "Foregrounds", "objects"),
    *("train_images", "misc", "unlabelled", "\u200e", "___", "-", "0.png"),
    *("Neuer Ordner", "New folder (2)", "outputs", "rembg_output", "nobg", "cutouts", "DCIM"),
    *("100CANON", "DSC_0001", "train2017", "sam_masks", "Dataset_v2", "label_3", "Camera Roll"),
]


@pytest.mark.parametrize("name", NONE)
def test_a_name_that_says_nothing_is_no_category(name):
    named = category_names.of_folder(f"foregrounds/{name}/a.png", "foregrounds")
    assert named.category == ""
    assert "its folder's name is not one" in named.problem
    assert "defaults: {category: …}" in named.problem


def test_no_folder_is_no_category():
    named = category_names.of_folder("foregrounds/a.png", "foregrounds")
    assert named.problem.startswith("has no category; put it in a folder named after what it")


@pytest.mark.parametrize(
    ("name", "category"),
    [
        *(("Dogs", "dog"), ("cats", "cat"), ("Teddy_Bears", "teddy bear"), ("People", "person")),
        *(("Women", "woman"), ("Men", "man"), ("Mice", "mouse"), ("Knives", "knife")),
        *(("Wine_Glasses", "wine glass"), ("SUVs", "SUV"), ("leaves", "leaf"), ("GEESE", "goose")),
        *(("02_Dogs", "dog"), ("Corgis", "corgi"), ("Sombreros", "sombrero"), ("mangos", "mango")),
        *(("Briefcases", "briefcase"), ("policewomen", "policewoman"), ("octopi", "octopus")),
        *(("Persons", "person"), ("deers", "deer"), ("Piñatas", "piñata"), ("fungi", "fungus")),
        *(("dogs_cropped", "dog"), ("Cats images", "cat")),
    ],
)
def test_a_plural_is_read_as_one_thing_each(name, category):
    assert category_names.of_folder(f"f/{name}/a.png", "f") == (category, "", True)


@pytest.mark.parametrize(
    ("name", "category"),
    [
        *(("glasses", "glasses"), ("scissors", "scissors"), ("Jeans", "jeans"), ("bus", "bus")),
        *(("Teddy_Bear", "teddy bear"), ("SUV", "SUV"), ("TV", "TV"), ("iPhone", "iPhone")),
        *(("T-shirt", "T-shirt"), ("Eiffel_Tower", "Eiffel Tower"), ("train", "train")),
        *(("猫", "猫"), ("caf\u0065\u0301", "café"), ("red\u00a0mug", "red mug")),
        *(("chick_hatched", "chick"), ("very_small_pumpkin", "small pumpkin")),
        *(("Boeing_747", "Boeing 747"), ("3D_printer", "3D printer"), ("mug\u200b", "mug")),
        *(("n02085620-Chihuahua", "chihuahua"), ("n02088094-Afghan_hound", "Afghan hound")),
        *(("001.Black_footed_Albatross", "black footed albatross"), ("0_dog", "dog")),
        *(("1. Dog", "dog"), ("cat_01", "cat"), ("Tomato 4", "tomato"), ("iPhone_12", "iPhone 12")),
        *(("2 sheep", "2 sheep"), ("number 7", "number 7"), ("101 dalmatians", "101 dalmatians")),
        *(("Cat (2)", "cat"), ("mug - Copy", "mug"), ("mug copy 2", "mug"), ("(1)_mug", "(1) mug")),
        *(("chicken_(animal)", "chicken"), ("cleat_(for_securing_rope)", "cleat")),
        *(
            ("cat.001", "cat"),
            ("3-cat", "cat"),
            ("Cat-PNG", "cat"),
            ("town", "town"),
            ("Old Town", "old town"),
        ),
        *(("Picture frame", "picture frame"), ("mask", "mask"), ("canvas", "canvas")),
    ],
)
def test_a_name_is_said_as_one_writes_it(name, category):
    assert category_names.of_folder(f"f/x/{name}/a.png", "f") == (category, "", False)


@given(name=st.text(max_size=20) | st.text("aA0129 _-.()ncopydgs", max_size=16))
@settings(deadline=None)
def test_any_folder_has_a_category_or_a_problem(name):
    named = category_names._of_name(name)
    assert bool(named.category) != bool(named.problem)
    assert category_names.spoken(named.category) == named.category


def test_labels_and_defaults_come_before_folders(tmp_path):
    for path in ("0000/a.png", "Dogs/b.png", "Dogs/c.png"):
        number = len(path) + ord(path[-5])
        write_png(tmp_path / "foregrounds" / path, disc((number, 99, 20)))
    head = "name: p\nlicence: x\nsource: x\ncredit: x\n"
    (tmp_path / "pack.yaml").write_text(head)
    (tmp_path / "labels.yaml").write_text("Dogs/b.png: {category: two dogs}\n")
    loaded = catalog.load([tmp_path], cache=tmp_path / "cache")
    assert sorted(f.category for f in loaded.foregrounds.values()) == ["dog", "two dogs"]
    assert [str(note) for note in loaded.notes if "plural" in note.message] == [
        f"{tmp_path}/foregrounds/Dogs: is named in the plural: its picture is taken for one dog; "
        "label those of more"
    ]
    assert len(loaded.problems) == 1
    (tmp_path / "pack.yaml").write_text(head + "defaults: {category: cat}\n")
    loaded = catalog.load([tmp_path], cache=tmp_path / "cache")
    assert sorted(f.category for f in loaded.foregrounds.values()) == ["cat", "cat", "two dogs"]
    assert not loaded.problems


def test_names_of_no_things_are_noted_once(tmp_path):
    for number, name in enumerate(("Christmas", "race", "mug", "corgi", "people", "wugs")):
        write_png(tmp_path / f"foregrounds/{name}/a.png", disc((number, 99, 20)))
    (tmp_path / "pack.yaml").write_text("name: p\nlicence: x\nsource: x\ncredit: x\n")
    (tmp_path / "labels.yaml").write_text("wugs/a.png: {kind: animal}\n")
    loaded = catalog.load([tmp_path], cache=tmp_path / "cache")
    assert [str(note) for note in loaded.notes if "lexicon" in note.message] == [
        f"{tmp_path}/foregrounds: has folders whose names the lexicon does not know as things "
        "(Christmas, race): sentences say “the Christmas” all the same, of an object; label what "
        "shows something else"
    ]


def test_a_number_is_no_category_in_a_label_either(tmp_path):
    write_png(tmp_path / "foregrounds/mug/a.png", disc((1, 2, 3)))
    (tmp_path / "pack.yaml").write_text("name: p\nlicence: x\nsource: x\ncredit: x\n")
    (tmp_path / "labels.yaml").write_text("a: {category: 7}\n")
    loaded = catalog.load([tmp_path], cache=tmp_path / "cache")
    assert [str(problem) for problem in loaded.problems] == [
        f"{tmp_path}/foregrounds/mug/a.png: its category, '7', is not a word; say what it shows"
    ]


def test_categories_are_found_before_anything_is_decoded(tmp_path, monkeypatch):
    write_png(tmp_path / "foregrounds/a.png", disc((1, 2, 3)))
    (tmp_path / "pack.yaml").write_text("name: p\nlicence: x\nsource: x\ncredit: x\n")
    monkeypatch.setattr("refmatte_engine.packs.scan._measure", pytest.fail)
    loaded = catalog.load([tmp_path], cache=tmp_path / "cache")
    assert len(loaded.problems) == 1
    assert [str(lost) for lost in loaded.lost] == [
        f"{tmp_path}: its only foreground cannot be used"
    ]
