"""A drum: a parade drum with cords and sticks, or a goblet drum of wood."""

import math

from answers import answer, view
from materials import Material, wood
from mathutils import Vector
from shapes import ball, strands, tube, turned
from stage import recipe

LOOKS = (  # colour of the shell, of its rims, form
    ("red", "yellow", "parade"),
    ("brown", "beige", "goblet"),
    ("blue", "white", "parade"),
    ("white", "red", "parade"),
    ("black", "beige", "goblet"),
    ("green", "yellow", "parade"),
    ("purple", "white", "parade"),
    ("orange", "beige", "goblet"),
    ("pink", "white", "parade"),
)


@recipe("drum")
def drum(rng, variant):
    color, accent, form = LOOKS[variant % len(LOOKS)]
    (parade if form == "parade" else goblet)(rng, color, accent)
    material = "metal" if form == "parade" else "wood"
    return answer([color, accent], material, {"form": form}, view(rng, 14, 22, 30))


def skin():
    made = Material("skin", (0.80, 0.74, 0.60), 0.55, subsurface_weight=0.1)
    return made.mottle((0.80, 0.74, 0.60), (0.62, 0.50, 0.33), 3.0, 0.55)


def hoop(r, z, thick, paint):
    ring = [math.tau * k / 48 for k in range(48)]
    return tube([(r * math.cos(a), r * math.sin(a), z) for a in ring], thick, paint, closed=True)


def parade(rng, color, accent):
    """A shell between two rims, a cord that zigzags from one to the other, two sticks on top."""
    r, high, count = rng.uniform(0.56, 0.62), rng.uniform(0.66, 0.8), rng.choice((9, 10, 11))
    shell = Material("shell", color, 0.25, coat_weight=0.8, coat_roughness=0.06)
    band = Material("rim", accent, 0.28, coat_weight=0.6)
    turned([(0, 0.04), (r, 0.04), (r, 0.04), (r, high), (r, high), (0, high)], shell, steps=2)
    head = [(0, high + 0.02), (r * 0.98, high + 0.02), (r + 0.012, high + 0.015)]
    head.append((r + 0.012, high - 0.03))
    turned(head, skin(), steps=3)
    for z in (0.07, high - 0.07):
        wall = [(r + 0.005, z - 0.07), (r + 0.035, z - 0.07), (r + 0.035, z - 0.07)]
        wall += [(r + 0.04, z), (r + 0.035, z + 0.07), (r + 0.035, z + 0.07), (r + 0.005, z + 0.07)]
        turned(wall, band, steps=3)
    cord = Material("cord", (0.80, 0.76, 0.66), 0.85)
    leather = Material("ear", (0.16, 0.06, 0.025), 0.6)
    lines, out = [], r + 0.05
    for k in range(count * 2):
        a, b = (math.pi * (k + step) / count for step in (0, 1))
        low, top = (0.04, high - 0.04) if k % 2 else (high - 0.04, 0.04)
        points = [(low + (top - low) * t, a + (b - a) * t) for t in (0, 0.25, 0.5, 0.75, 1)]
        lines.append([(out * math.cos(w), out * math.sin(w), z) for z, w in points])
        if k % 2:  # a sleeve draws each pair of cords together
            sleeve = [(out * math.cos(b), out * math.sin(b), high - z) for z in (0.2, 0.3)]
            tube(sleeve, [0.032, 0.042], leather)
    strands(lines, 0.013, cord, taper=1.0)
    stick = wood((0.66, 0.42, 0.20), (0.48, 0.27, 0.11), axis="x", scale=4)
    swing = rng.uniform(-0.3, 0.3)
    for way in (-1, 1):
        a = swing + way * rng.uniform(0.25, 0.4)
        along = Vector((math.cos(a), math.sin(a), 0))
        middle = Vector((0.05 * way, -0.12 + 0.06 * way, high + 0.062 + 0.05 * (way > 0)))
        path = [middle + along * s for s in (-0.72, -0.3, 0.4, 0.62)]
        tube(path, [0.035, 0.034, 0.022, 0.014], stick)
        ball(0.04, (1.5, 1, 1), path[-1], stick, (0, 0, a))


def goblet(rng, color, accent):
    """A carved foot that widens into a bowl, laced with rope from ring to ring."""
    r, high = rng.uniform(0.44, 0.5), rng.uniform(1.15, 1.3)
    tones = {"brown": ((0.26, 0.10, 0.035), (0.11, 0.04, 0.016))}
    if color in tones:
        body = wood(*tones[color], axis="z", scale=3)
    else:
        body = Material("paint", color, 0.35, coat_weight=0.5)
    line = body.math("FRACT", body.math("MULTIPLY", body.axis("z"), 18.0))
    body.bump(body.math("MULTIPLY", line, body.math("LESS_THAN", body.axis("z"), 0.42)), 0.2, 0.02)
    waist = high * 0.42
    shape = [(0, 0), (0.28, 0), (0.29, 0.02), (0.24, 0.15), (0.18, waist * 0.8), (0.19, waist)]
    shape += [(0.3, high * 0.56), (r * 0.94, high * 0.78), (r, high * 0.97), (r - 0.03, high)]
    shape.append((0, high))
    turned(shape, body)
    head = [(0, high + 0.01), (r * 0.9, high + 0.01), (r + 0.01, high), (r + 0.02, high - 0.1)]
    turned([*head, (r + 0.004, high - 0.1)], skin(), steps=4)
    rope = Material("rope", accent, 0.9)
    low = high * 0.5
    hoop(r + 0.035, high - 0.11, 0.024, rope)
    hoop(r + 0.03, high - 0.16, 0.018, rope)
    hoop(0.25, low, 0.02, rope)
    lines, count = [], 22
    for k in range(count):
        for way in (-0.5, 0.5):
            line = []
            for t in (0, 0.25, 0.5, 0.75, 1):
                a = math.tau * (k + way * t) / count
                z = high - 0.12 - (high - 0.12 - low) * t
                wide = r + 0.035 - (r - 0.215) * t**1.6
                line.append((wide * math.cos(a), wide * math.sin(a), z))
            lines.append(line)
    strands(lines, 0.009, rope, taper=1.0)
