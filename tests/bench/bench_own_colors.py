"""Own colours of image + alpha pairs, one core: estimated on the whole picture, in the alpha's box
alone, and in the box with a margin, as the engine does. Seconds a picture, and the mean error of
the soft pixels' colours, in levels of 255, where they are known: of bundled cut-outs put on other
pictures. Of a pack of pairs (a folder) only the seconds are known.

    python -m tests.bench.bench_own_colors [PACK] [--pictures 12]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from refmatte_engine.images import alphas, foreground_color, image_io
from refmatte_engine.packs import catalog as catalogs
from refmatte_engine.packs import pack as packs
from refmatte_engine.packs import pixels
from refmatte_engine.randomness import stream
from refmatte_engine.records import U8
from tests.conftest import landscape

SIZE_HW = (1100, 1500)
Pair = tuple[U8, U8, U8 | None]


def composed(count: int) -> Iterator[Pair]:
    """A picture, its alpha, and the true colours of what is pasted into it."""
    studio = catalogs.load(["studio"])
    rng = stream(0, "bench", "own colors", 0)
    for number in range(count):
        chosen = list(studio.foregrounds.values())[number * 7 % len(studio.foregrounds)]
        rgba = pixels.of_foreground(chosen, studio, chosen.size_hw)
        factor = 800 / max(rgba.shape[:2])
        rgba = cv2.resize(rgba, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        (height, width), truth = rgba.shape[:2], np.zeros((*SIZE_HW, 4), np.uint8)
        y, x = (int(rng.integers(0, most)) for most in np.subtract(SIZE_HW, (height, width)))
        truth[y : y + height, x : x + width] = rgba
        share = truth[..., 3:] / 255
        picture = truth[..., :3] * share + landscape(number, SIZE_HW) * (1 - share)
        yield np.rint(picture).astype(np.uint8), truth[..., 3].copy(), truth[..., :3]


def of_pack(folder: Path, count: int) -> Iterator[Pair]:
    source = packs.read(folder)
    pairs = [each for each in source.foregrounds if each.alpha_path]
    for each in pairs[:count]:
        image = image_io.read_rgb(source.root / each.path)
        yield image, image_io.read_alpha(source.root / each.alpha_path), None


def in_whole(image: U8, alpha: U8) -> U8:
    found = foreground_color.unmixed(image, alpha)[0]
    return np.rint(np.clip(found, 0, 1) * 255).astype(np.uint8)


def in_box(image: U8, alpha: U8) -> U8:
    around = alphas.box(alpha, at_least=1)
    assert around is not None
    x0, y0, x1, y1 = around
    clear = image[y0:y1, x0:x1] * (alpha[y0:y1, x0:x1, None] > 0)
    color = np.zeros_like(image)
    color[y0:y1, x0:x1] = in_whole(clear, alpha[y0:y1, x0:x1])
    return color


WAYS = {
    "whole picture": in_whole,
    "box, rest black": in_box,
    "box and margin": lambda image, alpha: foreground_color.own_color(image, alpha)[0],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", nargs="?", type=Path)
    parser.add_argument("--pictures", type=int, default=12)
    given = parser.parse_args()
    pairs = of_pack(given.pack, given.pictures) if given.pack else composed(given.pictures)
    in_whole(landscape(0, (64, 64)), np.full((64, 64), 99, np.uint8))  # compiled before the clock
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    errors: dict[str, list[float]] = {way: [] for way in WAYS}
    shares = []
    for image, alpha, truth in pairs:
        x0, y0, x1, y1 = alphas.box(alpha, at_least=1) or (0, 0, 0, 0)
        shares.append((x1 - x0) * (y1 - y0) / alpha.size)
        soft = (alpha > 0) & (alpha < 255)
        for way, do in WAYS.items():  # in turn, so that a busy machine slows all alike
            begun = time.process_time()
            found = do(image, alpha)
            seconds[way].append(time.process_time() - begun)
            if truth is not None:
                off = np.abs(found.astype(float) - truth)[soft]
                errors[way].append(float(off.mean()))
    print(f"{len(shares)} pictures, box {100 * statistics.mean(shares):.0f} % of the picture")
    for way in WAYS:
        error = f"  error {statistics.mean(errors[way]):5.1f}" if errors[way] else ""
        print(f"{way:16} {statistics.mean(seconds[way]):6.2f} s a picture{error}")


if __name__ == "__main__":
    main()
