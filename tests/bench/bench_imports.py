"""What it costs to begin: CPU seconds of the help and of what a worker imports, and how many times
that is of NumPy and OpenCV alone, which no worker can do without.

python -m tests.bench.bench_imports
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile

FLOOR = "import numpy, cv2"
MEASURED = {
    "refmatte --help": ("-m", "refmatte_engine", "--help"),
    "generation.dataset_run": ("-c", "import refmatte_engine.generation.dataset_run"),
    "generation.verify": ("-c", "import refmatte_engine.generation.verify"),
    "scoring.score": ("-c", "import refmatte_engine.scoring.score"),
}
REPEATS = 5


def seconds(words: tuple[str, ...], environment: dict[str, str]) -> float:
    """The least CPU seconds of a new process, once what it imports has been compiled."""
    took = []
    for _ in range(1 + REPEATS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [sys.executable, *words], check=True, stdout=subprocess.DEVNULL, env=environment
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(took[1:])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        floor = seconds(("-c", FLOOR), environment)
        print(f"{'numpy, cv2':24} {floor:6.3f} s  {1:5.2f}")
        for name, words in MEASURED.items():
            spent = seconds(words, environment)
            print(f"{name:24} {spent:6.3f} s  {spent / floor:5.2f}")
