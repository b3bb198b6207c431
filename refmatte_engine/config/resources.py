"""Paths of the bundled templates and assets: beside the package in a checkout, inside it when
installed."""

from __future__ import annotations

import contextlib
from pathlib import Path

from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.storage.remote import is_url

_PACKAGE = Path(__file__).resolve().parents[1]


def _home(name: str) -> Path:
    inside = _PACKAGE / "data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


TEMPLATES = _home("templates")
ASSETS = _home("assets")
STUDIO = "studio"  # the word for the embedded pack
STUDIO_PACK = ASSETS / "pack"


def pack_name(pack: str | Path, beside: Path = Path()) -> str:
    """How a run names a pack: the word `studio`, a URL, or a folder or pack file that holds
    wherever one stands, where a relative one lies `beside`."""
    if str(pack) == STUDIO or is_url(pack):
        return str(pack)
    return str((beside / pack).resolve())


def pack_file(pack: str | Path) -> Path:
    """The file that describes a pack: the pack.yaml of a folder, a file of another name as it
    stands, or the bundled pack's for the word `studio`."""
    path = STUDIO_PACK if str(pack) == STUDIO else Path(pack)
    with contextlib.suppress(OSError, ValueError):
        if path.suffix.lower() in (".yaml", ".yml") and not path.is_dir():
            return path
    return path / "pack.yaml"


def template(name: str | Path, folder: str, beside: Path | None = None) -> Path:
    """The file that `name` means: a path as given, a path beside the file that names it, or a
    bundled template in `folder` (suffix and folder may be omitted).

    InputError, listing the bundled names, if there is no such file.
    """
    path = Path(name)
    tried = [path] if beside is None else [beside / path]
    tried += [TEMPLATES / path, TEMPLATES / folder / path, TEMPLATES / folder / f"{name}.yaml"]
    # "templates/runs/demo.yaml" is how the README spells it, also where there is no checkout.
    if path.parts[:1] == ("templates",):
        tried.append(TEMPLATES.joinpath(*path.parts[1:]))
    for candidate in tried:
        # A name of thousands of characters is not a file, and the system says so with an error.
        with contextlib.suppress(OSError, ValueError):
            if candidate.is_file():
                return candidate
    known = sorted(file.stem for file in (TEMPLATES / folder).glob("*.yaml"))
    raise InputError(
        name,
        "no such file",
        allowed=f"a path, or one of {listed(known)}",
        todo=nearest(path.stem, known),
    )
