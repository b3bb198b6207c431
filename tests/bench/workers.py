"""How much sooner two workers are done than one: python -m tests.bench.workers [RUN]

Wall time, so the machine has to be quiet and have two cores to itself. One more image is a longer
run less a shorter one, by each number of workers; a whole run has its start and its end as well.
Each run is a process of its own, with a warm cache, and its folder is removed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHORT = 200


def took(run: str, images: int, workers: int) -> float:
    """Seconds of a whole `generate`."""
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-m", "refmatte_engine", "generate", run, "--seed", "31"]
        options = ["--limit", str(images), "--workers", str(workers), "--out"]
        begun = time.monotonic()
        subprocess.run(
            [*program, *options, str(Path(folder) / "out")], check=True, capture_output=True
        )
        return time.monotonic() - begun


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.workers")
    asked.add_argument("run", nargs="?", default="refmatte")
    asked.add_argument("--images", type=int, default=5000)
    given = asked.parse_args()
    took(given.run, SHORT, 2)  # fills the cache
    whole, more = {}, {}
    for workers in (1, 2):
        short, whole[workers] = (took(given.run, n, workers) for n in (SHORT, given.images))
        more[workers] = (whole[workers] - short) / (given.images - SHORT)
        print(
            f"{workers} workers: {given.images} images in {whole[workers]:.1f} s, {SHORT} in "
            f"{short:.1f} s; one more in {1000 * more[workers]:.1f} ms",
            flush=True,
        )
    print(f"two against one: {whole[1] / whole[2]:.2f} whole, {more[1] / more[2]:.2f} by one more")


if __name__ == "__main__":
    main()
