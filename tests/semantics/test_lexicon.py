"""Categories, kinds and nouns."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from refmatte_engine.config import resources
from refmatte_engine.config.resources import ASSETS
from refmatte_engine.errors import InputError
from refmatte_engine.language.templates import load_templates
from refmatte_engine.semantics import english, lexicon, wordnet

# "singular / plural" as people write them, awkward ones first.
PLURALS = dict(
    line.split(" / ")
    for line in (Path(__file__).parents[1] / "golden" / "plurals.txt").read_text().splitlines()
)


def test_plurals_of_three_hundred_nouns() -> None:
    wrong = {
        one: english.plural(one)
        for one, several in PLURALS.items()
        if english.plural(one) != several
    }
    assert len(PLURALS) >= 300
    assert not wrong


@pytest.mark.parametrize(
    "word", ["umbrella", "apple", "orange", "owl", "egg", "ice", "hourglass", "old", "elderly"]
)
def test_an(word: str) -> None:
    assert english.a(word) == "an"


@pytest.mark.parametrize(
    "word", ["unicycle", "mug", "horse", "one-eyed", "european", "used", "yellow"]
)
def test_a(word: str) -> None:
    assert english.a(word) == "a"


@pytest.mark.parametrize(
    ("category", "kind", "truth"),
    [
        ("camel", "animal.n.01", 1),
        ("fern", "plant.n.02", 1),
        ("cactus", "plant.n.02", 1),
        ("mug", "animal.n.01", -1),
        ("teddy bear", "animal.n.01", 0),
        ("teddy bear", "plaything.n.01", 1),
        ("human", "animal.n.01", -1),
        ("rose", "flower", 1),
        ("dandelion", "flower", 1),
        ("bird", "owl.n.01", 0),
        ("owl", "bird.n.01", 1),
        ("cup", "mug.n.04", 0),
        ("gift box", "box.n.01", 1),
        ("box", "gift box", 0),
        ("mouse", "electronic_device.n.01", -1),
        ("flurb", "animal.n.01", -1),
        ("flurb", "flurb", 1),
        ("red flurb", "flurb", 0),
        ("Teddy_Bear", "teddy bear", 1),
        ("anything", "thing", 1),
    ],
)
def test_what_is_a_what(category: str, kind: str, truth: int) -> None:
    assert lexicon.is_a(category, kind) == truth


def test_an_unknown_animal_is_an_animal_and_may_be_a_bird() -> None:
    asked = ("animal.n.01", "bird.n.01", "person.n.01", "mug", "quokka")
    assert [lexicon.is_a("quokka", kind, "animal") for kind in asked] == [1, 0, -1, -1, 1]
    assert [lexicon.is_a("quokka", kind, "object") for kind in asked] == [-1, -1, -1, -1, 1]
    assert lexicon.is_a("mug", "animal.n.01", "animal") == -1


def test_every_category_has_a_sense_that_wordnet_knows() -> None:
    reader = wordnet.reader()
    assert len(lexicon.categories()) > 500
    for name, category in lexicon.categories().items():
        assert reader.synset(category.sense), name


def test_kinds_agree_with_wordnet() -> None:
    reader = wordnet.reader()
    for name, known in lexicon._known().items():
        synset = reader.synset(name)
        assert synset is not None, name
        assert set(known.hypernyms) == set(synset.hypernyms), name
        assert set(known.names) <= {lemma.lower() for lemma in synset.lemmas}, name


def test_words_that_wordnet_knows_but_the_list_does_not() -> None:
    assert "puma" not in lexicon.categories()
    assert lexicon.is_a("puma", "animal.n.01") != -1
    assert lexicon.is_a("puma", "vehicle.n.01") == -1


def test_a_wordnet_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REFMATTE_WORDNET", str(tmp_path))
    with pytest.raises(InputError, match=r"has no data\.noun.*nltk_data/corpora/wordnet"):
        wordnet.own()
    for file in (lexicon.FOLDER / "wordnet").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    assert wordnet.own() == tmp_path
    assert wordnet.Reader(tmp_path).synset("mug.n.04") == wordnet.reader().synset("mug.n.04")
    english = resources.template("english", "expressions")
    asked = load_templates(english).digest
    monkeypatch.delenv("REFMATTE_WORDNET")
    assert load_templates(english).digest != asked


def test_no_word_names_a_frog_and_a_mug_but_those_for_all_things() -> None:
    """A word with a sense that nobody can see, and that is not embedded, names nothing by it."""
    words = wordnet.reader().words()
    both = {word for word in words if lexicon.is_a("frog", word) == lexicon.is_a("mug", word) == 1}
    things = {"entity", "object", "physical entity", "physical object", "thing", "unit", "whole"}
    assert both <= things
    assert [lexicon.is_a("frog", word) for word in ("yam", "amphibian")] == [-1, 1]


def test_register() -> None:
    names = {n for c in lexicon.categories() for n in lexicon.synonyms(c)}
    assert names.isdisjoint({"beast", "brute", "mortal", "fauna", "soul", "cock", "ass"})
    assert "couch" in lexicon.synonyms("sofa")


def test_the_lexicon_is_small_and_licensed() -> None:
    folder = ASSETS / "lexicon"
    size = sum(f.stat().st_size for f in folder.rglob("*") if "__pycache__" not in f.parts)
    assert size < 1_500_000
    assert "Princeton University" in (folder / "wordnet" / "LICENSE").read_text()


def test_known_words_cost_neither_time_nor_a_library() -> None:
    """Plurals and kinds need no library that takes a second of every process to import."""
    code = (
        "import sys, refmatte_engine.generation.dataset_run as _;"
        "from refmatte_engine.semantics import english, lexicon;"
        "english.plural('teddy bear'); english.plural('blue wug'); lexicon.kinds('sofa');"
        "lexicon.kinds('puma'); english.a('SUV');"
        "print({'inflect', 'nltk', 'typeguard'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()", done.stdout + done.stderr
