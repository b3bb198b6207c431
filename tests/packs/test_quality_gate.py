"""The quality gate: each fault of a matte is said by its name, and no other; cures cure."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from refmatte_engine.errors import InputError
from refmatte_engine.images import alphas, matte_faults, mattes
from refmatte_engine.images.image_io import encode_png
from refmatte_engine.packs import catalog, cutouts
from tests.conftest import Bytes, write_png

HW = (180, 220)
laws = settings(max_examples=25)
dice = st.integers(0, 2**32 - 1).map(np.random.default_rng)
# How each fault is called.
NAMES = {
    "dust": r"has dust, \d+ pixels .* `fix: \[dust\]`",
    "hole": r"has (a hole|\d+ holes) .* px .* at \d+, \d+; fill it",
    "mask": r"is a mask of 0 and 255 \(softness 0\)",
    "inverted": r"inverted\?; .*`fix: \[invert\]`",
    "0 and 1": r"reaches only 1 of 255: a mask of 0 and 1\?; .*`fix: \[scale\]`",
    "in colour": r"is in colour: its channels differ by up to \d+ of 255; .* save the channel",
    "other size": r"which differ by a factor of [\d.]+; .*`fix: \[scale\]`",
    "parts": r"shows \d parts that lie apart, with .* % of its weight",
    "frame": r"(is cut off by|touches) the edge of its picture at the \w+ \(\d+ % of its",
}


@st.composite
def clean(draw: st.DrawFn) -> tuple[Bytes, Bytes]:
    """A photograph (RGB) and the alpha of the thing in it, alone, whole and away from the edges; at
    times with a real hole, through which the background shows."""
    rng = draw(dice)
    shape = np.zeros(HW, np.uint8)
    x, y = draw(st.integers(90, 130)), draw(st.integers(75, 105))
    for _ in range(draw(st.integers(1, 3))):
        axes = (draw(st.integers(26, 50)), draw(st.integers(26, 45)))
        cv2.ellipse(shape, (x, y), axes, draw(st.integers(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    if draw(st.booleans()):
        cv2.circle(shape, (x + 9, y - 6), draw(st.integers(4, 9)), 0, -1, cv2.LINE_AA)
    alpha = cv2.GaussianBlur(shape, (0, 0), draw(st.sampled_from([0.6, 1.0, 2.0])))
    down = np.linspace(0, 1, HW[0])[:, None, None]
    thing = rng.integers(40, 110, 3) + 30 * down + rng.normal(0, 4, (*HW, 3))
    behind = rng.integers(150, 230, 3) - 20 * down + rng.normal(0, 4, (*HW, 3))
    share = alpha[..., None] / 255
    photograph = np.clip(share * thing + (1 - share) * behind, 0, 255)
    return np.rint(photograph).astype(np.uint8), alpha


def names(
    photograph: Bytes, alpha: Bytes, *, pair: bool = True, fix: tuple[str, ...] = ()
) -> list[str]:
    """What the gate says, by name; words that no name has are returned as they are."""
    try:
        cut = decoded(photograph, alpha, pair, fix)
        said = [*cut.notes, *([cut.touches] if cut.touches else [])]
    except InputError as error:
        said = [str(error)]
    return [
        next((name for name, words in NAMES.items() if re.search(words, told)), told)
        for told in said
    ]


def decoded(
    photograph: Bytes, alpha: Bytes, pair: bool = True, fix: tuple[str, ...] = ()
) -> cutouts.Cutout:
    if pair:
        return cutouts.decode(encode_png(photograph), encode_png(alpha), fix, examine="photograph")
    return cutouts.decode(encode_png(np.dstack((photograph, alpha))), None, fix, examine="alpha")


def with_dust(alpha: Bytes, rng: np.random.Generator) -> Bytes:
    """Specks of 1 to 3 levels, of 1 to 3 pixels' side, away from the thing."""
    dusty = alpha.copy()
    away = cv2.distanceTransform((alpha == 0).astype(np.uint8), cv2.DIST_L2, 5)
    places = np.argwhere(away > 9)
    for y, x in places[rng.integers(0, len(places), rng.integers(10, 25))] // 6 * 6:
        side = rng.integers(1, 4)
        dusty[y : y + side, x : x + side] = rng.integers(1, 4)
    assert np.count_nonzero(dusty) - np.count_nonzero(alpha) >= mattes.DUST_LEAST
    return dusty


def with_hole(alpha: Bytes, rng: np.random.Generator, blur: float) -> Bytes:
    """A hole of 3 to 12 pixels' radius where the thing is opaque."""
    radius = int(rng.integers(3, 13))
    deep = cv2.distanceTransform((alpha >= 250).astype(np.uint8), cv2.DIST_L2, 5)
    places = np.argwhere(deep > radius + 5)
    assume(len(places))
    y, x = places[rng.integers(len(places))]
    hole = cv2.circle(np.zeros(HW, np.uint8), (int(x), int(y)), radius, 255, -1)
    if blur:
        hole = cv2.GaussianBlur(hole, (0, 0), blur)
    return np.asarray(np.minimum(alpha, 255 - hole), np.uint8)


def with_twin(alpha: Bytes, rng: np.random.Generator) -> Bytes:
    """A second thing beside the first, clear of it."""
    x0, y0, x1, y1 = alphas.box(alpha) or (0, 0, 0, 0)
    gap, share = int(rng.integers(7, 30)), rng.uniform(0.7, 1)
    thing = cv2.resize(alpha[y0:y1, x0:x1], None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    pad = np.zeros((HW[0], thing.shape[1] + gap + 8), np.uint8)
    pad[y0 : y0 + thing.shape[0], gap : gap + thing.shape[1]] = thing
    return np.hstack((alpha[:, : x1 + 1], pad))


@given(clean())
@laws
def test_of_a_clean_matte_nothing_is_said(drawn: tuple[Bytes, Bytes]) -> None:
    assert names(*drawn) == names(*drawn, pair=False) == []
    assert names(*drawn, fix=("dust", "invert", "scale")) == []


@given(clean(), dice, st.booleans())
@laws
def test_dust(drawn: tuple[Bytes, Bytes], rng: np.random.Generator, pair: bool) -> None:
    photograph, alpha = drawn
    dusty = with_dust(alpha, rng)
    assert names(photograph, dusty, pair=pair) == ["dust"]
    cured = decoded(photograph, dusty, pair, ("dust",))
    assert re.fullmatch(r"its alpha has dust, .*: cleared", cured.notes[0])
    assert cured.digest == decoded(photograph, alpha, pair).digest


@given(clean(), dice, st.sampled_from([0.0, 0.8, 2.0]))
@laws
def test_holes(drawn: tuple[Bytes, Bytes], rng: np.random.Generator, blur: float) -> None:
    photograph, alpha = drawn
    torn = with_hole(alpha, rng, blur)
    assume(matte_faults.shape(torn).holes_px > matte_faults.shape(alpha).holes_px)
    assert names(photograph, torn) == ["hole"]
    # Without the photograph, a hole with soft edges may be a real one.
    assert names(photograph, torn, pair=False) == ([] if blur else ["hole"])


@given(clean(), st.booleans())
@laws
def test_masks(drawn: tuple[Bytes, Bytes], pair: bool) -> None:
    photograph, alpha = drawn
    mask = np.where(alpha >= 128, 255, 0).astype(np.uint8)
    assert names(photograph, mask, pair=pair) == ["mask"]
    assert names(photograph, mask // 255, pair=pair) == ["0 and 1"]
    cured = decoded(photograph, mask // 255, pair, ("scale",))
    assert cured.notes[0] == "its alpha reaches only 1 of 255: multiplied by 255"
    assert "is a mask of 0 and 255" in cured.notes[1]
    assert cured.digest == decoded(photograph, mask, pair).digest


@given(clean(), st.booleans(), st.integers(0, 120))
@laws
def test_alphas_the_wrong_way_round(drawn: tuple[Bytes, Bytes], pair: bool, cut: int) -> None:
    photograph, alpha = (each[: HW[0] - max(0, cut - 60)] for each in drawn)
    assert names(photograph, 255 - alpha, pair=pair) == ["inverted"]
    cured = decoded(photograph, 255 - alpha, pair, ("invert",))
    assert cured.notes[0] == "its alpha is opaque along most of its border: inverted"
    assert cured.digest == decoded(photograph, alpha, pair).digest


@given(clean(), st.permutations([0.2, 0.7, 1.0]))
@laws
def test_masks_in_colour(drawn: tuple[Bytes, Bytes], tint: list[float]) -> None:
    photograph, alpha = drawn
    tinted = np.rint(alpha[..., None] * np.array(tint)).astype(np.uint8)
    assert names(photograph, tinted) == ["in colour"]


@given(clean(), st.sampled_from([0.5, 2 / 3, 1.5, 2, 3]))
@laws
def test_sizes_that_differ_by_a_factor(drawn: tuple[Bytes, Bytes], factor: float) -> None:
    photograph, alpha = drawn
    other = cv2.resize(alpha, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    assert names(photograph, other) == ["other size"]
    cured = decoded(photograph, other, True, ("scale",))
    assert "the larger is shrunk by" in cured.notes[0]
    assert len(cured.notes) == 1
    # The smaller of the two is as it was.
    x0, y0, x1, y1 = alphas.box(other if factor < 1 else alpha, 3) or (0, 0, 0, 0)
    found = np.array(cured.rgba.shape[:2])
    assert np.abs(found - [y1 - y0, x1 - x0]).max() <= (0 if factor < 1 else 2)
    with pytest.raises(InputError, match=r"make both the same size$"):
        decoded(photograph[:, :-40], other, True, ("scale",))


@given(clean(), dice, st.booleans())
@laws
def test_several_things(drawn: tuple[Bytes, Bytes], rng: np.random.Generator, pair: bool) -> None:
    two = with_twin(drawn[1], rng)
    share = two[..., None] / 255
    photograph = np.rint(share * [60, 70, 80] + (1 - share) * 220).astype(np.uint8)
    assert names(photograph, two, pair=pair) == ["parts"]


@given(clean(), st.sampled_from(["left", "top", "right", "bottom"]), st.floats(0.05, 0.45))
@laws
def test_things_cut_off(drawn: tuple[Bytes, Bytes], side: str, share: float) -> None:
    photograph, alpha = drawn
    x0, y0, x1, y1 = alphas.box(alpha, 128) or (0, 0, 0, 0)
    dx, dy = round(share * (x1 - x0)), round(share * (y1 - y0))
    part = {
        "left": np.s_[:, x0 + dx :],
        "top": np.s_[y0 + dy :],
        "right": np.s_[:, : x1 - dx],
        "bottom": np.s_[: y1 - dy],
    }[side]
    rest = np.ascontiguousarray(alpha[part])
    assume(len(matte_faults.shape(rest).parts) == 1)
    assume(alphas.met(rest).get(side, 0) > matte_faults.TOUCH_SHARE)
    assert names(np.ascontiguousarray(photograph[part]), rest) == ["frame"]
    said = matte_faults.touches(rest)
    assert f" {side} (" in said
    assert said.startswith("is cut off") == (alphas.cut_edges(rest) == (side,))


def test_of_the_bundled_pack_only_what_is_true_is_said(tmp_path: Path) -> None:
    loaded = catalog.load(["studio"])
    assert [(Path(note.file).stem, note.message[:10]) for note in loaded.notes] == [
        ("dandelion_02", "shows 2 pa"),  # which it is: a pair of dandelions
        ("dandelion_50", "shows 2 pa"),
    ]


def test_fixes_are_asked_for_by_pack_and_by_source(
    tiny_pack: Path, tmp_path: Path, cli: Callable[..., tuple[int, str, str]]
) -> None:
    """And what was scanned before is scanned again, since a scan depends on them."""
    rng = np.random.default_rng(1)
    photograph = np.full((*HW, 3), 90, np.uint8)
    alpha = cv2.circle(np.zeros(HW, np.uint8), (110, 90), 50, 255, -1, cv2.LINE_AA)
    for kind, matte in {"a": with_dust(alpha, rng), "b": 255 - alpha}.items():
        write_png(tiny_pack / kind / "fg" / "mug.png", photograph + ord(kind))
        write_png(tiny_pack / kind / "alpha" / "mug.png", matte)
    head = "name: tiny\nlicence: CC0-1.0\nsource: drawn\ncredit: nobody\n"
    head += "defaults: {category: mug}\n"

    def load(fixes: str = "", of_a: str = "", of_b: str = "") -> tuple[list[str], dict[str, str]]:
        sources = [
            f"  - {{foregrounds: {k}/fg, alphas: {k}/alpha, colors: own{more}}}\n"
            for k, more in (("a", of_a), ("b", of_b))
        ]
        (tiny_pack / "pack.yaml").write_text(head + fixes + "sources:\n" + "".join(sources))
        found = catalog.load([tiny_pack], cache=tmp_path / "cache")
        said = [remark.message for remark in found.problems + found.notes if "/fg/" in remark.file]
        return said, {name[5]: thing.digest for name, thing in found.foregrounds.items()}

    said, digests = load()
    assert [told[-5:] for told in said] == ["nd it", "rs it"]
    both = load("fix: [dust, invert]\n")
    assert [told.rpartition(": ")[2] for told in both[0]] == ["cleared", "inverted"]
    assert set(both[1]) == {"a", "b"}
    assert both[1]["a"] != digests["a"]
    assert load(of_a=", fix: [dust]", of_b=", fix: [invert]") == both
    assert load() == (said, digests)
    (tiny_pack / "pack.yaml").write_text(head + "fix: [dust, holes]\n")
    code, _, error = cli("catalog", tiny_pack)
    assert code == 2
    assert "fix.1: 'holes' is not allowed; allowed: dust, invert, scale" in error
