"""A seashell: a ribbed fan, or a spiral with an open mouth."""

import math

from answers import solid
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import mesh, sheet, tilt, tint
from stage import recipe

SHELLS = (  # words, ground, bands (None: plain), inside, form
    (["orange", "white"], (0.86, 0.30, 0.08), (0.86, 0.78, 0.66), (0.86, 0.62, 0.48), "fan"),
    (["beige", "brown"], (0.72, 0.56, 0.36), (0.32, 0.13, 0.05), (0.85, 0.52, 0.42), "spiral"),
    (["pink"], (0.86, 0.32, 0.36), None, (0.85, 0.60, 0.55), "fan"),
    (["white"], (0.84, 0.81, 0.75), None, (0.86, 0.56, 0.46), "spiral"),
    (["purple", "white"], (0.30, 0.10, 0.36), (0.72, 0.60, 0.74), (0.60, 0.42, 0.62), "fan"),
    (["red", "white"], (0.50, 0.02, 0.015), (0.82, 0.74, 0.64), (0.66, 0.14, 0.10), "spiral"),
    (["yellow"], (0.86, 0.60, 0.14), None, (0.86, 0.72, 0.40), "fan"),
    (["gray", "white"], (0.20, 0.21, 0.23), (0.70, 0.70, 0.70), (0.50, 0.44, 0.44), "spiral"),
    (["brown", "beige"], (0.26, 0.10, 0.035), (0.76, 0.60, 0.40), (0.72, 0.54, 0.40), "fan"),
)


def glaze(inside):
    made = Material("shell", inside, 0.38, coat_weight=0.4, coat_roughness=0.15)
    made.color(tints(made)).bump(made.noise(30, 4), 0.08)
    return made


def fan(rng, ground, bands, inside):
    """One valve of a scallop, upright: ribs spread from the hinge at its foot."""
    ribs, wide, deep = rng.choice((9, 10, 11)), rng.uniform(1.12, 1.24), rng.uniform(0.30, 0.38)

    def place(r, u):  # r: from the hinge to the edge, u: from side to side
        a, ridge = u * wide, math.cos(math.tau * ribs * (u + 1) / 2 + math.pi)
        reach = r * (1.05 - 0.13 * u * u + 0.02 * ridge * r)
        out = deep * math.sin(math.pi * min(r, 1) ** 0.75 * 0.86) * (1 - 0.75 * u * u)
        return Vector((reach * math.sin(a), -out - 0.035 * ridge * r**0.8, reach * math.cos(a)))

    skin = glaze(inside)
    grid = [[place(i / 60, k / 130 - 1) for k in range(261)] for i in range(61)]
    ears = []
    for side in (-1, 1):
        rows = [
            [
                (side * (0.02 + 0.34 * x), -0.07 * (1 - x), 0.0 + (0.05 + 0.15 * x) * z)
                for x in (0, 0.25, 0.5, 0.75, 1)
            ]
            for z in (-0.35, 0, 0.5, 1)
        ]
        ears.append(sheet(rows, skin, 0.03))
    body = sheet(grid, skin, 0.02, 0)
    wave = rng.uniform(0, 6)

    def paint(point):
        r, a = math.hypot(point.x, point.z), math.atan2(point.x, point.z) / wide
        rib = 0.5 + 0.5 * math.cos(math.tau * ribs * (a + 1) / 2)
        color = blend(ground, (0.85, 0.8, 0.72), 0.22 * rib + 0.5 * (1 - r / 0.35))
        if bands:
            ring = math.sin(19 * r**1.2 + wave + 0.5 * math.sin(4 * a)) + 0.25
            color = blend(color, bands, 4 * ring * (r - 0.12))
        return blend(color, inside, 0.3 * (r - 0.9) / 0.1)

    return [tint(body, paint), *(tint(ear, paint) for ear in ears)]


def spiral(rng, ground, bands, inside):
    """A tube that grows as it winds down about its axis, and turns inward at its mouth."""
    turns, tight, high = rng.uniform(5.4, 6.2), rng.uniform(0.108, 0.122), rng.uniform(1.1, 1.35)
    steps, count = 340, 48
    last = math.tau * turns
    rings = [(last * k / steps, 1.0) for k in range(steps + 1)]
    rings += [(last, 0.93), (last - 0.05, 0.84), (last - 0.4, 0.74), (last - 1.2, 0.6)]
    points, colors, faces = [], [], []
    for number, (a, inner) in enumerate(rings):
        size = math.exp(-tight * (last - a))
        flare = 1 + 0.07 * max(0.0, 1 - (last - a) / 0.7) ** 2
        knob = 1 + 0.06 * max(0.0, math.cos(9 * a)) ** 3
        for k in range(count):
            p = math.tau * k / count
            r = 0.44 * size * inner * flare
            up = math.sin(p)
            side = math.cos(p) * (knob if 0 < up < 0.9 else 1)
            out = 0.40 * size + r * side * 0.95
            z = -high * size + r * up * 1.18 - 0.5 * r * max(0.0, -up) ** 3
            points.append((out * math.cos(a), out * math.sin(a), z))
            worn = 0.35 * (1 - size) + 0.2 * math.sin(31 * a)
            color = blend(ground, (0.85, 0.78, 0.66), worn * min(1, sum(ground)))
            if bands:
                ring = math.sin(3 * p + 0.3 * math.sin(7 * a)) - 0.2 + 0.35 * math.sin(17 * a)
                color = blend(color, bands, 3 * ring)
            lip = (inner < 1) + max(0.0, 1 - (last - a) / 0.25)
            colors.append(blend(color, inside, lip))
        if number:
            here, there = (number - 1) * count, number * count
            for k in range(count):
                n = (k + 1) % count
                faces.append((here + k, here + n, there + n, there + k))
    faces.append(tuple(range(count)))
    faces.append(tuple(range(len(points) - count, len(points))))
    thing, order = mesh("spiral", points, faces, glaze(inside)), iter(colors)
    return [tint(thing, lambda point: next(order))], last


@recipe("seashell")
def seashell(rng, variant):
    words, ground, bands, inside, form = SHELLS[variant % len(SHELLS)]
    side = rng.choice((-1, 1))
    if form == "fan":
        things = fan(rng, ground, bands, inside)
        turn = Matrix.Rotation(side * rng.uniform(0.1, 0.4), 3, "Z")
        turn = turn @ Matrix.Rotation(side * rng.uniform(0.05, 0.35), 3, "Y")
        turn = turn @ Matrix.Rotation(-0.35, 3, "X")
    else:
        things, last = spiral(rng, ground, bands, inside)
        # the mouth turns to the eye, the point to a side
        turn = Matrix.Rotation(rng.uniform(-0.3, 0.3), 3, "Z") @ Matrix.Rotation(1.75, 3, "Y")
        turn = turn @ Matrix.Rotation(-last - math.pi * 0.9 + rng.uniform(-0.3, 0.3), 3, "Z")
    tilt(things, turn)
    pattern = "striped" if bands else "plain"
    label = {"stands": True} if form == "spiral" else {"stands": False, "lies": "flat"}
    return solid(rng, words, None, pattern, 12, 24, 6, label, form=form)
