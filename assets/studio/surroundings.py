"""More surroundings to train before, made of places that are there: parts of them in other colours,
walls and floors of cells, and heaps of shapes ("dead leaves"). A model that knows ten places takes
the bricks of an eleventh for a part of the thing before them.

python assets/studio/surroundings.py --out more/surroundings --count 200 assets/pack more/renders
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import cv2
import numpy as np

SIZE_HW = 480, 640
PACK = """\
name: {name}
licence: CC0-1.0
source: made by assets/studio/surroundings.py, seed {seed}
credit: RefMatte engine studio
defaults: {{split: train}}
"""


def part(rng, places):
    """A part of a place, turned a little, in other colours; half of them run into another one."""
    picture = recolored(rng, window(rng, chosen(rng, places)))
    if rng.random() < 0.5:
        other = recolored(rng, window(rng, chosen(rng, places)))
        y, x = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
        angle, soft = rng.uniform(0, 2 * np.pi), rng.uniform(1, 120)
        along = (x - SIZE_HW[1] / 2) * np.cos(angle) + (y - SIZE_HW[0] / 2) * np.sin(angle)
        share = 1 / (1 + np.exp(-np.clip((along + rng.normal(0, 60)) / soft, -30, 30)))
        picture = picture * share[..., None] + other * (1 - share[..., None])
    return picture


def cells(rng, places):
    """Bricks, tiles, planks or stripes in a place's colours, seen from the front or aslant."""
    palette = chosen(rng, places).reshape(-1, 3)
    height, width = SIZE_HW
    tall, wide = rng.uniform(12, 90), rng.uniform(20, 200)
    gap, offset, spread = rng.integers(0, 6), rng.choice([0, 0.5, rng.random()]), rng.uniform(2, 40)
    base, mortar = palette[rng.integers(len(palette), size=2)].astype(float)
    sheet = np.full((2 * height, 2 * width, 3), mortar)
    for row in range(int(2 * height / tall) + 1):
        for column in range(-1, int(2 * width / wide) + 1):
            left, top = (column + offset * (row % 2)) * wide, row * tall
            color = base + rng.normal(0, spread) + rng.normal(0, spread / 4, 3)
            one, two = (
                (int(left), int(top)),
                (int(left + wide - gap - 1), int(top + tall - gap - 1)),
            )
            cv2.rectangle(sheet, one, two, color.tolist(), -1)
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    seen = (corners * rng.uniform(0.6, 1.9) + rng.uniform(0, 90, (4, 2))).astype(np.float32)
    turned = cv2.warpPerspective(
        sheet,
        cv2.getPerspectiveTransform(seen, corners),
        (width, height),
        borderMode=cv2.BORDER_WRAP,
    )
    return turned + grain(rng, rng.uniform(2, 25))[..., None]


def leaves(rng, places):
    """Shapes of all sizes over one another, few large and many small, in a place's colours."""
    palette = chosen(rng, places).reshape(-1, 3)
    sheet = np.full((*SIZE_HW, 3), palette[rng.integers(len(palette))], np.float64)
    least = rng.uniform(2, 12)
    for _ in range(int(rng.uniform(150, 1800))):
        reach = min(220, least * rng.random() ** -0.5)
        centre = rng.uniform(0, SIZE_HW[::-1])
        color = palette[rng.integers(len(palette))].astype(float) + rng.normal(0, 12, 3)
        form = rng.integers(4)
        if form == 0:
            axes = (reach, reach * rng.uniform(0.2, 1))
            angle = rng.uniform(0, 180)
            where = tuple(map(int, centre)), tuple(map(int, axes))
            cv2.ellipse(sheet, *where, angle, 0, 360, color.tolist(), -1, cv2.LINE_AA)
        elif form == 1:
            far = centre + rng.normal(0, 4 * reach, 2)
            thick = int(rng.integers(1, 4))
            ends = tuple(map(int, centre)), tuple(map(int, far))
            cv2.line(sheet, *ends, color.tolist(), thick, cv2.LINE_AA)
        else:
            turns = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 8)))
            ring = (
                np.stack([np.cos(turns), np.sin(turns)], 1)
                * reach
                * rng.uniform(0.4, 1, (len(turns), 1))
            )
            cv2.fillPoly(sheet, [np.int32(centre + ring)], color.tolist(), cv2.LINE_AA)
    return sheet + grain(rng, rng.uniform(0, 12))[..., None]


def chosen(rng, places):
    return cv2.imread(str(places[rng.integers(len(places))]))


def window(rng, picture):
    """Between a quarter and nine tenths of each side, turned by up to 15 degrees."""
    height, width = picture.shape[:2]
    share, angle = rng.uniform(0.25, 0.9), np.deg2rad(rng.uniform(-15, 15))
    half = np.array([[-1, -1], [1, -1], [1, 1]]) * np.array([width, height]) * share / 2
    if rng.random() < 0.5:
        half[:, 0] *= -1
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    room = np.array([width, height]) * (1 - share) / 2
    seen = half @ turn.T + np.array([width, height]) / 2 + rng.uniform(-room, room)
    to = np.float32([[0, 0], [SIZE_HW[1], 0], [SIZE_HW[1], SIZE_HW[0]]])
    matrix = cv2.getAffineTransform(seen.astype(np.float32), to)
    return cv2.warpAffine(picture, matrix, SIZE_HW[::-1], borderMode=cv2.BORDER_REFLECT)


def recolored(rng, picture):
    """Another hue, saturation, brightness and contrast, float64."""
    hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV).astype(np.float64)
    hsv[..., 0] = (hsv[..., 0] + rng.choice([0, rng.normal(0, 12), rng.uniform(0, 180)])) % 180
    hsv[..., 1] = (hsv[..., 1] * rng.uniform(0.3, 1.5)).clip(0, 255)
    other = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2BGR).astype(np.float64)
    return (other - 128) * rng.uniform(0.6, 1.2) + 128 + rng.normal(0, 25)


def grain(rng, strength):
    """Noise of several sizes, float64 H×W."""
    total = np.zeros(SIZE_HW)
    for scale in (1, 4, 16, 64):
        coarse = rng.normal(0, 1, [max(2, side // scale) for side in SIZE_HW])
        total += cv2.resize(coarse, SIZE_HW[::-1], interpolation=cv2.INTER_CUBIC)
    return total * strength / 2


def places_of(packs):
    """The backgrounds of packs that are for training."""
    found = []
    for pack in packs:
        for line in (pack / "labels.jsonl").read_text().splitlines():
            label = json.loads(line)
            if label["kind"] == "background" and label["split"] == "train":
                found.append(pack / label["file"])
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("packs", type=Path, nargs="+", help="packs with backgrounds to begin from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder, places = options.out / "backgrounds", places_of(options.packs)
    folder.mkdir(parents=True, exist_ok=True)
    (options.out / "pack.yaml").write_text(PACK.format(name=options.out.name, seed=options.seed))
    for number in range(options.count):
        rng = np.random.default_rng([options.seed, number])
        make = (part, part, cells, leaves)[number % 4]
        picture = np.rint(make(rng, places).clip(0, 255)).astype(np.uint8)
        file = folder / f"{make.__name__}_{number:03d}.jpg"
        cv2.imwrite(str(file), picture, [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(f"{options.count} surroundings of {len(places)} places in {options.out}")


if __name__ == "__main__":
    main()
