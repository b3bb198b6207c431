"""What an answer costs on one core: details and the refiner in windows round what is unknown, as
the models answer, against the same over the whole picture. Seconds of the processor for a text of a
picture of 1200×800 px; memory at its peak for 12 texts of one of 1620×1080 px.

python -m tests.bench.bench_answer [--image-tower FILE]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from functools import cache, partial
from typing import Literal

import cv2
import numpy as np
import torch
from torch import Tensor

from refmatte_baselines.answering import Predictor
from refmatte_baselines.predictor import Options
from refmatte_baselines.towers.network import Asked, Network, Output
from refmatte_engine.config import run
from refmatte_engine.generation.stream import Stream
from refmatte_engine.records import U8

ROUNDS, TEXTS = 3, 12
SIZE_HW, LARGE_HW = (800, 1200), (1080, 1620)
Looks = Literal["one", "as-trained"]


@cache
def scene() -> tuple[U8, str]:
    """A composed image and a sentence about it."""
    item = Stream(run.load_run("benchmark"), "test")[0]
    return item.image, item.sample.expressions[0].text


def scene_at(size_hw: tuple[int, int]) -> tuple[U8, str]:
    image, text = scene()
    return np.asarray(cv2.resize(image, size_hw[::-1], interpolation=cv2.INTER_CUBIC)), text


def predictor(name: str, looks: Looks, tower: str | None, *, in_whole: bool) -> Predictor:
    torch.set_num_threads(1)
    found = Predictor(name, Options("cpu", looks=looks, image_tower=tower))
    if in_whole:
        found.model.answer = partial(whole, found.model)  # type: ignore[method-assign]
        found.model.finished = partial(refined, found.model)  # type: ignore[method-assign]
    return found


def whole(
    model: Network, image: Tensor, tokens: Tensor, visual: list[Tensor], *, long_side: int
) -> Output:
    """What `Network.answer` gives, of the whole picture at once."""
    seen = model.prepared(image, long_side)
    found = model.said(Asked(image, seen, visual, tokens, None, False))
    return Output(found.alpha, found.trimap, found.presence)


def refined(model: Network, image: Tensor, alpha: Tensor) -> Tensor:
    """What `Network.finished` gives, of the whole picture at once."""
    return torch.cat([model.refined(image, each[None]) for each in alpha])


def seconds(name: str, looks: Looks, tower: str | None) -> str:
    image, text = scene_at(SIZE_HW)
    ways = [predictor(name, looks, tower, in_whole=in_whole) for in_whole in (False, True)]
    took, mattes = [float("inf")] * 2, [way.alpha(image, text) for way in ways]
    for _ in range(ROUNDS):  # in turn, so that other work on the machine meets both
        for number, way in enumerate(ways):
            begun = time.process_time()
            way.alpha(image, text)
            took[number] = min(took[number], time.process_time() - begun)
    ratio, apart = took[1] / took[0], np.abs(mattes[0] - mattes[1]).mean()
    return f"{took[0]:.2f} s{took[1]:9.2f} s{ratio:8.1f} ×   mean difference {apart:.0e}"


def memory(name: str, looks: Looks, tower: str | None, *, in_whole: bool) -> None:
    image, text = scene_at(LARGE_HW)
    for _ in predictor(name, looks, tower, in_whole=in_whole).answers(
        image, [text] * TEXTS, "expression"
    ):
        pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--image-tower", help="b16_small_text's: without it only tiny is asked")
    parser.add_argument("--alone", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    tower = options.image_tower
    if options.alone:
        name, looks, way = options.alone
        memory(name, looks, tower, in_whole=way == "whole")
        return
    print(f"{'one core, fp32':28s}in windows   whole")
    for name, looks in (("tiny", "one"), ("tiny", "as-trained"), ("b16_small_text", "one")):
        own = tower if name != "tiny" else None
        if name == "tiny" or own:
            print(f"{f'{name}, looks: {looks}':28s}{seconds(name, looks, own)}", flush=True)
            peaks = []
            for way in ("windows", "whole"):  # a process each, since memory is counted by its peak
                command = [sys.executable, "-m", "tests.bench.bench_answer"]
                command += ["--alone", name, looks, way, *(["--image-tower", own] if own else [])]
                done = subprocess.run(command, check=True, capture_output=True, text=True)
                peaks.append(float(done.stdout))
            print(f"{f'  {TEXTS} texts at 1.75 Mpx':28s}{peaks[0]:.1f} GiB{peaks[1]:7.1f} GiB")


if __name__ == "__main__":
    main()
