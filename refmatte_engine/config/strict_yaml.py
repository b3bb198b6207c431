"""Strict YAML 1.2: text keys, no duplicates, no anchors, errors with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from refmatte_engine.config.mistakes import explain, truth_for_number
from refmatte_engine.errors import InputError

MAX_BYTES = 8_000_000
MAX_DEPTH = 40
MAX_VALUES = 1_000_000

Lines = dict[tuple[str | int, ...], int]

# The core schema of YAML 1.2; anything else is text. Whole numbers with leading zeros are text as
# well: people write them for what they look like (0123), and YAML 1.1 read them as octal.
_CONSTANTS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,399})|0o[0-7]{1,99}|0x[0-9a-fA-F]{1,99}")
_DECIMAL = re.compile(
    r"[-+]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?(?:0|[1-9][0-9]*)[eE][-+]?[0-9]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)
# What to do about the commonest of the parser's complaints.
_CURES = {
    "tab": "indent with spaces",
    "cannot start any token": "put text that begins with @, %, ` or a tab in quotes",
    "mapping values are not allowed": "put text with a colon in quotes",
    "unexpected end of stream": "a quote is opened and not closed",
}
_HALF = re.compile("[\ud800-\udfff]")
# libyaml is ten times as fast and reads the same; not every build of PyYAML has it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = yaml.reader.Reader.NON_PRINTABLE


class Strict(BaseModel):
    """Base of every model of a file that people write: unknown keys are errors, instances are
    frozen.

    A number where text is expected is the text as written.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True
    )


class _Whole(int):
    """A whole number that prints as it was written."""

    written = ""

    def __repr__(self) -> str:
        return self.written or int.__repr__(self)

    __str__ = __repr__


class _Decimal(float):
    """A number that prints as it was written."""

    written = ""

    def __repr__(self) -> str:
        return self.written or float.__repr__(self)

    __str__ = __repr__


def read_text(path: Path) -> str:
    """The file's text (UTF-8, bounded). InputError if it is missing, too large or not text."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror or error}") from None
    if len(raw) > MAX_BYTES:
        raise InputError(path, f"is larger than {MAX_BYTES // 1_000_000} MB")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}", "is not UTF-8 text", todo="save it as UTF-8") from None


def read_yaml(path: Path) -> tuple[Any, Lines]:
    """The document in `path`, and the line (1-based) of every key and item by its key path.

    InputError (file:line) for bad syntax, duplicate or non-text keys, anchors, tags, deep nesting.
    """
    return parse_yaml(read_text(path), path)


def parse_yaml(text: str, where: object, loader: Any = _LOADER) -> tuple[Any, Lines]:
    """`read_yaml` for text already read; `where` names it in errors."""
    if wrong := _UNPRINTABLE.search(text):
        line = text.count("\n", 0, wrong.start()) + 1
        code = f"U+{ord(wrong.group()):04X}"
        raise InputError(f"{where}:{line}", f"holds a character that is not text ({code})")
    lines: Lines = {(): 1}
    events: Iterator[Any] = yaml.parse(text, Loader=loader)
    try:
        next(events)
        if isinstance(next(events), yaml.StreamEndEvent):
            return None, lines
        value = _value(events, next(events), (), lines, where)
        next(events)
        if not isinstance(after := next(events), yaml.StreamEndEvent):
            problem = "holds a second document"
            raise _at(where, after, problem, todo="remove the line of three dashes before it")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{where}:{mark.line + 1}" if mark else where
        said = (error.problem or error.context or "").replace("did not find expected", "expected")
        todo = next((cure for sign, cure in _CURES.items() if sign in said), "")
        raise InputError(at, f"is not valid YAML: {said}", todo=todo) from None
    except yaml.YAMLError as error:
        raise InputError(where, f"is not valid YAML: {error}") from None
    return value, lines


def _value(
    events: Iterator[Any], event: Any, key: tuple[str | int, ...], lines: Lines, where: object
) -> Any:
    """The value that begins with `event`. Built from the parser's events, so that deep nesting is
    refused as soon as it is too deep: the parser takes quadratic time over the rest."""
    _no_anchor(event, where)
    if len(key) > MAX_DEPTH:
        raise _at(where, event, f"is nested more than {MAX_DEPTH} levels deep")
    if len(lines) > MAX_VALUES:
        raise _at(where, event, f"holds more than {MAX_VALUES} values", todo="use several files")
    if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
        raise _at(where, event, f"tags such as {event.tag!r} are not supported", todo="remove it")
    lines.setdefault(key, _line(event))
    if isinstance(event, yaml.SequenceStartEvent):
        items: list[Any] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(_value(events, event, (*key, len(items)), lines, where))
        return items
    if isinstance(event, yaml.MappingStartEvent):
        result: dict[str, Any] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            _no_anchor(event, where)
            if not isinstance(event, yaml.ScalarEvent):
                raise _at(where, event, "a key must be text")
            name = event.value
            if name in result:
                problem = f"the key {name!r} appears twice"
                raise _at(where, event, problem, todo="remove one of them")
            lines[(*key, name)] = _line(event)
            result[name] = _value(events, next(events), (*key, name), lines, where)
        return result
    if _HALF.search(event.value):  # "\\ud83e\\udd8a", as JSON spells what is beyond 16 bits
        raise _at(where, event, "holds half a character", todo="write the character itself")
    return _scalar(event.value) if event.implicit[0] else event.value


def _scalar(text: str) -> Any:
    """What an unquoted word means.

    >>> [_scalar(word) for word in ("7", "0x1F", "1.50", "0123", "12:30", "1_000", "on", "~")]
    [7, 0x1F, 1.50, '0123', '12:30', '1_000', 'on', None]
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    number: _Whole | _Decimal
    if _WHOLE.fullmatch(text):
        number = _Whole(text, 0)
    elif _DECIMAL.fullmatch(text):
        number = _Decimal(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    else:
        return text
    number.written = text
    return number


def _no_anchor(event: Any, where: object) -> None:
    if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
        raise _at(where, event, "anchors are not supported", todo="write it out")


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _at(where: object, event: Any, problem: str, *, todo: str = "") -> InputError:
    return InputError(f"{where}:{_line(event)}", problem, todo=todo)


Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], data: Any, where: object, lines: Lines | None = None) -> Model:
    """`data` checked against `model`. InputError names file:line, the key, and what is allowed."""
    try:
        made = model.model_validate(data)
    except ValidationError as error:
        raise explain(error, data, where, lines, model) from None
    if (mistake := truth_for_number(data, where, lines, model)) is not None:
        raise mistake
    return made


def read_mapping(path: Path) -> tuple[dict[str, Any], Lines]:
    """`read_yaml` of a file that must be a mapping. InputError if it is not."""
    data, lines = read_yaml(path)
    if not isinstance(data, dict):
        raise InputError(f"{path}:1", "must be a mapping of keys to values")
    return data, lines


def load(model: type[Model], path: Path) -> Model:
    """The YAML file at `path` as a `model`. InputError as in `read_yaml` and `parse`."""
    data, lines = read_mapping(path)
    return parse(model, data, path, lines)
