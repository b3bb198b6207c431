"""Memory and time of small and of large datasets: python -m tests.bench.scale [FOLDER]

Small pictures of the bundled pack, seed 22, one worker. Each command is a process of its own, whose
peak memory the kernel counts. With 20,000 images it takes about half an hour, and 1 GB of disk.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

RUN = """\
name: scale
seed: 22
packs: [studio]
splits: {{train: {train}, test: {test}}}
layout: small.yaml
expressions: refmatte
"""
LAYOUT = "canvas: {size: [96, 128]}\nlayouts: {left_right: 1}\nentities: {2: 1}\n"
COMMANDS = {
    "generate": "generate {run} --out {data} --workers 1",
    "verify": "verify {data} --workers 1",
    "stats": "stats {data}",
    "gallery": "gallery {data}",
    "export --to coco": "export {data} --to coco --out {data}_coco --workers 1",
    "score zero": "score zero {data} --workers 1 --metrics paper",
    "generate --dry-run": "generate {run} --dry-run",
}


def measured(words: list[str], log: Path) -> tuple[float, float]:
    """Peak memory in MB and CPU seconds of one process of the command line."""
    with log.open("wb") as out:
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), number) for number in (1, 2)]
        program = [sys.executable, "-m", "refmatte_engine", *words]
        pid = os.posix_spawn(sys.executable, program, os.environ, file_actions=actions)
        _, status, used = os.wait4(pid, 0)
    if status:
        sys.exit(f"{' '.join(words)}:\n{log.read_text('utf-8')}")
    return used.ru_maxrss / 1024, used.ru_utime + used.ru_stime


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m tests.bench.scale")
    asked.add_argument("folder", nargs="?", type=Path)
    asked.add_argument("--images", type=int, nargs="+", default=[8, 200, 20_000])
    asked.add_argument("--only", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as aside:
        folder = given.folder or Path(aside)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "small.yaml").write_text(LAYOUT)
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in given.only}
        for images in given.images:
            run, data = folder / f"{images}.yaml", folder / str(images)
            run.write_text(RUN.format(train=images - images // 10, test=images // 10))
            for name, each in found.items():
                words = COMMANDS[name].format(run=run, data=data).split()
                made = measured(words, folder / "log.txt")
                each.append(made)
                print(f"{images} images, {name}: {made[0]:.0f} MB, {made[1]:.1f} s", flush=True)
    print("\n| peak memory in MB | " + " | ".join(f"{n:,} images" for n in given.images) + " |")
    print("|---" * (1 + len(given.images)) + "|")
    for name, each in found.items():
        print(f"| `{name}` | " + " | ".join(f"{memory:.0f}" for memory, _ in each) + " |")
    print("\nCPU of one more image, in ms, between each size and the next:")
    for name, each in found.items():
        sizes = [(images, cpu_s) for images, (_, cpu_s) in zip(given.images, each, strict=True)]
        steps = [1000 * (t - s) / (m - n) for (n, s), (m, t) in pairwise(sizes)]
        print(f"  {name}: " + ", ".join(f"{step:.1f}" for step in steps))


if __name__ == "__main__":
    main()
