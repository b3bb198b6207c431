"""Category names of foregrounds: from the label, or from the folder's name."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import PurePosixPath
from typing import NamedTuple

from refmatte_engine.errors import listed
from refmatte_engine.images import image_io
from refmatte_engine.packs.folders import shown
from refmatte_engine.packs.labels import Remark
from refmatte_engine.packs.pack import Pack
from refmatte_engine.semantics import english, lexicon, spelling
from refmatte_engine.semantics.kinds import kind_of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that say how files are kept, not what they show.
_LAYOUT = _words("""
    all alpha annotation batch bg camera roll class clip com cropped cutout data dataset dcim
    download export fg fgr final folder foreground frame id image img img2img input item jpg jpeg
    label mask masked matte merged misc new no nobg nr object original other output part pha photo
    pic picture png processed raw rembg result rgb rgba sam scene segmented seq sequence set shot
    subset test thing tmp training transparent txt2img unknown unlabeled unlabelled untitled upload
    v val validation video webp whatsapp
    neuer ordner nouveau dossier nueva carpeta nuova cartella
""")
# What is made of such words, and a thing all the same.
_THINGS = ("picture frame", "photo frame")
# 0000, n02084071, DSC_0001, train2017, 100CANON, 3f2504e0-4f89
_SERIAL = re.compile(
    r"([a-z]{0,2}|dsc[fn]?|pxl|mvi|train)[ -]?\d{4,}|1\d\d(apple|canon|media|msdcf|nikon|olymp)"
    r"|(?=.*\d)[0-9a-f]{6,}(-[0-9a-f]+)*",
    re.IGNORECASE,
)
# The number of a class or of a sequence: "n02085620-pug", "001.pug", "0 pug", "pug 01".
_NUMBERED = re.compile(r"(?:n\d{8}|\d+\.|0\d*)[ .-]*(?=[^\W\d])(.+)|(.+)[ .-]0\d+")
# The same if the rest is known: "1 pug", "pug 12", but "Boeing 747".
_PERHAPS = re.compile(r"\d{1,3}[ .-]([^\W\d].*)|(.*[^\W\d])[ .-]\d{1,2}")
# The same of words for pictures: "pug images", but "car model".
_PICTURED = re.compile(
    r"(.+)[ -](?:images?|img|photos?|pictures?|png|jpe?g|dataset|cropped|cut-?outs?|segmented)",
    re.IGNORECASE,
)
# What copying adds, and what tells homonyms apart: "mug (2)", "mug - Copy", "bat (animal)".
_ADDED = re.compile(r"( ?\([^()]*\)|( -)? (copy|copie|copia|kopie)( \d+)?)$", re.IGNORECASE)
# Marks of direction, breaks that join nothing, a byte order mark.
_INVISIBLE = (0x00AD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, 0xFEFF)
_TODO = (
    "put it in a folder named after what it shows, label it, or say `defaults: {category: …}` in "
    "pack.yaml"
)


class Named(NamedTuple):
    """A category, or the `problem`: why a folder's name is not one. `several` if the name was a
    plural."""

    category: str
    problem: str = ""
    several: bool = False


def of_pack(source: Pack, problems: list[Remark], notes: list[Remark]) -> dict[str, str]:
    """The category of each foreground, by id. Foregrounds without one are problems; folders named
    in the plural, or with names that may not be of things at all, are noted."""
    found: dict[str, str] = {}
    several: dict[PurePosixPath, list[str]] = {}
    strange: dict[str, None] = {}
    for picture in source.foregrounds:
        label = picture.label.category
        category = spoken(label or "")
        if any(letter.isalpha() for letter in category):
            found[picture.id] = category
            continue
        if category:
            told = f"its category, {label!r}, is not a word; say what it shows"
            problems.append(Remark(shown(source.root, picture.path), told))
            continue
        named = of_folder(picture.path, picture.folder, picture.level)
        if named.problem:
            problems.append(Remark(shown(source.root, picture.path), named.problem))
            continue
        found[picture.id] = named.category
        if named.several:
            several.setdefault(PurePosixPath(picture.path).parent, []).append(named.category)
        if not (picture.label.kind or _is_of_things(named.category)):
            strange.setdefault(named.category)
    for folder, ones in several.items():
        each = "its picture" if len(ones) == 1 else f"each of its {len(ones)} pictures"
        told = f"is named in the plural: {each} is taken for one {ones[0]}; label those of more"
        notes.append(Remark(shown(source.root, str(folder)), told))
    if strange:
        told = (
            f"has folders whose names the lexicon does not know as things ({listed(strange, 6)})"
            f": sentences say “the {next(iter(strange))}” all the same, of an object; label what "
            "shows something else"
        )
        notes.append(Remark(shown(source.root, source.foregrounds[0].folder), told))
    return found


def _is_of_things(category: str) -> bool:
    """Whether the lexicon knows things, animals or people of that name."""
    whole = lexicon.normal(category)
    return kind_of(category) != "object" or any(
        lexicon.is_usual(name) for name in (whole, english.parts(whole)[1])
    )


def of_folder(path: str, foregrounds: str, level: int = 0) -> Named:
    """The category that a picture's folder below `foregrounds` stands for: the innermost, or the
    one at `level`, where 1 is the outermost and -1 the innermost. In a folder named in the plural
    each picture shows one of these things."""
    below = PurePosixPath(path).relative_to(PurePosixPath(foregrounds)).parent.parts
    place = level - 1 if level > 0 else level or -1
    name = below[place] if -len(below) <= place < len(below) else ""
    return _of_name(name) if name else Named("", f"has no category; {_TODO}")


@cache
def _of_name(name: str) -> Named:
    written = _plain(name)
    said = spelling.thing(spoken(_bare(written)))
    one = spelling.singular(said)
    words = {word for word in re.split(r"[\W\d]+", one.lower()) if word}
    # A train is a thing, train images are a split.
    thing = lexicon.entry(one) is not None or one in _THINGS
    layout = words - {"train"} <= _LAYOUT and not thing
    if layout or _SERIAL.fullmatch(written) or name.lower().endswith(image_io.SUFFIXES):
        return Named("", f"has no category: its folder's name is not one; {_TODO}")
    return Named(one, several=one != said)


def _bare(name: str) -> str:
    """The name without numbers and words for pictures that do not belong to it."""
    if found := _NUMBERED.fullmatch(name):
        return found[1] or found[2]
    if (found := _PICTURED.fullmatch(name)) and lexicon.entry(found[1]) not in (None, "train"):
        return found[1]
    found = _PERHAPS.fullmatch(name)
    rest = found and (found[1] or found[2])
    # Two sheep are more than sheep number two.
    if rest and lexicon.is_usual(rest) and english.singular(rest) == rest != english.plural(rest):
        return rest
    return name


def spoken(category: str) -> str:
    """The category as a sentence says it (`spelling.spoken`), with accents in one form, without
    invisible characters and disambiguation in brackets.

    >>> [spoken(c) for c in ("Teddy_Bear", "SUV\\u200e", "e\\u0301clair", "bat_(animal)")]
    ['teddy bear', 'SUV', 'éclair', 'bat']
    """
    return spelling.spoken(_plain(category))


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFC", name).translate(dict.fromkeys(_INVISIBLE))
    text = " ".join(text.replace("_", " ").split())
    while (found := _ADDED.search(text)) and found.start():
        text = text[: found.start()]
    return text
