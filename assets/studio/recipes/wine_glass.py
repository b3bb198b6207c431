"""A wine glass, tinted, or clear with or without wine in it."""

import math

from answers import answer, view
from shapes import spline, turned
from stage import recipe
from veil import TINTS, glass, smooth_alpha

WINES = {
    "red": ("red", (0.20, 0.002, 0.012), 0.90),
    "white": ("yellow", (0.90, 0.62, 0.06), 0.45),
    "rose": ("pink", (0.92, 0.20, 0.20), 0.55),
}


@recipe("wine glass")
def wine_glass(rng, variant):
    smooth_alpha()
    tint, wine = (
        ("clear", "red"),
        ("blue", None),
        ("clear", None),
        ("clear", "white"),
        ("green", None),
        ("clear", "rose"),
        ("amber", None),
        ("purple", None),
        ("pink", None),
    )[variant % 9]
    word, color, cover = TINTS[tint]
    bowl, high = rng.uniform(0.30, 0.38), rng.uniform(0.70, 0.85)
    stem, mouth, wall = rng.uniform(0.5, 0.75), rng.uniform(0.70, 0.85), 0.012
    foot = bowl * rng.uniform(0.85, 1.0)
    base = [(0, 0), (foot, 0), (foot, 0), (foot + 0.006, 0.008), (foot, 0.016)]
    base += [(foot * 0.55, 0.03), (0.055, 0.08), (0.032, 0.2), (0.026, stem * 0.6), (0.034, stem)]
    turns = [math.radians(a) for a in (20, 38, 56, 74, 90)]
    outer = [(bowl * math.sin(a), stem + high * 0.46 * (1 - math.cos(a))) for a in turns]
    outer.append((bowl * (0.58 + 0.42 * mouth), stem + high * 0.74))
    rim, top = bowl * mouth, stem + high
    lip = [(rim, top), (rim - wall / 2, top + 0.008), (rim - wall, top)]
    inner = [(r - wall, z + wall * 0.6) for r, z in reversed(outer)]
    # The stem and foot are solid, and so denser than the wall of the bowl.
    turned([*base, (0, stem + 0.012)], glass(color, max(1.5 * cover, 0.17), edge=0.95, sharp=1.6))
    joint = [(0, stem + 0.004), (0.03, stem + 0.004)]
    turned([*joint, *outer, *lip, *inner, (0, stem + 0.035)], glass(color, max(cover, 0.09)))
    held = {}
    if wine:
        held = {"contents": [{"type": "wine", "color": WINES[wine][0]}]}
        _, color, cover = WINES[wine]
        level = stem + high * rng.uniform(0.40, 0.5)
        wall_line = spline([(0, stem + 0.035), *reversed(inner), lip[-1]])
        body = [(max(r - 0.004, 0), z + 0.003) for r, z in wall_line if z < level]
        edge = body[-1][0]
        surface = [(edge, level), (edge, level), (edge - 0.02, level - 0.008), (0, level - 0.008)]
        turned([*body, *surface], glass(color, cover, edge=0.97, dark=0.6), steps=2)
    params = {"tint": tint, "wine": wine, "bowl": bowl, "stem": stem}
    return answer([word], "glass", params, view(rng, 8, 16), transparent=True, **held)
