"""Scoring one row of a photograph's size (1620×1080), one core: every metric as the definitions
read, ours, SAD, MSE and MAD alone, and the floor, reading the two PNGs. Seconds a row, the median;
the ways take turns. The predictions are a soft matte of the thing alone, and one with faint values
all over the picture, as models make them.

    python -m tests.bench.bench_score [--rounds 7]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from refmatte_engine.images import image_io
from refmatte_engine.records import F64
from refmatte_engine.scoring import metrics
from refmatte_engine.scoring.rows import Row
from refmatte_engine.scoring.score import measure
from tests.support import plain_metrics

HW = (1080, 1620)
SLOW = ("grad", "grad_aim", "conn")


def thing(x: int, y: int, radius: int) -> F64:
    down, across = np.mgrid[: HW[0], : HW[1]]
    inside = np.clip((radius - np.hypot(across - x, down - y)) / 6 + 0.5, 0, 1)
    return np.asarray(np.rint(inside * 255) / 255)


def predictions(truth: F64, other: F64) -> dict[str, F64]:
    blurred = cv2.GaussianBlur(truth, (0, 0), 4)
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(size=HW), (0, 0), 9)
    faint = np.clip(0.95 * blurred + 0.02 + 0.3 * noise + 0.3 * other * (noise > 0), 0, 1)
    return {"one thing": blurred, "faint all over": np.asarray(np.rint(faint * 65535) / 65535)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    cv2.setNumThreads(1)
    own, other = thing(400, 500, 280), thing(1100, 560, 250)
    files = (Path("1.png"), Path("2.png"))
    row = Row("it", "it_1", "0", "basic", "the thing", Path("it.jpg"), files, (0,))
    for name, made in predictions(own, other).items():
        stored = [np.rint(made * 65535).astype(np.uint16), np.rint(own * 255).astype(np.uint8)]
        coded = [image_io.encode_png(each) for each in stored]

        def plain(p: F64 = made) -> None:
            for metric in SLOW:
                getattr(plain_metrics, metric)(p, own)

        def ours(p: F64 = made) -> None:
            for metric in SLOW:
                getattr(metrics, metric)(p, own)

        def floor(coded: list[bytes] = coded) -> None:
            for data in coded:
                image_io.decode_levels(data, "it")

        ways: dict[str, Callable[[], object]] = {
            "GRAD, GRAD_aim and CONN as defined": plain,
            "ours": ours,
            "all metrics of a row, ours": lambda p=made: measure(row, p, [own, other]),
            "SAD, MSE and MAD of a row": lambda p=made: measure(row, p, [own, other], "paper"),
            "floor: reading the PNGs": floor,
        }
        seconds: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, do in ways.items():
                begun = time.process_time()
                do()
                seconds[way].append(time.process_time() - begun)
        print(name)
        first = statistics.median(seconds["GRAD, GRAD_aim and CONN as defined"])
        for way, taken in seconds.items():
            middle = statistics.median(taken)
            print(f"  {way:36} {middle:7.3f} s  {first / middle:5.1f}")


if __name__ == "__main__":
    main()
