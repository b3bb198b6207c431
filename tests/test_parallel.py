"""Work spread over processes: the same results, no process and no line too many at a bad end."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from refmatte_engine.errors import RefMatteError
from refmatte_engine.parallel import processors, spread

DRIVER = """
import os, sys, time
from refmatte_engine.parallel import spread
def work(number):
    open(os.path.join(sys.argv[1], str(os.getpid())), "w").close()
    time.sleep(600)
for _ in spread(work, [(n,) for n in range(4)], workers=2): pass
"""

# What a worker's start starts of its own, for each kind of lock that it may bring.
DEAF = """
import multiprocessing, signal
from joblib.externals import loky
from refmatte_engine import parallel
with parallel._started_deaf():
    multiprocessing.get_context("spawn").Lock()
    loky.backend.get_context("loky").Lock()
    print(signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set(parallel.SIGNALS))
"""


def double(number: int) -> int:
    return 2 * number


def killed(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def threads_of(_: int) -> int:
    return cv2.getNumThreads()


def faults_of(pictures: int) -> int:
    """How many pages are asked for by pictures of 2,000 pages each, one after another."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(pictures):
        np.ones(2000 * 4096, np.uint8)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


KEPT: list[bytearray] = []


def kept(number: int) -> int:
    """Keeps more and more in memory, for longer than it takes to be looked at."""
    KEPT.append(bytearray(b"x") * 200_000_000)
    time.sleep(0.6)
    return os.getpid()


def interrupted(number: int) -> tuple[bool, bool]:
    """Whether Ctrl-C and SIGTERM pass the worker by."""
    os.kill(os.getpid(), signal.SIGINT)
    os.kill(os.getpid(), signal.SIGTERM)
    return os.getpid() != number, True


@pytest.mark.parametrize(("workers", "threads"), [(1, False), (2, True), (0, True), (2, False)])
def test_the_results_are_the_same(workers: int, threads: bool) -> None:
    tasks = [(n,) for n in range(20)]
    made = list(spread(double, tasks, workers=workers, threads=threads))
    assert made == [2 * n for n in range(20)]
    made = list(spread(double, tasks, workers=workers, threads=threads, ordered=False))
    assert sorted(made) == [2 * n for n in range(20)]
    assert processors() >= 1


@pytest.mark.parametrize("workers", [1, 2])
def test_a_worker_takes_one_core(workers: int) -> None:
    """And what asked for the work has as many afterwards as before."""
    before = cv2.getNumThreads()
    tasks = [(n,) for n in range(3)]
    assert list(spread(threads_of, tasks, workers=workers)) == [1, 1, 1]
    assert cv2.getNumThreads() == before


@pytest.mark.skipif(sys.platform != "linux", reason="other C libraries keep memory as they like")
def test_memory_that_is_freed_is_kept_for_the_next_picture() -> None:
    """Where it is not, every page is asked for, and zeroed, again."""
    (faults,) = spread(faults_of, [(20,)], workers=1)
    assert faults < 20 * 1000


def test_a_worker_may_keep_things_in_memory() -> None:
    """It is not taken for a leak and replaced by one that has everything to load again."""
    pytest.importorskip("psutil", reason="without it nobody looks at a worker's memory")
    assert len(set(spread(kept, [(n,) for n in range(8)], workers=2))) == 2


def test_a_killed_worker_is_named_and_the_next_work_is_done() -> None:
    tasks = [(n,) for n in range(6)]
    with pytest.raises(RefMatteError) as caught:
        list(spread(killed, tasks, workers=2, kept=True))
    assert str(caught.value) == (
        "a worker process: was killed, most likely for lack of memory; what is "
        "finished is kept; run the same command again with --workers 1"
    )
    assert list(spread(double, tasks, workers=2)) == [0, 2, 4, 6, 8, 10]


def test_workers_leave_signals_to_their_parent() -> None:
    here = os.getpid()
    assert list(spread(interrupted, [(here,)] * 4, workers=2)) == [(True, True)] * 4


def test_workers_start_deaf_to_ctrl_c_whatever_else_starts_with_them() -> None:
    told = subprocess.run([sys.executable, "-c", DEAF], capture_output=True, text=True, check=True)
    assert told.stdout == "True\n"


@pytest.mark.parametrize(
    "number", [signal.SIGKILL, signal.SIGTERM, pytest.param(signal.SIGINT, marks=pytest.mark.slow)]
)
def test_workers_end_with_their_parent(tmp_path: Path, number: signal.Signals) -> None:
    """However it ends, also before the work is done, and with nobody left to tell them."""
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, str(tmp_path)], stderr=subprocess.DEVNULL
    )
    while process.poll() is None and len(list(tmp_path.iterdir())) < 2:
        time.sleep(0.05)
    process.send_signal(number)
    process.wait()
    workers = [int(file.name) for file in tmp_path.iterdir()]
    assert len(workers) == 2
    while any(alive(worker) for worker in workers):  # a test that does not end has failed, too
        time.sleep(0.05)


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # The dead of which nobody takes notice stay as zombies.
    status = Path(f"/proc/{process}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
