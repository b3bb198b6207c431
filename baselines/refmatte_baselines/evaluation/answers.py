"""A model asked about the rows of a dataset, image by image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from refmatte_baselines.predictor import Answer, Predictor
from refmatte_engine.errors import InputError
from refmatte_engine.images import image_io
from refmatte_engine.records import F32, U16, Setting
from refmatte_engine.scoring.rows import Row, Rows


def answers_of(predictor: Predictor, own: Sequence[Row]) -> Iterator[tuple[Row, Answer]]:
    """The answers to rows of one image, each with its row, keywords first. Texts that are too long
    for the model are cut. InputError if the image cannot be read."""
    image = image_io.read_rgb(own[0].image)
    settings: tuple[Setting, ...] = ("keyword", "expression")
    for setting in settings:
        asked = [row for row in own if row.setting == setting]
        if asked:
            texts = [predictor.readable(row.text, setting) for row in asked]
            yield from zip(asked, predictor.answers(image, texts, setting), strict=True)


def in_16_bits(alpha: F32) -> U16:
    """Alpha as it is stored: uint16 H×W, rounded."""
    return np.rint(alpha * np.float32(65535)).astype(np.uint16)


def shortened(predictor: Predictor, rows: Rows) -> int:
    """The number of rows whose text is longer than the model reads. InputError for an empty one."""
    found = 0
    for row in rows:
        try:
            found += predictor.readable(row.text, row.setting) != row.text
        except InputError as error:
            raise InputError(
                f"{rows.dataset}, {row.name}", f"{error.where} {error.problem}"
            ) from None
    return found
