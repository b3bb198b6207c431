"""A handbag: leather with a flap, two handles and a buckle; some have a fringe or a chain."""

import math
from itertools import pairwise

from answers import answer, view
from materials import GOLD, Material, blend, metal, rgb
from mathutils import Matrix, Vector
from shapes import ball, box, sheet, strands, tilt, tube
from stage import recipe

BAGS = (  # words, pattern, how it is carried, fringed
    (["red"], "plain", "handle", False),
    (["brown"], "plain", "strap", True),
    (["blue", "white"], "striped", "handle", False),
    (["black"], "plain", "chain", False),
    (["yellow"], "plain", "handle", True),
    (["pink", "white"], "dotted", "chain", False),
    (["green"], "plain", "handle", False),
    (["beige", "brown"], "checkered", "handle", False),
    (["purple"], "plain", "strap", True),
    (["orange"], "plain", "chain", False),
    (["white"], "plain", "handle", False),
)


def hide(words, pattern):
    """Grained leather, with a printed pattern."""
    first, last = words[0], words[-1]
    made = Material("leather", first, 0.42, coat_weight=0.2, coat_roughness=0.3)
    x, z = made.axis("x"), made.axis("z")
    if pattern == "striped":
        made.stripes(first, last, "z", 4.2)
    elif pattern == "dotted":
        made.polka(first, last, made.math("MULTIPLY", x, 6), made.math("MULTIPLY", z, 6), 0.26)
    elif pattern == "checkered":
        values = {"Vector": made.position(), "Scale": 5.0}
        values |= {"Color1": (*rgb(first), 1), "Color2": (*rgb(last), 1)}
        made.color(made.node("ShaderNodeTexChecker", values).outputs["Color"])
    else:
        made.mottle(first, blend(first, (0, 0, 0), 0.35), 2.5, 0.5)
    cells = made.node("ShaderNodeTexVoronoi", {"Vector": made.position(), "Scale": 60.0})
    return made.bump(cells.outputs["Distance"], 0.22, 0.01)


@recipe("handbag")
def handbag(rng, variant):
    words, pattern, carried, fringed = BAGS[variant % len(BAGS)]
    leather, trim = (
        hide(words, pattern),
        hide(words[:1], "plain"),
    )
    gold = metal(GOLD if variant % 2 else (0.75, 0.75, 0.77), roughness=0.2)
    wide, tall, deep = rng.uniform(0.82, 0.95), rng.uniform(0.95, 1.1), rng.uniform(0.26, 0.32)

    def half(t):
        """Half the width and depth at a height: sacks out towards the foot."""
        return wide * (0.82 + 0.18 * (1 - t) ** 0.7), deep * (0.35 + 0.65 * (1 - t) ** 0.8)

    rings = []
    for i in range(25):
        t = i / 24
        w, d = half(t)
        shrink = min(1.0, 0.86 + 2.2 * t)  # its foot is rounded
        row = []
        for k in range(64):
            a = math.tau * k / 64
            c, s = math.cos(a), math.sin(a)
            x = w * shrink * math.copysign(abs(c) ** 0.42, c)
            y = d * shrink * math.copysign(abs(s) ** 0.62, s)
            row.append(Vector((x, y, tall * t)))
        rings.append([*row, row[0]])
    foot = [[Vector((p.x * s, p.y * s, 0.0)) for p in rings[0]] for s in (0.02, 0.5, 0.94)]
    lid = [[Vector((p.x * s, p.y * s, tall)) for p in rings[-1]] for s in (0.9, 0.4, 0.02)]
    things = [sheet([*foot, *rings, *lid], leather, 0, 1)]
    drop = rng.uniform(0.42, 0.52)  # the flap, from the back over the top and down the front
    flap = []
    for i in range(31):
        t = i / 30
        if t < 0.3:
            y, z = deep * 0.38 * (1 - t / 0.15), tall + 0.03 + 0.035 * math.sin(math.pi * t / 0.3)
        else:
            fall = (t - 0.3) / 0.7
            z = tall + 0.03 - tall * drop * fall
            y = -half(1 - drop * fall)[1] * 1.0 - 0.035
        curve = 1 if t < 0.6 else math.sqrt(max(0.0, 1 - ((t - 0.6) / 0.41) ** 2.6))
        w = (half(min(1, z / tall))[0] + 0.025) * (0.30 + 0.70 * curve if t > 0.6 else 1)
        row = []
        for k in range(25):
            u = k / 12 - 1
            round_front = (abs(u) ** 4) * (0.10 if t > 0.3 else 0.0)
            row.append(Vector((w * u, y + round_front, z)))
        flap.append(row)
    things.append(sheet(flap, trim if pattern != "plain" else leather, 0.028, 1))
    thread = Material("stitch", blend(words[0], (0.9, 0.85, 0.7), 0.6), 0.8)
    rim = [*(row[1] for row in flap[10:]), *flap[-1][2:-2], *(row[-2] for row in flap[:9:-1])]
    rim = [p + Vector((0, -0.028, 0)) for p in rim]
    dashes = [[a.lerp(b, 0.15), a.lerp(b, 0.75)] for a, b in pairwise(rim) if (b - a).length < 0.3]
    things.append(strands(dashes, 0.006, thread, taper=1.0))
    y, z = flap[-1][12].y - 0.03, flap[-1][12].z + 0.10
    things.append(box((0.17, 0.035, 0.13), (0, y, z), gold, 0.02))
    things.append(ball(0.035, at=(0, y - 0.03, z), material=gold))

    if carried == "handle":
        for at in (-0.15, 0.15):
            arc = [
                (
                    0.40 * math.cos(math.pi * k / 12),
                    at * (1 - 0.5 * math.sin(math.pi * k / 12)),
                    tall + 0.02 + 0.46 * math.sin(math.pi * k / 12) ** 0.8,
                )
                for k in range(13)
            ]
            things.append(tube(arc, 0.036, trim))
            for x in (-0.40, 0.40):
                ring = [
                    (x + 0.05 * math.cos(b), at, tall + 0.03 + 0.05 * math.sin(b))
                    for b in (0, 1.57, 3.14, 4.71)
                ]
                things.append(tube(ring, 0.013, gold, closed=True))
    else:
        line = [
            Vector(
                (
                    wide * 0.88 * math.cos(math.pi * k / 40),
                    0.0,
                    tall * 0.9 + 0.95 * math.sin(math.pi * k / 40) ** 0.7,
                )
            )
            for k in range(41)
        ]
        if carried == "strap":
            rows = [[p + Vector((0, 0.055 * u, 0)) for u in (-1, 0, 1)] for p in line]
            things.append(sheet(rows, leather, 0.022, 1))
        else:
            for k in range(0, 40):
                mid, along = line[k].lerp(line[k + 1], 0.5), line[k + 1] - line[k]
                side = Vector((0, 1, 0)) if k % 2 else along.cross(Vector((0, 1, 0))).normalized()
                along = along.normalized() * along.length * 0.72
                ring = [
                    mid + along * math.cos(b) + side * 0.032 * math.sin(b)
                    for b in (0, 0.8, 1.57, 2.35, 3.14, 3.93, 4.71, 5.5)
                ]
                things.append(tube(ring, 0.0095, gold, closed=True))
    if fringed:
        strips = []
        for k in range(46):
            u = (k + 0.5) / 23 - 1
            w, d = half(0.24)
            x, long = w * 0.97 * u, rng.uniform(0.44, 0.50)
            y = -d * (1 - abs(u) ** 5) ** 0.7 - 0.02
            sway = rng.gauss(0, 0.03)
            for j in range(3):
                x2 = x + (j - 1) * 0.011
                strips.append(
                    [
                        (x2, y, tall * 0.36),
                        (x2 + sway * 0.3, y - 0.03, tall * 0.36 - long * 0.5),
                        (x2 + sway, y - 0.035, tall * 0.36 - long),
                    ]
                )
        things.append(strands(strips, 0.009, trim, taper=0.9))
    if fringed:
        for thing in things:
            thing.location.z += 0.16
    tilt(things, Matrix.Rotation(rng.choice((-1, 1)) * rng.uniform(0.2, 0.5), 3, "Z"))
    params = {"wide": wide, "tall": tall, "carried": carried, "fringed": fringed}
    made = answer(words, "leather", params, view(rng, 8, 16, 6), pattern)
    return {**made, "solid": not fringed}
