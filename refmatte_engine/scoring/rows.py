"""Evaluation rows from a dataset folder: an image, a text, and the mattes that the text means.

Reads what `generate` wrote, the released RefMatte (`train`, `test`), RefMatte-RW100, whose images
lie in `image` or `img`, and a CSV of photographs (see `dataset.photographs`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from pathlib import Path

from refmatte_engine.dataset import photographs
from refmatte_engine.dataset.address import opened
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.refmatte_layout import (
    Entry,
    entries_of,
    keywords,
    label_files,
    labelled,
)
from refmatte_engine.dataset.refmatte_layout import kinds as kinds_of
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.records import KEYWORD, Clause, Sample, Setting
from refmatte_engine.storage import csv_file, json_file
from refmatte_engine.storage.spool import Spool

TEST = "test"  # the split that a CSV of photographs is


@dataclass(frozen=True, slots=True)
class Row:
    """One text of one image.

    `alphas` are the files of all entities of the image and `referents` the positions in `alphas` of
    what the text means: one, or several or none for kinds of that sort. `expression` is the index
    (from 0) in the label file's `expressions`, or "keyword". A text with several referents or none
    belongs to entity 0 of its image, `<image_name>_0`, and forms its own group. `category` and
    `level` are empty if unknown. `changed` is what a text about nothing says that nothing there is
    any more: category, position, relation …, or the attribute. `twin` names a pair of pictures in
    which the same text means something else. `by_mask` says that the row's prediction is named for
    the mask alone.
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
    changed: str = ""
    twin: str = ""
    by_mask: bool = False

    @property
    def name(self) -> str:
        """The name of the prediction's file, without ".png"."""
        return self.mask_stem if self.by_mask else f"{self.mask_stem}_{self.expression}"

    @property
    def setting(self) -> Setting:
        """Whether the text is a mere name."""
        return "keyword" if self.kind == KEYWORD else "expression"


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of an evaluation, those of an image one after the other, with a description: of
    which dataset, and which of its rows. `keyword_field` is where its keywords were read, if that
    was said."""

    dataset: str
    mode: str
    rows: Sequence[Row]
    keyword_field: str = ""

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def by_image(self) -> Iterator[list[Row]]:
        """The rows of each image, in the order in which they come."""
        return _by_image(self.rows)


def read(
    root: str | Path,
    *,
    split: str | None = None,
    kinds: Collection[str] | None = None,
    setting: Setting | None = None,
    index: str | Path | None = None,
    keyword_field: str | None = None,
) -> Rows:
    """The rows of the dataset at `root`, a folder, a URL or a CSV of photographs: of one split, of
    some kinds, keywords or expressions only (None means both), or those that `index` picks
    (RW100's JSON: image name or mask stem → index).

    A keyword is a row only if it means one entity of its image; `keyword_field` is what the labels
    of a released dataset call it, if not `keyword`. Expressions of a label file without
    kinds have the kinds expression_0, expression_1 … InputError for an unknown layout, split or
    kind, a missing file, an invalid label, or if no row is left.
    """
    called, root = str(root), opened(root)
    if index is not None and setting == KEYWORD:
        raise InputError(index, "picks expressions", allowed="no index with the keyword setting")
    is_ours = (root / "manifest.json").is_file()
    field = keyword_field or ""
    if field and (is_ours or csv_file.is_csv(root)):
        problem, todo = "has keywords of its own", "leave out --keyword-field"
        raise InputError(root, problem, todo=todo)
    if csv_file.is_csv(root):
        rows = Spool(_photographs(root, split))
    else:
        rows = Spool(_ours(Dataset(root), split) if is_ours else _released(root, split, field))
    if setting == KEYWORD and not any(row.category for row in rows):
        raise InputError(
            root,
            "has no categories, so no keywords",
            allowed="labels with `category` or `keyword`",
            todo="say with --keyword-field what its labels call them",
        )
    mode = {KEYWORD: "keywords", "expression": "all expressions", None: "keywords and expressions"}
    said = [mode[setting]]
    if setting is not None:
        rows = Spool(row for row in rows if row.setting == setting)
    if index is not None:
        rows = Spool(_picked(rows, Path(index)))
        said = [f"the expressions that {Path(index).name} picks"]
    if kinds:
        known = sorted({row.kind for row in rows})
        for kind in kinds:
            if kind not in known:
                todo = nearest(kind, known)
                raise InputError(root, f"has no {kind!r} rows", allowed=listed(known), todo=todo)
        rows = Spool(row for row in rows if row.kind in kinds)
        those = "texts" if index is None else said[0]
        said = [f"{those} of kind {' or '.join(kinds)}"]
    if split is not None:
        said.append(f"split {split}")
    if not rows:
        raise InputError(root, f"has no rows ({', '.join(said)})")
    return Rows(called, ", ".join(said), rows, field)


def _by_image(rows: Iterable[Row]) -> Iterator[list[Row]]:
    return (list(own) for _, own in groupby(rows, key=attrgetter("image")))


def _ours(dataset: Dataset, split: str | None) -> Iterator[Row]:
    """The rows of the samples in their order; twins follow each other."""
    before: tuple[Sample, list[Row]] | None = None
    for sample in dataset.samples(split):
        own = list(_of_sample(dataset, sample))
        if before is not None and before[0].name == sample.twin:
            yield from _contrasted(before, (sample, own))
            before = None
            continue
        if before is not None:
            yield from before[1]
        before = sample, own
    if before is not None:
        yield from before[1]


def _of_sample(dataset: Dataset, sample: Sample) -> Iterator[Row]:
    """The rows of the label file, followed by the texts that mean several entities or none, which
    a label file cannot hold."""
    image = dataset.image_path(sample)
    alphas = tuple(dataset.alpha_path(sample, entity.index) for entity in sample.entities)
    for row in _of_image(entries_of(sample), image, alphas):
        yield replace(row, level=sample.level)
    places = {entity.index: place for place, entity in enumerate(sample.entities)}
    others = (e for e in sample.expressions if len(e.referents) != 1 and e.kind != KEYWORD)
    for number, said in enumerate(others):
        referents = tuple(places[referent] for referent in said.referents)
        stem, index = f"{sample.name}_0", str(number)
        yield Row(
            sample.name, stem, index, said.kind, said.text, image, alphas, referents, "",
            sample.level, "" if referents else _changed(said.program),
        )  # fmt: skip


def _changed(program: Sequence[Clause]) -> str:
    """What of a text that means nothing is not so: the clause after which nothing is left."""
    refuted = next((clause for clause in program if not clause.left_after), None)
    if refuted is None:
        return ""
    return refuted.name if refuted.op == "attribute" else refuted.op


def _contrasted(*twins: tuple[Sample, list[Row]]) -> Iterator[Row]:
    """The rows of two twins; those of a text that means another thing in each are marked."""
    name = twins[0][0].name
    meant = [
        {row.text: [sample.entities[r].foreground for r in row.referents] for row in own}
        for sample, own in twins
    ]
    for _, own in twins:
        for row in own:
            both = [texts.get(row.text) for texts in meant]
            yield replace(row, twin=name) if None not in both and both[0] != both[1] else row


def _released(root: Path, split: str | None, keyword_field: str) -> Iterator[Row]:
    found = label_files(root)
    if split is not None and split not in found:
        todo = nearest(split, found)
        raise InputError(root, f"has no split {split!r}", allowed=listed(found), todo=todo)
    for name, path in found.items():
        if split in (None, name):
            for each in labelled(path, keyword_field):
                yield from _of_image(each.entries, each.image, each.alphas)


def _photographs(path: Path, split: str | None) -> Iterator[Row]:
    if split not in (None, TEST):
        raise InputError(path, f"has no split {split!r}", allowed=f"{TEST}, or none")
    for each in photographs.read(path):
        name, alphas = each.image.stem, tuple(each.mattes)
        counted = Counter[int | None]()
        for text, kind, place in each.texts:
            stem, number = f"{name}_{0 if place is None else place + 1}", counted[place]
            counted[place] += 1
            referents = () if place is None else (place,)
            category = "" if place is None else each.name_of(place)
            yield Row(name, stem, str(number), kind, text, each.image, alphas, referents, category)


def _of_image(entries: Mapping[str, Entry], image: Path, alphas: tuple[Path, ...]) -> Iterator[Row]:
    """The rows of the label file's entries of one image, by mask stem."""
    names = keywords(entries)
    for place, (stem, entry) in enumerate(entries.items()):
        name, is_unique = names[place]
        texts = [(str(i), kind, text) for i, (kind, text) in enumerate(kinds_of(entry))]
        if is_unique:
            texts.insert(0, (KEYWORD, KEYWORD, name))
        for expression, kind, text in texts:
            yield Row(
                entry.image_name, stem, expression, kind, text, image, alphas, (place,),
                entry.category or name,
            )  # fmt: skip


def _picked(rows: Iterable[Row], path: Path) -> Iterator[Row]:
    wanted = json_file.read(path)
    if not isinstance(wanted, dict) or not all(type(i) is int for i in wanted.values()):
        allowed = 'whole numbers by image name or mask stem: {"0a_photo": 3, …}'
        raise InputError(path, "is not an expression index", allowed=allowed)
    left = list[str]()
    for of_image in _by_image(rows):
        own = [row for row in of_image if len(row.referents) == 1]
        without = {row.mask_stem: None for row in own if row.expression != KEYWORD}
        for row in own:
            if row.expression == str(wanted.get(row.mask_stem, wanted.get(row.image_name))):
                del without[row.mask_stem]
                yield row
        left += without
    if left:
        raise InputError(path, f"picks no expression for {listed(left, 4)}")
