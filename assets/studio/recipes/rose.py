"""A rose: petals in a spiral, the outer ones rolled back, on a thorny stem."""

import math

from answers import solid
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import leaf, sheet, tilt, tint, tube
from stage import recipe

ROSES = (  # words, petal, heart, rim, petals
    (["red"], (0.54, 0.006, 0.014), (0.24, 0.002, 0.008), (0.62, 0.02, 0.03), 26),
    (["white"], (0.85, 0.83, 0.76), (0.84, 0.76, 0.52), (0.86, 0.85, 0.80), 28),
    (["pink"], (0.88, 0.30, 0.42), (0.74, 0.10, 0.22), (0.90, 0.52, 0.58), 24),
    (["yellow"], (0.90, 0.62, 0.05), (0.84, 0.40, 0.02), (0.90, 0.72, 0.18), 22),
    (["orange"], (0.86, 0.27, 0.03), (0.72, 0.12, 0.01), (0.90, 0.48, 0.12), 26),
    (["purple"], (0.22, 0.04, 0.36), (0.08, 0.01, 0.16), (0.30, 0.08, 0.46), 26),
    (["blue"], (0.03, 0.14, 0.58), (0.01, 0.04, 0.26), (0.10, 0.28, 0.72), 24),
    (["white", "pink"], (0.86, 0.76, 0.70), (0.86, 0.80, 0.62), (0.86, 0.20, 0.32), 26),
    (["dark red"], (0.15, 0.003, 0.008), (0.05, 0.001, 0.003), (0.22, 0.008, 0.014), 30),
)


def petal(k, count, rng, scheme, made):
    """Petal number k from the heart: the farther out, the lower, wider and more rolled."""
    _, color, heart, rim, _ = scheme
    out = k / (count - 1)
    turn, phase = k * 2.39996 + rng.uniform(-0.15, 0.15), rng.uniform(0, 6)
    tall, foot = 0.72 - 0.10 * out, 0.03 + 0.10 * out
    spread = 0.06 + 0.62 * out**1.15
    roll = 0.34 * max(0.0, out - 0.3) ** 0.8
    half_wide = 0.20 + 0.34 * out
    grid, colors = [], []
    for i in range(25):
        t, row = i / 24, []
        lean = foot + spread * t**0.8 * (0.55 + 0.45 * t)
        drop = roll * max(0.0, t - 0.62) ** 2 * 5.5
        half = half_wide * math.sin(math.pi * min(0.16 + 0.5 * t, 0.5)) * (1 - 0.55 * t**5)
        for j in range(21):
            u = j / 10 - 1
            round_off = 0.16 * abs(u) ** 3 * t * tall
            r = lean + drop * (1 + 0.4 * u * u) + 0.02 * math.sin(4 * u + phase) * t
            a = turn + u * half / (0.6 * r + 0.13)
            z = 0.16 * (1 - out) + tall * (t * (1 - 0.42 * out * t)) - round_off - 0.9 * drop
            z += 0.02 * t * math.sin(5 * u + phase)
            row.append(Vector((r * math.cos(a), r * math.sin(a), z)))
            shade = blend(heart, color, 0.25 + 0.9 * out * (0.4 + 0.8 * t))
            colors.append(blend(shade, rim, max((t - 0.82) / 0.18, abs(u) ** 6 * t)))
        grid.append(row)
    order = iter(colors)
    return tint(sheet(grid, made, 0, 1), lambda point: next(order))


@recipe("rose")
def rose(rng, variant):
    scheme = ROSES[variant % len(ROSES)]
    count = scheme[-1]
    velvet = Material("petal", scheme[1], 0.6, sheen_weight=0.35, subsurface_weight=0.1)
    velvet.set(subsurface_scale=0.05)
    velvet.color(tints(velvet)).bump(velvet.noise(14, 3), 0.08)
    bloom = [petal(k, count, rng, scheme, velvet) for k in range(count)]
    green = Material("green", (0.06, 0.22, 0.04), 0.5, coat_weight=0.15)
    green.mottle((0.05, 0.20, 0.035), (0.14, 0.34, 0.06), 5).bump(green.noise(12), 0.2)
    for k in range(5):
        bloom.append(leaf(0.5, 0.16, green, (0, 0, 0.03), math.tau * k / 5 + 0.3, 0.1, 1.6))
    tilt(bloom, Matrix.Rotation(rng.uniform(0.45, 0.7), 3, "X"), ground=False)
    bend, long = rng.uniform(0.1, 0.3) * rng.choice((-1, 1)), rng.uniform(2.1, 2.5)
    line = [
        Vector((bend * math.sin(3 * t), 0.12 * min(t * 4, 1), 0.06 - long * t))
        for t in (k / 8 for k in range(9))
    ]
    things = [
        *bloom,
        tube(line, [0.10, 0.045, 0.042, 0.042, 0.042, 0.044, 0.046, 0.048, 0.05], green),
    ]
    bark = Material("thorn", (0.30, 0.10, 0.05), 0.5)
    for k in range(9):
        root, a = line[1 + k * 6 // 8].lerp(line[2 + k * 6 // 8], (0.37 * k) % 1), k * 2.4
        out = Vector((math.cos(a), math.sin(a), 0.0))
        tip = root + out * 0.13 + Vector((0, 0, -0.03))
        things.append(tube([root + out * 0.02, root + out * 0.07, tip], [0.04, 0.018, 0.002], bark))
    for number, side in enumerate((1, -1, 1)):  # leaves of five
        root = line[2 + 2 * number]
        tip = root + Vector((0.85 * side, -0.18, 0.28 - 0.1 * number))
        middle = root.lerp(tip, 0.5) + Vector((0, 0, 0.08))
        things.append(tube([root, middle, tip], [0.022, 0.018, 0.014], green))
        yaw = 0 if side > 0 else math.pi
        for at, turn, size in (
            (1.0, 0, 0.58),
            (0.62, 1, 0.46),
            (0.62, -1, 0.46),
            (0.3, 1, 0.36),
            (0.3, -1, 0.36),
        ):
            spot = root.lerp(tip, at) + Vector((0, 0, 0.08 * (1 - abs(2 * at - 1))))
            things.append(
                leaf(
                    size,
                    size * 0.62,
                    green,
                    spot,
                    yaw + turn * 1.0 * side,
                    rng.uniform(0.0, 0.3) + 0.3 * turn * side,
                    0.6,
                    0.75,
                )
            )
    tilt(things, Matrix.Rotation(rng.uniform(-0.5, 0.5), 3, "Z"))
    label = {"stands": False}
    return solid(rng, [*scheme[0], "green"], "plant", "plain", 8, 20, 8, label, petals=count)
