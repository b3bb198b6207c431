"""One way to spread work over processes: they leave Ctrl-C to their parent and end with it, and one
that was killed is named."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from refmatte_engine.errors import RefMatteError

Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""What long work calls as it goes on, with how much is done and how much there is in all."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# How soon a worker notices that its parent is gone.
WATCH_S = 1.0


def processors() -> int:
    """How many processors this process may use: those of the machine, within the limits of its
    container, its affinity and LOKY_MAX_CPU_COUNT."""
    import joblib

    return int(joblib.cpu_count())


def spread(
    function: Callable[..., Result],
    tasks: Iterable[tuple[Any, ...]],
    *,
    workers: int,
    ordered: bool = True,
    threads: bool = False,
    kept: bool = False,
) -> Iterator[Result]:
    """`function(*task)` for each task, on as many `workers`; 0 means one for each processor, and
    where the tasks are listed there are no more than of them.

    Results come in the order of the tasks, or as they are made. With one worker the work is done
    here; with several, in processes (then function and tasks must be picklable) or in `threads`.
    RefMatteError if a process is killed; `kept` says that what was finished then is not lost.
    """
    count = workers or processors()
    if isinstance(tasks, Sequence):
        count = max(1, min(count, len(tasks)))
    if count == 1:
        for task in tasks:
            yield function(*task)
        return
    # Loaded by who spreads work, not by every process that might.
    import joblib
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    parallel = joblib.Parallel(
        n_jobs=count,
        return_as="generator" if ordered else "generator_unordered",
        batch_size="auto" if ordered else 1,
        **({"backend": "threading"} if threads else _processes()),
    )
    try:
        with _started_deaf():
            results = parallel(joblib.delayed(function)(*task) for task in tasks)
        yield from results
    except TerminatedWorkerError:
        finished = "; what is finished is kept" if kept else ""
        raise RefMatteError(
            "a worker process",
            f"was killed, most likely because the memory was not enough{finished}",
            todo=f"run the same command again with --workers {max(1, count // 2)}",
        ) from None


def _processes() -> dict[str, Any]:
    return {"backend": "loky", "initializer": _begin, "initargs": (os.getpid(),)}


@contextmanager
def _started_deaf() -> Iterator[None]:
    """Processes that are started inside do not hear a Ctrl-C while they load their modules either:
    they inherit that it is held back, here only until they have been started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    from joblib.externals.loky.backend import resource_tracker

    resource_tracker.ensure_running()  # starting it would let signals through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int) -> None:
    """What a worker does first."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    import cv2

    cv2.setNumThreads(1)


def _end_with(parent: int) -> None:
    """Ends this process when its parent is gone, however that came about: nobody else would."""
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(1)
