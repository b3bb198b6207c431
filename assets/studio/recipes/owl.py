"""An owl on a branch: a heart of a face, great eyes, ears of feathers, barred or spotted."""

import math

from answers import solid
from materials import Material, blend, rgb, tints
from mathutils import Matrix, Vector
from shapes import ball, mesh, spline, tilt, tint, tube, turned
from stage import recipe

from recipes.parrot import plume

OWLS = (  # words, back, breast, marks, face, iris, pattern, ears
    (["brown", "beige"], "brown", "beige", "dark brown", "light brown", "orange", "spotted", True),
    (["white"], "white", "white", "black", "white", "yellow", "spotted", False),
    (["gray"], "gray", "light gray", "dark gray", "light gray", "yellow", "striped", True),
    (["orange", "white"], "rust", "white", "rust", "white", "black", "plain", False),
    (["dark brown"], "dark brown", "brown", "black", "brown", "orange", "striped", True),
    (
        ["light brown", "white"],
        "light brown",
        "white",
        "brown",
        "beige",
        "yellow",
        "striped",
        False,
    ),
    (["black", "gray"], "black", "gray", "black", "gray", "orange", "spotted", True),
    (["beige"], "beige", "beige", "light brown", "beige", "black", "plain", False),
    (["brown", "orange"], "brown", "rust", "dark brown", "rust", "yellow", "spotted", True),
)
RUST = (0.76, 0.30, 0.06)
IRIS = {"orange": (0.85, 0.26, 0.01), "yellow": (0.90, 0.58, 0.02), "black": (0.02, 0.012, 0.01)}
PROFILE = (
    *((0.16, -0.12), (0.28, 0.0), (0.42, 0.26), (0.47, 0.56), (0.43, 0.84), (0.385, 1.0)),
    *((0.40, 1.14), (0.40, 1.32), (0.32, 1.50), (0.18, 1.585), (0.0, 1.60)),
)


@recipe("owl", kind="animal")
def owl(rng, variant):
    words, *dyes, iris, pattern, ears = OWLS[variant % len(OWLS)]
    back, breast, marks, face = (RUST if name == "rust" else rgb(name) for name in dyes)
    line, points, faces, colors = spline(PROFILE, 10), [], [], []

    def radius(z):
        return min(line, key=lambda spot: abs(spot[1] - z))[0]

    def put(root, along, normal, long, wide, color, tip=None):
        shade = rng.uniform(0.84, 1.1)
        color = tuple(min(c * shade, 0.92) for c in color)
        tip = tip or tuple(0.7 * c for c in color)
        plume(points, faces, colors, root, along, normal, long, wide, color, tip)

    count = 1150
    for k in range(count):
        z = -0.06 + 1.63 * k / count
        a, r = k * 2.39996 + rng.gauss(0, 0.05), radius(z)
        slope = (radius(z + 0.03) - radius(z - 0.03)) / 0.06
        out = Vector((math.cos(a), math.sin(a), 0))
        normal = (out - Vector((0, 0, slope))).normalized()
        along = (Vector((0, 0, -1)) - out * slope).normalized()
        along = (along + normal * 0.08 + Vector(rng.gauss(0, 0.03) for _ in range(3))).normalized()
        front = -out.y > 0.1
        size = 0.21 - 0.10 * max(0.0, z - 0.8) / 0.8
        color, tip = (breast if front and z < 1.05 else back), None
        if pattern == "spotted" and rng.random() < (0.26 if front else 0.16):
            color = tip = blend(color, marks if front else breast, 0.85)
        elif (
            pattern == "striped" and front and z < 1.05 and int(11 * z + 0.4 * math.sin(3 * a)) % 2
        ):
            color = tip = blend(color, marks, 0.7)
        root = out * r + Vector((0, 0, z))
        put(root - normal * 0.01, along, normal, size, size * 0.6, color, tip)
    for side in (-1, 1):  # folded wings
        rows = (
            (0.04, 0.62, 7),
            (0.24, 0.52, 8),
            (0.42, 0.38, 8),
            (0.58, 0.30, 8),
            (0.72, 0.26, 7),
            (0.84, 0.2, 6),
        )
        for row, (z, long, many) in enumerate(rows):
            for k in range(many):
                a = -0.75 + 1.55 * k / (many - 1)
                r = 0.455 - 0.012 * row + 0.015
                spot = Vector(
                    (side * r * math.cos(a), r * math.sin(a) + 0.02, z + 0.1 * (0.5 - k / many))
                )
                normal = Vector((side * math.cos(a), math.sin(a), 0.1)).normalized()
                drop = Vector((-side * 0.22, 0.12, -1)).normalized()
                bar = (
                    marks if pattern != "plain" and (k + row) % 2 else tuple(0.6 * c for c in back)
                )
                put(spot, drop, normal, long * rng.uniform(0.93, 1.05), 0.15, back, bar)
    for k in range(7):
        u = (k - 3) / 3
        put(
            Vector((0.12 * u, 0.14, 0.05)),
            Vector((0.12 * u, 0.22, -1)).normalized(),
            Vector((0.1 * u, -1, -0.2)).normalized(),
            0.62,
            0.17,
            back,
            marks,
        )
    for side in (-1, 1):  # two discs of stiff little feathers about the eyes
        eye = Vector((side * 0.165, -0.375, 1.30))
        for ring in range(5):
            for k in range(26):
                a = math.tau * (k + 0.5 * ring) / 26
                out = Vector((math.cos(a), 0, math.sin(a)))
                if out.x * side < -0.75:
                    continue
                root = (
                    eye
                    + out * (0.06 + 0.03 * ring)
                    + Vector(
                        (0, -0.02 + 0.022 * ring + 0.10 * abs(out.x * (0.06 + 0.03 * ring)) * 3, 0)
                    )
                )
                edge = marks if ring == 4 else None
                put(
                    root,
                    (out + Vector((0, 0.35, 0))).normalized(),
                    Vector((0, -1, 0)),
                    0.075,
                    0.045,
                    face,
                    edge,
                )
        if ears:
            for k in range(12):
                spot = Vector((side * (0.20 + 0.012 * k), -0.16 + 0.015 * k, 1.50 - 0.008 * k))
                rise = Vector((side * (0.25 + 0.06 * (k % 4)), 0.05, 1)).normalized()
                put(
                    spot,
                    rise,
                    Vector((side * 0.2, -1, 0.2)).normalized(),
                    0.26 - 0.01 * k,
                    0.06,
                    back,
                    marks,
                )
    barbs = Material("feathers", back, 0.65, sheen_weight=0.25)
    barbs.color(tints(barbs)).bump(barbs.noise(60, 3), 0.15)
    coat, order = mesh("feathers", points, faces, barbs), iter(colors)
    tint(coat, lambda point: next(order))
    skin = Material("skin", tuple(0.6 * c for c in face), 0.95)

    under = [(0, -0.14), *((0.95 * r, z - 0.01) for r, z in PROFILE)]
    things = [coat, turned(under, skin)]
    glass = Material("iris", IRIS[iris], 0.12, coat_weight=1.0)
    pupil = Material("pupil", (0.004, 0.004, 0.005), 0.08, coat_weight=1.0)
    horn = Material(
        "beak",
        (0.05, 0.045, 0.04) if iris != "black" else (0.62, 0.46, 0.30),
        0.35,
        coat_weight=0.4,
    )
    for side in (-1, 1):
        things.append(ball(0.082, (1, 0.6, 1), (side * 0.165, -0.395, 1.30), glass))
        things.append(ball(0.050, (1, 0.5, 1), (side * 0.162, -0.432, 1.30), pupil))
    hook = spline([(0, -0.36, 1.27), (0, -0.45, 1.23), (0, -0.475, 1.16), (0, -0.45, 1.09)], 6)
    sizes = [s[0] for s in spline([(0.05,), (0.048,), (0.032,), (0.004,)], 6)]
    things.append(tube(hook, sizes, horn))
    foot = Material("foot", (0.62, 0.46, 0.22), 0.7).grain(40, 0.3)
    perch = Vector((0, -0.16, -0.16))
    for side in (-1, 1):
        for spread in (-0.085, 0.0, 0.085):
            x = side * 0.18
            toes = [(x, 0.02, 0.12), (x + spread, -0.10, 0.07), (x + spread * 1.2, -0.125, -0.05)]
            things.append(tube([perch + Vector(p) for p in toes], [0.05, 0.038, 0.012], foot))
    bark = Material("bark", (0.19, 0.10, 0.05), 0.9)
    bark.mottle((0.16, 0.085, 0.04), (0.34, 0.22, 0.12), 5).bump(bark.noise(14, 6), 0.7, 0.05)
    wave = [
        (x, 0.02 * math.sin(5 * x), 0.03 * math.sin(3 * x + 1) - 0.02)
        for x in (-0.95, -0.5, 0, 0.5, 0.95)
    ]
    things.append(tube([perch + Vector(p) for p in wave], [0.06, 0.075, 0.08, 0.07, 0.055], bark))
    tilt(things, Matrix.Rotation(rng.uniform(-0.5, 0.5), 3, "Z"))
    label = {"stands": False, "hangs": True}
    return solid(rng, words, None, pattern, 2, 10, 6, label, ears=ears)
