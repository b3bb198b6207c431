"""Backgrounds with a subject, text, mere sky, or out of focus; and where a horizon is clear."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from refmatte_engine.config.resources import STUDIO_PACK
from refmatte_engine.images import image_io
from refmatte_engine.images.background_checks import (
    SKY,
    SUBJECT,
    TEXT,
    UNSHARP,
    WATER,
    doubts,
    ground,
    horizon,
)
from refmatte_engine.packs import catalog as catalogs
from tests.conftest import RED, Bytes, figure

PLACES = sorted((STUDIO_PACK / "backgrounds").glob("*.jpg"))


@pytest.fixture(scope="module")
def places() -> dict[str, Bytes]:
    return {file.stem.removesuffix("_00"): image_io.read_rgb(file) for file in PLACES}


def with_thing(place: Bytes, thing: Bytes, height: float = 0.7) -> Bytes:
    """The place with a thing (RGBA) in its middle."""
    by = height * place.shape[0] / thing.shape[0]
    big = cv2.resize(thing, None, fx=by, fy=by, interpolation=cv2.INTER_CUBIC)
    y, x = ((a - b) // 2 for a, b in zip(place.shape[:2], big.shape[:2], strict=True))
    made, share = place.astype(np.float64), big[..., 3:] / 255
    near: Any = made[y : y + big.shape[0], x : x + big.shape[1]]
    near[:] = big[..., :3] * share + near * (1 - share)
    return np.rint(made).astype(np.uint8)


def with_text(place: Bytes, text: str) -> Bytes:
    made, height = place.copy(), place.shape[0]
    at, thick = (30, round(0.93 * height)), max(1, height // 400)
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(made, text, at, font, height / 600, (255, 255, 255), thick, cv2.LINE_AA)
    return made


def test_the_bundled_places_are_places(places: dict[str, Bytes]) -> None:
    said = {name: doubts(place) for name, place in places.items()}
    # Their labels overrule that: rows of windows and of books that look like text, lights, pictures
    # on a wall and a pier like subjects, planks like water; a curtain without a sharp line.
    assert {name: each for name, each in said.items() if each} == {
        "city_square": (TEXT,),
        "library": (TEXT,),
        "dusk_street": (SUBJECT,),
        "gallery_hall": (SUBJECT,),
        "lake_pier": (SUBJECT,),
        "rooftop": (WATER,),
        "stage_curtain": (UNSHARP,),
    }


def test_a_person_in_a_place_is_its_subject(places: dict[str, Bytes]) -> None:
    """Cheap checks miss some; they see most."""
    seen = [SUBJECT in doubts(with_thing(place, figure(RED, 2))) for place in places.values()]
    assert sum(seen) >= 0.6 * len(places), sum(seen)


def test_text_is_seen(places: dict[str, Bytes]) -> None:
    texts = "Copyright Jane Doe", "Visit the lovely island", "WWW.EXAMPLE.COM/PHOTOS"
    seen = [TEXT in doubts(with_text(p, texts[i % 3])) for i, p in enumerate(places.values())]
    assert sum(seen) >= 0.6 * len(places)


def test_sky_is_no_place_to_stand(places: dict[str, Bytes]) -> None:
    skies = {"beach": 0.36, "dunes": 0.35, "meadow": 0.28, "snow_hills": 0.25}
    for name, share in skies.items():
        sky = places[name][: round(share * len(places[name]))]
        assert SKY in doubts(sky), name


def test_a_blurred_place_is_out_of_focus(places: dict[str, Bytes]) -> None:
    blurred = [cv2.GaussianBlur(places[name], (0, 0), 6) for name in ("brick_wall", "forest_floor")]
    assert all(UNSHARP in doubts(place) for place in blurred)


def test_the_ground_is_estimated_where_the_lowest_part_ends(places: dict[str, Bytes]) -> None:
    """Near where labels say that it begins, or nothing is said."""
    tops = {"autumn_path": 0.6, "beach": 0.6, "brick_wall": 0.73, "dunes": 0.6,
            "dusk_street": 0.56, "empty_room": 0.71, "forest_floor": 0.56, "meadow": 0.56,
            "snow_hills": 0.58}  # fmt: skip
    for name, top in tops.items():
        found = ground(places[name])
        assert found is not None, name
        assert found[0] == pytest.approx(top, abs=0.12), name
        assert found[1] == pytest.approx(0.97)
    # A sheet of paper has no end, nor has a floor that fills the picture.
    floor = places["snow_hills"][round(0.6 * len(places["snow_hills"])) :]
    assert ground(places["studio_paper"]) is ground(floor) is ground(floor[:100, :100]) is None


GRASS, SAND, STONE, SEA, SKY_LAB = (
    (45, -25, 35),
    (70, 5, 30),
    (55, 2, 5),
    (55, -5, -25),
    (80, 0, -12),
)


def land(seed: int, ends: float = 0.5, color: tuple[int, int, int] = GRASS) -> Bytes:
    """A sky with rough ground of one colour below row `ends`; float32, 320×480."""
    rng = np.random.default_rng(seed)
    drawn = np.empty((320, 480, 3), np.float32)
    drawn[:] = SKY_LAB
    drawn[..., 0] += np.linspace(-15, 5, 320)[:, None]
    first = round(ends * 320)
    drawn[first:] = color
    drawn[first:, :, 0] += rng.normal(0, 6, (320 - first, 480))
    return drawn


def as_photograph(lab: Bytes) -> Bytes:
    """The picture as uint8."""
    rgb = cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB)
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)


@pytest.mark.parametrize("color", [GRASS, SAND, STONE])
def test_a_ground_ends_where_most_columns_do(color: tuple[int, int, int]) -> None:
    """Whatever colour it has: at a level end there, at a slope's lower end, and below a rail."""
    for seed, ends in enumerate((0.42, 0.5, 0.6)):
        level = land(seed, ends, color)
        found = ground(as_photograph(level))
        assert found is not None
        assert found[0] == pytest.approx(ends + 0.15 * (1 - ends), abs=0.03)
        slope = level.copy()
        for x in range(480):  # the sky reaches further down at one side
            lower = round((ends + 0.15 * x / 480) * 320)
            slope[:lower, x] = level[0, x]
        found = ground(as_photograph(slope))
        assert found is not None
        assert found[0] > ends + 0.15 * 0.7
        rail = level.copy()
        at = round((ends + 0.12) * 320)
        rail[at : at + 8] = (92, 0, 0)
        found = ground(as_photograph(rail))
        assert found is not None
        assert found[0] * 320 >= at + 8


def test_what_only_looks_like_a_ground_is_not_estimated() -> None:
    """Land beside the sea from above, a thing that only fades, a wall at one side, and what half
    of the columns end much higher."""
    for seed in range(4):
        coast = land(seed, 0.55, SAND)
        sea = 140 + 40 * seed
        coast[176:, :sea] = land(seed + 9, 0.55, SEA)[176:, :sea]
        wall = land(seed, 0.5, STONE)
        wall[:, sea - 40 :] = land(seed, 0, STONE)[:, sea - 40 :]
        fading = land(seed, 0, SAND)
        fading[:160] = cv2.GaussianBlur(fading[:160], (0, 0), 9)
        uneven = land(seed, 0.7, GRASS)
        uneven[:, sea - 40 :] = land(seed, 0.42, GRASS)[:, sea - 40 :]
        cases = {"coast": coast, "wall": wall, "fading": fading, "uneven": uneven}
        for name, drawn in cases.items():
            assert ground(as_photograph(drawn)) is None, (name, seed)


def test_water_that_mirrors_the_sky_is_no_place_to_stand() -> None:
    """Streaks in the colours of the sky are water; those of grass or sand are none, nor is what is
    grey and rough below a grey sky."""
    for seed in range(6):
        ends = (0.4, 0.5, 0.6)[seed % 3]
        lake = land(seed, ends, SKY_LAB)
        first = round(ends * 320)
        streaks = np.random.default_rng(seed).normal(0, 4, (320 - first, 1, 1))
        lake[first:] = np.array(SKY_LAB, np.float32) + streaks * (1, 0, 0)
        lake[first - 6 : first] = (20, -5, 5)  # the shore
        field = land(seed, ends, (GRASS, SAND)[seed % 2])
        field[first:, :, :1] += streaks
        assert WATER in doubts(as_photograph(lake)), seed
        assert WATER not in doubts(as_photograph(field)), seed
        assert WATER not in doubts(as_photograph(land(seed, ends, SKY_LAB))), seed


def test_a_level_line_is_offered_as_horizon(places: dict[str, Bytes]) -> None:
    """Where the wall meets the floor, the sand the sky. None where there is no clear one."""
    expected = {"brick_wall": 0.69, "dunes": 0.37, "empty_room": 0.67, "snow_hills": 0.48}
    for name, height in expected.items():
        found = horizon(places[name])
        assert found is not None, name
        assert abs(found - height) < 0.03, name
    assert horizon(places["studio_paper"]) is None


def test_any_picture_may_be_asked(places: dict[str, Bytes]) -> None:
    """Small, narrow, grey, without contrast: nothing is said, and nothing fails."""
    rng = np.random.default_rng(2)
    for shape in ((24, 24), (300, 24), (24, 3000), (255, 255), (300, 400)):
        for picture in (
            np.full((*shape, 3), 7, np.uint8),
            rng.integers(0, 256, (*shape, 3), dtype=np.uint8),
        ):
            before = picture.copy()
            assert SUBJECT not in doubts(picture)
            horizon(picture)
            assert (picture == before).all()


def test_the_catalog_notes_it_until_somebody_has_looked(
    tiny_pack: Path, tmp_path: Path, places: dict[str, Bytes]
) -> None:
    file = tiny_pack / "backgrounds/street.jpg"
    file.write_bytes(image_io.encode_jpeg(places["dusk_street"]))
    assert noted_of(tiny_pack, tmp_path) == [("street.jpg", SUBJECT)]
    with (tiny_pack / "labels.jsonl").open("a") as labels:
        labels.write('{"file": "backgrounds/street.jpg", "ground": [0.5, 0.9]}\n')
    assert noted_of(tiny_pack, tmp_path) == []


def noted_of(pack: Path, cache: Path) -> list[tuple[str, str]]:
    """The notes on backgrounds."""
    notes = catalogs.load([pack], cache=cache / "cache").notes
    return [(Path(n.file).name, n.message) for n in notes if "backgrounds" in n.file]
