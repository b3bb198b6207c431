"""What a person writes is read strictly, and every mistake is named where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from refmatte_engine.config import Strict, load, parse_yaml
from refmatte_engine.errors import InputError, RefMatteError


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
        ("seed: 1\nseed: 2\n", "run.yaml:2: the key 'seed' stands twice; remove one of them"),
        ("inner: {}\n", "run.yaml:1: the key 'seed' is missing"),
        ("seed: 1\ninner:\n  sise: [0, 1]\n", "run.yaml:3: unknown key 'inner.sise'; allowed: "
         "name, size; did you mean 'size'?"),
        ("seed: 1\nparts:\n  - name: a\n  - nam: b\n", "run.yaml:4: unknown key 'parts.1.nam'; "
         "allowed: name, size; did you mean 'name'?"),
        ("seed: many\n", "run.yaml:1: seed: 'many' is not allowed: input should be a valid "
         "integer, unable to parse string as an integer"),
        ("- 1\n- 2\n", "run.yaml:1: must be a mapping of keys to values"),
        ("", "run.yaml:1: must be a mapping of keys to values"),
        ("seed: &a 1\n", "run.yaml:1: anchors are not supported; write it out"),
        ("seed: [1\n", "run.yaml:2: is not valid YAML: expected ',' or ']', but got "
         "'<stream end>'"),
        ("[a]: 1\n", "run.yaml:1: a key must be text"),
        ("seed: !!python/object:os.system 1\n", "run.yaml:1: is not valid YAML: could not "
         "determine a constructor for the tag 'tag:yaml.org,2002:python/object:os.system'"),
        ("seed: 2020-99-99\n", "run.yaml:1: cannot be read: month must be in 1..12"),
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


def test_relation_words_stay_words() -> None:
    value, lines = parse_yaml("on: {yes: no}\nflag: true\n", "t")
    assert value == {"on": {"yes": "no"}, "flag": True}
    assert lines[("on", "yes")] == 1
    assert lines[("flag",)] == 2


def test_errors_survive_a_trip_between_processes() -> None:
    import pickle

    error = InputError("a:1", "is bad", allowed="good", todo="fix it")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is InputError
    assert str(again) == "a:1: is bad; allowed: good; fix it"
    assert isinstance(again, RefMatteError)
