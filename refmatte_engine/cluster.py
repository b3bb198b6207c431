"""The one way to spread work over machines, by Dask or Ray. It does not know the work."""

from __future__ import annotations

import contextlib
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Literal, TypeVar

from refmatte_engine.errors import InputError, RefMatteError, needs
from refmatte_engine.parallel import Shared, WorkerLost, call, processors

Result = TypeVar("Result")
Backend = Literal["dask", "ray"]
Probe = Callable[[Any], str]
"""What is wrong with a worker, given what is expected of it, or nothing."""

CONNECT_S = 15  # until a scheduler that does not answer is given up
WORKERS_S = 60  # until a scheduler without workers is
AHEAD = 3  # tasks a worker, so that none waits for the next
_fit: set[str] = set()  # the work that this process is known to be fit for


def spread(
    function: Callable[..., Result],
    tasks: Sequence[tuple[Any, ...]],
    *,
    backend: Backend,
    scheduler: str = "",
    workers: int = 0,
    shared: Any,
    probe: Probe,
    expected: Any,
) -> Iterator[Result]:
    """`function(shared, *task)` for each task, by the workers of the scheduler at an address, or,
    without one, by `workers` processes of this machine (0: one per processor). Results come as they
    finish; few tasks are ever handed out ahead.

    Every worker is asked first whether it is fit: `probe(expected)`, in that worker's own version,
    says what is wrong, and InputError does not let work begin. InputError if the scheduler cannot
    be reached or has no workers; RefMatteError if it goes away, WorkerLost, with the task as `at`,
    if a task has lost its workers again and again; what a task raises passes through. MissingExtra
    without the library.
    """
    packed, count = Shared(shared), workers or processors()
    run = _dask if backend == "dask" else _ray
    yield from run(function, tasks, packed, probe, expected, scheduler, count)


def _dask(
    function: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    packed: Shared,
    probe: Probe,
    expected: Any,
    scheduler: str,
    count: int,
) -> Iterator[Any]:
    with needs("dask", "spread work with --backend dask"):
        import distributed
        from distributed import Client, LocalCluster, as_completed
    for name in [*logging.root.manager.loggerDict]:
        if name.startswith("distributed"):  # tracebacks of what is told in a line
            logging.getLogger(name).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        if scheduler:
            with _reached(scheduler, OSError, ValueError, TypeError):
                client = stack.enter_context(Client(scheduler, timeout=CONNECT_S))
        else:
            with _reached("", OSError, RuntimeError):
                here = LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)
                client = stack.enter_context(Client(stack.enter_context(here)))
        try:
            client.wait_for_workers(1, timeout=WORKERS_S)
        except (OSError, TimeoutError):
            raise InputError(scheduler, "has no workers", todo="start some: dask worker") from None
        gone = (distributed.CancelledError, OSError, distributed.comm.CommClosedError)
        stack.enter_context(_kept(scheduler or "the scheduler", gone))
        said = client.run(_asked, probe, expected, on_error="return")
        _refuse([_answer(address, one) for address, one in said.items()])
        # As the result of a task, it is made again where all workers that hold it are lost.
        data = client.submit(_same, packed.data, pure=False)
        todo, active = iter(tasks), as_completed()
        at: dict[Any, tuple[Any, ...]] = {}

        def hand_out(number: int) -> None:
            for task in islice(todo, number):
                future = client.submit(
                    _checked, probe, expected, packed.key, data, function, *task, pure=False
                )
                at[future] = task
                active.add(future)

        hand_out(AHEAD * max(count, len(said)))
        for future in active:
            task = at.pop(future)
            try:
                result = future.result()
            except distributed.KilledWorker:
                client.cancel(list(at))
                raise _lost(task) from None
            hand_out(1)
            yield result


def _ray(
    function: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    packed: Shared,
    probe: Probe,
    expected: Any,
    scheduler: str,
    count: int,
) -> Iterator[Any]:
    with needs("ray", "spread work with --backend ray"):
        import ray
        from ray.exceptions import OutOfMemoryError, RayError, RayTaskError, WorkerCrashedError
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    where: dict[str, Any] = {"address": scheduler} if scheduler else {"address": "local"}
    where |= {} if scheduler else {"num_cpus": count, "include_dashboard": False}
    try:
        with _reached(scheduler, Exception):  # which is what Ray raises if it is slow to start
            ray.init(**where, **quiet)
        nodes = [node["NodeID"] for node in ray.nodes() if node["Alive"]]
        ask = ray.remote(num_cpus=0)(_asked)
        answers = list[str]()
        for node in nodes:
            at_node = NodeAffinitySchedulingStrategy(node, soft=False)
            try:
                asked = ask.options(scheduling_strategy=at_node).remote(probe, expected)
                answers.append(ray.get(asked))
            except RayError as error:
                answers.append(str(error).strip().splitlines()[-1])
        _refuse(answers)
        data, todo = ray.put(packed.data), iter(tasks)
        work = ray.remote(num_cpus=1, max_retries=3)(_checked)
        at: dict[Any, tuple[Any, ...]] = {}
        ahead = AHEAD * max(count, int(ray.cluster_resources().get("CPU", 1)))
        with _kept(scheduler or "ray", (RayError, ConnectionError)):
            while True:
                for task in islice(todo, ahead - len(at)):
                    at[work.remote(probe, expected, packed.key, data, function, *task)] = task
                if not at:
                    break
                (ready,), _ = ray.wait(list(at), num_returns=1)
                task = at.pop(ready)
                try:
                    result = ray.get(ready)
                except RayTaskError as error:
                    raise error.cause from None
                except (WorkerCrashedError, OutOfMemoryError):
                    raise _lost(task) from None
                yield result
    finally:
        ray.shutdown()


def _same(data: Any) -> Any:
    return data


def _asked(probe: Probe, expected: Any) -> str:
    problem = probe(expected)
    return f"{socket.gethostname()}: {problem}" if problem else ""


def _checked(
    probe: Probe,
    expected: Any,
    key: str,
    data: Any,
    function: Callable[..., Result],
    *task: Any,
) -> Result:
    """A task, in a worker, which may have come when others had been asked already."""
    if key not in _fit:
        _refuse([_asked(probe, expected)])
        _fit.clear()
        _fit.add(key)
    return call(key, data, function, *task)


def _answer(address: str, said: object) -> str:
    """What a worker of Dask said, or why it could not."""
    return said if isinstance(said, str) else f"{address}: cannot do this work: {said!r}"


def _refuse(answers: Sequence[str]) -> None:
    """InputError if a worker is not fit."""
    if problems := sorted(filter(None, answers)):
        more = f" (and {len(problems) - 1} more workers)" if len(problems) > 1 else ""
        raise InputError(
            "a worker", f"{problems[0]}{more}", todo="make all machines alike, and start it again"
        )


def _lost(task: tuple[Any, ...]) -> WorkerLost:
    told = "ended before its work did, most likely for lack of memory"
    return WorkerLost("a worker", told, at=task)


@contextmanager
def _reached(scheduler: str, *errors: type[Exception]) -> Iterator[None]:
    try:
        yield
    except errors as error:
        problem = "cannot be reached" if scheduler else f"cannot be started: {error}"
        todo = "say where it listens, as it printed when it was started" if scheduler else ""
        raise InputError(scheduler or "a scheduler", problem, todo=todo) from None


@contextmanager
def _kept(scheduler: str, errors: tuple[type[BaseException], ...]) -> Iterator[None]:
    """A clear line where the scheduler goes away."""
    try:
        yield
    except RefMatteError:
        raise
    except errors:
        todo = "what is finished is kept: run the same command again, once it is there"
        raise RefMatteError(scheduler, "went away, with all work", todo=todo) from None
