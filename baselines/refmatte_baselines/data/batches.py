"""Batches by number: what batch n holds depends on the seed and n, not on who makes it or when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from refmatte_baselines.clipmat.details import COARSEST_PX
from refmatte_baselines.clipmat.layers import cut
from refmatte_baselines.clipmat.recipe import Phase, Recipe
from refmatte_baselines.data import augment
from refmatte_baselines.data.pictures import Source, Text, TrainingPicture, is_keyword
from refmatte_baselines.data.trimaps import UNKNOWN, band_width, trimap_truth
from refmatte_engine.images import foreground_color
from refmatte_engine.randomness import stream

# Height to width, and how often: pictures are mostly landscape, but not always.
ASPECTS = {2 / 3: 6, 3 / 4: 2, 1.0: 1, 3 / 2: 1}


@dataclass(frozen=True, slots=True)
class Place:
    """Process `rank` of `world`, for data-parallel training: each makes its own part of a batch."""

    rank: int = 0
    world: int = 1


class Batch(NamedTuple):
    """B pictures and K texts for each: `image` uint8 B×3×H×W, `alpha` uint8 KB×1×H×W, `trimap`
    uint8 KB×H×W; texts and kinds are KB long, names B. `shares` float32 B×U×H/P×W/P says how much
    of each place belongs to things of each of the U names in these pictures. `colors` uint8
    KB×6×H×W are those of what is meant and of what is behind it, where the composition loss wants
    them; else it is empty. Keywords are in a template already. With W `windows` of each alpha,
    int64 KB×W×4 (top, left, bottom, right; else empty), alpha, trimap and colors are cut to these,
    and there are KBW."""

    image: Tensor
    alpha: Tensor
    trimap: Tensor
    shares: Tensor
    colors: Tensor
    windows: Tensor
    texts: tuple[str, ...]
    kinds: tuple[str, ...]
    names: tuple[str, ...]
    vocabulary: tuple[str, ...]


class Batches(Dataset[Batch]):
    """Batch n of a training, for one of its processes."""

    def __init__(self, sources: Sequence[Source], config: Recipe, place: Place, patch: int) -> None:
        self.sources, self.config, self.place, self.patch = sources, config, place, patch
        model = config.architecture()
        self.templates = model.drawn_templates or (model.template,)

    def __len__(self) -> int:
        return self.config.steps

    def __getitem__(self, number: int) -> Batch:
        phase, first_step, before = self.config.at(number)
        size_hw = self._size(number, phase.size)
        own = (number - first_step) * self.place.world + self.place.rank
        first = before * self.place.world + own * phase.batch
        numbers = range(first, first + phase.batch)
        made = [self._picture(index, size_hw, phase, number % 2) for index in numbers]
        return collate(made, self.patch)

    def _size(self, number: int, long_side: int) -> tuple[int, int]:
        rng = stream(self.config.seed, "shape", "train", number)
        weights = np.array(list(ASPECTS.values()), float)
        drawn = list(ASPECTS)[int(rng.choice(len(ASPECTS), p=weights / weights.sum()))]
        aspect = self.config.aspect or drawn
        height, width = (long_side * min(1, aspect), long_side * min(1, 1 / aspect))
        return tuple(max(1, round(x / self.patch)) * self.patch for x in (height, width))  # type: ignore[return-value]

    def _picture(self, index: int, size_hw: tuple[int, int], phase: Phase, finely: int) -> One:
        """`finely` 1: things are told apart within their categories as well."""
        config = self.config
        rng = stream(config.seed, "picture", "train", index)
        number, which = divmod(index, len(self.sources))
        picture = self.sources[which].picture(number, max(size_hw))
        if picture.entities and rng.random() < config.crop:
            picture = augment.random_crop(picture, config.crop_least, rng)
        if rng.random() < config.flip:
            picture = augment.mirrored(picture)
        picture = augment.resized(picture, size_hw)
        texts = augment.chosen(picture.texts, config.texts, phase.kinds, rng)
        image = augment.relit(picture.image, rng) if config.relight else picture.image
        alphas = np.stack([picture.alpha(text) for text in texts])
        width = band_width(max(size_hw), rng, config.band_px)
        trimaps = np.stack([trimap_truth(alpha, width) for alpha in alphas])
        windows = [_windows(trimap, phase, rng) for trimap in trimaps if phase.windows]
        return One(
            f"{which}/{picture.name}",
            image,
            alphas,
            trimaps,
            tuple(self._written(each, rng) for each in texts),
            tuple(each.kind for each in texts),
            _shares(picture, finely, size_hw[0] // self.patch, size_hw[1] // self.patch),
            _colors(image, alphas) if config.composes(phase) else None,
            np.stack(windows) if windows else None,
        )

    def _written(self, text: Text, rng: np.random.Generator) -> str:
        """A keyword in one of the templates; an expression as it is."""
        if not is_keyword(text):
            return text.text
        bag = self.templates
        return bag[int(rng.integers(len(bag))) if len(bag) > 1 else 0].format(text.text)


def _windows(trimap: np.ndarray, phase: Phase, rng: np.random.Generator) -> np.ndarray:
    """Windows (int64 W×4: top, left, bottom, right), each with a pixel of the unknown band in it,
    somewhere; with any pixel where there is no such band. They can be cut out of each level."""
    side = np.minimum(trimap.shape, phase.window_px) // COARSEST_PX * COARSEST_PX
    there = np.argwhere(trimap == UNKNOWN)
    if not len(there):
        there = np.argwhere(np.ones_like(trimap))
    inside = there[rng.integers(len(there), size=phase.windows)]
    first = inside - rng.integers(side - COARSEST_PX + 1, size=inside.shape)
    first = first.clip(0, trimap.shape - side) // COARSEST_PX * COARSEST_PX
    return np.hstack([first, first + side])


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


def _colors(image: np.ndarray, alphas: np.ndarray) -> np.ndarray:
    """Estimates of the colors of what each alpha means and of what is behind, uint8 K×6×H×W."""
    pairs = [np.dstack(foreground_color.unmixed(image, alpha)) for alpha in alphas]
    return np.rint(np.stack(pairs).clip(0, 1) * 255).astype(np.uint8).transpose(0, 3, 1, 2)


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
    windows: np.ndarray | None


def collate(made: Sequence[One], patch: int) -> Batch:
    """Pictures of one size as a batch."""
    image = torch.from_numpy(np.stack([one.image for one in made])).permute(0, 3, 1, 2)
    vocabulary = sorted({name for one in made for name in one.shares})
    none = np.zeros([side // patch for side in image.shape[-2:]], np.float32)
    shares = [np.stack([one.shares.get(n, none) for n in vocabulary]) for one in made if vocabulary]
    colors = [one.colors for one in made if one.colors is not None]
    windows = [one.windows for one in made if one.windows is not None]
    where = torch.from_numpy(np.concatenate(windows)) if windows else torch.zeros(0)

    def of_all(maps: Sequence[np.ndarray]) -> Tensor:
        whole = torch.from_numpy(np.concatenate(maps)) if maps else torch.zeros(0)
        return cut(whole, where) if maps and windows else whole

    return Batch(
        image.contiguous(),
        of_all([one.alphas[:, None] for one in made]),
        of_all([one.trimaps for one in made]),
        torch.from_numpy(np.stack(shares)) if shares else torch.zeros(0),
        of_all(colors),
        where,
        tuple(text for one in made for text in one.texts),
        tuple(kind for one in made for kind in one.kinds),
        tuple(one.name for one in made),
        tuple(vocabulary),
    )


def loader(batches: Batches, start: int, workers: int) -> DataLoader[Batch]:
    """The batches from number `start` on, made ahead by `workers` processes (0: in this one)."""
    # Before the workers are forked: OpenCV's threads do not come along, and a worker that tells
    # them to end waits for ever.
    cv2.setNumThreads(1)
    return DataLoader(
        batches,
        batch_size=None,
        sampler=range(start, len(batches)),
        num_workers=workers,
        prefetch_factor=4 if workers else None,
    )
