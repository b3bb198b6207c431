"""Pairs of images and separate alpha files: which belong together, and which nearly do."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePosixPath

from refmatte_engine.errors import listed
from refmatte_engine.images.image_io import SUFFIXES
from refmatte_engine.packs.folders import Found
from refmatte_engine.packs.labels import plain

_ALPHA = "alpha|alphas|matte|mattes|mask|masks|pha|gt|seg|trimap"
_NAMED_ALPHA = re.compile(rf"(.+?)[ .]+(?:{_ALPHA})|(?:{_ALPHA})[ .]+(.+)")
_OPAQUE = (".jpg", ".jpeg")  # pictures that have no alpha channel
_ONE_OF_SEVERAL = re.compile(r"(.*[^/])[_/]\d{1,6}")
_NUMBERED = re.compile(r"(.+?)[ .]+\d+")


@dataclass
class Pairs:
    """For each image, by its path: the path of its alpha, or of `several`, one a thing, by their
    stems; else `hints`: where that was looked for and what lies near. `twins`: images that are
    named like the alpha of another beside them."""

    alphas: dict[str, str] = field(default_factory=dict)
    several: dict[str, dict[str, str]] = field(default_factory=dict)
    hints: dict[str, str] = field(default_factory=dict)
    twins: dict[str, str] = field(default_factory=dict)


def by_stem(
    found: Found, key: str, folder: str, paired: Container[str] | None = None
) -> dict[str, str]:
    """The paths of a folder's pictures by their place below it, without suffix; a second picture of
    the same place is a problem. Among images not `paired` with an alpha by stem, one that may have
    its own alpha is preferred to a JPEG."""
    stems: dict[str, str] = {}
    for path in found.pictures[key]:
        stem = stem_of(path, folder)
        first = stems.setdefault(stem, path)
        if first == path:
            continue
        if paired is not None and stem not in paired and first.lower().endswith(_OPAQUE):
            first, path = path, first
            stems[stem] = first
        todo = "rename one" if paired is None else "rename one, or put it into alphas if it is one"
        found.problem(path, f"has the same name as {first}, which is read instead; {todo}")
    return stems


def stem_of(path: str, folder: str) -> str:
    """The place below `folder`, without suffix, accents in one form."""
    inside = PurePosixPath(path).relative_to(PurePosixPath(folder)).with_suffix("")
    return unicodedata.normalize("NFC", inside.as_posix())


def match(found: Found, images: Mapping[str, str], alphas: Mapping[str, str], folder: str) -> Pairs:
    """Pairs images with the alphas of the same stem, else with the numbered ones of it: of
    "cat/a" these are "cat/a_1", "cat/a_2", … or "cat/a/00", "cat/a/01", …. `found` gains those that
    no image has. `folder` is where alphas are looked for."""
    pairs = Pairs({images[stem]: alphas[stem] for stem in images if stem in alphas})
    lonely = {stem: path for stem, path in alphas.items() if stem not in images}
    unpaired = {stem: path for stem, path in images.items() if stem not in alphas}
    for stem in [*lonely]:
        numbered = _ONE_OF_SEVERAL.fullmatch(stem)
        if numbered and (owner := unpaired.get(numbered[1])):
            pairs.several.setdefault(owner, {})[stem] = lonely.pop(stem)
    unpaired = {stem: path for stem, path in unpaired.items() if path not in pairs.several}
    near, owners = _near(unpaired, lonely)
    for stem, path in lonely.items():
        owner = f": {unpaired[owners[stem]]} is nearest" if stem in owners else ""
        found.problem(path, f"is an alpha without a picture{owner}")
    twins = _twins(unpaired)
    for twin, owner in twins.items():
        pairs.twins[images[twin]] = images[owner]
    for stem, path in unpaired.items():
        beside = [lonely[other] for other in near.get(stem, ())]
        beside += [images[twin] for twin, owner in twins.items() if owner == stem]
        pairs.hints[path] = _proposed(folder, stem, beside)
    return pairs


def _proposed(folder: str, stem: str, near: list[str]) -> str:
    """What to do for an image without alpha: none in `folder` has its stem, these are nearest."""
    if not near:
        return f"save it with one, or put its alpha, of the same name, into {folder}"
    place = f"{PurePosixPath(folder) / stem}.png"
    if len(near) == 1:
        return f"its alpha was looked for at {place}; {near[0]} is nearest: move it there"
    which = f"{len(near)} files may be its alpha ({listed(near, 3)})"
    numbered = f"{PurePosixPath(folder) / stem}_1.png, _2.png"
    return f"{which}: move the one to {place}, or name them {numbered} … if each is one thing's"


def _near(
    images: Mapping[str, str], alphas: Mapping[str, str]
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The stems of alphas that may belong to an image, by the image's stem, and the reverse: first
    by nearly the same place, then nearly the same name, then numbered ones."""
    near: dict[str, list[str]] = defaultdict(list)
    owners: dict[str, str] = {}
    for of_image, of_alpha in (
        (_bare, _bare),
        (_bare, _of_number),
        (_bare, _of_folder),
        (_last_bare, _last_bare),
        (_last_bare, lambda stem: _last_bare(_of_number(stem))),
        (_last_bare, lambda stem: _last_bare(_of_folder(stem))),
    ):
        known: dict[str, list[str]] = defaultdict(list)
        for stem in images:
            known[of_image(stem)].append(stem)
        for stem in alphas:
            fits = () if stem in owners else known.get(of_alpha(stem), ())
            if len(fits) == 1:
                owners[stem] = fits[0]
                near[fits[0]].append(stem)
    return near, owners


def _twins(images: Mapping[str, str]) -> dict[str, str]:
    """The stems that are another image's in the same folder plus a word for alphas."""
    known = {_seen(stem): stem for stem in images}
    bare = {stem: _bare(stem) for stem in images}
    return {s: known[b] for s, b in bare.items() if b in known and b != _seen(s)}


@lru_cache(100_000)
def _seen(stem: str) -> str:
    """The stem as the eye reads it, without a picture suffix inside."""
    folder, slash, name = plain(stem).rpartition("/")
    head, dot, suffix = name.rpartition(".")
    name = head if dot + suffix in SUFFIXES else name
    return folder + slash + " ".join(re.split("[ _-]+", name.strip(" _-")))


@lru_cache(100_000)
def _bare(stem: str) -> str:
    """The same, without a word for alphas."""
    folder, slash, name = _seen(stem).rpartition("/")
    named = _NAMED_ALPHA.fullmatch(name)
    return _seen(folder + slash + (named[1] or named[2])) if named else folder + slash + name


def _last_bare(stem: str) -> str:
    return _bare(stem.rpartition("/")[2])


def _of_number(stem: str) -> str:
    """The stem without a number at its end: RefMatte's alphas are called x_1, x_2."""
    folder, slash, name = _bare(stem).rpartition("/")
    numbered = _NUMBERED.fullmatch(name)
    return _bare(folder + slash + numbered[1]) if numbered else ""


def _of_folder(stem: str) -> str:
    """The stem of the folder that the alpha is in: HIM2K's alphas are x/00, x/01."""
    return _bare(stem.rpartition("/")[0])
