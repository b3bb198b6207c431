"""Statistics: counts against the drawn records, laws of the measures, text and plots."""

from __future__ import annotations

import builtins
import json
import re
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine import stats
from refmatte_engine.errors import InputError, MissingExtra
from refmatte_engine.records import Clause
from refmatte_engine.stats import Stats
from tests.drawn import drawn_dataset

WORDS = st.lists(st.sampled_from(["the", "red", "mug", "ball", "left"]), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stats") / "drawn"
    drawn_dataset(folder, {"train": 5, "test": 2})
    return folder


@pytest.fixture(scope="module")
def collected(root: Path) -> Stats:
    return stats.collect(root)


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=12))
def test_variety_is_a_share_and_repeating_everything_halves_it(texts: list[str]) -> None:
    once, twice = stats._variety(texts), stats._variety(texts * 2)
    for name, share in once.items():
        assert 0 <= share <= 1
        assert twice[name] == pytest.approx(share / 2)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_a_summary_is_ordered(values: list[float]) -> None:
    summary = stats._summary(values)
    ends = (summary["least"], summary["lower quarter"], summary["median"])
    assert list(ends) == sorted(ends)
    assert summary["least"] - 1e-9 <= summary["mean"] <= summary["most"] + 1e-9


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
    text = stats.as_text(collected)
    assert text.startswith("drawn: 7 images, 14 entities, 42 expressions\n")
    assert re.search(r"^  left right +7 +100\.0%  █+$", text, re.M)
    many = {f"category {number}": 1 for number in range(40)}
    tables = collected.tables | {"category": many}
    text = stats.as_text(Stats("x", 1, 1, 1, tables, collected.measures, {}))
    assert "… and 28 more" in text
    assert max(map(len, text.splitlines())) <= 80


def test_json_holds_plain_values(collected: Stats) -> None:
    plain = json.loads(json.dumps(stats.as_json(collected)))
    assert plain["measures"]["height_px"]["median"] == 160
    assert plain["tables"] == collected.tables


def test_an_empty_dataset_has_statistics(tmp_path: Path) -> None:
    drawn_dataset(tmp_path / "none", {"train": 0})
    empty = stats.collect(tmp_path / "none")
    assert empty.images == 0
    assert stats.as_text(empty).startswith("none: 0 images")
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
            raise ImportError(name)
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
