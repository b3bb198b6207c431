"""The whole job: CPU of one more image of `refmatte generate`, words, proofs and files included,
from a warm cache, beside two plain scripts and the floor below which it cannot go.

The floor of a run is to decode and encode again, with OpenCV, the pictures that it wrote, and to
deflate its alphas. One more image is the difference between a longer and a shorter run, each a
process of its own with one worker, so that starting up does not count. The plain scripts, one with
Pillow and one with OpenCV, draw the scenes that the run drew, without effects; as many more as it
rejected; and find sentences by trying every template.

    python -m tests.bench.bench_generate [--images 40] [--plot FILE.svg] [RUN ...]

Without names of runs it draws the plot of docs/speed.md anew.
"""

from __future__ import annotations

import argparse
import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
from isal import isal_zlib

from refmatte_engine import Dataset
from refmatte_engine.generation.compose import templates_of
from refmatte_engine.packs import run_catalog
from tests.bench import bench_compose, bench_expressions

RUNS = ("refmatte", "demo", "hard")
SHORT = 20  # images of the shorter run
SEED = 31
PLOT = Path(__file__).parents[2] / "docs" / "whole_job.svg"


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


def plain_of(folder: Path, images: int) -> dict[str, float]:
    """Seconds of CPU an image of the plain scripts for the whole job, on the last pictures of a
    dataset."""
    dataset = Dataset(folder)
    rejected = sum(dataset.manifest["rejections"].values()) / len(dataset)
    run, samples = dataset.run, [*dataset.samples()][-images:]
    catalog = run_catalog.of_run(run)
    begun = time.process_time()
    for sample in samples:
        bench_expressions.naive([sample.entities], templates_of(run), sample.scene.canvas_hw)
    words = time.process_time() - begun
    took = {}
    for name, script in bench_compose.PLAIN.items():
        begun = time.process_time()
        for sample in samples:
            script(sample.scene, catalog, folder)
        took[name] = (words + (time.process_time() - begun) * (1 + rejected)) / len(samples)
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*")
    parser.add_argument("--images", type=int, default=40)
    parser.add_argument("--plain", type=int, default=8, help="images of the plain scripts")
    parser.add_argument("--plot", type=Path)
    asked = parser.parse_args()
    plot = asked.plot or (None if asked.runs else PLOT)
    cv2.setNumThreads(1)
    print(f"one more image, of {asked.images} after {SHORT}; CPU; {machine()}")
    found: dict[str, dict[str, float]] = {}
    for run in asked.runs or RUNS:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            generated(run, SHORT + asked.images, folder / "warm")
            short = generated(run, SHORT, folder / "short")
            long = generated(run, SHORT + asked.images, folder / "long")
            each = (long - short) / asked.images
            floor = floor_of(folder / "long", asked.images)
            plain = plain_of(folder / "long", asked.plain)
        found[run] = {"floor": floor, "refmatte generate": each, **plain}
        print(f"{run:10} start {short - SHORT * each:4.1f} s")
        for way, took in found[run].items():
            told = f"{took / floor:6.2f} floors {took / each:6.2f} times ours"
            print(f"  {way:18} {took * 1000:7.1f} ms {told}")
    if plot:
        draw(found, plot)


def machine() -> str:
    """The processor, as the system names it."""
    names = (
        [
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ]
        if Path("/proc/cpuinfo").exists()
        else []
    )
    return names[0] if names else platform.processor()


def draw(found: dict[str, dict[str, float]], file: Path) -> None:
    """Bars of how many floors each way takes, for each run."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "bench", "font.size": 9})
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 0.7 + 1.1 * len(found)))
    ticks, names = [], []
    for row, (run, ways) in enumerate(found.items()):
        for number, (way, took) in enumerate(ways.items()):
            y, times = -5 * row - number, took / ways["floor"]
            axes.barh(y, times, color=f"C{number}", height=0.85)
            axes.text(times * 1.05, y, f"{times:.1f}   {took * 1000:.0f} ms", va="center")
            ticks.append(y)
            names.append(f"{run}: {way}" if not number else way)
    axes.set(xscale="log", xlim=(0.9, None), yticks=ticks, yticklabels=names)
    axes.set_xlabel("processor time for one image, in floors")
    axes.margins(x=0.2)
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    main()
