"""A knitted sock: ribbed cuff, heel and toe in another wool, plain, striped or dotted."""

import math
from itertools import pairwise

from answers import solid
from materials import Material, rgb
from mathutils import Matrix, Vector
from shapes import mesh, skin, spline, tilt
from stage import recipe

SOCKS = (  # words: leg, heel and toe; pattern
    (["red", "white"], "striped"),
    (["gray", "dark red"], "plain"),
    (["blue", "yellow"], "dotted"),
    (["green", "white"], "striped"),
    (["purple", "orange"], "plain"),
    (["white", "red"], "dotted"),
    (["black", "yellow"], "striped"),
    (["pink", "light blue"], "checkered"),
    (["orange", "brown"], "plain"),
    (["yellow", "green"], "checkered"),
    (["light brown", "dark blue"], "striped"),
)
# the middle line from the cuff to the toe: x, z, half its width across the line, half its depth
LINE = (
    *((0.0, 1.62, 0.245, 0.15), (0.0, 1.45, 0.235, 0.145), (0.0, 1.0, 0.225, 0.14)),
    *((0.0, 0.62, 0.22, 0.14), (0.03, 0.40, 0.25, 0.15), (0.14, 0.235, 0.25, 0.16)),
    *((0.36, 0.185, 0.205, 0.155), (0.66, 0.18, 0.18, 0.15), (0.88, 0.175, 0.165, 0.14)),
    *((1.02, 0.165, 0.12, 0.11), (1.09, 0.155, 0.05, 0.05)),
)


def wool(words, pattern):
    leg, other = words[0], words[-1]
    made = Material("wool", leg, 0.95, sheen_weight=0.5, sheen_roughness=0.6)
    where = made.position("UV")
    u, v = made.axis("x", where), made.axis("y", where)
    if pattern == "striped":
        wave = made.math("FRACT", made.math("MULTIPLY", v, 4.2))
        body = made.ramp(wave, [(0, leg), (0.5, other)], constant=True)
    elif pattern == "checkered":
        cells = made.node(
            "ShaderNodeCombineXYZ",
            {"X": made.math("MULTIPLY", u, 10), "Y": made.math("MULTIPLY", v, 7)},
        )
        values = {"Vector": cells.outputs[0], "Scale": 1.0}
        values |= {"Color1": (*rgb(leg), 1), "Color2": (*rgb(other), 1)}
        body = made.node("ShaderNodeTexChecker", values).outputs["Color"]
    elif pattern == "dotted":
        made.polka(leg, other, made.math("MULTIPLY", u, 9), made.math("MULTIPLY", v, 6), 0.28)
        body = made.shader.inputs["Base Color"].links[0].from_socket
    else:
        body = made.mix(0.0, leg, other)
    # cuff, toe, and a heel on the back of the bend
    ends = made.math("MAXIMUM", made.math("LESS_THAN", v, 0.26), made.math("GREATER_THAN", v, 2.42))
    away = made.math("ABSOLUTE", made.math("SUBTRACT", u, 0.5))
    away = made.math("SUBTRACT", 0.5, away)
    bend = made.math("ABSOLUTE", made.math("SUBTRACT", v, 1.52))
    heel = made.math("LESS_THAN", made.math("ADD", made.math("MULTIPLY", bend, 0.85), away), 0.28)
    made.color(made.mix(made.math("MAXIMUM", ends, heel), body, other))
    cuff = made.math(
        "MULTIPLY",
        made.math("LESS_THAN", v, 0.26),
        made.math("SINE", made.math("MULTIPLY", u, 340.0)),
    )
    slant = made.math("ABSOLUTE", made.math("SINE", made.math("MULTIPLY", u, 140.0)))
    rows = made.math(
        "SINE", made.math("ADD", made.math("MULTIPLY", v, 130.0), made.math("MULTIPLY", slant, 2.2))
    )
    stitch = made.math("ADD", slant, made.math("MULTIPLY", rows, 0.7))
    return made.bump(made.math("ADD", stitch, made.math("MULTIPLY", cuff, 2.0)), 0.5, 0.02)


@recipe("sock")
def sock(rng, variant):
    words, pattern = SOCKS[variant % len(SOCKS)]
    line, around, phase = spline(LINE, 14), 72, rng.uniform(0, 6)
    long = rng.uniform(0.85, 1.15)
    points, marks, far = [], [], [0.0]
    for (x, z, *_), (x2, z2, *_) in pairwise(line):
        far.append(far[-1] + math.hypot(x2 - x, z2 - z))
    rings = [(k, 1.0) for k in range(len(line))]
    inside = [(k, 0.90) for k in range(40, -1, -4)]  # the lining, seen in the mouth
    for k, inner in [*inside, *rings]:
        x, z, wide, deep = line[k]
        x2, z2 = line[min(k + 1, len(line) - 1)][:2]
        x1, z1 = line[max(k - 1, 0)][:2]
        along = Vector((x2 - x1, 0, z2 - z1)).normalized()
        across = Vector((-along.z, 0, along.x))  # towards the instep
        sag = 1 + 0.018 * math.sin(23 * far[k] + phase) * (0.3 < far[k] < 1.9)
        tall = (z - 0.62) * (long - 1) if z > 0.62 else 0
        for j in range(around):
            a = math.tau * j / around
            spot = Vector((x, 0, z + tall)) - across * wide * sag * inner * math.cos(a)
            points.append(spot + Vector((0, deep * sag * inner * math.sin(a), 0)))
            marks.append((j / around, far[k] if inner == 1 else 0.2))
    faces = skin(len(inside) + len(rings), around)
    body = mesh("sock", points, faces, wool(words, pattern))
    layer = body.data.uv_layers.new(name="uv")
    for face in body.data.polygons:
        us = [marks[body.data.loops[k].vertex_index][0] for k in face.loop_indices]
        seam = max(us) - min(us) > 0.5
        for k in face.loop_indices:
            u, v = marks[body.data.loops[k].vertex_index]
            layer.data[k].uv = (u + (1.0 if seam and u < 0.5 else 0.0), v)
    side = rng.choice((-1, 1))
    turn = Matrix.Rotation(rng.uniform(-0.3, 0.3) + (0 if side > 0 else math.pi), 3, "Z")
    tilt([body], turn @ Matrix.Rotation(rng.uniform(-0.35, 0.25), 3, "Y"))
    label = {"stands": False}
    main_first = words[::-1] if pattern == "striped" else words  # of heel, toe and cuff, too
    return solid(rng, main_first, "knitted", pattern, 4, 16, 8, label, long=long)
