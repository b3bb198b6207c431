"""The endless stream: a dataset without a disk, whose samples are composed on demand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from refmatte_engine.config.run import Run
from refmatte_engine.dataset.reader import Item
from refmatte_engine.generation.compose import Composer, templates_of
from refmatte_engine.packs import run_catalog
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.scene.plan import make_plan


class Stream:
    """`split` of `run`, without end: item i has the pixels, alphas and sentences of image i of a
    dataset (before JPEG), and depends only on the run and i. So any worker can compute any item,
    and resuming means starting at another i.

    With `colors` its items have the colours of their things, too. InputError if the run's packs
    lack what the split needs.
    """

    def __init__(
        self,
        run: Run,
        split: str = "train",
        catalog: Catalog | None = None,
        *,
        colors: bool = False,
    ) -> None:
        self.run, self.split, self.colors = run, split, colors
        self.catalog = catalog or run_catalog.of_run(run)
        plan = make_plan(run, self.catalog, split)
        self._composer = Composer(plan, self.catalog, templates_of(run))

    def __getitem__(self, index: int) -> Item:
        """Item `index` ≥ 0. RefMatteError if no acceptable scene was found."""
        (made,) = self._composer.samples(index, index + 1)
        drawn, things = made.rendering, [entity.index for entity in made.sample.entities]
        alphas = tuple(drawn.visible_alpha(k) for k in things)
        colors = tuple(drawn.color(k) for k in things) if self.colors else ()
        return Item(made.sample, drawn.image, alphas, colors)

    def __iter__(self) -> Iterator[Item]:
        return map(self.__getitem__, itertools.count())
