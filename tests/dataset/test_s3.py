"""S3, as a server on this machine speaks it: packs, runs of several processes, and what is told of
buckets and credentials."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.storage.files import files_below
from refmatte_engine.storage.remote import Place
from tests.conftest import make_pack
from tests.generation.test_dataset_run import contents

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        any(find_spec(name) is None for name in ("s3fs", "moto", "flask_cors")),
        reason="s3fs, or moto's server, is not installed (extra dev-all)",
    ),
]
NOBODY = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """An empty bucket."""
    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
            patch.setenv("AWS_ACCESS_KEY_ID", "key")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
            patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
            boto3.client("s3").create_bucket(Bucket="bucket")
            yield "s3://bucket"
    finally:
        server.stop()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("run")
    make_pack(home / "tiny")
    file = home / "run.yaml"
    file.write_text("packs: [tiny]\nsplits: {train: 6}\nlayout: smoke\nshard_size: 1\n")
    return file


def refmatte(*words: object, **surroundings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "refmatte_engine", *map(str, words)]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **surroundings}
    )


def test_a_run_of_two_processes(bucket: str, run: Path, tmp_path: Path) -> None:
    """From a pack in a bucket into a bucket, and read there."""
    pack, out = run.parent / "tiny", f"{bucket}/data/big"
    Place(f"{bucket}/packs/tiny").put({name: pack / name for name in files_below(pack)})
    assert refmatte("generate", run, "--out", tmp_path / "big", "--workers", 1).returncode == 0
    packs = ("--pack", f"{bucket}/packs/tiny")
    done = refmatte("generate", run, "--out", out, "--workers", 2, *packs)
    assert (done.returncode, f"in {out}" in done.stdout) == (0, True), done.stderr
    place = Place(out)
    assert len(list(place.fetch_all(list(place.files()), tmp_path / "got"))) > 20
    assert contents(tmp_path / "got") == contents(tmp_path / "big")
    assert len(list(Dataset(out))) == 6
    done = refmatte("verify", out, "--workers", 2)
    assert (done.returncode, "re-rendered" in done.stdout) == (0, True), done.stdout + done.stderr
    for words in (("stats", out), ("score", "oracle", out), ("export", out, "--to", "coco", "-o")):
        more = (tmp_path / "coco",) if words[-1] == "-o" else ()
        assert refmatte(*words, *more).returncode == 0


def test_of_two_who_create_one_succeeds(bucket: str) -> None:
    place = Place(f"{bucket}/locks")
    assert [place.create(".lock", each) for each in (b"one", b"two")] == [True, False]
    assert place.read(".lock") == b"one"


@pytest.mark.parametrize(
    ("url", "surroundings", "code", "said"),
    [
        ("s3://nowhere/big", {}, 2, "s3://nowhere/big: cannot be written: The specified bucket"),
        ("s3://bucket/x", NOBODY, 2, "s3://bucket/x: may not be read: Unable to locate cred"),
        ("s3://bucket/x", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, 1, "cannot be read: Could"),
    ],
)
def test_what_cannot_be_used(
    bucket: str, run: Path, url: str, surroundings: dict[str, str], code: int, said: str
) -> None:
    done = refmatte("generate", run, "--out", url, **surroundings)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
