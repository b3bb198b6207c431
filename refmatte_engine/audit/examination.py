"""The things of many pictures, measured: against their surroundings, along their outlines, and in
the frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from refmatte_engine.audit import measures
from refmatte_engine.audit.pictures import Source, Treatment, load
from refmatte_engine.parallel import Progress, spread
from refmatte_engine.randomness import stream
from refmatte_engine.records import F64, U8

# Of a thing in its picture; the number of things is the picture's.
FRAMED = {
    "share": "alpha over the picture's area",
    "across": "centre of its box from the left, over the width",
    "foot": "bottom of its box from the top, over the height",
    "overlap": "share of its box that boxes of others cover",
    "things": "number of things in its picture",
}


class Thing(NamedTuple):
    """A thing of a picture: `measures` float64, one value each of `MEASURES` or None; `patches`
    N×len(MEASURES); `framed` one value each of `FRAMED`."""

    source: int
    matte: int
    measures: F64 | None
    patches: F64
    framed: F64


@dataclass(frozen=True, slots=True)
class Examined:
    """Pictures and all their things."""

    sources: Sequence[Source]
    things: Sequence[Thing]

    def name(self, thing: Thing) -> str:
        """What the thing is, in whatever picture."""
        return self.sources[thing.source].things[thing.matte]

    def measured(self) -> F64:
        """The measures of the things that have any, float64 N×len(MEASURES)."""
        found = [thing.measures for thing in self.things if thing.measures is not None]
        return np.array(found).reshape(-1, len(measures.MEASURES))

    def framed(self) -> F64:
        """Where all things are in the frame, float64 N×len(FRAMED)."""
        return np.array([thing.framed for thing in self.things]).reshape(-1, len(FRAMED))


def examine(
    sources: Sequence[Source],
    treated: Treatment,
    *,
    patches: int = 0,
    workers: int = 1,
    progress: Progress | None = None,
) -> Examined:
    """All things of the pictures, in their order, with at most so many `patches` of each; an empty
    matte is none. InputError for a picture or a matte that cannot be read."""
    things: list[Thing] = []
    tasks = [(number, source, treated, patches) for number, source in enumerate(sources)]
    for done, found in enumerate(spread(_of_picture, tasks, workers=workers), 1):
        things += found
        if progress is not None:
            progress(done, len(tasks))
    return Examined(sources, things)


def _of_picture(number: int, source: Source, treated: Treatment, most: int) -> list[Thing]:
    image, mattes = load(source, treated)
    planes, found = measures.planes(image), []
    boxes = {place: cv2.boundingRect((m >= 128).astype(np.uint8)) for place, m in enumerate(mattes)}
    boxes = {place: box for place, box in boxes.items() if box[2]}
    for place in boxes:
        matte, others = mattes[place], [mattes[other] for other in boxes if other != place]
        rng = stream(0, "audit", source.things[place], place)
        against = measures.of_entity(planes, matte, others)
        patches = measures.at_edge(planes, matte, others, rng, most)
        found.append(Thing(number, place, against, patches, _framed(matte, place, boxes)))
    return found


def _framed(matte: U8, place: int, boxes: Mapping[int, tuple[int, int, int, int]]) -> F64:
    height, width = matte.shape
    x, y, w, h = boxes[place]
    covered = np.zeros((h, w), bool)
    for other, (x0, y0, w0, h0) in boxes.items():
        if other != place:
            covered[max(0, y0 - y) : max(0, y0 + h0 - y), max(0, x0 - x) : max(0, x0 + w0 - x)] = 1
    share = float(matte.mean()) / 255
    return np.array([share, (x + w / 2) / width, (y + h) / height, covered.mean(), len(boxes)])
