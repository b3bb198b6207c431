"""CSS names: their distance by the published pairs, and what they are said of."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageColor

from refmatte_engine.config import resources
from refmatte_engine.records import Attribute, Foreground
from refmatte_engine.semantics import attributes, colors, css_colors
from tests.semantics.test_attributes import THING, measured

# Sharma, Wu and Dalal 2005, table 1: two colours in CIELAB and their CIEDE2000.
PAIRS = """
50 2.6772 -79.7751  50 0 -82.7485  2.0425
50 3.1571 -77.2803  50 0 -82.7485  2.8615
50 2.8361 -74.0200  50 0 -82.7485  3.4412
50 -1.3802 -84.2814  50 0 -82.7485  1.0000
50 -1.1848 -84.8006  50 0 -82.7485  1.0000
50 -0.9009 -85.5211  50 0 -82.7485  1.0000
50 0 0  50 -1 2  2.3669
50 -1 2  50 0 0  2.3669
50 2.4900 -0.0010  50 -2.4900 0.0009  7.1792
50 2.4900 -0.0010  50 -2.4900 0.0010  7.1792
50 2.4900 -0.0010  50 -2.4900 0.0011  7.2195
50 2.4900 -0.0010  50 -2.4900 0.0012  7.2195
50 -0.0010 2.4900  50 0.0009 -2.4900  4.8045
50 -0.0010 2.4900  50 0.0010 -2.4900  4.8045
50 -0.0010 2.4900  50 0.0011 -2.4900  4.7461
50 2.5 0  50 0 -2.5  4.3065
50 2.5 0  73 25 -18  27.1492
50 2.5 0  61 -5 29  22.8977
50 2.5 0  56 -27 -3  31.9030
50 2.5 0  58 24 15  19.4535
50 2.5 0  50 3.1736 0.5854  1.0000
50 2.5 0  50 3.2972 0  1.0000
50 2.5 0  50 1.8634 0.5757  1.0000
50 2.5 0  50 3.2592 0.3350  1.0000
60.2574 -34.0099 36.2677  60.4626 -34.1751 39.4387  1.2644
63.0109 -31.0961 -5.8663  62.8187 -29.7946 -4.0864  1.2630
61.2901 3.7196 -5.3901  61.4292 2.2480 -4.9620  1.8731
35.0831 -44.1164 3.7933  35.0232 -40.0716 1.5901  1.8645
22.7233 20.0904 -46.6940  23.0331 14.9730 -42.5619  2.0373
36.4612 47.8580 18.3852  36.2715 50.5065 21.2231  1.4146
90.8027 -2.0831 1.4410  91.1528 -1.6435 0.0447  1.4441
90.9257 -0.5406 -0.9208  88.6381 -0.8985 -0.7239  1.5381
6.7747 -0.2908 -2.4247  5.8714 -0.0985 -2.2286  0.6377
2.0776 0.0795 -1.1350  0.9033 -0.0636 -0.5514  0.9082
"""
RGB = st.tuples(*[st.integers(0, 255)] * 3)


def lab(rgb: tuple[int, ...]) -> np.ndarray:
    return colors.oklab(np.array(rgb))


def test_the_distance_is_the_published_one() -> None:
    pairs = np.array([line.split() for line in PAIRS.strip().splitlines()], float)
    found = css_colors.difference(pairs[:, :3], pairs[:, 3:6])
    assert np.abs(found - pairs[:, 6]).max() < 1e-4


@pytest.mark.parametrize(
    ("rgb", "cielab"),
    [((255, 0, 0), (53.24, 80.09, 67.20)), ((0, 0, 255), (32.30, 79.19, -107.86)),
     ((128, 128, 128), (53.59, 0, 0))],
)  # fmt: skip
def test_the_space_is_cielab(rgb: tuple[int, ...], cielab: tuple[float, ...]) -> None:
    assert css_colors.cielab(lab(rgb)) == pytest.approx(cielab, abs=0.1)


def test_every_name_says_its_own_colour() -> None:
    book = css_colors.names()
    for name, family in zip(book.names, book.families, strict=True):
        for plain in family:
            assert css_colors.nearest(lab(ImageColor.getrgb(name)[:3]), [plain]) == name


@given(RGB, st.sampled_from(sorted(colors.palette().terms)))
def test_a_name_goes_with_the_plain_colour_and_is_near(rgb: tuple[int, ...], plain: str) -> None:
    name = css_colors.nearest(lab(rgb), [plain])
    if name is not None:
        assert name in colors.palette().terms[plain].css
        one, other = (css_colors.cielab(lab(c)) for c in (rgb, ImageColor.getrgb(name)[:3]))
        assert css_colors.difference(one, other) <= css_colors.SAID
        assert name in css_colors.rivals(lab(rgb), [plain])


@given(RGB)
def test_few_names_compete(rgb: tuple[int, ...]) -> None:
    assert 1 <= len(css_colors.rivals(lab(rgb))) <= css_colors.MOST


def studio() -> Iterator[tuple[Image.Image, Foreground]]:
    """The embedded pack's opaque things, with the colours that their recipes say."""
    root = resources.STUDIO_PACK
    for line in (root / "labels.jsonl").read_text("utf-8").splitlines():
        label = json.loads(line)
        known = label.get("attributes", {})
        if "color" in known and not known["transparent"]:
            facts = tuple(Attribute("color", value, "recipe") for value in known["color"])
            if known["pattern"] != "plain":
                facts += (Attribute("pattern", known["pattern"], "recipe"),)
            with Image.open(root / label["file"]) as found:
                picture = found.convert("RGBA")
            picture.thumbnail((160, 160))
            yield picture, replace(THING, id=label["file"], attributes=facts)


def test_over_the_studio_pack_names_go_with_the_recipes_colours() -> None:
    """On grounds from black to white, which show through soft edges."""
    named = 0
    for picture, asset in studio():
        alpha = np.array(picture.getchannel("A"))
        main = attributes.base(asset.attributes[0].value)
        for ground in ("black", "gray", "white"):
            image = Image.new("RGB", picture.size, ground)
            image.paste(picture, mask=picture)
            box = (0, 0, *picture.size)
            facts = attributes.measure(np.array(image), alpha, box, asset)
            said = [fact.value for fact in facts if fact.name == "css_color"]
            hints = [fact for fact in facts if fact.name == "css_color_perhaps"]
            assert len(said) <= 1
            assert all(name in colors.palette().terms[main].css for name in said), asset.id
            assert len(hints) <= 2 * css_colors.MOST, asset.id
            named += len(said)
    assert named > 90


def test_a_thing_of_two_colours_has_no_single_name() -> None:
    assert "css_color" not in measured((200, 20, 25), (246, 245, 242))
    assert measured((220, 20, 60))["css_color"] == ["crimson"]
