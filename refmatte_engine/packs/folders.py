"""The files of a pack by purpose, and a remark on every other file found there."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.images import image_io
from refmatte_engine.packs.labels import (
    FILES,
    PROPOSALS,
    SHEET,
    Remark,
    is_there,
    mistaken,
    readable,
)
from refmatte_engine.packs.pack_file import KEYS, kind_of
from refmatte_engine.storage.junk import is_junk

# What people write beside their pictures, for people.
_DOCUMENTS = (".md", ".txt", ".pdf", ".rst", ".html", ".bib", ".cff")
_DOCUMENT_NAMES = ("readme", "license", "licence", "copying", "credits", "authors", "notice")
# Files that may lie among pictures without being meant as one.
_BESIDES = (*_DOCUMENTS, ".csv", ".tsv", ".json", ".jsonl", ".yaml", ".yml", ".xml", ".ini")
_UNFINISHED = (".crdownload", ".part", ".partial", ".download")
_ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_ALSO_CALLED = {
    "foregrounds": ("fg", "fgs", "fgr", "images", "image", "img", "imgs", "original"),
    "alphas": ("mask", "masks", "matte", "mattes", "pha", "gt"),
    "backgrounds": ("bg", "bgs", "bgr"),
}

Id = tuple[int, int]


@dataclass
class Found:
    """Paths relative to `root`, sorted, by the key in pack.yaml that names their folder (one of
    `KEYS`, or sources.0.alphas); what is said of the rest; and files that are known by name."""

    root: Path
    pictures: dict[str, list[str]] = field(default_factory=dict)
    known: frozenset[str] = frozenset(("pack.yaml", *FILES, SHEET))
    problems: list[Remark] = field(default_factory=list)
    notes: list[Remark] = field(default_factory=list)
    # Folders that were looked through, and key and path of each picture by where it really is.
    seen: dict[Id, str] = field(default_factory=dict)
    taken: dict[Path, tuple[str, str]] = field(default_factory=dict)

    def problem(self, path: str, message: str) -> None:
        """Records why something is left out."""
        self.problems.append(Remark(shown(self.root, path), message))

    def note(self, path: str, message: str) -> None:
        """Remarks on something that loses no picture."""
        self.notes.append(Remark(shown(self.root, path), message))


def shown(root: Path, path: str) -> str:
    """The file as messages name it; unprintable characters are escaped."""
    text = str(root / path)
    return text if readable(text) else ascii(text)


def find(
    root: Path,
    folders: Mapping[str, str],
    asked: set[str],
    file: Path,
    known: Iterable[str] = (),
) -> Found:
    """The pictures below the folders that the pack's `file` names by key. Each is taken once: a
    folder inside another belongs to the key that names it, and a link to what is read already is
    noted. `known` are paths of files that are read elsewhere.

    InputError if a folder points outside the pack, also belongs to another key, or is `asked` for
    and missing.
    """
    found = Found(root, {key: [] for key in folders})
    found.known |= {file.name, *known}
    homes = _homes(root, folders, asked, file)
    ids = {key: _id(root / home) for key, home in homes.items()}
    links: list[tuple[str, str]] = []
    for key, home in homes.items():
        links += [(key, path) for path in _walk(found, key, home, set(ids.values()) - {ids[key]})]
    while links:  # after all that is no link, so that a thing is known by its own name
        key, path = links.pop(0)
        if not (root / path).is_dir():
            _follow(found, key, path)
        elif first := found.seen.get(_id(root / path)):
            found.note(path, f"is a link to the folder {first}, which is read there")
        elif any(_inside(root / path, root / home) for home in homes.values()):
            found.problem(path, "is a link to a folder around it; link the folders needed")
        else:
            links += [(key, more) for more in _walk(found, key, path, set(ids.values()))]
    for paths in found.pictures.values():
        paths.sort()
    _tell_rest(found, homes)
    found.problems.sort(key=lambda remark: remark.file)
    found.notes.sort(key=lambda remark: remark.file)
    return found


def _homes(root: Path, folders: Mapping[str, str], asked: set[str], file: Path) -> dict[str, str]:
    """The folders that are there, by key."""
    homes: dict[str, str] = {}
    for key, folder in folders.items():
        where = f"{file}: {key}"
        if ".." in Path(folder).parts or not _inside(root, root / folder):
            todo = "copy the pictures into the pack, or write a pack.yaml where they are"
            raise InputError(where, f"{folder!r} points outside the pack", todo=todo)
        if not (root / folder).is_dir():
            if key in asked:
                there = sorted(_folders_beside(root, folder))
                todo = nearest(folder, there) or f"folders there: {listed(there) or 'none'}"
                raise InputError(where, f"there is no folder {folder!r}", todo=todo)
            continue
        for first, home in homes.items():
            if (root / home).samefile(root / folder):
                todo = f"keep {first} and {key} in folders of their own"
                raise InputError(where, f"{folder!r} is already the folder of {first}", todo=todo)
        homes[key] = PurePosixPath(folder).as_posix()
    return homes


def _walk(found: Found, key: str, top: str, others: set[Id]) -> list[str]:
    """Takes the pictures below the folder `top`, except in the folders `others`, and returns the
    links found, which are not followed yet."""
    links: list[str] = []
    todo = [top]
    while todo:
        folder = todo.pop()
        try:
            identity = _id(found.root / folder)
        except InputError as error:  # a path that is too long, say
            found.problem(folder, error.problem)
            continue
        if identity in found.seen or identity in others:
            continue
        found.seen[identity] = folder
        real = (found.root / folder).resolve()
        besides: dict[str, list[str]] = defaultdict(list)
        for entry in _entries(found, folder):
            path = (PurePosixPath(folder) / entry.name).as_posix()
            if is_junk(entry.name) or path in found.known:
                continue
            if entry.name.startswith("."):
                found.note(path, "is hidden (its name begins with a dot) and is not read")
            elif entry.is_symlink():
                links += [path] if _leads_inside(found, path) else []
            elif entry.is_dir():
                todo.append(path)
            elif not entry.is_file():
                found.problem(path, "is neither a file nor a folder")
            elif _is_picture(found, path, besides):
                found.taken[real / entry.name] = key, path
                found.pictures[key].append(path)
        for suffix, names in besides.items():
            told = f"has {len(names)} {suffix} beside its pictures ({listed(names, 3)}): not read"
            found.note(folder, f"{told}; labels belong in {' or '.join(FILES)} beside pack.yaml")
    return links


def _follow(found: Found, key: str, path: str) -> None:
    """Takes the picture that a link inside the pack points to, unless already read."""
    besides: dict[str, list[str]] = defaultdict(list)
    if not (found.root / path).is_file():
        found.problem(path, "is a link to neither a file nor a folder")
    elif _is_picture(found, path, besides):
        first_key, first = found.taken.setdefault((found.root / path).resolve(), (key, path))
        shared = key == first_key and kind_of(key) == "alphas"
        if first == path or shared:  # one alpha may serve several pictures
            found.pictures[key].append(path)
        elif key == first_key:
            found.note(path, f"is a link to {first}, which is read there")
        else:
            found.problem(path, f"is a link to {first}, which is one of the {first_key}")
    elif besides:
        found.note(path, "is a link to a file that is not a picture, and is not read")


def _leads_inside(found: Found, path: str) -> bool:
    """Whether a link points to something in the pack; if not, a problem is recorded."""
    target = found.root / path
    if not is_there(target):
        found.problem(path, "is a broken link")
    elif not _inside(found.root, target):
        todo = "copy its target into the pack, or write a pack.yaml where the target is"
        found.problem(path, f"is a link that points outside the pack; {todo}")
    else:
        return True
    return False


def _entries(found: Found, folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(found.root / folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.problem(folder, f"cannot be read: {error.strerror or error}")
        return []


def _is_picture(found: Found, path: str, besides: dict[str, list[str]]) -> bool:
    """Whether the file is meant as a picture; if not, that is remarked, or collected in
    `besides`."""
    pure = PurePosixPath(path)
    suffix = pure.suffix.lower()
    if not readable(path):
        found.problem(path, "has a name that cannot be printed; rename it")
    elif suffix in image_io.SUFFIXES:
        return True
    elif said := mistaken(pure.name):
        found.problem(path, said)
    elif suffix in _BESIDES:
        if not _is_document(pure.name):
            besides[suffix].append(pure.name)
    elif target := _link_as_text(found.root / path):
        told = f"is text, {target!r}, as a link becomes that was copied without links; copy"
        found.problem(path, f"{told} the folder or file itself, or make it a link again")
    elif suffix in _UNFINISHED:
        found.problem(path, "is an unfinished download; download it again")
    elif suffix in _ARCHIVES:
        found.problem(path, "is an archive, which is not read; unpack it")
    elif not _is_document(pure.name):
        kinds = ", ".join(image_io.SUFFIXES)
        found.problem(path, f"is not a picture in a readable format ({kinds}); convert it")
    return False


def _link_as_text(file: Path) -> str:
    """The text of a small file without suffix, if it is a path to something in the pack."""
    if file.suffix or file.stat().st_size > 400:
        return ""
    try:
        text = file.read_text("utf-8")
        return text if text and (file.parent / text).exists() else ""
    except (OSError, ValueError):
        return ""


def _is_document(name: str) -> bool:
    return name.lower().startswith(_DOCUMENT_NAMES)


def _tell_rest(found: Found, homes: Mapping[str, str]) -> None:
    """Remarks on what lies beside the folders that are read, at every level above them."""
    wanted = {PurePosixPath(home) for home in homes.values()}
    around = {PurePosixPath("."), *(up for home in wanted for up in home.parents)} - wanted
    reached = {up for file in found.taken for up in file.parents}
    for folder in sorted(around):
        loose = []
        for entry in _entries(found, folder.as_posix()):
            path = folder / entry.name
            if path in wanted | around or is_junk(entry.name) or entry.name.startswith("."):
                continue
            if entry.is_dir():
                if (found.root / path).resolve() not in reached:
                    _tell_folder(found, path, set(KEYS) - {kind_of(key) for key in homes})
            elif str(path) in found.known:
                continue
            elif path.suffix.lower() in image_io.SUFFIXES:
                loose.append(entry.name)
            else:
                _tell_file(found, path, top=folder == PurePosixPath("."))
        if loose:
            some = ", ".join(loose[:3]) + (" …" if len(loose) > 3 else "")
            count = f"{len(loose)} pictures" if len(loose) > 1 else "a picture"
            if homes:
                todo = f"move what you need into a folder that is read ({listed(homes.values())})"
            else:
                todo = f"move them into foregrounds, or say `foregrounds: {folder}` in pack.yaml"
            found.note(folder.as_posix(), f"{count} ({some}) beside the folders, not read; {todo}")


def _tell_file(found: Found, path: PurePosixPath, top: bool) -> None:
    twin = found.root / path.parent / path.name.lower()
    if str(path) in found.known or (
        top and path.name.lower() in found.known and _same(twin, found.root / path)
    ):
        return
    if path.name == PROPOSALS:
        todo = f"move the lines you agree with into {FILES[1]}"
        found.note(str(path), f"contains proposals, which are not read; {todo}")
    elif said := mistaken(path.name):
        found.problem(str(path), said)
    elif path.suffix.lower() in _ARCHIVES:
        found.note(str(path), "is an archive, which is not read; unpack it if it is needed")
    elif path.suffix.lower() not in _DOCUMENTS and not _is_document(path.name):
        found.note(str(path), f"is not read; labels belong in {' or '.join(FILES)}")


def _tell_folder(found: Found, path: PurePosixPath, missing: set[str]) -> None:
    name = path.name.lower()
    for key in sorted(missing):
        if path.name == key:  # spelt right, and left out by a pack.yaml that names others
            found.note(str(path), f"is not read: pack.yaml names other folders, and no {key}")
            return
        if nearest(name, [key]) or name in _ALSO_CALLED[key]:
            todo = f"rename it to {key}, or say `{key}: {path}` in pack.yaml"
            say = found.problem if nearest(name, [key]) else found.note
            say(str(path), f"is a folder that is not read, and there is no {key}; {todo}")
            return
    found.note(
        str(path), f"is a folder that is not read: pack.yaml names no such folder ({listed(KEYS)})"
    )


def _folders_beside(root: Path, folder: str) -> Iterator[str]:
    parent = PurePosixPath(folder).parent
    try:
        with os.scandir(root / parent) as entries:
            yield from ((parent / entry.name).as_posix() for entry in entries if entry.is_dir())
    except OSError:
        return


def _inside(root: Path, path: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root.resolve())
    except (OSError, RuntimeError):  # a circle of links
        return False


def _same(one: Path, other: Path) -> bool:
    return one.exists() and one.samefile(other)


def _id(folder: Path) -> Id:
    try:
        state = folder.stat()
    except OSError as error:
        raise InputError(folder, f"cannot be read: {error.strerror or error}") from None
    return state.st_dev, state.st_ino
