"""Statistics of a dataset: tables, distributions, variety of words, plots."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.values import Values
from refmatte_engine.dataset.variety import Variety
from refmatte_engine.errors import needs
from refmatte_engine.images import image_io
from refmatte_engine.parallel import Progress
from refmatte_engine.records import U8, Clause, Sample
from refmatte_engine.semantics import contrast
from refmatte_engine.storage.files import disk_errors

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLOT_ROWS = 30
COLOR = "attribute color"
PAGES = {
    "composition": ("layout", "level", "entities in an image", "kind of thing"),
    "categories": ("category",),
    "colors": (COLOR,),
    "mattes": ("area_share", "visible_share", "softness_share", "contrast"),
    "sentences": ("kind of expression", "spatial word", "words"),
}
BAR, GRID = "#c8643c", "#d9d5cd"

Table = dict[str, int]
# In this order, also where nothing is in them.
TABLES = (
    "split", "layout", "level", "entities in an image", "attempts for an image", "kind of thing",
    "category", "relation", "kind of expression", "spatial word", "template",
)  # fmt: skip
MEASURES = (
    "width_px", "height_px", "area_share", "visible_share", "softness_share", "contrast", "words",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stats:
    """A dataset in numbers.

    `tables` count values by the table's name ("layout" → {"left_right": 33}), most frequent first.
    `measures` are the values of a quantity, unit in the name; shares lie in [0, 1]. `variety` is
    that of all texts. `unseen` names the mattes of entities that hardly differ from their
    surroundings, worst first, among those whose contrast was measured. `assets` says of each
    foreground in how many images it was `asked` for, by the first attempts at them, and `used`.
    """

    name: str
    images: int
    entities: int
    expressions: int
    tables: dict[str, Table]
    measures: dict[str, Values]
    variety: dict[str, float]
    unseen: tuple[str, ...] = ()
    assets: dict[str, dict[str, int]] = field(default_factory=dict)


def collect(
    root: str | Path,
    *,
    alphas: int = 200,
    progress: Progress | None = None,
    each: Callable[[Sample], object] = bool,
) -> Stats:
    """The statistics of the dataset at `root`, in memory that does not grow with it.

    Softness, the share of an entity's visible pixels with alpha < 1, and contrast (CIEDE2000 to its
    surroundings) are measured on at most `alphas` files, evenly spread; everything else on all
    records. What a released dataset does not say is left out. `progress` is called with (images
    read, images in total), `each` with every sample. InputError for an unreadable dataset.
    """
    dataset = Dataset(root)
    every = max(1, math.ceil(_entities(dataset) / max(1, alphas)))
    counts = {name: Counter[str]() for name in TABLES}
    measures, said = {name: Values() for name in MEASURES}, Variety()
    hidden: list[tuple[float, str]] = []
    asked, used = Counter[str](), Counter[str]()
    picture = lru_cache(1)(image_io.read_rgb)  # of one image's entities, read once
    images = number = 0
    for images, sample in enumerate(dataset.samples(), 1):
        each(sample)
        for name, values in _values(sample):
            counts.setdefault(name, Counter()).update(filter(None, values))
        placed = [p.foreground for p in sample.scene.placements]
        used.update(placed)
        asked.update(sample.asked or placed)
        height, width = sample.scene.canvas_hw
        measures["width_px"].add(width)
        measures["height_px"].add(height)
        for expression in sample.expressions:
            said.add(expression.text)
            measures["words"].add(len(expression.text.split()))
        for entity in sample.entities:
            measures["area_share"].add(entity.area_px / (height * width))
            if entity.foreground:
                measures["visible_share"].add(entity.visible_share)
            if number % every == 0:
                image = picture(dataset.image_path(sample))
                path = dataset.alpha_path(sample, entity.index)
                soft, found = _look(image, image_io.read_matte(path, image.shape[:2]))
                measures["softness_share"].add(soft)
                if math.isfinite(found):
                    measures["contrast"].add(found)
                hidden.append((found, f"{sample.name}_{entity.index}"))
            number += 1
        if progress is not None:
            progress(images, len(dataset))
    tables = {name: _ordered(found) for name, found in counts.items()}
    return Stats(
        name=dataset.root.resolve().name,
        images=images,
        entities=number,
        expressions=said.texts,
        tables=tables
        | {
            "rejection": _ordered(dataset.manifest.get("rejections", {})),
            "given up": _ordered(dataset.manifest.get("given_up", {})),
        },
        measures=measures,
        variety=said.shares(),
        unseen=tuple(name for found, name in sorted(hidden) if found < contrast.UNSEEN),
        assets={name: {"asked": asked[name], "used": used[name]} for name in sorted(asked | used)},
    )


def _entities(dataset: Dataset) -> int:
    """How many there are; counted if the manifest does not say."""
    said = [split.get("entities") for split in dataset.manifest["splits"].values()]
    if all(isinstance(count, int) for count in said):
        return sum(said)
    return sum(len(sample.entities) for sample in dataset.samples())


def _values(sample: Sample) -> Iterator[tuple[str, list[str]]]:
    """What a sample adds to each table."""
    entities, expressions = sample.entities, sample.expressions
    words = (word for e in expressions for word in spatial_words(e.program))
    yield "split", [sample.split]
    yield "layout", [sample.scene.layout]
    yield "level", [sample.level]
    yield "entities in an image", [str(len(entities))]
    yield "attempts for an image", [str(sample.attempt + 1)] if sample.scene.background else []
    yield "number among siblings", [str(sample.sibling)] if sample.siblings else []
    yield "kind of thing", [entity.kind for entity in entities]
    yield "category", [entity.category for entity in entities]
    yield "relation", [r.predicate for r in sample.relations]
    yield "kind of expression", [expression.kind for expression in expressions]
    yield "spatial word", list(words)
    yield "template", [e.template for e in expressions if e.template]
    for attribute in (attribute for entity in entities for attribute in entity.attributes):
        if not attribute.name.endswith("_perhaps"):
            name = " ".join(f"attribute {attribute.part} {attribute.name}".split())
            yield name, [attribute.value]


def _ordered(counts: dict[str, int]) -> Table:
    """Most frequent first; numbers of entities in ascending order."""
    if all(value.isdecimal() for value in counts):
        return dict(sorted(counts.items(), key=lambda item: int(item[0])))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def spatial_words(program: Iterable[Clause]) -> Iterator[str]:
    """Names of the positions and relations in `program`, including those of its targets."""
    for clause in program:
        if clause.op in ("position", "relation"):
            yield clause.name
        for target in clause.targets:
            yield from spatial_words(target)


def _look(image: U8, alpha: U8) -> tuple[float, float]:
    """Softness and contrast of the entity with this matte."""
    soft = int(np.count_nonzero(alpha % 255)) / max(1, int(np.count_nonzero(alpha)))
    return soft, contrast.contrast(image, alpha)


def as_json(stats: Stats) -> dict[str, Any]:
    """The statistics as plain values; measures as mean and quartiles."""
    plain = {field.name: getattr(stats, field.name) for field in fields(stats)}
    return plain | {"measures": {n: values.summary() for n, values in stats.measures.items()}}


def plot(stats: Stats, folder: str | Path) -> tuple[Path, ...]:
    """Draws the statistics as PNG files into `folder`, created if missing, and returns their paths.

    MissingExtra without matplotlib; RefMatteError if the folder cannot be written.
    """
    with needs("plots", "draw plots"):
        from matplotlib.figure import Figure

    folder = Path(folder)
    written = []
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for page, wanted in PAGES.items():
            names = [n for n in wanted if stats.tables.get(n) or stats.measures.get(n)]
            if not names:
                continue
            longest = max(min(len(stats.tables.get(n, ())), PLOT_ROWS) for n in names)
            size = (4 * len(names) if names[1:] else 7, max(2.8, 0.8 + 0.25 * longest))
            figure = Figure(size, dpi=110, layout="constrained")
            for panel, name in enumerate(names, 1):
                axes = figure.add_subplot(1, len(names), panel)
                axes.set_title(name.replace("_", " "), loc="left", fontsize=11, fontweight="bold")
                axes.spines[["top", "right", "left"]].set_visible(False)
                axes.set_axisbelow(True)
                if name in stats.tables:
                    _bars(axes, stats.tables[name], name == COLOR)
                else:
                    _histogram(axes, stats.measures[name])
            written.append(folder / f"{page}.png")
            figure.savefig(written[-1], bbox_inches="tight", pad_inches=0.2)
    return tuple(written)


def _bars(axes: Axes, table: Table, in_their_color: bool) -> None:
    from matplotlib.colors import is_color_like

    shown = list(table.items())[:PLOT_ROWS][::-1]
    # "$" would start a formula.
    labels = [value.replace("_", " ").replace("$", r"\$") for value, _ in shown]
    colors = [v if in_their_color and is_color_like(v) else BAR for v, _ in shown]
    bars = axes.barh(range(len(shown)), [n for _, n in shown], 0.72, color=colors)
    if in_their_color:
        for bar in bars:
            bar.set(edgecolor="#777777", linewidth=0.6)
    axes.bar_label(bars, padding=3, fontsize=8, color="#666666")
    axes.set_yticks(range(len(shown)), labels, fontsize=9)
    axes.set_ylim(len(shown) - max(7, len(shown)) - 0.5, len(shown) - 0.5)
    axes.tick_params(length=0)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)


def _histogram(axes: Axes, measure: Values) -> None:
    values, counts = measure.counted()
    whole = all(value.is_integer() for value in values.tolist())
    edges = np.arange(values[0] - 0.5, values[-1] + 1).tolist() if whole else 24
    axes.hist(values, edges, weights=counts, color=BAR, rwidth=0.9)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.locator_params(axis="x", integer=whole)
    axes.tick_params(length=0, labelsize=9)
