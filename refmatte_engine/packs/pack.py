"""A pack on disk: pack.yaml, its pictures and their labels. Decodes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from refmatte_engine.config import strict_yaml
from refmatte_engine.config.resources import STUDIO, pack_file
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.packs import labels, mirror, pairs
from refmatte_engine.packs.category_file import Categories
from refmatte_engine.packs.folders import Found, find
from refmatte_engine.packs.labels import BackgroundLabel, Entry, Label, Remark
from refmatte_engine.packs.pack_file import KEYS, PackFile, Source, kind_of
from refmatte_engine.parallel import Progress
from refmatte_engine.semantics import attribute_values


@dataclass(frozen=True, slots=True)
class AssetFile:
    """One picture of a pack. Paths are relative to the pack's root; `alpha_path` is empty unless
    image and alpha are two files. The type of its label says what the picture is for. `hint` is
    what to do if it has no alpha; `twin_of` a picture beside it whose alpha it seems to be, by its
    name.

    `folder` is the one in pack.yaml that it lies below, `level` the folder below that which names
    its category (0: the innermost); `own_colors` says that the image of a pair holds the thing's
    own colours; `fix` names what is cured in its alpha; pictures of one `group`, if it is not
    empty, stay in one split. `named` is the path that labels and messages have for it: of several
    alphas of one image that of the alpha; `source` where it is from, if that is another than the
    pack's."""

    id: str
    path: str
    alpha_path: str
    label: Label | BackgroundLabel
    hint: str = ""
    twin_of: str = ""
    folder: str = ""
    level: int = 0
    own_colors: bool = False
    fix: tuple[str, ...] = ()
    group: str = ""
    named: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Pack:
    """What a pack says of itself, in its `file`, and everything wrong or doubtful that shows before
    decoding. `root` is where its pictures lie. `counts` are the numbers of its foregrounds and
    backgrounds with those that are left out."""

    file: Path
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

    @property
    def home(self) -> Path:
        """The folder of the pack's own files: pack.yaml and labels."""
        return self.file.parent


def read(where: str | Path, progress: Progress | None = None) -> Pack:
    """The pack in the folder `where`, or that the file `where` describes; "studio" is the bundled
    one. One at a URL is mirrored first, with `progress` by files.

    InputError if there is no pack, or pack.yaml or a label file is invalid; a fault in one picture
    or label goes to `problems`, and the picture is left out.
    """
    where = mirror.here(where, progress)
    file = pack_file(where)
    _check_there(where, file)
    about = strict_yaml.load(PackFile, file)
    root = _root(file, about)
    folders = dict(_slots(about))
    asked = {slot for slot in folders if "." in slot or slot in about.model_fields_set}
    by_file = {prefix: _categories(file, root, part) for prefix, part in about.parts()}
    known = [str(PurePosixPath(str(part.category_from))) for _, part in about.parts()]
    found = find(root, folders, asked, file, [*known, *about.unused])
    for path in about.unused:
        if not labels.is_there(root / path):
            found.problems.append(Remark(f"{file}: unused", f"there is no file {path!r}"))
    if not any(found.pictures[slot] for slot in folders if kind_of(slot) != "alphas"):
        raise _empty(found, folders)
    drafts = [
        draft
        for prefix, part in about.parts()
        for draft in _drafts(found, about, prefix, part, by_file[prefix])
    ]
    # One of several alphas has a label of its own, or that of its picture.
    names = dict.fromkeys(name for draft in drafts for name in draft.names)
    places = [str(root / folder) for folder in ("", *folders.values())]
    entries = labels.match(file.parent, places, names, found.problems)
    foregrounds: list[AssetFile] = []
    backgrounds: list[AssetFile] = []
    said: list[tuple[str, dict[str, Any]]] = []
    for draft in drafts:
        entry = next((entries[name] for name in draft.names if name in entries), None)
        label = _label(draft, entry, found.problems)
        if label is None:
            continue
        made = AssetFile(label=label, named=draft.names[0], **draft.rest)
        if isinstance(label, Label):
            foregrounds.append(made)
            said.append((entry.where if entry else str(file), label.attributes))
        else:
            backgrounds.append(made)
    found.notes += [Remark(place, doubt) for place, doubt in attribute_values.doubts(said)]
    return Pack(
        file,
        root,
        about,
        tuple(foregrounds),
        tuple(backgrounds),
        tuple(found.problems),
        tuple(found.notes),
        {key: sum(len(found.pictures[s]) for s in folders if kind_of(s) == key) for key in KEYS},
    )


class _Draft(NamedTuple):
    """A picture before its label: what it may be called by in labels, what holds if none says
    otherwise, and the rest of its `AssetFile`."""

    is_foreground: bool
    names: tuple[str, ...]
    defaults: dict[str, Any]
    rest: dict[str, Any]


def _drafts(
    found: Found, about: PackFile, prefix: str, part: Source, by_file: Categories
) -> Iterator[_Draft]:
    """The pictures of one set of folders."""

    def by_stem(key: str, paired: Any = None) -> dict[str, str]:
        folder = getattr(part, key)
        return pairs.by_stem(found, prefix + key, folder, paired) if folder else {}

    alphas = by_stem("alphas")
    images = by_stem("foregrounds", alphas)
    matched = pairs.match(found, images, alphas, part.alphas or "")
    terms = part.model_dump(include={"licence", "credit"}, exclude_none=True)
    defaults = _over(about.defaults.model_dump(exclude_unset=True), terms)
    defaults = _over(defaults, part.defaults.model_dump(exclude_unset=True))
    level = part.category_from if isinstance(part.category_from, int) else 0
    if by_file.said and images and not any(map(by_file.of, images.values())):
        told = f"names none of the pictures in {part.foregrounds}, such as {min(images.values())!r}"
        some = f"it names {listed(sorted(by_file.said), 3)}"
        found.problems.append(Remark(str(by_file.file), f"{told}; {some}"))
    for stem, path in images.items():
        own = _over(defaults, by_file.of(path))
        rest = {
            "folder": part.foregrounds,
            "source": part.source or "",
            "level": level,
            "own_colors": part.colors == "own",
            "fix": tuple(sorted({*about.fix, *part.fix})),
            "group": str(PurePosixPath(path).parent) if part.group_by else "",
        }
        each = matched.several.get(path, {stem: matched.alphas.get(path, "")})
        for name, alpha in each.items():
            seen = {"hint": matched.hints.get(path, ""), "twin_of": matched.twins.get(path, "")}
            files = {"id": _id(about, prefix, part.foregrounds, name), "path": path}
            names = (alpha, path) if path in matched.several else (path,)
            yield _Draft(True, names, own, {**files, "alpha_path": alpha, **seen, **rest})
    shared = {
        key: value for key, value in defaults.items() if key in ("split", "licence", "credit")
    }
    for stem, path in by_stem("backgrounds").items():
        name = _id(about, prefix, part.backgrounds, stem)
        group = str(PurePosixPath(path).parent) if part.group_by else ""
        rest = {"id": name, "path": path, "alpha_path": "", "group": group}
        rest["source"] = part.source or ""
        yield _Draft(False, (path,), shared, rest)


def _id(about: PackFile, prefix: str, folder: str | None, stem: str) -> str:
    """Names a picture in the catalog: by its place below its folder, which is named too where a
    pack has several."""
    place = PurePosixPath(folder or "") / stem if prefix else PurePosixPath(stem)
    return f"{about.name}/{place}"


def _slots(about: PackFile) -> Iterator[tuple[str, str]]:
    for prefix, part in about.parts():
        for key in KEYS:
            if folder := getattr(part, key):
                yield prefix + key, folder


def _root(file: Path, about: PackFile) -> Path:
    """Where the pictures lie: in the folder of pack.yaml, or where that says."""
    if about.root is None:
        return file.parent
    try:
        root = file.parent / Path(about.root).expanduser()
        there = root.is_dir()
    except (OSError, RuntimeError):  # too long a name, or a home of nobody
        there = False
    if not there:
        beside = (file.parent / about.root).parent
        names = sorted(p.name for p in beside.iterdir() if p.is_dir()) if beside.is_dir() else []
        todo = nearest(Path(about.root).name, names) or "say where the pictures are now"
        raise InputError(f"{file}: root", f"there is no folder {about.root!r}", todo=todo)
    return root


def _categories(file: Path, root: Path, part: Source) -> Categories:
    """What the file that a source names says of its pictures."""
    if not isinstance(part.category_from, str):
        return Categories(file, {})
    where = f"{file}: category_from"
    tried = [root / part.category_from, file.parent / part.category_from]
    there = next((each for each in tried if labels.is_there(each) and each.is_file()), None)
    if there is None:
        todo = f"it was looked for at {listed(dict.fromkeys(map(str, tried)))}"
        raise InputError(where, f"there is no file {part.category_from!r}", todo=todo)
    homes = (root.resolve(), file.parent.resolve())
    if not any(there.resolve().is_relative_to(home) for home in homes):
        todo = "copy it beside pack.yaml"
        raise InputError(where, f"{part.category_from!r} points outside the pack", todo=todo)
    return Categories.read(there)


def _check_there(where: str | Path, file: Path) -> None:
    """InputError if there is no pack.yaml, saying what the folder contains instead."""
    root = file.parent if file.name == "pack.yaml" and file != Path(where) else Path(where)
    with contextlib.suppress(OSError, ValueError):
        if file.is_file():
            return
    allowed = "a folder with a pack.yaml, such a file, or the word studio"
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
        else:
            problem = f"there is no such {'file' if file == root else 'folder'}"
            packs = [name for name in beside if _is_pack(root.parent / name)]
            todo = nearest(root.name, [STUDIO, *packs])
    except FileNotFoundError:
        problem = "there is no such folder"
    except (OSError, ValueError) as error:
        problem = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    raise InputError(where, problem, allowed=allowed, todo=todo)


def _is_pack(path: Path) -> bool:
    """Whether it is a folder with a pack.yaml, or a file that describes a pack."""
    file = pack_file(path)
    if path.is_dir() or not file.is_file():
        return file.is_file()
    with contextlib.suppress(InputError):
        return bool(strict_yaml.load(PackFile, file))
    return False


def _empty(found: Found, folders: Mapping[str, str]) -> InputError:
    """Why a pack has no picture at all: what lies there instead."""
    names = [folder for slot, folder in folders.items() if kind_of(slot) != "alphas"]
    problem = f"has no pictures in its folders ({listed(names, 6)})"
    remarks = found.problems + found.notes
    if not remarks:
        return InputError(found.root, problem, todo="put them there: foregrounds/mug/red.png")
    more = f" (and {len(remarks) - 1} more like it)" if len(remarks) > 1 else ""
    first = remarks[0] if remarks[0].file != str(found.root) else remarks[0].message
    return InputError(found.root, problem, todo=f"{first}{more}")


def _label(
    draft: _Draft, entry: Entry | None, problems: list[Remark]
) -> Label | BackgroundLabel | None:
    """The picture's label over what holds otherwise; None, and a problem, if it is wrong."""
    kind: type[Label] | type[BackgroundLabel] = Label if draft.is_foreground else BackgroundLabel
    if entry is None:
        return kind.model_validate(draft.defaults)
    try:
        said = strict_yaml.parse(kind, entry.data, entry.where).model_dump(exclude_unset=True)
    except InputError as error:
        told = str(error).removeprefix(f"{error.where}: ")
        problems.append(Remark(error.where, f"{told}; {draft.rest['path']} is left out"))
        return None
    return kind.model_validate(_over(draft.defaults, said))


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of two labels, where those above hold; attributes one by one."""
    merged = {**below, **above}
    if "attributes" in below and "attributes" in above:
        merged["attributes"] = {**below["attributes"], **above["attributes"]}
    return merged
