"""Files are read up to a limit, written whole or not at all, and held by one process."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.storage import files


def test_a_file_is_read_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"0" * 2_000_001)
    assert files.read_bytes(tmp_path / "a") == b"0" * 2_000_001
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 2_000_000)
    with pytest.raises(InputError, match=r"a: is 2 MB; allowed: up to 2 MB"):
        files.read_bytes(tmp_path / "a")
    with pytest.raises(InputError, match="cannot be read: No such file"):
        files.read_bytes(tmp_path / "b")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        files.read_bytes(tmp_path)


def test_what_is_written_whole_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    files.write_whole(path, b"one")
    files.write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        files.write_whole(tmp_path / "folder", b"three")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["deep", "file", "folder"]


def test_half_a_file_is_never_seen(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def half_of_it() -> None:
        with files.written_whole(path) as file:
            file.write(b"aft")
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(OSError, match="full"):
        half_of_it()
    assert path.read_text() == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    files.write_cache(tmp_path / "deep" / "bytes", b"one")
    files.write_cache(tmp_path / "deep" / "pixels.npy", np.zeros((2, 3), np.uint8))
    assert np.load(tmp_path / "deep" / "pixels.npy").shape == (2, 3)
    files.write_cache(tmp_path / "deep" / "bytes" / "below-a-file", b"two")
    files.write_cache(tmp_path / "deep", b"three")
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["bytes", "deep", "pixels.npy"]


def test_a_folder_is_held_by_one_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from refmatte_engine.storage.files import held;"
        "held(Path(sys.argv[1])).__enter__()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with files.held(tmp_path):
        other = subprocess.run(command, capture_output=True, text=True)
    assert "another run is writing here; wait for it or choose another folder" in other.stderr
    assert subprocess.run(command).returncode == 0  # and free again once it is let go


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "the disk is full; free some space; what is finished is kept: run the"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EIO, r"out/x: Input/output error; what is finished is kept"),
        (errno.ESTALE, r"out/x: .*; what is finished is kept"),
        (errno.EROFS, r"out/x: cannot be written: Read-only file system; choose another folder$"),
        (errno.EACCES, r"out/x: cannot be written: Permission denied; choose another folder$"),
    ],
)
def test_the_disks_refusals_say_what_to_do(number: int, message: str) -> None:
    with pytest.raises(RefMatteError, match=message), files.disk_errors(Path("out")):
        raise OSError(number, os.strerror(number), "out/x")


@pytest.mark.parametrize("place", ["file/x", "gone", "/proc/x", "x" * 300, "round", "folder"])
def test_a_place_that_takes_nothing_is_told_to_choose_another(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "gone").symlink_to("nowhere")
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "folder/x").mkdir(parents=True)
    path = tmp_path / place / "x"
    with pytest.raises(RefMatteError) as told, files.disk_errors(path.parent, "go elsewhere"):
        files.write_whole(path, b"")
    assert re.fullmatch(r"\S+: cannot be written: [^;]+; go elsewhere", str(told.value))
    assert not re.search(r"\.part\b", str(told.value))


def test_lines_of_json_and_digests_are_the_same_everywhere() -> None:
    lines = files.jsonl([{"b": "é", "a": [1, 2]}, 3])
    assert lines == '{"b":"é","a":[1,2]}\n3\n'.encode()
    assert files.digest(b"abc").startswith("ba7816bf8f01cfea")  # SHA-256 of FIPS 180-4
