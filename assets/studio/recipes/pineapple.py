"""A pineapple: eyes in two spirals, each with its thorn, under a crown of leaves."""

import math
from itertools import pairwise

from answers import solid
from materials import Material, blend
from mathutils import Matrix, Vector
from shapes import ball, leaf, spline, tilt, tube, turned
from stage import recipe

PINEAPPLES = (  # words, eyes, seams, leaves
    (["yellow", "green"], (0.90, 0.60, 0.05), (0.62, 0.34, 0.03), (0.12, 0.32, 0.06)),
    (["green"], (0.16, 0.34, 0.07), (0.05, 0.14, 0.03), (0.10, 0.34, 0.05)),
    (["brown", "green"], (0.34, 0.14, 0.035), (0.14, 0.05, 0.02), (0.08, 0.22, 0.07)),
    (["red", "green"], (0.58, 0.05, 0.03), (0.26, 0.02, 0.015), (0.16, 0.34, 0.08)),
    (["orange", "light green"], (0.84, 0.24, 0.02), (0.44, 0.09, 0.01), (0.36, 0.58, 0.14)),
    (["pink", "green"], (0.84, 0.30, 0.36), (0.50, 0.10, 0.16), (0.10, 0.32, 0.10)),
    (["yellow", "dark green"], (0.88, 0.60, 0.06), (0.52, 0.28, 0.03), (0.03, 0.13, 0.05)),
    (["dark red", "green"], (0.26, 0.03, 0.03), (0.10, 0.01, 0.012), (0.14, 0.36, 0.08)),
    (["light green"], (0.42, 0.58, 0.14), (0.16, 0.30, 0.05), (0.36, 0.60, 0.20)),
)
OUTLINE = (
    (0.30, 0.0),
    (0.45, 0.08),
    (0.56, 0.34),
    (0.60, 0.70),
    (0.56, 1.08),
    (0.42, 1.36),
    (0.2, 1.46),
)


@recipe("pineapple")
def pineapple(rng, variant):
    words, eye, seam, green = PINEAPPLES[variant % len(PINEAPPLES)]
    tall, wide = rng.uniform(0.95, 1.15), rng.uniform(0.92, 1.04)
    line = [(r * wide, z * tall) for r, z in spline(OUTLINE, 12)]
    rind = Material("seam", seam, 0.7).grain(30, 0.3)
    things = [turned([(0, 0), *line, (0, line[-1][1] + 0.01)], rind, steps=2)]
    skin = Material("eye", eye, 0.5, coat_weight=0.2, coat_roughness=0.3)
    spread = skin.position("Generated")
    near = skin.node("ShaderNodeVectorMath", {0: spread, 1: (0.5, 0.5, 0.5)}, operation="DISTANCE")
    near = near.outputs["Value"]
    patch = skin.math("MULTIPLY", skin.noise(5, 3), 0.25)
    skin.color(
        skin.ramp(
            skin.math("ADD", near, patch),
            [(0.12, blend(eye, (0.9, 0.7, 0.3), 0.3)), (0.42, eye), (0.68, seam)],
        )
    )
    skin.bump(skin.noise(16, 4), 0.3)
    thorn = Material("thorn", blend(seam, (0.5, 0.36, 0.16), 0.5), 0.7)
    rows, around, first = 11, 13, None
    length = [0.0]
    for (r, z), (r2, z2) in pairwise(line):
        length.append(length[-1] + math.hypot(r2 - r, z2 - z))
    for row in range(rows):
        want = length[-1] * (row + 0.55) / rows
        at = min(range(len(length)), key=lambda n: abs(length[n] - want))
        (r, z), (r2, z2) = line[max(at - 1, 0)], line[min(at + 1, len(line) - 1)]
        r0, z0 = line[at]
        size = math.tau * r0 / around
        for k in range(around):
            a = math.tau * (k + 0.5 * (row % 2)) / around
            out = Vector((math.cos(a), math.sin(a), 0))
            normal = (out * (z2 - z) - Vector((0, 0, r2 - r))).normalized()
            up = Vector((0, 0, 1))
            up = (up - normal * up.dot(normal)).normalized()
            frame = Matrix((up.cross(normal), -normal, up)).transposed().to_4x4()
            one = ball(1.0, material=skin, detail=4) if first is None else first.copy()
            if first is None:
                first = one
                for vertex in one.data.vertices:  # a rounded diamond
                    x, y, zz = vertex.co
                    vertex.co = (x * (1.12 - 0.42 * abs(zz)), y, zz * (1.12 - 0.42 * abs(x)))
            else:
                things[0].users_collection[0].objects.link(one)
            high = length[-1] / rows
            one.matrix_world = (
                Matrix.Translation(out * r0 + Vector((0, 0, z0)))
                @ frame
                @ Matrix.Diagonal((size * 0.56, 0.075, high * 0.86, 1))
            )
            root = out * r0 + Vector((0, 0, z0)) + normal * 0.06
            tip = root + normal * 0.05 + up * 0.13
            things += [
                one,
                tube([root - up * 0.07, root + normal * 0.03, tip], [0.045, 0.025, 0.003], thorn),
            ]
    blade = Material("crown", green, 0.5, coat_weight=0.15)
    blade.mottle(green, blend(green, (0.5, 0.6, 0.3), 0.4), 3.0, 0.8).bump(blade.noise(20), 0.15)
    top, count = line[-1][1] - 0.02, 46
    for k in range(count):
        t = k / (count - 1)
        lift = 0.35 + 1.15 * t**0.8 + rng.gauss(0, 0.05)
        long = (0.62 + 0.38 * math.sin(math.pi * t)) * rng.uniform(0.9, 1.1)
        a = k * 2.39996
        start = (0.10 * (1 - t) * math.cos(a), 0.10 * (1 - t) * math.sin(a), top + 0.16 * t)
        curl = rng.uniform(0.5, 0.9) * (1 - t) + rng.uniform(-0.1, 0.25)
        things.append(leaf(long, 0.15, blade, start, a, lift, curl, 0.55))
    tilt(things, Matrix.Rotation(rng.uniform(-0.05, 0.05), 3, "Y"))
    return solid(rng, words, "fruit", "plain", 4, 12, 20, tall=tall, wide=wide)
