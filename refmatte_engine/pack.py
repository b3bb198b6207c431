"""A pack on disk: pack.yaml, the pictures it holds and their labels. Nothing is decoded here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, TypeVar

from pydantic import Field

from refmatte_engine import config, image_io, labels
from refmatte_engine.config import Strict
from refmatte_engine.errors import InputError
from refmatte_engine.labels import BackgroundLabel, Entry, Label, Remark, Text
from refmatte_engine.resources import STUDIO_PACK

# Short enough for any file system to answer "no such folder".
Folder = Annotated[Text, Field(max_length=200)]
Said = TypeVar("Said", Label, BackgroundLabel)

# Files that may lie among pictures without being meant as one.
_BESIDES = (".csv", ".json", ".jsonl", ".md", ".txt", ".yaml", ".yml")


class PackFile(Strict):
    """pack.yaml. The three folders lie inside the pack. A picture in `foregrounds` has an alpha
    channel of its own or a namesake in `alphas`. `defaults` holds for whatever no label says."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    licence: Text
    source: Text
    credit: Text
    foregrounds: Folder = "foregrounds"
    alphas: Folder = "alphas"
    backgrounds: Folder = "backgrounds"
    defaults: Label = Label()


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a pack. Paths are relative to the pack; `alpha_path` is empty unless image
    and alpha are two files. The type of its label says what the picture is for."""

    id: str
    path: str
    alpha_path: str
    label: Label | BackgroundLabel


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack says of itself, and everything wrong or doubtful that shows before decoding."""

    root: Path
    about: PackFile
    foregrounds: tuple[Picture, ...]
    backgrounds: tuple[Picture, ...]
    problems: tuple[Remark, ...]
    notes: tuple[Remark, ...] = ()

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Foregrounds, then backgrounds."""
        return self.foregrounds + self.backgrounds


def read(where: str | Path) -> Pack:
    """The pack in the folder `where`; "studio" is the embedded one.

    InputError if there is no pack, or pack.yaml or a label file cannot be understood; what is wrong
    with one picture or one label is in `problems`, and the picture left out.
    """
    root = STUDIO_PACK if str(where) == "studio" else Path(where)
    try:
        there = (root / "pack.yaml").is_file()
    except OSError:
        there = False
    if not there:
        allowed = "a folder with a pack.yaml, or the word studio"
        raise InputError(where, "is not a pack", allowed=allowed)
    about = config.load(PackFile, root / "pack.yaml")
    problems: list[Remark] = []
    things = list(_pictures(root, about, "foregrounds", problems))
    alphas = _by_stem(root, about.alphas, _pictures(root, about, "alphas", problems), problems)
    places = list(_pictures(root, about, "backgrounds", problems))
    if not things and not places:
        folders = f"{about.foregrounds}, {about.backgrounds}"
        raise InputError(root, f"has no pictures in its folders ({folders})")
    entries = labels.match(root, [*things, *places], problems)
    foregrounds, backgrounds = [], []
    for stem, path in _by_stem(root, about.foregrounds, things, problems).items():
        alpha = alphas.pop(stem, "")
        if (label := _label(Label, entries.get(path), about, root, problems)) is not None:
            foregrounds.append(Picture(f"{about.name}/{stem}", path, alpha, label))
    for stem, path in _by_stem(root, about.backgrounds, places, problems).items():
        if (place := _label(BackgroundLabel, entries.get(path), about, root, problems)) is not None:
            backgrounds.append(Picture(f"{about.name}/{stem}", path, "", place))
    problems += [Remark(shown(root, path), "is an alpha of no picture") for path in alphas.values()]
    return Pack(root, about, tuple(foregrounds), tuple(backgrounds), tuple(problems))


def shown(root: Path, path: str) -> str:
    """The file as error messages name it; odd characters are escaped."""
    text = str(root / path)
    return text if text.isprintable() else ascii(text)


def _label(
    kind: type[Said],
    entry: Entry | None,
    about: PackFile,
    root: Path,
    problems: list[Remark],
) -> Said | None:
    """The picture's label over the pack's defaults; None, and a problem, if it is wrong."""
    defaults = about.defaults.model_dump(exclude_unset=True)
    if kind is BackgroundLabel:
        defaults = {key: defaults[key] for key in ("split", "licence") if key in defaults}
    if entry is None:
        return kind.model_validate(defaults)
    try:
        said = config.parse(kind, entry.data, entry.where).model_dump(exclude_unset=True)
    except InputError as error:
        problems.append(Remark(error.where, str(error).removeprefix(f"{error.where}: ")))
        return None
    if "attributes" in said:
        said["attributes"] = {**defaults.get("attributes", {}), **said["attributes"]}
    return kind.model_validate({**defaults, **said})


def _pictures(root: Path, about: PackFile, key: str, problems: list[Remark]) -> Iterator[str]:
    """The pictures below a folder of the pack, sorted, as paths relative to the pack."""
    folder = getattr(about, key)
    home = root.resolve()
    where = f"{root / 'pack.yaml'}: {key}"
    outside = ".." in Path(folder).parts or not (root / folder).resolve().is_relative_to(home)
    if outside:
        raise InputError(where, f"{folder!r} leads out of the pack")
    if not (root / folder).is_dir():
        if key in about.model_fields_set:
            raise InputError(where, f"there is no folder {folder!r}")
        return
    found: list[os.DirEntry[str]] = []
    todo = [str(root / folder)]
    while todo:
        try:
            with os.scandir(todo.pop()) as entries:
                inside = [entry for entry in entries if not entry.name.startswith(".")]
        except OSError as error:
            problems.append(Remark(shown(root, str(error.filename)), f"cannot be read: {error}"))
            continue
        todo += [entry.path for entry in inside if entry.is_dir(follow_symlinks=False)]
        found += [entry for entry in inside if not entry.is_dir(follow_symlinks=False)]
    for entry in sorted(found, key=lambda entry: entry.path):
        path = Path(entry.path).relative_to(root).as_posix()
        if problem := _unusable(entry, path, home):
            problems.append(Remark(shown(root, path), problem))
        elif Path(path).suffix.lower() in image_io.SUFFIXES:
            yield path


def _unusable(entry: os.DirEntry[str], path: str, home: Path) -> str:
    """Why the file cannot be a picture of the pack, or an empty string."""
    if not path.isprintable():
        return "has a name that cannot be printed"
    if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(home):
        return "is a link that leads out of the pack"
    if not entry.is_file():
        return "is not a file"
    suffix = Path(entry.name).suffix.lower()
    if suffix not in image_io.SUFFIXES and suffix not in _BESIDES:
        return f"is not {', '.join(image_io.SUFFIXES)}"
    return ""


def _by_stem(
    root: Path, folder: str, paths: Iterator[str] | list[str], problems: list[Remark]
) -> dict[str, str]:
    """The paths by their place below `folder`, without suffix."""
    stems: dict[str, str] = {}
    for path in paths:
        stem = PurePosixPath(path).relative_to(PurePosixPath(folder)).with_suffix("").as_posix()
        if first := stems.get(stem):
            problems.append(Remark(shown(root, path), f"differs from {first} by suffix only"))
        else:
            stems[stem] = path
    return stems
