"""What no layout can mean is refused where it is written, wherever in the file that is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from refmatte_engine.config import strict_yaml
from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.config.run import Run
from refmatte_engine.errors import InputError

Key = tuple[str, ...]


def keys(model: type[BaseModel]) -> Iterator[tuple[Key, Any]]:
    """The path of each key that may be written, and its type; `x` is a name of one's own."""
    for name, field in model.model_fields.items():
        yield (name,), field.annotation
        for path, inner in ((), field.annotation), *((("x",), each) for each in _of(field)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from (((name, *path, *key), kind) for key, kind in keys(inner))


def _of(field: Any) -> tuple[Any, ...]:
    return get_args(field.annotation)[1:] if "dict" in str(field.annotation) else ()


SIZE = ("canvas", "size")  # a height and a width
RANGES = [key for key, kind in keys(LayoutRules) if "tuple[" in str(kind) and key != SIZE]
WEIGHTS = [
    *((LayoutRules, key) for key in (("layouts", "left_right"), ("entities", "2"))),
    *((LayoutRules, key) for key in (("levels", "x", "share"), ("changes", "exchanged"))),
    (LayoutRules, ("canvas", "aspects", "3:2")),
    (Run, ("kinds", "human")),
]
COUNTS: list[tuple[type[BaseModel], Key]] = [(Run, ("splits", "train"))]


def said(tmp_path: Path, key: Key, value: object, model: type[BaseModel] = LayoutRules) -> str:
    """The message about a file that says only that, in its second line."""
    text = f"{key[-1]}: {value}"
    for name in key[-2::-1]:
        text = f"{name}: {{{text}}}"
    (tmp_path / "written.yaml").write_text(f"# A comment.\n{text}\n")
    with pytest.raises(InputError) as caught:
        strict_yaml.load(model, tmp_path / "written.yaml")
    return str(caught.value)


@pytest.mark.parametrize("key", RANGES, ids=".".join)
def test_a_range_begins_before_it_ends(tmp_path: Path, key: Key) -> None:
    low, high = (900, 700) if key == ("canvas", "long_side_px") else (0.9, 0.2)
    message = said(tmp_path, key, f"[{low}, {high}]")
    assert f"written.yaml:2: {'.'.join(key)}: [{low}, {high}] is not allowed: the first" in message


def test_all_ranges_are_looked_at() -> None:
    assert {("size",), ("effects", "noise"), ("levels", "x", "gap")} < set(RANGES)


@pytest.mark.parametrize("weight", ["1.0e308", ".inf", ".nan", "-1"])
@pytest.mark.parametrize(("model", "key"), WEIGHTS, ids=str)
def test_weights_can_be_added_up(
    tmp_path: Path, model: type[BaseModel], key: Key, weight: str
) -> None:
    message = said(tmp_path, key, weight, model)
    assert f"written.yaml:2: {'.'.join(key)}: " in message
    assert "allowed: a number from 0 to 1000000" in message


@pytest.mark.parametrize(("model", "key"), [*WEIGHTS, *COUNTS], ids=str)
def test_some_weight_is_above_0(tmp_path: Path, model: type[BaseModel], key: Key) -> None:
    message = said(tmp_path, key, 0, model)
    assert re.search(r"written\.yaml:\d: .*need a (weight|share|number of images) above 0", message)


@pytest.mark.parametrize(
    ("rules", "most"),
    [
        ({"entities": {"1": 1}, "layouts": {"left_right": 1}}, 1),
        ({"entities": {"1": 1}, "layouts": {"left_right": 1, "front_behind": 1}}, 2),
        ({"entities": {"2": 1, "3": 1, "6": 0}}, 3),
        ({"entities": {"6": 1}, "at_most": {"left_right": 4, "top_bottom": 2}}, 4),
        ({"entities": {"6": 1}, "layouts": {"front_behind": 1}}, 2),
        ({"entities": {"6": 1}}, 6),
    ],
)
def test_a_level_needs_no_more_than_an_image_may_have(rules: dict[str, Any], most: int) -> None:
    for needs in range(1, 7):
        written = {**rules, "levels": {"a": {"same_category": needs - 1}}}
        if needs <= most:
            strict_yaml.parse(LayoutRules, written, "layout.yaml")
            continue
        with pytest.raises(InputError, match=rf"levels: a needs {needs} entities.* {most} at most"):
            strict_yaml.parse(LayoutRules, written, "layout.yaml")
