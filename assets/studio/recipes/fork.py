"""A fork that lies on the table: of metal, of wood, or with a coloured handle."""

import math

from answers import answer, view
from materials import GOLD, metal, plastic, wood
from mathutils import Matrix
from shapes import sheet, sweep, tilt
from stage import recipe

LOOKS = (  # colour, second colour, material, tines
    ("gray", None, "metal", 4),
    ("red", "gray", "plastic", 3),
    ("light brown", None, "wood", 3),
    ("yellow", None, "metal", 4),
    ("blue", "gray", "plastic", 4),
    ("green", "gray", "plastic", 3),
    ("orange", None, "metal", 3),
    ("white", "gray", "plastic", 4),
    ("dark brown", None, "wood", 4),
)
METALS = {"gray": (0.74, 0.75, 0.77), "yellow": GOLD, "orange": (0.82, 0.30, 0.12)}
TIMBER = {
    "light brown": ((0.56, 0.30, 0.12), (0.33, 0.15, 0.05)),
    "dark brown": ((0.15, 0.055, 0.02), (0.07, 0.025, 0.01)),
}


@recipe("fork")
def fork(rng, variant):
    color, accent, material, tines = LOOKS[variant % len(LOOKS)]
    steel = metal(METALS.get(color, METALS["gray"]), roughness=0.17)
    if material == "wood":
        steel = wood(*TIMBER[color], axis="x", scale=3)
    grip = plastic(color, roughness=0.25) if material == "plastic" else steel
    half, long, reach = rng.uniform(0.125, 0.145), rng.uniform(0.44, 0.52), rng.uniform(1.05, 1.2)
    thick = 0.026 if material == "wood" else 0.018
    things = []

    def lift(x):
        """How high it lies: tips and end touch the table, the neck is arched."""
        return 0.03 + 0.2 * math.sin(math.pi * min(1.0, (x + long) / (long + reach + 0.3)) ** 0.7)

    # the palm, from the roots of the tines to the neck
    grid = []
    for i in range(13):
        t = i / 12
        x = 0.32 * t
        wide = half * (1 - t**1.6) ** 0.9 + 0.036
        row = [(x, wide * v, lift(x) - 0.03 * (1 - v * v) * (1 - t)) for v in (-1, -0.5, 0, 0.5, 1)]
        grid.append(row)
    things.append(sheet(grid, steel, thick * 2, 2))
    gap = 2 * (half + 0.028) / (tines - 0.32)
    for k in range(tines):
        y = (k - (tines - 1) / 2) * gap
        path, dish = [], 0.03 * (1 - (y / half) ** 2)
        for x in (0.03 - long * t / 16 for t in range(17)):
            path.append((x, y, lift(x) - dish * max(0, 1 + x * 3)))

        def tine(t):
            size = (1 - 0.3 * t) * math.sqrt(max(0.03, 1 - max(0.0, t - 0.85) ** 2 / 0.023))
            return oval(gap * 0.34 * size, thick * size)

        things.append(sweep(path, tine, steel))
    path = [(0.27 + reach * k / 24, 0, lift(0.27 + reach * k / 24)) for k in range(25)]
    split = 8 if material == "plastic" else 24

    def shaft(t, begin=0.0, more=1.0):
        t = begin + (1 - begin) * t
        wide = (0.04 - 0.015 * math.sin(math.pi * t) + 0.045 * t**2.2) * more
        wide *= math.sqrt(max(0.06, 1 - max(0.0, t - 0.93) ** 2 / 0.0052))
        return oval(wide, 0.02 * more)

    things.append(sweep(path[: split + 1], lambda t: shaft(t * split / 24), steel))
    if material == "plastic":
        things.append(sweep(path[split - 1 :], lambda t: shaft(t, 0.3, 1.35), grip))
    turn = rng.choice((-1, 1)) * rng.uniform(0.3, 0.7) + rng.choice((0, math.pi))
    tilt(things, Matrix.Rotation(turn, 3, "Z"))
    words = [w for w in (color, accent) if w]
    return answer(words, material, {"tines": tines, "length": reach}, view(rng, 40, 50))


def oval(wide, high):
    turns = [math.tau * k / 16 for k in range(16)]
    return [(wide * math.cos(a), high * math.sin(a)) for a in turns]
