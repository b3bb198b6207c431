"""A boot: leather with laces, or a rubber one, striped or dotted."""

import math
from itertools import pairwise

from answers import solid
from materials import GOLD, Material, blend, metal
from mathutils import Matrix, Vector
from shapes import mesh, skin, spline, tilt, tube
from stage import recipe

BOOTS = (  # words, pattern, laced
    (["brown", "black"], "plain", True),
    (["yellow"], "plain", False),
    (["red", "white"], "dotted", False),
    (["black", "red"], "plain", True),
    (["blue", "white"], "striped", False),
    (["light brown", "white"], "plain", True),
    (["green"], "plain", False),
    (["pink", "white"], "dotted", False),
    (["gray", "yellow"], "plain", True),
    (["purple", "light green"], "striped", False),
    (["beige", "brown"], "plain", True),
)
# from the top of the shaft to the toe: x, z of the middle, half its length, half its width
LINE = (
    *((-0.02, 1.50, 0.31, 0.26), (0.0, 1.2, 0.29, 0.25), (0.0, 0.85, 0.265, 0.23)),
    *((0.01, 0.62, 0.27, 0.22), (0.06, 0.42, 0.33, 0.225), (0.22, 0.27, 0.30, 0.22)),
    *((0.46, 0.215, 0.215, 0.235), (0.70, 0.195, 0.19, 0.25), (0.88, 0.18, 0.165, 0.22)),
    *((0.99, 0.165, 0.12, 0.14), (1.03, 0.155, 0.05, 0.05)),
)


def hide(words, pattern, laced):
    """Grained leather, or smooth rubber with a printed pattern along (u, v)."""
    first, last = words[0], words[-1]
    if laced:
        made = Material("leather", first, 0.45, coat_weight=0.2, coat_roughness=0.3)
        made.mottle(first, blend(first, (0, 0, 0), 0.5), 2.5, 0.6)
        cells = made.node("ShaderNodeTexVoronoi", {"Vector": made.position(), "Scale": 50.0})
        return made.bump(cells.outputs["Distance"], 0.2, 0.01).bump(made.noise(5), 0.2, 0.05)
    made = Material("rubber", first, 0.22, coat_weight=0.6, coat_roughness=0.08)
    where = made.position("UV")
    u, v = made.axis("x", where), made.axis("y", where)
    if pattern == "striped":
        made.stripes(first, last, "y", 4.0, where=where)
    elif pattern == "dotted":
        made.polka(first, last, made.math("MULTIPLY", u, 9), made.math("MULTIPLY", v, 5.2), 0.27)
    return made.bump(made.noise(4), 0.05, 0.05)


@recipe("boot")
def boot(rng, variant):
    words, pattern, laced = BOOTS[variant % len(BOOTS)]
    line, around = spline(LINE, 14), 80
    high = rng.uniform(0.82, 0.95) if laced else rng.uniform(1.0, 1.15)
    points, marks, far = [], [], [0.0]
    for k in range(1, len(line)):
        far.append(far[-1] + math.dist(line[k][:2], line[k - 1][:2]))
    places = []
    rings = [
        *((k, 0.90) for k in range(50, -1, -5)),
        (0, 0.95),
        *((k, 1.0) for k in range(len(line))),
    ]
    for k, inner in rings:
        x, z, long, wide = line[k]
        ahead, behind = line[min(k + 1, len(line) - 1)], line[max(k - 1, 0)]
        along = Vector((ahead[0] - behind[0], 0, ahead[1] - behind[1])).normalized()
        across = Vector((-along.z, 0, along.x))
        lift = (z - 0.62) * (high - 1) if z > 0.62 else 0.0
        crease = 1 + 0.02 * math.sin(26 * far[k]) * math.exp(-(((far[k] - 1.05) / 0.25) ** 2))
        row = []
        for j in range(around):
            a = math.tau * j / around
            spot = Vector((x, 0, z + lift)) - across * long * inner * crease * math.cos(a)
            spot.y = wide * inner * crease * math.sin(a)
            spot.z = max(spot.z, 0.075)  # it stands flat on its sole
            row.append(spot)
            marks.append((j / around, far[k] if inner == 1.0 else 0.0))
        points += row
        if inner == 1.0:
            places.append(row)
    faces = skin(len(rings), around)
    body = mesh("boot", points, faces, hide(words, pattern, laced))
    things = [body]
    if len(body.data.vertices) == len(marks):
        layer = body.data.uv_layers.new(name="uv")
        for face in body.data.polygons:
            us = [marks[body.data.loops[k].vertex_index][0] for k in face.loop_indices]
            seam = max(us) - min(us) > 0.5
            for k in face.loop_indices:
                u, v = marks[body.data.loops[k].vertex_index]
                layer.data[k].uv = (u + (1.0 if seam and u < 0.5 else 0.0), v)
    sole = Material("sole", (0.03, 0.028, 0.027) if laced else blend(words[0], (0, 0, 0), 0.4), 0.7)
    sole.grain(40, 0.3)
    rim = []  # the outline of the foot, seen from above
    for k in range(96):
        a = math.tau * k / 96
        x = 0.435 + 0.605 * math.cos(a)
        t = (x + 0.17) / 1.21
        wide = 0.235 - 0.035 * math.cos(math.tau * (t + 0.05)) - 0.03 * math.sin(math.pi * t)
        rim.append((x, math.copysign(abs(math.sin(a)) ** 0.75, math.sin(a)) * wide * 1.06))
    levels = ((0.0, 0.97), (0.012, 1.0), (0.085, 1.0), (0.10, 0.97))
    ring = [(0.435 + (x - 0.435) * s, y * s, z) for z, s in levels for x, y in rim]
    sides = [
        (r * 96 + j, r * 96 + (j + 1) % 96, (r + 1) * 96 + (j + 1) % 96, (r + 1) * 96 + j)
        for r in range(3)
        for j in range(96)
    ]
    ends = [tuple(range(96)), tuple(range(288, 384))]
    things.append(mesh("sole", ring, [*sides, *ends], sole, smooth=False))
    heel = [(x - 0.0, y, z - 0.055) for z in (0.0, 0.06) for x, y in rim if x < 0.08]
    half = len(heel) // 2
    wall = [(j, (j + 1) % half, half + (j + 1) % half, half + j) for j in range(half)]
    things.append(
        mesh(
            "heel",
            heel,
            [*wall, tuple(range(half)), tuple(range(half, 2 * half))],
            sole,
            smooth=False,
        )
    )
    trim = Material("trim", words[-1], 0.6)
    cuff = [(p.x, p.y, p.z) for p in places[0][::8]]
    things.append(
        tube(cuff, 0.032, trim if not laced else hide(words[:1], "plain", True), closed=True)
    )
    if laced:
        brass, cord = metal(GOLD, roughness=0.3), Material("lace", words[-1], 0.85).grain(200, 0.4)
        rows = [round(8 + 9.3 * n) for n in range(8)]
        front = around // 2
        eyes = []
        for k in rows:
            pair = [places[k][front + side * 5] + Vector((0.012, 0, 0)) for side in (-1, 1)]
            eyes.append(pair)
            for spot in pair:
                things.append(
                    tube(
                        [spot + Vector((-0.02, 0, 0)), spot + Vector((0.012, 0, 0.004))],
                        0.026,
                        brass,
                    )
                )
        for upper, lower in pairwise(eyes):
            for side in (0, 1):
                middle = upper[side].lerp(lower[1 - side], 0.5) + Vector((0.045, 0, 0.02))
                things.append(tube([upper[side], middle, lower[1 - side]], 0.016, cord))
        top = eyes[0][0].lerp(eyes[0][1], 0.5) + Vector((0.05, 0, 0.0))
        for side in (-1, 1):
            loop = [
                (0, 0, 0),
                (0.06, 0.12, 0.05),
                (0.07, 0.21, -0.04),
                (0.06, 0.12, -0.09),
                (0, 0.0, 0),
            ]
            things.append(tube([top + Vector((x, side * y, z)) for x, y, z in loop], 0.015, cord))
            tail = [(0, 0, 0), (0.07, 0.07, -0.10), (0.06, 0.10, -0.26 - rng.uniform(0, 0.08))]
            things.append(tube([top + Vector((x, side * y, z)) for x, y, z in tail], 0.015, cord))
    heading = rng.choice((-1, 1))
    yaw = rng.uniform(-0.5, -0.15) + (0 if heading > 0 else math.pi + 0.65)
    tilt(things, Matrix.Rotation(yaw, 3, "Z"))
    material = "leather" if laced else "rubber"
    colors = [words[0]] if pattern == "plain" and not laced else words
    return solid(rng, colors, material, pattern, 10, 20, 6, shaft=high)
