"""Laws of what things do to the ground: it is darker away from the light, and mirrors what stands
on it."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from refmatte_engine.records import Effects, Light, Placement, Scene
from refmatte_engine.scene.light import CASTS, mirrored
from refmatte_engine.scene.render import render
from refmatte_engine.scene.shadows import SCALE

CANVAS = (200, 300)
GREY = np.full((*CANVAS, 3), 200, np.uint8)
BOX = (33 * SCALE, 60, 42 * SCALE, 140)
RED = np.full((80, 36, 4), (200, 40, 40, 255), np.uint8)


def scene(effects: Effects, *boxes: tuple[int, int, int, int]) -> Scene:
    placements = tuple(Placement(f"p/{k}", box) for k, box in enumerate(boxes))
    return Scene(CANVAS, "b", (0, 0, 300, 200), False, "left_right", placements, effects)


def ground(
    light: str = "left",
    box: tuple[int, int, int, int] = BOX,
    pixels: np.ndarray = RED,
    **more: object,
) -> np.ndarray:
    """How much darker (below 0) or lighter a grey ground is for a thing in that box; float H×W,
    0 under the thing."""
    effects = Effects(**{"shadow": 1.0, **more}, light=light)  # type: ignore[arg-type]
    found = render(scene(effects, box), GREY, [pixels])
    changed = (found.image.astype(float) - GREY).mean(axis=2)
    return np.where(found.visible_alpha_u8(1) > 0, 0, changed)


def test_every_light_has_a_shadow_of_its_own() -> None:
    assert set(CASTS) == set(get_args(Light))
    assert not ground("none").any()
    for light in get_args(Light):
        assert ground(light).max() <= 0


@pytest.mark.parametrize("light", get_args(Light))
def test_shadows_fall_away_from_the_light(light: Light) -> None:
    dark = -ground(light)
    left, right = dark[:, : BOX[0]].sum(), dark[:, BOX[2] :].sum()
    above, below = dark[:138].sum(), dark[142:].sum()
    side = light.split()[-1]
    if side in ("left", "right"):
        near, far = (left, right) if side == "left" else (right, left)
        assert far > 2 * near
    elif side == "back":
        assert below > 3 * above
    assert np.abs(dark - -ground(mirrored(light))[:, ::-1]).max() < 8
    low = f"low {light}"
    if low in get_args(Light):
        reach = [np.abs(np.argwhere(d > 8) - (140, 149.5)).max() for d in (dark, -ground(low))]
        assert reach[1] > reach[0]


@pytest.mark.parametrize("light", ["left", "overcast"])
def test_the_darkest_ground_is_at_the_feet(light: str) -> None:
    table = RED.copy()
    table[20:, 10:26] = 0
    dark = -ground(light, pixels=table)
    row = dark[141]
    assert min(row[134:140].min(), row[160:166].min()) > 60
    assert row[150] < 0.6 * row[137]


def test_what_is_see_through_has_as_much_less_of_a_shadow() -> None:
    whole, half = RED, RED.copy()
    half[..., 3] = 128
    strong, weak = -ground(pixels=whole), -ground(pixels=half)
    seen = (strong > 10) & (weak > 0)
    assert np.median(weak[seen] / strong[seen]) == pytest.approx(0.5, abs=0.1)


def test_one_light_casts_one_shadow() -> None:
    """Two things in one place darken the ground no more than one, but where they touch it."""
    effects = Effects(shadow=1.0, light="low left")
    first = render(scene(effects, BOX), GREY, [RED]).image.astype(int)
    second = render(scene(effects, BOX, BOX), GREY, [RED, RED]).image.astype(int)
    assert np.abs(first - second)[:, 200:].max() <= 1


def test_what_goes_on_below_the_canvas_touches_no_ground() -> None:
    assert not ground("overcast", (130, 120, 170, 200)).any()
    assert not ground(shadow=0.0, box=(130, 120, 170, 200), reflection=1.0).any()


@pytest.mark.parametrize("surface", ["wet", "polished"])
def test_a_mirror_image_is_below_the_feet_upside_down_and_fades(surface: str) -> None:
    striped = RED.copy()
    striped[60:, :, :3] = (40, 40, 200)  # the foot is blue
    effects = Effects(reflection=0.5, surface=surface)  # type: ignore[arg-type]
    found = render(scene(effects, BOX), GREY, [striped])
    change = found.image.astype(int) - GREY
    assert not change[:60].any()
    assert not change[60:140, :130].any()
    near, far = change[144, 150], change[166, 150]
    assert near[2] > near[0]  # blue is near the foot,
    assert far[0] > far[2]  # and red beyond
    assert np.abs(near).max() > 2 * np.abs(far).max()
    assert np.abs(change[190:]).max() <= 1
    plain = render(scene(Effects(), BOX), GREY, [striped])
    assert (found.visible_alpha_u8(1) == plain.visible_alpha_u8(1)).all()
    assert (found.image[60:140, 130:170] == plain.image[60:140, 130:170]).all()


def test_no_mirror_image_is_over_another_thing() -> None:
    effects = Effects(reflection=1.0, surface="polished")
    boxes = (BOX, (120, 130, 180, 180))
    green = np.full((50, 60, 4), (30, 160, 30, 255), np.uint8)
    image = render(scene(effects, *boxes), GREY, [RED, green]).image
    assert (image[130:180, 120:180] == green[..., :3]).all()
