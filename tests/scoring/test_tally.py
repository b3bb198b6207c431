"""Figures that are added up image by image, on disk, are those of all rows at once."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.randomness import stream
from refmatte_engine.scoring import columns, image_sums, presence, report, summary
from refmatte_engine.scoring.image_sums import ImageSums, Shelf
from refmatte_engine.scoring.rows import Row
from refmatte_engine.scoring.score import Result, Scores, _notes
from refmatte_engine.scoring.tally import BATCH, SAMPLES
from refmatte_engine.storage.spool import Spool
from tests.support.modules import REPOSITORY


def results(images: int, seed: int, *, nothing: float = 0.3) -> Iterator[Result]:
    """Rows as they come, of twins too, with any figures."""
    dice = random.Random(seed)
    for number in range(images):
        twin = f"t{number // 2}" if number % 4 < 2 else ""
        for k in range(dice.randrange(1, 7)):
            means = dice.random() >= nothing
            row = Row(
                image_name=f"i{number}",
                mask_stem=f"i{number}_1",
                expression=str(k),
                kind=dice.choice(["basic", "minimal"]),
                text=f"text {dice.randrange(4)}",
                image=Path(f"i{number}.jpg"),
                alphas=(),
                referents=(0,) if means else (),
                category=dice.choice(["", "mug", "cat"]),
                changed="" if means else "color",
                twin=twin if dice.random() < 0.7 else "",
            )
            errors = [dice.random() for _ in range(7)]
            told = dice.choice(["found", "wrong", "missed"]) if means else ""
            pixels = dice.randrange(90), dice.randrange(90, 99)
            parts = [dice.random() for _ in range(3)]
            size = dice.randrange(10, 2000), 30
            yield Result(row, *size, *errors, *pixels, told, dice.random() < 0.4, *parts)


def plainly(rows: Sequence[Result]) -> dict[str, tuple[float, float, float]]:
    """The figures of rows that are all in memory."""
    numbers = {image: n for n, image in enumerate(dict.fromkeys(r.row.image for r in rows))}
    image = np.array([numbers[result.row.image] for result in rows])
    share = 1 / np.bincount(image)[image]
    found = columns.of(rows)
    found |= {f"{name}(E)": (found[name][0] * share, share) for name in columns.ERRORS}
    found[presence.TWINS] = presence.twins(rows)
    names = columns.kept({name: float(column[1].sum()) for name, column in found.items()})
    sums = np.zeros((len(numbers), len(names), 2))
    np.add.at(sums, image, np.stack([np.stack(found[name], -1) for name in names], 1))
    dice, drawn = stream(0, "bootstrap", "", 0), []
    for _ in range(SAMPLES // BATCH):
        times = dice.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=BATCH)
        drawn.append(columns.values(np.tensordot(times, sums, 1), names))
    low, high = np.nanquantile(np.concatenate(drawn), (0.025, 0.975), axis=0)
    values = columns.values(sums.sum(0), names)
    every = zip(values.tolist(), low.tolist(), high.tolist(), strict=True)
    return dict(zip([*names, presence.MCC], every, strict=False))


@pytest.mark.parametrize(("images", "nothing"), [(1, 0.0), (2, 1.0), (9, 0.3), (60, 0.3)])
def test_the_same_to_the_last_digit(images: int, nothing: float) -> None:
    """Of all rows, and of each group."""
    rows = list(results(images, images, nothing=nothing))
    scores = Scores("p", "d", "m", Spool(rows), lambda *_: ())
    by_group = defaultdict(list, {("all", "all"): rows})
    for row in rows:
        for by in summary.GROUPED:
            if name := getattr(row.row, by):
                by_group[by, name].append(row)
    made = summary.groups(scores)
    assert len(made) == len(by_group)
    for group in made:
        own = by_group[group.by, group.name]
        assert (group.rows, group.images) == (len(own), len({r.row.image for r in own}))
        assert repr({k: tuple(v) for k, v in group.figures.items()}) == repr(plainly(own))
    assert repr(summary.overall(scores)) == repr(made[0])


def test_more_images_than_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = Scores("p", "d", "m", tuple(results(90, 1)), lambda *_: ())
    whole = summary.overall(scores).figures
    monkeypatch.setattr(image_sums, "AT_ONCE", 7)
    monkeypatch.setattr(image_sums, "HELD_BYTES", 3000)
    parts = summary.overall(scores).figures
    for name, figure in whole.items():
        assert figure == pytest.approx(parts[name], rel=1e-12, nan_ok=True)


def test_sums_come_back_in_order() -> None:
    shelf = Shelf()
    two = [ImageSums(shelf, 40) for _ in range(2)]
    for number in range(1000):
        two[number % 2].add(np.full(40, number, float))
    for odd, sums in enumerate(two):
        back = np.concatenate(list(sums.chunks()))
        assert back.shape == (500, 40)
        assert np.array_equal(back[:, 0], np.arange(odd, 1000, 2))


def peak(images: int) -> int:
    """Bytes that scores of so many images take at their most, where few are read together."""
    image_sums.AT_ONCE, image_sums.HELD_BYTES, report.COUNTED = 32, 2000, 50
    gc.collect()
    tracemalloc.start()
    scores = Scores("p", "d", "m", Spool(results(images, 1)), lambda *_: ())
    summary.groups(scores)
    _notes(scores.results)
    report._failures(scores.results, 5)
    report._histogram(scores.results)
    for _ in summary.as_csv(scores):
        pass
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows() -> None:
    code = "from tests.scoring.test_tally import peak; print(*map(peak, (40, 260, 500)))"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY)
    _, few, many = map(int, done.stdout.split())
    assert many - few < 240 * 1500  # bytes an image, whose rows in memory take 3,400


def test_the_worst_are_those_of_a_sorted_list() -> None:
    rows = list(results(40, 3))
    found: dict[object, list[Result]] = {}
    for result in sorted(rows, key=lambda result: -result.mad):
        row = result.row
        key = (row.image, row.referents, "" if row.referents else row.name)
        found.setdefault(key, []).append(result)
    assert report._failures(iter(rows), 7) == list(found.values())[:7]
