"""Work spread over machines: the same bytes, whoever is killed; and who is not fit is refused
before work begins. Schedulers and workers are real ones, on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from refmatte_engine import cluster
from refmatte_engine.errors import InputError
from tests.conftest import make_pack
from tests.generation.test_dataset_run import contents
from tests.support.modules import REPOSITORY

IMAGES = 24


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("run")
    make_pack(home / "tiny")
    file = home / "run.yaml"
    file.write_text(f"packs: [tiny]\nsplits: {{train: {IMAGES}}}\nlayout: smoke\nshard_size: 1\n")
    return file


@pytest.fixture(scope="module")
def serial(run: Path) -> dict[str, str]:
    """The dataset as one worker makes it."""
    out = run.parent / "serial"
    done = generated(run, out, "--workers", "1")
    assert done.returncode == 0, done.stderr
    return contents(out)


def command(run: Path, out: Path, *words: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "refmatte_engine",
        "generate",
        str(run),
        "--out",
        str(out),
        *words,
    ]


def generated(run: Path, out: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(run, out, *words), capture_output=True, text=True)


def begun(run: Path, out: Path, *words: str) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command(run, out, *words), text=True, **pipes)


@contextlib.contextmanager
def started(*words: str, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    """A module of Python's, in a process of its own with all that it starts; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", *words],
        env={**os.environ, **changes},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextlib.contextmanager
def scheduler() -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Dask scheduler that answers, and its address."""
    pytest.importorskip("distributed", reason="the extra dask is not installed")
    port = free_port()
    listens = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    with started("distributed.cli.dask_scheduler", *listens) as process:
        while process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.1)
        yield f"tcp://127.0.0.1:{port}", process


@contextlib.contextmanager
def worker(address: str, **changes: str) -> Iterator[subprocess.Popen[bytes]]:
    words = ("distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard")
    with started(*words, "--no-nanny", **changes) as process:
        yield process


def wait_for_receipts(out: Path, count: int, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and len(list(out.glob("train/.shards/*.jsonl"))) < count:
        time.sleep(0.05)


@pytest.mark.slow
def test_dask_a_worker_killed_a_scheduler_gone(
    run: Path, serial: dict[str, str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with scheduler() as (address, listening):
        words = ("--backend", "dask", "--scheduler", address)
        with worker(address) as one, worker(address):
            process = begun(run, out, *words)
            wait_for_receipts(out, 4, process)
            os.killpg(one.pid, signal.SIGKILL)
            said = process.communicate()[1]
            assert process.returncode == 0, said
            assert contents(out) == serial
            shutil.rmtree(out)
            process = begun(run, out, *words)
            wait_for_receipts(out, 4, process)
            os.killpg(listening.pid, signal.SIGKILL)
            said = process.communicate()[1]
    assert process.returncode == 1
    assert f"error: {address}: went away, with all work; what is finished is kept: run the" in said
    assert "Traceback" not in said
    done = generated(run, out, *words)
    assert done.returncode == 2
    assert f"error: {address}: cannot be reached" in done.stderr
    assert len(list(out.glob("train/.shards/*.jsonl"))) < IMAGES
    assert generated(run, out, "--workers", "1").returncode == 0
    assert contents(out) == serial


@pytest.mark.slow
def test_dask_refuses_workers_of_another_version(run: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for folder in ("refmatte_engine", "templates", "assets/lexicon", "assets/pack"):
        shutil.copytree(REPOSITORY / folder, other / folder)
    with (other / "refmatte_engine/scene/render.py").open("a") as file:
        file.write("\n# changed\n")
    with scheduler() as (address, _):
        words = ("--backend", "dask", "--scheduler", address)
        with worker(address, PYTHONPATH=str(other)):
            done = generated(run, tmp_path / "out", *words)
        assert done.returncode == 2
        assert (
            "has another refmatte-engine 0.1.0: its files are not the same; make all" in done.stderr
        )
        assert not list((tmp_path / "out").glob("train/.shards/*.jsonl"))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(cluster, "WORKERS_S", 1)
            given = {"backend": "dask", "scheduler": address, "shared": 0, "expected": 0}
            with pytest.raises(InputError, match="has no workers; start some: dask worker"):
                list(cluster.spread(print, [()], probe=str, **given))  # type: ignore[arg-type]


@pytest.mark.slow
def test_ray_a_worker_killed(run: Path, serial: dict[str, str], tmp_path: Path) -> None:
    pytest.importorskip("ray", reason="the extra ray is not installed")
    out = tmp_path / "out"
    words = ("--backend", "ray", "--workers", "2")
    process = begun(run, out, *words)
    wait_for_receipts(out, 4, process)
    killed = False
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            told = status.read_bytes()
            if not killed and told.startswith(b"ray::_checked"):
                os.kill(int(status.parent.name), signal.SIGKILL)
                killed = True
    said = process.communicate()[1]
    assert process.returncode == 0, said
    assert killed
    assert not list(out.rglob("*.part"))
    assert contents(out) == serial


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["dask", "ray"])
def test_nobody_is_asked_who_cannot_be_reached(
    backend: cluster.Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed" if backend == "dask" else "ray")
    monkeypatch.setattr(cluster, "CONNECT_S", 1)
    given = {"backend": backend, "scheduler": "nonsense://x", "shared": 0, "expected": 0}
    with pytest.raises(InputError, match="nonsense://x: cannot be reached; say where it listens"):
        list(cluster.spread(print, [()], probe=str, **given))  # type: ignore[arg-type]


def test_a_scheduler_is_for_those_who_have_one(cli, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    code, _, said = cli("generate", "smoke", "--out", tmp_path / "out", "--scheduler", "tcp://x:1")
    assert (code, "--scheduler: loky has none; allowed: --backend dask, or ray" in said) == (
        2,
        True,
    )
