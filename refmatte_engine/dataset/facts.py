"""Facts about a dataset that a card tells: counts, statistics, terms, and how it was made. Of a
released dataset only what its label files and mattes say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from refmatte_engine.config.run import UNNAMED
from refmatte_engine.dataset import attribution, stats
from refmatte_engine.dataset.attribution import Terms
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.stats import Stats
from refmatte_engine.parallel import Progress

LOOKED_AT = 24  # mattes whose softness and contrast are measured


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one split."""

    images: int
    things: int
    sentences: int


@dataclass(frozen=True, slots=True)
class Facts:
    """`manifest` is empty, and `terms` too, of a dataset that no run of the engine wrote."""

    name: str
    splits: Mapping[str, Counts]
    stats: Stats
    manifest: Mapping[str, Any] = field(default_factory=dict)
    terms: tuple[Terms, ...] = ()

    @property
    def total(self) -> Counts:
        """Of all splits."""
        each = self.splits.values()
        return Counts(
            sum(c.images for c in each), sum(c.things for c in each), sum(c.sentences for c in each)
        )

    @property
    def run(self) -> Mapping[str, Any]:
        """The run as the manifest has it, or nothing."""
        found: Mapping[str, Any] = self.manifest.get("run", {})
        return found


def of(root: Path, name: str = "", progress: Progress | None = None) -> Facts:
    """The facts about the dataset in the folder `root`; `name` is what it is called, else as its
    run is, or as its folder if no run gave it a name. `progress` is called with (images read,
    images in total). InputError if it is not a dataset's."""
    dataset = Dataset(root)
    used = attribution.nothing_used()
    note = partial(attribution.note, used)
    found = stats.collect(root, alphas=LOOKED_AT, progress=progress, each=note)
    splits = {
        split: Counts(said["images"], said.get("entities", 0), said.get("expressions", 0))
        for split, said in dataset.manifest["splits"].items()
    }
    folder = root.resolve().name
    if dataset.is_released:
        return Facts(name or folder, splits, found)
    terms = tuple(attribution.terms(dataset.manifest, used))
    given = str(dataset.manifest["run"].get("name", UNNAMED))
    called = name or (folder if given in ("", UNNAMED) else given)
    return Facts(called, splits, found, dataset.manifest, terms)
