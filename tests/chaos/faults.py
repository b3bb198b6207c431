"""What is done to a run: each fault lets one end badly, or not at all, and says what was wrong with
the way it ended."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

IMAGES = 16
SEAMS = Path(__file__).parent / "seams"
# What Python says, with exit code 1, where Ctrl-C comes before it has read a line of any program.
STARTING = ("Fatal Python error: init_", "Could not import runpy module")
STOPPED = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}


@dataclass
class Trial:
    """One run in the folder `out` below `home`, and the dice for everything about it. All processes
    of it have `name` in their environment."""

    home: Path
    out: Path
    name: str
    dice: random.Random
    length_s: float
    told: list[str] = field(default_factory=list)

    def command(self, *words: str) -> list[str]:
        """`generate`, by one or two workers of a kind."""
        how = self.dice.choice((["--workers", "1"], ["--workers", "2"], ["--backend", "threads"]))
        program = [sys.executable, "-m", "refmatte_engine", "generate", str(self.home / "run.yaml")]
        return [*program, "--out", str(self.out), *how, *words]

    def environment(self, **changes: str) -> dict[str, str]:
        """Of all processes of the trial."""
        return {**os.environ, "REFMATTE_CHAOS": self.name, **changes}

    def start(self, words: list[str], **changes: str) -> subprocess.Popen[str]:
        """A command, the leader of a group of processes as in a terminal."""
        return subprocess.Popen(
            words,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env=self.environment(**changes),
        )

    def end(self, process: subprocess.Popen[str], *codes: int) -> str:
        """What it printed, once it has ended; noted if with another code, or with a traceback."""
        said = "\n".join(process.communicate())
        if any(words in said for words in STARTING):
            return said
        if process.returncode not in codes:
            self.told.append(f"exit {process.returncode}, not one of {codes}: {said[-600:]}")
        if "Traceback" in said or "Exception ignored" in said:
            self.told.append(said[-1500:])
        return said

    def receipts(self) -> int:
        """How many shards are finished."""
        return len(list(self.out.glob("*/.shards/*.jsonl")))

    def wait(self, process: subprocess.Popen[str]) -> None:
        """Until a random moment of the run: of its whole length, or a little after a shard."""
        if self.dice.random() < 0.4:
            until = time.monotonic() + self.dice.uniform(0, self.length_s)
            while process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            return
        count = self.dice.randrange(IMAGES // 2 + 1)
        while process.poll() is None and self.receipts() < count:
            time.sleep(0.005)
        time.sleep(self.dice.uniform(0, 0.2))


def _signalled(trial: Trial, number: signal.Signals, group: bool, **changes: str) -> None:
    process = trial.start(trial.command(), **changes)
    trial.wait(process)
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(process.pid, number)
    # Before Python has set up its own ways, the signal itself ends it.
    trial.end(process, 0, STOPPED[number], -number)


def killed(trial: Trial) -> None:
    """The driver alone."""
    _signalled(trial, signal.SIGKILL, False)


def all_killed(trial: Trial) -> None:
    """The driver and its workers at once."""
    _signalled(trial, signal.SIGKILL, True)


def terminated(trial: Trial) -> None:
    """As a batch system does it."""
    _signalled(trial, signal.SIGTERM, trial.dice.random() < 0.5)


def interrupted(trial: Trial) -> None:
    """As a terminal does it, or somebody else."""
    _signalled(trial, signal.SIGINT, trial.dice.random() < 0.7)


def time_going_back(trial: Trial) -> None:
    """A clock that is set back again and again, and a run that is killed."""
    number = trial.dice.choice((signal.SIGKILL, signal.SIGTERM))
    _signalled(trial, number, True, PYTHONPATH=str(SEAMS), CHAOS_CLOCK="1")


def worker_killed(trial: Trial) -> None:
    """One or two workers, by whoever wants memory; the run goes on."""
    process = trial.start([*trial.command(), "--backend", "loky", "--workers", "2"])
    for _ in range(trial.dice.randint(1, 2)):
        trial.wait(process)
        if workers := [pid for pid in _children(process.pid) if _is_worker(pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(trial.dice.choice(workers), signal.SIGKILL)
    trial.end(process, 0)


def disk_full(trial: Trial) -> None:
    """A disk that is full after some files, or a small one."""
    at = trial.dice.randrange(4 * IMAGES)
    process = trial.start(trial.command(), PYTHONPATH=str(SEAMS), CHAOS_WRITES=str(at))
    said = trial.end(process, 0, 1)
    if process.returncode and "the disk is full; free some space" not in said:
        trial.told.append(f"a full disk is told thus: {said[-600:]}")


def small_disk(trial: Trial) -> None:
    """A small file system that is full, and then larger; `disk_full` where none can be mounted."""
    trial.out.mkdir()
    size = trial.dice.randint(20, 400)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "chaos", str(trial.out)]
    if subprocess.run(mount, capture_output=True).returncode:
        disk_full(trial)
        return
    try:
        process = trial.start(trial.command())
        said = trial.end(process, 0, 1)
        if process.returncode and "the disk is full; free some space" not in said:
            trial.told.append(f"a small disk is told thus: {said[-600:]}")
        subprocess.run(["mount", "-o", "remount,size=100m", str(trial.out)], check=True)
        trial.end(trial.start(trial.command()), 0)
        copy = trial.out.with_name("copy")
        subprocess.run(["cp", "-a", str(trial.out), str(copy)], check=True)
    finally:
        subprocess.run(["umount", str(trial.out)], check=True)
    trial.out.rmdir()
    copy.rename(trial.out)


def read_only_cache(trial: Trial) -> None:
    """A cache below a file, which not even root can write to; and a run that is killed."""
    _signalled(trial, signal.SIGKILL, True, REFMATTE_CACHE=str(trial.home / "run.yaml/cache"))


def two_at_once(trial: Trial) -> None:
    """A second run in the folder, which is refused or comes too late to be."""
    first = trial.start(trial.command())
    trial.wait(first)
    second = trial.start(trial.command())
    said = [trial.end(process, 0, 2) for process in (first, second)]
    if first.returncode and second.returncode:
        trial.told.append("neither of two was let in")
    for process, text in zip((first, second), said, strict=True):
        if process.returncode and "another run is writing here" not in text:
            trial.told.append(text[-600:])


def beside_verify(trial: Trial) -> None:
    """Somebody verifies what is not finished."""
    process = trial.start(trial.command())
    for _ in range(2):
        trial.wait(process)
        words = [sys.executable, "-m", "refmatte_engine", "verify", str(trial.out)]
        trial.end(trial.start([*words, "--workers", "1", "--no-pixels"]), 0, 1, 2)
    trial.end(process, 0)


def in_parts(trial: Trial) -> None:
    """Two jobs at once, one of which is killed; the other is not disturbed."""
    jobs = [trial.start(trial.command("--shards", f"{number}/2")) for number in (1, 2)]
    trial.wait(jobs[0])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(jobs[0].pid, signal.SIGKILL)
    trial.end(jobs[0], 0, -9)
    trial.end(jobs[1], 0)
    merge = [sys.executable, "-m", "refmatte_engine", "merge", str(trial.out)]
    process = trial.start(merge)
    said = trial.end(process, 0, 2)
    if process.returncode and "shards are missing: train/" not in said:
        trial.told.append(said[-600:])


FAULTS: tuple[Callable[[Trial], None], ...] = (
    killed, all_killed, terminated, interrupted, time_going_back, worker_killed, disk_full,
    small_disk, read_only_cache, two_at_once, beside_verify, in_parts,
)  # fmt: skip


def left(name: str) -> list[str]:
    """The processes that have the name of a trial in their environment, by what they run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"REFMATTE_CHAOS={name}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def _children(process: int) -> Iterator[int]:
    for file in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            yield from map(int, file.read_text().split())


def _is_worker(process: int) -> bool:
    with contextlib.suppress(OSError):
        return b"popen_loky" in Path(f"/proc/{process}/cmdline").read_bytes()
    return False
