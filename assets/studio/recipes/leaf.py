"""A fallen leaf: maple, oak or birch, veined, its edge cut fine; some were nibbled."""

import math
from itertools import pairwise

from answers import solid
from materials import Material, blend, tints
from mathutils import Matrix, Vector
from shapes import mesh, tilt, tint, tube
from stage import recipe

LEAVES = (  # words, middle, edge, vein, form, holes
    (["red"], (0.62, 0.03, 0.015), (0.44, 0.01, 0.012), (0.80, 0.36, 0.10), "maple", 0),
    (["green"], (0.10, 0.34, 0.03), (0.05, 0.24, 0.02), (0.36, 0.56, 0.14), "birch", 7),
    (["yellow"], (0.88, 0.58, 0.03), (0.86, 0.42, 0.02), (0.55, 0.34, 0.04), "maple", 0),
    (["brown"], (0.30, 0.12, 0.03), (0.18, 0.065, 0.02), (0.50, 0.28, 0.10), "oak", 4),
    (["orange", "yellow"], (0.86, 0.52, 0.04), (0.82, 0.16, 0.01), (0.55, 0.14, 0.02), "birch", 0),
    (["purple"], (0.22, 0.04, 0.20), (0.14, 0.02, 0.12), (0.55, 0.24, 0.42), "maple", 0),
    (["light green"], (0.42, 0.62, 0.12), (0.30, 0.52, 0.06), (0.62, 0.72, 0.30), "oak", 0),
    (["orange"], (0.84, 0.24, 0.015), (0.72, 0.12, 0.01), (0.88, 0.55, 0.14), "maple", 5),
    (["dark red"], (0.26, 0.012, 0.012), (0.17, 0.006, 0.01), (0.50, 0.14, 0.05), "oak", 0),
)
MAPLE = (  # half of its outline, from the tip to the stalk
    *((0, 1.04), (0.06, 0.9), (0.13, 0.78), (0.27, 0.85), (0.225, 0.66), (0.2, 0.46)),
    *((0.26, 0.42), (0.31, 0.47), (0.43, 0.62), (0.475, 0.52), (0.67, 0.57), (0.61, 0.41)),
    *((0.65, 0.33), (0.8, 0.26), (0.62, 0.13), (0.48, 0.02), (0.5, -0.05), (0.54, -0.16)),
    *((0.34, -0.12), (0.16, -0.11), (0.02, -0.14)),
)
HEART = Vector((0, 0.12))
LOBES = ((0, 1.0), (0.42, 0.6), (0.78, 0.26), (0.52, -0.14))


def flat(form):
    """Rows of (x, z) over the blade, and its veins as (line, thickness)."""
    if form == "maple":
        half, rim = [Vector(p) for p in MAPLE], []
        for a, b in pairwise(half):
            rim += [a.lerp(b, k / 8) for k in range(8)]
        rim = [*rim, half[-1]]
        rim = [*(Vector((-p.x, p.y)) for p in rim[::-1]), *rim[1:]]
        rows = [[HEART.lerp(p, max(i / 44, 0.002)) for p in rim] for i in range(45)]
        veins = []
        for x, z in LOBES:
            for side in (-1, 1) if x else (1,):
                tip, foot = Vector((side * x, z)), Vector((0, -0.08))
                veins.append(([foot.lerp(tip, t / 8 * 0.97) for t in range(9)], 0.011))
                away = (tip - foot).orthogonal() * 0.22
                for t in (0.3, 0.45, 0.6, 0.75) if z > 0 else (0.5,):
                    start, gap = foot.lerp(tip, t), (1 - t) * 0.85 + 0.08
                    for way in (-1, 1):
                        end = start + (away * way + (tip - foot) * 0.16) * gap
                        veins.append(([start, start.lerp(end, 0.5), end], 0.005))
        return rows, veins

    def wide(z, edge):
        if form == "oak":
            wave = 0.5 + 0.5 * math.cos(math.tau * (4.6 * z + 0.3))
            return 0.36 * math.sin(math.pi * min(z**0.8, 1)) ** 0.6 * (0.55 + 0.45 * wave)
        tooth = 1 - 0.12 * (11 * z % 1) - 0.07 * (44 * z % 1)
        return 0.40 * math.sin(math.pi * z**0.66) ** 0.85 * (tooth if edge else 0.95)

    rows = []
    for i in range(401):
        z = 0.004 + 0.996 * i / 400
        half = max(wide(z, True), 0.002)
        fall = 0.06 * half if form == "birch" else 0  # its teeth point to the tip
        rows.append([Vector((half * u, z - fall * u * u)) for u in (k / 18 - 1 for k in range(37))])
    veins = [([Vector((0, t / 12)) for t in range(13)], 0.012)]
    starts, rise = [(k + 0.42) / 4.6 for k in range(4)], 0.12
    if form == "birch":
        starts, rise = [0.14 + 0.105 * k for k in range(8)], 0.2
    for z in starts:
        for side in (-1, 1):
            reach = wide(min(z + rise * 0.8, 0.99), False) * 0.93
            up = rise * reach / 0.36
            line = [Vector((side * reach * t / 4, z + up * (t / 4) ** 1.3)) for t in range(5)]
            veins.append((line, 0.006))
    return rows, veins


@recipe("leaf")
def leaf(rng, variant):
    words, middle, edge, vein, form, holes = LEAVES[variant % len(LEAVES)]
    rows, veins = flat(form)
    curl, cup, phase = rng.uniform(-0.45, 0.45), rng.uniform(-0.5, 0.6), rng.uniform(0, 6)

    def lift(p, over=0.0):
        wave = 0.045 * math.sin(7 * p.x + phase) * p.length + 0.03 * math.sin(9 * p.y + phase)
        return Vector((p.x, curl * (p.y - 0.3) ** 2 + cup * p.x**2 + wave + over, p.y))

    bites = [rng.choice(rng.choice(rows[len(rows) // 4 : -len(rows) // 6])) for _ in range(holes)]
    bites = [(spot, rng.uniform(0.018, 0.05)) for spot in bites if abs(spot.x) > 0.06]
    wide, faces = len(rows[0]), []
    points = [p for row in rows for p in row]
    for r in range(len(rows) - 1):
        for c in range(wide - 1):
            corner = r * wide + c
            spot = points[corner]
            if any((spot - bite).length < size for bite, size in bites):
                continue
            faces.append((corner, corner + 1, corner + wide + 1, corner + wide))
    made = Material("blade", middle, 0.5, sheen_weight=0.1, coat_weight=0.12)
    cells = made.node("ShaderNodeTexVoronoi", {"Vector": made.position(), "Scale": 34.0})
    net = cells.outputs["Distance"]
    blotch = made.ramp(made.noise(4, 5), [(0.42, (0, 0, 0)), (0.62, (1, 1, 1))])
    dark = tuple(c * 0.55 for c in edge)
    made.color(made.mix(made.math("MULTIPLY", blotch, 0.45), tints(made), dark)).bump(net, 0.3)
    blade = mesh("blade", [tuple(lift(p)) for p in points], faces, made)
    rim = [max((abs(p.x) for p in row), default=0) for row in rows]

    def paint(point):
        if form == "maple":
            far = math.hypot(point.x, point.z - 0.12) / 0.75
        else:
            at = min(max(int((point.z - 0.004) / 0.996 * 400), 0), 400)
            far = max(abs(point.x) / max(rim[at], 0.03), point.z**3)
        near = math.sin(11 * point.x + phase) * math.sin(9 * point.z)
        return blend(middle, edge, far**1.5 + 0.25 * near)

    tint(blade, paint)
    blade.modifiers.new("thickness", "SOLIDIFY").thickness = 0.006
    ribs = Material("vein", vein, 0.5)
    things = [blade]
    for line, thick in veins:
        sizes = [thick * (1 - 0.7 * k / (len(line) - 1)) for k in range(len(line))]
        things.append(tube([lift(p, -0.003) for p in line], sizes, ribs))
    foot = Vector((0, -0.08)) if form == "maple" else Vector((0, 0.02))
    sway = rng.uniform(-0.15, 0.15)
    ends = [foot, foot + Vector((sway * 0.3, -0.22)), foot + Vector((sway, -0.5))]
    things.append(tube([lift(p) for p in ends], [0.012, 0.012, 0.02], ribs))
    turn = Matrix.Rotation(rng.uniform(-0.5, 0.5), 3, "Z")
    tilt(things, turn @ Matrix.Rotation(rng.uniform(-0.6, 0.6), 3, "Y"))
    label = {"stands": False}
    return solid(rng, words, "plant", "plain", 4, 12, 8, label, form=form, holes=len(bites))
