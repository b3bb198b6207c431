"""How well models cut things out of photographs, alone and with nets that find edges.

python -m tests.bench.photographs --samples FOLDER --two DATASET --image-tower FILE --net FILE …

`--samples` holds the demonstration samples of AM-2k, P3M-10k and AIM-500 (`am2k`, `p3m10k` and
`aim500`, as their authors lay them out); `--two` is a dataset of two subjects an image, told apart
by words. `--net` may be repeated.
Prints tables of soft IoU; `--sheet FILE` draws what was cut out. It is not of `make bench`: it
measures mattes, not time, and of pictures that are not part of the project.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from refmatte_baselines.checkpoints import SHIPPED
from refmatte_baselines.cutting import chosen_parts
from refmatte_baselines.models import load
from refmatte_baselines.predictor import Options, Predictor
from refmatte_engine.images import image_io
from refmatte_engine.images.matting_net import load as net_of
from refmatte_engine.records import F32, U8, Setting
from refmatte_engine.scoring import rows
from refmatte_engine.scoring.metrics import soft_iou

HELD_OUT = {  # never trained on, and the word that each is asked for
    "am2k/train/original/m_5b172f0f.jpg": "horse",
    "am2k/train/original/m_0c098751.jpg": "cat",
    "am2k/train/original/m_a41d6794.jpg": "cat",
    "p3m10k/train/blurred_image/p_09ba26b4.jpg": "woman",
    "p3m10k/train/blurred_image/p_71bcce3a.jpg": "person",
    "aim500/original/o_b1abe4df.jpg": "dandelion",
}
TILE_PX = 300


class Case(NamedTuple):
    """Texts of one picture, and what each means (float32 H×W)."""

    column: str
    image: U8
    texts: tuple[str, ...]
    form: Setting
    truths: tuple[F32, ...]


def photographs(root: Path) -> Iterator[Case]:
    """The held-out photographs, each by its keyword."""
    for name, word in HELD_OUT.items():
        file = root / name
        truth = _alpha(file.parents[1] / "mask" / f"{file.stem}.png")
        column = f"{word} {file.stem}"
        yield Case(column, image_io.read_rgb(file), (word,), "keyword", (truth,))


def scenes(dataset: Path) -> Iterator[Case]:
    """The texts of a dataset, keywords and expressions apart."""
    for own in rows.read(dataset).by_image():
        image = image_io.read_rgb(own[0].image)
        forms: tuple[Setting, ...] = ("keyword", "expression")
        for form in forms:
            these = [row for row in own if row.setting == form and len(row.referents) == 1]
            texts = tuple(row.text for row in these)
            truths = tuple(_alpha(row.alphas[row.referents[0]]) for row in these)
            yield Case(form, image, texts, form, truths)


def _alpha(path: Path) -> F32:
    return image_io.read_alpha(path).astype(np.float32) / np.float32(255)


class Measured:
    """Soft IoU by row and column, and pictures of it."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self.strips: list[U8] = []

    def add(
        self, cases: Sequence[Case], models: dict[str, Predictor], nets: Sequence[Path]
    ) -> None:
        loaded = {path.stem: net_of(path) for path in nets}
        for number, case in enumerate(cases, 1):
            print(f"{number} of {len(cases)}: {case.column}", file=sys.stderr, flush=True)
            whole = {name: net.alpha(case.image) for name, net in loaded.items()}
            asked = {
                name: model.answers(case.image, case.texts, case.form)
                for name, model in models.items()
            }
            for text, truth in zip(case.texts, case.truths, strict=True):
                mattes = dict(whole)
                for name, answers in asked.items():
                    answer = next(answers)
                    mattes[name] = answer.alpha
                    for net, alpha in whole.items():
                        cut = chosen_parts(answer.alpha, answer.trimap, alpha)
                        mattes[f"{name} with {net}"] = cut
                for name, matte in mattes.items():
                    self.found[name][case.column].append(soft_iou(matte, truth))
                self.strips.append(_strip(case.image, text, {"truth": truth, **mattes}))

    def table(self) -> str:
        """Markdown: a column for each kind of case, and the mean over columns."""
        columns = list(dict.fromkeys(c for cells in self.found.values() for c in cells))
        lines = ["| | " + " | ".join([*columns, "mean"]) + " |", "|---" * (len(columns) + 2) + "|"]
        for name, cells in self.found.items():
            means = [float(np.mean(cells[column])) for column in columns]
            said = [f"{mean:.3f}" for mean in (*means, float(np.mean(means)))]
            lines.append(f"| {name} | " + " | ".join(said) + " |")
        return "\n".join(lines)


def _strip(image: U8, text: str, mattes: dict[str, F32]) -> U8:
    """The picture, and what each matte leaves of it over green, side by side."""
    scale = TILE_PX / image.shape[1]
    size = TILE_PX, round(image.shape[0] * scale)
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    tiles = [(text, small)]
    for name, matte in mattes.items():
        alpha = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)[..., None]
        tiles.append((name, alpha * small + (1 - alpha) * np.array([0, 160, 0], np.float32)))
    drawn = []
    for name, tile in tiles:
        head = np.full((24, TILE_PX, 3), 255, np.uint8)
        cv2.putText(head, name[:40], (4, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (0, 0, 0), 1)
        drawn.append(np.concatenate([head, tile.round().astype(np.uint8)]))
    return np.concatenate(drawn, axis=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--samples", type=Path, help="photographs with alphas")
    parser.add_argument("--two", type=Path, help="a dataset of two subjects an image")
    parser.add_argument("--image-tower", help="file or open_clip tag, for b16_small_text")
    parser.add_argument("--net", type=Path, action="append", default=[], help="an ONNX file")
    parser.add_argument("--model", action="append", choices=SHIPPED, help="both, unless named")
    parser.add_argument("--looks", choices=("one", "as-trained"), default="one")
    parser.add_argument("--sheet", type=Path, help="a picture of everything cut out (.png)")
    given = parser.parse_args()
    models = {}
    for name in given.model or SHIPPED:
        tower = given.image_tower if name == "b16_small_text" else None  # tiny has its own
        models[name] = load(name, Options("cpu", image_tower=tower, looks=given.looks))
    groups = {}
    if given.samples is not None:
        groups["Held-out photographs, by keyword"] = list(photographs(given.samples))
    if given.two is not None:
        groups["Two subjects"] = list(scenes(given.two))
    strips: list[U8] = []
    for title, cases in groups.items():
        measured = Measured()
        measured.add(cases, models, given.net)
        print(f"{title} ({sum(len(case.texts) for case in cases)} texts)\n\n{measured.table()}\n")
        strips += measured.strips
    if given.sheet is not None:
        cv2.imwrite(str(given.sheet), cv2.cvtColor(np.concatenate(strips), cv2.COLOR_RGB2BGR))


if __name__ == "__main__":
    main()
