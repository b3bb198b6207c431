"""A bucket with a bail: of tin, plastic or staves."""

import math

from answers import solid
from materials import Material, metal, plastic, wood
from mathutils import Vector
from shapes import ball, tube, turned
from stage import recipe

LOOKS = (  # colour, pattern, second colour, what it is made of
    ("gray", "plain", None, "metal"),
    ("red", "plain", "yellow", "plastic"),
    ("light brown", "plain", "black", "wood"),
    ("white", "striped", "blue", "metal"),
    ("light green", "plain", "white", "plastic"),
    ("blue", "dotted", "white", "metal"),
    ("pink", "plain", "white", "plastic"),
    ("black", "plain", "light brown", "metal"),
    ("yellow", "dotted", "red", "metal"),
)


@recipe("bucket")
def bucket(rng, variant):
    color, pattern, accent, made_of = LOOKS[variant % len(LOOKS)]
    low, wide, high = rng.uniform(0.36, 0.4), rng.uniform(0.5, 0.56), rng.uniform(0.84, 0.98)
    skin = matter(color, pattern, accent, made_of, high)
    steel = metal((0.62, 0.63, 0.65), roughness=0.28)
    wall = 0.05 if made_of == "wood" else 0.02
    out = [(0, 0.04), (low - 0.03, 0.04), (low - 0.03, 0.0), (low - 0.01, 0.0), (low, 0.02)]
    out += [(low + (wide - low) * 0.5, high * 0.5), (wide, high), (wide - wall * 0.5, high + 0.008)]
    inner = [(wide - wall, high), (low + (wide - low) * 0.5 - wall, high * 0.5), (low - wall, 0.08)]
    staves = 18

    def groove(angle, r, z):
        return r * (1 - 0.02 * abs(math.cos(staves * angle / 2)) ** 24), z

    turned([*out, *inner, (0, 0.07)], skin, groove if made_of == "wood" else None, around=288)

    def radius(z):
        return low + (wide - low) * z / high

    if made_of == "wood":
        iron = Material("iron", (0.03, 0.03, 0.032), 0.45, metallic=0.8)
        for z in (0.14, 0.52, 0.86):
            hoop(radius(z * high), (wide - low) * 0.08 / high, z * high, iron)
    else:
        thick = 0.022 if made_of == "metal" else 0.03
        ring = [(wide * math.cos(a), wide * math.sin(a), high) for a in turns(48)]
        tube(ring, thick, steel if made_of == "metal" and pattern == "plain" else skin, closed=True)
        if made_of == "metal":  # ribs pressed into the tin
            for z in (0.3, 0.36, 0.7):
                rib = [
                    (radius(z * high) * math.cos(a), radius(z * high) * math.sin(a), z * high)
                    for a in turns(48)
                ]
                tube(rib, 0.014, skin, closed=True)
    up = rng.random() < 0.6 or variant < 2
    bail(rng, wide, high, steel, accent, up)
    return solid(
        rng, [color, accent], made_of, pattern, 14, 22, 35, radius=wide, height=high, bail_up=up
    )


def matter(color, pattern, accent, made_of, high):
    if made_of == "wood":
        return wood((0.46, 0.24, 0.09), (0.26, 0.11, 0.04), axis="z", scale=7)
    if made_of == "plastic":
        return plastic(color)
    if color == "gray":
        made = metal((0.60, 0.61, 0.63), roughness=0.34)
        flakes = made.node("ShaderNodeTexVoronoi", {"Vector": made.position(), "Scale": 16.0})
        made.color(made.mix(flakes.outputs["Distance"], (0.68, 0.69, 0.71), (0.42, 0.43, 0.46)))
        return made
    made = Material("enamel", color, 0.25, coat_weight=0.9, coat_roughness=0.06)
    if pattern == "striped":
        made.stripes(color, accent, "z", 5 / high, 0.6)
    elif pattern == "dotted":
        made.dots(color, accent, 14, 4.8, 0.24)
    return made


def hoop(r, widen, z, iron):
    band = [(r - 0.02, z - 0.045), (r + 0.012 - widen, z - 0.045), (r + 0.012 + widen, z + 0.045)]
    turned([band[0], band[1], band[1], band[2], band[2], (r - 0.02, z + 0.045)], iron, steps=3)


def bail(rng, wide, high, steel, accent, up):
    """A bent wire from ear to ear, with a grip at its middle."""
    lean = rng.uniform(-0.25, 0.25) if up else math.radians(rng.choice((-1, 1)) * 84)
    reach, ear = wide * 1.22, high - 0.07
    line = []
    for k in range(25):
        a = math.pi * k / 24
        line.append((wide * 1.05 * math.cos(a), reach * math.sin(a) ** 0.85))
    points = [Vector((x, -z * math.sin(lean), ear + z * math.cos(lean))) for x, z in line]
    tube(points, 0.016, steel)
    middle = points[10:15]
    tube([middle[0], middle[2], middle[-1]], 0.042, grip(accent))
    for side in (-1, 1):
        ball(0.05, (0.5, 1, 1), (side * wide * 1.02, 0, ear), steel)


def grip(accent):
    if accent in (None, "light brown", "black"):
        return wood((0.50, 0.27, 0.10), (0.30, 0.13, 0.045), axis="x", scale=4)
    return plastic(accent)


def turns(count):
    return [math.tau * k / count for k in range(count)]
