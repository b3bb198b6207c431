"""Ends runs badly, goes on with each, and compares: python -m tests.chaos [HOW MANY] [SEED] [FIRST]

Whatever happened, the same command has to give the same bytes, and leave no process behind. Prints
a line for each trial, and ends with 1 if one was not well; `1 SEED NUMBER` does the same to a run
again, as far as time allows.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.chaos.faults import FAULTS, IMAGES, Trial, left
from tests.conftest import make_pack

PATIENCE_S = 20  # for workers to see that nobody is there any more
AT_ONCE = 2
NOT_COMPARED = {".lock", "README.md", "DATASHEET.md"}  # two are headed by the folder's name


def contents(root: Path) -> dict[str, str]:
    """A digest of every file of a dataset, receipts and leftovers too."""
    return {
        file.relative_to(root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(root.rglob("*"))
        if file.is_file() and file.name not in NOT_COMPARED
    }


def tried(home: Path, number: int, seed: int, expected: dict[str, str], length_s: float) -> str:
    """What was wrong with a trial; nothing if it went well."""
    name = f"{os.getpid()}-{number}"
    place = home / f"trial-{number}"
    place.mkdir()
    dice = random.Random(f"{seed}/{number}")
    trial = Trial(home, place / "out", name, dice, length_s)
    fault = FAULTS[number % len(FAULTS)]
    fault(trial)
    had = trial.receipts()
    trial.end(trial.start(trial.command()), 0)
    found = contents(trial.out) if trial.out.is_dir() else {}
    if found != expected:
        keys = found.keys() | expected.keys()
        differs = sorted(key for key in keys if found.get(key) != expected.get(key))
        trial.told.append(f"{len(differs)} files differ: {', '.join(differs[:6])}")
    until = time.monotonic() + PATIENCE_S
    while (remains := left(name)) and time.monotonic() < until:
        time.sleep(0.2)
    trial.told += [f"left behind: {words}" for words in remains]
    shutil.rmtree(place)
    print(f"{number} {fault.__name__}, {had} shards done: {trial.told or 'well'}", flush=True)
    return f"{fault.__name__}" if trial.told else ""


def main(count: int, seed: int, first: int) -> int:
    """Tries so many, from number `first` on, and returns the exit code."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        home = Path(folder)
        os.environ["REFMATTE_CACHE"] = str(home / "cache")
        make_pack(home / "tiny")
        (home / "run.yaml").write_text(
            f"packs: [tiny]\nsplits: {{train: {IMAGES}}}\nlayout: smoke\nshard_size: 2\n"
        )
        whole = Trial(home, home / "whole", "whole", random.Random(seed), 0)
        whole.end(whole.start([*whole.command(), "--backend", "loky", "--workers", "1"]), 0)
        if whole.told:
            print(whole.told)
            return 1
        length_s, expected = time.monotonic() - begun, contents(whole.out)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            ends = pool.map(
                lambda number: tried(home, number, seed, expected, length_s),
                range(first, first + count),
            )
            wrong = Counter(filter(None, ends))
    told = f"{count - wrong.total()} of {count} well, seed {seed}, {time.monotonic() - begun:.0f} s"
    print(told, *(f"{name} {n}×" for name, n in wrong.items()), sep="; ")
    return 1 if wrong else 0


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*[*given, *(60, 1, 0)[len(given) :]]))
