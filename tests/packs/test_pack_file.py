"""What pack.yaml may say of where pictures lie and of what they are."""

from random import Random

import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.packs import catalog, estimation, pack
from refmatte_engine.packs.pack_file import PackFile
from tests.conftest import BLUE, GREEN, RED, disc, landscape, slab, write_png

HEAD = "name: p\nlicence: x\nsource: x\ncredit: x\n"


def photograph(path, rgba, seed=0):
    """A picture whose edges hold the background's colours, and its matte."""
    share = rgba[..., 3:] / 255
    mixed = rgba[..., :3] * share + landscape(seed, rgba.shape[:2]) * (1 - share)
    write_png(path, mixed.round().astype("uint8"))
    return rgba[..., 3]


def wrote(home, text):
    home.mkdir(parents=True, exist_ok=True)
    (home / "pack.yaml").write_text(HEAD + text)
    return home


def test_pictures_lie_where_root_says(tmp_path):
    write_png(tmp_path / "data/foregrounds/mug/a.png", disc(RED))
    for root in ("../data", str(tmp_path / "data")):
        home = wrote(tmp_path / "mine", f"root: {root}\n")
        (home / "labels.yaml").write_text("mug/a.png: {category: cup}\n")
        loaded = catalog.load([home], cache=tmp_path / "cache")
        assert [f.category for f in loaded.foregrounds.values()] == ["cup"]
        assert loaded.root("p") == tmp_path / "data"
        assert loaded.packs[0].path == str(home)
        assert not loaded.problems
        assert not loaded.notes


def test_a_folder_that_the_pack_file_leaves_out_is_noted_as_that(tmp_path):
    write_png(tmp_path / "fg/mug/a.png", disc(RED))
    write_png(tmp_path / "backgrounds/b.png", landscape(1, (60, 90)))
    found = pack.read(wrote(tmp_path, "sources: [{foregrounds: fg}]\n"))
    assert not found.problems
    assert [note.message for note in found.notes] == [
        "is not read: pack.yaml names other folders, and no backgrounds"
    ]


def test_a_pack_file_may_have_any_name(tmp_path):
    write_png(tmp_path / "foregrounds/mug/a.png", slab(RED, (60, 40)))
    (tmp_path / "mine.yaml").write_text(HEAD)
    found = pack.read(tmp_path / "mine.yaml")
    assert [picture.id for picture in found.foregrounds] == ["p/mug/a"]
    assert not found.problems
    assert not found.notes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("root: gone\n", r"pack.yaml: root: there is no folder 'gone'; say where"),
        ("root: dat\n", r"pack.yaml: root: there is no folder 'dat'; did you mean 'data'"),
        ('root: "a\\0b"\n', "root: 'a.x00b' is not allowed|root.*printable"),
        (f"root: {'x' * 300}\n", "root: there is no folder"),
        ("root: pack.yaml\n", "root: there is no folder"),
        ("root: data\nforegrounds: ../out\n", "foregrounds: '../out' points outside the pack"),
        ("root: data\nforegrounds: link\n", "foregrounds: 'link' points outside the pack"),
        (
            "sources: [{foregrounds: /etc}]\n",
            "sources.0.foregrounds: '/etc' points outside the pack",
        ),
        (
            "sources: [{foregrounds: f, alphas: f}]\n",
            "'f' is already the folder of sources.0.foregrounds",
        ),
        ("sources: [{foregrounds: g}]\n", "sources.0.foregrounds: there is no folder 'g'"),
        ("sources: []\n", "sources"),
        ("sources: [{alphas: f}]\n", "a source has foregrounds, or backgrounds"),
        ("sources: [{backgrounds: f, alphas: g}]\n", "alphas are of foregrounds"),
        ("sources: [{foregrounds: f}]\nalphas: g\n", "alphas stands beside sources; move it into"),
        ("colors: new\n", "colors: 'new' is not allowed; allowed: own, mixed"),
        ("group_by: file\n", "group_by: 'file' is not allowed"),
        ("category_from: 0\n", "category_from counts folders"),
        (
            "category_from: ../types.json\n",
            "category_from: '../types.json' points outside the pack",
        ),
        ("category_from: types.json\n", "there is no file 'types.json'; it was looked for at"),
        ("category_from: pack.yaml\n", "is not read for categories; allowed: JSON"),
    ],
)
def test_wrong_values_are_named_with_their_key(tmp_path, text, message):
    home = wrote(tmp_path / "p", text)
    for folder in ("data", "f"):
        (home / folder).mkdir()
    (tmp_path / "out").mkdir()
    (home / "data/link").symlink_to(tmp_path / "out")
    (tmp_path / "types.json").write_text('{"a": "cat"}')
    with pytest.raises(InputError, match=message):
        pack.read(home)


def test_own_colours_are_kept_as_they_are(tmp_path):
    alpha = photograph(tmp_path / "foregrounds/ball/a.png", disc(RED), 1)
    write_png(tmp_path / "alphas/ball/a.png", alpha)
    digests = set()
    for colors in ("own", "mixed"):
        home = wrote(tmp_path, f"colors: {colors}\n")
        loaded = catalog.load([home], cache=tmp_path / "cache")
        (ball,) = loaded.foregrounds.values()
        assert ball.colors == colors
        assert bool(estimation.pairs_of(loaded)) == (colors == "mixed")
        digests.add(loaded.digest)
    assert len(digests) == 2


def test_sources_have_splits_and_defaults_of_their_own(tmp_path):
    for number, (folder, rgba) in enumerate(
        {"train": disc(RED), "test": slab(BLUE, (60, 40))}.items()
    ):
        alpha = photograph(tmp_path / folder / "img/m_1.png", rgba, number)
        write_png(tmp_path / folder / "mask/m_1.png", alpha)
    home = wrote(
        tmp_path,
        "defaults: {kind: animal, attributes: {pattern: striped}}\nsources:\n"
        "- {foregrounds: train/img, alphas: train/mask, colors: own,\n"
        "   defaults: {split: train, category: cat, attributes: {color: red}}}\n"
        "- {foregrounds: test/img, alphas: test/mask, colors: own,\n"
        "   defaults: {split: test, category: dog}}\n",
    )
    loaded = catalog.load([home], cache=tmp_path / "cache")
    assert {(f.id, f.category, f.split, f.kind) for f in loaded.foregrounds.values()} == {
        ("p/train/img/m_1", "cat", "train", "animal"),
        ("p/test/img/m_1", "dog", "test", "animal"),
    }
    cat = loaded.foregrounds["p/train/img/m_1"]
    assert {(a.name, a.value) for a in cat.attributes} == {("pattern", "striped"), ("color", "red")}
    assert not loaded.problems


def test_a_level_of_folders_names_the_category(tmp_path):
    write_png(tmp_path / "foregrounds/cat/0001/a.png", slab(RED, (60, 40)))
    for level, categories in {1: ["cat"], -2: ["cat"], 2: [], -1: [], 3: []}.items():
        home = wrote(tmp_path, f"category_from: {level}\n")
        loaded = catalog.load([home], cache=tmp_path / "cache")
        assert [f.category for f in loaded.foregrounds.values()] == categories


def test_clips_and_equal_alphas_stay_on_one_side(tmp_path):
    for clip in range(6):
        for frame in range(3):
            rgba = slab(RED, (60 + clip, 40 + frame))
            alpha = photograph(tmp_path / f"foregrounds/{clip}/{frame}.png", rgba, clip * 3 + frame)
            write_png(tmp_path / f"alphas/{clip}/{frame}.png", alpha)
    text = "colors: own\ndefaults: {category: mug}\n"
    home = wrote(tmp_path, f"{text}group_by: folder\n")
    loaded = catalog.load([home], test_share=0.5, cache=tmp_path / "cache")
    sides = {}
    for thing in loaded.foregrounds.values():
        sides.setdefault(thing.path.split("/")[1], set()).add(thing.split)
    assert len(loaded.foregrounds) == 18
    assert all(len(splits) == 1 for splits in sides.values())
    assert {"train", "test"} == set.union(*sides.values())
    # The same matte before other backgrounds is the same thing, as Composition-1k's composites.
    for place in range(8):
        alpha = photograph(tmp_path / f"merged/x_{place}.png", disc(GREEN), 90 + place)
        write_png(tmp_path / f"alpha_copy/x_{place}.png", alpha)
    home = wrote(tmp_path, f"{text}foregrounds: merged\nalphas: alpha_copy\n")
    loaded = catalog.load([home], test_share=0.5, cache=tmp_path / "cache")
    assert len(loaded.foregrounds) == 8
    assert len({thing.split for thing in loaded.foregrounds.values()}) == 1


def test_flat_keys_are_the_short_form_of_one_source():
    said = {"name": "p", "licence": "x", "source": "x", "credit": "x", "alphas": "mask"}
    (prefix, part), *more = PackFile(**said, group_by="folder").parts()
    assert not prefix
    assert not more
    assert (part.foregrounds, part.alphas, part.group_by) == ("foregrounds", "mask", "folder")


def test_a_damaged_pack_file_is_read_or_refused_in_one_line(tmp_path):
    for name in ("train/img/a.png", "train/mask/a_1.png", "test/b.png", "types.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('{"a": "cat"}' if name.endswith("json") else "")
    whole = (
        f"{HEAD}root: .\ndefaults: {{kind: animal}}\nsources:\n- foregrounds: train/img\n"
        "  alphas: train/mask\n  colors: own\n  category_from: types.json\n  group_by: folder\n"
        "- {foregrounds: test, category_from: -1, defaults: {split: test, category: dog}}\n"
    )
    (tmp_path / "pack.yaml").write_text(whole)
    assert len(pack.read(tmp_path).foregrounds) == 2
    draw = Random(20)
    read, refused = 0, []
    for _ in range(200):
        text = list(whole)
        for _ in range(draw.randint(1, 3)):
            place = draw.randrange(len(text))
            text[place] = draw.choice(
                ["", "/", "..", "0", "-", ": ", "\n", "~", "\u2028", "x" * 300]
            )
        (tmp_path / "pack.yaml").write_text("".join(text), "utf-8")
        try:
            pack.read(tmp_path)
            read += 1
        except InputError as error:
            refused.append(str(error))
    assert read
    assert refused
    assert all(said.startswith(str(tmp_path)) and "\n" not in said for said in refused)
