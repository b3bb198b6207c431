"""A chair: a Windsor of wood, or a moulded shell."""

import math

from answers import solid
from materials import Material, metal, plastic, wood
from mathutils import Vector
from shapes import sheet, sweep, tube
from stage import recipe


@recipe("chair")
def chair(rng, variant):
    style, color = [
        ("windsor", "brown"),
        ("shell", "yellow"),
        ("windsor", "white"),
        ("shell", "red"),
        ("windsor", "green"),
        ("shell", "light blue"),
        ("windsor", "blue"),
        ("shell", "black"),
    ][variant % 8]
    tall = rng.uniform(0.95, 1.08)
    (windsor if style == "windsor" else shell)(color, tall)
    side = rng.choice((-1, 1))
    material, extra = ("wood", None) if style == "windsor" else ("plastic", "light brown")
    made = solid(rng, [color, extra], material, low=10, high=18, style=style, height=tall)
    made["camera"]["azimuth_deg"] = round(side * rng.uniform(18, 30), 1)
    return made


def windsor(color, tall):
    """Turned legs, a saddled seat, spindles and a bent crest rail."""

    def timber(axis="z"):
        if color == "brown":
            return wood((0.36, 0.16, 0.055), (0.13, 0.05, 0.018), axis=axis)
        return Material("paint", color, 0.45).grain(60, 0.06)

    seat, deep = [], 0.44
    for i in range(9):
        y = -deep + 2 * deep * i / 8
        half = 0.5 - 0.07 * (i / 8) - 0.04 * (2 * i / 8 - 1) ** 6
        row = []
        for j in range(9):
            x = j / 4 - 1
            hollow = 0.05 * (1 - x * x) * math.sin(math.pi * min(1, i / 8 + 0.15))
            row.append((x * half, y * (1 - 0.06 * x * x), 0.9 - hollow))
        seat.append(row)
    sheet(seat, timber("x"), 0.085)
    for sx in (-1, 1):
        for sy in (-1, 1):
            foot, head = Vector((sx * 0.47, sy * 0.44, 0)), Vector((sx * 0.36, sy * 0.31, 0.84))
            steps = [foot.lerp(head, t) for t in (0, 0.3, 0.5, 0.56, 0.62, 0.8, 1)]
            tube(steps, [0.03, 0.045, 0.05, 0.036, 0.05, 0.052, 0.042], timber())
        low = [(sx * 0.44, -0.39, 0.33), (sx * 0.42, 0, 0.36), (sx * 0.44, 0.39, 0.33)]
        tube(low, [0.024, 0.034, 0.024], timber("y"))
    tube([(-0.42, 0, 0.36), (0, 0, 0.36), (0.42, 0, 0.36)], [0.024, 0.034, 0.024], timber("x"))
    top = 0.9 + tall

    def crest(x, z):
        return Vector((x, 0.4 + 0.28 * (z - 0.9) + 0.16 * (1 - (x / 0.5) ** 2) * (z - 0.9), z))

    for k in range(7):
        x = -0.36 + 0.72 * k / 6
        outer = k in (0, 6)
        spindle = [crest(x * (0.95 + 0.2 * t), 0.86 + (tall + 0.02) * t) for t in (0, 0.35, 0.7, 1)]
        tube(
            spindle, [0.036, 0.042, 0.034, 0.03] if outer else [0.02, 0.028, 0.022, 0.018], timber()
        )
    rail = [crest(-0.5 + k / 16, top + 0.05 * math.sin(math.pi * k / 16)) for k in range(17)]

    def board(t):
        high = 0.1 * (0.72 + 0.28 * math.sin(math.pi * t))
        return [
            (-0.026, -high),
            (0.026, -high),
            (0.032, 0),
            (0.026, high),
            (-0.026, high),
            (-0.032, 0),
        ]

    sweep(rail, board, timber("x"), subdivide=3)


def shell(color, tall):
    """One moulded seat on four wooden legs."""
    side = [(-0.5, 0.82), (-0.47, 0.89), (-0.3, 0.92), (0, 0.88), (0.22, 0.9), (0.33, 1.0)]
    side += [(0.4, 0.95 + 0.35 * tall), (0.45, 0.95 + 0.62 * tall), (0.47, 0.95 + 0.8 * tall)]
    halves = [0.40, 0.47, 0.52, 0.53, 0.53, 0.53, 0.51, 0.45, 0.33]
    grid = []
    for k, ((y, z), half) in enumerate(zip(side, halves, strict=True)):
        back = min(1.0, max(0.0, (k - 3) / 3))
        row = []
        for j in range(9):
            x = j / 4 - 1
            wing = abs(x) ** 2.5
            row.append((x * half, y - 0.2 * wing * back, z + 0.1 * wing * (1 - back) * (k > 1)))
        grid.append(row)
    sheet(grid, plastic(color, roughness=0.3), 0.035, 3)
    timber = wood((0.55, 0.32, 0.13), (0.36, 0.17, 0.06))
    steel = metal((0.1, 0.1, 0.1), roughness=0.4)
    for sx in (-1, 1):
        for sy in (-1, 1):
            tube([(sx * 0.45, sy * 0.42, 0), (sx * 0.25, sy * 0.24, 0.86)], [0.028, 0.05], timber)
        cross = [(sx * 0.33, -0.31, 0.52), (-sx * 0.33, 0.31, 0.52)]
        tube(cross, 0.014, steel)
