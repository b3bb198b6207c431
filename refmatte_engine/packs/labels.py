"""Labels as people write them: YAML or JSON lines about the pictures of a pack."""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple

import pydantic
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, field_validator

from refmatte_engine.config import strict_yaml
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.records import Attribute, KindOfThing, Light, Source, Surface
from refmatte_engine.semantics import attribute_values, words

MAX_BYTES = 400_000_000
MAX_LABELS = 2_000_000
# Of labels that fit no picture: for so many is asked what was meant, so many are named.
_HINTED, _NAMED = 50, 1000
FILES = ("labels.yaml", "labels.jsonl")
_A_LINE = 'each line is one label: {"file": "mug/red.png", "category": "mug"}'
PROPOSALS = "labels.predicted.jsonl"  # what `refmatte label` writes; not read before review
SHEET = "cutouts.jpg"  # what `refmatte cutout` draws beside pack.yaml, to look at


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark on one file: a problem if its content was left out, a note if it is used despite a
    doubt."""

    file: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.message}"


def readable(text: str) -> bool:
    """Whether the text is readable: any letter, mark and kind of space, including those that
    Python's `isprintable` refuses (a screenshot's U+202F); no controls, line ends or half
    characters.

    >>> readable("9.41\u202fAM"), readable("a\\nb")
    (True, False)
    """
    return not any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text)


def _printable(text: str) -> str:
    if not readable(text) or text.isspace():
        raise ValueError("it must be printable text")
    return text


Text = Annotated[str, Field(min_length=1, max_length=400), AfterValidator(_printable)]
Fraction = Annotated[float, Field(ge=0, le=1)]


def _small(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


Small = BeforeValidator(_small)  # capitals do not matter
Split = Annotated[Literal["train", "val", "test"], Small]
Kind = Annotated[KindOfThing, Small]
Side = Annotated[Literal["left", "top", "right", "bottom"], Small]


class _Common(Strict):
    file: Text | None = None
    split: Split | None = None
    source: Literal["recipe", "labelled", "predicted"] = "labelled"
    source_asset: Text | None = None
    licence: Text | None = None
    credit: Text | None = None
    recipe: dict[str, Any] = {}


class Label(_Common):
    """The label of a foreground; every field is optional.

    `attributes` gives each name a word, a list of words, true or false, `{value, score}` for a
    prediction, or parts with attributes of their own: `clothes: [{type: sweater, color: red}]`.
    `source_asset` links pictures of the same thing, so that they stay in one split. `matte` says
    that an alpha is no more than what a net `predicted`. `height_m` is how tall what is seen of the
    thing really is, in metres; `toy`, that it shows a toy of what its category names, as does an
    animal whose material is one that toys are made of, unless this says `false`; `light`, where it
    is lit from; `lies`, whether it lies where things have a ground, as it can neither stand nor
    float, and whether `flat`, as if seen from above; `hangs`, whether it hangs from or sits on what
    the picture does not show: else its category says so.
    """

    model_config = ConfigDict(json_schema_extra={"example": "{category: mug}"})

    category: Text | None = None
    kind: Kind | None = None
    matte: Annotated[Literal["given", "predicted"], Small] = "given"
    attributes: dict[Text, Any] = {}
    stands: bool = True
    lies: bool | Literal["flat"] | None = None
    hangs: bool | None = None
    flippable: bool = True
    sheds_shadow: bool = True
    height_m: Annotated[float, Field(ge=0.0005, le=10_000)] | None = None
    toy: bool | None = None
    light: Annotated[Light, Small] | None = None
    cut_edges: tuple[Side, ...] | None = None

    @field_validator("attributes")
    @classmethod
    def _must_flatten(cls, value: dict[str, Any]) -> dict[str, Any]:
        value = attribute_values.normal(value)
        flatten(value, "labelled")
        return value


def is_toy(label: Label, kind: KindOfThing) -> bool:
    """Whether a thing of `kind` is labelled a toy, or is a toy by what it is made of."""
    if label.toy is not None or kind == "object":
        return bool(label.toy)
    made = (a.value for a in flatten(label.attributes, label.source) if a.name == "material")
    return not words.made_of().isdisjoint(made)


class BackgroundLabel(_Common):
    """The label of a background. `ground` is the (top, bottom) of the part where feet may stand; it
    and `horizon` are fractions of the picture's height. `ground_from` says that it is an estimate
    that somebody `accepted`, as the review page writes. `light` is where the light comes from, and
    `surface` says whether the ground mirrors what stands on it. `camera_m` is how high the camera
    was above what things stand on, in metres."""

    model_config = ConfigDict(json_schema_extra={"example": "{category: street}"})

    kind: Annotated[Literal["background"], Small] = "background"
    category: Text | None = None
    horizon: Annotated[float, Field(ge=-1, lt=1)] | None = None  # from 1 on, all is sky
    ground: tuple[Fraction, Fraction] | None = None
    ground_from: Annotated[Literal["labelled", "accepted"], Small] = "labelled"
    light: Annotated[Light, Small] | None = None
    surface: Annotated[Surface, Small] = "matt"
    camera_m: Annotated[float, Field(gt=0, le=100)] | None = None
    attributes: dict[str, Any] = {}

    @field_validator("ground")
    @classmethod
    def _is_below(
        cls, value: tuple[float, float] | None, known: pydantic.ValidationInfo
    ) -> tuple[float, float] | None:
        if value is not None and value[0] >= value[1]:
            raise ValueError("the top must be less than the bottom")
        horizon = known.data.get("horizon")
        if value is not None and horizon is not None and value[1] <= horizon:
            raise ValueError(f"it must end below the horizon, {horizon:g}")
        return value


def flatten(attributes: dict[str, Any], source: Source, part: str = "") -> tuple[Attribute, ...]:
    """A label's mapping as single facts, in order. ValueError names what is invalid.

    >>> [(a.name, a.value, a.part) for a in flatten(
    ...     {"transparent": False, "clothes": [{"type": "sweater", "color": "red"}]}, "labelled")]
    [('transparent', 'false', ''), ('clothes', 'sweater', ''), ('color', 'red', 'sweater')]
    """
    facts: list[Attribute] = []
    for name, value in attributes.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and set(item) <= {"value", "score"} and "value" in item:
                score = item.get("score", 1.0)
                if isinstance(score, bool) or not isinstance(score, (int, float)):
                    raise ValueError(f"the score of {name!r} must be a number")
                if not 0 <= score <= 1:
                    raise ValueError(f"the score of {name!r} must be from 0 to 1")
                known: Source = "predicted" if "score" in item else source
                facts.append(Attribute(name, _word(name, item["value"]), known, part, score))
            elif isinstance(item, dict) and "type" in item and not part:
                kind = _word(name, item["type"])
                rest = {key: value for key, value in item.items() if key != "type"}
                facts += [Attribute(name, kind, source), *flatten(rest, source, part=kind)]
            else:
                facts.append(Attribute(name, _word(name, item), source, part))
    return tuple(facts)


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)) and abs(value) < 1e9:
        return f"{value:g}"
    if isinstance(value, str) and readable(value) and 0 < len(value.strip()) <= 200:
        return value.strip()
    raise ValueError(f"{name!r} must be a word, true, false, a number, or a mapping with `type`")


class Entry(NamedTuple):
    """One label as read, and where (file:line)."""

    where: str
    name: str
    data: Any


def mistaken(name: str) -> str:
    """What is wrong with a file that seems meant for labels, or an empty string."""
    stem, _, suffix = name.lower().partition(".")
    if stem not in ("label", "labels") or name == PROPOSALS:
        return ""
    if name.lower() in FILES:
        said = "is not read here" if name in FILES else "is not read"
        todo = f"name it {name.lower()} and put it beside pack.yaml"
    elif suffix in ("yaml", "yml"):
        said, todo = "is not read", f"rename it to {FILES[0]}"
    else:
        said = "is not read"
        todo = (
            f"labels belong in {FILES[0]}, or in {FILES[1]}: on each line an object with a `file`"
        )
    return f"{said}; {todo}"


def match(
    root: Path, folders: Iterable[str], paths: Iterable[str], problems: list[Remark]
) -> dict[str, Entry]:
    """The labels of the pack at `root` by the path of their picture in its `folders`.

    A label may name its file by its path in the pack, by its path below a folder of pictures, by
    its name or by its stem; case, kinds of space and the encoding of accents do not matter if that
    leaves one match. `problems` gains labels that fit no file, several, or one twice. InputError if
    a label file cannot be parsed.
    """
    known = set(paths)
    by_name: dict[str, set[str]] = defaultdict(set)
    for path in known:
        pure = PurePosixPath(path)
        for start in range(len(pure.parts)):
            tail = PurePosixPath(*pure.parts[start:])
            by_name[str(tail)].add(path)
            by_name[str(tail.with_suffix(""))].add(path)
    by_plain: dict[str, set[str]] = defaultdict(set)
    entries: dict[str, Entry] = {}
    strangers = 0
    for entry in written(root):
        fits = {entry.name} if entry.name in known else by_name.get(entry.name, set())
        if not fits:
            for name in () if by_plain else by_name:  # only where it is asked for
                by_plain[plain(name)] |= by_name[name]
            fits = by_plain.get(plain(entry.name), set())
        if not fits:
            strangers += 1
            if strangers > _NAMED:
                continue
            few = strangers <= _HINTED and len(by_name) < 5000
            hint = nearest(entry.name, by_name) if few else ""
            there = any(is_there(root / folder / entry.name) for folder in ("", *folders))
            lost = "is not read as a picture" if there else "is not there"
            message = f"labels {entry.name!r}, which {lost}; {hint}".rstrip("; ")
            problems.append(Remark(entry.where, message))
        elif len(fits) > 1:
            message = f"labels {entry.name!r}, which may be any of {listed(sorted(fits), 4)}"
            problems.append(Remark(entry.where, message))
        elif (path := next(iter(fits))) in entries:
            problems.append(
                Remark(
                    entry.where, f"labels {path} again: already labelled in {entries[path].where}"
                )
            )
        else:
            entries[path] = entry
    if (more := strangers - _NAMED) > 0:
        problems.append(Remark(str(root), f"has {more} more labels that fit no picture"))
    return entries


def plain(name: str) -> str:
    """A file's name without differences that the eye cannot see: one form of accents and spaces,
    lower case, no invisible characters, `/` between folders."""
    name = name.replace("\\", "/").removeprefix("./")
    if name.isascii():
        return name.lower()
    name = unicodedata.normalize("NFC", name)
    kept = (c for c in name if unicodedata.category(c) != "Cf")
    return "".join(" " if c.isspace() else c for c in kept).casefold()


def is_there(file: Path) -> bool:
    """Whether there is such a file or folder; false if it cannot be accessed or the name is
    impossible."""
    try:
        return file.exists()
    except (OSError, ValueError):
        return False


def written(root: Path) -> Iterator[Entry]:
    """All labels of a pack, in labels.yaml first."""
    file = root / "labels.yaml"
    if file.is_file():
        data, lines = strict_yaml.read_yaml(file)
        if not isinstance(data, dict | None):
            todo = "write lines such as `mug/red.png: {category: mug}`"
            raise InputError(f"{file}:1", "must map file names to labels", todo=todo)
        for name, value in (data or {}).items():
            yield Entry(f"{file}:{lines[(name,)]}", name, {} if value is None else value)
    file = root / "labels.jsonl"
    if file.is_file():
        yield from _json_lines(file)


def _json_lines(file: Path) -> Iterator[Entry]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise InputError(file, f"is larger than {MAX_BYTES // 1_000_000} MB")
        with file.open(encoding="utf-8-sig") as lines:
            yield from _labels(file, lines)
    except OSError as error:
        raise InputError(file, f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise InputError(file, "is not UTF-8 text", todo="save it as UTF-8") from None


def _labels(file: Path, lines: Iterable[str]) -> Iterator[Entry]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        if number > MAX_LABELS:
            raise InputError(where, "is too many", allowed=f"up to {MAX_LABELS:,} lines")
        try:
            data = json.loads(line, object_pairs_hook=_no_twins)
        except RecursionError:
            raise InputError(where, "is nested too deeply") from None
        except ValueError as error:
            raise InputError(where, f"is not valid JSON: {error}", todo=_A_LINE) from None
        name = data.get("file") if isinstance(data, dict) else None
        if not isinstance(name, str):
            raise InputError(where, "must be an object with a `file`", todo=_A_LINE)
        yield Entry(where, name, data)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        raise ValueError("a key appears twice")
    return data
