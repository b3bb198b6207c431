"""A small dataset with every kind of text, to be exported."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from refmatte_engine.records import Clause, Expression, Sample, to_json
from tests.support.drawn import drawn_dataset


def _told(sample: Sample) -> Sample:
    """The sample with where its nouns are, a mere name, a text about both things and one about
    none."""
    told = []
    for said in sample.expressions:
        start = said.text.index("ball")
        noun, *rest = said.program
        program = (replace(noun, spans=((start, start + 4),)), *rest)
        told.append(replace(said, program=program))
    noun = (Clause("category", "ball.n.01", spans=((4, 9),)),)
    name = (Clause("category", "ball.n.01", spans=((0, 4),)),)
    white = Clause("category", "ball.n.01", spans=((10, 14),))
    told += [
        Expression("ball", "keyword", name, (1, 2)),
        Expression("the balls", "group", noun, (1, 2)),
        Expression("the white ball", "none", (white,), ()),
    ]  # fmt: skip
    return replace(sample, expressions=tuple(told))


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    """Samples of the dataset at `tmp_path / "data"`: three of train, two of test."""
    drawn = [_told(s) for s in drawn_dataset(tmp_path / "data", {"train": 3, "test": 2})]
    for split in ("train", "test"):
        lines = (json.dumps(to_json(s)) + "\n" for s in drawn if s.split == split)
        (tmp_path / "data" / split / "samples.jsonl").write_text("".join(lines), "utf-8")
    return drawn
