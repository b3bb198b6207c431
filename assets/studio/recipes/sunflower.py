"""A sunflower: a head of seeds in spirals, two rounds of rays, a hairy stem and broad leaves."""

import math

from answers import answer, view
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import ball, leaf, sheet, strands, tilt, tint, tube
from stage import recipe

FLOWERS = (  # words, ray, its root, heart, seeds of the heart's rim
    (
        "yellow brown",
        (0.90, 0.58, 0.02),
        (0.86, 0.36, 0.01),
        (0.1, 0.04, 0.012),
        (0.36, 0.15, 0.03),
    ),
    (
        "orange black",
        (0.86, 0.27, 0.015),
        (0.66, 0.1, 0.01),
        (0.02, 0.012, 0.01),
        (0.12, 0.05, 0.02),
    ),
    ("red yellow", (0.50, 0.02, 0.012), (0.30, 0.01, 0.01), (0.06, 0.02, 0.01), (0.86, 0.52, 0.03)),
    ("yellow red", (0.90, 0.62, 0.04), (0.50, 0.02, 0.01), (0.08, 0.02, 0.01), (0.30, 0.06, 0.02)),
    ("yellow green", (0.90, 0.68, 0.08), (0.90, 0.62, 0.04), (0.2, 0.34, 0.05), (0.62, 0.56, 0.06)),
    (
        "brown yellow",
        (0.26, 0.08, 0.02),
        (0.17, 0.04, 0.01),
        (0.10, 0.04, 0.015),
        (0.86, 0.52, 0.03),
    ),
    ("red black", (0.60, 0.03, 0.015), (0.40, 0.015, 0.01), (0.02, 0.012, 0.01), (0.2, 0.08, 0.02)),
    ("beige brown", (0.82, 0.70, 0.44), (0.86, 0.60, 0.16), (0.12, 0.05, 0.02), (0.40, 0.22, 0.06)),
    (
        "yellow orange",
        (0.90, 0.60, 0.03),
        (0.84, 0.22, 0.01),
        (0.70, 0.26, 0.02),
        (0.86, 0.46, 0.03),
    ),
)


def ray(turn, long, wide, lift, scheme, rng, made):
    """One petal of the rim, in the plane of the head, whose axis is z."""
    _, color, root, *_ = scheme
    grid, colors, bend, phase = [], [], rng.uniform(-0.25, 0.35), rng.uniform(0, 6)
    spin = Matrix.Rotation(turn, 3, "Z")
    for i in range(17):
        t, row = i / 16, []
        half = wide * math.sin(math.pi * min(0.12 + 0.88 * t**0.9, 1)) ** 0.75 + 0.003
        for k in range(9):
            u = k / 4 - 1
            z = (
                lift * t
                - bend * t * t * long
                + 0.35 * half * u * u
                + 0.03 * math.sin(6 * t + phase) * u
            )
            row.append(spin @ Vector((0.40 + long * t, half * u, z)))
            shade = blend(root, color, t / 0.45)
            vein = 0.86 + 0.14 * abs(math.cos(7 * u))
            colors.append(tuple(c * vein for c in shade))
        grid.append(row)
    order = iter(colors)
    return tint(sheet(grid, made, 0, 1), lambda point: next(order))


@recipe("sunflower")
def sunflower(rng, variant):
    scheme = FLOWERS[variant % len(FLOWERS)]
    words, color, _, heart, rim = scheme
    words = words.split()
    silk = Material("ray", color, 0.5, sheen_weight=0.2, subsurface_weight=0.1)
    silk.set(subsurface_scale=0.05)
    silk.color(tints(silk)).bump(silk.noise(20), 0.08)
    head, count = [], rng.choice((19, 21, 23))
    for k in range(2 * count):
        inner = k >= count
        turn = math.tau * (k + 0.5 * inner) / count + rng.uniform(-0.07, 0.07)
        long = rng.uniform(0.54, 0.66) * (0.88 if inner else 1)
        head.append(ray(turn, long, 0.105, 0.02 + 0.13 * inner, scheme, rng, silk))
    seeds = [Material("seed", shade, 0.6) for shade in (heart, blend(heart, rim, 0.45), rim)]
    head.append(ball(0.44, (1, 1, 0.26), (0, 0, 0.0), seeds[0]))
    first: dict[int, object] = {}
    total = 420
    for k in range(total):
        r = 0.435 * math.sqrt((k + 0.5) / total)
        a, zone = k * 2.39996, 0 if r < 0.16 else 1 if r < 0.29 else 2
        z = 0.115 * math.sqrt(max(0.0, 1 - (r / 0.445) ** 2)) - 0.03 * math.exp(-((r / 0.12) ** 2))
        one = ball(1.0, material=seeds[zone], detail=2) if zone not in first else first[zone].copy()
        if zone not in first:
            first[zone] = one
        else:
            head[0].users_collection[0].objects.link(one)
        size = 0.0165 + 0.004 * zone / 2
        lean = Vector((r * math.cos(a), r * math.sin(a), 0.35)).normalized()
        aim = lean.to_track_quat("Z", "Y").to_matrix().to_4x4()
        spot = Vector((r * math.cos(a), r * math.sin(a), z))
        one.matrix_world = (
            Matrix.Translation(spot) @ aim @ Matrix.Diagonal((size, size, 0.035 + 0.012 * zone, 1))
        )
        head.append(one)
    green = Material("green", (0.10, 0.28, 0.04), 0.6, sheen_weight=0.2)
    green.mottle((0.09, 0.26, 0.035), (0.20, 0.40, 0.07), 4).bump(green.noise(14), 0.2)
    head.append(ball(0.42, (1, 1, 0.35), (0, 0, -0.07), green))
    for k in range(16):
        head.append(
            leaf(0.34, 0.15, green, (0.34 * math.cos(k), 0.34 * math.sin(k), -0.06), k, -0.1, 0.5)
        )
    nod = rng.uniform(1.15, 1.4)
    tilt(head, Matrix.Rotation(nod, 3, "X"), ground=False)
    bend, long = rng.uniform(0.15, 0.35) * rng.choice((-1, 1)), rng.uniform(2.0, 2.3)
    line = [Vector((0, 0.10, -0.04)), Vector((0, 0.30, -0.18))]
    line += [
        Vector((bend * t * (1.4 - t), 0.34, -0.35 - long * t)) for t in (0.08, 0.3, 0.55, 0.8, 1.0)
    ]
    things = [*head, tube(line, [0.09, 0.06, 0.056, 0.058, 0.06, 0.062, 0.064], green)]
    hairs = []
    for _ in range(900):
        at = rng.uniform(1, 5.98)
        root = line[int(at)].lerp(line[int(at) + 1], at % 1)
        out = Vector((rng.gauss(0, 1), rng.gauss(0, 1), 0)).normalized()
        hairs.append([root + out * 0.05, root + out * rng.uniform(0.08, 0.11)])
    things.append(strands(hairs, 0.0022, Material("hair", (0.5, 0.6, 0.36), 0.7), 0.5))
    for number, side in enumerate((1, -1, 1)):
        root = line[3 + number]
        stalk = root + Vector((0.24 * side, -0.05, 0.1))
        things.append(
            tube(
                [root, root.lerp(stalk, 0.5) + Vector((0, 0, 0.05)), stalk],
                [0.03, 0.025, 0.022],
                green,
            )
        )
        yaw = rng.uniform(-0.5, 0.2) if side > 0 else math.pi + rng.uniform(-0.2, 0.5)
        things.append(
            leaf(rng.uniform(0.62, 0.8), 0.52, green, stalk, yaw, rng.uniform(0.1, 0.35), 1.0, 0.62)
        )
    tilt(things, Matrix.Rotation(rng.uniform(-0.45, 0.45), 3, "Z"))
    return answer(
        [*words, *(["green"] if "green" not in words else [])],
        "plant",
        {"rays": count},
        view(rng, 2, 12, 6),
        stands=False,
    )
