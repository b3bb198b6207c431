"""What a model is trained on: pictures, and what is said of them, from a disk or out of nothing."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from refmatte_engine.config.layout_rules import Canvas
from refmatte_engine.config.run import Run, changed, load_run
from refmatte_engine.dataset.address import folder_of
from refmatte_engine.dataset.identity import identity
from refmatte_engine.dataset.reader import Dataset, Item
from refmatte_engine.dataset.refmatte_layout import label_files
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.generation.stream import Stream, kinds_of
from refmatte_engine.images import image_io
from refmatte_engine.images.alphas import together
from refmatte_engine.packs import own_colors, run_catalog
from refmatte_engine.randomness import stream
from refmatte_engine.records import KEYWORD, NONE, U8, Clause, Entity, Setting
from refmatte_engine.scoring import rows
from refmatte_engine.scoring.rows import Row
from refmatte_engine.semantics import lexicon
from refmatte_engine.storage import cache, csv_file

SUBSTITUTES, FAR = 4, 2**28
PEOPLE = {("female", False): "woman", ("male", False): "man",
          ("female", True): "girl", ("male", True): "boy"}  # fmt: skip
LEAST_PX = 192  # in smaller pictures layouts find no room


@dataclass(frozen=True, slots=True)
class Text:
    """One text; `referents` are positions in the picture's alphas. `program` is its meaning, where
    the dataset records it."""

    text: str
    kind: str
    referents: tuple[int, ...]
    program: tuple[Clause, ...] | None = None


@dataclass(frozen=True, slots=True)
class TrainingPicture:
    """`image` uint8 H×W×3 RGB; `alphas` uint8 H×W of each thing; `entities` the things' records and
    `names` what they are, in the same order, where there are any: the category, and what tells a
    thing from most of its category (a red mug, a girl in a yellow coat). `colors` are the straight
    colours that things were drawn in, uint8 H×W×3, where these are known."""

    name: str
    image: U8
    alphas: tuple[U8, ...]
    texts: tuple[Text, ...]
    entities: tuple[Entity, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    colors: tuple[U8, ...] = ()

    def __post_init__(self) -> None:
        for alpha in self.alphas:
            if alpha.shape != self.image.shape[:2]:
                sizes = [f"{each.shape[1]}×{each.shape[0]}" for each in (self.image, alpha)]
                problem = f"has {sizes[0]} pixels, and a matte has {sizes[1]}"
                raise InputError(self.name, problem, allowed="mattes of the image's size")

    def alpha(self, text: Text) -> U8:
        """The matte that a text means, uint8 H×W: the sum of its referents' visible alphas."""
        nothing = np.zeros(self.image.shape[:2], np.uint8)
        return together((self.alphas[place] for place in text.referents), nothing)

    def color(self, text: Text) -> U8:
        """The colour of what a text means, uint8 H×W×3, where `colors` are known: of several
        things, of each as far as it is seen."""
        total = np.zeros(self.image.shape, np.float32)
        weight = np.full(self.image.shape[:2], 1e-6, np.float32)
        for place in text.referents:
            total += self.colors[place] * self.alphas[place][..., None].astype(np.float32)
            weight += self.alphas[place]
        return np.rint(total / weight[..., None]).astype(np.uint8)


class Wanted(NamedTuple):
    """What a step asks of a picture: so many texts, each of one of these kinds (with weights; None:
    of any)."""

    texts: int
    kinds: tuple[tuple[str, float], ...] | None = None


class Source(Protocol):
    """Pictures by number, from 0, without an end; the same number gives the same picture."""

    name: str
    digest: str
    """Of the content."""
    categories: list[str]
    """Of its things, each as often as it is there; empty where nothing records them."""

    def picture(
        self, index: int, long_side_px: int, wanted: Wanted | None = None
    ) -> TrainingPicture:
        """Picture `index`; its long side may be anything from `long_side_px` up. A source that
        writes its texts itself may write no more than is `wanted` (None: all that there are)."""


def source(
    data: str,
    seed: int,
    split: str = "train",
    *,
    colors: bool = False,
    keyword_field: str | None = None,
) -> Source:
    """The source that `data` names: a dataset's folder (ours, RefMatte's, RefMatte-RW100's), a CSV
    of photographs, or a run (a YAML file or an embedded name), whose samples are then composed as
    they are needed. A released dataset of one split, as RW100, is that split's, and its keywords
    may be called something else, `keyword_field`. With `colors` pictures have those of their
    things: a run's are known, others are estimated once and kept in the cache."""
    data = str(folder_of(data, "a dataset to train on"))
    if Path(data).is_dir() or csv_file.is_csv(Path(data)):
        return Written(Path(data), seed, split, keyword_field, colors=colors)
    return Composed(load_run(data), seed, split, colors=colors)


class Composed:
    """The endless stream of a run, with the canvas as small as the training needs it. `seed` draws
    other scenes, of the assets that are of `split` in the run itself."""

    def __init__(self, run: Run, seed: int, split: str, *, colors: bool = False) -> None:
        self.name, self.split, self.colors = f"stream of {run.name}/{split}", split, colors
        self._catalog = run_catalog.of_run(run)
        self.categories = [
            each.category for each in self._catalog.foregrounds.values() if each.split == split
        ]
        self.digest = self._content(run)
        self.run = changed(run, {"seed": run.seed + seed}, "seeds of the run and the training")
        self._streams: dict[tuple[int, Wanted | None], Stream] = {}
        self._stream(LEAST_PX, None)  # says now what the split lacks

    def _content(self, run: Run) -> str:
        drawn = {"seed", "test_share", "kinds", "groups", "layout"}
        content = hashlib.blake2b(self._catalog.digest.encode(), digest_size=16)
        content.update(run.model_dump_json(include=drawn).encode())
        content.update(run.expressions_file.read_bytes())
        content.update(" ".join(run.also or ()).encode())
        return content.hexdigest()

    def _stream(self, long_side_px: int, wanted: Wanted | None) -> Stream:
        key = (long_side_px, wanted)
        if key not in self._streams:
            canvas = Canvas(long_side_px=(long_side_px, long_side_px))
            rules = {**self.run.layout.model_dump(), "canvas": canvas}
            run = changed(self.run, {"layout": rules})
            self._streams[key] = Stream(
                run,
                self.split,
                self._catalog,
                colors=self.colors,
                texts=None if wanted is None else wanted.texts,
                kinds=None if wanted is None else self._kinds(wanted),
                measure=("color",),  # which `names` tell, whatever texts are asked for
            )
        return self._streams[key]

    def picture(
        self, index: int, long_side_px: int, wanted: Wanted | None = None
    ) -> TrainingPicture:
        samples = self._stream(max(long_side_px, LEAST_PX), wanted)
        for number in range(index, index + SUBSTITUTES * FAR, FAR):
            # One scene that cannot be had must not end a training of days.
            with suppress(RefMatteError):
                return from_item(samples[number])
        return from_item(samples[index])

    def _kinds(self, wanted: Wanted) -> dict[str, float] | None:
        """The wanted kinds that the run's templates say, as another dataset's may be among them;
        None if there are no others. What means nothing is drawn beside them."""
        known = {*kinds_of(self.run)} - {NONE}
        kinds = {kind: share for kind, share in wanted.kinds or () if kind in known and share > 0}
        return kinds or None


class Written:
    """The images of a dataset on disk, over and over, each time in another order."""

    def __init__(
        self,
        root: Path,
        seed: int,
        split: str | None,
        keyword_field: str | None = None,
        *,
        colors: bool = False,
    ) -> None:
        self.colors = colors
        self.name, self.seed, self.digest = f"{root.name}/{split}", seed, identity(root)
        self.keyword_field = ""
        if (root / "manifest.json").exists():
            self.dataset = Dataset(root)
            self._places: list[tuple[str, int]] = []  # samples are read when they are wanted
            self._images: list[list[Row]] = []
            self.categories: list[str] = []
            for name in self.dataset.splits if split is None else (split,):
                for number, one in enumerate(self.dataset.samples(name)):
                    self._places.append((name, number))
                    self.categories += [sys.intern(each.category) for each in one.entities]
        else:
            if csv_file.is_csv(root):
                self.name, split = root.name, None
            elif len(there := list(label_files(root))) == 1:
                self.name, split = f"{root.name}/{there[0]}", there[0]
            if keyword_field:
                self.keyword_field = keyword_field
                self.digest += f" by {keyword_field}"
            found = rows.read(root, split=split, keyword_field=keyword_field)
            self._images = list(found.by_image())
            self._places, self.categories = [], []
        self._count = len(self._places) or len(self._images)
        if not self._count:
            raise InputError(root, f"has no images in split {split!r}")

    def __len__(self) -> int:
        return self._count

    def picture(
        self, index: int, long_side_px: int, wanted: Wanted | None = None
    ) -> TrainingPicture:
        epoch, place = divmod(index, self._count)
        number = int(stream(self.seed, "order", "train", epoch).permutation(self._count)[place])
        if self._places:
            found = from_item(self.dataset.load(self.dataset.sample(*self._places[number])))
        else:
            found = from_rows(self._images[number])
        if not self.colors:
            return found
        kept = cache.folder()
        colors = (own_colors.of_thing(found.image, alpha, kept) for alpha in found.alphas)
        return replace(found, colors=tuple(colors))


def from_item(item: Item) -> TrainingPicture:
    """A sample of ours."""
    places = {entity.index: place for place, entity in enumerate(item.sample.entities)}
    texts = (
        Text(e.text, e.kind, tuple(places[r] for r in e.referents), e.program)
        for e in item.sample.expressions
    )
    alphas = tuple(np.rint(alpha * 255).astype(np.uint8) for alpha in item.alphas)
    entities = item.sample.entities
    names = tuple((lexicon.normal(each.category), described(each)) for each in entities)
    return TrainingPicture(
        item.sample.name, item.image, alphas, tuple(texts), entities, names, item.colors
    )


def described(entity: Entity) -> str:
    """A thing by its colour, or a person by age, gender and the first of their clothes, as far as
    that is known: "red mug", "girl in yellow coat"; else its category."""
    known = {(fact.name, fact.part): fact.value for fact in reversed(entity.attributes)}
    name, worn = lexicon.normal(entity.category), known.get(("clothes", ""))
    words = [known.get(("color", "")), name]
    if entity.kind == "human" and worn:
        child = known.get(("age", "")) == "child"
        who = PEOPLE.get((known.get(("gender", ""), ""), child), "person")
        words = [who, "in", known.get(("color", worn)), worn]
    return " ".join(filter(None, words))


def from_rows(found: Sequence[Row]) -> TrainingPicture:
    """An image of the released datasets, from all of its rows."""
    for row in found:
        if not row.text.strip():
            raise InputError(row.name, "has an empty text")
    texts = tuple(Text(row.text, row.kind, row.referents) for row in found)
    alphas = tuple(image_io.read_alpha(path) for path in found[0].alphas)
    return TrainingPicture(found[0].image_name, image_io.read_rgb(found[0].image), alphas, texts)


def form_of(text: Text) -> Setting:
    """Whether a text goes into the prompt's template."""
    return "keyword" if text.kind == KEYWORD else "expression"
