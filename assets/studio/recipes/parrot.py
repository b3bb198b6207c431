"""A parrot on a branch, feather by feather."""

import math

from answers import solid
from materials import COLORS, Material, blend, tints
from mathutils import Matrix, Vector
from shapes import ball, mesh, oval, spline, sweep, tilt, tint, tube, turned
from stage import recipe

PARROTS = (  # words, head, belly, wing's top, wing's middle, wing's end, tail, beak
    (["red", "yellow", "blue"], "red", "red", "red", "yellow", "blue", "red", "dark"),
    (["blue", "yellow"], "blue", "yellow", "blue", "blue", "blue", "blue", "dark"),
    (["green"], "green", "light green", "green", "green", "dark green", "green", "pale"),
    (["white"], "white", "white", "white", "white", "white", "white", "dark"),
    (["gray", "red"], "gray", "light gray", "gray", "gray", "dark gray", "red", "dark"),
    (["yellow", "orange"], "orange", "yellow", "yellow", "orange", "green", "yellow", "pale"),
    (["pink", "gray"], "pink", "pink", "gray", "gray", "light gray", "gray", "pale"),
    (["purple"], "purple", "purple", "purple", "blue", "dark blue", "purple", "dark"),
    (["green", "red"], "red", "green", "green", "green", "blue", "green", "pale"),
)
DYES = {"red": (0.60, 0.015, 0.015), "gray": (0.24, 0.245, 0.26), "dark blue": (0.015, 0.04, 0.24)}
PROFILE = (
    *((0.10, -0.12), (0.16, -0.02), (0.29, 0.24), (0.345, 0.55), (0.30, 0.86), (0.245, 1.02)),
    *((0.25, 1.17), (0.225, 1.32), (0.13, 1.42), (0.0, 1.44)),
)


def plume(points, faces, colors, root, along, normal, long, wide, color, tip):
    """One feather: a little folded blade with a rounded end, paler or darker at its rim."""
    side, first = along.cross(normal).normalized(), len(points)
    for i in range(7):
        t = i / 6
        half = wide / 2 * min(1, 0.5 + 2 * t) * (1 - t**4) ** 0.5 + 0.001
        for u in (-1, -0.5, 0, 0.5, 1):
            spot = root + along * long * (t - 0.06 * u * u * t) + side * half * u
            points.append(spot + normal * (0.12 * wide * (1 - u * u) + 0.10 * long * t * (1 - t)))
            rim = max(abs(u) * 0.6, (t - 0.5) * 1.6)
            colors.append(blend(color, tip, 0.9 * rim if u else 0.4))
    for i in range(6):
        for k in range(4):
            a = first + 5 * i + k
            faces.append((a, a + 1, a + 6, a + 5))


@recipe("parrot", kind="animal")
def parrot(rng, variant):
    words, *dyes, beak = PARROTS[variant % len(PARROTS)]
    head, belly, top, middle, end, tail = (DYES.get(name) or COLORS[name] for name in dyes)
    points, faces, colors = [], [], []
    line = spline(PROFILE, 10)

    def radius(z):
        return min(line, key=lambda spot: abs(spot[1] - z))[0]

    def put(root, along, normal, long, wide, color):
        shade = rng.uniform(0.82, 1.1)
        color = tuple(min(c * shade, 0.92) for c in color)
        tip = tuple(0.62 * c for c in color) if sum(color) > 0.1 else tuple(2.0 * c for c in color)
        plume(points, faces, colors, root, along, normal, long, wide, color, tip)

    count = 900
    for k in range(count):  # small ones on head and body, in a spiral, smallest about the face
        z = -0.06 + 1.47 * k / count
        a, r = k * 2.39996 + rng.gauss(0, 0.05), radius(z)
        slope = (radius(z + 0.03) - radius(z - 0.03)) / 0.06
        out = Vector((math.cos(a), math.sin(a), 0))
        normal = (out - Vector((0, 0, slope))).normalized()
        along = (Vector((0, 0, -1)) - out * slope).normalized()
        size = 0.20 - 0.10 * max(0.0, z - 0.7) / 0.7
        ahead = -out.y
        color = blend(belly, head, (z - 0.93) / 0.08)
        if ahead < 0 and z < 1:
            color = blend(color, top, 1.0)
        root = out * r + Vector((0, 0, z))
        along = (along + normal * 0.07 + Vector(rng.gauss(0, 0.025) for _ in range(3))).normalized()
        put(root - normal * 0.01, along, normal, size, size * 0.55, color)
    for side in (-1, 1):  # folded wings: rows that overlap like tiles, the last ones long
        for row, (z, long, many, color) in enumerate(
            (
                (0.02, 0.78, 7, end),
                (0.20, 0.62, 8, end),
                (0.36, 0.40, 8, middle),
                (0.52, 0.32, 8, middle),
                (0.66, 0.26, 8, top),
                (0.78, 0.22, 7, top),
                (0.88, 0.18, 5, top),
            )
        ):
            for k in range(many):
                y = 0.30 - (0.46 - 0.03 * (row < 2)) * k / (many - 1) + 0.03 * row * 0
                x = side * (
                    0.33
                    - 0.25 * max(0, abs(y) - 0.1) ** 1.2
                    - 0.15 * max(0.0, 0.2 - z)
                    + 0.015
                    - 0.02 * row
                )
                drop = Vector((-side * 0.12, 0.18 - 0.25 * (y - 0.1), -1)).normalized()
                normal = Vector((side, 0.25 * y, 0.12)).normalized()
                put(
                    Vector((x, y, z + 0.3 * (0.15 - y) * (row < 2))),
                    drop,
                    normal,
                    long * rng.uniform(0.93, 1.05),
                    0.13,
                    color,
                )
    for k in range(9):  # the tail
        u = (k - 4) / 4
        along = Vector((0.16 * u, 0.20, -1)).normalized()
        root = Vector((0.09 * u, 0.06 + 0.03 * u * u, 0.0))
        put(
            root,
            along,
            Vector((0.1 * u, 1, 0.2)).normalized() * -1,
            1.15 - 0.45 * u * u,
            0.15,
            tail,
        )
    barbs = Material("feathers", head, 0.55, sheen_weight=0.25)
    barbs.color(tints(barbs)).bump(barbs.noise(60, 3), 0.15)
    coat, order = mesh("feathers", points, faces, barbs), iter(colors)
    tint(coat, lambda point: next(order))
    skin = Material("skin", tuple(0.5 * c for c in belly), 0.9)
    under = turned([(0, -0.14), *((0.95 * r, z - 0.01) for r, z in PROFILE)], skin)
    horn = Material(
        "beak",
        (0.025, 0.022, 0.022) if beak == "dark" else (0.80, 0.58, 0.34),
        0.3,
        coat_weight=0.4,
    )
    things = [coat, under]
    hook = [
        (0, -0.12, 1.25),
        (0, -0.29, 1.28),
        (0, -0.41, 1.20),
        (0, -0.44, 1.07),
        (0, -0.405, 0.98),
    ]
    hook, sizes = spline(hook, 6), (0.15, 0.14, 0.11, 0.06, 0.006)
    wide = [s[0] for s in spline([(s,) for s in sizes], 6)]
    things.append(
        sweep(
            hook,
            lambda t: oval(0.75 * wide[round(t * 24)], wide[round(t * 24)], 20),
            horn,
            up=(1, 0, 0),
        )
    )
    jaw = [(0, -0.16, 1.13), (0, -0.26, 1.12), (0, -0.31, 1.08)]
    things.append(tube(jaw, [0.075, 0.06, 0.02], horn))
    eye = Material("eye", (0.01, 0.008, 0.006), 0.1, coat_weight=1.0)
    ring = Material("ring", (0.84, 0.80, 0.72), 0.6)
    for side in (-1, 1):
        things.append(ball(0.085, (0.5, 1, 1), (side * 0.205, -0.14, 1.27), ring))
        things.append(ball(0.042, (0.6, 1, 1), (side * 0.245, -0.155, 1.28), eye))
    lean = Matrix.Rotation(-0.35, 3, "X")
    tilt(things, lean, ground=False)
    foot = Material("foot", (0.12, 0.11, 0.11), 0.7).grain(40, 0.3)
    perch = lean @ Vector((0, -0.22, 0.05)) + Vector((0, 0, -0.16))
    for side in (-1, 1):
        x = side * 0.14
        things.append(
            tube(
                [(x, perch.y + 0.05, perch.z + 0.28), perch + Vector((x, 0, 0.08))],
                [0.07, 0.04],
                foot,
            )
        )
        for spread in (-0.06, 0.0, 0.06):
            toes = [(0, 0.0, 0.09), (spread, -0.085, 0.05), (spread * 1.2, -0.10, -0.05)]
            things.append(
                tube(
                    [perch + Vector((x + a, b, c)) for a, b, c in toes], [0.032, 0.03, 0.014], foot
                )
            )
    bark = Material("bark", (0.19, 0.10, 0.05), 0.9)
    bark.mottle((0.16, 0.085, 0.04), (0.34, 0.22, 0.12), 5).bump(bark.noise(14, 6), 0.7, 0.05)
    branch = [
        perch + Vector((x, 0.02 * math.sin(5 * x), 0.03 * math.sin(3 * x + 1) - 0.02))
        for x in (-0.85, -0.4, 0, 0.4, 0.85)
    ]
    things.append(tube(branch, [0.05, 0.062, 0.07, 0.066, 0.055], bark))
    heading = rng.choice((-1, 1))
    tilt(things, Matrix.Rotation(-heading * rng.uniform(0.85, 1.2), 3, "Z"))
    made = solid(rng, words, None, "plain", 2, 10, 6, {"stands": False, "hangs": True})
    made["attributes"]["facing"] = "left" if heading > 0 else "right"
    return made
