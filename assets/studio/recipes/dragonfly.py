"""A dragonfly, seen from above: four clear wings, netted with veins."""

import math

from answers import answer, view
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import ball, sheet, strands, tilt, tint, tube
from stage import recipe
from veil import smooth_alpha

FLIES = (  # words, body, bands, eyes, pane
    ("blue black", (0.02, 0.26, 0.80), (0.02, 0.02, 0.03), (0.03, 0.22, 0.56), (0.72, 0.8, 0.86)),
    ("red", (0.58, 0.015, 0.012), (0.30, 0.01, 0.01), (0.36, 0.02, 0.02), (0.84, 0.62, 0.44)),
    ("green black", (0.10, 0.50, 0.06), (0.02, 0.03, 0.02), (0.10, 0.42, 0.10), (0.74, 0.82, 0.72)),
    (
        "yellow black",
        (0.90, 0.62, 0.03),
        (0.015, 0.012, 0.01),
        (0.2, 0.24, 0.06),
        (0.82, 0.76, 0.56),
    ),
    ("purple", (0.30, 0.06, 0.52), (0.12, 0.02, 0.24), (0.20, 0.04, 0.34), (0.74, 0.70, 0.86)),
    (
        "orange brown",
        (0.84, 0.26, 0.015),
        (0.22, 0.07, 0.02),
        (0.34, 0.12, 0.03),
        (0.86, 0.6, 0.26),
    ),
    ("gray blue", (0.36, 0.38, 0.40), (0.10, 0.20, 0.46), (0.16, 0.30, 0.44), (0.76, 0.82, 0.88)),
    (
        "brown yellow",
        (0.20, 0.08, 0.025),
        (0.86, 0.58, 0.05),
        (0.26, 0.12, 0.05),
        (0.8, 0.72, 0.52),
    ),
    ("white black", (0.82, 0.82, 0.80), (0.02, 0.02, 0.025), (0.30, 0.32, 0.34), (0.8, 0.82, 0.84)),
)


def wing(side, hind, pane, long, made):
    """A wing along x: a straight front edge, a rounded back edge, veins that branch into cells."""

    def span(t):
        front = 0.05 * math.sin(math.pi * t)
        deep = (0.36 if hind else 0.30) * (math.sin(math.pi * min(t**0.7 * 0.94 + 0.04, 1)) ** 0.55)
        deep *= (1.25 - 0.55 * t) if hind else 1.0
        return front, front - deep - 0.035

    grid, colors = [], []
    for i in range(281):
        t, row = i / 280, []
        front, back = span(t)
        for k in range(71):
            u = k / 70
            y = front + (back - front) * u
            row.append((side * long * t, 0.03 * math.sin(5 * t + 4 * u), y))
            depth = (front - y) / 0.05
            cell = abs(((t * 44 + 0.5 * (int(depth) % 2)) % 1) - 0.5)
            cross = 1 - (0.5 - cell) / 0.055
            rows = 1 - min(depth % 1, 1 - depth % 1) / 0.12
            main = 1 - min(abs(u - 0.02), abs(u - 0.16 - 0.05 * t), abs(u - 0.98)) / 0.025
            knot = abs(t - 0.88) < 0.035 and 0.02 < u < 0.17
            vein = min(max(cross, rows, 1.3 * main, 0.0), 1.0)
            color = blend(pane, (0.05, 0.03, 0.02), 1.0 if knot else vein)
            colors.append((*color, 0.95 if knot else 0.17 + 0.62 * vein))
        grid.append(row)
    order = iter(colors)
    return tint(sheet(grid, made, 0, 0), lambda point: next(order))


@recipe("dragonfly", kind="animal")
def dragonfly(rng, variant):
    smooth_alpha()
    words, color, bands, eyes, pane = FLIES[variant % len(FLIES)]
    film = Material("wing", pane, 0.12, coat_weight=0.3)
    film.color(tints(film, True))
    things = []
    for side in (-1, 1):
        for hind, z, turn in ((False, 0.16, 0.14), (True, -0.06, -0.20)):
            one = wing(side, hind, pane, 1.55 if not hind else 1.45, film)
            place = Matrix.Translation((side * 0.09, -0.03 - 0.03 * hind, z))
            turn += rng.uniform(-0.07, 0.07)
            rise = Matrix.Rotation(-side * rng.uniform(0.1, 0.3), 4, "Z")
            one.matrix_world = place @ Matrix.Rotation(-side * turn, 4, "Y") @ rise
            things.append(one)
    shell = Material("body", color, 0.28, coat_weight=0.7, coat_roughness=0.1)
    ringed = shell.math("FRACT", shell.math("MULTIPLY", shell.axis("z"), 5.2))
    shell.color(shell.ramp(ringed, [(0.0, bands), (0.3, color)], constant=True))
    thorax = Material("thorax", color, 0.35, coat_weight=0.4)
    slant = thorax.math("ADD", thorax.axis("z"), thorax.math("MULTIPLY", thorax.axis("x"), 0.8))
    wave = thorax.math("FRACT", thorax.math("MULTIPLY", slant, 2.4))
    thorax.color(thorax.ramp(wave, [(0, color), (0.6, bands), (0.8, color)], constant=True))
    things.append(ball(0.19, (0.85, 0.95, 1.5), (0, 0, 0.08), thorax))
    sway = rng.uniform(-0.12, 0.12)
    tail = [
        Vector((sway * t * t, 0.02 - 0.1 * t * t, -0.16 - 1.55 * t))
        for t in (k / 9 for k in range(10))
    ]
    sizes = [0.12, 0.085, 0.066, 0.062, 0.062, 0.064, 0.066, 0.068, 0.062, 0.03]
    things.append(tube(tail, sizes, shell))
    things.append(ball(0.12, (1.0, 0.8, 0.7), (0, -0.02, 0.40), thorax))
    gem = Material("eye", eyes, 0.12, coat_weight=1.0, coat_roughness=0.03)
    dark = Material("leg", (0.015, 0.012, 0.012), 0.5)
    hairs = []
    for side in (-1, 1):
        things.append(ball(0.105, (0.95, 1.0, 1.05), (side * 0.088, -0.04, 0.43), gem))
        things.append(tube([(side * 0.04, -0.1, 0.52), (side * 0.1, -0.14, 0.64)], 0.006, dark))
        for out, z in ((0.30, 0.50), (0.36, 0.22), (0.34, -0.22)):
            knee, toe = (side * out * 0.8, -0.24, z * 0.8), (side * out, -0.38, z * 1.35)
            things.append(
                tube([(side * 0.08, -0.12, z * 0.4), knee, toe], [0.018, 0.014, 0.006], dark)
            )
        tip = tail[-1]
        hairs.append([tip + Vector((side * 0.01, 0, 0.02)), tip + Vector((side * 0.05, 0, -0.1))])
    things.append(strands(hairs, 0.012, dark))
    turn = Matrix.Rotation(rng.uniform(-0.3, 0.3), 3, "Z") @ Matrix.Rotation(-0.2, 3, "X")
    tilt(things, turn @ Matrix.Rotation(rng.uniform(-0.7, 0.7), 3, "Y"))
    return answer(
        words.split(), None, {"sway": sway}, view(rng, 0, 10, 8), "plain", True, stands=False
    )
