"""Changes of a picture that keep its texts true, or drop those that they make false.

A mirror image exchanges left and right in the words. After a crop every sentence is grounded anew;
one that has no program stays if all things do and it names no place.
Colours are changed too little for a colour's name to change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from refmatte_baselines.data.pictures import Text, TrainingPicture
from refmatte_engine.dataset.reader import seen
from refmatte_engine.records import F32, KEYWORD, U8, Clause, Entity, Expression
from refmatte_engine.semantics.ground import NOT_CERTAIN, refuted

SIDES = {"left": "right", "right": "left"}
KEPT, GONE = 0.9, 0.02  # of a thing's alpha: below the one it may not be cut, above the other go
# What may be of a place in the picture, which a crop changes, and not only of another thing.
PLACE = re.compile(
    r"(?i)\b(left|right|top|bottom|upper|lower|middle|cent(er|re|ral)|corner|edge|side|half|far|"
    r"highest|lowest|foreground|background)"
)
LEVELS = 12  # of 255: how far brightness may move
CONTRAST = 0.12
TRIES = 4


def mirrored(picture: TrainingPicture) -> TrainingPicture:
    """The mirror image. Texts that speak of sides in other words than left and right are dropped,
    since nobody knows how to turn them round."""
    texts = []
    for one in picture.texts:
        turned = re.sub(r"(?i)\b(left|right)(?=(most)?\b)", _other_side, one.text)
        if one.program is None or turned != one.text:
            texts.append(replace(one, text=turned, program=None))
        elif not _has_sides(one.program):
            texts.append(replace(one, program=None))
    return replace(
        picture,
        image=np.ascontiguousarray(picture.image[:, ::-1]),
        alphas=tuple(np.ascontiguousarray(alpha[:, ::-1]) for alpha in picture.alphas),
        colors=tuple(np.ascontiguousarray(color[:, ::-1]) for color in picture.colors),
        texts=tuple(texts),
        entities=(),
    )


def _other_side(found: re.Match[str]) -> str:
    other = SIDES[found[0].lower()]
    return other.capitalize() if found[0][0].isupper() else other


def _has_sides(program: Sequence[Clause]) -> bool:
    return any(
        any(side in text for side in SIDES for text in (clause.name, clause.value))
        or any(_has_sides(target) for target in clause.targets)
        for clause in program
    )


def cropped(
    picture: TrainingPicture, window_xyxy: tuple[int, int, int, int]
) -> TrainingPicture | None:
    """The part of the picture inside the window, with what is said of it and is still true.

    None if it cuts a thing (it may take all of one, or a tenth), or if nothing is left to say.
    """
    x0, y0, x1, y1 = window_xyxy
    left: list[tuple[int, Entity, U8]] = []
    for place, (entity, alpha) in enumerate(zip(picture.entities, picture.alphas, strict=False)):
        part = np.ascontiguousarray(alpha[y0:y1, x0:x1])
        share = float(part.sum(dtype=np.int64)) / max(1, int(alpha.sum(dtype=np.int64)))
        if GONE < share < KEPT:
            return None
        if share >= KEPT:
            there = replace(seen(entity, part), visible_share=entity.visible_share * share)
            left.append((place, there, part))
    entities = tuple(entity for _, entity, _ in left)
    all_stay = len(left) == len(picture.alphas)
    places = {old: new for new, (old, _, _) in enumerate(left)}
    texts = []
    for one in picture.texts:
        if one.program is None and all_stay and not PLACE.search(one.text):
            texts.append(one)
        if one.program is None or not all(place in places for place in one.referents):
            continue
        means = tuple(entities[places[place]].index for place in one.referents)
        why = refuted(
            Expression(one.text, one.kind, one.program, means), entities, (y1 - y0, x1 - x0)
        )
        if not why or (one.kind == KEYWORD and why == NOT_CERTAIN):
            texts.append(replace(one, referents=tuple(places[place] for place in one.referents)))
    if not texts:
        return None
    image = np.ascontiguousarray(picture.image[y0:y1, x0:x1])
    names = tuple(picture.names[place] for place, *_ in left) if picture.names else ()
    colors = tuple(
        np.ascontiguousarray(picture.colors[place][y0:y1, x0:x1])
        for place, *_ in left
        if picture.colors
    )
    return TrainingPicture(
        picture.name, image, tuple(a for *_, a in left), tuple(texts), entities, names, colors
    )


def random_crop(
    picture: TrainingPicture, least: float, rng: np.random.Generator, aspect: float | None = None
) -> TrainingPicture:
    """A window of at least `least` of each side or, with an `aspect` (height to width), of the
    largest window of that shape; the whole picture if none of a few will do."""
    height, width = picture.image.shape[:2]
    for _ in range(TRIES):
        h, w = (max(1, round(side * rng.uniform(least, 1))) for side in (height, width))
        if aspect is not None:
            scale = rng.uniform(least, 1) * min(height, width * aspect)
            h, w = max(1, round(scale)), max(1, round(scale / aspect))
        x, y = int(rng.integers(width - w + 1)), int(rng.integers(height - h + 1))
        found = cropped(picture, (x, y, x + w, y + h))
        if found is not None:
            return found
    return picture


def relit(picture: TrainingPicture, rng: np.random.Generator) -> TrainingPicture:
    """Brightness, contrast and grain changed a little; known colours with the first two."""
    gain, offset = 1 + rng.uniform(-CONTRAST, CONTRAST), rng.uniform(-LEVELS, LEVELS)

    def changed(pixels: U8) -> F32:
        made: F32 = ((pixels.astype(np.float32) - 128) * gain + (128 + offset)).astype(np.float32)
        return made

    image = changed(picture.image)
    if rng.random() < 0.5:
        image += rng.normal(0, rng.uniform(0, 4), image.shape).astype(np.float32)
    return replace(
        picture,
        image=_levels(image),
        colors=tuple(_levels(changed(color)) for color in picture.colors),
    )


def _levels(pixels: F32) -> U8:
    return np.rint(pixels.clip(0, 255)).astype(np.uint8)


def resized(picture: TrainingPicture, size_hw: tuple[int, int]) -> TrainingPicture:
    """The picture stretched to a size; what is said of it stays true under any stretch."""
    height, width = size_hw

    def at_size(plane: U8) -> U8:
        how = cv2.INTER_AREA if plane.shape[0] * plane.shape[1] > height * width else 1
        return np.asarray(cv2.resize(plane, (width, height), interpolation=how), np.uint8)

    def color_at_size(color: U8, alpha: U8) -> U8:
        # Where a thing is not it has no colour that could mix into its edge.
        there = ((alpha > 0) | color.any(2)).astype(np.float32)
        size, how = (width, height), cv2.INTER_LINEAR
        mixed = cv2.resize(color * there[..., None], size, interpolation=how)
        share = cv2.resize(there, size, interpolation=how)
        return np.rint(mixed / np.maximum(share, 1e-3)[..., None]).clip(0, 255).astype(np.uint8)

    return replace(
        picture,
        image=at_size(picture.image),
        alphas=tuple(map(at_size, picture.alphas)),
        colors=tuple(map(color_at_size, picture.colors, picture.alphas)),
        entities=(),
    )


def chosen(
    texts: Sequence[Text], count: int, kinds: dict[str, float] | None, rng: np.random.Generator
) -> list[Text]:
    """`count` texts, about the things in turn, so that one picture asks for different mattes; of
    each thing a kind in proportion to `kinds` (None: all alike). Repeated where there are few."""
    pools: dict[tuple[int, ...], list[Text]] = {}
    for one in texts:
        if kinds is None or kinds.get(one.kind, 0) > 0:
            pools.setdefault(one.referents, []).append(one)
    if not pools:
        return chosen(texts, count, None, rng)
    order = [list(pools)[i] for i in rng.permutation(len(pools))]
    fresh = {key: list(pool) for key, pool in pools.items()}
    found = []
    for number in range(count):
        key = order[number % len(order)]
        pool = fresh[key] = fresh[key] or list(pools[key])
        weights = np.array([1.0 if kinds is None else kinds[one.kind] for one in pool])
        found.append(pool.pop(int(rng.choice(len(pool), p=weights / weights.sum()))))
    return found
