"""The one way to spread work over processes: workers leave Ctrl-C to their parent and end with it,
and a killed worker is reported."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, TypeVar

from refmatte_engine.errors import InputError, RefMatteError
from refmatte_engine.storage.files import token

Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""The callback of long work: (done, total)."""

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# How soon a worker notices that its parent is gone.
WATCH_S = 1.0
# glibc's names for what follows, and up to how many bytes of freed memory a process keeps.
MMAP_THRESHOLD, TRIM_THRESHOLD, KEPT_BYTES = -3, -1, 256_000_000


class WorkerLost(RefMatteError):
    """A worker that ended before its work did; `at` is the task, if it is known."""

    def __init__(self, where: object, problem: str, *, todo: str = "", at: Any = None) -> None:
        super().__init__(where, problem, todo=todo)
        self.at = at


class Shared:
    """What every task needs, packed once and unpacked once in each worker."""

    def __init__(self, value: Any) -> None:
        import numpy as np

        self.key = token()
        # An array, because joblib gives workers a large one as a file, not with every task.
        packed = pickle.dumps((sys.path, value), pickle.HIGHEST_PROTOCOL)
        self.data = np.frombuffer(packed, np.uint8)

    def task(self, function: Callable[..., Result], task: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments with which `call` does the task in a worker."""
        return (self.key, self.data, function, *task)


def call(key: str, data: Any, function: Callable[..., Result], *task: Any) -> Result:
    """`function(value, *task)`, with the value that was packed as `data` under the name `key`."""
    with _unpacking:
        if key not in _unpacked:
            _unpacked.clear()
            path, _unpacked[key] = pickle.loads(memoryview(data))
            # A worker that began before finds what its parent finds since: a user's module.
            sys.path += [folder for folder in path if folder not in sys.path]
        value = _unpacked[key]
    return function(value, *task)


_unpacked: dict[str, Any] = {}
_unpacking = threading.Lock()


def processors() -> int:
    """The number of processors this process may use: the machine's, within the limits of its
    container, its affinity and LOKY_MAX_CPU_COUNT. InputError if that is no whole number."""
    import joblib

    try:
        return int(joblib.cpu_count())
    except ValueError:
        where, said = "LOKY_MAX_CPU_COUNT", os.environ.get("LOKY_MAX_CPU_COUNT")
        allowed = "how many to use, such as 4"
        raise InputError(where, f"{said!r} is not a number", allowed=allowed) from None


def spread(
    function: Callable[..., Result],
    tasks: Iterable[tuple[Any, ...]],
    *,
    workers: int,
    ordered: bool = True,
    threads: bool = False,
    kept: bool = False,
    shared: Any = None,
    apart: bool = False,
) -> Iterator[Result]:
    """`function(*task)` for each task, on `workers` workers; 0 means one per processor. A sequence
    of tasks never gets more workers than it has tasks.

    Results come in the order of the tasks if `ordered`, else as they finish. One worker works in
    this process, on one core, unless it has to be `apart`; several are processes (function and
    tasks must then be picklable) or `threads`. If there is a `shared` value, it comes before each
    task's own, and costs each worker little more than once. WorkerLost if a worker is killed;
    `kept` adds that finished work is kept.
    """
    count = workers or processors()
    if isinstance(tasks, Sequence):
        count = max(1, min(count, len(tasks)))
    if count == 1 and not apart:
        with one_core():
            for task in tasks:
                yield function(*task) if shared is None else function(shared, *task)
        return
    # Loaded by who spreads work, not by every process that might.
    import joblib

    processors()  # joblib asks as well, and does not say what is wrong
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    if shared is not None:
        packed = Shared(shared)
        inner, given = function, tasks
        function, tasks = call, (packed.task(inner, task) for task in given)
    if threads:
        within, asked = function, tasks
        function, tasks = _noted, ((within, *task) for task in asked)
    parallel = joblib.Parallel(
        n_jobs=max(2, count),
        return_as="generator" if ordered else "generator_unordered",
        batch_size="auto" if ordered else 1,
        **({"backend": "threading"} if threads else _processes()),
    )
    results: Any = None
    try:
        with _started_deaf():
            results = parallel(joblib.delayed(function)(*task) for task in tasks)
        for result in results:  # noqa: UP028 - `yield from` would close it within joblib first
            yield result
    except TerminatedWorkerError:
        finished = "; what is finished is kept" if kept else ""
        raise WorkerLost(
            "a worker process",
            f"was killed, most likely for lack of memory{finished}",
            todo=f"run the same command again with --workers {max(1, count // 2)}",
        ) from None
    finally:
        if results is not None:
            with warnings.catch_warnings():  # joblib warns of what was given up, and need not
                warnings.simplefilter("ignore")
                results.close()


def is_working() -> bool:
    """Whether a thread still works at a task that nobody waits for any more."""
    return bool(_at_work)


def _noted(function: Callable[..., Result], *task: Any) -> Result:
    _at_work.append(function)
    try:
        return function(*task)
    finally:
        _at_work.pop()


_at_work: list[Any] = []


def _processes() -> dict[str, Any]:
    return {"backend": "loky", "initializer": _begin, "initargs": (os.getpid(),)}


@contextmanager
def _started_deaf() -> Iterator[None]:
    """Processes started inside ignore Ctrl-C even while they load their modules: they inherit the
    blocked signals, which this process blocks only until they have started."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    from multiprocessing import resource_tracker as trackers

    from joblib.externals.loky.backend import resource_tracker

    for each in (resource_tracker, trackers):  # starting them would let signals through again
        each.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(parent: int) -> None:
    """Prepares a worker: signals ignored, one OpenCV thread, end with the parent; and not before:
    one that keeps pictures in memory would be taken for leaking it, and replaced."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    import cv2
    from joblib.externals.loky import process_executor

    process_executor._USE_PSUTIL = False  # with which it watches a worker's memory
    cv2.setNumThreads(1)
    keep_memory()


@contextmanager
def one_core() -> Iterator[None]:
    """What is done inside takes one core, as a worker's task does, and keeps its memory."""
    import cv2

    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    keep_memory()
    try:
        yield
    finally:
        cv2.setNumThreads(threads)


@cache
def keep_memory() -> None:
    """Has this process keep what it frees, where the C library is glibc: a picture's arrays are
    as large as the last one's, and pages given back are asked for again, and zeroed, at once."""
    import ctypes

    with suppress(OSError, AttributeError, TypeError):  # another C library
        library = ctypes.CDLL(None)
        library.mallopt(MMAP_THRESHOLD, KEPT_BYTES // 8)  # the most that all versions take
        library.mallopt(TRIM_THRESHOLD, KEPT_BYTES)


def _end_with(parent: int) -> None:
    """Ends this process when its parent is gone, for whatever reason: nobody else would."""
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(1)
