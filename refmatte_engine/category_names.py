"""What a picture shows, in words: from its label, or from the folder that it lies in."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple

from refmatte_engine import image_io, lexicon
from refmatte_engine.folders import shown
from refmatte_engine.labels import Remark
from refmatte_engine.pack import Pack


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say how files are kept, not what they show.
_LAYOUT = _words("""
    alpha batch bg class clip com data dataset fg fgr folder foreground frame id image img item jpg
    jpeg merged misc new no nr object original other part pha photo picture png rgba scene seq
    sequence set shot subset test thing tmp training unknown unlabeled unlabelled untitled val
    validation video webp
""")
# 0000, n02084071, 3f2504e0-4f89
_SERIAL = re.compile(r"[a-z]{0,2}[ -]?\d{4,}|(?=.*\d)[0-9a-f]{6,}(-[0-9a-f]+)*", re.IGNORECASE)
# Marks of direction, breaks that join nothing, a byte order mark.
_INVISIBLE = (0x00AD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, 0xFEFF)
_TODO = (
    "put it in a folder named after what it shows, label it, or say `defaults: {category: …}` in "
    "pack.yaml"
)


class Named(NamedTuple):
    """A category, or else the `problem`: why a folder's name is none. `several` if the name was in
    the plural."""

    category: str
    problem: str = ""
    several: bool = False


def of_pack(source: Pack, problems: list[Remark], notes: list[Remark]) -> dict[str, str]:
    """What each foreground shows, by its path; those that nothing says it of are problems, and
    a folder that is named in the plural is noted."""
    found: dict[str, str] = {}
    several: dict[PurePosixPath, list[str]] = {}
    for picture in source.foregrounds:
        label = picture.label.category
        if label and (category := spoken(label)):
            found[picture.path] = category
            continue
        named = of_folder(picture.path, source.about.foregrounds)
        if named.problem:
            problems.append(Remark(shown(source.root, picture.path), named.problem))
            continue
        found[picture.path] = named.category
        if named.several:
            several.setdefault(PurePosixPath(picture.path).parent, []).append(named.category)
    for folder, ones in several.items():
        each = "its picture" if len(ones) == 1 else f"each of its {len(ones)} pictures"
        told = f"is named in the plural: {each} is taken for one {ones[0]}; label those of more"
        notes.append(Remark(shown(source.root, str(folder)), told))
    return found


def of_folder(path: str, foregrounds: str) -> Named:
    """The category that a picture's innermost folder below `foregrounds` stands for. In a folder
    named in the plural each picture shows one of these things."""
    name = PurePosixPath(path).relative_to(PurePosixPath(foregrounds)).parent.name
    return _of_name(name) if name else Named("", f"has no category; {_TODO}")


@cache
def _of_name(name: str) -> Named:
    said = spoken(name)
    one = lexicon.singular(said)
    words = {word for word in re.split(r"[\W\d]+", one.lower()) if word}
    # A train is a thing, train images are a split.
    layout = words <= _LAYOUT or (words - {"train"} <= _LAYOUT and len(words) > 1)
    if layout or _SERIAL.fullmatch(said) or name.lower().endswith(image_io.SUFFIXES):
        return Named("", f"has no category: the name of its folder is none; {_TODO}")
    return Named(one, several=one != said)


def spoken(category: str) -> str:
    """The category as a sentence says it (`lexicon.spoken`), accents in one form, without what
    nobody sees.

    >>> [spoken(c) for c in ("Teddy_Bear", "SUV\\u200e", "e\\u0301clair")]
    ['teddy bear', 'SUV', 'éclair']
    """
    text = unicodedata.normalize("NFC", category).translate(dict.fromkeys(_INVISIBLE))
    return lexicon.spoken(text)
