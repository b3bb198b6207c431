"""Mistakes in data that a person wrote, in that person's words: where, value, what is allowed.

The validator's own messages name Python types and are never shown. What is allowed comes from the
model's JSON schema; only a model's own checks (ValueError) speak for themselves.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

from refmatte_engine.errors import InputError, listed, nearest

Lines = Mapping[tuple[str | int, ...], int]
Schema = dict[str, Any]
Key = tuple[str | int, ...]

# What the patterns of the models mean; a test finds those that are missing here.
PATTERNS = {
    r"^[a-z0-9][a-z0-9_-]{0,40}$": "a name of at most 41 small letters, digits, - and _",
    r"^[1-9][0-9]?:[1-9][0-9]?$": "width to height, as 3:2",
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$": "a name of letters, digits, ., - and _",
    r"^#[0-9a-fA-F]{6}$": "a colour such as #ff8800",
}


def explain(
    error: ValidationError, data: Any, where: object, lines: Lines | None, model: type[BaseModel]
) -> InputError:
    """The first mistake, and how many more there are."""
    first, *more = explained(error, data, where, lines, model)
    also = f" (and {len(more)} more)" if more else ""
    return InputError(first.where, first.problem + also, allowed=first.allowed, todo=first.todo)


def explained(
    error: ValidationError, data: Any, where: object, lines: Lines | None, model: type[BaseModel]
) -> list[InputError]:
    """Every mistake in `data`, one per place: file:line, key, value, what is allowed. Missing keys
    come last, since a misspelt key may be the missing one.

    `lines` gives the line of each key path; without it, `where` alone says where.
    """
    schema = _schema(model)
    found: dict[Key, InputError] = {}
    for one in sorted(error.errors(), key=lambda one: one["type"] == "missing"):
        key, value = _place(one["loc"], data, one["type"])
        if key in found:
            continue
        found[key] = _said(dict(one), _where(where, lines, key), key, value, schema)
    return list(found.values())


def truth_for_number(
    data: Any, where: object, lines: Lines | None, model: type[BaseModel]
) -> InputError | None:
    """The mistake of writing true or false for a number, which the validator accepts as 1 and 0:
    its first occurrence, or None."""
    for key, value in _truths(data, ()):
        kinds = {part.get("type") for part in _at(_schema(model), key)}
        if kinds and kinds <= {"integer", "number"}:
            name, allowed = ".".join(map(str, key)), _allowed(_schema(model), key)
            problem = f"{name}: {shown(value)} is not allowed"
            return InputError(_where(where, lines, key), problem, allowed=allowed)
    return None


def _truths(data: Any, key: Key) -> Iterator[tuple[Key, bool]]:
    if isinstance(data, bool):
        yield key, data
    elif isinstance(data, dict | list):
        for step, value in data.items() if isinstance(data, dict) else enumerate(data):
            if isinstance(value, bool | dict | list):
                yield from _truths(value, (*key, step))


def _where(where: object, lines: Lines | None, key: Key) -> str:
    """file:line of a key, or of the nearest one above it whose line is known."""
    for end in range(len(key), -1, -1):
        if lines is not None and key[:end] in lines:
            return f"{where}:{lines[key[:end]]}"
    return f"{where}"


def _said(one: dict[str, Any], at: str, key: Key, value: Any, schema: Schema) -> InputError:
    name = ".".join(str(step) for step in key)
    if one["type"] == "extra_forbidden":
        keys = sorted({k for part in _at(schema, key[:-1]) for k in part.get("properties", ())})
        hint = nearest(key[-1], keys)
        return InputError(at, f"unknown key {name!r}", allowed=listed(keys, 20), todo=hint)
    if one["type"] == "missing":
        return InputError(at, f"the key {name!r} is missing", allowed=_allowed(schema, key))
    if one["loc"][-1:] == ("[key]",):
        allowed = by_limits(one.get("ctx", {})) or _names(schema, key[:-1])
        todo = nearest(key[-1], allowed.split(", "))
        return InputError(at, f"the key {name!r} is not allowed", allowed=allowed, todo=todo)
    if one["type"] in ("value_error", "assertion_error"):
        message = str(one["ctx"]["error"])
        said = f"{name}: {shown(value)} is not allowed: {message}" if name else message
        return InputError(at, said)
    # Where a text is short for more, it is the text that is wrong.
    is_length = one["type"] in ("string_too_long", "string_too_short")
    allowed = by_limits(one["ctx"]) if is_length else _allowed(schema, key)
    if not name:
        return InputError(at, f"must be {allowed or 'something else'}, not {shown(value)}")
    words = [w for part in _at(schema, key) for w in part.get("enum", ())]
    todo = nearest(value, words) if isinstance(value, str) else ""
    if isinstance(value, bool) and "text" in allowed:
        todo = f'write "{shown(value)}" in quotes'
    return InputError(at, f"{name}: {shown(value)} is not allowed", allowed=allowed, todo=todo)


def _place(loc: Key, data: Any, kind: str) -> tuple[Key, Any]:
    """The key path of a mistake as it is in the data, and the value there.

    The validator adds the names of a union's branches to the path. If those branches are scalars,
    the place is the whole union, and all its branches are described together.
    """
    key: Key = ()
    here = data
    for number, step in enumerate(loc):
        if _holds(here, step):
            here = here[step]
        elif step == "[key]":
            return key, key[-1]
        elif kind != "missing" or number < len(loc) - 1:  # a branch of a union
            if not isinstance(here, dict):
                return key, here
            continue
        key = (*key, step)
    return key, here


def _holds(value: Any, step: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(step, int) and step < len(value)
    return isinstance(value, dict) and step in value


def shown(value: Any) -> str:
    """A value as one would write it in YAML, shortened to a line.

    >>> shown(True), shown(None), shown([1, "a"]), shown("x" * 99)[:9]
    ('true', 'null', '[1, "a"]', "'xxxxxxxx")
    """
    if isinstance(value, (dict, list)):
        try:
            text = json.dumps(value, ensure_ascii=False, default=str)
        except (RecursionError, TypeError, ValueError):
            text = ""
        if not 0 < len(text) <= 60:
            return f"a mapping of {len(value)}" if isinstance(value, dict) else "a long list"
        return text
    text = json.dumps(value) if value is None or isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


@cache
def _schema(model: type[BaseModel]) -> Schema:
    try:
        return model.model_json_schema()
    except (PydanticInvalidForJsonSchema, PydanticUserError):
        return {}


def _allowed(schema: Schema, key: Key) -> str:
    ways = [described(part, schema) for part in _at(schema, key)]
    return " or ".join(dict.fromkeys(filter(None, ways)))


def _at(schema: Schema, key: Key) -> list[Schema]:
    """The parts of the schema at a key path."""
    found = [schema]
    for step in key:
        found = [inner for part in found for inner in _within(part, step, schema)]
    return [way for part in found for way in _ways(part, schema)]


def _within(part: Schema, step: str | int, schema: Schema) -> Iterator[Schema]:
    for way in _ways(part, schema):
        if isinstance(step, int) and step < len(way.get("prefixItems", ())):
            yield way["prefixItems"][step]
        elif isinstance(step, int):
            if isinstance(way.get("items"), dict):
                yield way["items"]
        elif step in way.get("properties", {}):
            yield way["properties"][step]
        elif isinstance(way.get("additionalProperties"), dict):
            yield way["additionalProperties"]
        else:
            yield from way.get("patternProperties", {}).values()


def _ways(part: Schema, schema: Schema) -> Iterator[Schema]:
    """The schema with references resolved; a union is split into its branches unless it has a
    description of its own."""
    while "$ref" in part:
        name = part["$ref"].removeprefix("#/$defs/")
        part = {**schema["$defs"][name], **{k: v for k, v in part.items() if k != "$ref"}}
    branches = [b for b in part.get("anyOf", ()) if b.get("type") != "null"]
    if branches and "allowed" not in part:
        for branch in branches:
            yield from _ways(branch, schema)
    else:
        yield part


def described(part: Schema, schema: Schema) -> str:
    """What a JSON schema allows, in plain words.

    >>> described({"type": "integer", "minimum": 1, "maximum": 9}, {})
    'a whole number from 1 to 9'
    >>> described({"type": "array", "prefixItems": [{"type": "number"}, {"type": "number"}]}, {})
    'a list of 2, each a number'
    """
    ways = list(_ways(part, schema))
    if len(ways) != 1:
        return " or ".join(dict.fromkeys(described(way, schema) for way in ways))
    (way,) = ways
    if "enum" in way or "const" in way:
        return listed(way.get("enum", [way.get("const")]), 30)
    kind = way.get("type")
    if "allowed" in way:  # said by the model itself
        return str(way["allowed"])
    if kind in ("integer", "number"):
        what = "a whole number" if kind == "integer" else "a number"
        return f"{what}{_range(way)}"
    if kind == "string":
        if "pattern" in way:
            return PATTERNS.get(way["pattern"], f"text that fits {way['pattern']}")
        return "text" + (f" of at most {way['maxLength']} letters" if "maxLength" in way else "")
    if kind == "array":
        return _list(way, schema)
    if kind == "object":
        return _mapping(way, schema)
    return {"boolean": "true or false", "null": "null"}.get(str(kind), "")


def _list(way: Schema, schema: Schema) -> str:
    items = [described(item, schema) for item in way.get("prefixItems", ())]
    if items and len(set(items)) == 1:
        return f"a list of {len(items)}, each {items[0]}"
    if items:
        return f"a list of {len(items)}: {'; '.join(items)}"
    least, each = way.get("minItems"), described(way.get("items", {}), schema)
    what = f"a list of at least {least}" if least else "a list"
    return f"{what}, each {each}" if each else what


def _mapping(way: Schema, schema: Schema) -> str:
    if "example" in way:
        return f"a mapping such as {way['example']}"
    if "properties" in way:
        return f"a mapping with the keys {listed(way['properties'], 8)}"
    values = way.get("additionalProperties")
    each = described(values, schema) if isinstance(values, dict) else ""
    what = "a mapping with at least one key" if way.get("minProperties") else "a mapping"
    names = way.get("propertyNames", {}).get("enum")
    what = f"{what} of {listed(names)}" if names else f"{what} of names"
    return f"{what}, each to {each}" if each else what


def _range(way: Schema) -> str:
    low, high = way.get("minimum"), way.get("maximum")
    above, below = way.get("exclusiveMinimum"), way.get("exclusiveMaximum")
    if low is not None and high is not None:
        return f" from {low:g} to {_exact(high)}"
    parts = [
        f"{word} {_exact(limit)}"
        for word, limit in (("of at least", low), ("above", above), ("of at most", high))
        if limit is not None
    ]
    parts += [] if below is None else [f"below {_exact(below)}"]
    return f" {' and '.join(parts)}" if parts else ""


def _exact(number: float) -> str:
    return f"{number}" if isinstance(number, int) else f"{number:g}"


def _names(schema: Schema, key: Key) -> str:
    """What the keys of a mapping may be, in plain words."""
    for part in _at(schema, key):
        if "propertyNames" in part:
            return described(part["propertyNames"], schema)
        for pattern in part.get("patternProperties", ()):
            return PATTERNS.get(pattern, f"text that fits {pattern}")
    return "a name"


def by_limits(context: Mapping[str, Any]) -> str:
    """What the limits in a validation error allow, where the schema does not say: for keys, for
    texts that stand for more, and for options."""
    if "max_length" in context:
        return f"text of at most {context['max_length']} letters"
    if "min_length" in context:
        return "text, not empty"
    names = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
    limits = {names[name]: limit for name, limit in context.items() if name in names}
    return f"a number{_range(limits)}" if limits else ""
