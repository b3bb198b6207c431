"""What a plan can rely on is what pixels show, and a thing is looked at once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.config.layout_rules import LayoutRules, Level
from refmatte_engine.config.run import Run
from refmatte_engine.packs import pixels
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import U8, Attribute, Background, Change, Foreground
from refmatte_engine.scene import hues
from refmatte_engine.scene.apparent import Apparent
from refmatte_engine.scene.plan import SAME, SAME_ALIKE, make_plan, sample_plan

RED, BLUE, GREY, OLIVE = (220, 30, 30), (30, 30, 220), (120, 120, 120), (110, 110, 20)


def thing(name: str, *facts: Attribute, category: str = "ball") -> Foreground:
    return Foreground(
        name, "p", "", "", category, "object", "train", (90, 80), name, tuple(facts)
    )  # fmt: skip


def known(monkeypatch: pytest.MonkeyPatch, found: dict[Foreground, tuple[int, ...]]) -> Catalog:
    """A catalog of things, each of one flat colour, or of two halves."""
    paints = {each.id: paint for each, paint in found.items()}

    def small(foreground: Foreground, _: Catalog) -> U8:
        paint = paints[foreground.id]
        picture = np.full((16, 16, 4), 255, np.uint8)
        picture[:8, :, :3], picture[8:, :, :3] = paint[:3], paint[-3:]
        return picture

    monkeypatch.setattr(pixels, "small", small)
    backgrounds = {"p/b": Background("p/b", "p", "", "train", (100, 150), "b")}
    return Catalog({f.id: f for f in found}, backgrounds, (), (), "digest", Path("unused"))


@pytest.mark.parametrize(
    ("change", "one", "other", "can"),
    [
        ("traded", RED, BLUE, True),
        ("traded", RED, RED, False),
        ("traded", RED, GREY, False),
        ("traded", BLUE, OLIVE, False),  # with less light, yellow is olive or brown
        ("recoloured", RED, GREY, True),
        ("recoloured", GREY, GREY, False),
        ("recoloured", (*RED, *BLUE), GREY, False),  # one hue in one light, and none in another
        ("exchanged", GREY, GREY, True),
        (None, GREY, GREY, True),
    ],
)
def test_only_what_has_a_hue_can_have_another(
    change: Change | None,
    one: tuple[int, ...],
    other: tuple[int, ...],
    can: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = known(monkeypatch, {thing("a"): one, thing("b"): other})
    assert Apparent(found).changeable(("a", "b"), change) is can


def test_animals_and_plants_keep_their_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    ball, fern = thing("a"), thing("b", category="fern")
    dog = replace(thing("c", category="dog"), kind="animal")
    seen = Apparent(known(monkeypatch, dict.fromkeys((ball, fern, dog), RED)))
    assert seen.changeable(("a", "b"), "recoloured")
    assert not seen.changeable(("b", "c"), "recoloured")
    assert not seen.changeable(("a", "b"), "exchanged")


def test_three_of_a_category_are_told_apart_by_what_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels tell the three apart; but of what is half green nobody says that it is not green."""
    names = "red", "blue", "light green"
    red, blue, light = (thing(name, Attribute("color", name, "recipe")) for name in names)
    plain = {red: RED, blue: BLUE, light: (120, 220, 120)}
    assert Apparent(known(monkeypatch, plain)).suit([f.id for f in plain], None, 3)
    mixed = {**plain, blue: (*BLUE, 20, 140, 40)}
    seen = Apparent(known(monkeypatch, mixed))
    assert not seen.suit([f.id for f in plain], None, 3)
    assert seen.suit([f.id for f in plain], None, 4)  # of fewer, the picture says


@pytest.mark.parametrize("fact", [("pattern", "plain"), ("contents", "wine"), ("transparent", "")])
def test_what_no_sentence_says_tells_nothing_apart(
    fact: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody calls a scarf plain, or a mug opaque."""
    one, other = (thing(n, Attribute("material", "wood", "recipe")) for n in "ab")
    attributes = (*one.attributes, Attribute(fact[0], fact[1] or "false", "recipe"))
    one = replace(one, attributes=attributes)
    seen = Apparent(known(monkeypatch, {one: RED, other: RED}))
    assert not seen.suit(["a", "b"], None, 2)


def test_a_thing_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Apparent(known(monkeypatch, {thing("a"): RED}))
    first = seen.look("a")
    monkeypatch.delattr(pixels, "small")
    assert seen.look("a") is first


@pytest.mark.parametrize(
    ("scale", "alike", "kept"),
    [("free", 1, SAME), ("real", 0, SAME), ("real", 1, SAME_ALIKE)],
)
def test_what_is_alike_is_tried_again_in_real_sizes(
    scale: Literal["free", "real"],
    alike: int,
    kept: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who gave up at once would mostly draw what fits everywhere."""
    things = {
        thing(f"{category} {i}", category=category): paint
        for category in ("mug", "bowl", "candle", "book", "vase")
        for i, paint in enumerate((RED, BLUE, GREY, (20, 140, 40)))
    }
    found = known(monkeypatch, things)  # type: ignore[arg-type]
    rules = LayoutRules(scale=scale, levels={"only": Level(same_category=alike)})
    plan = make_plan(Run(splits={"train": 40}, layout=rules), found, "train")
    same, first = kept
    for index in range(20):
        drawn = [sample_plan(plan, index, i).foregrounds for i in range(2 * first)]
        for attempt in range(0, first, same):
            assert len({*map(frozenset, drawn[attempt : attempt + same])}) == 1
        assert len({*map(frozenset, drawn)}) > 1


@given(st.floats(0, 360), st.floats(0, 360))
def test_traded_hues_are_each_other_s(one: float, other: float) -> None:
    turn = hues.traded(one, other)
    assert (turn is None) is (hues.traded(other, one) is None)
    if turn is not None:
        assert abs((one + turn - other + 180) % 360 - 180) < 0.11
        assert abs(turn) >= hues.APART_DEG
