"""Packs and labels as people write them, and what they are told when something is wrong."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from refmatte_engine.errors import InputError
from refmatte_engine.packs import pack
from refmatte_engine.packs.labels import Label, flatten
from refmatte_engine.semantics.kinds import kind_of
from tests.conftest import disc, make_pack, write_png

HEAD = "name: mine\nlicence: CC0-1.0\nsource: me\ncredit: me\n"
RED = disc((200, 20, 20))


def small(root: Path, more: str = "", files: tuple[str, ...] = ("foregrounds/ball/a.png",)) -> Path:
    root.mkdir(exist_ok=True)
    (root / "pack.yaml").write_text(HEAD + more)
    for file in files:
        write_png(root / file, RED)
    return root


def said(root: Path) -> list[str]:
    return [str(problem).replace(f"{root}/", "") for problem in pack.read(root).problems]


words = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=9)


@given(st.dictionaries(words, st.one_of(words, st.booleans(), st.lists(words, max_size=3))))
def test_plain_attributes_flatten_in_order(attributes):
    expected = []
    for name, value in attributes.items():
        for one in value if isinstance(value, list) else [value]:
            expected.append((name, str(one).lower() if isinstance(one, bool) else one))
    facts = flatten(attributes, "recipe")
    assert [(fact.name, fact.value) for fact in facts] == expected
    assert all(fact.source == "recipe" and fact.part == "" for fact in facts)


def test_parts_carry_their_own_attributes():
    facts = flatten(
        {
            "gender": {"value": "female", "score": 0.75},
            "clothes": [{"type": "sweater", "color": ["red", "white"]}, {"type": "skirt"}],
        },
        "labelled",
    )
    assert [(f.name, f.value, f.part, f.source, f.score) for f in facts] == [
        ("gender", "female", "", "predicted", 0.75),
        ("clothes", "sweater", "", "labelled", 1.0),
        ("color", "red", "sweater", "labelled", 1.0),
        ("color", "white", "sweater", "labelled", 1.0),
        ("clothes", "skirt", "", "labelled", 1.0),
    ]


@pytest.mark.parametrize(
    "value",
    [
        *("", "\n", "a\nb", "\ud800", float("nan"), {}, [[]], [None]),
        *({"color": "red"}, {"type": 3, "x": {"type": "y"}}),
        *({"value": "x", "score": 2}, {"value": "x", "score": "high"}),
    ],
)
def test_what_is_no_attribute_is_refused(value):
    with pytest.raises(ValidationError):
        Label.model_validate({"attributes": {"color": value}})


def test_a_drawn_pack_is_read_whole(tmp_path):
    found = pack.read(make_pack(tmp_path / "tiny"))
    assert not found.problems
    assert len(found.foregrounds) == 9
    assert [picture.id for picture in found.backgrounds] == [f"tiny/land_{i}" for i in range(3)]
    ball = next(picture for picture in found.foregrounds if picture.id == "tiny/ball/ball_red")
    assert ball.path == "foregrounds/ball/ball_red.png"
    assert isinstance(ball.label, Label)
    assert ball.label.attributes["color"] == "red"


@pytest.mark.parametrize("name", ["foregrounds/ball/a.png", "ball/a.png", "ball/a", "a.png", "a"])
def test_labels_find_their_file_by_any_unambiguous_name(tmp_path, name):
    root = small(tmp_path / "p")
    (root / "labels.yaml").write_text(f"{name}:\n  category: apple\n")
    found = pack.read(root)
    assert not found.problems
    assert found.foregrounds[0].label.category == "apple"


def test_defaults_hold_where_no_label_says_otherwise(tmp_path):
    more = "defaults: {kind: human, flippable: false, attributes: {material: clay}}\n"
    root = small(tmp_path / "p", more, ("foregrounds/x/a.png", "foregrounds/x/b.png"))
    (root / "labels.jsonl").write_text(
        json.dumps({"file": "a", "flippable": True, "attributes": {"color": "red"}})
    )
    a, b = (picture.label for picture in pack.read(root).foregrounds)
    assert (a.kind, a.flippable, a.attributes) == (
        "human",
        True,
        {"material": "clay", "color": "red"},
    )
    assert (b.kind, b.flippable, b.attributes) == ("human", False, {"material": "clay"})


def test_pairs_are_found_where_they_lie(tmp_path):
    root = small(
        tmp_path / "p",
        "foregrounds: train/original\nalphas: train/mask\ndefaults: {category: cat}\n",
        ("train/original/m_1.png", "train/mask/m_1.png", "train/mask/m_2.png", "train/fg/m_1.png"),
    )
    found = pack.read(root)
    assert [(p.id, p.path, p.alpha_path) for p in found.foregrounds] == [
        ("mine/m_1", "train/original/m_1.png", "train/mask/m_1.png")
    ]
    assert said(root) == ["train/mask/m_2.png: is an alpha without a picture"]


def test_wrong_labels_are_collected_with_file_and_line(tmp_path):
    files = tuple(f"foregrounds/{c}/a{i}.png" for i, c in enumerate("xxyz"))
    root = small(tmp_path / "p", files=(*files, "foregrounds/z/a0.png"))
    (root / "labels.yaml").write_text(
        "x/a0: {categroy: cat}\na1: {kind: thing}\nnothing.png: {}\na0: {}\na2: {category: dog}\n"
    )
    (root / "labels.jsonl").write_text('{"file": "y/a2", "category": "cow"}\n')
    assert said(root) == [
        "labels.yaml:3: labels 'nothing.png', which is not there",
        "labels.yaml:4: labels 'a0', which may be any of foregrounds/x/a0.png, "
        "foregrounds/z/a0.png",
        "labels.jsonl:1: labels foregrounds/y/a2.png again: already labelled in labels.yaml:5",
        "labels.yaml:1: unknown key 'categroy'; allowed: attributes, category, credit, cut_edges, "
        "file, flippable, hangs, height_m, kind, licence, lies, light, matte, recipe, "
        "sheds_shadow, source, source_asset, split, stands, toy; did you mean 'category'?; "
        "foregrounds/x/a0.png is left out",
        "labels.yaml:2: kind: 'thing' is not allowed; allowed: human, animal, object; "
        "foregrounds/x/a1.png is left out",
    ]
    kept = {picture.id for picture in pack.read(root).foregrounds}
    assert kept == {"mine/y/a2", "mine/z/a3", "mine/z/a0"}


@pytest.mark.parametrize("height", [0, -1.5, 100.1])
def test_a_camera_that_is_nowhere_is_told_where_it_may_be(tmp_path, height):
    root = small(tmp_path / "p", files=("foregrounds/x/a.png", "backgrounds/b.png"))
    (root / "labels.yaml").write_text(f"b: {{camera_m: {height}}}\n")
    (told,) = said(root)
    allowed = "a number above 0 and of at most 100"
    assert told.startswith(f"labels.yaml:1: camera_m: {height} is not allowed; allowed: {allowed}")


@pytest.mark.parametrize("horizon", [0.3, 0.5, 0.99, 1, 1.5])
@pytest.mark.parametrize("bottom", [0.2, 0.3, 0.6, 1])
def test_a_ground_ends_below_its_horizon(tmp_path, horizon, bottom):
    root = small(tmp_path / "p", files=("foregrounds/x/a.png", "backgrounds/b.png"))
    (root / "labels.yaml").write_text(f"b: {{ground: [0.05, {bottom}], horizon: {horizon}}}\n")
    ground = f"ground: [0.05, {bottom}] is not allowed: it must end below the horizon, {horizon}"
    sky = f"horizon: {horizon} is not allowed; allowed: a number of at least -1 and below 1"
    told = [sky] if horizon >= 1 else [ground] if bottom <= horizon else []
    assert said(root) == [f"labels.yaml:1: {each}; backgrounds/b.png is left out" for each in told]


def test_a_misspelt_file_gets_the_nearest_name(tmp_path):
    root = small(tmp_path / "p")
    (root / "labels.jsonl").write_text('{"file": "ball/aa.png"}\n')
    assert said(root) == [
        "labels.jsonl:1: labels 'ball/aa.png', which is not there; did you mean 'ball/a.png'?"
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"pack.yaml:1: must be a mapping"),
        ("- a\n", r"pack.yaml:1: must be a mapping"),
        ("name: x\n", r"pack.yaml:1: the key 'licence' is missing \(and 2 more\)"),
        (HEAD.replace("mine", "../x"), "name: '../x' is not allowed"),
        (HEAD.replace("licence", "license"), "unknown key 'license' .*; did you mean 'licence'"),
        (HEAD + "licens: x\n", "unknown key 'licens'; allowed: .*; did you mean 'licence'"),
        (HEAD + "foregrounds: ../other\n", "foregrounds: '../other' points outside the pack"),
        (HEAD + "alphas: /etc\n", "alphas: '/etc' points outside the pack"),
        (HEAD + "backgrounds: places\n", "backgrounds: there is no folder 'places'"),
        (HEAD + "defaults: {kind: robot}\n", "defaults.kind: 'robot' is not allowed"),
    ],
)
def test_a_wrong_pack_file_ends_the_load(tmp_path, text, message):
    root = small(tmp_path / "p")
    (root / "pack.yaml").write_text(text)
    with pytest.raises(InputError, match=message):
        pack.read(root)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"labels.jsonl:2: is not valid JSON"),
        ("[]", r"labels.jsonl:2: must be an object with a `file`"),
        ('{"category": "x"}', r"labels.jsonl:2: must be an object with a `file`"),
        ('{"file": "a", "file": "b"}', r"labels.jsonl:2: is not valid JSON: a key appears twice"),
        ("[" * 100_000, r"labels.jsonl:2: is nested too deeply"),
        ('{"file": ' + "9" * 5000 + "}", r"labels.jsonl:2: is not valid JSON"),
    ],
)
def test_a_label_file_that_cannot_be_parsed_ends_the_load(tmp_path, line, message):
    root = small(tmp_path / "p")
    (root / "labels.jsonl").write_text("\n" + line)
    with pytest.raises(InputError, match=message):
        pack.read(root)


def test_labels_that_say_nothing_are_none(tmp_path):
    root = small(tmp_path / "p")
    (root / "labels.yaml").write_text("# nothing yet\n")
    assert not pack.read(root).problems
    (root / "labels.yaml").write_text("- a.png\n")
    with pytest.raises(InputError, match=r"labels.yaml:1: must map file names to labels; write"):
        pack.read(root)


def test_no_pack_and_empty_packs_are_said_so(tmp_path):
    with pytest.raises(InputError, match=r"is not a pack: it has no pack\.yaml; allowed: a"):
        pack.read(tmp_path)
    with pytest.raises(InputError, match=r"has no pictures in its folders \(foregrounds, back"):
        pack.read(small(tmp_path / "p", files=()))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("one/pack.yml", "there is no such file; .*"),
        ("file", "is not a folder; allowed: a folder with a pack.yaml"),
        ("", "is not a pack: it has no pack.yaml; .*; packs in it: .*/one, .*/two$"),
        ("onne", "there is no such folder; .*; did you mean 'one'"),
        ("gone/deep", "there is no such folder"),
        ("yml", "it has no pack.yaml; .*; rename pack.yml to pack.yaml"),
        ("made", "it is a dataset; give the pack that it was made from"),
        ("x" * 300, "cannot be read: File name too long|there is no such folder"),
        ("a\0b", "cannot be read: embedded null|there is no such folder"),
    ],
)
def test_what_is_no_pack_is_told_apart(tmp_path, where, said):
    for name in ("one", "two"):
        small(tmp_path / name)
    (tmp_path / "file").touch()
    for path in ("yml/pack.yml", "made/manifest.json"):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).touch()
    with pytest.raises(InputError, match=said):
        pack.read(tmp_path / where)


@pytest.mark.parametrize("where", ["thinks", "things0", "other.yml", "rum", "notes"])
def test_only_a_pack_is_what_was_meant(tmp_path, where):
    """Beside packs lie scripts, runs and folders of pictures."""
    small(tmp_path / "things_1")
    (tmp_path / "others.yaml").write_text(HEAD + "root: things_1\n")
    (tmp_path / "run.yaml").write_text("packs: [things_1]\n")
    for path in ("thing.py", "things.csv", "other.txt", "note/a.png"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()
    with pytest.raises(InputError) as told:
        pack.read(tmp_path / where)
    _, _, meant = str(told.value).partition("did you mean ")
    assert bool(meant) == (where not in ("rum", "notes"))
    if meant:
        pack.read(tmp_path / meant.removesuffix("?").strip("'"))


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("labels.yml", "is not read; rename it to labels.yaml"),
        ("Labels.yaml", "is not read; name it labels.yaml and put it beside pack.yaml"),
        ("labels.json", "is not read; labels belong in labels.yaml, or in labels.jsonl: on each"),
        ("label.csv", "is not read; labels belong in labels.yaml, or in labels.jsonl: on each"),
        ("foregrounds/labels.yaml", "is not read here; name it labels.yaml and put it beside"),
    ],
)
def test_labels_in_files_of_other_names_are_a_problem(tmp_path, file, said):
    root = small(tmp_path / "p")
    (root / file).write_text("ball/a.png: {category: apple}")
    (problem,) = pack.read(root).problems
    assert problem.file == str(root / file)
    assert problem.message.startswith(said)


def test_proposals_are_no_problem(tmp_path):
    root = small(tmp_path / "p")
    (root / "labels.predicted.jsonl").touch()
    found = pack.read(root)
    assert not found.problems
    assert "move the lines you agree with into labels.jsonl" in found.notes[0].message


def test_links_out_of_the_pack_and_odd_files_are_refused(tmp_path):
    root = small(tmp_path / "p")
    write_png(tmp_path / "outside" / "secret.png", RED)
    home = root / "foregrounds"
    (home / "link.png").symlink_to(tmp_path / "outside" / "secret.png")
    (home / "folder").symlink_to(tmp_path / "outside")
    (home / "inside.png").symlink_to(home / "ball" / "a.png")
    (home / "broken.png").symlink_to(home / "none.png")
    os.mkfifo(home / "pipe.png")
    for name in (
        "a.tif",
        "b.zip",
        "c.png.part",
        "notes.txt",
        ".hidden.png",
        "b\n.png",
        "ball/a.webp",
    ):
        (home / name).write_bytes(b"x")
    out = "is a link that points outside the pack; copy its target into the pack, or write a "
    out += "pack.yaml where the target is"
    assert said(root) == [
        "'foregrounds/b\\n.png': has a name that cannot be printed; rename it",
        "foregrounds/a.tif: is not a picture in a readable format (.jpg, .jpeg, .png, .webp); "
        "convert it",
        "foregrounds/b.zip: is an archive, which is not read; unpack it",
        "foregrounds/broken.png: is a broken link",
        "foregrounds/c.png.part: is an unfinished download; download it again",
        f"foregrounds/folder: {out}",
        f"foregrounds/link.png: {out}",
        "foregrounds/pipe.png: is neither a file nor a folder",
        "foregrounds/ball/a.webp: has the same name as foregrounds/ball/a.png, which is read "
        "instead; rename one, or put it into alphas if it is one",
    ]
    found = pack.read(root)
    assert [str(note).replace(f"{root}/", "") for note in found.notes] == [
        "foregrounds: has 1 .txt beside its pictures (notes.txt): not read; labels belong in "
        "labels.yaml or labels.jsonl beside pack.yaml",
        "foregrounds/.hidden.png: is hidden (its name begins with a dot) and is not read",
        "foregrounds/inside.png: is a link to foregrounds/ball/a.png, which is read there",
    ]
    assert {p.id for p in found.foregrounds} == {"mine/ball/a"}


def test_a_cut_out_beside_its_photograph_is_the_one_that_is_read(tmp_path):
    files = ("foregrounds/x/a.jpg", "foregrounds/x/a.png", "foregrounds/x/b.jpg", "alphas/x/b.png")
    root = small(tmp_path / "p", files=("foregrounds/x/a.png", "alphas/x/b.png"))
    for file in files:
        (root / file).touch()
    (root / "foregrounds/x/b.webp").touch()
    (root / "labels.yaml").write_text("a: {category: cat}\nb.webp: {category: dog}\n")
    found = pack.read(root)
    assert found.foregrounds[0].label.category == "cat"
    assert [(p.path, p.alpha_path) for p in found.foregrounds] == [
        ("foregrounds/x/a.png", ""),
        ("foregrounds/x/b.jpg", "alphas/x/b.png"),
    ]
    assert [problem.file.removeprefix(f"{root}/") for problem in found.problems] == [
        "foregrounds/x/a.jpg",
        "foregrounds/x/b.webp",
        "labels.yaml:2",
    ]


def test_names_that_differ_in_how_accents_are_stored_are_one(tmp_path):
    files = ("foregrounds/x/caf\u00e9.png", "foregrounds/x/cafe\u0301.png")
    root = small(tmp_path / "p", files=files)
    (problem,) = said(root)
    assert "has the same name as foregrounds/x/" in problem


def test_line_separators_stand_in_labels(tmp_path):
    root = small(tmp_path / "p")
    label = {"file": "a", "recipe": {"text": "one\u2028two\x85"}, "category": "ball"}
    (root / "labels.jsonl").write_text(json.dumps(label, ensure_ascii=False) + "\r\n", "utf-8")
    assert said(root) == []


def test_a_pack_file_that_is_no_file_does_not_hang(tmp_path):
    (tmp_path / "p").mkdir()
    os.mkfifo(tmp_path / "p" / "pack.yaml")
    with pytest.raises(InputError, match="is not a pack"):
        pack.read(tmp_path / "p")


@pytest.mark.parametrize(
    ("category", "kind"),
    [
        *(("human", "human"), ("people", "human"), ("old man", "human")),
        *(("polar bear", "animal"), ("dogs", "animal")),
        *(("teddy bear", "object"), ("plush rabbit", "object"), ("vase", "object")),
    ],
)
def test_kinds_are_guessed_from_names(category, kind):
    assert kind_of(category) == kind


def test_the_embedded_pack_can_be_read():
    found = pack.read("studio")
    assert found.about.licence == "CC0-1.0"
    assert np.all([picture.label.category for picture in found.foregrounds])
