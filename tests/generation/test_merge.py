"""Parts of a dataset, made by several jobs, come together to the bytes of one run; and what is
missing, there twice, or of another run is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from refmatte_engine.dataset.shards import of_part, shards
from refmatte_engine.errors import InputError
from refmatte_engine.generation.dataset_run import generate, generate_part
from refmatte_engine.generation.merge import merge
from refmatte_engine.generation.verify import verify
from tests.conftest import make_pack
from tests.generation.test_dataset_run import contents, run_of

PARTS = 2


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pack(tmp_path_factory.mktemp("pack") / "tiny")


@pytest.fixture(scope="module")
def whole(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("whole") / "out"
    generate(run_of(pack), root)
    return contents(root)


@pytest.fixture(scope="module")
def _own(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("own")
    for number in range(1, PARTS + 1):
        generate_part(run_of(pack), home / f"{number}", (number, PARTS))
    return home


@pytest.fixture
def own(_own: Path, tmp_path: Path) -> list[Path]:
    """A folder of each part, to be tampered with."""
    shutil.copytree(_own, tmp_path / "own")
    return sorted((tmp_path / "own").iterdir())


@given(
    splits=st.dictionaries(st.sampled_from(["train", "val", "test"]), st.integers(0, 40)),
    size=st.integers(1, 9),
    parts=st.integers(1, 12),
)
def test_every_shard_is_in_one_part(splits: dict[str, int], size: int, parts: int) -> None:
    wanted = shards(splits, size)
    divided = [of_part(wanted, (number, parts)) for number in range(1, parts + 1)]
    assert sorted((s for each in divided for s in each), key=wanted.index) == wanted
    lengths = [len(part) for part in divided]
    assert max(lengths) - min(lengths) <= 1


def test_parts_in_one_folder(pack: Path, whole: dict[str, str], tmp_path: Path) -> None:
    """In any order, one of them twice, and with what a killed job has left."""
    root = tmp_path / "out"
    assert generate_part(run_of(pack), root, (2, 2)) == 2
    with pytest.raises(InputError, match=r"2 of 3 shards are missing: train/00000 \(images 0 to 1"):
        merge(root)
    left = root / "train/.shards/00000.0123456789ab.part/img/x.jpg"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    (root / ".run.json.0123456789ab.part").write_text("{")
    for part in ((1, 2), (2, 2)):
        generate_part(run_of(pack), root, part)
    merge(root)
    assert contents(root) == whole
    assert verify(root).problems == ()
    merge(root)
    assert contents(root) == whole


def test_a_run_without_parts_makes_what_they_have_not(
    pack: Path, whole: dict[str, str], tmp_path: Path
) -> None:
    generate_part(run_of(pack), tmp_path / "out", (3, 3))
    generate(run_of(pack), tmp_path / "out")
    assert contents(tmp_path / "out") == whole


def test_folders_of_their_own(own: list[Path], whole: dict[str, str], tmp_path: Path) -> None:
    before = [contents(folder) for folder in own]
    told: list[tuple[int, int]] = []
    merge(tmp_path / "out", own, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (6, 6)
    assert contents(tmp_path / "out") == whole
    assert [contents(folder) for folder in own] == before
    assert verify(tmp_path / "out").problems == ()
    # Into one of the parts, and what an interrupted merge has not brought yet.
    for receipt in (tmp_path / "out/train/.shards/00001.jsonl", tmp_path / "out/manifest.json"):
        receipt.unlink()
    merge(tmp_path / "out", own)
    assert contents(tmp_path / "out") == whole
    merge(own[0], own)
    assert contents(own[0]) == whole


def refused(out: Path, parts: Sequence[Path]) -> str:
    """What is said of parts that are not one dataset; nothing is written."""
    with pytest.raises(InputError) as caught:
        merge(out, parts)
    assert not (out / "manifest.json").exists()
    return str(caught.value)


def test_what_is_missing_twice_or_foreign_is_named(
    own: list[Path], pack: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert "1 of 3 shards are missing: train/00001 (images 2 to 3); run the jobs" in refused(
        out, own[:1]
    )
    twice = own[1].with_name("twice")
    shutil.copytree(own[1], twice)
    said = refused(out, [*own, twice])
    assert f"shards twice: train/00001 (images 2 to 3) in {own[1]} and {twice}; leave one" in said
    next((twice / "train/img").iterdir()).unlink()
    receipt = twice / "train/.shards/00001.jsonl"
    told = f".jpg: no such file; delete {receipt}, and have the shard made again"
    assert told in refused(tmp_path / "lost", [own[0], twice])
    other = tmp_path / "other"
    generate_part(run_of(pack, seed=4), other, (2, 2))
    said = refused(out, [own[0], other])
    assert f"{other}: is a part of another run than {own[0]}: run.seed was 3 and is now 4" in said
    (tmp_path / "empty").mkdir()
    assert "empty: holds no part of a dataset" in refused(out, [tmp_path / "empty"])
    assert "out: holds no part of a dataset" in refused(out, [])


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("run", "0", "00000.jsonl (made for another run, packs or versions)"),
        ("shard", 7, "00000.jsonl (images 0 to 1 of train, no shard of this run)"),
        ("stop", 5, "00000.jsonl (images 0 to 4 of train, no shard of this run)"),
    ],
)
def test_a_foreign_receipt_is_named(
    own: list[Path], tmp_path: Path, key: str, value: object, said: str
) -> None:
    path = own[0] / "train/.shards/00000.jsonl"
    first, *rest = path.read_text().splitlines(keepends=True)
    path.write_text(json.dumps({**json.loads(first), key: value}) + "\n" + "".join(rest))
    assert f"foreign shards: {path.parent}/{said}" in refused(tmp_path / "out", own)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("5/4", "there is no part 5/4; allowed: 1/4 to 4/4"),
        ("0/4", "allowed: 1/4 to 4/4; have the jobs counted from 1"),
        ("1/0", "there is no part 1/0; allowed: I/N, such as 3/16"),
        *((text, "is not which part of how many") for text in ("4", "a/b", "-1/4", "1/4/2", "²/4")),
    ],
)
def test_parts_that_there_are_not(cli, part: str, said: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, _, errors = cli("generate", "smoke", "--out", tmp_path / "out", f"--shards={part}")
    assert code == 2
    assert "--shards: " in errors
    assert said in errors
    assert not (tmp_path / "out").exists()


def test_by_the_command_line(cli, pack: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run, out = tmp_path / "run.yaml", tmp_path / "out"
    run.write_text(f"packs: [{pack}]\nsplits: {{train: 4}}\nlayout: smoke\nshard_size: 1\n")
    words = ("generate", run, "--workers", 1, "--out", out)
    assert cli(*words, "--shards", "1/2", "--on-exists", "overwrite")[0] == 2
    code, said, _ = cli(*words, "--shards", "1/2")
    assert (code, said.splitlines()[1]) == (0, f"once all parts are made: refmatte merge {out}")
    code, _, errors = cli("merge", out)
    assert (code, "train/00001" in errors) == (2, True)
    assert cli(*words, "--shards", "2/2")[0] == 0
    code, said, _ = cli("merge", out)
    assert code == 0
    assert said.startswith("4 images, ")
