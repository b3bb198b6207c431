"""The folder of a run: held by one writer, gone on with by the same run alone."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.dataset.run_folder import RUN_FILE, OnExists, differences, run_folder
from refmatte_engine.dataset.shards import Shard, ShardWriter
from refmatte_engine.errors import InputError

RUN = {"run": {"seed": 1, "splits": {"train": 4}}, "catalog_digest": "a"}
SAMPLE = {"name": "a", "entities": [], "expressions": []}


def test_the_same_run_resumes_and_a_larger_one_extends(tmp_path: Path) -> None:
    for splits in ({"train": 4}, {"train": 4}, {"train": 9, "test": 2}):
        with run_folder(tmp_path / "out", {**RUN, "run": {"seed": 1, "splits": splits}}, "resume"):
            pass


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"seed": 2, "splits": {"train": 4}}, "run.seed was 1 and is now 2"),
        ({"seed": 1, "splits": {"train": 3}}, "run.splits.train was 4 and is now 3, but may only"),
    ],
)
def test_another_run_is_refused(tmp_path: Path, changed: dict[str, object], said: str) -> None:
    with run_folder(tmp_path, RUN, "resume"):
        pass
    with (
        pytest.raises(InputError, match=said),
        run_folder(tmp_path, {**RUN, "run": changed}, "resume"),
    ):
        pass
    with run_folder(tmp_path, {**RUN, "run": changed}, "overwrite"):
        pass


WHOLE = {
    "run.seed": 1, "run.split_by.unseen": 1, "run.expressions": 1, "run.layout.gap": 1,
    "run.relight": 1, "packs.one": 1, "packs.two": 1, "catalog_digest": 1, "licences.one.credit": 1,
    "templates.words": 1, "templates_digest": 1, "relight.digest": 1, "format": 1,
}  # fmt: skip


@given(st.sets(st.sampled_from(sorted(WHOLE))))
def test_of_what_differs_the_cause_is_told(changed: set[str]) -> None:
    told = [each.split()[0] for each in differences(WHOLE, WHOLE | dict.fromkeys(changed, 2))]
    assert bool(told) == bool(changed)
    asked = sorted(key for key in changed if key.startswith("run."))
    assert told[: len(asked)] == asked  # first, and all of it
    for cause, follows in (
        ({"run.seed", "run.split_by.unseen"}, {"packs.one", "packs.two", "licences.one.credit"}),
        ({"run.seed", "run.split_by.unseen", "packs.one", "packs.two"}, {"catalog_digest"}),
        ({"run.expressions"}, {"templates.words"}),
        ({"run.expressions", "templates.words"}, {"templates_digest"}),
        ({"run.relight"}, {"relight.digest"}),
    ):
        assert set(told) & follows == (set() if changed & cause else changed & follows)
    assert ("format" in told) == ("format" in changed)


def test_fail_and_strangers(tmp_path: Path) -> None:
    with run_folder(tmp_path / "a", RUN, "fail"):
        pass
    with (
        pytest.raises(InputError, match="already contains a dataset"),
        run_folder(tmp_path / "a", RUN, "fail"),
    ):
        pass
    (tmp_path / "b").mkdir()
    (tmp_path / "b/thesis.tex").write_text("mine")
    for how in ("resume", "overwrite"):
        with (
            pytest.raises(InputError, match="contains files that are not a dataset's"),
            run_folder(tmp_path / "b", RUN, how),  # type: ignore[arg-type]
        ):
            pass
    (tmp_path / "c").write_text("a file")
    with (
        pytest.raises(InputError, match="is not a folder"),
        run_folder(tmp_path / "c", RUN, "fail"),
    ):
        pass


def test_overwriting_removes_only_what_a_run_wrote(tmp_path: Path) -> None:
    with run_folder(tmp_path, RUN, "resume"):
        writer = ShardWriter(tmp_path, Shard("train", 0, 0, 1))
        writer.add(SAMPLE, {"img/a.jpg": b"x"}, {})
        writer.publish({"rejections": {}})
    (tmp_path / "notes.txt").write_text("mine")
    with run_folder(tmp_path, {**RUN, "catalog_digest": "b"}, "overwrite"):
        assert not (tmp_path / "train").exists()
        assert (tmp_path / "notes.txt").exists()


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    with (tmp_path / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with (
            pytest.raises(InputError, match="another run is writing here"),
            run_folder(tmp_path, RUN, "resume"),
        ):
            pass


def test_a_dataset_of_an_older_format_says_who_began_it_and_what_to_do(tmp_path: Path) -> None:
    now = {**RUN, "format": 2, "engine": "3.0", "versions": {"numpy": "2"}}
    with run_folder(tmp_path, RUN, "resume"):
        pass
    with (
        pytest.raises(InputError, match=r"an earlier version .* began in format None.*finish it w"),
        run_folder(tmp_path, now, "resume"),
    ):
        pass
    with run_folder(tmp_path, now, "overwrite"):
        pass
    newer = {**now, "engine": "4.0", "versions": {"numpy": "3"}}
    with run_folder(tmp_path, newer, "resume") as described:
        assert described == now  # what it was begun with stays
    with (
        pytest.raises(
            InputError, match=r"contains another run, begun by refmatte-engine 3\.0: cat"
        ),
        run_folder(tmp_path, {**newer, "catalog_digest": "b"}, "resume"),
    ):
        pass


def test_what_only_this_machine_knows_is_never_compared(tmp_path: Path) -> None:
    for place in ("/here", "/there"):
        with run_folder(tmp_path, RUN, "resume", {"packs": {"mine": place}}) as described:
            assert described == RUN
        assert json.loads((tmp_path / RUN_FILE).read_text())["here"]["packs"] == {"mine": place}


@pytest.mark.parametrize(
    "text",
    ["", "{half", "[]", "{}", '{"run": 1}', '{"run": {"splits": {"../precious": 1}}}',
     '{"run": {"splits": {"train": 1}}, "here": {"packs": 1}}', "[" * 100_000],
)  # fmt: skip
@pytest.mark.parametrize("how", ["resume", "overwrite"])
def test_a_broken_description_is_named_and_nothing_is_removed(
    tmp_path: Path, text: str, how: OnExists
) -> None:
    precious = tmp_path / "precious" / "img" / "x.jpg"
    precious.parent.mkdir(parents=True)
    precious.write_bytes(b"x")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / RUN_FILE).write_text(text)
    with (
        pytest.raises(InputError, match=r"\.run\.json: is not a run's description; choose another"),
        run_folder(tmp_path / "out", RUN, how),
    ):
        pass
    assert precious.exists()


def test_systems_junk_does_not_make_a_folder_somebody_else_s(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "@eaDir").mkdir()
    with run_folder(tmp_path, RUN, "resume"):
        assert (tmp_path / RUN_FILE).exists()
