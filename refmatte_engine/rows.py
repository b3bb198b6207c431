"""A dataset folder as the rows of an evaluation: an image, a text, and the mattes it means.

Reads what `generate` wrote, the released RefMatte (`train`, `test`) and RefMatte-RW100, whose
images lie in `image` or `img`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from refmatte_engine import image_io
from refmatte_engine.dataset import Dataset
from refmatte_engine.errors import InputError, listed, nearest

KEYWORD = "keyword"
IMAGES = ("img", "image")  # the released datasets' folders of images
Setting = Literal["keyword", "expression"]


@dataclass(frozen=True, slots=True)
class Row:
    """One text of one image.

    `alphas` are the files of all entities of the image and `referents` the positions in it of what
    the text means: one, or several or none for the kinds that mean so. `expression` is the index
    (from 0) in the label file's `expressions`, or "keyword". A text with several referents or none
    belongs to entity 0 of its image, `<image_name>_0`, and counts by itself. `category` and `level`
    are empty where they are not known.
    """

    image_name: str
    mask_stem: str
    expression: str
    kind: str
    text: str
    image: Path
    alphas: tuple[Path, ...]
    referents: tuple[int, ...]
    category: str = ""
    level: str = ""

    @property
    def name(self) -> str:
        """What the file of its prediction is called, without ".png"."""
        return f"{self.mask_stem}_{self.expression}"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an evaluation, and in words which ones of which dataset they are."""

    dataset: str
    mode: str
    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


class _Entry(BaseModel):
    """An entry of a label file. Released files need only the first two."""

    image_name: str
    expressions: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    keyword: str = ""
    keyword_unique: bool | None = None
    category: str = ""


_ENTRIES = TypeAdapter(dict[str, _Entry])
_INDEX = TypeAdapter(dict[str, int])
Value = TypeVar("Value")


def read(
    root: str | Path,
    *,
    split: str | None = None,
    kinds: Collection[str] | None = None,
    setting: Setting | None = None,
    index: str | Path | None = None,
) -> Rows:
    """The rows of the dataset at `root`: of one split, of some kinds, keywords or expressions only
    (None means both), or those that `index` picks (RW100's JSON: image name or mask stem → index).

    A keyword is a row only where it means one entity of its image. Expressions of a label file that
    names no kinds are of the kinds expression_0, expression_1 … InputError for an unknown layout,
    split or kind, a missing file, a broken label, or when no row is left.
    """
    root = Path(root)
    if index is not None and setting == KEYWORD:
        raise InputError(index, "picks expressions", allowed="no index in the keyword setting")
    is_ours = (root / "manifest.json").is_file()
    rows = list(_ours(Dataset(root), split) if is_ours else _released(root, split))
    if setting == KEYWORD and not any(row.category for row in rows):
        raise InputError(
            root, "has no categories, so no keywords", allowed="labels with `category` or `keyword`"
        )
    mode = {KEYWORD: "keywords", "expression": "all expressions", None: "keywords and expressions"}
    said = [mode[setting]]
    if setting is not None:
        rows = [row for row in rows if (row.expression == KEYWORD) == (setting == KEYWORD)]
    if index is not None:
        rows = _picked(rows, Path(index))
        said = [f"the expressions that {Path(index).name} picks"]
    if kinds:
        known = sorted({row.kind for row in rows})
        for kind in kinds:
            if kind not in known:
                todo = nearest(kind, known)
                raise InputError(root, f"has no {kind!r} rows", allowed=listed(known), todo=todo)
        rows = [row for row in rows if row.kind in kinds]
        those = "texts" if index is None else said[0]
        said = [f"{those} of kind {' or '.join(kinds)}"]
    if split is not None:
        said.append(f"split {split}")
    if not rows:
        raise InputError(root, f"has no rows ({', '.join(said)})")
    return Rows(str(root), ", ".join(said), tuple(rows))


def _ours(dataset: Dataset, split: str | None) -> Iterator[Row]:
    for sample in dataset.samples(split):
        places = {entity.index: place for place, entity in enumerate(sample.entities)}
        alphas = tuple(dataset.alpha_path(sample, index) for index in places)
        counts: Counter[str] = Counter()
        for said in sample.expressions:
            index = said.referents[0] if len(said.referents) == 1 else 0
            stem, expression = f"{sample.name}_{index}", KEYWORD
            if said.kind != KEYWORD:
                expression = str(counts[stem])
                counts[stem] += 1
            elif not index:
                continue
            yield Row(
                sample.name,
                stem,
                expression,
                said.kind,
                said.text,
                dataset.image_path(sample),
                alphas,
                tuple(places[referent] for referent in said.referents),
                sample.entities[places[index]].category if index else "",
                sample.level,
            )


def label_files(root: Path) -> dict[str, Path]:
    """The label file of each split of a released dataset. InputError if there is none."""
    found = {
        re.sub("refmatte_(.*)_label", r"\1", path.stem): path
        for pattern in ("refmatte_*_label.json", "*/refmatte_*_label.json")
        for path in sorted(root.glob(pattern))
    }
    if not found:
        allowed = "a finished `refmatte generate`, RefMatte, or RefMatte-RW100"
        raise InputError(root, "holds no dataset", allowed=allowed)
    return found


def _released(root: Path, split: str | None) -> Iterator[Row]:
    found = label_files(root)
    if split is not None and split not in found:
        raise InputError(root, f"has no split {split!r}", allowed=listed(found))
    for name, path in found.items():
        if split in (None, name):
            yield from _labelled(path)


def _labelled(path: Path) -> Iterator[Row]:
    """The rows of a label file and the folders of images and alphas beside it."""
    entries = _parsed(path, _ENTRIES)
    images = {
        file.stem: file
        for folder in IMAGES
        if (path.parent / folder).is_dir()
        for file in sorted((path.parent / folder).iterdir())
        if file.suffix.lower() in image_io.SUFFIXES
    }
    masks = path.parent / "mask"
    there = {file.stem for file in masks.glob("*.png")}
    stems = defaultdict(list)
    for stem, entry in entries.items():
        stems[entry.image_name].append(stem)
        if entry.image_name not in images:
            raise InputError(
                path, f"labels {stem!r}: no image {entry.image_name!r} in img or image"
            )
        if stem not in there:
            raise InputError(masks / f"{stem}.png", f"no such file, but {path.name} labels it")
    for image_name, own in stems.items():
        alphas = tuple(masks / f"{stem}.png" for stem in own)
        names = [entries[stem].keyword or entries[stem].category for stem in own]
        categories = [entries[stem].category or name for stem, name in zip(own, names, strict=True)]
        for place, stem in enumerate(own):
            entry = entries[stem]
            texts = [(str(i), kind, text) for i, (kind, text) in enumerate(_kinds(entry))]
            is_unique = entry.keyword_unique
            if is_unique is None:
                is_unique = categories.count(categories[place]) == names.count(names[place]) == 1
            if names[place] and is_unique:
                texts.insert(0, (KEYWORD, KEYWORD, names[place]))
            for expression, kind, text in texts:
                yield Row(
                    image_name,
                    stem,
                    expression,
                    kind,
                    text,
                    images[image_name],
                    alphas,
                    (place,),
                    categories[place],
                )


def _kinds(entry: _Entry) -> Iterator[tuple[str, str]]:
    known = len(entry.kinds) == len(entry.expressions)
    for i, text in enumerate(entry.expressions):
        yield entry.kinds[i] if known else f"expression_{i}", text


def _picked(rows: list[Row], path: Path) -> list[Row]:
    wanted = _parsed(path, _INDEX)
    own = [row for row in rows if len(row.referents) == 1]
    picked = [
        row
        for row in own
        if row.expression == str(wanted.get(row.mask_stem, wanted.get(row.image_name)))
    ]
    left = {row.mask_stem: None for row in own if row.expression != KEYWORD}
    for row in picked:
        left.pop(row.mask_stem)
    if left:
        raise InputError(path, f"picks no expression of {listed(left, 4)}")
    return picked


def _parsed(path: Path, adapter: TypeAdapter[dict[str, Value]]) -> dict[str, Value]:
    try:
        return adapter.validate_json(image_io.read_bytes(path))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise InputError(path, f"{place}: {first['msg']}".removeprefix(": ")) from None
