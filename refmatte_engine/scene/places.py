"""Places: of which real size things look right before a background, and which of the backgrounds
dealt to neighbouring scenes suits which."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.records import Background
from refmatte_engine.scene.camera import camera_of
from refmatte_engine.scene.standing import ground_of

FINE = 1_000_000  # to a logarithm, of what is told apart


class Suited(NamedTuple):
    """The extents in metres from the smallest to the largest that a place shows, somewhere on its
    ground, as large as the layout draws things."""

    least_m: float
    most_m: float

    def strain(self, extent_m: float) -> float:
        """By how much, as a logarithm, something of that extent is too small or too large."""
        return max(0.0, math.log(self.least_m / extent_m), math.log(extent_m / self.most_m))


def suited(background: Background, rules: LayoutRules) -> Suited | None:
    """What the place suits; None if it suits everything, as its camera is not known."""
    whole = (0, 0, *background.size_hw[::-1])
    ground = ground_of(background, whole, background.size_hw, rules.ground)
    seen = ground and camera_of(ground, background.size_hw, rules)
    if not ground or not seen or not seen.metre_px:
        return None
    low, high = (share * background.size_hw[0] / seen.metre_px for share in rules.size)
    return Suited(low, high / seen.nearness(ground.top))


def matched(
    dealt: Sequence[str], extents_m: Sequence[float], suits: Mapping[str, Suited]
) -> list[str]:
    """The backgrounds dealt to as many scenes, whose largest things have these extents, exchanged
    until no two scenes would be suited better with each other's."""
    found = np.arange(len(dealt))
    if not any(name in suits for name in dealt):
        return list(dealt)
    known = [suits.get(name) for name in dealt]
    strains = np.array([[_strain(place, extent) for place in known] for extent in extents_m])
    while True:
        now = strains[:, found]  # of each scene with each other's
        own = now.diagonal()
        gains = own[:, None] + own[None] - now - now.T
        i, j = divmod(int(gains.argmax()), len(dealt))
        if gains[i, j] <= 0:
            return [dealt[card] for card in found.tolist()]
        found[[i, j]] = found[[j, i]]


@lru_cache(maxsize=1 << 15)  # each scene of a block asks for those of all others
def _strain(place: Suited | None, extent_m: float) -> int:
    """In whole numbers: what is as good to all must be so to the last bit, on any machine."""
    return round(FINE * place.strain(extent_m)) if place else 0
