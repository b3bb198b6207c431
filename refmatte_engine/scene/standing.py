"""The ground of a background: where things may stand, and how large they look there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.records import Background, Box, Foreground, GroundFrom, Placement

# Where a thing's feet may be on a background that does not say so: the lower part of the picture.
GROUND_NORM = (0.62, 0.97)
LEAST_NORM = 0.1  # of the canvas's height has to be ground
# Things in front are this much larger than things behind; and things that stand nearest to us, than
# those that stand nearest to a labelled horizon.
NEARER_IS_LARGER = 1.35
QUARTER = 90.0  # degrees: what is turned by just these lies on its side
# Of its height, so much of what lies flat is seen from 30 degrees above. From a man's height one
# sees most ground from less, but then hardly anything of what lies there.
FLAT = 0.5
# How well is known where things can stand: as well by who accepted an estimate as by a label.
RANKS: dict[GroundFrom, int] = {
    "labelled": 0, "accepted": 0, "estimated": 1, "unknown": 2, "refused": 3,
}  # fmt: skip


class Ground(NamedTuple):
    """The rows of the canvas, in pixels, between which feet may stand, and the horizon's row, if
    sizes depend on it; and how high above it the camera was, in metres, if that is known."""

    top: float
    bottom: float
    horizon: float | None
    camera_m: float | None = None

    def scale(self, foot: float) -> float:
        """How large a thing looks with its feet on row `foot`: 1 on the lowest row, less in
        proportion to the distance from the horizon, but never a dwarf."""
        if self.horizon is None or self.horizon >= self.bottom:
            return 1.0
        share = (foot - self.horizon) / (self.bottom - self.horizon)
        return min(1.0, max(share, 1 / NEARER_IS_LARGER))


def best(backgrounds: Sequence[Background]) -> list[Background]:
    """The backgrounds on which things can stand: of each pack those of which that is best known.
    What is refused is there only where there is nothing else."""
    ranks = [RANKS[place.ground_from] for place in backgrounds]
    of_pack: dict[str, int] = {}
    for place, rank in zip(backgrounds, ranks, strict=True):
        of_pack[place.pack] = min(of_pack.get(place.pack, rank), rank)
    most = max(min(ranks, default=0), RANKS["unknown"])
    return [
        place
        for place, rank in zip(backgrounds, ranks, strict=True)
        if rank == of_pack[place.pack] and rank <= most
    ]


def posed(foregrounds: Sequence[Foreground], rules: LayoutRules) -> list[Foreground]:
    """The foregrounds as they rest in a layout: on a ground, where sizes are real, what cannot
    stand lies, and so has feet; elsewhere it is held up, as all things are."""
    return [
        replace(f, stands=True)
        if _has_postures(rules) and f.posture in ("lying", "flat") and not f.cut_edges
        else replace(f, posture="standing")
        for f in foregrounds
    ]


def foreshortening(foreground: Foreground) -> float:
    """How much lower a thing looks, as it rests, than it is pictured."""
    return FLAT if foreground.posture == "flat" else 1.0


def held(things: list[Foreground], rules: LayoutRules) -> list[Foreground]:
    """The things that something holds in a layout. Where things rest as they do, nothing does what
    hangs, and that is not used, unless it is most of what there is."""
    found = [f for f in things if f.posture != "hanging"]
    return found if _has_postures(rules) and 2 * len(found) >= len(things) else things


def _has_postures(rules: LayoutRules) -> bool:
    return rules.ground and rules.scale == "real"


def foot(placement: Placement) -> int:
    """The row on which a placed thing rests: the lower edge of its box, as it lies."""
    x0, y0, x1, y1 = placement.box_xyxy
    if placement.foreshortening != 1:
        return round(extent(placement)[3])
    if abs(placement.rotation_deg) != QUARTER:
        return y1
    wide, high = x1 - x0, y1 - y0
    return y0 - (wide - high) // 2 + wide


def extent(placement: Placement) -> tuple[float, float, float, float]:
    """The box (x0, y0, x1, y1), in pixels, of a placement as it is turned, and lies."""
    x0, y0, x1, y1 = placement.box_xyxy
    angle = math.radians(placement.rotation_deg)
    c, s = abs(math.cos(angle)), abs(math.sin(angle))
    half_w, half_h = ((x1 - x0) * c + (y1 - y0) * s) / 2, ((y1 - y0) * c + (x1 - x0) * s) / 2
    half_h *= placement.foreshortening
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return x - half_w, y - half_h, x + half_w, y + half_h


def ground_of(
    background: Background, crop: Box, canvas_hw: tuple[int, int], by_horizon: bool
) -> Ground | None:
    """The ground of a background whose part `crop` fills the canvas; None if too little of it is
    visible."""
    height, (_, y0, _, y1) = background.size_hw[0], crop

    def row(norm: float) -> float:
        return (norm * height - y0) / (y1 - y0) * canvas_hw[0]

    horizon = background.horizon_norm
    low, high = (float(np.clip(row(norm), 0, canvas_hw[0])) for norm in band_norm(background))
    if high - low < LEAST_NORM * canvas_hw[0]:
        return None
    if horizon is None or not by_horizon:
        return Ground(low, high, None)
    return Ground(low, high, row(horizon), background.camera_m)


def band_norm(background: Background) -> tuple[float, float]:
    """The upper and the lower edge of a background's ground, of its height."""
    horizon = background.horizon_norm
    top, bottom = background.ground_norm or GROUND_NORM
    if background.ground_norm is None and horizon is not None:
        top = min(max(top, horizon), bottom - 2 * LEAST_NORM)  # nobody stands in the sky
    return top, bottom
