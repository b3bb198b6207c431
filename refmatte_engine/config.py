"""YAML as people write it: text keys, no duplicates, no anchors, and errors with file and line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from refmatte_engine.errors import InputError, listed, nearest

MAX_BYTES = 8_000_000
MAX_DEPTH = 40

Lines = dict[tuple[str | int, ...], int]


class Strict(BaseModel):
    """Base of everything a person writes: an unknown key is an error, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's booleans only: `on`, `off`, `yes` and `no` are words."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in found if tag != "tag:yaml.org,2002:bool"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|false|False)$"), list("tTfF")
)
_Loader.add_constructor("tag:yaml.org,2002:bool", lambda loader, node: node.value.lower() == "true")


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
    """The document in `path` and the line (1-based) of every key and item, by its key path.

    InputError (file:line) for bad syntax, duplicate or non-text keys, anchors, deep nesting.
    """
    return parse_yaml(read_text(path), path)


def parse_yaml(text: str, where: object) -> tuple[Any, Lines]:
    """`read_yaml` for text already at hand; `where` names it in errors."""
    lines: Lines = {(): 1}
    try:
        loader = _Loader(text)
        for token in yaml.scan(text, Loader=_Loader):
            if isinstance(token, (yaml.AnchorToken, yaml.AliasToken)):
                line = token.start_mark.line + 1
                raise InputError(
                    f"{where}:{line}", "anchors are not supported", todo="write it out"
                )
        node = loader.get_single_node()
        value = None if node is None else _value(loader, node, (), lines, where)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f"{where}:{mark.line + 1}" if mark else where
        raise InputError(at, f"is not valid YAML: {error.problem or error.context}") from None
    except yaml.YAMLError as error:
        raise InputError(where, f"is not valid YAML: {error}") from None
    except RecursionError:
        raise InputError(where, "is nested too deeply") from None
    return value, lines


def _value(
    loader: _Loader, node: yaml.Node, key: tuple[str | int, ...], lines: Lines, where: object
) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(key, line)
    if len(key) > MAX_DEPTH:
        raise InputError(f"{where}:{line}", f"is nested more than {MAX_DEPTH} levels deep")
    if isinstance(node, yaml.SequenceNode):
        return [_value(loader, item, (*key, i), lines, where) for i, item in enumerate(node.value)]
    if isinstance(node, yaml.MappingNode):
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            at = f"{where}:{key_node.start_mark.line + 1}"
            if not isinstance(key_node, yaml.ScalarNode):
                raise InputError(at, "a key must be text")
            name = key_node.value
            if name in result:
                raise InputError(at, f"the key {name!r} stands twice", todo="remove one of them")
            lines[(*key, name)] = key_node.start_mark.line + 1
            result[name] = _value(loader, value_node, (*key, name), lines, where)
        return result
    try:
        return loader.construct_object(node, deep=True)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{where}:{line}", f"cannot be read: {error}") from None


Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], data: Any, where: object, lines: Lines | None = None) -> Model:
    """`data` checked against `model`. InputError names file:line, the key, and what is allowed."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise explain(error, data, where, lines, model) from None


def read_mapping(path: Path) -> tuple[dict[str, Any], Lines]:
    """`read_yaml` of a file that has to hold keys and values. InputError if it does not."""
    data, lines = read_yaml(path)
    if not isinstance(data, dict):
        raise InputError(f"{path}:1", "must be a mapping of keys to values")
    return data, lines


def load(model: type[Model], path: Path) -> Model:
    """The YAML file at `path` as a `model`. InputError as in `read_yaml` and `parse`."""
    data, lines = read_mapping(path)
    return parse(model, data, path, lines)


def explain(
    error: ValidationError, data: Any, where: object, lines: Lines | None, model: type[BaseModel]
) -> InputError:
    """The first of pydantic's complaints, as ours: where, value, allowed, nearest name."""
    first, *more = error.errors()
    # pydantic adds the names of union branches to the path; keep what stands in the data.
    key: tuple[str | int, ...] = ()
    here: Any = data
    for step in first["loc"]:
        if isinstance(here, dict) and step in here:
            here = here[str(step)]
        elif isinstance(here, list) and isinstance(step, int) and step < len(here):
            here = here[step]
        elif first["type"] == "missing" and step == first["loc"][-1]:
            pass
        else:
            continue
        key = (*key, step)
    line = None
    if lines is not None:
        known = next((key[:n] for n in range(len(key), -1, -1) if key[:n] in lines), ())
        line = lines.get(known)
    at = f"{where}:{line}" if line is not None else f"{where}"
    name = ".".join(str(step) for step in key)
    also = f" (and {len(more)} more)" if more else ""
    if first["type"] == "extra_forbidden":
        fields = sorted(_fields_at(model, first["loc"][:-1]))
        hint = nearest(first["loc"][-1], fields)
        return InputError(at, f"unknown key {name!r}{also}", allowed=listed(fields, 20), todo=hint)
    if first["type"] == "missing":
        return InputError(at, f"the key {name!r} is missing{also}")
    message = first["msg"].removeprefix("Value error, ")
    value = first["input"]
    shown = repr(value) if isinstance(value, (str, int, float, bool, type(None))) else "this value"
    if len(shown) > 60:
        shown = shown[:57] + "..."
    if not name:  # said of the whole, which names what it means
        return InputError(at, f"{message}{also}")
    return InputError(
        at, f"{name}: {shown} is not allowed: {message[0].lower()}{message[1:]}{also}"
    )


def _fields_at(model: type[BaseModel], loc: tuple[str | int, ...]) -> set[str]:
    """The keys allowed where `loc` points, as far as nested models and lists of them go."""
    found: list[Any] = [model]
    for step in loc:
        following: list[Any] = []
        for kind in found:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                if step in kind.model_fields:
                    following += _models_in(kind.model_fields[str(step)].annotation)
            else:
                following.append(kind)
        found = following or found
    return {
        name
        for kind in found
        if isinstance(kind, type) and issubclass(kind, BaseModel)
        for name in kind.model_fields
    }


def _models_in(annotation: Any) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for part in getattr(annotation, "__args__", ()) for m in _models_in(part)]
