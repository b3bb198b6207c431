"""Samples that raise or kill their workers: tried again, named, or skipped; nobody else is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.dataset.shards import Shard, ShardWriter, is_finished, last_begun, shards
from refmatte_engine.errors import RefMatteError
from refmatte_engine.formats import export
from refmatte_engine.generation import compose, dataset_run, shard_work
from refmatte_engine.generation.dataset_run import generate
from refmatte_engine.generation.shard_work import DEADLY, TRIES, Done, Failure, Work
from refmatte_engine.generation.verify import verify
from refmatte_engine.packs import pixels, run_catalog
from refmatte_engine.parallel import WorkerLost
from tests.conftest import make_pack
from tests.generation.test_dataset_run import contents, run_of


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pack(tmp_path_factory.mktemp("pack") / "tiny")


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Has samples of these indices raise, so many times."""
    make_sample = compose.Composer.sample

    def have(error: Exception, *indices: int, times: int = 1000) -> None:
        left = dict.fromkeys(indices, times)

        def sample(*words: Any) -> compose.Made:
            if left.get(words[1], 0):
                left[words[1]] -= 1
                raise error
            return make_sample(*words)

        monkeypatch.setattr(compose.Composer, "sample", sample)

    return have


def test_what_raises_is_named_at_the_end_and_can_be_skipped(
    cli: Any,
    pack: Path,
    tmp_path: Path,
    failing: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root = tmp_path / "out"
    failing(ValueError("no\nluck"), 2, 5)
    with pytest.raises(RefMatteError) as caught:
        generate(run_of(pack), root)
    assert caught.value.exit_code == 1
    told = "ValueError: no luck (generation/test_shard_work.py:"
    assert f"2 images could not be made: train/2: {told}" in str(caught.value)
    assert f"train/5: {told}" in str(caught.value)
    assert "or leave them out with --on-error skip" in str(caught.value)
    assert [p.name for p in (root / "train/.shards").iterdir()] == ["00000.jsonl"]
    made = generate(run_of(pack), root, on_error="skip")
    assert made["skipped"]["train"].keys() == {"2", "5"}
    assert made["splits"]["train"]["images"] == 4
    report = verify(root)
    assert report.problems == ()
    assert "(2 images were skipped when it was made)" in report.summary
    dataset = Dataset(root)
    assert [item.sample.index for item in dataset] == [0, 1, 3, 4]
    assert len(dataset) == 4
    assert cli("score", "oracle", root, "--workers", 1)[0] == 0
    export.run(root, "coco", tmp_path / "coco", workers=1)
    # They stay left out as long as that is wanted, and then are made.
    assert generate(run_of(pack), root, on_error="skip") == made
    monkeypatch.undo()
    assert "skipped" not in generate(run_of(pack), root)
    generate(run_of(pack), tmp_path / "whole")
    assert contents(root) == contents(tmp_path / "whole")


def test_a_run_whose_images_were_all_skipped_has_failed(
    cli: Any, pack: Path, tmp_path: Path, failing: Callable[..., None]
) -> None:
    failing(ValueError("no luck"), *range(6))
    with pytest.raises(RefMatteError, match="all 6 images were skipped: ValueError: no luck") as of:
        generate(run_of(pack), tmp_path / "out", on_error="skip")
    assert of.value.exit_code == 1
    assert len(Dataset(tmp_path / "out").skipped("train")) == 6
    assert "without --on-error skip" in str(of.value)


def test_what_raises_once_is_made(pack: Path, tmp_path: Path, failing: Callable[..., None]) -> None:
    failing(OSError("slow to come"), 0, 3, times=TRIES - 1)
    assert generate(run_of(pack), tmp_path / "out")["splits"]["train"]["images"] == 6


def test_a_broken_picture_is_named(
    pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(pack, copy)
    catalog = run_catalog.of_run(run_of(copy))
    monkeypatch.setattr(pixels, "_recent", pixels._Recent(0))
    for name in ("land_0", "land_1", "land_2"):
        (copy / f"backgrounds/{name}.jpg").unlink()
    with pytest.raises(RefMatteError, match=r"6 images could not be made: train/0: .*land_\d.jpg"):
        generate(run_of(copy, shard_size=1), tmp_path / "out", catalog=catalog)


def test_nobody_waits_for_thousands_to_fail(
    pack: Path, tmp_path: Path, failing: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(ValueError("always"), *range(1000))
    monkeypatch.setattr(dataset_run, "FUTILE", 3)
    with pytest.raises(RefMatteError, match="3 images could not be made"):
        generate(run_of(pack, splits={"train": 1000}, shard_size=1), tmp_path / "out")


class Simulated:
    """Workers that make shards of empty samples, and are killed, so many at a time, by some."""

    def __init__(self, root: Path, deadly: dict[int, int], workers: int) -> None:
        self.root, self.deadly, self.workers = root, dict(deadly), workers
        self.alone: list[int] = []

    def __call__(self, work: Work, todo: Sequence[Shard], apart: bool) -> Iterator[Done]:
        self.alone += [shard.number for shard in todo] if apart else []
        while todo:
            now, todo = todo[: self.workers], todo[self.workers :]
            lost = False
            for shard in now:
                writer, failures = ShardWriter(self.root, shard), list[Failure]()
                for index in range(shard.start, shard.stop):
                    if (shard.split, index) in work.deadly:
                        failures.append(Failure(shard.split, index, DEADLY))
                        continue
                    writer.begin(index)
                    if self.deadly.get(index):
                        self.deadly[index] -= 1
                        lost = True
                        break
                else:
                    writer.publish({"rejections": {}})
                    if not lost:
                        yield Done(shard, True, tuple(failures))
            if lost:
                raise WorkerLost("a worker", "was killed")


@settings(max_examples=25)
@given(
    images=st.integers(0, 12),
    size=st.integers(1, 4),
    deadly=st.dictionaries(st.integers(0, 11), st.integers(1, 9), max_size=4),
    workers=st.integers(1, 3),
    skips=st.booleans(),
)
def test_what_kills_its_worker_is_found_among_the_innocent(
    tmp_path_factory: pytest.TempPathFactory,
    images: int,
    size: int,
    deadly: dict[int, int],
    workers: int,
    skips: bool,
) -> None:
    root = tmp_path_factory.mktemp("out")
    simulated = Simulated(root, deadly, workers)
    wanted = shards({"a": images}, size)
    work = Work(root, {}, {}, "skip" if skips else "stop")
    ends = list(shard_work.spread(work, wanted, simulated))
    assert sorted(end.shard.number for end in ends) == [shard.number for shard in wanted]
    for end in ends:
        here = range(end.shard.start, end.shard.stop)
        named = {failure.index for failure in end.failures}
        guilty = {index for index in here if deadly.get(index, 0) >= TRIES}
        assert named <= guilty
        assert end.is_kept == (skips or not guilty) == is_finished(root, end.shard)
        assert bool(named) == bool(guilty) or not end.images
        assert last_begun(root, end.shard) is None or not end.is_kept


def test_workers_that_are_lost_at_nothing(tmp_path: Path) -> None:
    def lost(*_: object) -> Iterator[Done]:
        raise WorkerLost("a worker", "was killed")
        yield

    with pytest.raises(WorkerLost):
        list(shard_work.spread(Work(tmp_path, {}, {}), shards({"a": 3}, 1), lost))


def test_a_worker_that_was_replaced_is_told_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wanted = shards({"a": 4}, 2)
    list(shard_work.spread(Work(tmp_path, {}, {}), wanted, Simulated(tmp_path, {1: 1}, 2)))
    assert "a worker was killed" in caplog.text


@pytest.mark.parametrize("parts", [{}, {"allowed": "1 or 2"}, {"allowed": "1", "todo": "mend it"}])
def test_what_a_worker_is_told_reaches_its_person(parts: dict[str, str]) -> None:
    error = RefMatteError("here", "is wrong", **parts)
    assert "; ".join(filter(None, shard_work._told(error))) == str(error)
