"""What each part of how the shipped tiny answers costs, in time for a sentence on the CPU.

python -m tests.bench.bench_answer
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import torch

from refmatte_baselines.clipmat.predict import Predictor
from refmatte_baselines.predictor import Options

TEXTS = ("the red mug to the left of the bear", "the bear", "the dog on the right", "the blue vase")
ROUNDS = 3
BEFORE: dict[str, Any] = {"mirrored": False, "enlarged": 1.0, "inference_sizes": (320, 640)}
LARGER: dict[str, Any] = {"enlarged": 1.25, "inference_sizes": (320, 800)}
WAYS = {
    "one size": BEFORE | {"inference_sizes": ()},
    "three sizes": BEFORE,
    "and the mirror image": BEFORE | {"mirrored": True},
    "or a larger image": BEFORE | LARGER,
    "both": BEFORE | LARGER | {"mirrored": True},
}


def main() -> None:
    predictor = Predictor("tiny", Options("cpu", "bf16"))
    config = predictor.model.config
    image = np.random.default_rng(0).integers(0, 256, (427, 640, 3), dtype=np.uint8)
    seconds = dict.fromkeys(WAYS, float("inf"))
    for _ in range(ROUNDS):  # in turn, so that other work on the machine meets all of them
        for name, way in WAYS.items():
            predictor.model.config = config.model_copy(update=way)
            begun = time.perf_counter()
            for text in TEXTS:
                predictor.alpha(image, text)
            seconds[name] = min(seconds[name], (time.perf_counter() - begun) / len(TEXTS))
    base = seconds["three sizes"]
    print(f"640×427 px, bf16, CPU, {torch.get_num_threads()} threads, each sentence alone")
    for name, took in seconds.items():
        print(f"{name:24s}{took:6.2f} s{took / base:6.1f} ×")


if __name__ == "__main__":
    main()
