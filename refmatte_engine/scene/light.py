"""The light of a scene: where it comes from, and what shadow it casts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from refmatte_engine.config.layout_rules import LayoutRules
from refmatte_engine.records import Background, Foreground, Light
from refmatte_engine.scene import cut_sides

# Lights that a background without a label may have; one is drawn for the whole scene.
USUAL: tuple[Light, ...] = ("left", "right")


class Cast(NamedTuple):
    """How a light draws a thing's shadow on the ground. A point that is 1 above the foot throws its
    shadow `lean` to the right of the foot, and `up` above it in the picture (below 0: towards us).
    The shadow's strength is `cast`, that of the contact under the feet `contact`."""

    lean: float
    up: float
    cast: float = 0.55
    contact: float = 0.7


CASTS: dict[Light, Cast] = {
    "left": Cast(0.4, 0.22),
    "right": Cast(-0.4, 0.22),
    "front": Cast(0.0, 0.3),
    "back": Cast(0.0, -0.3),
    "above": Cast(0.0, 0.06),
    "low left": Cast(1.1, 0.2, 0.5, 0.6),
    "low right": Cast(-1.1, 0.2, 0.5, 0.6),
    "low front": Cast(0.0, 0.55, 0.5, 0.6),
    "low back": Cast(0.0, -0.6, 0.5, 0.6),
    "overcast": Cast(0.0, 0.0, 0.0, 0.8),
    "none": Cast(0.0, 0.0, 0.0, 0.0),
}


def mirrored(light: Light) -> Light:
    """The light of a mirrored picture."""
    other: dict[Light, Light] = {
        "left": "right", "right": "left", "low left": "low right", "low right": "low left",
    }  # fmt: skip
    return other.get(light, light)


def of_scene(background: Background, flip: bool, rng: np.random.Generator) -> Light:
    """The one light of a scene on a background, mirrored if `flip`: the label's, else one drawn."""
    drawn = USUAL[int(rng.integers(len(USUAL)))]  # drawn in any case, so that labels move nothing
    light = background.light or drawn
    return mirrored(light) if flip else light


def flips(
    foregrounds: Sequence[Foreground], drawn: Sequence[bool], light: Light, rules: LayoutRules
) -> list[bool]:
    """Which foregrounds are mirrored, as it was `drawn` but where one that may be is lit from the
    scene's other side, and effects make it one light."""
    if not rules.effects.shadow[1]:
        return list(drawn)
    return [
        flip != (foreground.flippable and opposed(foreground, flip, light))
        for foreground, flip in zip(foregrounds, drawn, strict=True)
    ]


def opposed(foreground: Foreground, flip: bool, light: Light) -> bool:
    """Whether a foreground, mirrored if `flip`, is known to be lit from the side that a scene's
    light does not come from."""
    if not foreground.light:
        return False
    own = mirrored(foreground.light) if flip else foreground.light
    return {own.split()[-1], light.split()[-1]} == cut_sides.ACROSS
