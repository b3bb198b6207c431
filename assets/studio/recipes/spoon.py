"""A spoon that lies on its back: of wood, metal or plastic, some with slots."""

import math

from answers import solid
from materials import GOLD, metal, plastic, wood
from mathutils import Matrix
from shapes import plate, sheet, sweep, tilt
from stage import recipe

LOOKS = (  # colour, material, form
    ("light brown", "wood", "kitchen"),
    ("gray", "metal", "table"),
    ("red", "plastic", "slotted"),
    ("yellow", "metal", "table"),
    ("light blue", "plastic", "kitchen"),
    ("black", "plastic", "slotted"),
    ("green", "plastic", "kitchen"),
    ("dark brown", "wood", "table"),
    ("pink", "plastic", "slotted"),
)


@recipe("spoon")
def spoon(rng, variant):
    color, material, form = LOOKS[variant % len(LOOKS)]
    skin = {
        "light brown": lambda: wood((0.56, 0.30, 0.12), (0.33, 0.15, 0.05), axis="x", scale=2),
        "dark brown": lambda: wood((0.13, 0.05, 0.02), (0.05, 0.02, 0.01), axis="x", scale=2),
        "gray": lambda: metal((0.74, 0.75, 0.77), roughness=0.16),
        "yellow": lambda: metal(GOLD, roughness=0.2),
    }.get(color, lambda: plastic(color))()
    long, wide = rng.uniform(0.27, 0.31), rng.uniform(0.17, 0.2)
    deep = {"kitchen": 0.14, "table": 0.12, "slotted": 0.03}[form]
    things = []

    def hollow(x, y):
        """How high the bowl's floor lies at (x, y), both from -1 to 1."""
        return deep * (min(1.0, x * x + y * y) ** 1.3 - 1) + 0.015 * x

    if form == "slotted":
        rim = []
        for k in range(64):
            a = math.tau * k / 64
            x, y = math.cos(a), math.sin(a)
            rim.append((long * x, wide * y * (1 - 0.1 * x)))
        slots = []
        for y in (-0.5, -0.17, 0.17, 0.5):
            half, end = wide * 0.075, long * 0.62 * math.sqrt(1 - y * y)
            slots.append(
                [(end + half * math.cos(a), y * wide + half * math.sin(a)) for a in half_turn(-1)]
                + [(-end + half * math.cos(a), y * wide + half * math.sin(a)) for a in half_turn(1)]
            )
        things.append(plate([rim, *slots], 0.03, skin, 0.01, Matrix.Translation((0, 0, -0.02))))
    else:
        grid = []
        for i in range(25):
            row = []
            for j in range(17):
                u, v = 2 * i / 24 - 1, 2 * j / 16 - 1
                x, y = u * math.sqrt(1 - v * v / 2), v * math.sqrt(1 - u * u / 2)
                row.append((long * x, wide * y * (1 - 0.14 * x), hollow(x, y)))
            grid.append(row)
        things.append(sheet(grid, skin, 0.02 if form == "table" else 0.035))
    # the handle rises from the bowl's end, and droops towards its own
    reach, flat = rng.uniform(1.15, 1.3), form == "table"
    rise = [0.05 * math.sin(math.pi * t**0.8) + 0.03 * t for t in steps(24)]
    path = [(long * 0.84 + reach * t, 0, z) for t, z in zip(steps(24), rise, strict=True)]

    def section(t):
        half = 0.035 - 0.012 * math.sin(math.pi * t) + (0.04 if flat else 0.022) * t**2.5
        half *= math.sqrt(max(0.05, 1 - max(0.0, t - 0.93) ** 2 / 0.0052))
        thin = 0.013 if flat else 0.03 - 0.006 * t
        turns = [math.tau * k / 16 for k in range(16)]
        return [(half * math.cos(a), thin * math.sin(a)) for a in turns]

    things.append(sweep(path, section, skin))
    turn = rng.choice((-1, 1)) * rng.uniform(0.3, 0.7) + rng.choice((0, math.pi))
    tilt(things, Matrix.Rotation(turn, 3, "Z"))
    return solid(rng, [color], material, "plain", 40, 50, 0, form=form, long=long, wide=wide)


def steps(count):
    return [k / count for k in range(count + 1)]


def half_turn(side):
    return [math.pi * (k / 8 - 0.5) + (0 if side < 0 else math.pi) for k in range(9)]
