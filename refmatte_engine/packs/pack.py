"""A pack on disk: pack.yaml, its pictures and their labels. Decodes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field

from refmatte_engine.config import strict_yaml
from refmatte_engine.config.resources import STUDIO, pack_folder
from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.packs import labels, pairs
from refmatte_engine.packs.folders import KEYS, Found, find
from refmatte_engine.packs.labels import BackgroundLabel, Entry, Label, Remark, Text
from refmatte_engine.semantics import attribute_values

# Short enough for any file system to answer "no such folder".
Folder = Annotated[Text, Field(max_length=200)]
Labelled = TypeVar("Labelled", Label, BackgroundLabel)


class PackFile(Strict):
    """pack.yaml. The three folders lie inside the pack; one inside another is not part of it. A
    picture in `foregrounds` has its own alpha channel or a file of the same name in `alphas`.
    `defaults` applies wherever labels are silent."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    licence: Text
    source: Text
    credit: Text
    foregrounds: Folder = "foregrounds"
    alphas: Folder = "alphas"
    backgrounds: Folder = "backgrounds"
    defaults: Label = Label()


@dataclass(frozen=True, slots=True)
class AssetFile:
    """One picture of a pack. Paths are relative to the pack; `alpha_path` is empty unless image
    and alpha are two files. The type of its label says whether it is a foreground or a background.
    `hint` is what to do if it has no alpha; `twin_of` a picture beside it whose alpha it seems to
    be, by name."""

    id: str
    path: str
    alpha_path: str
    label: Label | BackgroundLabel
    hint: str = ""
    twin_of: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack's description and pictures, and everything wrong or doubtful that shows before
    decoding. `counts` are the numbers of its foregrounds and backgrounds, including those left
    out."""

    root: Path
    about: PackFile
    foregrounds: tuple[AssetFile, ...]
    backgrounds: tuple[AssetFile, ...]
    problems: tuple[Remark, ...]
    notes: tuple[Remark, ...]
    counts: Mapping[str, int]

    @property
    def pictures(self) -> tuple[AssetFile, ...]:
        """Foregrounds, then backgrounds."""
        return self.foregrounds + self.backgrounds


def read(where: str | Path) -> Pack:
    """The pack in the folder `where`; "studio" is the bundled one.

    InputError if there is no pack, or pack.yaml or a label file is invalid; a fault in one picture
    or label goes to `problems`, and the picture is left out.
    """
    root = pack_folder(where)
    _check_there(where, root)
    about = strict_yaml.load(PackFile, root / "pack.yaml")
    folders = {key: getattr(about, key) for key in KEYS}
    found = find(root, folders, asked=about.model_fields_set & set(KEYS))
    if not found.pictures["foregrounds"] and not found.pictures["backgrounds"]:
        raise _empty(found, about)
    alphas = pairs.by_stem(found, "alphas", about.alphas)
    images = pairs.by_stem(found, "foregrounds", about.foregrounds, paired=alphas)
    places = pairs.by_stem(found, "backgrounds", about.backgrounds)
    matched = pairs.match(found, images, alphas, about.alphas)
    pictures = [*images.values(), *places.values()]
    entries = labels.match(root, folders.values(), pictures, found.problems)
    foregrounds, backgrounds = [], []
    said: list[tuple[str, dict[str, Any]]] = []
    for stem, path in images.items():
        label = _label(Label, path, entries.get(path), about, root, found.problems)
        if label is not None:
            alpha, hint = matched.alphas.get(path, ""), matched.hints.get(path, "")
            twin_of = matched.twins.get(path, "")
            foregrounds.append(AssetFile(f"{about.name}/{stem}", path, alpha, label, hint, twin_of))
            place = entries[path].where if path in entries else str(root / "pack.yaml")
            said.append((place, label.attributes))
    for stem, path in places.items():
        place_label = _label(BackgroundLabel, path, entries.get(path), about, root, found.problems)
        if place_label is not None:
            backgrounds.append(AssetFile(f"{about.name}/{stem}", path, "", place_label))
    found.notes += [Remark(place, doubt) for place, doubt in attribute_values.doubts(said)]
    return Pack(
        root,
        about,
        tuple(foregrounds),
        tuple(backgrounds),
        tuple(found.problems),
        tuple(found.notes),
        {key: len(paths) for key, paths in found.pictures.items()},
    )


def _check_there(where: str | Path, root: Path) -> None:
    """InputError if there is no pack.yaml, saying what the folder contains instead."""
    file = root / "pack.yaml"
    with contextlib.suppress(OSError, ValueError):
        if file.is_file():
            return
    allowed = "a folder with a pack.yaml, or the word studio"
    problem, todo = "is not a pack: it has no pack.yaml", ""
    try:
        beside = sorted(entry.name for entry in (root if root.is_dir() else root.parent).iterdir())
        if root.is_dir():
            inner = [name for name in beside if (root / name / "pack.yaml").is_file()]
            other = [name for name in beside if name.lower() in ("pack.yaml", "pack.yml")]
            if other and (root / other[0]).is_file():
                todo = f"rename {other[0]} to pack.yaml"
            elif inner:
                todo = f"packs in it: {listed(str(root / name) for name in inner)}"
            elif "manifest.json" in beside:
                todo = "it is a dataset; give the pack that it was made from"
        elif root.exists():
            problem = "is not a folder"
            todo = f"say {root.parent}" if root.name == "pack.yaml" else ""
        else:
            problem = "there is no such folder"
            todo = nearest(where, [STUDIO, *(str(root.parent / name) for name in beside)])
    except FileNotFoundError:
        problem = "there is no such folder"
    except (OSError, ValueError) as error:
        problem = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    raise InputError(where, problem, allowed=allowed, todo=todo)


def _empty(found: Found, about: PackFile) -> InputError:
    """Why a pack has no pictures at all: what it contains instead."""
    problem = f"has no pictures in its folders ({about.foregrounds}, {about.backgrounds})"
    remarks = found.problems + found.notes
    if not remarks:
        return InputError(found.root, problem, todo="put them there: foregrounds/mug/red.png")
    more = f" (and {len(remarks) - 1} more like it)" if len(remarks) > 1 else ""
    first = remarks[0] if remarks[0].file != str(found.root) else remarks[0].message
    return InputError(found.root, problem, todo=f"{first}{more}")


def _label(
    kind: type[Labelled],
    path: str,
    entry: Entry | None,
    about: PackFile,
    root: Path,
    problems: list[Remark],
) -> Labelled | None:
    """The picture's label merged over the pack's defaults; None, and a problem, if it is
    invalid."""
    defaults = about.defaults.model_dump(exclude_unset=True)
    if kind is BackgroundLabel:
        defaults = {key: defaults[key] for key in ("split", "licence") if key in defaults}
    if entry is None:
        return kind.model_validate(defaults)
    try:
        said = strict_yaml.parse(kind, entry.data, entry.where).model_dump(exclude_unset=True)
    except InputError as error:
        told = str(error).removeprefix(f"{error.where}: ")
        problems.append(Remark(error.where, f"{told}; {path} is left out"))
        return None
    if "attributes" in said:
        said["attributes"] = {**defaults.get("attributes", {}), **said["attributes"]}
    return kind.model_validate({**defaults, **said})
