"""The endless stream: a dataset without a disk, whose samples are composed on demand."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from refmatte_engine.config.run import Run, check_run
from refmatte_engine.dataset.reader import Item
from refmatte_engine.dataset.sample_file import place
from refmatte_engine.errors import InputError, listed, nearest
from refmatte_engine.generation.compose import Composer, Made, templates_of
from refmatte_engine.language.templates import Asked, Templates
from refmatte_engine.packs import run_catalog
from refmatte_engine.packs.catalog import Catalog
from refmatte_engine.records import COMBINED, KEYWORD, KINDS, MINIMAL, OVERSPECIFIED
from refmatte_engine.scene.plan import make_plan


class Stream:
    """`split` of `run`, without end: item i has the pixels, alphas and sentences of image i of a
    dataset (before JPEG), and depends only on the run and i. So any worker can compute any item,
    and resuming means starting at another i; `turns.Turns` shares items out.

    With `colors` its items have the colours of their things, too. With `texts` each has so many
    texts at most, about its things in turn, of `kinds` (with weights, or all alike; None: keywords
    and what the run's templates require), and item i is another one than image i of a dataset:
    only what is asked is written and certified, so fewer scenes are drawn again; only attributes
    that such texts can tell of, and those that `measure` adds, are measured; and backgrounds are
    kept small, which rounds them otherwise.

    InputError if the run's packs lack what the split needs, or for a kind that there is not.
    """

    def __init__(
        self,
        run: Run,
        split: str = "train",
        catalog: Catalog | None = None,
        *,
        colors: bool = False,
        texts: int | None = None,
        kinds: Mapping[str, float] | tuple[str, ...] | None = None,
        measure: Collection[str] = (),
    ) -> None:
        check_run(run)
        self.run, self.split, self.colors = run, split, colors
        self.catalog = catalog or run_catalog.of_run(run)
        plan = make_plan(run, self.catalog, split)
        templates = templates_of(run)
        if texts is not None or kinds is not None:
            asked = _asked(templates, 1 if texts is None else texts, kinds, measure)
            templates = replace(templates, asked=asked, require=())
        self._composer = Composer(plan, self.catalog, templates)
        self._group: tuple[int, tuple[Made, ...]] = (-1, ())

    def __getitem__(self, index: int) -> Item:
        """Item `index`, from 0; IndexError below. RefMatteError if no acceptable scene was
        found."""
        made = self._made(place(index))
        drawn, things = made.rendering, [entity.index for entity in made.sample.entities]
        alphas = tuple(drawn.visible_alpha(k) for k in things)
        colors = tuple(drawn.color(k) for k in things) if self.colors else ()
        return Item(made.sample, drawn.image, alphas, colors)

    def _made(self, index: int) -> Made:
        """Item `index`; of siblings, who are made together, all are kept until others are asked
        for."""
        each = self.run.siblings or 1
        first = index - index % each
        if self._group[0] != first or each == 1:
            self._group = first, tuple(self._composer.samples(first, first + each))
        return self._group[1][index - first]

    def __iter__(self) -> Iterator[Item]:
        return map(self.__getitem__, itertools.count())


def kinds_of(run: Run) -> tuple[str, ...]:
    """The kinds of text that may be asked of a stream of `run`."""
    return _kinds(templates_of(run))


def _kinds(templates: Templates) -> tuple[str, ...]:
    known = [kind for kind in KINDS if kind in templates.kinds]
    return (*known, *((MINIMAL, OVERSPECIFIED) if COMBINED in known else ()))


def _asked(
    templates: Templates,
    count: int,
    kinds: Mapping[str, float] | tuple[str, ...] | None,
    measure: Collection[str],
) -> Asked:
    """What is asked of each picture. InputError for less than one text, or an unknown kind."""
    if count < 1:
        raise InputError("texts", f"{count} is not a number of texts", allowed="1 and more")
    each = (KEYWORD, *templates.require) if kinds is None else kinds
    weights = dict(each) if isinstance(each, Mapping) else dict.fromkeys(each, 1.0)
    wanted = {kind: float(weight) for kind, weight in weights.items() if weight > 0}
    known = _kinds(templates)
    for kind in wanted.keys() - set(known):
        raise InputError(
            "kinds", f"no text is {kind!r}", allowed=listed(known), todo=nearest(kind, known)
        )
    if not wanted:
        raise InputError("kinds", "asks for nothing", allowed=listed(known))
    return Asked(count, wanted, templates.attributes(wanted).union(measure))
