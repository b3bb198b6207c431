"""A bunch of grapes with bloom, on a woody stalk with a tendril and mostly a leaf."""

import math
from itertools import pairwise

from answers import solid
from materials import Material
from mathutils import Matrix, Vector
from shapes import ball, sheet, tilt, tube
from stage import recipe

GRAPES = (  # words, skin, deep, bloom, leaf
    (["purple"], (0.16, 0.03, 0.22), (0.05, 0.006, 0.06), 0.4, True),
    (["light green"], (0.46, 0.58, 0.12), (0.30, 0.42, 0.05), 0.18, True),
    (["dark blue"], (0.03, 0.04, 0.14), (0.01, 0.012, 0.05), 0.5, False),
    (["dark red"], (0.26, 0.01, 0.03), (0.10, 0.005, 0.015), 0.25, False),
    (["pink"], (0.80, 0.28, 0.28), (0.62, 0.10, 0.14), 0.22, True),
    (["black"], (0.02, 0.012, 0.022), (0.008, 0.006, 0.012), 0.2, True),
    (["yellow"], (0.80, 0.60, 0.10), (0.62, 0.40, 0.04), 0.15, False),
    (["red"], (0.56, 0.02, 0.03), (0.30, 0.01, 0.02), 0.2, True),
    (["green"], (0.16, 0.38, 0.05), (0.08, 0.24, 0.03), 0.2, False),
)
LOBES = ((0, 1.0), (0.5, 0.62), (1.0, 0.9), (1.6, 0.6), (2.2, 0.72), (2.75, 0.4), (3.15, 0.06))


def vine_leaf(size, material):
    """Five toothed lobes, gently waved; the stalk's end is at the origin."""

    def edge(a):
        a = abs(a)
        for (low, first), (high, second) in pairwise(LOBES):
            if a <= high:
                t = (a - low) / (high - low)
                return first + (second - first) * (3 * t * t - 2 * t**3)
        return LOBES[-1][1]

    grid = []
    for i in range(9):
        s, row = i / 8, []
        for k in range(121):
            a = -3.13 + 6.26 * k / 120
            teeth = 1 + 0.07 * abs((k * 0.25) % 1 - 0.5) * s
            r = size * s * edge(a) * teeth
            z = size * (0.08 * math.cos(5 * a) * s * s - 0.22 * s * s)
            row.append((r * math.cos(a), r * math.sin(a), z))
        grid.append(row)
    return sheet(grid, material, size * 0.012, 1)


@recipe("grape")
def grape(rng, variant):
    words, skin, deep, bloom, leafy = GRAPES[variant % len(GRAPES)]
    made = Material("grape", skin, 0.28, coat_weight=0.6, coat_roughness=0.1)
    made.set(subsurface_weight=0.25, subsurface_scale=0.08)
    dust = made.ramp(made.noise(3.5, 3), [(0.4, (0, 0, 0)), (0.68, (1, 1, 1))])
    shade = made.mix(made.noise(1.3, 2), skin, deep)
    pale = tuple(0.55 * c + 0.3 for c in skin)
    made.color(made.mix(made.math("MULTIPLY", dust, bloom), shade, pale))
    bark = Material("stalk", (0.22, 0.20, 0.06), 0.7).grain(30, 0.3)
    things, places, first = [], [], None
    size, tall, wide = 0.155, rng.uniform(1.35, 1.6), rng.uniform(0.46, 0.56)
    for _ in range(4000):
        z = tall * rng.random() ** 0.8
        reach = wide * (0.25 + 0.95 * (z / tall) ** 0.75) * (1 if z < 0.86 * tall else 0.8)
        a = rng.uniform(0, math.tau)
        spot = Vector((reach * math.cos(a), reach * math.sin(a), z))
        if all((spot - other).length > size * 1.6 for other in places):
            places.append(spot)
    for spot in places:
        one = ball(size, material=made, detail=4) if first is None else first.copy()
        if first is None:
            first = one
        else:
            things[0].users_collection[0].objects.link(one)
        grow = rng.uniform(0.9, 1.1)
        turn = Matrix.Rotation(rng.uniform(0, 3), 4, "X") @ Matrix.Rotation(
            rng.uniform(0, 6), 4, "Z"
        )
        one.matrix_world = (
            Matrix.Translation(spot) @ turn @ Matrix.Diagonal((grow, grow, grow * 1.1, 1))
        )
        things.append(one)
        core = Vector((0, 0, spot.z + 0.1))
        things.append(tube([core, spot], 0.014, bark))
    bend = rng.choice((-1, 1))
    stalk = [(0, 0, 0.2), (0, 0, tall), (0.02, 0, tall + 0.28), (bend * 0.1, 0, tall + 0.5)]
    things.append(tube(stalk, [0.03, 0.035, 0.035, 0.045], bark))
    across = [(bend * (0.1 + x), 0.02 * x, tall + 0.5 + 0.1 * x) for x in (-0.34, 0, 0.3)]
    things.append(tube(across, [0.05, 0.045, 0.05], bark))
    coil, side = [], -bend
    for k in range(60):
        t = k / 59
        r = 0.09 * (1 - 0.6 * t) * min(1, 3 * t)
        x = side * (0.02 + 0.62 * t)
        coil.append(
            (x, -0.1 - r * math.cos(15 * t), tall + 0.44 - 0.35 * t * t + r * math.sin(15 * t))
        )
    green = Material("vine leaf", (0.09, 0.30, 0.04), 0.5, sheen_weight=0.1)
    green.mottle((0.07, 0.27, 0.03), (0.24, 0.44, 0.07), 3, 0.9).bump(green.noise(9), 0.3)
    things.append(tube(coil, [0.016 * (1 - k / 75) for k in range(60)], green))
    if leafy:
        blade = vine_leaf(0.72, green)
        lie = Matrix.Rotation(math.pi / 2 + 0.35, 4, "X") @ Matrix.Rotation(-0.5, 4, "Z")
        blade.matrix_world = (
            Matrix.Translation((bend * 0.16, -0.16, tall + 0.46))
            @ Matrix.Rotation(0 if bend > 0 else math.pi, 4, "Z")
            @ Matrix.Rotation(bend * 0.25, 4, "Y")
            @ lie
        )
        things.append(blade)
    tilt(things, Matrix.Rotation(rng.uniform(-0.1, 0.1), 3, "Y"))
    label = {"stands": False}
    return solid(rng, words, "fruit", "plain", 4, 12, 10, label, count=len(places), leaf=leafy)
