"""A small dataset drawn by hand, in the engine's layout on disk: balls before a gradient."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np

from refmatte_engine.records import (
    Attribute,
    Clause,
    Effects,
    Entity,
    Expression,
    Placement,
    Relation,
    Sample,
    Scene,
    to_json,
)

SIZE_HW = (160, 240)
COLORS = {"red": (214, 69, 65), "blue": (52, 120, 214), "green": (66, 163, 96)}
LICENCES = {"drawn": {"licence": "CC0", "source": "drawn by the tests", "credit": "nobody"}}


def ball_alpha(x: float, radius: float) -> np.ndarray:
    """float32 (160, 240) in [0, 1]: a disc at (x, 80) with an edge about 6 px soft."""
    ys, xs = np.mgrid[: SIZE_HW[0], : SIZE_HW[1]]
    distance = np.hypot(xs + 0.5 - x, ys + 0.5 - SIZE_HW[0] / 2)
    return np.clip((radius - distance) / 6 + 0.5, 0, 1).astype(np.float32)


def ball(index: int, x: int, radius: int, color: str, category: str) -> Entity:
    """The record of a ball_alpha disc."""
    box = (x - radius, SIZE_HW[0] // 2 - radius, x + radius, SIZE_HW[0] // 2 + radius)
    attributes = (
        Attribute("color", color, "measured", score=0.9),
        Attribute("transparent", "non-transparent", "recipe"),
    )
    return Entity(
        index, f"drawn/{color}", category, "object", box, (float(x), 80.0),
        float(ball_alpha(x, radius).sum()), 1.0, (), attributes,
    )  # fmt: skip


def expressions(entity: Entity, other: Entity, everyone: tuple[int, ...]) -> list[Expression]:
    """A basic, an absolute and a relative sentence for the entity, with their proofs."""
    color, side = entity.attributes[0].value, "left" if entity.index == 1 else "right"
    me = (entity.index,)
    category = Clause("category", entity.category, left_after=everyone, necessary=False)
    is_color = Clause("attribute", "color", color, left_after=me)
    target = (Clause("category", other.category), Clause("attribute", "color", "blue"))
    edge = Clause("position", f"{side}most", left_after=me, margin=0.31)
    relation = Clause("relation", f"{side}_of", targets=(target,), left_after=me, margin=0.27)
    noun = entity.category
    return [
        Expression(f"the {color} {noun}", "basic", (category, is_color), me, "basic/short"),
        Expression(
            f"the {noun} on the far {side} of the photo", "absolute", (category, edge), me,
            "absolute/far",
        ),
        Expression(
            f"the {noun} to the {side} of the {other.attributes[0].value} {other.category}",
            "relative", (category, relation), me, "relative/of",
        ),
    ]  # fmt: skip


def draw_sample(folder: Path, split: str, index: int, category: str) -> Sample:
    """Writes image and alphas of one sample under folder and returns its record."""
    name = f"rim_{split}_{index:08x}"
    left = ball(1, 60, 30 + index % 9, ("red", "green")[index % 2], category)
    right = ball(2, 180, 36, "blue", "ball")
    ramp = np.linspace(90, 235, SIZE_HW[1])[None, :, None] * np.array([1.0, 0.96, 0.88])
    image = np.broadcast_to(ramp, (*SIZE_HW, 3)).copy()
    for entity in (left, right):
        box = entity.box_xyxy
        alpha = ball_alpha((box[0] + box[2]) / 2, (box[2] - box[0]) / 2)
        image += alpha[..., None] * (COLORS[entity.attributes[0].value] - image)
        cv2.imwrite(
            str(folder / "mask" / f"{name}_{entity.index}.png"), np.round(alpha * 255).astype("u1")
        )
    cv2.imwrite(str(folder / "img" / f"{name}.jpg"), np.round(image[..., ::-1]).astype("u1"))
    placements = tuple(Placement(e.foreground, e.box_xyxy) for e in (left, right))
    everyone = (1, 2) if category == "ball" else (1,)
    return Sample(
        split, index, 0, ("plain", "twins")[index % 2], name,
        Scene(
            SIZE_HW, "drawn/ramp", (0, 0, SIZE_HW[1], SIZE_HW[0]), False, "left_right",
            placements, Effects(),
        ),
        (left, right),
        (Relation(1, "left_of", 2, 0.27), Relation(2, "right_of", 1, 0.27)),
        tuple(
            expressions(left, right, everyone)
            + expressions(right, left, (1, 2) if category == "ball" else (2,))
        ),
    )  # fmt: skip


def drawn_dataset(root: Path, counts: dict[str, int], category: str = "ball") -> list[Sample]:
    """Writes a dataset with `counts[split]` images and returns its samples."""
    samples: list[Sample] = []
    splits = {}
    for split, count in counts.items():
        folder = root / split
        (folder / "img").mkdir(parents=True)
        (folder / "mask").mkdir()
        drawn = [draw_sample(folder, split, index, category) for index in range(count)]
        lines = (json.dumps(to_json(sample)) + "\n" for sample in drawn)
        (folder / "samples.jsonl").write_text("".join(lines), encoding="utf-8")
        label = {
            f"{sample.name}_{entity.index}": {
                "image_name": sample.name,
                "expressions": [
                    e.text for e in sample.expressions if e.referents == (entity.index,)
                ],
            }
            for sample in drawn
            for entity in sample.entities
        }
        (folder / f"refmatte_{split}_label.json").write_text(json.dumps(label), encoding="utf-8")
        splits[split] = {"images": count, "entities": 2 * count, "expressions": 6 * count}
        samples += drawn
    manifest = {
        "format": 1, "run": {"name": "drawn", "seed": 7, "image": {"format": "jpg"}},
        "splits": splits, "rejections": {"too_hidden": 3, "not_describable": 1},
        "content_digest": sha256(repr((splits, category)).encode()).hexdigest(),
        "catalog_digest": "0" * 64, "licences": LICENCES,
    }  # fmt: skip
    (root / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return samples
