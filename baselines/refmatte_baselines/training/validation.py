"""How good a model is while it learns: soft IoU on a fixed set of pictures, and a sheet to see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple, get_args

import cv2
import numpy as np
import torch
from PIL import Image, ImageDraw

from refmatte_baselines.data import augment
from refmatte_baselines.data.pictures import Source, Text, TrainingPicture, form_of
from refmatte_baselines.data.trimaps import UNKNOWN
from refmatte_baselines.ranks import gathered, started
from refmatte_baselines.towers.network import Network, Output
from refmatte_engine.images import image_io
from refmatte_engine.randomness import stream
from refmatte_engine.records import U8
from refmatte_engine.scoring import metrics

SHOWN, CELL = 8, 192


class Sheet(NamedTuple):
    """A picture of predictions, uint8 H×W×3, and the same as a PNG."""

    pixels: U8
    png: bytes


def validate(
    model: Network,
    sources: Sequence[Source],
    pictures: int,
    long_side_px: int,
    texts: int,
) -> tuple[dict[str, float], Sheet]:
    """Mean `soft_iou` and the shares `found`, `wrong` and `missed` (see `metrics.outcome`; of texts
    that mean something) over `texts` texts of each of the first `pictures` pictures, the mean by
    kind of text as well, and what the first ones look like. Several `sources` take turns, and each
    has a figure of its own, too: "soft_iou on demo/test". Processes that train together share the
    pictures, and each gets all figures."""
    place = started()
    seen: list[_Seen] = []
    for index in range(place.rank, pictures, place.world):
        number, which = divmod(index, len(sources))
        picture = _fitted(sources[which].picture(number, long_side_px), long_side_px, model.patch)
        seen.append(_looked(model, picture, index, texts))
    parts = gathered(seen)  # of process 0 its first, of process 1 its first, …
    ordered = [parts[index % place.world][index // place.world] for index in range(pictures)]
    scores: dict[str, list[float]] = defaultdict(list)
    by_source: dict[str, list[float]] = defaultdict(list)
    for index, one in enumerate(ordered):
        for kind, score in one.scores:
            scores[kind].append(score)
            by_source[f"soft_iou on {sources[index % len(sources)].name}"].append(score)
    ends = [end for one in ordered for end in one.ends]
    everything = [score for kind in scores.values() for score in kind]
    groups = {**dict(sorted(scores.items())), **(by_source if len(sources) > 1 else {})}
    means = {name: float(np.mean(found)) for name, found in groups.items()}
    overall = {"soft_iou": float(np.mean(everything))}
    if ends:
        overall |= {name: ends.count(name) / len(ends) for name in get_args(metrics.Outcome)}
    pixels = np.concatenate([one.strip for one in ordered if one.strip is not None])
    return {**overall, **means}, Sheet(pixels, image_io.encode_png(pixels))


class _Seen(NamedTuple):
    """Of one picture: soft IoUs, each with the kind of its text; outcomes; and what is shown."""

    scores: list[tuple[str, float]]
    ends: list[metrics.Outcome]
    strip: U8 | None


def _looked(model: Network, picture: TrainingPicture, index: int, texts: int) -> _Seen:
    asked = augment.chosen(picture.texts, texts, None, stream(0, "asked", "validation", index))
    reader, device = model.reader, model.mean.device
    written = [reader.written(each.text, form_of(each)) for each in asked]
    texts_read = [reader.readable(text, "expression") for text in written]
    tokens = reader.tokens(texts_read, "expression").to(device)
    image = torch.from_numpy(picture.image).to(device).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        output = model(image, tokens)
    scores: list[tuple[str, float]] = []
    ends: list[metrics.Outcome] = []
    for k, each in enumerate(asked):
        found = output.alpha[k, 0].float().cpu().numpy()
        truth = picture.alpha(each).astype(np.float64) / 255
        others = [
            alpha.astype(np.float64) / 255
            for place, alpha in enumerate(picture.alphas)
            if place not in each.referents
        ]
        scores.append((each.kind, metrics.soft_iou(found, truth)))
        if each.referents:
            ends.append(metrics.outcome(found, truth, others))
    return _Seen(scores, ends, _strip(picture, asked[0], output) if index < SHOWN else None)


def _fitted(picture: TrainingPicture, long_side_px: int, patch: int) -> TrainingPicture:
    height, width = picture.image.shape[:2]
    scale = long_side_px / max(height, width)
    return augment.resized(
        picture,
        (
            max(1, round(height * scale / patch)) * patch,
            max(1, round(width * scale / patch)) * patch,
        ),
    )


def _strip(picture: TrainingPicture, text: Text, output: Output) -> U8:
    """Picture, truth, predicted trimap (grey: unknown) if there is one, and predicted alpha, of the
    first text."""
    shade = np.array([0, 128, 255], np.uint8)
    assert UNKNOWN == 1
    cells = [picture.image, picture.alpha(text)]
    if output.trimap is not None:
        cells.append(shade[output.trimap[0].float().argmax(0).cpu().numpy()])
    cells.append(np.rint(255 * output.alpha[0, 0].float().cpu().numpy()).astype(np.uint8))
    strip = Image.new("RGB", (len(cells) * CELL, CELL), "#30343a")
    put = partial(cv2.resize, interpolation=cv2.INTER_AREA)
    for column, cell in enumerate(cells):
        scale = (CELL - 20) / max(cell.shape[:2])
        size = (max(1, round(cell.shape[1] * scale)), max(1, round(cell.shape[0] * scale)))
        strip.paste(Image.fromarray(put(cell, size)).convert("RGB"), (column * CELL + 2, 2))
    ImageDraw.Draw(strip).text((4, CELL - 15), text.text, fill="white")
    return np.asarray(strip)
