"""A reader that knows only images, masks and the label file: nothing of the engine is imported.

It finds what a stranger would hold against a dataset: sizes, sums, sentences said twice, and
spatial words that the masks contradict.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

Point = tuple[float, float]

# Relation words: which axis, and on which side of the other thing the referent must be.
SIDES = {
    r"(to|on|at) the left( side)? of": (0, -1),
    r"(to|on|at) the right( side)? of": (0, 1),
    r"\b(above|over)\b": (1, -1),
    r"\b(below|under|underneath|beneath)\b": (1, 1),
}
# Words for a place in the picture: axis, side of the middle.
PLACES = {
    r"\bleft( side| half| edge| part)?\b": (0, -1),
    r"\bright( side| half| edge| part)?\b": (0, 1),
    r"\b(at the top|top|upper)\b": (1, -1),
    r"\b(at the bottom|bottom|lower)\b": (1, 1),
}
PICTURE = r" of the (photo|image|picture)"


def problems(split: Path, name: str) -> Iterator[str]:
    """Everything wrong with the split in folder `split`, one line each."""
    labels = json.loads((split / f"refmatte_{name}_label.json").read_text("utf-8"))
    images: dict[str, list[str]] = defaultdict(list)
    for stem, entry in labels.items():
        images[entry["image_name"]].append(stem)
    for image_name, stems in images.items():
        path = next(iter(split.glob(f"img/{image_name}.*")), None)
        if path is None:
            yield f"{image_name}: no image"
            continue
        with Image.open(path) as image:
            image.load()
            size = image.size
        alphas = {}
        for stem in stems:
            with Image.open(split / "mask" / f"{stem}.png") as mask:
                if mask.mode != "L" or mask.size != size:
                    yield f"{stem}: mask is {mask.mode} {mask.size}, image {size}"
                alphas[stem] = np.asarray(mask).astype(int)
        if sum(alphas.values()).max() > 255:
            yield f"{image_name}: alphas add up to more than 1"
        centres = {stem: centre(alpha, size) for stem, alpha in alphas.items()}
        owner: dict[str, str] = {}
        for stem in stems:
            said = labels[stem]["expressions"]
            if len(said) != 4:
                yield f"{stem}: {len(said)} expressions"
            for text in said:
                if owner.setdefault(text, stem) != stem:
                    yield f"{image_name}: {text!r} is said of two"
                others = {s: labels[s]["category"] for s in stems if s != stem}
                for complaint in contradictions(text, stem, others, centres):
                    yield f"{stem}: {text!r}: {complaint}"


def centre(alpha: np.ndarray, size: tuple[int, int]) -> Point:
    """The alpha-weighted centre, as fractions of width and height."""
    total = alpha.sum()
    x = (alpha.sum(axis=0) * (np.arange(size[0]) + 0.5)).sum() / total / size[0]
    y = (alpha.sum(axis=1) * (np.arange(size[1]) + 0.5)).sum() / total / size[1]
    return float(x), float(y)


def contradictions(
    text: str, stem: str, others: dict[str, str], centres: dict[str, Point]
) -> Iterator[str]:
    """Spatial words of `text` that the centres contradict."""
    mine, rest = centres[stem], text
    for pattern, (axis, side) in SIDES.items():
        for match in re.finditer(pattern + "(?! the (photo|image|picture))", text):
            named = [s for s, category in others.items() if category in text[match.end() :]]
            if not any((mine[axis] - centres[s][axis]) * side > 0 for s in named or others):
                yield f"not {match.group()}"
            rest = rest.replace(text[match.start() :], "")
    if re.search(r"leftmost|rightmost", text):
        side = -1 if "leftmost" in text else 1
        if any((mine[0] - centres[s][0]) * side < 0 for s in others):
            yield "not outermost"
    if re.search(r"\bthe (upper|lower|left|right)(most)? ", rest):
        return  # "the upper animal" compares; it names no place
    for pattern, (axis, side) in PLACES.items():
        if re.search(pattern, rest) and (mine[axis] - 0.5) * side <= 0:
            yield f"not in that part of the picture ({mine[axis]:.2f})"
