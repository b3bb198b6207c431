"""A corked bottle, mostly with a label."""

import math

from answers import answer, view
from materials import Material, paper, plain
from shapes import mesh, turned
from stage import recipe
from veil import TINTS, glass, smooth_alpha


@recipe("bottle")
def bottle(rng, variant):
    smooth_alpha()
    tint = ("green", "amber", "blue", "clear", "purple", "red")[variant % 6]
    word, color, cover = TINTS[tint]
    form = ("wine", "apothecary", "flask")[(variant + variant // 6) % 3]
    wide, tall, slim = {
        "wine": (0.27, 1.8, 0.36),
        "apothecary": (0.36, 1.25, 0.42),
        "flask": (0.46, 1.3, 0.26),
    }[form]
    r, tall = wide * rng.uniform(0.93, 1.07), tall * rng.uniform(0.95, 1.05)
    neck, wall, top = wide * slim, 0.022, tall - 0.02
    foot = [(0, 0.05), (r * 0.6, 0.02), (r * 0.85, 0), (r * 0.96, 0.015), (r, 0.07)]
    side = {
        "wine": [(1, 0.3), (1, 0.56), (0.94, 0.63), (0.62, 0.70), (0.40, 0.77), (0.36, 0.85)],
        "apothecary": [(1, 0.3), (1, 0.60), (0.93, 0.68), (0.62, 0.75), (0.43, 0.80)],
        "flask": [(1, 0.15), (0.93, 0.30), (0.60, 0.48), (0.33, 0.62), (0.26, 0.78)],
    }[form]
    side = [(r * x, tall * z) for x, z in side]
    lip = [(1, -0.12), (1.02, -0.10), (1.25, -0.09), (1.28, -0.05), (1.2, 0), (1.02, 0.01)]
    lip = [(neck * x, top + z) for x, z in lip]
    hole = [(neck - wall, top - 0.01), (neck - wall, top - 0.12)]
    inner = [(x - wall, z) for x, z in reversed(side)]
    floor = [(r - wall * 2, 0.09), (r * 0.7, 0.05), (0, 0.09)]
    turned([*foot, *side, *lip, *hole, *inner, *floor], glass(color, cover))
    stopper(neck - wall, top)
    if form != "flask":
        label(rng, r + 0.004, tall * rng.uniform(0.12, 0.17), tall * rng.uniform(0.44, 0.52))
    params = {"tint": tint, "form": form, "radius": r, "height": tall}
    return answer([word], "glass", params, view(rng, 7, 14), transparent=True)


def stopper(r, top):
    cork = Material("cork", roughness=0.9)
    grain = cork.noise(24, 6)
    cork.color(cork.ramp(grain, [(0.35, (0.20, 0.09, 0.035)), (0.55, (0.58, 0.36, 0.17))]))
    cork.bump(grain, 0.3)
    profile = [(0, -0.12), (0.93, -0.12), (0.93, -0.12), (1, 0), (1.08, 0.09), (1.0, 0.105)]
    turned([*((r * x, top + z) for x, z in profile), (r, top + 0.105), (0, top + 0.105)], cork)


def label(rng, r, low, high):
    """A wordless label glued round the front: cream paper with two rules and a block."""
    span = math.radians(rng.uniform(115, 140))
    ink = plain("ink", rng.choice(("dark red", "dark blue", "brown")), 0.6)
    bands = [(0, 1, span, 0, paper((0.85, 0.80, 0.66)))]
    bands += [(a, b, span, 0.002, ink) for a, b in ((0.10, 0.13), (0.87, 0.90))]
    bands += [(0.40, 0.60, span * 0.5, 0.002, ink)]
    steps = 48
    for bottom, top, width, lift, material in bands:
        points = []
        for k in range(steps + 1):
            a = -math.pi / 2 + width * (k / steps - 0.5)
            x, y = (r + lift) * math.cos(a), (r + lift) * math.sin(a)
            points += [(x, y, low + (high - low) * t) for t in (bottom, top)]
        mesh("label", points, [(k, k + 2, k + 3, k + 1) for k in range(0, 2 * steps, 2)], material)
