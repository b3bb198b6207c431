"""ODVG line by line, and spans of real sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from refmatte_engine import Dataset, generate
from refmatte_engine.config.run import Run
from refmatte_engine.formats import export, odvg, rows
from refmatte_engine.records import Clause, Expression, Sample
from tests.conftest import make_pack


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    return map(json.loads, file.read_text("utf-8").splitlines())


def test_a_sentence_a_line(samples: list[Sample], tmp_path: Path) -> None:
    out = tmp_path / "out"
    export.run(tmp_path / "data", "odvg", out, workers=1)
    for split in ("train", "test"):
        mine = [s for s in samples if s.split == split]
        said = [(s, e) for s in mine for e in s.expressions if e.referents]
        for (sample, expression), line in zip(
            said, _lines(out / odvg.FILE.format(split=split)), strict=True
        ):
            assert (out / split / line["filename"]).is_file()
            assert (line["height"], line["width"]) == sample.scene.canvas_hw
            assert line["grounding"]["caption"] == expression.text
            (region,) = line["grounding"]["regions"]
            boxes = [list(sample.entities[k - 1].box_xyxy) for k in expression.referents]
            assert region["bbox"] == (boxes[0] if len(boxes) == 1 else boxes)
            assert region["phrase"] in ("ball", "balls")
            for start, stop in region["tokens_positive"]:
                assert expression.text[start:stop] == region["phrase"]
            alphas = region["alpha"] if len(boxes) > 1 else [region["alpha"]]
            assert all((out / alpha).is_file() for alpha in alphas)


def test_every_sentence_of_a_run_has_its_noun(tmp_path: Path) -> None:
    """The noun is a word of the sentence that does not stand in an article's place."""
    run = Run(packs=[str(make_pack(tmp_path / "tiny"))], splits={"train": 4}, seed=5)
    generate(run, tmp_path / "data")
    export.run(tmp_path / "data", "odvg", tmp_path / "out", workers=1)
    said = [e for s in Dataset(tmp_path / "data").samples() for e in s.expressions if e.referents]
    assert len(said) > 20
    for expression, line in zip(said, _lines(tmp_path / "out/train.jsonl"), strict=True):
        (region,) = line["grounding"]["regions"]
        assert region["phrase"] != expression.text or expression.kind == "keyword"
        assert region["phrase"].split()[0] not in ("the", "a", "an")


@pytest.mark.parametrize(
    ("program", "spans"),
    [
        ((Clause("category", "mug", spans=((8, 11),)),), [(8, 11)]),
        ((Clause("category", "cup", spans=((0, 3),), negated=True),), [(0, 11)]),
        ((Clause("any", "", spans=((4, 7),)),), [(4, 7)]),
        ((), [(0, 11)]),
    ],
)
def test_where_the_noun_is(program: tuple[Clause, ...], spans: list[tuple[int, int]]) -> None:
    assert rows.noun_spans(Expression("the red mug", "basic", program, (1,))) == spans
