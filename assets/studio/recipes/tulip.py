"""A tulip: six petals about a stem, closed or opening, plain, edged or flamed."""

import math

from answers import solid
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import sheet, tilt, tint, tube
from stage import recipe

TULIPS = (  # words, petal, edge, foot, flames, how open
    (["red"], (0.62, 0.012, 0.015), (0.70, 0.05, 0.03), (0.80, 0.50, 0.06), False, 0.10),
    (["yellow"], (0.90, 0.60, 0.03), (0.90, 0.70, 0.12), (0.42, 0.56, 0.08), False, 0.32),
    (["purple"], (0.26, 0.03, 0.36), (0.36, 0.08, 0.46), (0.10, 0.01, 0.14), False, 0.05),
    (["white", "red"], (0.85, 0.82, 0.76), (0.85, 0.83, 0.78), (0.62, 0.02, 0.02), True, 0.22),
    (["pink", "white"], (0.86, 0.20, 0.34), (0.88, 0.72, 0.70), (0.80, 0.76, 0.60), False, 0.16),
    (["orange"], (0.86, 0.24, 0.015), (0.90, 0.44, 0.05), (0.84, 0.56, 0.06), False, 0.26),
    (["white"], (0.85, 0.83, 0.78), (0.86, 0.84, 0.80), (0.50, 0.60, 0.24), False, 0.08),
    (["dark red"], (0.20, 0.004, 0.012), (0.26, 0.01, 0.016), (0.08, 0.002, 0.006), False, 0.12),
    (["yellow", "red"], (0.90, 0.58, 0.03), (0.90, 0.64, 0.06), (0.66, 0.03, 0.01), True, 0.20),
)


def petal(turn, inner, scheme, rng, made):
    _, color, rim, foot, flames, wide_open = scheme
    tall, phase = rng.uniform(0.94, 1.04) * (1.0 - 0.04 * inner), rng.uniform(0, 6)
    grid, colors = [], []
    for i in range(49):
        t, row = i / 48, []
        belly = 0.38 * math.sin(math.pi * (0.06 + 0.62 * t**0.8)) ** 0.8
        r = belly * (0.92 if inner else 1.0) + wide_open * 0.9 * t**2.2
        half = 0.36 * math.sin(math.pi * min(0.10 + 0.9 * t**1.1, 1)) ** 0.62 + 0.004
        for k in range(33):
            u = k / 16 - 1
            a = turn + u * half / max(r, 0.12)
            lip = 0.03 * u * u * t + 0.012 * math.sin(5 * u + 8 * t + phase) * abs(u)
            spot = Vector(((r + lip) * math.cos(a), (r + lip) * math.sin(a), tall * t))
            row.append(spot + Vector((0, 0, 0.04 * (1 - abs(u)) * t)))
            edge = max(abs(u) ** 3, (t - 0.8) / 0.2)
            shade = blend(color, rim, edge)
            if flames:
                tongue = (
                    math.sin(14 * u + phase + 2 * math.sin(9 * t)) * 0.3 + 1.15 - t - 0.5 * abs(u)
                )
                shade = blend(shade, foot, 6 * (tongue - 0.42))
            else:
                shade = blend(foot, shade, t / 0.18)
            streak = 0.88 + 0.12 * math.sin(40 * u + phase)
            colors.append(tuple(c * streak for c in shade))
        grid.append(row)
    order = iter(colors)
    return tint(sheet(grid, made, 0, 1), lambda point: next(order))


@recipe("tulip")
def tulip(rng, variant):
    scheme = TULIPS[variant % len(TULIPS)]
    silk = Material("petal", scheme[1], 0.45, sheen_weight=0.25, coat_weight=0.15)
    silk.set(subsurface_weight=0.1, subsurface_scale=0.05)
    silk.color(tints(silk)).bump(silk.noise(18, 3), 0.06)
    first = rng.uniform(0, 2)
    bloom = [petal(first + math.tau * k / 3, True, scheme, rng, silk) for k in range(3)]
    bloom += [petal(first + math.tau * (k + 0.5) / 3, False, scheme, rng, silk) for k in range(3)]
    green = Material("green", (0.14, 0.36, 0.08), 0.5, coat_weight=0.15)
    green.mottle((0.12, 0.34, 0.07), (0.26, 0.48, 0.14), 3).bump(green.noise(16), 0.1)
    long, bend = rng.uniform(1.35, 1.6), rng.uniform(0.1, 0.4) * rng.choice((-1, 1))
    stem = [Vector((bend * (t - t * t), 0, long * (t - 1))) for t in (k / 6 for k in range(7))]
    things = [*bloom, tube(stem, [0.055] * 6 + [0.065], green)]
    for number, turn in enumerate((rng.uniform(-0.5, 0.2), math.pi + rng.uniform(-0.2, 0.5))):
        reach, out, grid = rng.uniform(1.25, 1.6), rng.uniform(0.35, 0.6), []
        spin = Matrix.Rotation(turn, 3, "Z")
        for i in range(25):
            t, row = i / 24, []
            half = 0.17 * math.sin(math.pi * min(0.14 + 0.86 * t, 1)) ** 0.8 + 0.003
            mid = Vector((0.05 + out * t**1.6, 0, reach * (t - 0.42 * t**3.5)))
            for u in (-1, -0.6, -0.25, 0, 0.25, 0.6, 1):
                twist = 0.8 * (t - 0.3)
                fold = 0.10 * abs(u) * (1 - t) + 0.02 * math.sin(9 * t + 2 * u)
                edge = Vector((fold + half * u * math.sin(twist), half * u * math.cos(twist), 0))
                row.append(spin @ (mid + edge) + Vector((0, 0, -long * (0.93 - 0.05 * number))))
            grid.append(row)
        things.append(sheet(grid, green, 0.012, 1))
    tilt(things, Matrix.Rotation(rng.uniform(-0.12, 0.12), 3, "Y"))
    pattern, label = "striped" if scheme[4] else "plain", {"stands": False}
    return solid(rng, [*scheme[0], "green"], "plant", pattern, 6, 20, 10, label, open=scheme[5])
