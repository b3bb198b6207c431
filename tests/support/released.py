"""RefMatte and RefMatte-RW100 as they are released, in small: same folders, names and labels."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

HW = (20, 32)


def alpha(place: int) -> np.ndarray:
    """Grey uint8: the `place`-th upright band of three, 8 px wide with a soft right edge."""
    pixels = np.zeros(HW, np.uint8)
    pixels[4:16, 11 * place : 11 * place + 7] = 255
    pixels[4:16, 11 * place + 7] = 128
    return pixels


def write_split(
    folder: Path,
    label: str,
    stems: Sequence[str],
    *,
    image: str = "img",
    more: Sequence[dict[str, Any]] = ({}, {}, {}),
) -> dict[str, Any]:
    """Writes images (three entities in the first, two in the others), alphas and the label file;
    `more` is added to the entries of entities 1, 2 and 3. Returns the labels."""
    (folder / image).mkdir(parents=True)
    (folder / "mask").mkdir()
    labels: dict[str, Any] = {}
    for number, stem in enumerate(stems):
        pixels = np.full((*HW, 3), 90 + 40 * number, np.uint8)
        cv2.imwrite(str(folder / image / f"{stem}.jpg"), pixels)
        for k in range(1, 3 if number else 4):
            cv2.imwrite(str(folder / "mask" / f"{stem}_{k}.png"), alpha(k - 1))
            texts = [f"the {word} thing {k}" for word in ("red", "left", "near", "last")]
            labels[f"{stem}_{k}"] = {"image_name": stem, "expressions": texts, **more[k - 1]}
    (folder / label).write_text(json.dumps(labels))
    return labels


def write_refmatte(root: Path, more: Sequence[dict[str, Any]] = ({}, {}, {})) -> Path:
    """RefMatte/{train,test}: two images with five entities each."""
    for split in ("train", "test"):
        stems = [f"rim_{split}_0a1b2c3{i}" for i in range(2)]
        write_split(root / split, f"refmatte_{split}_label.json", stems, more=more)
    return root


def write_rw100(root: Path, image: str = "image") -> Path:
    """RefMatte_RW_100: two images with five entities, and the index by image name."""
    stems = ["0a_photo", "1b_photo"]
    write_split(root, "refmatte_rw100_label.json", stems, image=image)
    (root / "eval_index_expression.json").write_text(json.dumps({"0a_photo": 3, "1b_photo": 1}))
    return root
