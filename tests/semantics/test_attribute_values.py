"""Words of labels: however people write them, they mean the same; what nobody knows is said."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.config import resources
from refmatte_engine.config.strict_yaml import read_yaml
from refmatte_engine.packs import pack
from refmatte_engine.packs.labels import BackgroundLabel, Label, flatten
from refmatte_engine.semantics.attribute_values import WORDS, _known, doubts, normal

known = st.sampled_from(sorted(WORDS)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from(_known(name)))
)
writings = st.sampled_from(
    [str, str.upper, str.title, lambda w: f" {w} ", lambda w: w.replace(" ", "\u00a0")]
)


@given(st.lists(known, max_size=5, unique_by=lambda pair: pair[0]), writings, writings)
def test_capitals_and_blanks_do_not_matter(pairs, write, write_name):
    plain = dict(pairs)
    assert normal(plain) == plain
    written = {write_name(name).replace("_", " "): write(value) for name, value in pairs}
    assert normal(written) == plain
    as_lists = {name: [{"value": value, "score": 0.5}] for name, value in written.items()}
    assert [f.value for f in flatten(normal(as_lists), "labelled")] == list(plain.values())
    assert list(doubts([("here", plain)])) == []


@given(st.text(min_size=1), writings)
def test_any_thing_may_be_held(word, write_name):
    labels = normal({write_name("contents"): [{"type": word, "color": "red"}]})
    assert labels["contents"][0]["type"] == word
    assert list(doubts([("here", labels)])) == []


@pytest.mark.parametrize("word", ["yes", "Yes", "true", True, "on", "1", 1])
@pytest.mark.parametrize("name", ["transparent", "Salient"])
def test_yes_is_true(name, word):
    (fact,) = flatten(Label.model_validate({"attributes": {name: word}}).attributes, "labelled")
    assert (fact.name, fact.value) == (name.lower(), "true")


@pytest.mark.parametrize("word", ["no", "No", "false", False, "off", "0", 0])
def test_no_is_false(word):
    (fact,) = flatten(normal({"transparent": word}), "labelled")
    assert fact.value == "false"


def test_parts_are_normal_too_and_own_words_stay():
    written = {
        "Clothes": [{"type": "T-Shirt", "Colour": "Grey", "brand": "Acme"}],
        "brand": "Acme",
        "hair color": "Brown",
    }
    assert normal(written) == {
        "clothes": [{"type": "t-shirt", "color": "gray", "brand": "Acme"}],
        "brand": "Acme",
        "hair_color": "brown",
    }
    assert normal({"color": None, "clothes": [{"type": "hat", "color": None}]}) == {
        "clothes": [{"type": "hat"}]
    }
    with pytest.raises(ValueError, match="'color' appears twice"):
        normal({"color": "red", "Colour": "blue"})


def test_what_nobody_knows_is_said_once_an_attribute():
    labels = [
        ("labels.yaml:1", {"colour": "red", "pattern": "stripes", "gender": "boy"}),
        ("labels.yaml:2", {"pattern": "stripes", "transparent": "perhaps"}),
        ("labels.yaml:3", {"patern": "striped", "color": "crimson"}),
    ]
    said = dict(doubts((where, normal(attributes)) for where, attributes in labels))
    told = [f"{where}: {doubt}" for where, doubt in doubts((w, normal(a)) for w, a in labels)]
    assert len(told) == 5
    assert said["labels.yaml:2"].startswith("transparent has values that")
    assert any("'stripes' (2×); did you mean 'striped'?" in line for line in told)
    assert any("attribute 'patern'; did you mean 'pattern'?" in line for line in told)
    assert any("gender" in line and "known words: female, male" in line for line in told)


def test_what_the_templates_say_is_known():
    """Every value that a bundled vocabulary has words for, or `refmatte label` proposes."""
    for file in sorted((resources.TEMPLATES / "vocabulary").glob("*.yaml")):
        data, _ = read_yaml(file)
        for slot in data["slots"].values():
            if slot["attribute"] != "css_color":
                assert set(slot.get("words", {})) <= set(_known(slot["attribute"]))
    asked, _ = read_yaml(resources.template("labels", "questions"))
    for name, question in asked["attributes"].items():
        assert set(question["words"]) <= set(_known(name))


def test_the_embedded_pack_raises_no_doubt():
    assert pack.read("studio").notes == ()


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ({"kind": "Human", "split": "TEST", "cut_edges": ["Left"]}, {"kind": "human"}),
        ({"stands": "no", "flippable": "Yes"}, {"stands": False, "flippable": True}),
    ],
)
def test_the_other_keys_take_any_capitals(written, plain):
    label = Label.model_validate(written)
    assert {key: getattr(label, key) for key in plain} == plain
    assert BackgroundLabel.model_validate({"light": "Left", "kind": "Background"}).light == "left"


@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("name", ["labels.yaml", "labels.jsonl"])
def test_labels_are_read_with_a_byte_order_mark(tmp_path, bom, name):
    (tmp_path / "foregrounds").mkdir()
    (tmp_path / "foregrounds/a.png").touch()
    (tmp_path / "pack.yaml").write_text(f"{bom}name: p\nlicence: x\nsource: x\ncredit: x\n")
    label = {"category": "mug"}
    entry = {"a.png": label} if name == "labels.yaml" else {"file": "a.png", **label}
    text = yaml.safe_dump(entry) if name == "labels.yaml" else json.dumps(entry)
    (tmp_path / name).write_text(bom + text, "utf-8")
    (picture,) = pack.read(tmp_path).foregrounds
    assert picture.label.category == "mug"
