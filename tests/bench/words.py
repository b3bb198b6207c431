"""Which words models know, on photographs, and whether they say that one means nothing there.

python -m tests.bench.words MODEL … --samples FOLDER --dataset DATASET --image-tower FILE

`--samples` holds the demonstration samples of AM-2k, P3M-10k and AIM-500 (`am2k`, `p3m10k` and
`aim500`, as their authors lay them out), of which words.csv names pictures that were held out, and
40 words: absent ones are asked of all pictures. `--dataset` is one of ours with texts of the kind
none (`also: [none]` in its run). What is given is measured, and printed as tables. It is not of
`make bench`: it measures mattes, not time, and of pictures that are not part of the project.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from refmatte_baselines.models import load
from refmatte_baselines.predictor import Answer, Options, Predictor
from refmatte_engine.dataset.reader import Dataset
from refmatte_engine.images import image_io
from refmatte_engine.records import NONE, U8
from refmatte_engine.scoring.metrics import soft_iou
from refmatte_engine.scoring.presence import correlation

WORDS = Path(__file__).with_name("words.csv")
TEXTS = 2  # of each sort that are asked of a scene


class Word(NamedTuple):
    """A line of words.csv; without a picture it is asked of all of them."""

    picture: str
    group: str
    word: str


class Asked(NamedTuple):
    """A word, and what was said of it; `iou` of what is there alone."""

    word: Word
    there: bool
    iou: float | None


def words() -> list[Word]:
    """The 40 words."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        return [Word(**row) for row in csv.DictReader(file)]


def on_photographs(model: Predictor, samples: Path, long_side: int) -> list[Asked]:
    """All words, as keywords."""
    found = []
    listed = words()
    for picture in dict.fromkeys(word.picture for word in listed if word.picture):
        file = samples / picture
        image = _small(image_io.read_rgb(file), long_side)
        matte = image_io.read_alpha(file.parents[1] / "mask" / f"{file.stem}.png")
        truth = _small(matte, long_side).astype(np.float32) / 255
        own = [word for word in listed if word.picture in (picture, "")]
        answers = model.answers(image, [word.word for word in own], "keyword")
        for word, answer in zip(own, answers, strict=True):
            iou = float(soft_iou(answer.alpha, truth)) if word.picture else None
            found.append(Asked(word._replace(picture=picture), answer.present, iou))
            print(f"{file.stem} {word.group} {word.word}: {_told(answer, iou)}", file=sys.stderr)
    return found


def on_scenes(
    model: Predictor, dataset: Path, pictures: int
) -> tuple[list[float], dict[bool, list[bool]]]:
    """Of the first pictures of the test split, two basic sentences and as many about nothing:
    soft IoU of the former; whether the model says that they mean something, of both."""
    ious: list[float] = []
    said: dict[bool, list[bool]] = {True: [], False: []}
    read = Dataset(dataset)
    for sample in islice(read.samples("test"), pictures):
        item = read.load(sample)
        texts = sample.expressions
        asked = [
            *[each for each in texts if each.kind == "basic"][:TEXTS],
            *[each for each in texts if each.kind == NONE][:TEXTS],
        ]
        answers = model.answers(item.image, [each.text for each in asked], "expression")
        for each, answer in zip(asked, answers, strict=True):
            said[bool(each.referents)].append(answer.present)
            iou = float(soft_iou(answer.alpha, item.alpha(each))) if each.referents else None
            ious += [] if iou is None else [iou]
            print(f"{sample.name} {each.text}: {_told(answer, iou)}", file=sys.stderr)
    return ious, said


def _small(pixels: U8, long_side: int) -> U8:
    height, width = pixels.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    size = round(width * scale), round(height * scale)
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _told(answer: Answer, iou: float | None) -> str:
    presence = "" if answer.presence is None else f", presence {answer.presence:.3f}"
    said = f"alpha up to {answer.alpha.max():.2f}{presence}"
    return said if iou is None else f"soft IoU {iou:.3f}, {said}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", nargs="+", help="checkpoints")
    parser.add_argument("--samples", type=Path, help="photographs with alphas")
    parser.add_argument("--dataset", type=Path, help="scenes, some of whose texts mean nothing")
    parser.add_argument("--pictures", type=int, default=60, help="of the dataset's test split")
    parser.add_argument("--image-tower", help="file or open_clip tag, for b16_small_text")
    parser.add_argument("--long-side", type=int, default=640, help="of photographs, px")
    given = parser.parse_args()
    models = {name: load(name, Options(image_tower=given.image_tower)) for name in given.models}
    if given.samples:
        print("| | trained | synonyms | hypernyms | absent ones said to be so | others said so |")
        print("|---|---|---|---|---|---|")
    for name, model in models.items() if given.samples else ():
        ious: dict[str, list[float]] = defaultdict(list)
        gone: dict[bool, list[bool]] = defaultdict(list)
        for one in on_photographs(model, given.samples, given.long_side):
            gone[one.word.group == "absent"].append(not one.there)
            if one.iou is not None:
                ious[one.word.group].append(one.iou)
        cells = [f"{np.mean(ious[group]):.3f}" for group in ("trained", "synonym", "hypernym")]
        cells += [f"{sum(gone[is_so])} of {len(gone[is_so])}" for is_so in (True, False)]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    if given.dataset:
        print("| | soft IoU | presence MCC | absent texts said to be so | others said so |")
        print("|---|---|---|---|---|")
    for name, model in models.items() if given.dataset else ():
        found, right = on_scenes(model, given.dataset, given.pictures)
        (lost, there), (refused, nothing) = ((len(x) - sum(x), len(x)) for x in right.values())
        absent, present = (
            np.array([refused, nothing], float),
            np.array([there - lost, there], float),
        )
        cells = [f"{np.mean(found):.3f}", f"{float(correlation(absent, present)):.3f}"]
        cells += [f"{refused} of {nothing}", f"{lost} of {there}"]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
