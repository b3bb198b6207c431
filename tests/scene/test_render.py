"""Laws of composition, and agreement with two independent composers."""

from __future__ import annotations

import colorsys
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.records import Effects, Foreground, Placement, Scene
from refmatte_engine.scene import hues
from refmatte_engine.scene.render import entities, laid, premultiplied, render
from refmatte_engine.scene.standing import QUARTER, foot

CANVAS = (40, 60)


def cutout(seed: int, height: int, width: int, kind: str = "soft") -> np.ndarray:
    """Straight RGBA noise; alpha soft, all opaque or all clear."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (height, width, 4)).astype(np.uint8)
    if kind != "soft":
        pixels[..., 3] = 255 if kind == "opaque" else 0
    return pixels


def background(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(1000 + seed).integers(0, 256, (*CANVAS, 3)).astype(np.uint8)


def scene(*boxes: tuple[int, int, int, int], **changes: object) -> Scene:
    placements = tuple(Placement(f"p/{i}", box) for i, box in enumerate(boxes))
    whole = (0, 0, CANVAS[1], CANVAS[0])
    made = Scene(CANVAS, "b", whole, False, "left_right", placements)
    return replace(made, **changes)  # type: ignore[arg-type]


def own_size(placed: Scene, kind: str = "soft") -> list[np.ndarray]:
    return [
        cutout(i, p.box_xyxy[3] - p.box_xyxy[1], p.box_xyxy[2] - p.box_xyxy[0], kind)
        for i, p in enumerate(placed.placements)
    ]


def float_loop(placed: Scene, canvas: np.ndarray, cutouts: list[np.ndarray]) -> np.ndarray:
    """The composition equation, one entity after another, in float64; boxes at their own size."""
    out = canvas.astype(np.float64)
    for placement, pixels in zip(placed.placements, cutouts, strict=True):
        x0, y0, x1, y1 = placement.box_xyxy
        full = np.zeros((*out.shape[:2], 4))
        left, top = max(0, x0), max(0, y0)
        right, bottom = min(out.shape[1], x1), min(out.shape[0], y1)
        full[top:bottom, left:right] = pixels[top - y0 : bottom - y0, left - x0 : right - x0]
        alpha = full[..., 3:] / 255
        out = full[..., :3] * alpha + out * (1 - alpha)
    return out


boxes = st.tuples(
    st.integers(-10, 50), st.integers(-10, 30), st.integers(12, 30), st.integers(12, 25)
).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


@given(st.lists(boxes, min_size=1, max_size=5))
def test_visible_alphas_and_background_share_out_one(found: list[tuple[int, ...]]) -> None:
    placed = scene(*found)  # type: ignore[arg-type]
    cutouts = own_size(placed)
    rendering = render(placed, background(), cutouts)
    total = sum(rendering.visible_alpha_u8(k).astype(int) for k in range(1, len(found) + 1))
    assert total.max() <= 255
    exact = np.ones(CANVAS)
    for placement, pixels in reversed(list(zip(placed.placements, cutouts, strict=True))):
        x0, y0, x1, y1 = placement.box_xyxy
        left, top, right, bottom = max(0, x0), max(0, y0), min(60, x1), min(40, y1)
        alpha = np.zeros(CANVAS)
        alpha[top:bottom, left:right] = (
            pixels[top - y0 : bottom - y0, left - x0 : right - x0, 3] / 255
        )
        k = placed.placements.index(placement) + 1
        assert np.abs(rendering.visible_alpha(k) - alpha * exact).max() <= 1.6 / 255
        exact *= 1 - alpha
    # The background's weight, the only one not written, is what the others leave.
    assert np.abs((255 - total) / 255 - exact).max() <= 1.6 / 255


@given(st.lists(boxes, min_size=1, max_size=4))
def test_agrees_with_a_float_loop(found: list[tuple[int, ...]]) -> None:
    placed = scene(*found)  # type: ignore[arg-type]
    cutouts = own_size(placed)
    image = render(placed, background(), cutouts).image
    exact = float_loop(placed, background(), cutouts)
    assert np.abs(image - exact).max() <= 0.5 * len(found) + 1e-6


def test_one_entity_is_rounded_correctly_everywhere() -> None:
    placed = scene((0, 0, 60, 40))
    cutouts = own_size(placed)
    exact = float_loop(placed, background(), cutouts)
    assert np.abs(render(placed, background(), cutouts).image - exact).max() <= 0.5 + 1e-6


def test_agrees_with_pillow() -> None:
    placed = scene((5, 5, 30, 30), (20, 10, 50, 35))
    cutouts = own_size(placed)
    picture = Image.fromarray(background()).convert("RGBA")
    for placement, pixels in zip(placed.placements, cutouts, strict=True):
        picture.alpha_composite(Image.fromarray(pixels), placement.box_xyxy[:2])
    theirs = np.asarray(picture.convert("RGB")).astype(int)
    assert np.abs(render(placed, background(), cutouts).image - theirs).max() <= 1


@settings(max_examples=10)
@given(st.lists(boxes, min_size=2, max_size=3), st.integers(0, 3), st.floats(-20, 20))
def test_what_was_drawn_before_does_not_show(
    found: list[tuple[int, ...]], which: int, turn: float
) -> None:
    """Neither of a twin, which has most of the same things, nor of another background."""
    first = scene(*found)  # type: ignore[arg-type]
    cutouts = own_size(first)
    moved = list(first.placements)
    moved[which % len(moved)] = replace(moved[which % len(moved)], flip=True, rotation_deg=turn)
    tinted = [replace(p, hue_deg=90.0) for p in moved]
    for placements in (first.placements, tuple(moved), tuple(tinted), first.placements):
        placed = replace(first, placements=placements, effects=Effects(0.6, 0.9, 0.5, 0.7))
        again = render(placed, background(), cutouts)
        anew = render(placed, background(), [pixels.copy() for pixels in cutouts])
        assert (again.image == anew.image).all()
        for k in range(1, len(found) + 1):
            assert (again.visible_alpha_u8(k) == anew.visible_alpha_u8(k)).all()


def test_clear_leaves_the_background_and_opaque_pastes_exactly() -> None:
    placed = scene((5, 5, 30, 30))
    assert (render(placed, background(), own_size(placed, "clear")).image == background()).all()
    (pixels,) = own_size(placed, "opaque")
    image = render(placed, background(), [pixels]).image
    assert (image[5:30, 5:30] == pixels[..., :3]).all()
    image[5:30, 5:30] = background()[5:30, 5:30]
    assert (image == background()).all()


def test_order_of_disjoint_entities_does_not_matter() -> None:
    placed = scene((0, 0, 20, 20), (30, 10, 50, 40))
    cutouts = own_size(placed)
    swapped = replace(placed, placements=placed.placements[::-1])
    first = render(placed, background(), cutouts)
    second = render(swapped, background(), cutouts[::-1])
    assert (first.image == second.image).all()
    assert (first.visible_alpha_u8(1) == second.visible_alpha_u8(2)).all()


@settings(max_examples=20)
@given(st.lists(boxes, min_size=1, max_size=3), st.booleans())
def test_mirroring_a_scene_mirrors_its_picture(found: list[tuple[int, ...]], flip: bool) -> None:
    placed = scene(*found)  # type: ignore[arg-type]
    cutouts = [cutout(i, 50, 37) for i in range(len(found))]
    mirrored = replace(
        placed,
        background_flip=True,
        placements=tuple(
            replace(
                p,
                flip=True,
                box_xyxy=(60 - p.box_xyxy[2], p.box_xyxy[1], 60 - p.box_xyxy[0], p.box_xyxy[3]),
            )
            for p in placed.placements
        ),
    )
    ours = render(placed, background(), cutouts).image.astype(int)
    theirs = render(mirrored, background(), cutouts).image[:, ::-1].astype(int)
    assert np.abs(ours - theirs).max() <= 1


def test_shrinking_keeps_the_mean_of_premultiplied_colour() -> None:
    pixels = cutout(3, 64, 64)
    small, _ = laid(Placement("p", (0, 0, 16, 16)), premultiplied(pixels))
    assert small.mean(axis=(0, 1)) == pytest.approx(
        premultiplied(pixels).mean(axis=(0, 1)), rel=1e-3
    )


def test_hidden_colour_under_clear_pixels_never_shows() -> None:
    pixels = np.zeros((40, 40, 4), np.uint8)
    pixels[..., :3] = (255, 0, 255)
    pixels[10:30, 10:30] = (0, 120, 0, 255)
    grey = np.full((*CANVAS, 3), 128, np.uint8)
    placed = scene((3, 3, 30, 29))
    turned = replace(placed, placements=(replace(placed.placements[0], rotation_deg=17.0),))
    for each in (placed, turned):
        image = render(each, grey, [pixels]).image.astype(int)
        assert (image[..., 0] <= 128).all()
        assert (image[..., 2] <= 128).all()


def test_off_canvas_is_rejected() -> None:
    with pytest.raises(Rejected, match="off_canvas"):
        render(scene((200, 0, 220, 20)), background(), [cutout(0, 20, 20)])


def test_rotation_turns_counter_clockwise() -> None:
    pixels = np.zeros((21, 21, 4), np.uint8)
    pixels[10, 11:, :] = 255  # a bar that points right
    bar = Placement("p", (0, 0, 21, 21), rotation_deg=90.0)
    turned, (x, y) = laid(bar, pixels[..., 3].copy())
    rows, columns = np.nonzero(turned > 120)
    assert rows.mean() + y < 8
    assert abs(columns.mean() + x - 10) < 1


@settings(max_examples=40)
@given(st.integers(1, 40), st.integers(1, 40), st.sampled_from([QUARTER, -QUARTER]))
def test_what_lies_on_its_side_has_the_same_pixels_and_rests_on_its_foot(
    wide: int, high: int, angle: float
) -> None:
    pixels = np.random.default_rng(wide * high).integers(1, 255, (high, wide), np.uint8)
    lying = Placement("p", (50, 60, 50 + wide, 60 + high), rotation_deg=angle)
    turned, (x, y) = laid(lying, pixels.copy())
    assert np.array_equal(turned, np.rot90(pixels, 1 if angle > 0 else -1))
    assert y + turned.shape[0] == foot(lying)
    assert abs(2 * x + high - (100 + wide)) <= 1
    assert foot(replace(lying, rotation_deg=0.0)) == 60 + high


FOREGROUND = Foreground("p/0", "p", "", "", "mug", "object", "train", (20, 20), "")


def test_entities_are_measured_on_what_is_visible() -> None:
    placed = scene((0, 0, 20, 20), (10, 0, 30, 20))
    cutouts = own_size(placed, "opaque")
    rendering = render(placed, background(), cutouts)
    far, near = entities(rendering.layers, placed, [FOREGROUND, FOREGROUND], LayoutRules())
    assert far.box_xyxy == (0, 0, 10, 20)
    assert far.centroid_xy == (5.0, 10.0)
    assert far.visible_share == 0.5
    assert far.covered_by == ((2, 0.5),)
    assert (near.area_px, near.visible_share, near.covered_by) == (400.0, 1.0, ())


def test_area_beyond_the_canvas_counts_as_hidden() -> None:
    placed = scene((-10, 0, 10, 20))
    rendering = render(placed, background(), own_size(placed, "opaque"))
    assert entities(rendering.layers, placed, [FOREGROUND], LayoutRules())[0].visible_share == 0.5


@pytest.mark.parametrize("name", ["harmonise", "sharpness", "noise", "shadow"])
def test_effects_leave_sharp_alphas_and_the_far_background_alone(name: str) -> None:
    placed = scene((20, 15, 40, 35))
    (pixels,) = own_size(placed, "opaque")
    pixels = cv2.GaussianBlur(pixels, (0, 0), 2)
    pixels[..., 3] = 255
    plain = render(placed, background(), [pixels])
    wished = replace(placed, effects=Effects(**{name: 1.0}))
    changed = render(wished, background(), [pixels])
    assert (changed.image != plain.image).any() or name == "sharpness"
    if name != "sharpness":
        assert (changed.visible_alpha_u8(1) == plain.visible_alpha_u8(1)).all()
    again = render(wished, background(), [pixels])
    assert (again.image == changed.image).all()
    if name != "shadow":
        assert (changed.image[:10] == background()[:10]).all()


def test_harmonising_towards_a_bright_picture_never_wraps() -> None:
    white = np.full((*CANVAS, 3), 255, np.uint8)
    placed = scene((20, 5, 40, 30), effects=Effects(harmonise=1.0))
    pixels = np.full((25, 20, 4), 255, np.uint8)
    assert (render(placed, white, [pixels]).image == 255).all()


def test_a_shadow_only_darkens_and_only_the_background() -> None:
    white = np.full((*CANVAS, 3), 240, np.uint8)
    placed = scene((20, 5, 40, 30), effects=Effects(shadow=1.0))
    (pixels,) = own_size(placed, "opaque")
    image = render(placed, white, [pixels]).image
    assert (image[5:30, 20:40] == pixels[..., :3]).all()
    image[5:30, 20:40] = 240
    assert image.max() == 240
    assert image.min() < 200


def test_what_sheds_no_shadow_casts_none() -> None:
    """Smoke and bubbles: alone as without a shadow, beside others without changing theirs."""
    white = np.full((*CANVAS, 3), 240, np.uint8)
    lit = scene((20, 5, 40, 30), effects=Effects(shadow=1.0))
    pixels = own_size(lit, "opaque")
    (one,) = lit.placements
    smoke = replace(lit, placements=(replace(one, sheds_shadow=False),))
    plain = replace(lit, effects=Effects())
    assert (render(smoke, white, pixels).image == render(plain, white, pixels).image).all()
    assert (render(lit, white, pixels).image != render(plain, white, pixels).image).any()


channels = st.tuples(*[st.integers(0, 255)] * 3)


@given(channels, st.integers(0, 255), st.floats(-180, 180))
def test_hues_turn_as_the_standard_library_turns_them(
    rgb: tuple[int, int, int], alpha: int, degrees: float
) -> None:
    premultiplied_rgb = np.array([[rgb]], np.uint16) * np.uint16(alpha)
    turned = hues.turned(premultiplied_rgb, degrees)[0, 0]
    hue, saturation, value = colorsys.rgb_to_hsv(*(c / 255 for c in rgb))
    exact = colorsys.hsv_to_rgb((hue + degrees / 360) % 1, saturation, value)
    assert np.abs(turned - np.array(exact) * 255 * alpha).max() <= 2 + 0.0005 * 255 * alpha
    assert turned.max() == premultiplied_rgb.max()
    assert turned.min() == premultiplied_rgb.min()
    # The same colour at any alpha.
    opaque = hues.turned(np.array([[rgb]], np.uint16) * np.uint16(255), degrees)[0, 0] / 255
    assert np.abs(turned - opaque * alpha).max() <= 2 + 0.0005 * 255 * alpha


def test_a_turn_by_a_third_moves_every_channel_on() -> None:
    red = np.array([[(214, 48, 49), (128, 128, 128), (0, 0, 0)]], np.uint16) * np.uint16(255)
    third = hues.turned(red, 120.0) / 255
    assert third.round(1).tolist() == [[[49, 214, 48], [128, 128, 128], [0, 0, 0]]]
    back = hues.turned(hues.turned(red, 120.0), -120.0)
    assert np.abs(back.astype(int) - red).max() <= 2


def test_only_what_is_plainly_of_one_hue_has_one() -> None:
    def hue(*rgb: tuple[int, int, int]) -> float | None:
        return hues.of(np.array(rgb, np.uint8))

    assert hue((214, 48, 49), (107, 24, 24), (250, 250, 250)) == pytest.approx(359.7, abs=0.5)
    assert hue((214, 48, 49), (48, 49, 214)) is None
    assert hue((200, 200, 200), (20, 20, 20)) is None
    assert hues.of(np.zeros((0, 3), np.uint8)) is None


def test_a_recoloured_thing_keeps_its_alpha_and_all_else() -> None:
    placed = scene((2, 2, 30, 30), (20, 10, 50, 38), effects=Effects(0.6, 0.9, 0.5, 0.7, tone=0.9))
    turned = replace(
        placed, placements=(replace(placed.placements[0], hue_deg=100.0), placed.placements[1])
    )
    cutouts = own_size(placed)
    before, after = (render(s, background(), cutouts) for s in (placed, turned))
    for k in (1, 2):
        assert np.array_equal(before.visible_alpha_u8(k), after.visible_alpha_u8(k))
    untouched = np.ones(CANVAS, bool)  # where no share of it shows, not even one below a level
    x0, y0, x1, y1 = before.layers[0].box_xyxy
    untouched[y0:y1, x0:x1] = before.layers[0].alpha == 0
    assert np.array_equal(before.image[untouched], after.image[untouched])
    assert (before.image != after.image).any()
