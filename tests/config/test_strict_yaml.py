"""What a person writes is read strictly, and every mistake is named where it stands."""

from __future__ import annotations

import json
import math
import pickle
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.config import strict_yaml
from refmatte_engine.config.strict_yaml import Strict, load, parse_yaml
from refmatte_engine.errors import InputError, RefMatteError

LOADERS = pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])


class Inner(Strict):
    size: tuple[float, float] = (0, 1)
    name: str = "x"


class Outer(Strict):
    seed: int
    inner: Inner = Inner()
    parts: list[Inner] = []


def message(tmp_path: Path, text: str) -> str:
    path = tmp_path / "run.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError) as caught:
        load(Outer, path)
    said = str(caught.value)
    assert "\n" not in said
    return said.replace(str(path), "run.yaml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seed: 1\nsead: 2\n", "run.yaml:2: unknown key 'sead'; allowed: inner, parts, seed; "
         "did you mean 'seed'?"),
        ("seed: 1\nseed: 2\n", "run.yaml:2: the key 'seed' appears twice; remove one of them"),
        ("inner: {}\n", "run.yaml:1: the key 'seed' is missing; allowed: a whole number"),
        ("seed: 1\ninner:\n  sise: [0, 1]\n", "run.yaml:3: unknown key 'inner.sise'; allowed: "
         "name, size; did you mean 'size'?"),
        ("seed: 1\nparts:\n  - name: a\n  - nam: b\n", "run.yaml:4: unknown key 'parts.1.nam'; "
         "allowed: name, size; did you mean 'name'?"),
        ("seed: many\n", "run.yaml:1: seed: 'many' is not allowed; allowed: a whole number"),
        ("seed: true\n", "run.yaml:1: seed: true is not allowed; allowed: a whole number"),
        ("seed: 1\ninner: {size: [0, false]}\n", "run.yaml:2: inner.size.1: false is not allowed; "
         "allowed: a number"),
        ("seed: 1\n\tinner: {}\n", "run.yaml:2: is not valid YAML: found a tab character that "
         "violates indentation; indent with spaces"),
        ("seed: @1\n", "run.yaml:1: is not valid YAML: found character that cannot start any "
         "token; put text that begins with @, %, ` or a tab in quotes"),
        ("seed: 12:30\n", "run.yaml:1: seed: '12:30' is not allowed; allowed: a whole number"),
        ("seed: 1.50\n", "run.yaml:1: seed: 1.50 is not allowed; allowed: a whole number"),
        ("seed: 1\ninner: no\n", "run.yaml:2: inner: 'no' is not allowed; allowed: a mapping with "
         "the keys size, name"),
        ("seed: 1\ninner: {name: true}\n", "run.yaml:2: inner.name: true is not allowed; allowed: "
         'text; write "true" in quotes'),
        ("seed: 1\ninner: {size: [1, 2, 3]}\n", "run.yaml:2: inner.size: [1, 2, 3] is not allowed; "
         "allowed: a list of 2, each a number"),
        ("seed: 1\nparts: {}\n", "run.yaml:2: parts: {} is not allowed; allowed: a list, each a "
         "mapping with the keys size, name"),
        ("seed: 1\n---\nseed: 2\n", "run.yaml:2: holds a second document; remove the line of three "
         "dashes before it"),
        ("- 1\n- 2\n", "run.yaml:1: must be a mapping of keys to values"),
        ("", "run.yaml:1: must be a mapping of keys to values"),
        ("seed: &a 1\n", "run.yaml:1: anchors are not supported; write it out"),
        ("seed: [1\n", "run.yaml:2: is not valid YAML: expected ',' or ']'"),
        ("[a]: 1\n", "run.yaml:1: a key must be text"),
        ("seed: !!python/object:os.system 1\n", "run.yaml:1: tags such as "
         "'tag:yaml.org,2002:python/object:os.system' are not supported; remove it"),
        ("seed: 2020-99-99\n", "run.yaml:1: seed: '2020-99-99' is not allowed; allowed: a whole "
         "number"),
        ("seed: \0\n", "run.yaml:1: holds a character that is not text (U+0000)"),
    ],
)  # fmt: skip
def test_mistakes_are_named(tmp_path: Path, text: str, expected: str) -> None:
    assert message(tmp_path, text) == expected


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    assert "nested" in message(tmp_path, "seed: " + "[" * 5000 + "]" * 5000)
    assert "nested" in message(tmp_path, "seed: " + "[" * 60 + "]" * 60)


def test_files_that_are_not_text(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_bytes(b"seed: 1\nname: \xff\xfe\n")
    with pytest.raises(InputError, match=r"run.yaml:2: is not UTF-8 text"):
        load(Outer, path)
    with pytest.raises(InputError, match="cannot be read"):
        load(Outer, tmp_path)
    path.write_bytes(b" " * 9_000_000)
    with pytest.raises(InputError, match="larger than 8 MB"):
        load(Outer, path)


@LOADERS
@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(
            (word, word)
            for word in ("on", "off", "yes", "no", "y", "n", "0123", "010", "-07", "00")
        ),
        *(
            (word, word)
            for word in ("12:30", "1:2:3", "1_000", "2024-01-01", "2001-12-14T21:59:43")
        ),
        *(
            (word, word)
            for word in ("=", "<<", "0b1", "0o8", "1e", ".", "+1.e+", "tRUE", "9" * 500)
        ),
        *(("7", 7), ("-7", -7), ("+7", 7), ("0", 0), ("0o17", 15), ("0x1F", 31)),
        *(("1.50", 1.5), (".5", 0.5), ("1.", 1.0), ("1e3", 1000.0), ("-0.0", -0.0)),
        *((".inf", math.inf), ("-.Inf", -math.inf), ("~", None), ("", None), ("NULL", None)),
        *(("TRUE", True), ("False", False), ("'7'", "7"), ('"on"', "on"), ("!!str 7", "7")),
    ],
)
def test_words_are_read_as_yaml_1_2_reads_them(loader: Any, written: str, value: Any) -> None:
    """Numbers with leading zeros are words, too: a number field reads them as decimal."""
    found = parse_yaml(f"a: {written}\n", "t", loader)[0]["a"]
    assert type(found) in (type(value), *type(found).__subclasses__()) or isinstance(
        found, type(value)
    )
    assert found == value


def test_numbers_where_words_are_wanted_are_what_was_written() -> None:
    class Named(Strict):
        name: str
        count: int = 0

    for written in (
        "0123",
        "010",
        "12:30",
        "1_000",
        "7",
        "1.50",
        "0x1F",
        "1e3",
        "2024-01-01",
        "on",
    ):
        data, _ = parse_yaml(f"name: {written}\n", "t")
        assert Named.model_validate(data).name == written
    assert Named.model_validate(parse_yaml("name: x\ncount: 010\n", "t")[0]).count == 10
    again = pickle.loads(pickle.dumps(parse_yaml("a: [1.50, 0x1F]\n", "t")[0]))
    assert str(again["a"]) == "[1.50, 0x1F]"
    assert json.dumps(again["a"]) == "[1.5, 31]"


@LOADERS
def test_relation_words_stay_words(loader: Any) -> None:
    value, lines = parse_yaml("on: {yes: no}\nflag: true\n", "t", loader)
    assert value == {"on": {"yes": "no"}, "flag": True}
    assert lines[("on", "yes")] == 1
    assert lines[("flag",)] == 2


# YAML 1.1, which the library writes, ends lines at these.
KEYS = st.text(st.characters(exclude_characters="\x85\u2028\u2029", codec="utf-8"), max_size=4)
TREES = st.recursive(
    st.text("ab01:.-_~e#'\"\n é", max_size=6)
    | st.integers(-(10**9), 10**9)
    | st.booleans()
    | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60)
@given(TREES, st.booleans())
def test_both_loaders_read_what_was_meant(tree: Any, flow: bool) -> None:
    text = yaml.safe_dump(tree, default_flow_style=flow, allow_unicode=True)
    read = [parse_yaml(text, "t", loader) for loader in (yaml.SafeLoader, yaml.CSafeLoader)]
    assert read[0] == read[1]
    assert [value for value, _ in read] == [tree, tree]


@LOADERS
@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: [", "!!str [", "&a ["])
def test_hostile_files_are_refused_soon(loader: Any, opening: str) -> None:
    """The parser alone takes time that grows with the square of the depth."""
    began = time.process_time()
    for text in (opening * 100_000, opening * 100_000 + "]" * 100_000, f"a: {opening * 5000}"):
        with pytest.raises(InputError) as caught:
            parse_yaml(text, "t", loader)
        assert len(str(caught.value)) < 300
    assert time.process_time() - began < 30


def test_a_file_of_too_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_yaml, "MAX_VALUES", 100)
    with pytest.raises(InputError, match="t:51: holds more than 100 values"):
        parse_yaml("- [a]\n" * 100, "t")


def test_errors_survive_a_trip_between_processes() -> None:
    error = InputError("a:1", "is bad", allowed="good", todo="fix it")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is InputError
    assert str(again) == "a:1: is bad; allowed: good; fix it"
    assert isinstance(again, RefMatteError)
