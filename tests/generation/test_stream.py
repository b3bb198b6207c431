"""The endless stream is the dataset, without its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from refmatte_engine import Dataset, Stream, generate
from refmatte_engine.config.run import Run
from refmatte_engine.dataset.reader import Item
from refmatte_engine.errors import InputError
from refmatte_engine.semantics import attributes, ground


def test_an_item_is_what_the_dataset_holds(tiny_pack: Path, tmp_path: Path) -> None:
    run = Run(
        seed=3, packs=[str(tiny_pack)], splits={"train": 6}, image={"format": "png"}, shard_size=3
    )
    generate(run, tmp_path / "out")
    endless = Stream(run)
    for there in Dataset(tmp_path / "out"):
        item = endless[there.sample.index]
        assert item.sample == there.sample
        assert np.array_equal(item.image, there.image)
        for ours, theirs in zip(item.alphas, there.alphas, strict=True):
            assert np.array_equal(ours, theirs)
    assert endless[100_000].sample.index == 100_000  # there is no end
    first = iter(endless)
    assert [next(first).sample.index for _ in range(3)] == [0, 1, 2]


ASKED: dict[str, tuple[int, Any]] = {
    "one": (1, ("absolute",)),
    "a name": (1, ("keyword",)),
    "weighed": (3, {"basic": 1, "overspecified": 2, "relative": 0}),
    "anything": (4, None),
    "of several, of none": (2, ("none", "group")),
    "more than there is": (9, ("basic",)),
}


@pytest.mark.parametrize("name", ASKED)
def test_only_what_is_asked_is_said(tiny_pack: Path, name: str) -> None:
    texts, kinds = ASKED[name]
    run = Run(seed=3, packs=[str(tiny_pack)], splits={"train": 6})
    stream, again = (Stream(run, texts=texts, kinds=kinds) for _ in range(2))
    for index in range(4):
        sample = stream[index].sample
        said = sample.expressions
        assert said == again[index].sample.expressions
        assert 1 <= len(said) <= texts
        assert len({one.text for one in said}) == len(said)
        if kinds is not None:
            assert {one.kind for one in said} <= {*kinds} - {"relative"}
        for one in said:
            refuted = ground.refuted(one, sample.entities, sample.scene.canvas_hw)
            assert not refuted or one.kind == "keyword"
        if name in ("anything", "more than there is"):
            assert len({one.referents for one in said}) > 1  # of its things in turn


def test_what_no_text_can_tell_is_not_measured(tiny_pack: Path) -> None:
    run = Run(seed=3, packs=[str(tiny_pack)], splits={"train": 6})

    def told(**asked: Any) -> set[str]:
        stream = Stream(run, texts=1, **asked)
        entities = [entity for i in range(3) for entity in stream[i].sample.entities]
        facts = (a for entity in entities for a in entity.attributes if not a.part)
        return {a.name.removesuffix("_perhaps") for a in facts} & {*attributes.MEASURED}

    assert not told(kinds=("keyword",))
    assert told(kinds=("keyword",), measure=("color",)) == {"color"}
    assert told(kinds=("basic",)) == {"color", "transparent"}
    assert told(kinds=("keyword", "relative")) == {"color"}  # of what it refers to


def test_small_backgrounds_show_the_same(tiny_pack: Path) -> None:
    run = Run(seed=3, packs=[str(tiny_pack)], splits={"train": 6})
    whole = Stream(run)
    for _, item in zip(range(4), Stream(run, texts=9), strict=False):
        index = item.sample.index
        one, other = item.image, whole[index].image
        assert one.shape == other.shape
        if item.sample.scene == whole[index].sample.scene:  # accepted at the same attempt
            assert np.abs(one.astype(int) - other).mean() < 4


REFUSED: dict[str, tuple[int, Any]] = {
    "0 is not a number": (0, None),
    "did you mean 'absolute'": (1, ("absolut",)),
    "asks for nothing": (1, {"basic": 0}),
}


@pytest.mark.parametrize("run", ["demo", Path("my-run.yaml"), None, {"splits": {"train": 3}}])
def test_what_is_no_run_is_refused_before_anything_is_made(tmp_path: Path, run: Any) -> None:
    for use in (Stream, lambda run: generate(run, tmp_path / "out")):
        with pytest.raises(InputError, match=r"run: .* is none; .*load it first: load_run\('"):
            use(run)
    assert not (tmp_path / "out").exists()


def test_items_go_by_whole_numbers_from_0(tiny_pack: Path, tmp_path: Path) -> None:
    run = Run(seed=3, packs=[str(tiny_pack)], splits={"train": 2})
    generate(run, tmp_path / "out")
    dataset, stream = Dataset(tmp_path / "out"), Stream(run)
    lists: tuple[Any, ...] = (dataset, dataset.sample_file("train"), stream)
    for numbered in lists:
        for below in (-1, -(10**30), np.int64(-2)):
            with pytest.raises(IndexError):
                numbered[below]
        for odd in ("x", slice(0, 2), None, 1.0, (0, 1)):
            with pytest.raises(TypeError, match="items go by whole numbers from 0, not by"):
                numbered[odd]
        own = [each.sample if isinstance(each, Item) else each for each in (numbered[np.int64(1)],)]
        assert own == [dataset.sample("train", 1)]
    with pytest.raises(IndexError):
        dataset[2]


@pytest.mark.parametrize("told", REFUSED)
def test_what_nobody_can_be_asked_is_refused(tiny_pack: Path, told: str) -> None:
    texts, kinds = REFUSED[told]
    with pytest.raises(InputError, match=told):
        Stream(Run(packs=[str(tiny_pack)], splits={"train": 6}), texts=texts, kinds=kinds)
