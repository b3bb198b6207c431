"""A comb that lies flat: straight, bowed, or with a handle."""

import math

from answers import answer, view
from materials import Material, wood
from mathutils import Matrix
from shapes import plate, spline, tilt
from stage import recipe

LOOKS = (  # colour, material, form
    ("pink", "plastic", "handle"),
    ("black", "plastic", "straight"),
    ("light brown", "wood", "bowed"),
    ("blue", "plastic", "bowed"),
    ("red", "plastic", "straight"),
    ("yellow", "plastic", "handle"),
    ("dark brown", "wood", "handle"),
    ("green", "plastic", "straight"),
    ("orange", "plastic", "bowed"),
)
TIMBER = {
    "light brown": ((0.60, 0.34, 0.14), (0.42, 0.21, 0.08)),
    "dark brown": ((0.15, 0.055, 0.02), (0.07, 0.025, 0.01)),
}


@recipe("comb")
def comb(rng, variant):
    color, material, form = LOOKS[variant % len(LOOKS)]
    if material == "wood":
        skin = wood(*TIMBER[color], axis="x", scale=4)
    else:
        skin = Material("plastic", color, 0.2, coat_weight=0.8, subsurface_weight=0.1)
    half, deep, teeth = 1.0, rng.uniform(0.3, 0.36), rng.choice((34, 40, 46))
    fine = rng.random() < 0.5  # half of the teeth stand closer

    def back(x):
        """The height of the spine's upper edge."""
        bow = {"straight": 0.03, "bowed": 0.16, "handle": 0.06}[form]
        return 0.2 + bow * (1 - (x / half) ** 2)

    edges, x, end = [], -half + 0.09, half - 0.09
    while x < end:
        step = 2 * half / teeth * (0.62 if fine and x > 0 else 1.0)
        edges.append((x, step * 0.56))
        x += step
    lower = [(-half, back(-half) - 0.03), (-half - 0.02, 0.0), (-half + 0.01, -deep * 0.97)]
    lower += [(-half + 0.05, -deep * 0.97), (-half + 0.07, 0.0)]
    for x, wide in edges:
        lower += [(x, 0.0), (x + wide * 0.2, -deep * 0.9), (x + wide * 0.5, -deep)]
        lower += [(x + wide * 0.8, -deep * 0.9), (x + wide, 0.0)]
    if form == "handle":
        top = [(half - 0.06, -0.02), (half + 0.1, 0.03), (half + 0.5, 0.02), (half + 0.95, -0.03)]
        top += [(half + 1.02, 0.07), (half + 0.95, 0.17), (half + 0.5, 0.16), (half + 0.1, 0.19)]
        lower += spline([*top, (half - 0.05, back(half) + 0.02)], 6)
        eye = [(half + 0.87 + 0.05 * math.cos(a), 0.07 + 0.05 * math.sin(a)) for a in turns(20)]
        holes = [eye]
    else:
        lower += [(half - 0.07, 0.0), (half - 0.05, -deep * 0.97), (half - 0.01, -deep * 0.97)]
        lower += [(half + 0.02, 0.0), (half, back(half) - 0.03)]
        holes = []
    upper = [(half - 0.05 - (2 * half - 0.1) * k / 24, 0) for k in range(25)]
    outline = [*lower, *((x, back(x)) for x, _ in upper)]
    things = [plate([outline, *holes], 0.05, skin, 0.006)]
    turn = rng.choice((-1, 1)) * rng.uniform(0.1, 0.4) + rng.choice((0, math.pi))
    tilt(things, Matrix.Rotation(turn, 3, "Z"))
    params = {"form": form, "teeth": len(edges), "fine": fine}
    return answer([color], material, params, view(rng, 44, 56))


def turns(count):
    return [math.tau * k / count for k in range(count)]
