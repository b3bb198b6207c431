"""Which parts of a source lie in a folder, and which source it seems to be."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from refmatte_engine.errors import InputError, listed
from refmatte_engine.images import image_io
from refmatte_engine.images.image_io import SUFFIXES
from refmatte_engine.ingest.origin import SPLITS, Origin, Part
from refmatte_engine.packs.labels import readable
from refmatte_engine.storage import files as storage
from refmatte_engine.storage.junk import is_junk

_VIDEOS = (".mp4", ".mov", ".avi", ".mkv", ".webm")


@dataclass(frozen=True, slots=True)
class There:
    """A part as it lies there: its folders without `*`, the name that stood for it, how many
    pictures are in the first."""

    part: Part
    foregrounds: str
    alphas: str
    backgrounds: str
    star: str
    count: int

    @property
    def pictures(self) -> str:
        """The folder of what is placed, or placed on."""
        return self.foregrounds or self.backgrounds

    @property
    def split(self) -> str:
        """What the part says, else what the folder's name means."""
        words = re.split(r"[\W_]+", self.star.lower())
        named = [SPLITS[word] for word in (self.star.lower(), *words) if word in SPLITS]
        return self.part.split or next(iter(named), "")

    @property
    def category(self) -> str:
        """What every picture of the part shows, if it is known."""
        if self.part.category != "*":
            return self.part.category
        return self.part.categories.get(self.star.lower(), self.star.replace("_", " "))


def there(root: Path, origin: Origin) -> list[There]:
    """The parts of the source in the folder, of those that are called alike the fullest."""
    best: dict[tuple[str, str], There] = {}
    for part in origin.parts:
        for found in _matches(root, part):
            key = part.is_called, found.star
            if key not in best or found.count > best[key].count:
                best[key] = found
    return list(best.values())


def find(where: Path, origin: Origin) -> tuple[Path, list[There]]:
    """The source's own folder, which is `where` or lies one level deeper, and its parts there.

    InputError if it does not lie there, with what was looked for and what is there instead.
    """
    _check(where)
    if found := there(where, origin):
        return where, found
    deeper = [(folder, found) for folder in _folders(where) if (found := there(folder, origin))]
    if len(deeper) == 1:
        return deeper[0]
    problem = f"is not {origin.title} as it is published: {_looked_for(origin)} not there"
    if deeper:
        problem = f"holds {origin.title} several times"
        raise InputError(where, problem, todo=f"say which: {listed(d for d, _ in deeper)}")
    if video := _video(where):
        todo = f"extract the frames of each clip into a folder, as in {_pictures(origin)}/0000"
        raise InputError(where, f"holds videos ({video}), which are not read", todo=todo)
    raise InputError(where, problem, todo=f"found there: {_found(where)}")


def guess(where: Path, origins: Mapping[str, Origin]) -> list[tuple[Origin, Path, list[There]]]:
    """The sources that the folder may be, likeliest first: by files of their own, then by how much
    of them is there. Those whose layout says little are guessed where no other fits, and none in a
    folder that is a part of a likelier one. InputError if it is none."""
    _check(where)
    found: list[tuple[tuple[float, ...], Origin, Path, list[There]]] = []
    for origin in origins.values():
        try:
            root, parts = find(where, origin)
        except InputError:
            continue
        sign = any((root / name).exists() for name in origin.signs)
        if origin.is_general and not (sign or (not origin.signs and _fits(root, parts))):
            continue
        called = {part.is_called for part in origin.parts}
        share = len({each.part.is_called for each in parts}) / len(called)
        rank = (not sign, origin.is_general, root != where, -share)
        found.append((rank, origin, root, parts))
    if not found:
        if video := _video(where):
            todo = "extract the frames of each clip into a folder of pictures"
            raise InputError(where, f"holds videos ({video}), which are not read", todo=todo)
        known = f"the layouts of {listed(origins, len(origins))}"
        todo = f"found there: {_found(where)}"
        raise InputError(where, "is laid out as no known source", allowed=known, todo=todo)
    found.sort(key=lambda each: each[0])
    likely: list[tuple[Origin, Path, list[There]]] = []
    for _, origin, root, parts in found:
        of_another = any(_is_part(root, other, theirs) for _, other, theirs in likely)
        if origin.is_general == found[0][1].is_general and not of_another:
            likely.append((origin, root, parts))
    return likely


def _is_part(folder: Path, root: Path, parts: list[There]) -> bool:
    """Whether the folder, of those below `root`, is one from which these parts are read."""
    read = [root / each.pictures for each in parts]
    inside = any(one.is_relative_to(folder) or folder.is_relative_to(one) for one in read)
    return folder != root and folder.is_relative_to(root) and inside


def _fits(root: Path, parts: list[There]) -> bool:
    """Whether a picture has what its folder is for: an alpha channel if it is to be cut out."""
    part = parts[0]
    if part.alphas:
        return True
    files = (Path(folder) / name for folder, name in _walk(root / part.pictures))
    first = next(file for file in files if file.suffix.lower() in SUFFIXES)
    try:
        image_io.decode_rgba(storage.read_bytes(first), "")
    except InputError:
        return bool(part.backgrounds)
    return bool(part.foregrounds)


def pictures(folder: Path) -> int:
    """How many pictures lie in the folder and below it."""
    return sum(name.lower().endswith(SUFFIXES) for _, name in _walk(folder))


def _matches(root: Path, part: Part) -> Iterator[There]:
    stars = [""]
    if "*" in part.pictures:
        above = part.pictures.partition("*")[0]
        stars = [folder.name for folder in _folders(root / above)]
    for star in stars:
        names = [name.replace("*", star) for name in _names(part)]
        if not all(_is_inside(root, name) for name in names if name):
            continue
        foregrounds, alphas, backgrounds = names
        count = pictures(root / (foregrounds or backgrounds))
        below = part.by_folder or part.pictures == "."  # else pictures lie in the folder itself
        if not (below or _has_pictures(root / (foregrounds or backgrounds))):
            continue
        if count and (not alphas or pictures(root / alphas)):
            yield There(part, foregrounds, alphas, backgrounds, star, count)


def _is_inside(root: Path, name: str) -> bool:
    """Whether it is a folder in the root, also once links are followed."""
    folder = root / name
    return folder.is_dir() and folder.resolve().is_relative_to(root.resolve())


def _has_pictures(folder: Path) -> bool:
    return any(name.lower().endswith(SUFFIXES) for name in next(os.walk(folder))[2])


def _names(part: Part) -> tuple[str, str, str]:
    return part.foregrounds, part.alphas, part.backgrounds


def _check(where: Path) -> None:
    try:
        if where.is_dir():
            return
    except (OSError, ValueError):
        pass
    raise InputError(where, "there is no such folder", allowed="the folder of an unpacked source")


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return []
    names = [name for name in names if not is_junk(name) and not name.startswith(".")]
    return [folder / name for name in names if readable(name)]


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Folder and name of the files below it, in order; links to folders are not followed."""
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(n for n in folders if not is_junk(n) and not n.startswith("."))
        for name in sorted(names):
            if not is_junk(name) and not name.startswith("."):
                yield above, name


def _video(folder: Path) -> str:
    return next((name for _, name in _walk(folder) if name.lower().endswith(_VIDEOS)), "")


def _pictures(origin: Origin) -> str:
    return origin.parts[0].pictures


def _looked_for(origin: Origin) -> str:
    sets = (" + ".join(name for name in _names(part) if name) for part in origin.parts)
    looked = listed(dict.fromkeys(sets), 6)
    return f"{looked} {'is' if len(origin.parts) == 1 else 'are'}"


def _found(folder: Path) -> str:
    names = [f"{each.name}/" for each in _folders(folder)]
    count = pictures(folder)
    return f"{listed(names, 8) or 'no folders'}; {count} pictures in all"
