"""The reader of a dataset folder: samples as records, images and alphas as arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, Field

from refmatte_engine.config import strict_yaml
from refmatte_engine.config.run import Run, from_manifest
from refmatte_engine.dataset import released, sample_file
from refmatte_engine.dataset.address import MANIFEST, UNFINISHED, opened
from refmatte_engine.dataset.sample_file import PLAIN_NAMES, SampleFile, place
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.images import image_io
from refmatte_engine.images.alphas import to_float, together
from refmatte_engine.records import Entity, Expression, Sample, is_plain
from refmatte_engine.storage import json_file

FORMATS = (1, 2, 3, 4, 5, 6, 7, 8, 9)


def _plain(name: str) -> str:
    if not is_plain(name):
        raise ValueError(f"a name consists of {PLAIN_NAMES}")
    return name


class _Counts(BaseModel):
    """A manifest's entry for one split."""

    images: Annotated[int, Field(ge=0)]
    entities: Annotated[int, Field(ge=0)] = 0
    expressions: Annotated[int, Field(ge=0)] = 0


class _Image(BaseModel):
    format: Literal["jpg", "png"]


class _Run(BaseModel):
    image: _Image


class _Manifest(BaseModel):
    """What readers need of a manifest; anything else in it is ignored."""

    format: Literal[1, 2, 3, 4, 5, 6, 7, 8, 9]
    run: _Run
    splits: dict[Annotated[str, AfterValidator(_plain)], _Counts]
    rejections: dict[str, int] = {}
    skipped: dict[str, dict[Annotated[str, Field(pattern=r"^\d{1,18}$")], str]] = {}
    licences: dict[str, dict[str, str]] = {}
    content_digest: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One sample with its pixels: `image` uint8 H×W×3 RGB; `alphas[k - 1]` the visible alpha of
    entity k, float32 H×W in [0, 1]. `colors[k - 1]` is its straight colour, uint8 H×W×3, in a
    stream that was asked for colours; a disk has none."""

    sample: Sample
    image: NDArray[np.uint8]
    alphas: tuple[NDArray[np.float32], ...]
    colors: tuple[NDArray[np.uint8], ...] = ()

    def alpha(self, expression: Expression) -> NDArray[np.float32]:
        """The matte that `expression` asks for, float32 H×W in [0, 1]: its referent's, the sum over
        several, or all zero if it means nothing in the picture."""
        nothing = np.zeros(self.image.shape[:2], np.float32)
        return together((self.alphas[k - 1] for k in expression.referents), nothing)


class Dataset:
    """A dataset that `generate` wrote, in a folder or at a URL, or RefMatte or RefMatte-RW100 as
    released. Iterating yields every `Item`, split by split; `dataset[i]` is number i of these.

    InputError when the folder has neither a readable manifest nor label files, and as
    `address.opened` has it.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = opened(root)
        self._files: dict[str, SampleFile] = {}
        is_ours = (self.root / MANIFEST).is_file()
        self._released = None if is_ours else released.read(self.root)
        self.manifest: dict[str, Any] = (
            read_manifest(self.root)
            if self._released is None
            else self._released.manifest(self.root.resolve().name)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        # All labels of a released dataset are too much to be sent along with every piece of work.
        return (_reopened if self.is_released else Dataset), (self.root,)

    @property
    def is_released(self) -> bool:
        """Whether it is one of the released datasets, of which only label files tell."""
        return self._released is not None

    @property
    def splits(self) -> tuple[str, ...]:
        """Names of the splits, in the order of the run."""
        return tuple(self.manifest["splits"])

    @property
    def run(self) -> Run:
        """The run that made the dataset; packs and templates are given by name. InputError names
        what is invalid in the manifest, and that none is recorded of a released dataset."""
        if self.is_released:
            problem, allowed = "was not made by a run", "a dataset that `refmatte generate` wrote"
            raise InputError(self.root, problem, allowed=allowed)
        return from_manifest(self.manifest["run"], f"{self.root / MANIFEST}: run")

    def skipped(self, split: str) -> dict[int, str]:
        """Why images of the split were left out when it was made, by index."""
        found = self.manifest.get("skipped", {}).get(split, {})
        return {int(index): why for index, why in found.items()}

    @property
    def template_files(self) -> tuple[Path, Path] | None:
        """The template file and the vocabulary that the sentences were made from, beside the
        manifest; None before format 2."""
        folder = self.root / "templates"
        files = folder / "expressions.yaml", folder / "vocabulary.yaml"
        return files if self.manifest["format"] > 1 else None

    def samples(
        self, split: str | None = None, wanted: Callable[[int], bool] = lambda _: True
    ) -> Iterator[Sample]:
        """Every sample of `split` (of all splits if None), in order of index, whose number from 0
        is `wanted`; no pixels are read.

        InputError names file and line of an unreadable record.
        """
        if split is not None and split not in self.splits:
            todo, names = nearest(split, self.splits), listed(self.splits)
            raise InputError(self.root, f"has no split {split!r}", allowed=names, todo=todo)
        for name in self.splits if split is None else (split,):
            if self._released is not None:
                yield from map(self._measured, self._released.samples(name, wanted))
                continue
            file, count = self.sample_file(name), 0
            for count, line in enumerate(file.lines(), 1):
                if wanted(count - 1):
                    yield file.parsed(line, count - 1)
            self.check_count(name, count)

    def siblings(self, split: str | None = None) -> Iterator[tuple[Sample, ...]]:
        """The samples of `split` (of all splits if None), those together that show the same things
        in the same places before different backgrounds; one that has no siblings is by itself.
        Errors as `samples` has them."""
        by_group = groupby(self.samples(split), lambda sample: sample.siblings or sample.name)
        return (tuple(group) for _, group in by_group)

    def sample(self, split: str, number: int) -> Sample:
        """Sample `number`, from 0, of `split`; no other is parsed. IndexError if there is none."""
        if self._released is None:
            return self.sample_file(split)[number]
        for sample in self.samples(split, place(number).__eq__):
            return sample
        raise IndexError(number)

    def sample_file(self, split: str) -> SampleFile:
        """The file of the samples of `split`, of ours."""
        if split not in self._files:
            self._files[split] = SampleFile(self.root / split / sample_file.NAME, split)
        return self._files[split]

    def check_count(self, split: str, count: int) -> None:
        """InputError unless the manifest says that `split` has `count` samples."""
        if count != (images := self.manifest["splits"][split]["images"]):
            path = self.sample_file(split).path
            raise InputError(path, f"has {count} samples", allowed=f"the manifest's {images}")

    def image_path(self, sample: Sample) -> Path:
        """The image file of `sample`."""
        if self._released is not None:
            return self._released.images[sample.split][sample.name].image
        suffix = self.manifest["run"]["image"]["format"]
        return self.root / sample.split / "img" / f"{sample.name}.{suffix}"

    def alpha_path(self, sample: Sample, entity_index: int) -> Path:
        """The visible alpha (8-bit grey PNG, the image's size) of entity `entity_index`."""
        if self._released is not None:
            return self._released.images[sample.split][sample.name].alphas[entity_index - 1]
        return self.root / sample.split / "mask" / f"{sample.name}_{entity_index}.png"

    def _measured(self, sample: Sample) -> Sample:
        """The sample with the size of its picture and where its things are, by their mattes."""
        size_hw, entities = (0, 0), []
        for entity in sample.entities:
            path = self.alpha_path(sample, entity.index)
            alpha = image_io.read_alpha(path)
            size_hw = (alpha.shape[0], alpha.shape[1])
            entities.append(seen(entity, alpha) if alpha.any() else entity)
        scene = replace(sample.scene, canvas_hw=size_hw)
        return replace(sample, scene=scene, entities=tuple(entities))

    def load(self, sample: Sample) -> Item:
        """The pixels of `sample`. InputError for a missing or broken file, and for a matte that is
        not as large as its picture."""
        image = image_io.read_rgb(self.image_path(sample))
        mattes = (self.alpha_path(sample, entity.index) for entity in sample.entities)
        alphas = (to_float(image_io.read_matte(path, image.shape[:2])) for path in mattes)
        return Item(sample, image, tuple(alphas))

    def __getitem__(self, number: int) -> Item:
        """Item `number`, from 0, of all splits in their order; IndexError if there is none."""
        left = place(number)
        for split in self.splits:
            if left < (images := int(self.manifest["splits"][split]["images"])):
                return self.load(self.sample(split, left))
            left -= images
        raise IndexError(number)

    def __iter__(self) -> Iterator[Item]:
        return (self.load(sample) for sample in self.samples())

    def __len__(self) -> int:
        return sum(int(split["images"]) for split in self.manifest["splits"].values())


@lru_cache(1)
def _reopened(root: Path) -> Dataset:
    """A released dataset in another process, which reads it once."""
    return Dataset(root)


def seen(entity: Entity, alpha: NDArray[np.uint8]) -> Entity:
    """The entity with its geometry measured on its matte, uint8 H×W. ValueError if the matte is
    empty."""
    rows, columns = np.nonzero(alpha >= 128)
    if not len(rows):
        rows, columns = np.nonzero(alpha)
    if not len(rows):
        raise ValueError("empty")
    height, width = alpha.shape
    total = float(alpha.sum(dtype=np.int64))
    x = float(alpha.sum(axis=0, dtype=np.int64) @ (np.arange(width) + 0.5)) / total
    y = float(alpha.sum(axis=1, dtype=np.int64) @ (np.arange(height) + 0.5)) / total
    return replace(
        entity,
        box_xyxy=(
            int(columns.min()),
            int(rows.min()),
            int(columns.max()) + 1,
            int(rows.max()) + 1,
        ),
        centroid_xy=(x, y),
        area_px=total / 255,
    )


def read_manifest(root: Path) -> dict[str, Any]:
    """OUT/manifest.json. InputError if it is missing or not a dataset's."""
    path = root / MANIFEST
    if not path.is_file():
        raise InputError(
            path,
            "no such file",
            allowed="the folder of a finished `refmatte generate`, RefMatte or RefMatte-RW100",
            todo=UNFINISHED,
        )
    manifest = json_file.read(path)
    try:
        is_ours = "format" in manifest and isinstance(manifest["run"]["image"]["format"], str)
        is_ours &= all(isinstance(each["images"], int) for each in manifest["splits"].values())
    except (KeyError, TypeError, AttributeError):
        is_ours = False
    if not is_ours:
        raise InputError(path, "is not the manifest of a dataset")
    if isinstance(manifest["format"], int) and manifest["format"] > max(FORMATS):
        raise InputError(
            path,
            f"has format {manifest['format']}, which a newer version of the engine writes",
            allowed=listed(FORMATS),
            todo="update refmatte-engine",
        )
    strict_yaml.parse(_Manifest, manifest, path)
    found: dict[str, Any] = manifest
    return found
