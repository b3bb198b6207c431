"""Alphas in files of their own: which belongs to which picture, and what is said of near ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.packs import pack, pairs
from refmatte_engine.packs.folders import Found

HEAD = "name: p\nlicence: x\nsource: x\ncredit: x\nforegrounds: img\nalphas: mask\n"


def read(root, *files):
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).touch()
    (root / "mask").mkdir(exist_ok=True)
    (root / "pack.yaml").write_text(HEAD)
    return pack.read(root)


@pytest.mark.parametrize(
    "alpha",
    [
        *("mask/cat/a_alpha.png", "mask/cat/a-matte.PNG", "mask/cat/mask_a.png", "mask/cat/A.png"),
        *("mask/cat/a.jpg.png", "mask/cat/a alpha.png", "mask/a.png", "mask/other/a.png"),
        *("mask/a_1.png", "mask/cat/a-1.png", "mask/a_mask.png", "mask/a/0.png"),
        *("img/cat/a_alpha.png", "img/cat/a-mask.png", "img/cat/a.matte.png"),
    ],
)
def test_the_nearest_alpha_is_proposed(tmp_path, alpha):
    found = read(tmp_path, "img/cat/a.jpg", "img/dog/b.jpg", alpha)
    hints = {picture.path: picture.hint for picture in found.foregrounds}
    assert hints["img/cat/a.jpg"] == (
        f"its alpha was looked for at mask/cat/a.png; {alpha} is nearest: move it there"
    )
    assert hints["img/dog/b.jpg"].startswith("save it with one, or put its alpha, of the same name")
    if alpha.startswith("mask"):
        assert [str(problem) for problem in found.problems] == [
            f"{tmp_path / alpha}: is an alpha without a picture: img/cat/a.jpg is nearest"
        ]
    else:
        (twin,) = (p for p in found.foregrounds if p.path == alpha)
        assert twin.twin_of == "img/cat/a.jpg"


@pytest.mark.parametrize("alphas", [("a_1", "a_2"), ("a/00", "a/01"), ("a_7",)])
def test_numbered_alphas_are_each_one_things(tmp_path, alphas):
    found = read(tmp_path, "img/cat/a.jpg", *(f"mask/cat/{alpha}.png" for alpha in alphas))
    assert [(p.id, p.path, p.alpha_path) for p in found.foregrounds] == [
        (f"p/cat/{alpha}", "img/cat/a.jpg", f"mask/cat/{alpha}.png") for alpha in alphas
    ]
    assert not found.problems


def test_one_of_several_things_has_a_label_of_its_own(tmp_path):
    (tmp_path / "labels.yaml").write_text("mask/a_2.png: {category: dog}\na.jpg: {category: cat}\n")
    found = read(tmp_path, "img/a.jpg", "mask/a_1.png", "mask/a_2.png")
    assert [picture.label.category for picture in found.foregrounds] == ["cat", "dog"]
    assert not found.problems


def test_several_alphas_elsewhere_are_counted(tmp_path):
    found = read(tmp_path, "img/x/a.jpg", *(f"mask/a/{i:02}.png" for i in range(5)))
    assert found.foregrounds[0].hint == (
        "5 files may be its alpha (mask/a/00.png, mask/a/01.png, mask/a/02.png … (5 in all)): move "
        "the one to mask/x/a.png, or name them mask/x/a_1.png, _2.png … if each is one thing's"
    )


def test_what_may_be_of_several_pictures_is_proposed_for_none(tmp_path):
    found = read(tmp_path, "img/x/a.jpg", "img/y/a.jpg", "mask/a.png")
    assert all("nearest" not in picture.hint for picture in found.foregrounds)
    assert [problem.message for problem in found.problems] == ["is an alpha without a picture"]


stems = st.text("ab_- 1.m/", min_size=1, max_size=6).filter(lambda s: s.strip("/ .") == s)


@given(st.sets(stems, max_size=6), st.sets(stems, max_size=6))
def test_each_alpha_is_used_or_named(tmp_path_factory, images, alphas):
    found = Found(tmp_path_factory.getbasetemp())
    by_image = {stem: f"img/{stem}.jpg" for stem in images}
    by_alpha = {stem: f"mask/{stem}.png" for stem in alphas}
    matched = pairs.match(found, by_image, by_alpha, "mask")
    assert matched.alphas == {by_image[stem]: by_alpha[stem] for stem in images & alphas}
    several = {stem for each in matched.several.values() for stem in each}
    unpaired = {by_image[stem] for stem in images - alphas}
    assert set(matched.hints) | set(matched.several) == unpaired
    assert not set(matched.hints) & set(matched.several)
    assert several <= alphas - images
    assert len(found.problems) == len(alphas - images - several)
    assert not set(matched.twins) & set(matched.alphas)
    assert all(twin != owner for twin, owner in matched.twins.items())
