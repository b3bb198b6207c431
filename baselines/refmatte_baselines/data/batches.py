"""Batches by number: what batch n holds depends on the seed and n, not on who makes it or when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from refmatte_baselines.data import augment, near_misses, rewording
from refmatte_baselines.data.pictures import Source, Text, TrainingPicture, Wanted, form_of
from refmatte_baselines.data.trimaps import band_width, trimap_truth
from refmatte_baselines.ranks import Place
from refmatte_baselines.towers.reader import Reader
from refmatte_baselines.training.recipe import Phase, Recipe
from refmatte_engine.errors import InputError
from refmatte_engine.randomness import stream
from refmatte_engine.records import F32, U8

# Height to width, and how often: pictures are mostly landscape, but not always.
ASPECTS = {2 / 3: 6, 3 / 4: 2, 1.0: 1, 3 / 2: 1}


class Batch(NamedTuple):
    """B pictures and K texts for each: `image` uint8 B×3×H×W, `alpha` uint8 KB×1×H×W, `trimap`
    uint8 KB×H×W, `tokens` int64 KB×L of the texts, keywords in a template. `shares` float32
    B×U×H/P×W/P says how much of each place belongs to things of each of the U names in these
    pictures, its `vocabulary`, whose tokens are `names_read`, int64 U×L. `colors` uint8 KB×6×H×W
    are those of what is meant and of what is behind it, where the composition loss wants them.
    What is not wanted is empty. Texts and kinds are KB long, names B. `number` is the batch's;
    what comes again has the one that it had at first."""

    image: Tensor
    alpha: Tensor
    trimap: Tensor
    tokens: Tensor
    shares: Tensor
    names_read: Tensor
    colors: Tensor
    texts: tuple[str, ...]
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    vocabulary: tuple[str, ...]
    number: int = 0


class Batches(Dataset[Batch]):
    """Of a training that goes on in steps of one or more batches, batch n of one of its
    processes."""

    def __init__(
        self,
        sources: Sequence[Source],
        recipe: Recipe,
        place: Place,
        patch: int,
        reader: Reader,
    ) -> None:
        """At its `place` each process makes its own part of a batch. InputError for a phase whose
        batches cannot be shared among the processes."""
        self.sources, self.recipe, self.place = sources, recipe, place
        self.patch, self.reader = patch, reader
        self._composes = recipe.weights().get("composition", 0) > 0
        self.templates = recipe.architecture().drawn_templates or (reader.template,)
        # Of each phase: the step after it, and how many batches a step has.
        self._ends: list[tuple[int, int]] = []
        end = 0
        for phase in recipe.phases:
            end += phase.steps or 0
            self._ends.append((end, parts(phase, place)))

    def __len__(self) -> int:
        return self.number(self.recipe.steps)

    def number(self, step: int) -> int:
        """The number of the first batch of a step (from 0)."""
        found = before = 0
        for end, count in self._ends:
            found += (min(step, end) - before) * count
            before = min(step, end)
        return found

    def step(self, number: int) -> tuple[int, int]:
        """The step that batch `number` is of, and its place in that."""
        before = 0
        for end, count in self._ends:
            if number < (end - before) * count:
                return before + number // count, number % count
            number -= (end - before) * count
            before = end
        raise IndexError(number)

    def __getitem__(self, number: int) -> Batch:
        step, part = self.step(number)
        step = self.again(step)
        number = self.number(step) + part
        phase, first_step, first_picture = self.recipe.at(step)
        at_once = phase.batch // (parts(phase, self.place) * self.place.world)
        first = first_picture + (step - first_step) * phase.batch
        first += (part * self.place.world + self.place.rank) * at_once
        size_hw = self._size(number, phase.size)
        made = [
            self._picture(index, size_hw, phase, step % 2)
            for index in range(first, first + at_once)
        ]
        return collate(made, self.patch, self.reader)._replace(number=number)

    def again(self, step: int) -> int:
        """The step that had a step's batches first."""
        phase, first_step, _ = self.recipe.at(step)
        if phase.pictures is None:
            return step
        count = phase.pictures // phase.batch
        time, place = divmod(step - first_step, count)
        if not time:
            return step
        order = stream(self.recipe.seed, "again", "train", first_step + time).permutation(count)
        return first_step + int(order[place])

    def _size(self, number: int, long_side: int) -> tuple[int, int]:
        rng = stream(self.recipe.seed, "shape", "train", number)
        weights = np.array(list(ASPECTS.values()), float)
        drawn = list(ASPECTS)[int(rng.choice(len(ASPECTS), p=weights / weights.sum()))]
        aspect = self.recipe.aspect or drawn
        height, width = (long_side * min(1, aspect), long_side * min(1, 1 / aspect))
        return tuple(max(1, round(x / self.patch)) * self.patch for x in (height, width))  # type: ignore[return-value]

    def _picture(self, index: int, size_hw: tuple[int, int], phase: Phase, finely: int) -> One:
        """`finely` 1: things are told apart within their categories as well."""
        config = self.recipe
        rng = stream(config.seed, "picture", "train", index)
        number, which = divmod(index, len(self.sources))
        picture = self.sources[which].picture(number, max(size_hw), self.wanted(phase))
        if config.synonyms:
            picture = rewording.reworded(picture, config.synonyms, rng)
        if config.absent:
            picture = rewording.with_absent(picture, self.sources[which].categories, rng)
        if config.exchanges:
            picture = near_misses.exchanged(picture, config.exchanges, rng)
        if picture.entities and rng.random() < config.crop:
            picture = augment.random_crop(picture, config.crop_least, rng, config.aspect)
        if rng.random() < config.flip:
            picture = augment.mirrored(picture)
        picture = augment.resized(picture, size_hw)
        texts = self._asked(picture, phase, rng)
        picture = augment.relit(picture, rng) if config.relight else picture
        image = picture.image
        alphas = np.stack([picture.alpha(text) for text in texts])
        width = band_width(max(size_hw), rng, config.band_px)
        trimaps = np.stack([trimap_truth(alpha, width) for alpha in alphas])
        return One(
            f"{which}/{picture.name}",
            image,
            alphas,
            trimaps,
            tuple(self._written(each, rng) for each in texts),
            tuple(each.kind for each in texts),
            _shares(picture, finely, size_hw[0] // self.patch, size_hw[1] // self.patch),
            _colors(picture, texts, alphas) if self._composes and phase.details else None,
        )

    def wanted(self, phase: Phase) -> Wanted:
        """The texts that are wanted of a picture: what is asked, and as many again where a crop may
        lose some."""
        texts = self.recipe.texts * (2 if self.recipe.crop else 1)
        return Wanted(texts, None if phase.kinds is None else tuple(phase.kinds.items()))

    def _asked(
        self, picture: TrainingPicture, phase: Phase, rng: np.random.Generator
    ) -> list[Text]:
        """The texts that are asked of a picture; where a share of them is to mean nothing, others
        do not."""
        there = [each for each in picture.texts if each.referents]
        absent = [each for each in picture.texts if not each.referents]
        if not (self.recipe.absent and there):
            return augment.chosen(picture.texts, self.recipe.texts, phase.kinds, rng)
        chosen = augment.chosen(there, self.recipe.texts, phase.kinds, rng)
        order = rng.permutation(len(absent))
        instead = rng.random(len(chosen)) < self.recipe.absent
        for number, place in enumerate(np.flatnonzero(instead) if absent else ()):
            chosen[place] = absent[order[number % len(order)]]
        return chosen

    def _written(self, text: Text, rng: np.random.Generator) -> str:
        """A keyword in one of the templates; an expression as it is."""
        if form_of(text) == "expression":
            return text.text
        bag = self.templates
        return bag[int(rng.integers(len(bag))) if len(bag) > 1 else 0].format(text.text)


def _shares(
    picture: TrainingPicture, finely: int, height: int, width: int
) -> dict[str, np.ndarray]:
    """How much of each place, float32 height×width, belongs to things of each name."""
    found: dict[str, np.ndarray] = {}
    for names, alpha in zip(picture.names, picture.alphas, strict=bool(picture.names)):
        name = names[finely]
        part = cv2.resize(alpha, (width, height), interpolation=cv2.INTER_AREA) / np.float32(255)
        found[name] = np.minimum(found[name] + part, 1) if name in found else part
    return found


def _colors(picture: TrainingPicture, texts: Sequence[Text], alphas: np.ndarray) -> np.ndarray:
    """The colours of what each alpha means and of what is behind it, uint8 K×6×H×W."""
    found = []
    for text, alpha in zip(texts, alphas, strict=True):
        known = picture.color(text)
        pair = np.dstack([known, behind(picture.image, alpha, known)])
        found.append(np.rint(pair).clip(0, 255).astype(np.uint8))
    return np.stack(found).transpose(0, 3, 1, 2)


def behind(image: U8, alpha: U8, color: U8) -> F32:
    """The colour behind something of a known `color`, float32 H×W×3 in levels: what the image is
    composed of besides; where nothing is seen of it, black."""
    share = alpha[..., None].astype(np.float32) / 255
    rest = (image - share * color) / np.maximum(1 - share, 1e-3)
    return np.where(share < 1, rest, 0).clip(0, 255).astype(np.float32)


class One(NamedTuple):
    """A picture and its K texts, as arrays; see `Batch`."""

    name: str
    image: np.ndarray
    alphas: np.ndarray
    trimaps: np.ndarray
    texts: tuple[str, ...]
    kinds: tuple[str, ...]
    shares: dict[str, np.ndarray]
    colors: np.ndarray | None


def collate(made: Sequence[One], patch: int, reader: Reader) -> Batch:
    """Pictures of one size as a batch."""
    image = torch.from_numpy(np.stack([one.image for one in made])).permute(0, 3, 1, 2)
    vocabulary = sorted({name for one in made for name in one.shares})
    none = np.zeros([side // patch for side in image.shape[-2:]], np.float32)
    shares = [np.stack([one.shares.get(n, none) for n in vocabulary]) for one in made if vocabulary]
    colors = [one.colors for one in made if one.colors is not None]
    texts = tuple(text for one in made for text in one.texts)
    readable = [reader.readable(text, "expression") for text in texts]
    return Batch(
        image.contiguous(),
        torch.from_numpy(np.concatenate([one.alphas[:, None] for one in made])),
        torch.from_numpy(np.concatenate([one.trimaps for one in made])),
        reader.tokens(readable, "expression"),
        torch.from_numpy(np.stack(shares)) if shares else torch.zeros(0),
        reader.tokens(vocabulary, "keyword") if vocabulary else torch.zeros(0, dtype=torch.int64),
        torch.from_numpy(np.concatenate(colors)) if colors else torch.zeros(0),
        texts,
        tuple(kind for one in made for kind in one.kinds),
        tuple(one.name for one in made),
        tuple(vocabulary),
    )


def parts(phase: Phase, place: Place) -> int:
    """The number of batches that each process makes of a step. InputError if they are not whole."""
    own, rest = divmod(phase.batch, place.world)
    at_once = phase.at_once or own
    if rest or not own or own % at_once:
        share = f", {phase.at_once} pictures at once" if phase.at_once else ""
        raise InputError(
            f"a batch of {phase.batch}",
            f"cannot be shared by {place.world} processes{share}",
            todo="choose a batch that is a multiple of that",
        )
    return own // at_once


def loader(batches: Batches, first: int, end: int, workers: int) -> DataLoader[Batch]:
    """The batches of steps `first` to `end`, exclusive, made ahead by `workers` processes (0: in
    this one)."""
    # Before the workers are forked: OpenCV's threads do not come along, and a worker that tells
    # them to end waits for ever.
    cv2.setNumThreads(1)
    return DataLoader(
        batches,
        batch_size=None,
        sampler=range(batches.number(first), batches.number(end)),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
        pin_memory=torch.cuda.is_available(),
    )
