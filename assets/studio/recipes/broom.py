"""A broom that stands on its bristles: bound corn, a besom of twigs, or coloured bristles."""

import math

from answers import answer
from materials import Material, wood
from mathutils import Matrix
from shapes import ball, strands, tilt, tube
from stage import recipe

LOOKS = (  # colour of the handle, of the bristles, of the binding, form
    ("red", "beige", "red", "corn"),
    ("brown", "dark brown", "beige", "besom"),
    ("light blue", "light brown", "white", "corn"),
    ("yellow", "green", "yellow", "dense"),
    ("white", "pink", "white", "dense"),
    ("green", "beige", "black", "corn"),
    ("black", "red", "black", "dense"),
    ("beige", "brown", "red", "besom"),
    ("blue", "orange", "blue", "dense"),
)
STRAW = {
    "beige": (0.62, 0.44, 0.20),
    "light brown": (0.48, 0.28, 0.10),
    "brown": (0.24, 0.11, 0.045),
}
FORMS = {  # half breadth and depth at the foot, at the neck, height, count, thickness, unevenness
    "corn": (0.48, 0.14, 0.09, 0.07, 1.0, 900, 0.0075, 0.05),
    "besom": (0.36, 0.3, 0.1, 0.1, 1.15, 420, 0.0095, 0.2),
    "dense": (0.42, 0.16, 0.34, 0.1, 0.62, 1300, 0.0055, 0.015),
}


@recipe("broom")
def broom(rng, variant):
    color, bristle, band, form = LOOKS[variant % len(LOOKS)]
    wide, deep, neck, thin, high, count, thick, uneven = FORMS[form]
    hair = Material("bristle", STRAW.get(bristle, bristle), 0.7)
    hair.mottle(STRAW.get(bristle, bristle), tuple(c * 0.5 for c in shade(hair)), 5.0, 0.6)
    lines = []
    for _ in range(count):
        a, size = rng.uniform(0, math.tau), rng.random() ** 0.4
        x, y = size * math.cos(a), size * math.sin(a)
        foot = rng.uniform(0, uneven) * rng.random() + 0.25 * uneven * x * x
        bend, line = rng.uniform(-0.05, 0.05), []
        for t in (0, 0.2, 0.45, 0.7, 1):
            flare = t**0.75 if form != "dense" else t
            w, d = neck + (wide - neck) * flare, thin + (deep - thin) * flare
            stray = bend * t * t
            line.append((x * w + stray, y * d + stray * 0.6, high - (high - foot) * t))
        lines.append(line)
    things = [strands(lines, thick, hair, taper=0.6)]
    if color in ("brown", "beige"):
        tone = (0.34, 0.16, 0.055) if color == "brown" else (0.62, 0.42, 0.22)
        stick = wood(tone, tuple(c * 0.5 for c in tone), axis="z", scale=4)
    else:
        stick = Material("paint", color, 0.3, coat_weight=0.6)
    long = rng.uniform(2.3, 2.6)
    kink = rng.uniform(-0.05, 0.05) * (form == "besom")
    pole = [(0, 0, high * 0.7), (kink, 0, long * 0.6), (0, 0, long)]
    things.append(tube(pole, [0.048, 0.045, 0.042], stick))
    things.append(ball(0.045, (1, 1, 1.2), (0, 0, long), stick, detail=3))
    thread = Material("thread", band, 0.6)
    if form == "corn":  # rows of stitches, and wire wound round the neck
        for t in (0.2, 0.3, 0.4):
            w, d = neck + (wide - neck) * t**0.75 + 0.015, thin + (deep - thin) * t**0.75 + 0.015
            things.append(hoop(w, d, high * (1 - t), 0.013, thread))
        for k in range(7):
            things.append(hoop(neck + 0.012, thin + 0.012, high + 0.03 - 0.022 * k, 0.014, thread))
        cap = [(0, 0, high + 0.22), (0, 0, high + 0.0)]
        things.append(tube(cap, [0.05, 0.085], hair))
    elif form == "besom":
        for z in (0.0, 0.03, 0.06, 0.2, 0.23):
            more = 0.02 + z * 0.1
            things.append(hoop(neck + more, thin + more, high - z, 0.018, thread))
    else:
        block = [(-neck - 0.03, 0, high), (0, 0, high + 0.05), (neck + 0.03, 0, high)]
        things.append(tube(block, [0.1, 0.13, 0.1], stick))
        things.append(tube([(0, 0, high), (0, 0, high + 0.24)], [0.1, 0.06], stick))
    lean = Matrix.Rotation(rng.choice((-1, 1)) * rng.uniform(0.02, 0.1), 3, "Y")
    tilt(things, lean @ Matrix.Rotation(rng.uniform(-0.4, 0.4), 3, "Z"))
    camera = {"elevation_deg": rng.uniform(4, 10), "azimuth_deg": rng.uniform(-15, 15)}
    words = list(dict.fromkeys([bristle, color]))
    material = "wood" if form != "dense" else "plastic"
    return answer(words, material, {"form": form, "length": long}, camera)


def shade(material):
    return material.shader.inputs["Base Color"].default_value[:3]


def hoop(wide, deep, z, thick, skin):
    turns = [math.tau * k / 28 for k in range(28)]
    ring = [(wide * math.cos(a), deep * math.sin(a), z) for a in turns]
    return tube(ring, thick, skin, closed=True)
