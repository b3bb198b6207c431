"""Attributes: what is measured on made pictures, and what labels may add."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.records import Attribute, Foreground
from refmatte_engine.semantics import attributes, colors
from refmatte_engine.semantics.attributes import holds

THING = Foreground("p/a", "p", "a.png", "", "mug", "object", "train", (240, 240), "0")
BOX = (60, 30, 300, 270)
Image = npt.NDArray[np.uint8]


def disc(*stripes: tuple[int, int, int], alpha: int = 255, noise: int = 6) -> tuple[Image, Image]:
    """A picture with a disc in stripes of the given colours, and the disc's alpha."""
    image = np.full((300, 400, 3), (96, 128, 112), np.uint8)
    shape = np.zeros((240, 240), np.uint8)
    cv2.circle(shape, (120, 120), 110, alpha, -1, cv2.LINE_AA)
    paint = np.zeros((240, 240, 3), np.float64)
    for i, color in enumerate(stripes):
        paint[:, 240 * i // len(stripes) : 240 * (i + 1) // len(stripes)] = color
    paint += np.random.default_rng(0).normal(0, noise, paint.shape)
    x0, y0, x1, y1 = BOX
    weight = shape[..., None] / 255
    below = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = (paint.clip(0, 255) * weight + below * (1 - weight)).round()
    return image, shape


def measured(
    *stripes: tuple[int, int, int], foreground: Foreground = THING
) -> dict[str, list[str]]:
    image, alpha = disc(*stripes)
    found: dict[str, list[str]] = {}
    for fact in attributes.measure(image, alpha, BOX, foreground):
        found.setdefault(fact.name, []).append(fact.value)
    return found


@pytest.mark.parametrize(
    ("rgb", "name"),
    [
        ((200, 20, 25), "red"), ((30, 95, 200), "blue"), ((45, 145, 60), "green"),
        ((245, 205, 40), "yellow"), ((235, 120, 25), "orange"), ((110, 60, 160), "purple"),
        ((240, 130, 170), "pink"), ((110, 65, 35), "brown"), ((20, 20, 22), "black"),
        ((246, 245, 242), "white"), ((128, 130, 132), "gray"), ((25, 40, 90), "dark blue"),
        ((140, 190, 235), "light blue"), ((110, 12, 15), "dark red"),
    ],
)  # fmt: skip
def test_plain_colors_have_their_names(rgb: tuple[int, int, int], name: str) -> None:
    assert measured(rgb)["color"] == [name]


def test_what_lies_between_two_names_has_none() -> None:
    found = measured((0, 140, 140))
    assert "color" not in found
    assert {"blue", "green"} <= set(found["color_perhaps"])


def test_two_colors() -> None:
    found = measured((200, 20, 25), (246, 245, 242))
    assert found["color"] in (["red/white"], ["white/red"])
    assert {"red", "white"} <= set(found["color_perhaps"])
    assert "css_color" not in found
    assert "whitesmoke" in found["css_color_perhaps"]


def test_many_colors_have_none() -> None:
    found = measured((200, 20, 25), (30, 95, 200), (45, 145, 60), (245, 205, 40))
    assert "color" not in found


@settings(max_examples=120, deadline=None)
@given(st.integers(3, 6), st.integers(0, 359), st.floats(0.2, 0.3), st.integers(0, 99))
def test_what_is_grey_only_in_the_mean_is_not_called_so(
    count: int, turn: int, least: float, seed: int
) -> None:
    """A bird in many shades of green, blue and red is not grey."""
    rng = np.random.default_rng(seed)
    blocks = (8, 8)  # large enough not to be a fine pattern
    hues = (turn / 360 + rng.integers(count, size=blocks) / count + rng.uniform(0, 0.1, blocks)) % 1
    pale, lit = rng.uniform(least, least + 0.2, blocks), rng.uniform(0.45, 0.85, blocks)
    hsv = np.stack((hues * 179, pale * 255, lit * 255), axis=2).astype(np.uint8)
    image = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).repeat(30, 0).repeat(30, 1)
    solid = np.full((240, 240), 255, np.uint8)
    facts = attributes.measure(image, solid, (0, 0, 240, 240), THING)
    said = {word for f in facts if f.name == "color" for word in f.value.split("/")}
    assert not {attributes.base(word) for word in said} & {"gray", "white", "black"}


def test_shading_does_not_change_a_color() -> None:
    shades = [tuple(round(c * s) for c in (200, 20, 25)) for s in (1.0, 0.85, 0.7, 0.55)]
    assert measured(*shades)["color"] == ["red"]  # type: ignore[arg-type]


def striped(count: int, one: tuple[int, ...], other: tuple[int, ...], shade: float) -> Image:
    """A picture with wavy stripes where `disc` has its disc, darker below by `shade`."""
    rows, columns = np.mgrid[:240, :240]
    wave = np.sin((columns + 6 * np.sin(rows / 20)) * np.pi * count / 240) > 0
    paint = np.where(wave[..., None], one, other) * (1 - shade * rows / 240)[..., None]
    paint = cv2.GaussianBlur(paint, (0, 0), 1) + np.random.default_rng(0).normal(0, 8, paint.shape)
    image, alpha = disc((0, 0, 0))
    x0, y0, x1, y1 = BOX
    weight = alpha[..., None] / 255
    below = image[y0:y1, x0:x1]
    image[y0:y1, x0:x1] = (paint.clip(0, 255) * weight + below * (1 - weight)).round()
    return image


@pytest.mark.parametrize("count", [8, 16, 24, 36])
@pytest.mark.parametrize(
    ("one", "other", "words"),
    [((28, 25, 24), (238, 235, 228), {"black", "white"}),
     ((28, 25, 24), (230, 125, 30), {"black", "orange"}),
     ((200, 20, 25), (246, 245, 242), {"red", "white"}),
     ((60, 40, 30), (0, 140, 140), set())],
)  # fmt: skip
def test_a_fine_pattern_is_a_pair_or_nothing(
    count: int, one: tuple[int, ...], other: tuple[int, ...], words: set[str]
) -> None:
    _, alpha = disc((0, 0, 0))
    for shade in (0, 0.3):
        facts = attributes.measure(striped(count, one, other, shade), alpha, BOX, THING)
        said = [set(fact.value.split("/")) for fact in facts if fact.name == "color"]
        assert said in ([], [words] if words else [])
        assert said or shade or not words
        assert "css_color" not in {fact.name for fact in facts}


@given(
    st.lists(st.tuples(*[st.integers(0, 255)] * 3), min_size=1, max_size=3),
    st.integers(1, 9),
    st.integers(0, 200),
)
def test_any_pattern_has_two_colours_or_none(
    paints: list[tuple[int, int, int]], width: int, hole: int
) -> None:
    rows, columns = np.mgrid[:24, :24]
    pixels = np.array(paints, np.uint8)[(columns // width + rows // width) % len(paints)]
    solid = np.ones((24, 24), bool)
    solid.reshape(-1)[:hole] = False
    found = colors.fine_pattern(pixels, solid)
    assert found is None or len(found) in (0, 2)
    assert not found or 0 < sum(patch.share for patch in found) <= 1 + 1e-9


@pytest.mark.parametrize(
    ("rgb", "names"),
    [((197, 197, 196), {"white", "gray"}), ((120, 110, 98), {"gray", "brown"}),
     ((172, 156, 134), {"gray", "beige"}), ((196, 158, 40), {"yellow", "brown"})],
)  # fmt: skip
def test_shaded_white_dull_brown_and_mustard_are_not_called_by_one_name(
    rgb: tuple[int, int, int], names: set[str]
) -> None:
    found = measured(rgb)
    assert "color" not in found
    assert names <= set(found["color_perhaps"])


def test_a_label_is_said_only_where_the_pixels_agree() -> None:
    def labelled(*values: str) -> Foreground:
        return replace(
            THING, attributes=tuple(Attribute("color", value, "recipe") for value in values)
        )

    assert measured((200, 20, 25), foreground=labelled("red"))["color"] == ["red"]
    assert "color" not in measured((30, 95, 200), foreground=labelled("red"))
    pot = measured((45, 145, 60), (160, 90, 50), foreground=labelled("green"))
    assert pot["color"] == ["green"]
    both = measured((200, 20, 25), (246, 245, 242), foreground=labelled("red", "white"))
    assert both["color"] == ["red"]
    striped = labelled("red", "white")
    pattern = (*striped.attributes, Attribute("pattern", "striped", "recipe"))
    striped = replace(striped, attributes=pattern)
    both = measured((200, 20, 25), (246, 245, 242), foreground=striped)
    assert both["color"] == ["red/white"]


def test_people_have_no_color_of_their_own() -> None:
    found = measured((200, 20, 25), foreground=replace(THING, kind="human"))
    assert "color" not in found
    assert "css_color" not in found


@pytest.mark.parametrize(("category", "ages"), [("baby", {"child"}), ("boy", {"child"}),
                                                ("man", set()), ("person", set())])  # fmt: skip
def test_a_male_baby_is_no_man(category: str, ages: set[str]) -> None:
    image, alpha = disc((200, 30, 30))
    label = (Attribute("gender", "male", "labelled"),)
    someone = replace(THING, category=category, kind="human", attributes=label)
    found = attributes.measure(image, alpha, BOX, someone)
    assert {f.value for f in found if f.name == "age"} == ages


def test_transparency_is_measured_or_labelled() -> None:
    assert measured((9, 9, 9))["transparent"] == ["false"]
    glass = replace(THING, opacity=0.4, softness=0.95)
    assert measured((9, 9, 9), foreground=glass)["transparent"] == ["true"]
    fur = replace(THING, opacity=0.85, softness=0.4)
    assert measured((9, 9, 9), foreground=fur)["transparent_perhaps"] == ["true", "false"]
    label = (Attribute("transparent", "true", "labelled"),)
    assert measured((9, 9, 9), foreground=replace(THING, attributes=label))["transparent"] == [
        "true"
    ]


@pytest.mark.parametrize("labelled", ["blue", "white", None])
def test_of_what_is_clear_nobody_knows_that_it_is_not_white(labelled: str | None) -> None:
    """A blue soap bubble shines, and shows the wall behind it."""
    facts = [Attribute("transparent", "true", "recipe")]
    facts += [Attribute("color", labelled, "recipe")] if labelled else []
    image, alpha = disc((40, 60, 200))
    found = attributes.measure(image, alpha, BOX, replace(THING, attributes=tuple(facts)))
    assert holds(found, "color", "white") == 0
    assert (holds(found, "color", "blue") == 1) is (labelled == "blue")


def test_every_attribute_says_how_it_is_known() -> None:
    image, alpha = disc((200, 20, 25))
    label = (Attribute("pattern", "striped", "labelled"),)
    found = attributes.measure(image, alpha, BOX, replace(THING, attributes=label))
    sources = {fact.name: fact.source for fact in found}
    assert sources["pattern"] == "labelled"
    assert sources["color"] == "measured"
    assert len(set(found)) == len(found)


def test_nothing_visible_is_no_error() -> None:
    image, alpha = disc((200, 20, 25), alpha=0)
    assert "color" not in {f.name for f in attributes.measure(image, alpha, BOX, THING)}
    tiny = attributes.measure(image, alpha[:1, :1] + 255, (0, 0, 1, 1), THING)
    assert isinstance(tiny, tuple)


COLORS = st.sampled_from(
    ["red", "dark red", "light red", "blue", "dark blue", "red/white", "white/red", "white"]
)


@given(COLORS, COLORS)
def test_what_holds_follows_from_the_words(has: str, asked: str) -> None:
    truth = holds((Attribute("color", has, "measured"),), "color", asked)
    assert (truth == 1) >= (has == asked)
    if truth == 1 and has != asked:
        assert attributes.base(has) == asked or set(has.split("/")) == set(asked.split("/"))
    perhaps = holds((Attribute("color_perhaps", has, "measured"),), "color", asked)
    assert perhaps == min(truth, 0)


def test_a_t_shirt_may_be_called_a_shirt() -> None:
    worn = (
        Attribute("clothes", "t-shirt", "recipe"),
        Attribute("color", "blue", "recipe", part="t-shirt"),
    )
    assert [holds(worn, "clothes", word) for word in ("t-shirt", "shirt", "coat")] == [1, 0, -1]
    assert [holds(worn, "color", word, "shirt") for word in ("blue", "red")] == [0, -1]


def test_what_nobody_looked_at_may_be_so() -> None:
    labelled = (Attribute("gender", "female", "labelled"),)
    assert holds(labelled, "pattern", "striped") == 0
    assert holds(labelled, "age", "child") == -1
    assert holds((), "age", "child") == 0
    assert holds((Attribute("gender", "female", "recipe"),), "pattern", "striped") == -1
    assert holds((Attribute("pattern", "plain", "labelled"),), "pattern", "striped") == -1


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_names_are_votes(rgb: tuple[int, int, int]) -> None:
    votes = colors.likely_names(colors.oklab(np.array(rgb)))
    assert 0 < sum(votes.values()) <= 1 + 1e-9
    assert list(votes.values()) == sorted(votes.values(), reverse=True)


@given(st.tuples(*[st.integers(0, 255)] * 3), st.sampled_from(["", "blue", "green"]))
def test_a_thing_is_never_called_the_color_of_what_it_holds(
    wine: tuple[int, int, int], glass: str
) -> None:
    held = (
        Attribute("contents", "wine", "labelled"),
        Attribute("color", "red", "labelled", "wine"),
    )
    own = (Attribute("color", glass, "labelled"),) if glass else ()
    image, alpha = disc(wine)
    facts = attributes.measure(image, alpha, BOX, replace(THING, attributes=(*held, *own)))
    said = [a.value for a in facts if a.name in {"color", "css_color"} and not a.part]
    assert said == [glass] * bool(glass)


@pytest.mark.parametrize("name", sorted(attributes.SEVERAL))
def test_of_what_one_has_several_a_label_by_hand_denies_nothing(name: str) -> None:
    """Whose scarf is labelled may wear a jacket, too, and is nobody "not wearing a jacket"."""
    for source, lacks in (("labelled", 0), ("recipe", 1)):
        told = attributes.Told((Attribute(name, "one", source),))  # type: ignore[arg-type]
        assert told.lacks(name, "other") == lacks
        assert told.lacks(name, "one") == -1


def test_what_one_has_once_a_label_denies() -> None:
    told = attributes.Told((Attribute("gender", "male", "labelled"),))
    assert told.lacks("gender", "female") == 1
    assert told.lacks("age", "child") == -told.holds("age", "child")


@pytest.mark.parametrize("seed", range(5))
def test_hues_that_cancel_are_told_apart_where_it_is_asked(seed: int) -> None:
    """Of dull feathers of all hues, light and dark, no mean is one of their colours."""
    rng = np.random.default_rng(seed)
    hsv = np.stack(
        (rng.integers(180, size=9000), np.full(9000, 60), rng.integers(90, 240, 9000)), axis=1
    )
    rgb = cv2.cvtColor(hsv[None].astype(np.uint8), cv2.COLOR_HSV2RGB)[0]
    usual = float(np.hypot(*colors.oklab(rgb)[:, 1:].T).mean())
    least = [
        min(np.hypot(*p.lab[1:]) for p in colors.patches(rgb, np.ones(9000), by_hue=by))
        for by in (False, True)
    ]
    assert least[0] < 0.2 * usual
    assert least[1] > 0.4 * usual
