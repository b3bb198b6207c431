"""What each part of how the shipped tiny answers costs, in time for a sentence on the CPU.

python -m tests.bench.bench_answer
"""

from __future__ import annotations

import time

import numpy as np
import torch

from refmatte_baselines.answering import Predictor
from refmatte_baselines.looks import Looks
from refmatte_baselines.predictor import Options

TEXTS = ("the red mug to the left of the bear", "the bear", "the dog on the right", "the blue vase")
ROUNDS = 3
WAYS = {
    "one look": Looks(),
    "three sizes": Looks(sizes=(320, 800)),
    "and the mirror image": Looks(sizes=(320, 800), mirrored=True),
}


def main() -> None:
    predictor = Predictor("tiny", Options("cpu"))
    image = np.random.default_rng(0).integers(0, 256, (800, 1200, 3), dtype=np.uint8)
    seconds = dict.fromkeys(WAYS, float("inf"))
    for _ in range(ROUNDS):  # in turn, so that other work on the machine meets all of them
        for name, way in WAYS.items():
            predictor.looks = way
            predictor.sizes = (predictor.model.config.size, *way.sizes)
            begun = time.perf_counter()
            for text in TEXTS:
                predictor.alpha(image, text)
            seconds[name] = min(seconds[name], (time.perf_counter() - begun) / len(TEXTS))
    base = seconds["one look"]
    print(f"1200×800 px, fp32, CPU, {torch.get_num_threads()} threads, each sentence alone")
    for name, took in seconds.items():
        print(f"{name:24s}{took:6.2f} s{took / base:6.1f} ×")


if __name__ == "__main__":
    main()
