"""What of a drawn scene is accepted: enough of each thing, and none that people would overlook."""

from __future__ import annotations

import cv2

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.errors import Rejected
from refmatte_engine.records import Entity
from refmatte_engine.scene.render import Rendering
from refmatte_engine.semantics import contrast


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
