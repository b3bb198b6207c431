"""What is known of a source: its folders, splits, categories, terms and published counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from refmatte_engine.records import KindOfThing

# What is said of single pictures, as lines of labels.jsonl, from files that come with a source.
Labels = Callable[[Path], Iterable[Mapping[str, Any]]]
# The paths, from the root, of pictures that show what others show, and are passed over.
Unused = Callable[[Path], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Part:
    """One set of folders, relative to the source's own. `*` stands for any one folder, the same in
    all three; `named` gives what follows from its name: category and split by the name in lower
    case, else the name itself if it is "*".

    Of parts that are called alike (`is_called`) the one with the most pictures is read, the first
    if several have as many. `published` is how many mattes, or backgrounds, the authors count.
    """

    is_called: str
    foregrounds: str = ""
    alphas: str = ""
    backgrounds: str = ""
    split: str = ""
    colors: Literal["own", "mixed"] = "mixed"
    category: str = ""
    kind: KindOfThing | None = None
    category_from: int | str = ""
    by_folder: bool = False
    published: int | None = None
    categories: Mapping[str, str] = field(default_factory=dict)

    @property
    def pictures(self) -> str:
        """The folder of what is placed, or placed on."""
        return self.foregrounds or self.backgrounds


@dataclass(frozen=True, slots=True)
class Origin:
    """A source by its `name` on the command line. `title`, `licence`, `source` and `credit` go into
    pack.yaml. `signs` are files that only this source has. `is_general` marks layouts that say
    little: such a source is guessed last. `todo` is what a person should do to the new pack."""

    name: str
    title: str
    licence: str
    source: str
    credit: str
    parts: tuple[Part, ...]
    published: int | None = None
    signs: tuple[str, ...] = ()
    is_general: bool = False
    labels: Labels | None = None
    unused: Unused | None = None
    todo: str = ""


# What folders of other people call their splits.
SPLITS = {
    **dict.fromkeys(("train", "training", "tr", "training_set"), "train"),
    **dict.fromkeys(("val", "validation", "valid", "vd", "test", "te", "test_set"), "test"),
    **dict.fromkeys(("te1", "te2", "te3", "te4", "testval"), "test"),
}
