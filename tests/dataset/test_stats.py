"""Statistics: counts against the drawn records, laws of the measures, text and plots."""

from __future__ import annotations

import builtins
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from refmatte_engine.dataset import stats, stats_text
from refmatte_engine.dataset.stats import Stats
from refmatte_engine.errors import InputError, MissingExtra
from refmatte_engine.records import Clause
from refmatte_engine.semantics import contrast
from tests.support.drawn import drawn_dataset


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stats") / "drawn"
    drawn_dataset(folder, {"train": 5, "test": 2})
    return folder


@pytest.fixture(scope="module")
def collected(root: Path) -> Stats:
    return stats.collect(root)


def test_counts_are_those_of_the_records(collected: Stats) -> None:
    assert (collected.images, collected.entities, collected.expressions) == (7, 14, 42)
    assert collected.tables["split"] == {"train": 5, "test": 2}
    assert collected.tables["layout"] == {"left_right": 7}
    assert collected.tables["level"] == {"plain": 4, "twins": 3}
    assert collected.tables["entities in an image"] == {"2": 7}
    assert collected.tables["category"] == {"ball": 14}
    assert collected.tables["attribute color"] == {"blue": 7, "red": 4, "green": 3}
    assert collected.tables["relation"] == {"left_of": 7, "right_of": 7}
    assert collected.tables["kind of expression"] == {"absolute": 14, "basic": 14, "relative": 14}
    assert collected.tables["template"]["basic/short"] == 14
    assert collected.tables["rejection"] == {"too_hidden": 3, "not_describable": 1}
    assert list(collected.measures["width_px"]) == [240] * 7
    assert sorted(set(collected.measures["words"])) == [3, 9]


def test_assets_that_are_used_oftener_than_asked_for_are_told_of(collected: Stats) -> None:
    counts = {"p/mug": (30, 60), "p/book": (40, 20), "p/rare": (1, 3), "p/ball": (89, 77)}
    skewed = {name: {"asked": a, "used": u} for name, (a, u) in counts.items()}
    told = stats_text.full(replace(collected, assets=skewed))
    assert "used oftener than asked for: p/mug 2.0 times" in told
    assert re.search(r"p/book +25\.0% +12\.5% +0\.50", told)
    assert "used oftener than asked for: p/mug" in stats_text.brief(
        replace(collected, assets=skewed)
    )
    even = replace(collected, assets={n: {"asked": 40, "used": 50} for n in counts})
    assert "used oftener than asked for: none" in stats_text.full(even)
    assert "used oftener" not in stats_text.brief(even)


def test_softness_is_the_share_of_visible_pixels_below_one(root: Path, collected: Stats) -> None:
    found = []
    for path in sorted(root.glob("*/mask/*.png")):
        alpha = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        assert alpha is not None
        visible = alpha[alpha > 0]
        found.append(float(np.mean(visible < 255)))
    assert sorted(collected.measures["softness_share"]) == pytest.approx(sorted(found))
    assert len(stats.collect(root, alphas=4).measures["softness_share"]) <= 4


def test_spatial_words_reach_into_what_is_referred_to() -> None:
    edge = Clause("position", "leftmost")
    program = (Clause("category", "mug"), Clause("relation", "above", targets=((edge,),)))
    assert list(stats.spatial_words(program)) == ["above", "leftmost"]


def test_text_is_readable_and_bounded(collected: Stats) -> None:
    text = stats_text.full(collected)
    assert text.startswith("drawn: 7 images, 14 mattes, 42 texts\n")
    assert re.search(r"^  plain +4 +57\.1%  █+$", text, re.M)
    assert re.search(r"^layout +7 +all: left right$", text, re.M)
    many = {f"category {number}": 1 for number in range(40)}
    tables = collected.tables | {"category": many, "split": {f"s{n}": 1 for n in range(13)}}
    text = stats_text.full(Stats("x", 1, 1, 1, tables, collected.measures, collected.variety))
    assert "… and 28 more" in text
    assert "x: 1 image, 1 matte, 1 text\n" in text
    assert max(map(len, text.splitlines())) <= 80


def test_text_has_no_nonsense(collected: Stats) -> None:
    """No code names, no row that stands for one more, no numbers out of order, no share without a
    whole."""
    tables = collected.tables | {
        "attribute sweater hair_color": {"red": 2, "blue": 1},
        "template": {"combined.2>np.4>person.1": 3, "combined.2": 1},
        "attempts for an image": stats._ordered({"2": 7, "10": 3, "1": 1}),
        "category": {f"kind {n}": 1 for n in range(13)},
    }
    text = stats_text.full(Stats("x", 9, 9, 9, tables, collected.measures, collected.variety))
    assert not re.search(r"[a-z]_[a-z]|np\.4|and 1 more|nan|inf\b", text.replace("drawn_", ""))
    assert "hair color of the sweater" in text
    assert text.index("\n  1  ") < text.index("\n  2  ") < text.index("\n  10  ")


def test_the_short_form_is_short(collected: Stats) -> None:
    text = stats_text.brief(collected)
    lines = text.splitlines()
    assert lines[0] == "drawn: 7 images, 14 mattes, 42 texts"
    assert len(lines) <= 13
    assert any(re.fullmatch(r"  drawn again  too hidden 3, not describable 1", s) for s in lines)
    assert any(re.fullmatch(r"  categories   1: ball 100%", line) for line in lines)
    assert all(len(line) <= 120 and not line.endswith(" ") for line in lines)


def test_what_nobody_can_see_is_named(tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "drawn", {"train": 4})
    seen = stats.collect(tmp_path / "drawn")
    assert seen.unseen == ()
    assert "none of 8 entities measured" in stats_text.full(seen)
    image = min((tmp_path / "drawn/train/img").iterdir())
    picture = cv2.imread(str(image))
    assert picture is not None
    cv2.imwrite(str(image), np.full_like(picture, 120))
    seen = stats.collect(tmp_path / "drawn")
    assert sorted(seen.unseen) == [f"{image.stem}_1", f"{image.stem}_2"]
    for text in (stats_text.full(seen), stats_text.brief(seen)):
        assert f"2 of 8 entities measured, contrast below 5: {image.stem}_" in text


@pytest.mark.parametrize("size", [(40, 60), (400, 600), (1200, 900)])
def test_contrast_is_that_of_the_rim(size: tuple[int, int]) -> None:
    """Of what is big or small, whatever is painted inside it; none of nothing."""
    alpha = np.zeros(size, np.uint8)
    centre = size[1] // 2, size[0] // 2
    cv2.circle(alpha, centre, min(size) // 3, 255, -1, cv2.LINE_AA)
    image = np.full((*size, 3), 120, np.uint8)
    assert contrast.contrast(image, alpha) == pytest.approx(0, abs=0.1)
    cv2.circle(image, centre, min(size) // 8, (255, 0, 0), -1)
    assert contrast.contrast(image, alpha) == pytest.approx(0, abs=0.1)
    share, wall = alpha[..., None] / 255, np.full((*size, 3), 120)
    image = np.rint(share * (123, 122, 119) + (1 - share) * wall).astype(np.uint8)
    assert 0.5 < contrast.contrast(image, alpha) < contrast.UNSEEN
    image = np.rint(share * (200, 40, 40) + (1 - share) * wall).astype(np.uint8)
    assert contrast.contrast(image, alpha) > 20
    assert contrast.contrast(image, np.zeros_like(alpha)) == 0
    assert contrast.contrast(image, np.full_like(alpha, 255)) == float("inf")


def test_json_holds_plain_values(collected: Stats) -> None:
    plain = json.loads(json.dumps(stats.as_json(collected)))
    assert plain["measures"]["height_px"]["median"] == 160
    assert plain["tables"] == collected.tables


def test_an_empty_dataset_has_statistics(tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "none", {"train": 0})
    empty = stats.collect(tmp_path / "none")
    assert empty.images == 0
    assert stats_text.full(empty).startswith("none: 0 images, 0 mattes, 0 texts")
    assert "hard to see" not in stats_text.brief(empty)
    assert stats.plot(empty, tmp_path / "plots") == ()


def test_plots_are_pictures(collected: Stats, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    odd = collected.tables | {"category": {"$\\frac{$ <b>": 3, "mug": 1}}
    paths = stats.plot(
        Stats("x", 1, 1, 1, odd, collected.measures, collected.variety), tmp_path / "plots"
    )
    assert [path.stem for path in paths] == list(stats.PAGES)
    for path in paths:
        picture = cv2.imread(str(path))
        assert picture is not None
        assert picture.std() > 5


def test_without_matplotlib_the_error_says_what_to_install(
    collected: Stats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingExtra, match=r"run: pip install 'refmatte-engine\[plots\]'"):
        stats.plot(collected, tmp_path)


def test_a_broken_alpha_is_named(tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "broken", {"train": 1})
    broken = next((tmp_path / "broken" / "train" / "mask").iterdir())
    broken.write_bytes(b"no picture")
    with pytest.raises(InputError, match=broken.name):
        stats.collect(tmp_path / "broken")
