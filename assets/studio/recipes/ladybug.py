"""A ladybug, on its six legs or with its wing cases open and the wings out."""

import math

from answers import answer, view
from materials import Material, blend, tints
from mathutils import Matrix
from shapes import ball, sheet, tilt, tint, tube
from stage import recipe
from veil import smooth_alpha

DARK = (0.012, 0.010, 0.010)
# spots of one wing case: x, y, size
SEVEN = ((0.0, 0.62, 0.17), (0.48, 0.35, 0.15), (0.35, -0.15, 0.18), (0.55, -0.55, 0.14))
MANY = (
    *((0.25, 0.6, 0.11), (0.62, 0.4, 0.11), (0.2, 0.15, 0.12), (0.6, -0.1, 0.12)),
    *((0.25, -0.35, 0.12), (0.6, -0.55, 0.1), (0.25, -0.8, 0.1)),
)
FIVE = (
    (0.3, 0.55, 0.14),
    (0.6, 0.2, 0.13),
    (0.25, 0, 0.14),
    (0.55, -0.35, 0.14),
    (0.2, -0.6, 0.12),
)
THREE = ((0.35, 0.5, 0.15), (0.6, 0.0, 0.15), (0.35, -0.45, 0.15))
TWO = ((0.45, 0.25, 0.26), (0.35, -0.5, 0.15))
PAIR = ((0.4, 0.4, 0.17), (0.45, -0.3, 0.17))
BEETLES = (  # words, cases, dots, spots, flying
    (["red", "black"], (0.62, 0.012, 0.012), DARK, SEVEN, False),
    (["yellow", "black"], (0.88, 0.56, 0.03), DARK, MANY, False),
    (["black", "red"], DARK, (0.62, 0.02, 0.012), TWO, False),
    (["red", "black"], (0.62, 0.012, 0.012), DARK, PAIR, True),
    (["orange", "white"], (0.80, 0.16, 0.01), (0.88, 0.84, 0.74), FIVE, False),
    (["brown", "beige"], (0.22, 0.07, 0.02), (0.80, 0.64, 0.38), FIVE, False),
    (["yellow", "black"], (0.88, 0.56, 0.03), DARK, THREE, True),
    (["pink", "black"], (0.86, 0.22, 0.30), DARK, THREE, False),
    (["dark red", "black"], (0.22, 0.008, 0.012), DARK, PAIR, False),
)


def case(side, ground, dots, spots, material):
    """One wing case: a quarter of an egg; the head is at -y."""
    grid = []
    for i in range(49):
        lift, row = math.pi * i / 48, []
        for k in range(41):
            a = math.pi * 0.53 * k / 40
            r = math.sin(lift)
            row.append(
                (side * 0.92 * r * math.sin(a), -1.08 * math.cos(lift), 0.80 * r * math.cos(a))
            )
        grid.append(row)

    def paint(point):
        color = ground
        for x, y, size in spots:
            far = math.hypot(abs(point.x) - x, -point.y - y)
            color = blend(color, dots, (size - far) / 0.025)
        return blend(color, DARK, (0.014 - abs(point.x)) / 0.006)

    return tint(sheet(grid, material, 0, 0), paint)


def wing(side, material):
    """A clear wing with brown veins, spread to a side."""
    grid = []
    for i in range(41):
        t = i / 40
        half = 0.42 * math.sin(math.pi * min(0.04 + 0.96 * t, 1)) ** 0.6 * (0.45 + 0.6 * t) + 0.01
        grid.append(
            [
                (
                    side * 2.1 * t,
                    0.35 * t + half * (k / 20 - 1) + 0.35 * t * t,
                    0.06 * math.sin(4 * t + 3 * k / 20),
                )
                for k in range(41)
            ]
        )

    def paint(point):
        t = abs(point.x) / 2.1
        mid = point.y - 0.35 * t - 0.35 * t * t
        half = 0.42 * math.sin(math.pi * min(0.04 + 0.96 * t, 1)) ** 0.6 * (0.45 + 0.6 * t) + 0.01
        u = mid / half
        vein = min(abs(u + 0.93), abs(u + 0.45 - 0.25 * t), abs(u - 0.1 * t), abs(u - 0.5 * t))
        vein = 1 - vein * half / 0.022
        color = blend((0.62, 0.56, 0.46), (0.16, 0.09, 0.04), vein)
        return (*color, min(1, 0.28 + 0.6 * max(vein, 0)))

    return tint(sheet(grid, material, 0, 1), paint)


@recipe("ladybug", kind="animal")
def ladybug(rng, variant):
    words, ground, dots, spots, flying = BEETLES[variant % len(BEETLES)]
    shell = Material("case", ground, 0.22, coat_weight=1.0, coat_roughness=0.04)
    shell.color(tints(shell)).bump(shell.noise(60, 2), 0.03)
    black = Material("body", DARK, 0.28, coat_weight=0.6, coat_roughness=0.1)
    pale = Material("patch", (0.86, 0.83, 0.72), 0.35, coat_weight=0.6)
    things = [ball(1.0, (0.84, 1.0, 0.45), (0, 0, 0.02), black)]
    if flying:
        smooth_alpha()
        film = Material("wing", "white", 0.2)
        film.color(tints(film, True))
    for side in (-1, 1):
        half = case(side, ground, dots, spots, shell)
        if flying:
            hinge = Matrix.Translation((side * 0.12, -0.86, 0.22))
            swing = Matrix.Rotation(side * 0.95, 4, "Z") @ Matrix.Rotation(0.5, 4, "X")
            half.matrix_world = hinge @ swing @ Matrix.Translation((-side * 0.12, 0.86, -0.22))
            lid = wing(side, film)
            lid.matrix_world = Matrix.Translation((side * 0.22, -0.5, 0.36)) @ Matrix.Rotation(
                -side * 0.3, 4, "Y"
            )
            things.append(lid)
        things.append(half)
    things.append(ball(0.6, (1.02, 0.62, 0.78), (0, -0.93, 0.16), black))
    things.append(ball(0.33, (1.05, 0.85, 0.8), (0, -1.3, 0.08), black))
    for side in (-1, 1):
        things.append(ball(0.2, (0.55, 0.9, 0.85), (side * 0.47, -1.03, 0.22), pale))
        things.append(ball(0.07, (1, 0.5, 1), (side * 0.15, -1.54, 0.16), pale))
        things.append(ball(0.085, (0.7, 1, 1), (side * 0.29, -1.4, 0.14), black))
        feeler = [(side * 0.2, -1.5, 0.15), (side * 0.42, -1.78, 0.34), (side * 0.62, -1.86, 0.28)]
        things.append(tube(feeler, [0.026, 0.022, 0.03], black))
        things.append(ball(0.045, (1.5, 1, 1), feeler[-1], black))
        for y, ahead in ((-0.62, -0.42), (-0.1, 0.0), (0.45, 0.42)):
            wag = rng.uniform(-0.08, 0.08)
            knee = (side * 1.12, y + ahead * 0.7 + wag, -0.02)
            foot = (side * 1.42, y + ahead * 1.5 + wag, -0.5)
            toe = (side * 1.56, y + ahead * 1.8 + wag, -0.53)
            things.append(
                tube([(side * 0.6, y, -0.1), knee, foot, toe], [0.075, 0.06, 0.04, 0.02], black)
            )
    turn = Matrix.Rotation(
        rng.choice((-1, 1)) * rng.uniform(0.5, 0.95) * (0.5 if flying else 1), 3, "Z"
    )
    tilt(things, turn @ Matrix.Rotation(0.55, 3, "X") if flying else turn)
    camera = view(rng, 24, 36, 6)
    return answer(words, None, {"flying": flying}, camera, "spotted", flying, stands=not flying)
