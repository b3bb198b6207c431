"""Own colours ahead of use: in parallel, kept one by one, and only after all that can be wrong with
a pack is known."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.errors import InputError
from refmatte_engine.images import foreground_color
from refmatte_engine.packs import catalog, cutouts, estimation, own_colors, pixels
from tests.conftest import BLUE, BROWN, GREEN, RED, YELLOW, disc, figure, landscape, write_png

HEAD = "name: p\nlicence: x\nsource: x\ncredit: x\n"
COLORS = (RED, GREEN, BLUE, YELLOW, BROWN)


def put_pair(root: Path, name: str, rgba: np.ndarray, seed: int) -> None:
    """A picture in which the thing stands before a landscape, and its alpha."""
    wide = cv2.copyMakeBorder(rgba, 30, 30, 40, 40, cv2.BORDER_CONSTANT)
    share = wide[..., 3:] / 255
    mixed = wide[..., :3] * share + landscape(seed, wide.shape[:2]) * (1 - share)
    write_png(root / f"foregrounds/{name}.png", mixed.round().astype(np.uint8))
    write_png(root / f"alphas/{name}.png", wide[..., 3])


@pytest.fixture
def pairs(tmp_path):
    """A pack of five pairs and one cut-out."""
    root = tmp_path / "pairs"
    for seed, color in enumerate(COLORS):
        put_pair(root, f"ball/{seed}", disc(color, 12), seed)
    write_png(root / "foregrounds/dog/whole.png", figure(BROWN, 4))
    (root / "pack.yaml").write_text(HEAD)
    return root


@pytest.fixture
def counted(monkeypatch):
    """The sizes of what was estimated, instead of estimates, which take seconds to compile."""
    made = []

    def cheaply(image, alpha):
        made.append(image.shape[:2])
        kept = image * (alpha[..., None] == 255)
        return kept + (image // 2) * ((alpha > 0) & (alpha < 255))[..., None], 1.5

    monkeypatch.setattr(foreground_color, "own_color", cheaply)
    return made


def test_they_are_estimated_once_and_only_of_pairs(pairs, counted, tmp_path):
    loaded = catalog.load([pairs], cache=tmp_path / "cache")
    assert counted == []
    steps: list[tuple[int, int]] = []
    known = estimation.estimated(loaded, workers=1, progress=lambda *step: steps.append(step))
    assert steps == [(done, 5) for done in range(6)]
    assert len(counted) == 5
    errors = {f.category: f.recomposition_error for f in known.foregrounds.values()}
    assert errors == {"ball": 1.5, "dog": None}
    assert known.digest == loaded.digest
    assert catalog.load([pairs], cache=tmp_path / "cache") == known
    for foreground in known.foregrounds.values():
        pixels.of_foreground(foreground, known, foreground.size_hw)
    assert estimation.estimated(known, workers=1) == known
    assert len(counted) == 5


def test_a_look_at_pairs_estimates_nothing(pairs, counted, tmp_path):
    """A plan looks at many things that are never drawn; and what it saw is no estimate."""
    loaded = catalog.load([pairs], cache=tmp_path / "cache")
    for foreground in loaded.foregrounds.values():
        seen = pixels.small(foreground, loaded)
        assert counted == []
        whole = pixels.of_foreground(foreground, loaded, seen.shape[:2])
        assert (seen[..., 3] == whole[..., 3]).all()
        assert (seen != whole).any() == (foreground.category == "ball")
        counted.clear()


def test_only_what_is_near_the_thing_is_looked_at(pairs, counted, tmp_path):
    loaded = catalog.load([pairs], cache=tmp_path / "cache")
    estimation.estimated(loaded, workers=1)
    most = max(loaded.foregrounds["p/ball/0"].size_hw) + 2 * foreground_color.MARGIN_PX
    assert max(max(size) for size in counted) <= most < 96 + 60


def test_what_was_done_when_it_was_stopped_is_kept(pairs, counted, tmp_path):
    loaded = catalog.load([pairs], cache=tmp_path / "cache")

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        estimation.estimated(loaded, workers=1, progress=stop)
    again = catalog.load([pairs], cache=tmp_path / "cache")
    assert sum(f.recomposition_error is not None for f in again.foregrounds.values()) == 2
    # It can be used as it is: what is missing is estimated when it is drawn.
    last = [f for f in again.foregrounds.values() if f.category == "ball"][-1]
    assert last.recomposition_error is None
    pixels.of_foreground(last, again, (20, 20))
    steps: list[tuple[int, int]] = []
    again = catalog.load([pairs], cache=tmp_path / "cache")
    estimation.estimated(again, workers=1, progress=lambda *step: steps.append(step))
    assert steps[0] == (3, 5)
    assert len(counted) == 5


def test_all_that_is_wrong_is_known_before(pairs, counted, tmp_path, cli, monkeypatch):
    """Categories, layout, sizes: with `--strict` nothing is estimated, without it they are said,
    and only what is used is estimated."""
    monkeypatch.setenv("REFMATTE_CACHE", str(tmp_path / "cache"))
    put_pair(pairs, "0001/x", disc(RED, 5), 9)
    write_png(pairs / "alphas/ball/1.png", disc(RED)[:50, :, 3])
    status, _, err = cli("catalog", pairs, "--strict", "--workers", "1")
    assert (status, counted) == (2, [])
    assert "0001/x.png: has no category" in err
    status, out, _ = cli("catalog", pairs, "--no-colors")
    assert (status, counted) == (0, [])
    assert "own colours of 0 of 4 estimated" in out
    assert "problems (2)" in out
    status, out, _ = cli("catalog", pairs, "--workers", "1")
    assert (status, len(counted)) == (0, 4)
    assert out.index("problems (2)") < out.index("p: own colours of 4 of 4 estimated, recomp")
    write_png(pairs / "foregrounds/shelf/x.png", landscape(1))
    (pairs / "pack.yaml").write_text(HEAD + "alphas: masks\n")
    assert cli("generate", "smoke", "--pack", pairs, "--out", tmp_path / "out")[0] == 2
    assert len(counted) == 4


def test_a_picture_that_has_changed_loses_no_other(pairs, counted, tmp_path):
    loaded = catalog.load([pairs], cache=tmp_path / "cache")
    put_pair(pairs, "ball/1", disc(GREEN, 3), 1)
    with pytest.raises(InputError, match=r"ball/1\.png: has changed since"):
        estimation.estimated(loaded, workers=1)
    assert len(counted) == 4


def test_broken_colours_are_estimated_again(pairs, counted, tmp_path):
    loaded = catalog.load([pairs], cache=tmp_path / "cache")
    known = estimation.estimated(loaded, workers=1)
    ball = known.foregrounds["p/ball/0"]
    cutout = cutouts.of_file(pairs, ball)
    whole = own_colors.of(cutout, ball, known.cache)
    (file,) = known.cache.glob(f"colors-*/*/{ball.digest}*")
    data = file.read_bytes()
    for broken in (b"", data[:6], data[:-9], data[:8] + b"\0" + data[9:], data[:4] + bytes(8)):
        before = len(counted)
        file.write_bytes(broken)
        assert np.array_equal(own_colors.of(cutout, ball, known.cache), whole)
        assert len(counted) == before + 1
        assert file.read_bytes() == data


def test_the_surroundings_count(pairs, counted, tmp_path):
    """The same thing before another wall is estimated again, though its own pixels are the same."""
    cache = tmp_path / "cache"
    first = estimation.estimated(catalog.load([pairs], cache=cache), workers=1)
    image = cv2.imread(str(pairs / "foregrounds/ball/0.png"))
    image[:20] = 9
    write_png(pairs / "foregrounds/ball/0.png", image[..., ::-1])
    again = catalog.load([pairs], cache=cache)
    assert again.digest == first.digest
    assert replace(again, foregrounds={}) == replace(first, foregrounds={})
    estimation.estimated(again, workers=1)
    assert len(counted) == 6


@pytest.mark.slow
def test_any_number_of_workers_gives_the_same_colours(pairs, tmp_path):
    made = []
    for workers in (1, 3):
        cache = tmp_path / f"cache {workers}"
        loaded = catalog.load([pairs], cache=cache)
        known = estimation.estimated(loaded, workers=workers)
        made.append((known.foregrounds, {p.name: p.read_bytes() for p in cache.rglob("*.z")}))
    assert made[0] == made[1]
    assert len(made[0][1]) == 5
