"""pack.yaml as people write it: whose pictures these are, and in which folders they lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from refmatte_engine.config.strict_yaml import Strict
from refmatte_engine.packs.labels import Label, Text

KEYS = ("foregrounds", "alphas", "backgrounds")

# Short enough for any file system to answer "no such folder".
Folder = Annotated[Text, Field(max_length=200)]


class _Folders(Strict):
    """How the pictures of some folders are to be taken."""

    colors: Literal["own", "mixed"] = "mixed"
    category_from: Annotated[int, Field(ge=-20, le=20)] | Text | None = None
    group_by: Literal["folder"] | None = None
    fix: tuple[Literal["dust", "invert", "scale"], ...] = ()
    defaults: Label = Label()

    @model_validator(mode="after")
    def _levels_begin_at_one(self) -> _Folders:
        if self.category_from == 0:
            raise ValueError(
                "category_from counts folders: 1 is the outermost below foregrounds, -1 the "
                "innermost"
            )
        return self


class Source(_Folders):
    """Folders that belong together, one of the `sources` of a pack.

    Where image and alpha are two files, `colors` says what the image holds: `mixed` colours, at the
    edges, of thing and background, or its `own`. `category_from` is a level of folders below
    `foregrounds`, or a JSON or CSV file that names categories by stem; `group_by: folder` keeps
    the pictures of a folder in one split. `fix` cures alphas where a fault is found: `dust` is
    cleared, `invert` turns what is opaque along its border, `scale` stretches 0 and 1, percent and
    narrow 16-bit values, and shrinks the larger of an image and an alpha whose sizes differ by a
    factor. `defaults`, and `licence`, `source` and `credit`, go before the pack's.
    """

    foregrounds: Folder | None = None
    alphas: Folder | None = None
    backgrounds: Folder | None = None
    licence: Text | None = None
    source: Text | None = None
    credit: Text | None = None

    @model_validator(mode="after")
    def _holds_something(self) -> Source:
        if not (self.foregrounds or self.backgrounds):
            raise ValueError("a source has foregrounds, or backgrounds")
        if self.alphas and not self.foregrounds:
            raise ValueError("alphas are of foregrounds; name their folder too")
        return self


class PackFile(_Folders):
    """pack.yaml. The folders lie inside the pack, or inside `root` if it is given; one inside
    another is not part of it. A picture in `foregrounds` has an alpha channel of its own or a
    namesake in `alphas`. Several sets of folders are `sources`; the keys beside are the short form
    of one. `defaults` hold for whatever no label says. `unused` are the paths of pictures that
    are passed over, from the root."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    licence: Text
    source: Text
    credit: Text
    root: Annotated[Text, Field(max_length=4000)] | None = None
    foregrounds: Folder = "foregrounds"
    alphas: Folder = "alphas"
    backgrounds: Folder = "backgrounds"
    unused: Annotated[tuple[Text, ...], Field(max_length=100_000)] = ()
    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=10_000)] | None = None

    @model_validator(mode="after")
    def _says_folders_once(self) -> PackFile:
        short = {*KEYS, "colors", "category_from", "group_by"} & self.model_fields_set
        if self.sources and short:
            raise ValueError(f"{min(short)} stands beside sources; move it into one of them")
        return self

    def parts(self) -> Iterator[tuple[str, Source]]:
        """Each set of folders, with what comes before its keys in messages."""
        if self.sources is None:
            said: dict[str, Any] = {key: getattr(self, key) for key in (*KEYS, *_WAYS)}
            yield "", Source(**said)
        for number, source in enumerate(self.sources or ()):
            yield f"sources.{number}.", source


_WAYS = ("colors", "category_from", "group_by")


def kind_of(slot: str) -> str:
    """Which of `KEYS` a folder is named by: the last part of "sources.1.alphas"."""
    return slot.rpartition(".")[2]
