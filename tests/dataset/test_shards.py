"""Shards: whole files, and resuming only what can be resumed."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from refmatte_engine.dataset.shards import (
    Shard,
    ShardWriter,
    read_receipt,
    shards,
)
from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.storage.files import disk_errors, jsonl, write_whole

RUN = {"run": {"seed": 1, "splits": {"train": 4}}, "catalog_digest": "a"}
SAMPLE = {"name": "a", "entities": [], "expressions": []}


def test_shards_cover_every_index_once() -> None:
    made = shards({"train": 10, "test": 0, "val": 3}, 4)
    assert [(s.split, s.start, s.stop) for s in made] == [
        ("train", 0, 4), ("train", 4, 8), ("train", 8, 10), ("val", 0, 3),
    ]  # fmt: skip


def test_a_shard_is_there_only_once_published(tmp_path: Path) -> None:
    shard = Shard("train", 0, 0, 1)
    writer = ShardWriter(tmp_path, shard)
    writer.add(SAMPLE, {"img/a.jpg": b"jpeg", "mask/a_1.png": b"png"}, {"mask/a_1.png": "0"})
    assert read_receipt(tmp_path, shard) is None
    assert not (tmp_path / "train/img").exists()
    writer.publish({"rejections": {}})
    receipt = read_receipt(tmp_path, shard)
    assert receipt is not None
    assert receipt.lines[0]["sample"] == SAMPLE
    assert (tmp_path / "train/img/a.jpg").read_bytes() == b"jpeg"
    assert not list((tmp_path / "train/.shards").glob("*.part"))


def test_what_a_killed_worker_left_is_cleared(tmp_path: Path) -> None:
    shard = Shard("train", 0, 0, 1)
    ShardWriter(tmp_path, shard).add(SAMPLE, {"img/old.jpg": b"old"}, {})
    writer = ShardWriter(tmp_path, shard)
    writer.add(SAMPLE, {"img/a.jpg": b"new"}, {})
    writer.publish({"rejections": {}})
    assert [p.name for p in (tmp_path / "train/img").iterdir()] == ["a.jpg"]


def test_a_grown_split_makes_its_last_shard_again(tmp_path: Path) -> None:
    writer = ShardWriter(tmp_path, Shard("train", 0, 0, 3))
    writer.publish({"rejections": {}})
    assert read_receipt(tmp_path, Shard("train", 0, 0, 3)) is not None
    assert read_receipt(tmp_path, Shard("train", 0, 0, 4)) is None


def test_a_broken_receipt_is_named(tmp_path: Path) -> None:
    path = tmp_path / "train/.shards/00000.jsonl"
    write_whole(path, b"{half")
    with pytest.raises(InputError, match=r"00000.jsonl: is not a shard's receipt; delete the file"):
        read_receipt(tmp_path, Shard("train", 0, 0, 4))


def test_a_full_disk_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RefMatteError, match=r"the disk is full; free some space.*resume"):  # noqa: SIM117
        with disk_errors(tmp_path):
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "rows",
    [
        [[]], [{}], [{"start": 0, "stop": 1, "shard": 0}],
        [{"start": 0, "stop": 1, "shard": 0, "rejections": {"x": "y"}}],
        [{"start": 0, "stop": 1, "shard": 0, "rejections": {}}, {"sample": []}],
        [{"start": 0, "stop": 1, "shard": 0, "rejections": {}}, {"sample": SAMPLE, "files": []}],
    ],
)  # fmt: skip
def test_what_is_no_receipt_is_named(tmp_path: Path, rows: list[object]) -> None:
    write_whole(tmp_path / "train/.shards/00000.jsonl", jsonl(rows))
    with pytest.raises(InputError, match=r"00000.jsonl: is not a shard's receipt; delete the file"):
        read_receipt(tmp_path, Shard("train", 0, 0, 1))
