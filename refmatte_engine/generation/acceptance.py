"""What of a drawn scene is accepted: enough of each thing, and none that people would overlook;
and what may help where no scene is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import cv2

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.records import Entity
from refmatte_engine.scene.render import Rendering
from refmatte_engine.semantics import contrast

# What may help where scenes are rejected for a reason: things to add, what a layout may do instead,
# and its keys that say so.
SHAPES = "add things of other shapes"
HIDDEN = SHAPES, "let more be hidden, or less overlap", "min_visible_share, covered, overlap"
CURES = {
    "too_small": (
        "add larger pictures of things",
        "let things be larger or pictures smaller",
        "max_upscale, size, canvas.long_side_px, min_area",
    ),
    "no_room": (SHAPES, "ask for less in a picture", "entities, size, gap, margin, canvas.aspects"),
    "no_ground": (
        "label where things can stand in the backgrounds (`ground`), add others",
        "let things be anywhere",
        "ground",
    ),
    "cut_edge": (
        "say `cut_edges: []` in the labels of what is whole, add pictures of whole things",
        "let what spans a picture be enlarged more",
        "max_upscale",
    ),
    "too_hidden": HIDDEN,
    "invisible": HIDDEN,
    "covered_too_little": (SHAPES, "let less be covered, or more overlap", "covered, overlap"),
    "overlap": (SHAPES, "let things touch more, or lie farther apart", "touch, gap"),
    "off_canvas": (SHAPES, "let things reach less far out of the picture", "beyond_canvas"),
    "low_contrast": (
        "add things or backgrounds of other colours",
        "let things be like what is behind them",
        "min_contrast",
    ),
}
UNTOLD = "add more varied assets, label how they look", "let things be less alike", "levels"


def advice(reasons: Mapping[str, int]) -> str:
    """What may help where no scene was accepted for these `reasons`: the cure of most of them."""
    cures = Counter[tuple[str, str, str]]()
    for reason, times in reasons.items():
        cures[CURES.get(reason, UNTOLD)] += times
    add, do, keys = max(cures, key=lambda cure: cures[cure], default=UNTOLD)
    return f"{add}, or {do} (in a copy of the layout: {keys})"


def made_out(rendering: Rendering, least: float) -> None:
    """Rejected where people would overlook one of the entities."""
    height, width = rendering.image.shape[:2]
    for layer in rendering.layers if least else ():
        x0, y0, x1, y1 = layer.box_xyxy
        beside = max(x1 - x0, y1 - y0) // 10 + 2  # no more of its surroundings is looked at
        left, top = min(x0, beside), min(y0, beside)
        right, bottom = min(width - x1, beside), min(height - y1, beside)
        around = rendering.image[y0 - top : y1 + bottom, x0 - left : x1 + right]
        alpha = cv2.copyMakeBorder(layer.visible, top, bottom, left, right, cv2.BORDER_CONSTANT)
        if not contrast.is_seen(around, alpha, least):
            raise Rejected("low_contrast")


def accept(
    found: tuple[Entity, ...], kind: str, canvas_hw: tuple[int, int], rules: LayoutRules
) -> None:
    """Rejected, with the reason, when the picture breaks the layout's rules."""
    for entity in found:
        covered = sum(share for _, share in entity.covered_by)
        if entity.visible_share < rules.min_visible_share:
            raise Rejected("too_hidden")
        if entity.area_px < rules.min_area * canvas_hw[0] * canvas_hw[1]:
            raise Rejected("too_small")
        if kind != "front_behind" and covered > rules.touch:
            raise Rejected("overlap")
    if kind == "front_behind":
        covered = sum(share for _, share in found[0].covered_by)
        if not rules.covered[0] <= covered <= rules.covered[1]:
            raise Rejected("covered_too_little" if covered < rules.covered[0] else "too_hidden")
