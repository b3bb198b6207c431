"""Messages about what a person wrote are in that person's words, whatever is wrong."""

from __future__ import annotations

import importlib
import re
from functools import cache
from importlib.util import find_spec
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, ValidationError
from pydantic_core import InitErrorDetails
from pydantic_core._pydantic_core import list_all_errors

from refmatte_engine.config import mistakes, strict_yaml
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.errors import InputError
from tests.support.modules import ENGINE

# What no message may say, in any case: names of Python, of its types, and of the validator.
JARGON = re.compile(
    r"(?i:dict|tuple|instance|frozen|iterable|\bset\b|\bstr\b|\bint\b|\bfloat\b|\bbool\b|"
    r"pydantic|python|model|type=|typed|input|parse|class|callable|literal|\^|\[a-z)|None|True|False"
)
ODD: list[Any] = [
    *(None, True, False, -1, 0, 7, 10**30, 1.5, float("nan"), float("inf"), -2.5),
    *("", " ", "no such word", "x" * 5000, "\n", [], [1], ["a", 2, None], [[[]]]),
    *({}, {"a": 1}, {"type": []}, {"": {}}, {"-1": -1}, {"a": {"b": {"c": [1]}}}, {"z/": 1}),
]


@cache
def models() -> list[type[Strict]]:
    """Every model of what a person writes."""
    for name in ENGINE:
        if ".cli" not in name:
            importlib.import_module(name)
    if find_spec("torch"):
        for name in ("clipmat.config", "training.recipe", "label_proposals"):
            importlib.import_module(f"refmatte_baselines.{name}")
    found, todo = set(), [Strict]
    while todo:
        todo += (more := todo.pop().__subclasses__())
        found |= {m for m in more if m.__module__.startswith("refmatte_")}
    return sorted(found, key=lambda model: (model.__module__, model.__qualname__))


def plain(model: type[Strict], data: Any) -> str:
    """The message about the data, checked; empty if there is nothing wrong with it."""
    try:
        strict_yaml.parse(model, data, "file.yaml")
    except InputError as error:
        said = str(error)
    else:
        return ""
    # What was written is quoted, and keys and words to choose from are listed, as they are.
    own = re.sub(r"'[^']*'|\"[^\"]*\"", "", said)
    assert not JARGON.search(listed_words(model).sub("", own)), f"{model.__name__}: {said}"
    assert len(said.splitlines()) == 1
    assert len(said) < 1200, said
    return said


@cache
def listed_words(model: type[Strict]) -> re.Pattern[str]:
    """The keys and words that a model allows, which may be listed in a message."""
    found: set[str] = set()
    todo: list[Any] = [model.model_json_schema()]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            found |= {*part.get("properties", ()), *map(str, part.get("enum", ()))}
            found |= {str(part["const"])} if "const" in part else set()
            todo += part.values()
        elif isinstance(part, list):
            todo += part
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, found))})\b")


def test_every_model_speaks_plainly() -> None:
    wrong = 0
    for model in models():
        for odd in ODD:
            wrong += bool(plain(model, odd))
        for name in model.model_fields:
            for odd in ODD:
                for given in (odd, [odd, 1], {"x": odd}, [{"x": odd}]):
                    wrong += bool(plain(model, {name: given}))
    assert len(models()) > 15
    assert wrong > 3000


def test_every_pattern_has_words() -> None:
    for model in models():
        for pattern in re.findall(r"['\"]pattern['\"]: '([^']+)'", str(model.model_json_schema())):
            assert pattern in mistakes.PATTERNS, f"{model.__name__}: {pattern}"


class Odd(Strict):
    """A model with fields of every sort that can be written."""

    whole: Annotated[int, Field(ge=1, le=9)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    word: Literal["left", "right"] = "left"
    size: Literal["all"] | tuple[int, int] | None = None
    names: dict[Literal["a", "b"], int] = {}
    counts: dict[Annotated[int, Field(ge=1, le=6)], int] = {}
    flags: Annotated[list[bool], Field(min_length=1)] = [True]


def test_no_message_of_the_validator_is_shown() -> None:
    """Whatever complaint it knows, also those that none of our models makes today."""
    seen = 0
    for known in list_all_errors():
        details = InitErrorDetails(type=known["type"], loc=("whole",), input=0)
        if known["example_context"] is not None:
            details["ctx"] = known["example_context"]
        if known["type"] in ("value_error", "assertion_error"):
            details["ctx"] = {"error": ValueError("it must be odd")}
        error = ValidationError.from_exception_data("Odd", [details])
        said = str(mistakes.explain(error, {"whole": 0}, "f", None, Odd))
        assert not JARGON.search(said), f"{known['type']}: {said}"
        seen += 1
    assert seen > 90


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"whole": 12}, "whole: 12 is not allowed; allowed: a whole number from 1 to 9"),
        ({"share": 0}, "share: 0 is not allowed; allowed: a number above 0 and below 1"),
        ({"share": float("inf")}, "share: inf is not allowed; allowed: a number above 0 and below"),
        ({"word": "up"}, "word: 'up' is not allowed; allowed: left, right"),
        ({"size": 512}, "size: 512 is not allowed; allowed: all or a list of 2, each a whole"),
        ({"size": [1, 2, 3]}, "size: [1, 2, 3] is not allowed; allowed: all or a list of 2, each"),
        ({"size": ["a", 2]}, 'size: ["a", 2] is not allowed; allowed: all or a list of 2, each a'),
        ({"names": {"c": 1}}, "the key 'names.c' is not allowed; allowed: a, b"),
        ({"names": []}, "names: [] is not allowed; allowed: a mapping of a, b, each to a whole"),
        ({"counts": {"9": 1}}, "the key 'counts.9' is not allowed; allowed: a number of at most 6"),
        ({"flags": []}, "flags: [] is not allowed; allowed: a list of at least 1, each true or"),
        ({"flags": [3]}, "flags.0: 3 is not allowed; allowed: true or false"),
        ({"wrod": 1, "whole": "x"}, "whole: 'x' is not allowed (and 1 more); "
         "allowed: a whole number from 1 to 9"),
        (7, "must be a mapping with the keys whole, share, word, size, names, counts, flags, not"),
    ],
)  # fmt: skip
def test_a_union_names_all_that_is_allowed(data: Any, said: str) -> None:
    assert plain(Odd, data).removeprefix("file.yaml: ").startswith(said)
