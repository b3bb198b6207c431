"""The whole job: CPU of one more image of `refmatte generate`, words, proofs and files included,
from a warm cache, over the floor below which it cannot go.

The floor of a run is to decode and encode again, with OpenCV, the pictures that it wrote, and to
deflate its alphas. One more image is the difference between a longer and a shorter run, each a
process of its own with one worker, so that starting up does not count.

    python -m tests.bench.bench_generate [--images 40] [RUN ...]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from isal import isal_zlib

RUNS = ("refmatte", "demo", "hard")
SHORT = 20  # images of the shorter run
SEED = 31


def cpu_of(command: list[str]) -> float:
    """Seconds of CPU, user and system, of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def generated(run: str, images: int, out: Path) -> float:
    """Seconds of CPU of a whole `generate`."""
    command = [sys.executable, "-m", "refmatte_engine", "generate", run, "--workers", "1"]
    options = ["--limit", str(images), "--seed", str(SEED), "--out", str(out)]
    return cpu_of([*command, *options])


def floor_of(folder: Path, images: int) -> float:
    """Seconds of CPU an image to decode and encode the first pictures of a dataset, and to deflate
    their alphas; the better of three rounds."""
    pictures = sorted(folder.rglob("img/*.jpg"))[:images]
    data = [np.frombuffer(path.read_bytes(), np.uint8) for path in pictures]
    mattes = [
        cv2.imread(str(matte), cv2.IMREAD_UNCHANGED)
        for path in pictures
        for matte in sorted(path.parent.parent.glob(f"mask/{path.stem}_*.png"))
    ]
    rounds = []
    for _ in range(3):
        begun = time.process_time()
        for each in data:
            picture = cv2.imdecode(each, cv2.IMREAD_COLOR)
            cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 95])
        for matte in mattes:
            isal_zlib.compress(np.pad(matte, ((0, 0), (1, 0))).tobytes(), 1)
        rounds.append(time.process_time() - begun)
    return min(rounds) / len(pictures)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", default=RUNS)
    parser.add_argument("--images", type=int, default=40)
    asked = parser.parse_args()
    cv2.setNumThreads(1)
    print(f"one more image, of {asked.images} after {SHORT}; CPU")
    for run in asked.runs:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            generated(run, SHORT + asked.images, folder / "warm")
            short = generated(run, SHORT, folder / "short")
            long = generated(run, SHORT + asked.images, folder / "long")
            each = (long - short) / asked.images
            floor = floor_of(folder / "long", asked.images)
        print(
            f"{run:10} {each * 1000:6.1f} ms   floor {floor * 1000:5.1f} ms   "
            f"{each / floor:5.2f} times   start {short - SHORT * each:4.1f} s"
        )


if __name__ == "__main__":
    main()
