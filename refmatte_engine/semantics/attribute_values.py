"""The attributes that labels may give, their words, and the spellings people use for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from refmatte_engine.errors import listed, nearest
from refmatte_engine.semantics import colors

BOOLEAN = ("true", "false")
_TRUE, _FALSE = ("true", "yes", "on", "y", "1"), ("false", "no", "off", "n", "0")
_NAMES = {"colour": "color", "hair_colour": "hair_color", "facial_hair_colour": "facial_hair_color"}
_BLANKS = re.compile(r"[^\S\r\n]+")  # also those that do not break a line
_SPELT = {"grey": "gray", "dark grey": "dark gray", "light grey": "light gray"}


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


_HAIR_COLORS = _words("black brown blond red gray white")
# What the bundled templates and packs know. An empty tuple stands for the words for colours.
WORDS: dict[str, tuple[str, ...]] = {
    "age": _words("child adult senior"),
    "clothes": _words(
        "sweater shirt t-shirt blouse dress coat jacket denim_jacket hoodie suit vest skirt "
        "trousers jeans shorts hat cap beanie scarf glasses sunglasses backpack shoes belt"
    ),
    "color": (),
    "facial_hair": _words("beard mustache"),
    "facial_hair_color": _HAIR_COLORS,
    "facing": _words("left right front back"),
    "gender": _words("female male"),
    "hair": _words("long short curly wavy straight bun pigtails bob ponytail braids bald"),
    "hair_color": _HAIR_COLORS,
    "material": _words(
        "cake ceramic clay fabric feather felt fruit fur glass knitted leather metal paper plant "
        "plastic plush rubber smoke soap stone wax wicker wood wool"
    ),
    "pattern": _words("plain striped dotted checkered floral spotted mixed"),
    "salient": BOOLEAN,
    "transparent": BOOLEAN,
}

FREE = frozenset({"contents"})  # any word will do: no sentence says it, but it keeps colours unsaid


def normal(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A label's attributes with names and words spelt as in `WORDS`: lower case, `gray`, true for
    `yes`. Unknown ones are kept as they are; names without a value are dropped.

    ValueError if a name then appears twice.

    >>> normal({"Color": "Grey", "transparent": "yes", "brand": "Acme"})
    {'color': 'gray', 'transparent': 'true', 'brand': 'Acme'}
    """
    found: dict[str, Any] = {}
    for written, value in attributes.items():
        if value is None:
            continue
        name = _name(written)
        if name in found:
            raise ValueError(f"{name!r} appears twice")
        if isinstance(value, list):
            found[name] = [_normal(name, item) for item in value]
        else:
            found[name] = _normal(name, value)
    return found


def _name(written: str) -> str:
    name = "_".join(written.lower().replace("-", " ").split())
    name = _NAMES.get(name, name)
    return name if name in WORDS or name in FREE else written


def _normal(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        if "value" in value:
            return {**value, "value": _normal(name, value["value"])}
        rest = normal({key: item for key, item in value.items() if key != "type"})
        return {"type": _normal(name, value["type"]), **rest} if "type" in value else rest
    if name not in WORDS or not isinstance(value, (str, int)):
        return value
    word = _BLANKS.sub(" ", str(value)).strip().lower()
    if WORDS[name] == BOOLEAN:
        return "true" if word in _TRUE else "false" if word in _FALSE else word
    return _SPELT.get(word, word) if isinstance(value, str) else value


def doubts(labels: Iterable[tuple[str, Mapping[str, Any]]]) -> Iterator[tuple[str, str]]:
    """Doubts about normalised attributes, given as (where, attributes): one (where, message) per
    attribute, at its first occurrence."""
    odd: dict[str, Counter[str]] = {}
    first: dict[str, str] = {}
    for where, attributes in labels:
        for name, value in _pairs(attributes):
            if name in FREE:
                continue
            if name not in WORDS or value not in _known(name):
                odd.setdefault(name, Counter())[value] += 1
                first.setdefault(name, where)
    for name, values in sorted(odd.items()):
        if name not in WORDS:
            hint = nearest(name, WORDS) or f"the attributes that they use: {listed(WORDS, 20)}"
            yield first[name], f"no bundled template uses the attribute {name!r}; {hint}"
        else:
            said = listed((f"{value!r} ({count}×)" for value, count in values.most_common()), 6)
            hint = nearest(next(iter(values)), _known(name), alike=0.7)  # "print" is not plain
            known = hint or f"known words: {listed(_known(name), 12)}"
            yield (
                first[name],
                f"{name} has values that the engine does not know: {said}; {known}",
            )


def _known(name: str) -> tuple[str, ...]:
    if WORDS[name]:
        return WORDS[name]
    plain = tuple(colors.palette().terms)
    return (*plain, *(f"{shade} {word}" for shade in ("dark", "light") for word in plain))


def _pairs(attributes: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each name with each of its words, parts included."""
    for name, value in attributes.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and "type" in item:
                yield name, str(item["type"])
                yield from _pairs({key: more for key, more in item.items() if key != "type"})
            else:
                word = item["value"] if isinstance(item, dict) else item
                yield name, str(word).lower() if isinstance(word, bool) else str(word)
