"""Cropping and halving of foregrounds; foreground colours of pairs."""

import io
import sys

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from refmatte_engine.errors import InputError, MissingExtra
from refmatte_engine.images import foreground_color
from refmatte_engine.packs import cutouts
from tests.conftest import disc, landscape

rgba_images = hnp.arrays(
    np.uint8,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=4, max_side=40).map(lambda s: (*s, 4)),
)


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


@given(
    st.tuples(st.integers(1, 4000), st.integers(1, 4000)),
    st.floats(0.1, 5000),
    st.floats(0.1, 5000),
)
def test_the_level_is_the_smallest_that_is_large_enough(size_hw, height, width):
    steps = cutouts.level(size_hw, (height, width))
    smaller = [round(side / 2 ** ((steps + 1) / 2)) for side in size_hw]
    assert smaller[0] < height or smaller[1] < width or min(smaller) < 1
    if steps:
        assert round(size_hw[0] / 2 ** (steps / 2)) >= height
        assert round(size_hw[1] / 2 ** (steps / 2)) >= width


@given(rgba_images)
def test_halving_is_the_area_mean_of_premultiplied_colours(rgba):
    rgba = rgba[: rgba.shape[0] // 2 * 2, : rgba.shape[1] // 2 * 2]
    small = cutouts.shrunk(rgba, 2).astype(float)
    blocks = rgba.astype(float).reshape(rgba.shape[0] // 2, 2, rgba.shape[1] // 2, 2, 4)
    alpha = blocks[..., 3].mean(axis=(1, 3))
    light = (blocks[..., :3] * blocks[..., 3:] / 255).mean(axis=(1, 3))
    assert np.abs(small[..., 3] - alpha).max() <= 0.51
    shown = small[..., :3] * small[..., 3:] / 255
    # Straight colour is rounded to a level, alpha to half a level on either side.
    assert np.abs(shown - light).max() <= 1.01


@given(rgba_images, st.integers(0, 2))
def test_what_cannot_be_seen_has_no_colour(rgba, steps):
    small = cutouts.shrunk(rgba, steps)
    if steps:
        assert not small[small[..., 3] == 0].any()
    else:
        assert small is rgba


def test_odd_sizes_halve_to_the_nearest_whole():
    assert cutouts.shrunk(np.zeros((701, 33, 4), np.uint8), 2).shape == (350, 16, 4)
    assert cutouts.shrunk(np.zeros((701, 33, 4), np.uint8), 6).shape == (88, 4, 4)


def test_a_picture_is_cropped_to_what_is_seen_of_it():
    picture = np.zeros((120, 200, 4), np.uint8)
    picture[..., :3] = 77
    picture[10:106, 50:146] = disc((200, 30, 30))
    picture[100, 190, 3] = 2  # noise of the matte
    cut = cutouts.decode(png(picture), None)
    assert cut.rgba.shape == (90, 90, 4)
    assert not cut.rgba[cut.rgba[..., 3] == 0].any()
    moved = cutouts.decode(png(np.roll(picture[:, :180], 20, axis=1)), None)
    assert moved.digest == cut.digest


@pytest.mark.parametrize(
    ("alpha", "message"),
    [
        (np.zeros((60, 60)), "shows nothing: its alpha is empty"),
        (np.full((60, 60), 255), "is opaque everywhere, so nothing is cut out"),
        (
            np.pad(np.full((9, 9), 255), 30),
            "is only 9×9 pixels; allowed: 24 or more in height or width",
        ),
    ],
)
def test_alphas_that_say_nothing_are_refused(alpha, message):
    picture = np.dstack((landscape(1, alpha.shape), alpha.astype(np.uint8)))
    with pytest.raises(InputError) as caught:
        cutouts.decode(png(picture), None)
    assert str(caught.value) == message


def test_pairs_must_be_of_one_size():
    alpha = disc((9, 9, 9))[..., 3]
    with pytest.raises(InputError, match="has 80×96 pixels, its alpha 96×96"):
        cutouts.decode(png(landscape(1, (96, 80))), png(alpha))
    with pytest.raises(InputError, match="its alpha: is in colour"):
        cutouts.decode(png(landscape(1, (96, 96))), png(landscape(1, (96, 96))))


def test_a_single_pixel_keeps_its_colour():
    image = np.array([[[10, 200, 30]]], np.uint8)
    for alpha, expected in {0: 0, 100: image, 255: image}.items():
        color, error = foreground_color.own_color(image, np.array([[alpha]], np.uint8))
        assert (color == expected).all()
        assert error < 1


def test_a_pair_gets_its_own_colours_back():
    red = disc((220, 40, 40), soft=16)
    alpha = red[..., 3:] / 255
    green = np.array([30, 200, 60])
    mixed = np.rint(red[..., :3] * alpha + green * (1 - alpha)).astype(np.uint8)
    cut = cutouts.decode(png(mixed), png(red[..., 3]))
    colors, error = cutouts.own_colors(cut)
    y0, x0 = (96 - cut.rgba.shape[0]) // 2, (96 - cut.rgba.shape[1]) // 2
    truth = red[y0 : y0 + cut.rgba.shape[0], x0 : x0 + cut.rgba.shape[1]].astype(float)
    weight = truth[..., 3:] / 255
    before = (np.abs(cut.rgba[..., :3] - truth[..., :3]) * weight)[weight[..., 0] < 1].mean()
    after = (np.abs(colors[..., :3] - truth[..., :3]) * weight)[weight[..., 0] < 1].mean()
    assert after < before / 4
    assert error < 3
    # What surrounds the thing shows what was mixed in: without it the estimate is far off.
    blind, _ = foreground_color.own_color(cut.rgba[..., :3], cut.rgba[..., 3])
    worse = (np.abs(blind - truth[..., :3]) * weight)[weight[..., 0] < 1].mean()
    assert after < worse / 2
    opaque = weight[..., 0] == 1
    assert np.array_equal(colors[opaque], cut.rgba[opaque])
    assert np.array_equal(colors[..., 3], cut.rgba[..., 3])


def test_no_threads_are_started_for_it():
    """They would wait for one another, on cores that other processes work on."""
    foreground_color.own_color(landscape(1), np.full((160, 240), 99, np.uint8))
    numba = pytest.importorskip("numba")
    with pytest.raises(ValueError, match="not initialized"):
        numba.threading_layer()


def test_without_pymatting_the_command_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "pymatting.foreground.estimate_foreground_ml", raising=False)
    monkeypatch.setitem(sys.modules, "pymatting", None)
    with pytest.raises(MissingExtra, match=r"run: pip install 'refmatte-engine\[pairs\]'"):
        foreground_color.own_color(landscape(1), np.full((160, 240), 99, np.uint8))


def exif(turn: int) -> Image.Exif:
    made = Image.Exif()
    made[0x0112] = turn
    return made


def pair_of(alpha: np.ndarray, turn: int = 1, turn_alpha: int = 1) -> tuple[bytes, bytes]:
    """A picture and its alpha as stored, each with the EXIF that turns it."""
    image, matte = io.BytesIO(), io.BytesIO()
    Image.fromarray(landscape(1, alpha.shape)).save(image, "JPEG", exif=exif(turn))
    Image.fromarray(alpha).save(matte, "PNG", exif=exif(turn_alpha))
    return image.getvalue(), matte.getvalue()


WIDE = np.pad(disc((9, 9, 9))[..., 3], ((12, 12), (60, 60)))
SQUARE = np.pad(disc((9, 9, 9))[..., 3], 12)


@pytest.mark.parametrize(
    ("turn", "turn_alpha", "said"),
    [
        (6, 1, "has 120×216 pixels, its alpha 216×120: EXIF turns the picture (orientation 6) and "
         "not its alpha; save both upright, without EXIF"),
        (1, 8, "has 216×120 pixels, its alpha 120×216: EXIF turns its alpha (orientation 8) and "
         "not the picture; save both upright, without EXIF"),
    ],
)  # fmt: skip
def test_exif_is_named_where_it_exchanges_the_sizes(turn, turn_alpha, said):
    with pytest.raises(InputError) as caught:
        cutouts.decode(*pair_of(WIDE, turn, turn_alpha))
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("alpha", "turn", "turn_alpha", "doubt"),
    [
        (WIDE, 3, 1, "EXIF turns the picture (orientation 3) and not its alpha: do they fit?"),
        (SQUARE, 6, 1, "EXIF turns the picture (orientation 6) and not its alpha: do they fit?"),
        (SQUARE, 1, 6, "EXIF turns its alpha (orientation 6) and not the picture: do they fit?"),
        (WIDE, 6, 6, ""),
        (WIDE, 3, 3, ""),
        (WIDE, 1, 1, ""),
    ],
)
def test_where_sizes_prove_nothing_a_turn_is_doubted(alpha, turn, turn_alpha, doubt):
    cut = cutouts.decode(*pair_of(alpha, turn, turn_alpha))
    assert cut.notes == ((doubt,) if doubt else ())


def test_an_upright_alpha_of_a_turned_photograph_fits():
    image, _ = pair_of(WIDE, 6)
    _, alpha = pair_of(np.rot90(WIDE, -1))
    assert cutouts.decode(image, alpha).notes == ()


def test_a_dusty_matte_gives_the_clean_ones_cut_out():
    picture = np.zeros((160, 240, 4), np.uint8)
    picture[..., :3] = 90
    picture[40:136, 90:186] = disc((200, 30, 30))
    clean = cutouts.decode(png(picture), None)
    assert clean.notes == ()
    dusty = picture.copy()
    noise = np.random.default_rng(3).integers(0, 4, (160, 240))
    dusty[..., 3] = np.maximum(picture[..., 3], noise)
    dusty[3, 5, 3] = 255
    found = cutouts.decode(png(dusty), None)
    assert found.notes == (
        "its alpha has a floor of up to 3 of 255 where nothing is: cleared",
        "its alpha has a speck away from the thing: cleared",
    )
    assert found.rgba.shape == clean.rgba.shape
    assert np.abs(found.rgba[..., 3].astype(int) - clean.rgba[..., 3]).max() <= 3
    opaque = clean.rgba[..., 3] == 255
    assert np.array_equal(found.rgba[opaque], clean.rgba[opaque])
    assert found.cut_edges == clean.cut_edges


@pytest.mark.parametrize(
    ("alpha", "said"),
    [
        (255 - SQUARE, "is opaque along all borders and clear inside: is its alpha inverted"),
        (
            SQUARE // 2 + 60,
            "is nowhere fully transparent: its alpha is at least 60 of 255; stretch it",
        ),
        (
            SQUARE // 255,
            "its alpha reaches only 1 of 255: a mask of 0 and 1?; multiply it by 255",
        ),
        (SQUARE.astype(np.uint16), "its alpha has 16 bits and reaches only 255: 8-bit values"),
    ],
)
def test_what_is_no_alpha_is_said_with_the_cure(alpha, said):
    image = png(landscape(1, alpha.shape))
    with pytest.raises(InputError) as caught:
        cutouts.decode(image, cv2.imencode(".png", alpha)[1].tobytes())
    assert str(caught.value).startswith(said)


def test_what_a_file_says_against_itself_is_noted():
    grey = io.BytesIO()
    Image.fromarray(landscape(1, SQUARE.shape)[..., 0]).save(grey, "JPEG", icc_profile=b"none")
    cut = cutouts.decode(grey.getvalue(), png(SQUARE)[:-12])
    assert cut.notes == (
        "its colour profile is broken, the picture is grey: read as sRGB",
        "its alpha: its end, after the pixels, is missing",
    )
