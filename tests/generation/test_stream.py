"""The endless stream is the dataset, without its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from refmatte_engine import Dataset, generate
from refmatte_engine.config.run import Run
from refmatte_engine.generation.stream import Stream


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
